"""The daemon as a child process: started in a directory of its own, asked over HTTP, always ended."""

import dataclasses
import http.client
import json
import re
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse
from pathlib import Path

START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 30

METRIC_LINE = re.compile(
    r'(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?P<labels>\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? '
    r"(?P<value>[-+]?(?:Inf|\d[\d.eE+-]*)|NaN)(?: -?\d+)?"
)


@dataclasses.dataclass(frozen=True)
class Answer:
    """What an HTTP server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        return self.json["data"]


def ask(port, path, method="GET", headers=None, address="127.0.0.1"):
    """One request to a server, on a connection of its own."""
    connection = http.client.HTTPConnection(address, port, timeout=20)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def wait_until(condition, what, seconds=20):
    """Returns what the condition gave as soon as that is true; fails the test when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def parse_metrics(text):
    """Series text -> value. Fails on a line that is not of the text format and on a series that comes twice."""
    values = {}
    for line in text.splitlines():
        if line.startswith(("# HELP ", "# TYPE ")) or not line:
            continue
        match = METRIC_LINE.fullmatch(line)
        if not match:
            raise AssertionError(f"not a line of the text format: {line!r}")
        series = match["name"] + (match["labels"] or "")
        if series in values:
            raise AssertionError(f"the series comes twice: {series}")
        values[series] = float(match["value"])
    return values


class Rollcall:
    """A running daemon. Its configuration is `directory`/prometheus.yml, its log `directory`/log.

    `prefix` is put before every path it is asked for.
    """

    def __init__(self, program, directory, config, *flags, prefix=""):
        self.prefix = prefix
        self.directory = Path(directory)
        self.config = self.directory / "prometheus.yml"
        self.config.write_text(config, encoding="utf-8")
        self.log = self.directory / "log"
        arguments = [
            str(program),
            f"--config.file={self.config}",
            "--web.listen-address=127.0.0.1:0",
            f"--storage.agent.path={self.directory}/data",
            *flags,
        ]
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.port = wait_until(self._listening, "the daemon listens", START_SECONDS_MAX)
            wait_until(lambda: self.get("/-/ready").status == 200, "the daemon is ready", START_SECONDS_MAX)
        except BaseException:
            self.kill()
            raise

    def _listening(self):
        if self.child.poll() is not None:
            raise AssertionError(f"the daemon ended with status {self.child.returncode}: {self.logged()}")
        match = re.search(r"msg=Listening address=\S+:(\d+)$", self.logged(), re.MULTILINE)
        return int(match[1]) if match else None

    def logged(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def is_alive(self):
        return self.child.poll() is None

    def get(self, path, method="GET", headers=None):
        return ask(self.port, self.prefix + path, method, headers)

    def data(self, path):
        """The data of an API answer, which must be a success."""
        answer = self.get(path)
        if answer.status != 200 or answer.json["status"] != "success":
            raise AssertionError(f"{path}: {answer.status} {answer.text}")
        return answer.data

    def targets(self, job=None):
        """Active targets by scrape URL."""
        query = f"&scrapePool={urllib.parse.quote(job)}" if job else ""
        active = self.data(f"/api/v1/targets?state=active{query}")["activeTargets"]
        return {target["scrapeUrl"]: target for target in active}

    def metrics(self):
        return parse_metrics(self.get("/metrics").text)

    def metric(self, name, **labels):
        """The value of the only series with this name and these labels."""
        found = {}
        for series, value in self.metrics().items():
            wanted = all(f'{key}="{each}"' in series for key, each in labels.items())
            if series.partition("{")[0] == name and wanted:
                found[series] = value
        if len(found) != 1:
            raise AssertionError(f"{name} with {labels} is {len(found)} series: {found}")
        return next(iter(found.values()))

    def rss(self):
        """Resident memory in bytes."""
        status = Path(f"/proc/{self.child.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)[1]) * 1024

    def send(self, number):
        self.child.send_signal(number)

    def wait(self, seconds=STOP_SECONDS_MAX):
        """The exit status; fails when the daemon does not end."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the daemon did not end within {seconds} s: {self.logged()[-2000:]}") from None

    def stop(self):
        """Asks it to end, as an init system does."""
        self.send(signal.SIGTERM)
        return self.wait()

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()


class DaemonTest(unittest.TestCase):
    """A test with a directory, and daemons that end with it."""

    program = ""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def closing(self, thing):
        """Has a server closed when the test is over."""
        self.addCleanup(thing.close)
        return thing

    def start(self, config, *flags, **others):
        daemon = Rollcall(self.program, self.directory, config, *flags, **others)
        self.addCleanup(daemon.kill)
        return daemon

    def run_to_end(self, *arguments):
        """Runs the program with other arguments until it ends by itself."""
        return subprocess.run(
            [self.program, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=START_SECONDS_MAX
        )

    def write(self, name, content):
        """A file of the test's directory, replaced in one step as careful tools do it."""
        path = self.directory / name
        scratch = path.with_name(path.name + ".new")
        scratch.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        scratch.replace(path)
        return path


def main(arguments):
    """For a script whose first argument is the daemon's path."""
    DaemonTest.program = arguments.pop(1)
    unittest.main(argv=arguments, verbosity=2)
