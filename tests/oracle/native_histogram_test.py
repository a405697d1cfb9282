"""Native histograms and exemplars, scraped by protobuf and sent by remote write, as Prometheus scrapes and sends them.

Usage: native_histogram_test.py ROLLCALL. The oracle and Rollcall scrape a target each; the two targets say the same in
the same order. What the oracle and the receiver have stored must be equal sample by sample, and so must be what the
oracle and Rollcall send to a receiver that takes each request apart: there nothing is lost that a query does not show.
"""

import contextlib
import json
import pathlib
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(TESTS / "support"), str(TESTS / "daemon")]

from native_target import GONE_AFTER, NativeTarget  # noqa: E402
from observation import EVERYTHING, WINDOW, exemplars_of, series_key, show  # noqa: E402
from processes import start_prometheus, start_rollcall, wait_until  # noqa: E402
from write_receiver import STALE_BITS, Receiver  # noqa: E402

SCRAPES = 8  # that are compared
FEATURES = "--enable-feature=native-histograms,exemplar-storage"
KINDS = ("samples", "histograms", "exemplars")

SCRAPE = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms}}
scrape_configs:
  - job_name: native
    static_configs: [{{targets: ["{target}"], labels: {{instance: target}}}}]
{more}
"""
ROLLCALL_ALONE = """
    scrape_native_histograms: true
"""
REMOTE_WRITE = """
remote_write:
"""
WRITE_TO = """
  - url: {url}
    send_native_histograms: true
    send_exemplars: true
    queue_config: {{batch_send_deadline: 100ms}}
