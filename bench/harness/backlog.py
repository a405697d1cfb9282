"""A start with a large backlog on disk: how long it takes, what it weighs, and how fast the backlog goes."""
import dataclasses
import json
import pathlib
import time
import urllib.error
import urllib.request

from . import agents
from .processes import HarnessError, Process, ask, free_port, wait_until

MAKE_SECONDS_MAX = 3600
START_SECONDS_MAX = 300
POLL_SECONDS = 0.05


@dataclasses.dataclass(frozen=True)
class Backlog:
    """What a start with so much took: until it is ready, and until all blocks are known; then delivery."""

    megabytes: int
    blocks: int
    samples: int
    ready_seconds: float
    known_seconds: float
    rss_ready: int
    rss_max: int  # Of the whole run.
    drain_seconds: float | None  # None when it was not over in time.

    def lines(self) -> str:
        drained = "the drain was not over in time"
        if self.drain_seconds is not None:
            drained = (f"drained in {self.drain_seconds:.1f} s: {self.megabytes / self.drain_seconds:.0f} MB/s, "
                       f"{self.samples / self.drain_seconds / 1e6:.2f} M samples/s")
        return (f"{self.megabytes} MB in {self.blocks} blocks: ready after {self.ready_seconds:.2f} s, all blocks "
                f"known after {self.known_seconds:.2f} s, RSS {self.rss_ready / 1e6:.0f} MB then and at most "
                f"{self.rss_max / 1e6:.0f} MB; {drained}")

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=2)


def make(build: pathlib.Path, directory: pathlib.Path, megabytes: int) -> dict:
    queue = directory / "storage" / "queue"
    queue.mkdir(parents=True)
    maker = Process([str(build / "bench_backlog"), f"--directory={queue}", f"--megabytes={megabytes}"],
                    directory / "bench_backlog.log", directory)
    try:
        return maker.ports(MAKE_SECONDS_MAX)
    finally:
        maker.stop()


def ready(port: int) -> bool:
    try:
        ask_text(port, "/-/ready")
        return True
    except (urllib.error.URLError, ConnectionError):
        return False


def ask_text(port: int, path: str) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        answer.read()


def measure_backlog(build: pathlib.Path, directory: pathlib.Path, megabytes: int, drain_seconds_max: float) -> Backlog:
    made = make(build, directory, megabytes)
    sink = Process([str(build / "bench_sink"), "--interval=15"], directory / "bench_sink.log", directory)
    agent = None
    try:
        sink_port = sink.ports()["port"]
        ask(sink_port, "/away", "POST")
        port = free_port()
        config = directory / "prometheus.yml"
        config.write_text("remote_write:\n  - name: main\n"
                          f"    url: 'http://127.0.0.1:{sink_port}/api/v1/write'\n")
        program = agents.find("rollcall", build)
        if program is None:
            raise HarnessError("there is no rollcall to start")
        started = time.monotonic()
        agent = Process([program, f"--config.file={config}", f"--storage.agent.path={directory / 'storage'}",
                         f"--storage.agent.queue.max-bytes={2 * megabytes}MB",
                         f"--web.listen-address=127.0.0.1:{port}"], directory / "rollcall.log", directory)
        agent.drop_output()

        def blocks() -> int:
            agent.check()
            return ask(port, "/api/v1/status/remote_write")["data"]["endpoints"][0]["queue"]["blocks"]

        if not wait_until(lambda: ready(port), START_SECONDS_MAX, POLL_SECONDS):
            raise HarnessError("the agent was not ready in time")
        ready_seconds = time.monotonic() - started
        if not wait_until(lambda: blocks() >= made["blocks"], START_SECONDS_MAX, POLL_SECONDS):
            raise HarnessError("the agent did not find its backlog")
        known_seconds = time.monotonic() - started
        rss = agent.usage().rss
        ask(sink_port, "/back", "POST")
        begun = time.monotonic()
        over = wait_until(lambda: blocks() == 0, drain_seconds_max, POLL_SECONDS)
        drain_seconds = time.monotonic() - begun if over else None
        return Backlog(megabytes, made["blocks"], made["samples"], ready_seconds, known_seconds, rss,
                       agent.usage().rss_peak, drain_seconds)
    finally:
        if agent:
            agent.stop()
        sink.stop()
