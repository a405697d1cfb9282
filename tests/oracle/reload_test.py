"""POST /-/reload while everything is scraped: what a reload does not concern goes on as if nothing had happened.

Usage: reload_test.py ROLLCALL. Twenty reloads within fifteen seconds, every other one with a change to one job that is
not looked at. Of every other series the receiver must hold one sample per interval, without gap, duplicate or stale
marker; and what the changed job does not have any more must go stale.
"""

import pathlib
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from observation import EVERYTHING, has_been_scraped_since, milliseconds, series_key, show  # noqa: E402
from processes import TestError, wait_until  # noqa: E402
from scenario import Scenario  # noqa: E402

RELOADS = 20
RELOAD_INTERVAL = 0.75
STEP = 0.1  # seconds between two looks at whether a series is stale
TIMESTAMPS = {"timestamps", "openmetrics timestamps", "protobuf timestamps"}  # jobs whose targets give them
EARLY_MILLISECONDS = 2  # by how much a sample may precede its tick: the rounding of its timestamp

LAST_VERSION = str(RELOADS - 1)
UNRELATED_JOB = """
  - job_name: unrelated
    metrics_path: /full
    scrape_timeout: {timeout}ms
    static_configs: [{{targets: ["127.0.0.1:{port}"], labels: {{version: "{version}"}}}}]
    metric_relabel_configs:
      - {{source_labels: [n], regex: "{dropped}", action: drop}}
"""