"""


def stored_of(store, labels, end):
    selector = ",".join(f"{name}={json.dumps(value)}" for name, value in labels.items())
    (row,) = store.api("query", query=f"{{{selector}}}[{WINDOW}]", time=end)["result"]
    return row


class Side:
    """What one side sent, what a Prometheus has stored of it, and of its exemplars."""

    def __init__(self, store, sent, start):
        end = time.time() + 60
        # One series at a time: an answer of 2.42 with several shows the histograms of one of them for all.
        series = store.api("series", **{"match[]": EVERYTHING, "start": start / 1000, "end": end})
        self.stored = {series_key(labels): stored_of(store, labels, end) for labels in series}
        self.exemplars = exemplars_of(store, start / 1000, end)
        self.present = {row["metric"]["__name__"] for row in store.api("query", query=EVERYTHING)["result"]}
        self.sent = sent.accepted()
        self.sent_histograms = sent.histograms()
        self.sent_exemplars = sent.exemplars()
        self.faults = sent.faults


class Run:
    """Until each side has scraped and sent often enough."""

    def __init__(self, program):
        self._start = int(time.time() * 1000)
        self._program = str(pathlib.Path(program).resolve())
        with contextlib.ExitStack() as self._stack:
            prefix = "rollcall-native-"
            self._directory = pathlib.Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix)))
            self._run()

    def _closing(self, thing):
        return self._stack.enter_context(contextlib.closing(thing))

    def _started(self, daemon):
        self._stack.callback(daemon.stop)
        return daemon

    def _configuration(self, name, text):
        path = self._directory / f"{name}.yml"
        path.write_text(text, encoding="utf-8")
        return path

    def _prometheus(self, name, text, *flags):
        path = self._configuration(name, text)
        return self._started(start_prometheus(name, path, self._directory, FEATURES, *flags))

    def _rollcall(self, text):
        return self._started(start_rollcall(self._program, self._configuration("rollcall", text), self._directory))

    def _run(self):
        targets = [self._closing(NativeTarget(self._start)) for _ in range(2)]
        sent = [self._closing(Receiver()) for _ in range(2)]
        receiver = self._prometheus("receiver", "global: {scrape_interval: 1m}", "--web.enable-remote-write-receiver")
        texts = [
            SCRAPE.format(target=target.address, more=more) + REMOTE_WRITE + WRITE_TO.format(url=to.url)
            for target, to, more in zip(targets, sent, ("", ROLLCALL_ALONE))
        ]
        oracle = self._prometheus("oracle", texts[0], "--scrape.discovery-reload-interval=1s")
        rollcall = self._rollcall(texts[1] + WRITE_TO.format(url=f"http://{receiver.address}/api/v1/write"))
        for each in ((oracle, sent[0]), (receiver, sent[1])):
            wait_until(lambda each=each: self._has_enough(*each), 30, f"{SCRAPES} scrapes, stored and sent")
        self.oracle = Side(oracle, sent[0], self._start)
        self.rollcall = Side(receiver, sent[1], self._start)
        self.accept = targets[1].accept
        self.failed = [rollcall.metric(f"prometheus_remote_storage_{what}_failed_total") for what in KINDS]
        self.status = rollcall.stop()

    def _has_enough(self, store, sent):
        """One more, so that all of the scrape before is there."""
        store.check()
        rows = store.api("query", query=f"plain[{WINDOW}]")["result"]
        stored = [len(row["values"]) for row in rows] + [0]
        return min(stored[0], *map(len, sent.series("plain").values() or [[]])) > SCRAPES


class NativeHistograms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.run_result = Run(sys.argv[1])
        cls.oracle, cls.rollcall = cls.run_result.oracle, cls.run_result.rollcall

    def both(self, what):
        """Series -> what the two sides have; both must have the same series."""
        mine, others = getattr(self.oracle, what), getattr(self.rollcall, what)
        missing = sorted(show(key) for key in mine.keys() - others.keys())
        extra = sorted(show(key) for key in others.keys() - mine.keys())
        self.assertEqual(([], []), (missing, extra))
        return {key: (mine[key], others[key]) for key in mine}

    def assert_alike(self, key, mine, others):
        with self.subTest(show(key)):
            scrapes = GONE_AFTER if dict(key)["__name__"] == "vanishing" else SCRAPES
            self.assertGreaterEqual(min(len(mine), len(others)), scrapes)
            for number, (one, other) in enumerate(zip(mine[:scrapes], others[:scrapes])):
                self.assertEqual(one, other, f"scrape {number}")

    def test_the_run_was_worth_comparing(self):
        histograms = self.oracle.sent_histograms
        self.assertGreaterEqual(len(histograms), 15)
        every = [each for sent in histograms.values() for each in sent]
        self.assertTrue(any(each.is_float for each in every))
        self.assertTrue(any(each.negative for each in every))
        self.assertTrue(any(each.zero_count for each in every))
        self.assertTrue(any(each.hint == "gauge" for each in every))
        self.assertLessEqual({-4, 0, 8}, {each.schema for each in every})
        self.assertRegex(self.run_result.accept, "^application/vnd.google.protobuf;")

    def test_native_histograms_are_stored_as_prometheus_stores_them(self):
        compared = 0
        for key, sides in self.both("stored").items():
            mine, others = ([each for _, each in row.get("histograms", [])] for row in sides)
            compared += len(mine)
            if mine or others:
                self.assert_alike(key, mine, others)
        self.assertGreater(compared, 15 * SCRAPES)

    def test_other_samples_of_the_same_scrapes_are_equal(self):
        for key, sides in self.both("stored").items():
            mine, others = ([each for _, each in row.get("values", [])] for row in sides)
            if (mine or others) and dict(key)["__name__"] != "scrape_duration_seconds":
                self.assert_alike(key, mine, others)

    def test_native_histograms_are_sent_as_prometheus_sends_them(self):
        for key, (mine, others) in self.both("sent_histograms").items():
            self.assert_alike(key, mine, others)

    def test_explicit_timestamps_are_kept(self):
        (times,) = (
            [[each.timestamp for each in sent[:SCRAPES]] for sent in sides]
            for key, sides in self.both("sent_histograms").items()
            if dict(key)["__name__"] == "stamped"
        )
        self.assertEqual(*times)
        self.assertEqual(SCRAPES, len(set(times[0])))

    def test_a_histogram_that_vanishes_goes_stale(self):
        """The marker is a number in agent mode and thereby here; a store makes a histogram of it, which 2.42 sends."""
        for side in (self.oracle, self.rollcall):
            self.assertNotIn("vanishing", side.present)
            self.assertIn("integers", side.present)
        ((mine, others),) = (
            sides for key, sides in self.both("sent_histograms").items() if dict(key)["__name__"] == "vanishing"
        )
        self.assertEqual((GONE_AFTER + 1, GONE_AFTER), (len(mine), len(others)))
        self.assertEqual(STALE_BITS, mine[-1].sum_bits)
        markers = [sample.name for sample in self.rollcall.sent if sample.bits == STALE_BITS]
        self.assertEqual(["vanishing"], markers)

    def test_exemplars_are_those_of_prometheus(self):
        for what in ("exemplars", "sent_exemplars"):
            both = self.both(what)
            self.assertEqual(["traced", "traced_total"], sorted(dict(key)["__name__"] for key in both))
            for key, sides in both.items():
                self.assert_alike(key, *sides)

    def test_nothing_is_refused_and_the_end_is_clean(self):
        self.assertEqual([0] * len(KINDS), self.run_result.failed)
        self.assertEqual([], self.oracle.faults + self.rollcall.faults)
        self.assertEqual(0, self.run_result.status)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    unittest.main(argv=sys.argv[:1])
