"""What a cluster works on: a fleet that counts every scrape of every target, and a sink that counts what arrives."""

import dataclasses
import json
import select
import subprocess
from pathlib import Path

from hosts import OWN_ADDRESS
from rollcall_process import ask, wait_until

TARGETS_NETWORK = 10
SINK_NETWORK = 192
START_SECONDS_MAX = 60


@dataclasses.dataclass(frozen=True)
class Faults:
    """What went wrong in a window. Equal to Faults() when nothing did."""

    missed: int = 0
    doubled: int = 0
    missed_by_one_target_max: int = 0
    targets_missed: int = 0
    stale_markers: int = 0
    gaps: int = 0
    duplicates: int = 0
    out_of_order: int = 0


class Program:
    """One of the load programs: it says its ports in a line of JSON when it is ready."""

    def __init__(self, *arguments):
        self.child = subprocess.Popen(
            [str(each) for each in arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        ready, _, _ = select.select([self.child.stdout], [], [], START_SECONDS_MAX)
        line = self.child.stdout.readline() if ready else b""
        if not line:
            self.close()
            raise RuntimeError(f"{arguments[0]} did not start")
        self.ports = json.loads(line)

    def close(self):
        self.child.kill()
        self.child.wait()
        self.child.stdout.close()


class Load:
    """`targets` targets that are to be scraped every `interval` seconds, and a receiver."""

    def __init__(self, build, directory, targets, interval, series=10):
        self.size = targets
        self.interval = interval
        self.series = series
        self.targets_file = Path(directory) / "targets.json"
        self._sink = Program(Path(build) / "bench_sink", "--interval", interval, "--network", SINK_NETWORK)
        self._fleet = Program(
            Path(build) / "bench_fleet", "--targets", targets, "--interval", interval, "--series", series,
            "--network", TARGETS_NETWORK, "--write-file-sd", self.targets_file)  # fmt: skip
        self.write_url = f"http://{OWN_ADDRESS}:{self._sink.ports['port']}/api/v1/write"

    def close(self):
        self._fleet.close()
        self._sink.close()

    def config(self):
        """A daemon's configuration: all targets, to the sink."""
        period = f"{round(self.interval * 1000)}ms"
        return (
            f"global: {{scrape_interval: {period}, scrape_timeout: {period}}}\n"
            "scrape_configs:\n"
            "  - job_name: fleet\n"
            f"    file_sd_configs: [{{files: ['{self.targets_file}']}}]\n"
            f"remote_write: [{{url: '{self.write_url}'}}]\n"
        )

    def keep_targets(self, count):
        """Has discovery forget all but the first so many targets."""
        groups = json.loads(self.targets_file.read_text(encoding="utf-8"))
        groups[0]["targets"] = groups[0]["targets"][:count]
        scratch = self.targets_file.with_suffix(".new")
        scratch.write_text(json.dumps(groups), encoding="utf-8")
        scratch.replace(self.targets_file)

    def fleet(self, path="/stats", method="GET"):
        answer = ask(self._fleet.ports["control_port"], path, method)
        return answer.json if answer.body else None

    def sink(self, path="/stats", method="GET"):
        answer = ask(self._sink.ports["port"], path, method, address=OWN_ADDRESS)
        return answer.json if answer.body else None

    def shorten(self):
        """Has each target expose one series less from now on."""
        self.fleet("/shorten", "POST")

    def await_all_scraped(self, seconds=60):
        """Until each target was scraped once, and its first samples arrived."""
        wait_until(lambda: self.fleet()["total"]["targets_unscraped"] == 0, "each target is scraped", seconds)
        wait_until(lambda: self.sink()["total"]["report_samples"] >= 5 * self.size, "the samples arrive", seconds)

    def begin(self):
        """Begins a window."""
        self.fleet("/reset", "POST")
        self.sink("/reset", "POST")

    def await_intervals(self, count):
        """Until the window has lasted so many intervals of the targets' time, scraped or not."""
        wait_until(
            lambda: self.fleet()["window"]["seconds"] >= count * self.interval,
            f"{count} intervals pass",
            10 + 2 * count * self.interval,
        )

    def scrapes(self):
        """How many there were since the window began."""
        return self.fleet()["window"]["scrapes"]

    def faults(self):
        """What went wrong since the window began."""
        missed = [each["missed"] for each in self.fleet("/targets").values()]
        scrapes = self.fleet()["window"]
        delivered = self.sink()["window"]
        return Faults(
            missed=scrapes["missed"],
            doubled=scrapes["doubled"],
            missed_by_one_target_max=max(missed),
            targets_missed=sum(each > 0 for each in missed),
            stale_markers=delivered["stale_markers"],
            gaps=delivered["gaps"],
            duplicates=delivered["duplicates"],
            out_of_order=delivered["out_of_order"],
        )
