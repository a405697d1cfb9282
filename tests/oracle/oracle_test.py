"""Prometheus 2.42 as the oracle: it and Rollcall scrape the same scripted targets with the same configuration.

Usage: oracle_test.py ROLLCALL. The oracle stores what it scrapes; Rollcall delivers into a second Prometheus, the
receiver. What the two have stored, which of it was stale at each of three probes, and what the two say of their targets
must be equal, apart from these differences, which are checked too (except where marked *, which no job here provokes):

what                                          Prometheus 2.42         Rollcall, as 3.14       why
--------------------------------------------- ----------------------- ----------------------- --------------------------
le and quantile of the text formats           as exposed: le="1"      canonical: le="1.0"     3.0 (#15164)
Content-Type that is no exposition            parsed as text          the scrape fails        3.0 (#15136)
discoveredLabels                              without the three bool  with them               3.x added the settings
                                              labels of histograms
discoveredLabels where relabeling changes     what relabeling made    from before relabeling  a fault of 2.42
more labels than it adds
scrapeTimeout and scrapeInterval              as the label: 1500ms    canonical: 1s500ms      compared as durations
dropped targets                               by relabeling alone     also equal targets,     Rollcall says why a target
                                                                      and impossible ones     is not scraped
a target label exported_x beside a label x,   lost                    kept                    a fault of both versions,
on up and the other report series                                                             refused: two series could
                                                                                              become one
__address__ without a port *                  gets :80 or :443        stays as it is          3.0 (#14160)
names outside of [a-zA-Z0-9_:] *              refused                 accepted                3.0: UTF-8 names
a comma behind the last label, OpenMetrics *  refused                 accepted                3.x relaxed the format
an exemplar on any sample, OpenMetrics *      on _total and _bucket   accepted                3.x relaxed the format
classic buckets of a gauge histogram,         series without _bucket, as of a histogram       a fault of 2.42
protobuf *                                    _count and _sum
a field of protobuf that is cut off *         "unexpected EOF"        says which family       would look like a body
                                                                                              that ended early
spaces before a metric's name *               become part of it       skipped                 a fault of both versions
Accept and User-Agent of a request *          of 2.42                 of 3.14                 not compared

Never compared: the values of scrape_duration_seconds, and how often a phase of the run was scraped.
"""

import pathlib
import re
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from observation import (  # noqa: E402
    Observation,
    active_targets,
    dropped_targets,
    has_been_scraped_since,
    runs,
    show,
)
from processes import EXTERNAL_URL, TestError, wait_until  # noqa: E402
from scenario import Scenario  # noqa: E402

CONVERGE_SECONDS = 12  # until a change of discovery has reached the targets of both sides
SETTLE_SECONDS = [4, 5, 4]  # more than the three intervals that the end of a target takes to become stale
REPORT_NAMES = "up|scrape_(duration_seconds|samples_scraped|samples_post_metric_relabeling|series_added)"

# Series of one side alone: which label has which value (a regular expression) there.
ORACLE_ALONE = [
    {"__name__": "classic_bucket", "job": "classic", "le": "1"},
    {"__name__": "classic_bucket", "job": "openmetrics classic", "le": "1"},
    {"__name__": "html", "job": "html"},
    {"__name__": REPORT_NAMES, "job": "labels .*", "exported_instance": ""},
]
ROLLCALL_ALONE = [
    {"__name__": "classic_bucket", "job": "classic", "le": r"1\.0"},
    {"__name__": "classic_bucket", "job": "openmetrics classic", "le": r"1\.0"},
    {"__name__": REPORT_NAMES, "job": "labels .*", "exported_instance": "odd"},
]
# Series with other values on either side.
OTHER_VALUES = [
    {"__name__": "scrape_duration_seconds"},
    {"__name__": REPORT_NAMES, "job": "html"},
]
# Targets that another side sees with another eye.
OTHER_TARGETS = {"html"}
DISCOVERED_OVERWRITTEN = {"files", "targets relabeled"}
DROPPED_BEYOND_RELABELING = ["equal to another target of this job"] * 2 + ['"no/address:80" is not a valid hostname']


def matches(key, selector):
    labels = dict(key)
    return all(re.fullmatch(pattern, labels.get(name, "")) for name, pattern in selector.items())


def matches_any(key, selectors):
    return any(matches(key, selector) for selector in selectors)


def listed(title, lines):
    lines = sorted(lines)
    return f"{title}: {len(lines)}\n  " + "\n  ".join(lines[:40])


