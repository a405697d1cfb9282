"""Child processes on free ports: starting, asking and ending them."""

import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

EXTERNAL_URL = "http://watch.example:9090/"  # the same on both sides, for it is in what the API says of a target
START_SECONDS = 20
STOP_SECONDS = 10


class TestError(Exception):
    """The test could not be made; that is a failure too."""


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            raise TestError(f"after {seconds} s still not: {what}")
        time.sleep(0.1)


class Daemon:
    """A program with an HTTP server on a free port that it logs as "Listening", and /-/ready."""

    def __init__(self, name, arguments, directory):
        self.name = name
        self.log = directory / f"{name}.log"
        with self.log.open("wb") as log:
            self._child = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=directory
            )
        self.address = None
        try:
            wait_until(self._is_ready, START_SECONDS, f"{name} ready")
        except Exception:
            self.stop()
            raise

    def _is_ready(self):
        self.check()
        listening = re.search(r'msg="?Listening(?: on)?"? address=(\S+)', self.log.read_text(errors="replace"))
        if not listening:
            return False
        self.address = listening.group(1)
        try:
            self.fetch("/-/ready")
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def check(self):
        if self._child.poll() is not None:
            raise TestError(f"{self.name} ended with status {self._child.returncode}: {self.last_words()}")

    def last_words(self, lines=8):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def fetch(self, path, method="GET"):
        request = urllib.request.Request(f"http://{self.address}{path}", method=method)
        with urllib.request.urlopen(request, timeout=15) as answer:
            return answer.read()

    def api(self, path, **parameters):
        answer = json.loads(self.fetch(f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}"))
        if answer["status"] != "success":
            raise TestError(f"{self.name}: {path}: {answer}")
        return answer["data"]

    def metric(self, name):
        """The sum of a metric of its own over all its series."""
        pattern = re.compile(rf"^{name}(?:\{{.*\}})? (\S+)$", re.MULTILINE)
        values = pattern.findall(self.fetch("/metrics").decode())
        if not values:
            raise TestError(f"{self.name} has no metric {name}")
        return sum(map(float, values))

    def stop(self):
        """Ends it and returns its status; one that does not end in time is killed."""
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        return self._child.returncode


def start_prometheus(name, configuration, directory, *flags):
    program = shutil.which("prometheus")
    if not program:
        raise TestError("there is no prometheus to compare with: apt-get install prometheus")
    return Daemon(
        name,
        [
            program,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={directory / name}",
            "--web.listen-address=127.0.0.1:0",
            *flags,
        ],
        directory,
    )


def start_rollcall(program, configuration, directory, *flags):
    return Daemon(
        "rollcall",
        [
            program,
            f"--config.file={configuration}",
            f"--storage.agent.path={directory / 'agent'}",
            "--web.listen-address=127.0.0.1:0",
            f"--web.external-url={EXTERNAL_URL}",
            "--storage.remote.flush-deadline=5s",
            *flags,
        ],
        directory,
    )
