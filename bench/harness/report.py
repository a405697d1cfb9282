"""Measurements as a table, as JSON, and as a verdict."""
import dataclasses
import json
import math
import statistics

from .measure import Measurement
from .scenarios import Scenario

BASELINE = "vmagent"


def median_of(rounds: list[Measurement]) -> Measurement:
    """The round with the median CPU cost for cost and size; of every fault the worst round's count."""
    ordered = sorted(rounds, key=lambda one: one.cpu_per_million)
    middle = ordered[(len(ordered) - 1) // 2]
    return dataclasses.replace(
        middle,
        rss=int(statistics.median(one.rss for one in rounds)),
        rss_peak=max(one.rss_peak for one in rounds),
        **{name: max(getattr(one, name) for one in rounds)
           for name in ("missed", "doubled", "gaps", "duplicates", "out_of_order", "refused", "gap_seconds_max")},
        **dict(zip(("delivered", "expected"), worst_delivery(rounds))))


def worst_delivery(rounds: list[Measurement]) -> tuple[int, int]:
    worst = max(rounds, key=lambda one: abs(one.expected - one.delivered))
    return worst.delivered, worst.expected


def ratio(value: float, base: float | None) -> str:
    return f"{value / base:.2f}" if base and not math.isnan(value) else "-"


COLUMNS = ("agent", "CPU s/M samples", "x", "RSS MB", "x", "peak MB", "RSS B/series", "wire B/sample",
           "delivered / expected", "missed", "doubled", "gaps", "dups", "disorder")


def table(scenario: Scenario, results: list[Measurement]) -> str:
    base = next((one for one in results if one.agent == BASELINE), None)
    rows = [COLUMNS]
    for one in results:
        rows.append((
            one.agent, f"{one.cpu_per_million:.2f}", ratio(one.cpu_per_million, base and base.cpu_per_million),
            f"{one.rss / 1e6:.0f}", ratio(one.rss, base and base.rss), f"{one.rss_peak / 1e6:.0f}",
            f"{one.rss / scenario.series_total:.0f}", f"{one.wire_per_sample:.1f}",
            f"{one.delivered} / {one.expected}", str(one.missed), str(one.doubled), str(one.gaps),
            str(one.duplicates), str(one.out_of_order)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def footnotes(results: list[Measurement]) -> str:
    """What the load itself took from the machine: the less, the less it disturbed."""
    lines = []
    for one in results:
        lines.append(
            f"{one.agent}: {one.cpu_seconds / one.seconds:.2f} CPUs over {one.seconds:.0f} s "
            f"(fleet {one.fleet_cpu_seconds / one.seconds:.2f}, "
            f"sink {one.sink_cpu_seconds / one.seconds:.2f}, all else {one.others_cpu_seconds / one.seconds:.2f}), "
            f"{one.requests} requests, longest pause of a target {one.gap_seconds_max:.1f} s, "
            f"{one.stale_markers} stale markers for {one.series} series")
    return "\n".join(lines)


def to_json(scenario: Scenario, results: list[Measurement]) -> str:
    measured = [
        {**dataclasses.asdict(one), "cpu_seconds_per_million_samples": one.cpu_per_million,
         "wire_bytes_per_sample": one.wire_per_sample, "faults": one.faults}
        for one in results
    ]
    return json.dumps({"scenario": dataclasses.asdict(scenario), "agents": measured}, indent=2)