def tick_numbers(times, interval):
    """Which tick of its target each sample belongs to; all in milliseconds.

    A sample is as old as its tick or a little younger, so the ticks are where the samples, laid over each other by the
    interval, come after the widest gap.
    """
    places = sorted({at % interval for at in times})
    gaps = [(place - before) % interval or interval for before, place in zip([places[-1]] + places, places)]
    phase = places[gaps.index(max(gaps))]
    return [(at - phase + EARLY_MILLISECONDS) // interval for at in times]


class Run:
    """The reloads, and what the receiver holds of the time from before the first to after the last."""

    def __init__(self, program):
        with Scenario(program) as scenario:
            self._scenario = scenario
            self._receiver = scenario.start_receiver()
            self._rollcall = scenario.start_rollcall("--web.enable-lifecycle", more_jobs=self._unrelated_job(0))
            wait_until(self._is_in_full_swing, 10, "all targets scraped")
            self.begin = time.time()
            wait_until(lambda: has_been_scraped_since(self._receiver, self.begin), 10, "samples of all targets")
            self.reloads_failed = self._reload_often()
            self.end = time.time()
            self._wait_for_samples()
            self._observe()
            self.status = self._rollcall.stop()

    def _wait_for_samples(self):
        """Until all has later samples than the last reload, or is stale; if that never comes, the tests say of what."""
        try:
            wait_until(self._has_settled, 10, "samples after the last reload, and only of what is left")
        except TestError as error:
            print(error, file=sys.stderr)

    def _has_settled(self):
        withdrawn = self._receiver.api("query", query=f'{{job="unrelated", version!="{LAST_VERSION}"}}')["result"]
        return not withdrawn and has_been_scraped_since(self._receiver, self.end)

    def _unrelated_job(self, version):
        port = self._scenario.fleet.ports[0]
        return UNRELATED_JOB.format(port=port, version=version, dropped=version % 5, timeout=900 + version)

    def _is_in_full_swing(self):
        active = self._rollcall.api("targets")["activeTargets"]
        return active and all(target["health"] != "unknown" for target in active)

    def _reload_often(self):
        failed = 0
        start = time.monotonic()
        for number in range(RELOADS):
            if number % 2:
                self._scenario.write_configuration(self._unrelated_job(number))
            self._rollcall.fetch("/-/reload", method="POST")
            failed += self._rollcall.metric("prometheus_config_last_reload_successful") != 1
            time.sleep(max(0.0, start + (number + 1) * RELOAD_INTERVAL - time.monotonic()))
        return failed

    def _observe(self):
        seconds = int(time.time() - self.begin)
        answer = self._receiver.api("query", query=f"{EVERYTHING}[{seconds + 5}s]")
        self.times = {}
        for row in answer["result"]:
            times = [round(at * 1000) for at, _ in row["values"] if self.begin <= at <= self.end]
            self.times[series_key(row["metric"])] = times
        answer = self._receiver.api("query_range", query=EVERYTHING, start=self.begin + 2, end=self.end, step=STEP)
        self.looks = {series_key(row["metric"]): len(row["values"]) for row in answer["result"]}
        self.looks_all = max(self.looks.values())
        active = self._rollcall.api("targets")["activeTargets"]
        self.intervals = {
            (target["labels"]["job"], target["labels"]["instance"]): milliseconds(target["scrapeInterval"])
            for target in active
        }
        self.present = {series_key(row["metric"]) for row in self._receiver.api("query", query=EVERYTHING)["result"]}
        self.versions = {target["labels"].get("version") for target in active} - {None}
        self.samples_failed = self._rollcall.metric("prometheus_remote_storage_samples_failed_total")


class Reload(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.run_result = Run(sys.argv[1])

    def unaffected(self):
        """Series that each scrape has, with the scrape's own time."""
        for key, times in self.run_result.times.items():
            labels = dict(key)
            job = labels.get("job")
            own_time = job in TIMESTAMPS and labels["__name__"].startswith("stamp_")
            if job != "unrelated" and not own_time:
                yield key, times

    def check(self, title, found):
        if found:
            self.fail(f"{title}: {len(found)}\n  " + "\n  ".join(sorted(found)[:20]))

    def test_each_reload_is_taken(self):
        self.assertEqual(0, self.run_result.reloads_failed)
        self.assertEqual({LAST_VERSION}, self.run_result.versions)
        stored = {dict(key).get("version") for key in self.run_result.times} - {None}
        self.assertGreaterEqual(len(stored), 3, "versions of the unrelated job that were ever scraped")

    def test_what_a_reload_withdraws_goes_stale(self):
        present = [key for key in self.run_result.present if dict(key).get("job") == "unrelated"]
        self.check("withdrawn and not stale", [show(key) for key in present if dict(key)["version"] != LAST_VERSION])
        self.assertEqual(4 + 5, len(present), "series of the last version and its reports")

    def test_each_tick_has_one_sample_of_each_series(self):
        found, compared = [], 0
        for key, times in self.unaffected():
            labels = dict(key)
            interval = self.run_result.intervals.get((labels.get("job"), labels.get("instance")), 1000)
            if not times:
                found.append(f"{show(key)}: no sample")
                continue
            compared += 1
            ticks = tick_numbers(times, interval)
            steps = [after - before for before, after in zip(ticks, ticks[1:])]
            expected = (self.run_result.end - self.run_result.begin) * 1000 / interval
            if any(step != 1 for step in steps) or abs(len(times) - expected) >= 2:
                found.append(f"{show(key)}: {len(times)} samples for {expected:.1f} intervals, steps {steps}")
        self.assertGreater(compared, 500)
        self.check("series with a gap or a duplicate", found)

    def test_no_series_is_stale_in_between(self):
        found = [
            f"{show(key)}: present at {self.run_result.looks.get(key, 0)} of {self.run_result.looks_all} looks"
            for key, _ in self.unaffected()
            if self.run_result.looks.get(key, 0) != self.run_result.looks_all
        ]
        self.assertGreater(self.run_result.looks_all, 100)
        self.check("series that were stale", found)

    def test_nothing_is_refused_and_the_end_is_clean(self):
        self.assertEqual(0, self.run_result.samples_failed, "samples that the receiver refused")
        self.assertEqual(0, self.run_result.status)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    unittest.main(argv=sys.argv[:1])