class Run:
    """Both sides through the three phases; afterwards the two observations."""

    def __init__(self, program):
        with Scenario(program) as scenario:
            self._scenario = scenario
            self._receiver = scenario.start_receiver()
            self._oracle = scenario.start_oracle(
                "--web.enable-lifecycle", "--scrape.discovery-reload-interval=1s", f"--web.external-url={EXTERNAL_URL}"
            )
            self._rollcall = scenario.start_rollcall()
            times, targets = [], []
            for phase in range(3):
                scenario.enter_phase(phase)
                wait_until(lambda: self._has_converged(phase), CONVERGE_SECONDS, f"phase {phase} on both sides")
                time.sleep(SETTLE_SECONDS[phase])
                times.append(time.time())
                targets.append((self._oracle.api("targets"), self._rollcall.api("targets")))
                self._wait_for_samples(times[-1])
            self.oracle = Observation.of(self._oracle, times, [oracle for oracle, _ in targets])
            self.rollcall = Observation.of(self._receiver, times, [rollcall for _, rollcall in targets])
            self.samples_failed = self._rollcall.metric("prometheus_remote_storage_samples_failed_total")
            self.status = self._rollcall.stop()

    def _has_converged(self, phase):
        """Whether both have the targets of the phase, each scraped at least once."""
        for side in (self._oracle, self._rollcall):
            side.check()
            active = side.api("targets")["activeTargets"]
            new_file = any(target["labels"].get("site") == "new file" for target in active)
            from_service = sum(target["scrapePool"] == "http service" for target in active)
            if new_file != (phase == 1) or from_service != (2 if phase == 1 else 3):
                return False
            if any(target["health"] == "unknown" for target in active):
                return False
        return True

    def _wait_for_samples(self, at):
        """A side that does not get there is for the comparison to show."""
        for store in (self._oracle, self._receiver):
            try:
                wait_until(lambda store=store: has_been_scraped_since(store, at), 5, "samples after a probe")
            except TestError as error:
                print(f"{store.name}: {error}", file=sys.stderr)


