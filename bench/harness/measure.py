"""One agent under one load, from a cold start to its last sample."""
import dataclasses
import pathlib
import time

from . import agents
from .processes import HarnessError, Process, Usage, ask, free_port, machine_cpu_seconds, wait_until
from .scenarios import Scenario

# How long a fleet may take to be scraped for the first time, and an agent to deliver what it holds.
DISCOVERY_SECONDS_MAX = 120
DRAIN_SECONDS_MAX = 90
# Longer than any agent's batch deadline.
QUIET_SECONDS = 12


@dataclasses.dataclass(frozen=True)
class Measurement:
    """What one agent did and used.

    The window is the measured time after the warm-up. Loss is counted over the whole run: every sample that a target
    handed out against every one that arrived, after the fleet has stopped answering and the agent has sent all.
    """

    agent: str
    seconds: float
    cpu_seconds: float
    rss: int
    rss_peak: int
    samples_in_window: int
    wire_bytes: int
    requests: int
    samples_all: int  # In the window, with the agent's own samples about scrapes.
    delivered: int
    expected: int
    scrapes: int
    missed: int
    doubled: int
    gap_seconds_max: float
    gaps: int
    duplicates: int
    out_of_order: int
    stale_markers: int
    series: int
    refused: int
    fleet_cpu_seconds: float
    sink_cpu_seconds: float
    others_cpu_seconds: float  # Of everything else on the machine, in the window.

    @property
    def cpu_per_million(self) -> float:
        return self.cpu_seconds / self.samples_in_window * 1e6 if self.samples_in_window else float("nan")

    @property
    def wire_per_sample(self) -> float:
        return self.wire_bytes / self.samples_all if self.samples_all else float("nan")

    @property
    def faults(self) -> list[str]:
        """Everything that a perfect agent would not do, in words."""
        counted = {
            "samples lost": self.expected - self.delivered,
            "scrapes missed": self.missed,
            "scrapes doubled": self.doubled,
            "gaps": self.gaps,
            "duplicates": self.duplicates,
            "samples out of order": self.out_of_order,
            "requests refused": self.refused,
        }
        return [f"{count} {what}" for what, count in counted.items() if count != 0]


class Stage:
    """Sink, fleet and agent, started in this order and always stopped."""

    def __init__(self, agent: str, program: str, scenario: Scenario, build: pathlib.Path, directory: pathlib.Path):
        self.processes: list[Process] = []
        try:
            self._start(agent, program, scenario, build, directory)
        except BaseException:
            self.stop()
            raise

    def _start(self, agent, program, scenario, build, directory) -> None:
        interval = f"--interval={scenario.interval}"
        self.sink = self._spawn([str(build / "bench_sink"), interval], directory)
        self.sink_port = self.sink.ports()["port"]
        targets_file = directory / "fleet.json"
        self.fleet = self._spawn([
            str(build / "bench_fleet"), interval, f"--targets={scenario.targets}", f"--series={scenario.series}",
            f"--churn-percent-per-minute={scenario.churn_percent_per_minute}", f"--write-file-sd={targets_file}"
        ], directory)
        self.fleet_port = self.fleet.ports()["control_port"]
        around = agents.Surroundings(
            directory, targets_file, f"http://127.0.0.1:{self.sink_port}/api/v1/write", free_port())
        self.agent = self._spawn(agents.arguments(agent, program, scenario, around), directory)
        self.agent.drop_output()

    def _spawn(self, command: list[str], directory: pathlib.Path) -> Process:
        name = pathlib.Path(command[0]).name
        process = Process(command, directory / f"{name}.log", directory)
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.stop()

    def usages(self) -> list[Usage]:
        return [process.usage() for process in (self.agent, self.fleet, self.sink)]


def warm_up(stage: Stage, scenario: Scenario) -> None:
    """Until each target was scraped once, and two intervals more."""

    def all_scraped() -> bool:
        stage.agent.check()
        return ask(stage.fleet_port, "/stats")["total"]["targets_unscraped"] == 0

    if not wait_until(all_scraped, DISCOVERY_SECONDS_MAX + 2 * scenario.interval):
        raise HarnessError(f"some targets were not scraped within {DISCOVERY_SECONDS_MAX} s")
    time.sleep(2 * scenario.interval)


def drain(stage: Stage, scenario: Scenario) -> tuple[dict, int]:
    """Stops the fleet's answers and waits for what the agent still holds: the sink's counts, and what was due."""
    expected = ask(stage.fleet_port, "/pause", "POST")["total"]["scrapes"] * scenario.series
    last_count, last_change = -1, time.monotonic()

    def quiet() -> bool:
        nonlocal last_count, last_change
        stage.agent.check()
        total = ask(stage.sink_port, "/stats")["total"]
        count = total["payload_samples"] + total["stale_markers"]
        if count != last_count:
            last_count, last_change = count, time.monotonic()
        return time.monotonic() - last_change >= max(QUIET_SECONDS, 1.5 * scenario.interval)

    wait_until(quiet, DRAIN_SECONDS_MAX, pause=0.5)
    return ask(stage.sink_port, "/stats"), expected


def measure(agent: str, program: str, scenario: Scenario, build: pathlib.Path, directory: pathlib.Path) -> Measurement:
    stage = Stage(agent, program, scenario, build, directory)
    try:
        warm_up(stage, scenario)
        ask(stage.fleet_port, "/reset", "POST")
        ask(stage.sink_port, "/reset", "POST")
        before, machine, started = stage.usages(), machine_cpu_seconds(), time.monotonic()
        time.sleep(scenario.duration)
        after, machine = stage.usages(), machine_cpu_seconds() - machine
        seconds = time.monotonic() - started
        delivery = ask(stage.sink_port, "/stats")["window"]
        scrapes = ask(stage.fleet_port, "/stats")["window"]
        final, expected = drain(stage, scenario)
    finally:
        stage.stop()
    cpu = [late.cpu_seconds - early.cpu_seconds for late, early in zip(after, before)]
    total = final["total"]
    return Measurement(
        agent=agent, seconds=seconds, cpu_seconds=cpu[0], rss=after[0].rss, rss_peak=after[0].rss_peak,
        samples_in_window=delivery["payload_samples"], wire_bytes=delivery["wire_bytes"],
        requests=delivery["requests"],
        samples_all=sum(delivery[kind] for kind in (
            "payload_samples", "report_samples", "stale_markers", "report_stale_markers")),
        delivered=total["payload_samples"], expected=expected,
        scrapes=scrapes["scrapes"], missed=scrapes["missed"], doubled=scrapes["doubled"],
        gap_seconds_max=scrapes["gap_seconds_max"], gaps=total["gaps"], duplicates=total["duplicates"],
        out_of_order=total["out_of_order"], stale_markers=total["stale_markers"], series=final["series"],
        refused=total["requests_refused"], fleet_cpu_seconds=cpu[1], sink_cpu_seconds=cpu[2],
        others_cpu_seconds=max(0.0, machine - sum(cpu)))
