"""A rollcall process on a host, and what happens to processes in life."""

import signal
import subprocess
from pathlib import Path

from rollcall_process import START_SECONDS_MAX, STOP_SECONDS_MAX, ask, wait_until

WEB_PORT = 9095
CLUSTER_PORT = 9096


class Node:
    """A daemon that is started, ended in every way, and started again with the same flags and storage."""

    def __init__(self, host, program, directory, *flags):
        self.host = host
        self.directory = Path(directory) / host.name
        self.directory.mkdir()
        self.log = self.directory / "log"
        self._arguments = host.command(
            program,
            f"--web.listen-address=0.0.0.0:{WEB_PORT}",
            f"--storage.agent.path={self.directory}/data",
            *flags,
        )
        self.child = None

    @property
    def name(self):
        return self.host.name

    def start(self):
        """Returns when it is ready."""
        self.launch()
        wait_until(self._is_ready, f"{self.name} is ready", START_SECONDS_MAX)

    def launch(self):
        """Does not wait for it."""
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(self._arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _is_ready(self):
        if self.child.poll() is not None:
            raise AssertionError(f"{self.name} ended with status {self.child.returncode}: {self.last_words()}")
        try:
            return self.get("/-/ready").status == 200
        except OSError:
            return False

    def last_words(self):
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]

    def get(self, path, method="GET"):
        return ask(WEB_PORT, path, method, address=self.host.address)

    def data(self, path):
        """The data of an API answer, which must be a success."""
        answer = self.get(path)
        if answer.status != 200 or answer.json["status"] != "success":
            raise AssertionError(f"{self.name}: {path}: {answer.status} {answer.text}")
        return answer.data

    def is_alive(self):
        return self.child is not None and self.child.poll() is None

    def stop(self, seconds=STOP_SECONDS_MAX):
        """SIGTERM, and waits for the end. The exit status."""
        self.child.send_signal(signal.SIGTERM)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end: {self.last_words()}") from None

    def kill(self):
        """SIGKILL: the host's kernel closes its connections, and that is all."""
        if self.is_alive():
            self.child.kill()
            self.child.wait()

    def freeze(self):
        """SIGSTOP: its connections stay open, and nothing comes of them."""
        self.child.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.child.send_signal(signal.SIGCONT)