class Oracle(unittest.TestCase):
    run_result = None

    @classmethod
    def setUpClass(cls):
        cls.run_result = Run(sys.argv[1])
        cls.oracle, cls.rollcall = cls.run_result.oracle, cls.run_result.rollcall
        cls.common = cls.oracle.samples.keys() & cls.rollcall.samples.keys()

    def check(self, title, lines):
        if lines:
            self.fail(listed(title, lines))

    def test_the_run_was_worth_comparing(self):
        self.assertGreater(len(self.common), 500)
        self.assertEqual(3, len(self.oracle.probes))
        self.assertTrue(self.oracle.probes[0] - self.oracle.probes[1], "nothing went stale in phase 1")
        self.assertTrue(self.oracle.probes[2] - self.oracle.probes[1], "nothing came back in phase 2")
        with_bodies = {"bodies", "openmetrics bodies", "openmetrics bodies 0.0.1", "protobuf bodies"}
        for pool in with_bodies | {"files", "http service", "plain"}:
            active = self.oracle.targets[0]["activeTargets"]
            healths = [target["health"] for target in active if target["scrapePool"] == pool]
            self.assertIn("up", healths, pool)
            self.assertTrue("down" in healths or pool not in with_bodies, pool)

    def test_rollcall_delivers_everything_and_ends_well(self):
        self.assertEqual(0, self.run_result.samples_failed, "samples that the receiver refused")
        self.assertEqual(0, self.run_result.status)

    def check_alone(self, mine, others, known):
        alone = mine.samples.keys() - others.samples.keys()
        for selector in known:
            self.assertTrue(any(matches(key, selector) for key in alone), f"no longer a difference: {selector}")
        return [show(key) for key in alone if not matches_any(key, known)]

    def test_both_store_the_same_series(self):
        missing = self.check_alone(self.oracle, self.rollcall, ORACLE_ALONE)
        extra = self.check_alone(self.rollcall, self.oracle, ROLLCALL_ALONE)
        if missing or extra:
            self.fail(listed("not delivered by Rollcall", missing) + "\n" + listed("not stored by the oracle", extra))

    def test_both_go_stale_and_come_back_alike(self):
        found = []
        for number, (oracle, rollcall) in enumerate(zip(self.oracle.probes, self.rollcall.probes)):
            for key in self.common:
                if matches(key, {"job": "html"}) or (key in oracle) == (key in rollcall):
                    continue
                how = "stale" if key in oracle else "present"
                found.append(f"probe {number}: {how} in Rollcall alone: {show(key)}")
        self.check("stale on one side alone", found)

    def test_both_store_the_same_values_in_the_same_order(self):
        found = []
        for key in self.common:
            if matches_any(key, OTHER_VALUES):
                continue
            oracle, rollcall = runs(self.oracle.values(key)), runs(self.rollcall.values(key))
            if oracle != rollcall:
                found.append(f"{show(key)}: oracle {oracle}, Rollcall {rollcall}")
        self.check("other values", found)

    def test_both_count_the_same_new_series(self):
        """Where a target has new series in each scrape, the sum depends on the number of scrapes and says nothing."""
        found, compared = [], 0
        for key in self.common:
            if not matches(key, {"__name__": "scrape_series_added"}) or matches_any(key, OTHER_VALUES):
                continue
            oracle, rollcall = (list(map(float, side.values(key))) for side in (self.oracle, self.rollcall))
            if all(oracle) or all(rollcall):
                continue
            compared += 1
            if sum(oracle) != sum(rollcall):
                found.append(f"{show(key)}: oracle {sum(oracle)}, Rollcall {sum(rollcall)}")
        self.assertGreater(compared, 50)
        self.check("other sums", found)

    def test_explicit_timestamps_are_stored_as_given(self):
        selector = {"__name__": "stamp_(?!moving|ahead).*", "job": "(openmetrics |protobuf )?timestamps"}
        stamped = [key for key in self.common if matches(key, selector)]
        self.assertEqual(3 + 5 + 2, len(stamped))
        for key in stamped:
            self.assertEqual(self.oracle.samples[key], self.rollcall.samples[key], show(key))
        moving = [key for key in self.common if matches(key, {"__name__": "stamp_moving", "job": "timestamps"})]
        self.assertEqual(1, len(moving))
        self.assertTrue(all(at == int(at) for at, _ in self.rollcall.samples[moving[0]]))

    def test_both_store_the_same_exemplars(self):
        """With their times where the target gives them; each is stored once, however often it was exposed."""
        oracle, rollcall = self.oracle.exemplars, self.rollcall.exemplars
        self.assertGreater(len(oracle), 10)
        self.assertEqual(sorted(map(show, oracle)), sorted(map(show, rollcall)))
        for key in oracle:
            mine, others = ([each[:2] for each in side[key]] for side in (oracle, rollcall))
            self.assertEqual(mine, others, show(key))
        timed = {"job": ".* exemplars", "code": "(200)?", "le": r"(1\.0)?"}
        keys = [key for key in oracle if matches(key, timed)]
        self.assertEqual(6, len(keys))
        for key in keys:
            self.assertEqual(oracle[key], rollcall[key], show(key))
            self.assertEqual(3, len(oracle[key]), f"one in each phase: {show(key)}")

    def test_both_say_the_same_of_their_active_targets(self):
        found = []
        for number, (oracle, rollcall) in enumerate(zip(self.oracle.targets, self.rollcall.targets)):
            oracle, rollcall = active_targets(oracle), active_targets(rollcall)
            found += [f"probe {number}: oracle alone: {identity}" for identity in oracle.keys() - rollcall.keys()]
            found += [f"probe {number}: Rollcall alone: {identity}" for identity in rollcall.keys() - oracle.keys()]
            for identity in oracle.keys() & rollcall.keys():
                mine, others = oracle[identity], rollcall[identity]
                if mine["scrapePool"] in OTHER_TARGETS:
                    self.assertEqual(("up", "down"), (mine["health"], others["health"]))
                    continue
                if mine["scrapePool"] in DISCOVERED_OVERWRITTEN:
                    del mine["discoveredLabels"]
                found += [
                    f"probe {number}: {identity}: {name}: oracle {mine[name]!r}, Rollcall {others[name]!r}"
                    for name in mine
                    if mine[name] != others[name]
                ]
        self.check("other targets", found)

    def test_discovered_labels_are_from_before_relabeling(self):
        """For the jobs where the oracle does not know them any more."""
        compared = 0
        for answer in self.rollcall.targets:
            for target in answer["activeTargets"]:
                if target["scrapePool"] not in DISCOVERED_OVERWRITTEN:
                    continue
                compared += 1
                discovered = target["discoveredLabels"]
                self.assertEqual(target["scrapePool"], discovered["job"])
                self.assertFalse(discovered.keys() & {"file", "kind", "shard", "host", "team", "TEAM", "instance"})
                self.assertIn(discovered["__metrics_path__"], ("/wrong", "/metrics", "/full", "/plain"))
                self.assertTrue(discovered.keys() & {"__meta_filepath", "__meta_kind"})
        self.assertGreater(compared, 3 * len(DISCOVERED_OVERWRITTEN))

    def test_both_drop_the_same_targets(self):
        for oracle, rollcall in zip(self.oracle.targets, self.rollcall.targets):
            by_relabeling = dropped_targets(rollcall, lambda row: row["reason"].startswith("relabel_configs["))
            self.assertEqual(dropped_targets(oracle, lambda row: True), by_relabeling)
            reasons = [row["reason"] for row in rollcall["droppedTargets"]]
            others = sorted(reason for reason in reasons if not reason.startswith("relabel_configs["))
            self.assertEqual(sorted(DROPPED_BEYOND_RELABELING), others)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    unittest.main(argv=sys.argv[:1])
