"""What is queued on disk survives: kills at random moments, restarts, outages, a receiver that moves, a refusal.

Targets count their own scrapes, so that a receiver which has every number has lost nothing.
"""

import os
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "daemon"))

import rollcall_process
from rollcall_process import DaemonTest, wait_until
from scripted_target import Target, metrics
from write_receiver import STALE_BITS, Receiver

TARGETS = 3
INTERVAL = "500ms"
# Samples that were scraped so shortly before a kill need not have been queued, and answers may have been lost.
GRACE_SECONDS = 3
ROUNDS = int(os.environ.get("ROLLCALL_CRASH_ROUNDS", "4"))
SEED = int(os.environ.get("ROLLCALL_CRASH_SEED", "1"))

CONFIG = """
global: {{scrape_interval: {interval}, scrape_timeout: {interval}}}
scrape_configs:
  - job_name: counted
    static_configs:
      - targets: [{targets}]
remote_write:
  - name: main
    url: '{url}'
    remote_timeout: 5s
    queue_config: {{batch_send_deadline: 100ms, min_backoff: 20ms, max_backoff: 200ms, max_samples_per_send: 100}}
"""

FLAGS = ("--storage.agent.queue.sync-interval=50ms", "--web.enable-lifecycle")


class Crash(DaemonTest):
    def setUp(self):
        super().setUp()
        self.targets = [self.closing(Target(metrics(lambda number: f"scrape_number {number}\n")))
                        for _ in range(TARGETS)]
        self.refusal = None  # what the receiver answers while it is not None
        self.unwanted = None  # the name of a metric that makes it refuse a request
        self.receiver = self.closing(Receiver(self.answer))
        # A sender that is killed resets its connections, which is no news here.
        self.receiver._server.handle_error = lambda *_: None

    def answer(self, number, samples):
        if any(sample.name == self.unwanted for sample in samples):
            return 400, {}, b"not with that"
        return self.refusal or (204, {}, b"")

    def run_daemon(self, *flags, url=None):
        addresses = ", ".join(target.address for target in self.targets)
        config = CONFIG.format(targets=addresses, url=url or self.receiver.url, interval=INTERVAL)
        return self.start(config, *FLAGS, *flags)

    def wait_for_scrapes(self, count):
        wanted = [len(target.scrapes) + count for target in self.targets]
        wait_until(lambda: all(len(target.scrapes) >= number for target, number in zip(self.targets, wanted)),
                   f"{count} more scrapes", 60)

    def endpoint(self, daemon):
        return daemon.data("/api/v1/status/remote_write")["endpoints"][0]

    def release(self, daemon, block):
        path = f"/api/v1/remote_write/set_aside/release?endpoint=main&sequence={block['sequence']}"
        return daemon.get(path, "POST")

    def numbers(self, receiver, name="scrape_number"):
        """Target's address -> the numbers of its scrapes, in order of arrival."""
        found = {}
        for sample in receiver.accepted():
            if sample.name == name and sample.bits != STALE_BITS:
                found.setdefault(dict(sample.labels)["instance"], []).append(int(sample.value))
        return found

    def missing(self, receiver, kills):
        """Scrapes that did not arrive though they were made long enough before a kill or the end.

        One that took too long, on a busy machine, shows as a target that is down.
        """
        arrived = self.numbers(receiver)
        down = {}
        for sample in receiver.accepted():
            if sample.name == "up" and sample.value == 0:
                address = dict(sample.labels)["instance"]
                down[address] = down.get(address, 0) + 1
        gone = []
        for target in self.targets:
            have = set(arrived.get(target.address, ()))
            lost = []
            for number, scraped in enumerate(target.scrapes, 1):
                excused = any(0 <= kill - scraped < GRACE_SECONDS for kill in kills)
                if number not in have and not excused:
                    lost.append((target.address, number))
            if len(lost) > down.get(target.address, 0):
                gone += lost
        return gone

    def assert_order(self, receiver):
        """Time does not go back in any series; the same sample may come twice."""
        newest = {}
        for sample in receiver.accepted():
            self.assertGreaterEqual(sample.timestamp, newest.get(sample.labels, 0), sample.labels)
            newest[sample.labels] = sample.timestamp

    def assert_duplicates(self, receiver, kills):
        """What comes twice came first shortly before a kill, which took its answer along."""
        first = {}
        for post in receiver.posts:
            if post.status // 100 != 2:
                continue
            for sample in post.samples:
                earlier = first.setdefault((sample.labels, sample.timestamp), post)
                if earlier is not post:
                    lost = any(0 <= kill - earlier.received < GRACE_SECONDS for kill in kills)
                    self.assertTrue(lost, f"{sample} came twice, and no answer was lost")

    def test_kills_at_random_moments_lose_nothing(self):
        chance = random.Random(SEED)
        kills = []
        daemon = self.run_daemon()
        for _ in range(ROUNDS):
            self.refusal = (503, {}, b"away") if chance.random() < 0.6 else None
            self.wait_for_scrapes(4 + chance.randrange(8))
            time.sleep(chance.random() * 0.5)
            daemon.kill()
            kills.append(time.monotonic())
            daemon = self.run_daemon()
        self.refusal = None
        self.wait_for_scrapes(3)
        self.assertEqual(daemon.stop(), 0)
        kills.append(time.monotonic())
        self.assertEqual(self.receiver.faults, [])
        self.assertEqual(self.missing(self.receiver, kills), [], f"seed {SEED}")
        self.assert_order(self.receiver)
        self.assert_duplicates(self.receiver, kills[:-1])

    def test_what_could_not_be_delivered_waits_for_the_next_start(self):
        self.refusal = (503, {}, b"away")
        daemon = self.run_daemon("--storage.remote.flush-deadline=100ms")
        self.wait_for_scrapes(10)
        self.assertEqual(daemon.stop(), 0)
        first_end = time.monotonic()
        self.assertEqual(self.receiver.accepted(), [])
        # The receiver has moved, which changes nothing about whose samples these are.
        moved = self.closing(Receiver())
        daemon = self.run_daemon(url=moved.url)
        wait_until(lambda: moved.accepted(), "the backlog is delivered")
        self.wait_for_scrapes(1)
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.missing(moved, [first_end, time.monotonic()]), [])
        self.assertEqual({numbers[0] for numbers in self.numbers(moved).values()}, {1})
        self.assert_order(moved)

    def test_a_second_process_on_the_same_directory_refuses_to_start(self):
        daemon = self.run_daemon()
        second = self.run_to_end(f"--config.file={daemon.config}", "--web.listen-address=127.0.0.1:0",
                                 f"--storage.agent.path={self.directory}/data")
        self.assertEqual(second.returncode, 1)
        self.assertIn("is in use by another process", second.stderr)
        self.assertTrue(daemon.is_alive())

    def test_what_is_refused_is_kept_with_the_reason_until_it_is_released(self):
        self.refusal = (400, {}, b"not like this")
        daemon = self.run_daemon()
        # It is shown at once and written a moment later: the first is on disk when others have followed.
        several = lambda: len(shown := self.endpoint(daemon)["queue"]["setAside"]) > 3 and shown
        shown = wait_until(several, "some are set aside")
        self.assertIn("not like this", shown[0]["reason"])
        daemon.kill()
        self.refusal = None
        daemon = self.run_daemon()
        wait_until(lambda: shown[0] in self.endpoint(daemon)["queue"]["setAside"], "it is still there")
        before = len(self.receiver.accepted())
        self.assertEqual(self.release(daemon, shown[0]).status, 200)
        wait_until(lambda: shown[0] not in self.endpoint(daemon)["queue"]["setAside"], "it is released")
        wait_until(lambda: len(self.receiver.accepted()) > before, "it is delivered")
        self.assertEqual(self.release(daemon, shown[0]).status, 404)

    def test_of_a_request_only_the_series_that_is_refused_stays_behind(self):
        expose = metrics(lambda number: f"scrape_number {number}\npoison {number}\n")
        self.targets = [self.closing(Target(expose)) for _ in range(TARGETS)]
        self.unwanted = "poison"
        daemon = self.run_daemon()
        self.wait_for_scrapes(6)
        daemon.kill()
        kills = [time.monotonic()]
        daemon = self.run_daemon()
        self.wait_for_scrapes(4)
        set_aside = lambda: self.endpoint(daemon)["queue"]["setAside"]

        def release_all():
            for block in set_aside():
                self.assertIn("not with that", block["reason"])
                self.release(daemon, block)
            return not set_aside()

        wait_until(set_aside, "something is set aside")
        self.unwanted = None
        wait_until(release_all, "all is released")
        self.assertEqual(daemon.stop(), 0)
        kills.append(time.monotonic())
        self.assertEqual(self.missing(self.receiver, kills), [])
        for address, numbers in self.numbers(self.receiver).items():
            self.assertEqual(set(self.numbers(self.receiver, "poison")[address]), set(numbers))
        self.assert_duplicates(self.receiver, kills[:-1])


if __name__ == "__main__":
    rollcall_process.main(sys.argv)
