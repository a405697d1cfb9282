"""Delivery by remote_write to receivers of every temper: what arrives, how often, in what order.

Targets count their own scrapes, so that a receiver which has every number once has lost nothing.
"""

import sys
import time

import rollcall_process
from rollcall_process import DaemonTest, wait_until
from scripted_target import Target, metrics
from write_receiver import STALE_BITS, Receiver

TARGETS = 3
INTERVAL = 0.5
OUTAGE_SECONDS = 5
RETRY_AFTER_SECONDS = 2

CONFIG = """
global:
  scrape_interval: 500ms
  scrape_timeout: 500ms
  external_labels: {{cluster: test}}
scrape_configs:
  - job_name: counted
    static_configs:
      - targets: [{targets}]
remote_write:
{endpoints}
"""

QUICK = "{batch_send_deadline: 100ms, min_backoff: 20ms, max_backoff: 200ms, max_samples_per_send: 100%s}"
LAZY = "{batch_send_deadline: 1h, max_samples_per_send: 100000, capacity: 1000000}"


def script(answers, otherwise=(204, {}, b"")):
    """Answers posts by their number, counted from 1."""

    def answer(number, samples):
        return answers.get(number, otherwise)

    return answer


def slow(number, samples):
    time.sleep(0.5)
    return 204, {}, b""


class Delivery(DaemonTest):
    def setUp(self):
        super().setUp()
        self.targets = [self.closing(Target(metrics(lambda number: f"scrape_number {number}\n")))
                        for _ in range(TARGETS)]

    def receiver(self, *arguments, **options):
        return self.closing(Receiver(*arguments, **options))

    def run_daemon(self, endpoints, *flags):
        """`endpoints` is name -> (receiver, queue_config)."""
        entries = [f"  - {{name: {name}, url: '{receiver.url}', remote_timeout: 5s, queue_config: {queue}}}"
                   for name, (receiver, queue) in endpoints.items()]
        addresses = ", ".join(target.address for target in self.targets)
        return self.start(CONFIG.format(targets=addresses, endpoints="\n".join(entries)), *flags)

    def wait_for_scrapes(self, count):
        wait_until(lambda: all(len(target.scrapes) >= count for target in self.targets), f"{count} scrapes", 30)

    def numbers(self, samples):
        """Target's address -> the numbers of its scrapes, in the order of the samples."""
        found = {}
        for sample in samples:
            if sample.name == "scrape_number":
                found.setdefault(dict(sample.labels)["instance"], []).append(sample.value)
        return found

    def assert_complete(self, receiver, besides=()):
        """Every scrape's sample came, once and in order, but for the samples in `besides`."""
        self.assertEqual(receiver.faults, [])
        missing = self.numbers(besides)
        arrived = self.numbers(receiver.accepted())
        self.assertEqual(arrived.keys(), {target.address for target in self.targets})
        for target in self.targets:
            gone = set(missing.get(target.address, ()))
            expected = [number for number in range(1, len(target.scrapes) + 1) if number not in gone]
            # The last scrape may have been under way when the daemon ended.
            self.assertIn(arrived[target.address], (expected, expected[:-1]))
        self.assert_order(receiver)

    def assert_order(self, receiver):
        """Time goes up in every series, and nothing is a staleness marker."""
        newest = {}
        for sample in receiver.accepted():
            self.assertGreater(sample.timestamp, newest.get(sample.labels, 0), sample.labels)
            newest[sample.labels] = sample.timestamp
            self.assertNotEqual(sample.bits, STALE_BITS, sample.labels)

    def sum_of(self, daemon, name, endpoint):
        return daemon.metric(f"prometheus_remote_storage_{name}", remote_name=endpoint)

    def samples_of(self, receiver, *numbers):
        return [sample for number in numbers for sample in receiver.posts[number - 1].samples]


