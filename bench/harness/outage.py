"""An agent whose receiver goes away and comes back: what it holds meanwhile, and how fast it catches up."""
import dataclasses
import json
import pathlib
import time

from .measure import Stage, warm_up
from .processes import ask, wait_until
from .scenarios import Scenario

# How long an agent may take to catch up, in outages.
CATCH_UP_OUTAGES_MAX = 2
POLL_SECONDS = 0.5
LATE_SECONDS_MAX = 10  # the goal


@dataclasses.dataclass(frozen=True)
class Outage:
    """What became of one agent. Sizes are in bytes, of the whole process.

    It has caught up when all that targets handed out until then has arrived, but for two intervals' worth. A series is
    late by what its newest sample is older than an interval; `late_seconds_max` is the latest series at any time from
    an interval and LATE_SECONDS_MAX after the receiver's return on, until it has caught up and one more is over.
    """

    agent: str
    outage_seconds: float
    rss_before: int
    rss_max: int  # Highest of what was seen from the outage's begin on.
    catch_up_seconds: float | None  # None when it did not in time.
    late_seconds_max: float
    delivered: int
    expected: int

    @property
    def rss_growth(self) -> float:
        return self.rss_max / self.rss_before - 1

    @property
    def speed(self) -> float | None:
        """How many seconds of the outage were delivered in a second, beside what came in."""
        if self.catch_up_seconds is None:
            return None
        return self.outage_seconds / max(self.catch_up_seconds, POLL_SECONDS)


def lateness(stats: dict, interval: float) -> float:
    return max(0.0, time.time() - stats["oldest_last"] / 1000 - interval)


def measure_outage(
        agent: str, program: str, scenario: Scenario, build: pathlib.Path, directory: pathlib.Path) -> Outage:
    stage = Stage(agent, program, scenario, build, directory)
    try:
        warm_up(stage, scenario)
        rss_before = rss_max = stage.agent.usage().rss
        ask(stage.sink_port, "/away", "POST")
        ends = time.monotonic() + scenario.duration
        while time.monotonic() < ends:
            time.sleep(POLL_SECONDS)
            rss_max = max(rss_max, stage.agent.usage().rss)
        ask(stage.sink_port, "/back", "POST")
        returned, caught_up, late = time.monotonic(), None, 0.0
        since = 0.0
        watched = 2 * scenario.interval + LATE_SECONDS_MAX
        while since < watched or caught_up is None and since < CATCH_UP_OUTAGES_MAX * scenario.duration:
            time.sleep(POLL_SECONDS)
            rss_max = max(rss_max, stage.agent.usage().rss)
            handed_out = ask(stage.fleet_port, "/stats")["total"]["scrapes"] * scenario.series
            stats = ask(stage.sink_port, "/stats")
            since = time.monotonic() - returned
            # By then each target has been scraped again, and what came of it may have been on its way for as long as
            # is allowed.
            if since > scenario.interval + LATE_SECONDS_MAX:
                late = max(late, lateness(stats, scenario.interval))
            if caught_up is None and handed_out - stats["total"]["payload_samples"] <= 2 * scenario.series_total:
                caught_up = since
        expected = ask(stage.fleet_port, "/pause", "POST")["total"]["scrapes"] * scenario.series
        delivered = lambda: ask(stage.sink_port, "/stats")["total"]["payload_samples"]
        wait_until(lambda: delivered() >= expected, 4 * scenario.interval + 30)
        return Outage(agent, scenario.duration, rss_before, rss_max, caught_up, late, delivered(), expected)
    finally:
        stage.stop()


COLUMNS = ("agent", "RSS MB before", "highest", "growth", "caught up in s", "x real time", "live late s",
           "delivered / expected")


def table(results: list[Outage]) -> str:
    rows = [COLUMNS]
    for one in results:
        in_time = one.catch_up_seconds is not None
        rows.append((
            one.agent, f"{one.rss_before / 1e6:.1f}", f"{one.rss_max / 1e6:.1f}", f"{one.rss_growth:+.1%}",
            f"{one.catch_up_seconds:.1f}" if in_time else "never", f"{one.speed:.1f}" if in_time else "-",
            f"{one.late_seconds_max:.1f}", f"{one.delivered} / {one.expected}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def to_json(scenario: Scenario, results: list[Outage]) -> str:
    measured = [{**dataclasses.asdict(one), "rss_growth": one.rss_growth, "speed": one.speed} for one in results]
    return json.dumps({"scenario": dataclasses.asdict(scenario), "agents": measured}, indent=2)
