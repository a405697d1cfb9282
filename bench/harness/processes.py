"""Child processes: starting, asking, measuring and ending them."""
import dataclasses
import json
import os
import pathlib
import resource
import select
import signal
import socket
import subprocess
import time
import urllib.request

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class HarnessError(Exception):
    """The measurement could not be made."""


@dataclasses.dataclass(frozen=True)
class Usage:
    """What a process has used so far: CPU in seconds, memory in bytes."""

    cpu_seconds: float
    rss: int
    rss_peak: int


def raise_descriptor_limit() -> None:
    """Children inherit the limit, so all agents have the same."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def machine_cpu_seconds() -> float:
    """CPU time that all processes together have used since boot."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, _, _, irq, softirq = (int(field) for field in stat.readline().split()[1:8])
    return (user + nice + system + irq + softirq) / CLOCK_TICKS


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A child with its standard output read by line and its standard error in a log file."""

    def __init__(self, arguments: list[str], log: pathlib.Path, directory: pathlib.Path):
        self.name = pathlib.Path(arguments[0]).name
        self.log = log
        with log.open("wb") as errors:
            self._child = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, cwd=directory)

    def ports(self, timeout: float = 120) -> dict:
        """The line with the bound ports that our own programs print when they are ready."""
        ready, _, _ = select.select([self._child.stdout], [], [], timeout)
        line = self._child.stdout.readline() if ready else b""
        if not line:
            raise HarnessError(f"{self.name} did not start: {self.last_words()}")
        return json.loads(line)

    def drop_output(self) -> None:
        """For programs whose output nobody reads: an agent must not block on a full pipe."""
        self._child.stdout.close()

    def usage(self) -> Usage:
        self.check()
        proc = pathlib.Path("/proc") / str(self._child.pid)
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        sizes = {}
        for line in (proc / "status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                sizes[name] = int(value.split()[0]) * 1024
        return Usage(ticks / CLOCK_TICKS, sizes["VmRSS"], sizes["VmHWM"])

    def check(self) -> None:
        if self._child.poll() is not None:
            raise HarnessError(f"{self.name} ended with status {self._child.returncode}: {self.last_words()}")

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return " | ".join(lines[-5:]) or "it said nothing"

    def stop(self, timeout: float = 60) -> None:
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(timeout)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._child.stdout.close()


def ask(port: int, path: str, method: str = "GET") -> dict:
    """One exchange with a program of ours; its JSON, or nothing."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
    return json.loads(body) if body else {}


def wait_until(condition, timeout: float, pause: float = 0.25) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True