class Receivers(Delivery):
    """One daemon with receivers of all kinds, each of which must get all but what it refused."""

    def endpoints(self):
        error = (500, {}, b"out to lunch")
        busy = (429, {"Retry-After": str(RETRY_AFTER_SECONDS)}, b"slow down")
        quick = QUICK % ""
        return {
            "well": (self.receiver(), quick),
            "dead": (self.receiver(up=False), quick),
            "outage": (self.receiver(up=False), quick),
            "failing": (self.receiver(script({1: error, 2: error, 3: error, 6: error})), quick),
            "busy": (self.receiver(script({2: busy})), QUICK % ", retry_on_http_429: true, max_shards: 1"),
            "strict": (self.receiver(script({2: busy})), QUICK % ", max_shards: 1"),
            "choosy": (self.receiver(script({3: (403, {}, b"not like this")})), QUICK % ", max_shards: 1"),
            "picky": (self.receiver(script({3: (400, {}, b"not all at once")})), QUICK % ", max_shards: 1"),
            "slow": (self.receiver(slow), quick),
        }

    def test_get_all_that_they_did_not_refuse(self):
        endpoints = self.endpoints()
        by_name = {name: receiver for name, (receiver, _) in endpoints.items()}
        daemon = self.run_daemon(endpoints, "--storage.remote.flush-deadline=2s")
        self.wait_for_scrapes(int(OUTAGE_SECONDS / INTERVAL))
        self.assertGreater(self.sum_of(daemon, "samples_pending", "outage"), 0)
        by_name["outage"].come_up()
        self.wait_for_scrapes(int(OUTAGE_SECONDS / INTERVAL) + 4)
        wait_until(lambda: self.sum_of(daemon, "samples_total", "outage") > 0, "the backlog is delivered")
        self.assert_counted(daemon, by_name)
        self.assertEqual(daemon.stop(), 0)
        self.assertIn("Failed to flush all samples on shutdown", daemon.logged())

        for name in ("well", "outage", "failing", "busy", "picky", "slow"):
            with self.subTest(name):
                self.assert_complete(by_name[name])
        for name, refused in (("strict", 2), ("choosy", 3)):
            with self.subTest(name):
                self.assert_complete(by_name[name], self.samples_of(by_name[name], refused))
        self.assertEqual(by_name["dead"].posts, [])
        self.assert_hold_off(by_name["busy"])
        self.assert_repeats(by_name["failing"])
        self.assert_requests(by_name["well"])

    def assert_counted(self, daemon, by_name):
        """The metrics tell what was refused, repeated and kept."""
        for name, refused in (("strict", 2), ("choosy", 3)):
            lost = len(by_name[name].posts[refused - 1].samples)
            self.assertEqual(self.sum_of(daemon, "samples_failed_total", name), lost)
            self.assertEqual(self.sum_of(daemon, "samples_retried_total", name), 0)
        for name in ("well", "dead", "outage", "failing", "busy", "picky", "slow"):
            self.assertEqual(self.sum_of(daemon, "samples_failed_total", name), 0, name)
        for name in ("failing", "busy", "outage", "dead"):
            self.assertGreater(self.sum_of(daemon, "samples_retried_total", name), 0, name)
        self.assertGreater(self.sum_of(daemon, "samples_pending", "dead"), 0)
        self.assertIn("server returned HTTP status 403 Forbidden: not like this", daemon.logged())
        shown = {each["name"]: each for each in daemon.data("/api/v1/status/remote_write")["endpoints"]}
        self.assertEqual(shown.keys(), by_name.keys())
        self.assertIn("connection refused", shown["dead"]["lastError"])
        self.assertEqual(shown["well"]["lastError"], "")

    def assert_hold_off(self, receiver):
        """After a Retry-After nothing comes before its time, whatever it holds; then the same batch comes again."""
        held_off = receiver.posts[1]
        self.assertEqual(held_off.status, 429)
        later = receiver.posts[2:]
        self.assertGreaterEqual(later[0].received - held_off.received, RETRY_AFTER_SECONDS - 0.05)
        again = [post for post in later if post.samples == held_off.samples]
        self.assertEqual([post.headers.get("Retry-Attempt") for post in again], ["1"])

    def assert_repeats(self, receiver):
        """What failed comes again as it was, and says how often it did."""
        failed = [post for post in receiver.posts if post.status == 500]
        self.assertEqual(len(failed), 4)
        for post in failed:
            again = [other for other in receiver.posts if other.samples == post.samples and other.status == 204]
            self.assertEqual(len(again), 1)
            self.assertGreater(int(again[0].headers["Retry-Attempt"]), 0)
        for post in receiver.posts:
            same = [other for other in receiver.posts if other.samples == post.samples]
            before = same.index(post)
            self.assertEqual(post.headers.get("Retry-Attempt"), str(before) if before else None)

    def assert_requests(self, receiver):
        """Every post is as remote write 1.0 has it, and every series carries its target and the external labels."""
        for post in receiver.posts:
            self.assertEqual(post.headers["Content-Encoding"], "snappy")
            self.assertEqual(post.headers["Content-Type"], "application/x-protobuf")
            self.assertEqual(post.headers["X-Prometheus-Remote-Write-Version"], "0.1.0")
            self.assertNotIn("Retry-Attempt", post.headers)
            self.assertLessEqual(len(post.samples), 100)
        addresses = {target.address for target in self.targets}
        for sample in receiver.accepted():
            labels = dict(sample.labels)
            self.assertEqual((labels["job"], labels["cluster"]), ("counted", "test"))
            self.assertIn(labels["instance"], addresses)


class AtTheEnd(Delivery):
    def test_a_signal_flushes_what_waits(self):
        receiver, other = self.receiver(), self.receiver(script({1: (503, {}, b"")}))
        daemon = self.run_daemon({"lazy": (receiver, LAZY), "failing": (other, LAZY)})
        self.wait_for_scrapes(3)
        self.assertEqual(receiver.posts, [])
        self.assertEqual(daemon.stop(), 0)
        self.assert_complete(receiver)
        self.assert_complete(other)
        self.assertEqual([post.status for post in other.posts], [503, 204])

    def test_a_request_flushes_what_waits(self):
        receiver = self.receiver()
        daemon = self.run_daemon({"lazy": (receiver, LAZY)}, "--web.enable-lifecycle")
        self.wait_for_scrapes(3)
        answer = daemon.get("/-/quit", "PUT")
        self.assertEqual((answer.status, answer.text), (200, "Requesting termination... Goodbye!"))
        self.assertEqual(daemon.wait(), 0)
        self.assert_complete(receiver)

    def test_a_second_signal_waits_for_nobody(self):
        daemon = self.run_daemon({"dead": (self.receiver(up=False), LAZY)}, "--storage.remote.flush-deadline=1h")
        self.wait_for_scrapes(2)
        daemon.send(rollcall_process.signal.SIGTERM)
        wait_until(lambda: daemon.get("/-/ready").status == 503, "it says that it ends")
        self.assertEqual(daemon.get("/-/ready").headers["X-Prometheus-Stopping"], "true")
        self.assertTrue(daemon.is_alive())
        self.assertEqual(daemon.stop(), 0)
        self.assertIn("exiting at once", daemon.logged())


if __name__ == "__main__":
    rollcall_process.main(sys.argv)
