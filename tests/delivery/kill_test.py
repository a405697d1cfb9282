"""Kills at random moments while the receiver does all that a receiver can do wrong: nothing is lost or made up.

What counts is a scrape whose answer was given SETTLING_SECONDS before a kill, or earlier by as much as the machine was
late then: the daemon is to read it, to parse it, and to note it on disk. ROLLCALL_KILL_ROUNDS and ROLLCALL_KILL_SEED
choose how many kills there are and when.
"""

import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "daemon"))

# In memory where that can be had: a disk that stalls the process is not what this is about.
if Path("/dev/shm").is_dir():
    tempfile.tempdir = "/dev/shm"

import rollcall_process
from rollcall_process import DaemonTest, wait_until
from counted_target import CountedTarget, age_at_end, differences
from machine_watch import SETTLING_SECONDS, MachineWatch
from hostile_receiver import SLOW_SECONDS, HostileReceiver

TARGETS = 4
ROUNDS = int(os.environ.get("ROLLCALL_KILL_ROUNDS", "4"))
SEED = int(os.environ.get("ROLLCALL_KILL_SEED", "1"))
LIFE_SECONDS = (0.2, 2.0)  # after it was ready
DRAIN_SECONDS_MAX = 60
PENDING_MAX = 500  # samples that are on their way when all is well

CONFIG = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: counted
    static_configs:
      - targets: [{targets}]
remote_write:
  - name: main
    url: '{url}'
    remote_timeout: 5s
    queue_config: {{batch_send_deadline: {deadline}, min_backoff: 20ms, max_backoff: 200ms, max_samples_per_send: 70,
                    retry_on_http_429: true}}
"""


class Kill(DaemonTest):
    def setUp(self):
        super().setUp()
        self.chance = random.Random(SEED)
        # Half of the seeds deliver out of order.
        self.strict = SEED % 2 == 1
        self.targets = [self.closing(CountedTarget()) for _ in range(TARGETS)]
        self.receiver = self.closing(HostileReceiver(SEED))
        self.kills = []
        self.watch = self.closing(MachineWatch())

    def run_daemon(self):
        addresses = ", ".join(target.address for target in self.targets)
        deadline = self.chance.choice(("50ms", "5s"))
        config = CONFIG.format(targets=addresses, url=self.receiver.url, deadline=deadline)
        order = "strict" if self.strict else "live-first"
        return self.start(config, "--web.enable-lifecycle", f"--storage.agent.queue.order={order}")

    def endpoint(self, daemon):
        return daemon.data("/api/v1/status/remote_write")["endpoints"][0]

    def release_all(self, daemon):
        """Has the receiver get what it refused, and waits until it has all."""
        released = set()
        path = "/api/v1/remote_write/set_aside/release?endpoint=main&sequence="

        def nothing_left():
            shown = self.endpoint(daemon)
            for block in shown["queue"]["setAside"]:
                if block["sequence"] not in released:
                    released.add(block["sequence"])
                    daemon.get(path + str(block["sequence"]), "POST")
            return not shown["queue"]["setAside"] and shown["samplesPending"] < PENDING_MAX

        # From then on it is known what the disk has.
        wait_until(lambda: self.endpoint(daemon)["samplesDelivered"] > 0, "something is delivered", DRAIN_SECONDS_MAX)
        wait_until(nothing_left, "what was refused is released", DRAIN_SECONDS_MAX)
        return len(released)

    def test_kills_lose_nothing(self):
        daemon = self.run_daemon()
        for _ in range(ROUNDS):
            time.sleep(self.chance.uniform(*LIFE_SECONDS))
            daemon.kill()
            self.kills.append(time.monotonic())
            daemon = self.run_daemon()
        self.receiver.calm_down()
        released = self.release_all(daemon)
        # What is answered while it ends need not count.
        for target in self.targets:
            target.close()
        self.kills.append(time.monotonic())
        self.assertEqual(daemon.stop(), 0)
        self.check(released)

    def check(self, released):
        kept = self.receiver.kept()
        missing, faults = differences(self.targets, [sample for arrival in kept for sample in arrival.samples])
        ages = {scrape: self.age_at_kill(scrape) for scrape in missing}
        scrapes = sum(len(target.answers) for target in self.targets)
        print(f"seed {SEED}: {len(self.kills) - 1} kills, {scrapes} scrapes, {len(self.receiver.arrivals)} posts "
              f"{self.receiver.deeds()}, {released} released; of {len(missing)} scrapes something is missing, "
              f"the oldest was {max(ages.values(), default=0) * 1000:.0f} ms old at the kill", flush=True)
        self.assertEqual(self.receiver.faults, [])
        self.assertEqual(faults, [], f"seed {SEED}")
        lost = {each: age for each, age in ages.items() if age > self.settling(each, age)}
        self.assertEqual(lost, {}, f"seed {SEED}")
        self.check_duplicates(kept)
        if self.strict:
            self.check_order(kept)

    def settling(self, scrape, age):
        """How old it may be at a kill and need not be safe."""
        return self.watch.settling_seconds(scrape.answered, scrape.answered + age)

    def age_at_kill(self, scrape):
        """How long before the next kill it was answered."""
        return age_at_end(scrape, self.kills)

    def check_duplicates(self, kept):
        """What comes twice came first with an answer that was lost, on its way or with the daemon."""
        first = {}
        for arrival in kept:
            for sample in arrival.samples:
                earlier = first.setdefault((sample.labels, sample.timestamp), arrival)
                if earlier is not arrival:
                    soon = SLOW_SECONDS + SETTLING_SECONDS
                    lost = not earlier.answered or any(0 <= kill - earlier.kept < soon for kill in self.kills)
                    self.assertTrue(lost, f"{sample} came twice, and no answer was lost")

    def check_order(self, kept):
        """What comes for the first time is newer than what came before in its series, but for what was refused once."""
        refused = {(sample.labels, sample.timestamp) for arrival in self.receiver.arrivals
                   if arrival.deed == "poison" for sample in arrival.samples}
        newest, seen = {}, set(refused)
        for arrival in kept:
            for sample in arrival.samples:
                if (sample.labels, sample.timestamp) in seen:
                    continue
                seen.add((sample.labels, sample.timestamp))
                self.assertGreater(sample.timestamp, newest.get(sample.labels, 0), sample.labels)
                newest[sample.labels] = sample.timestamp


if __name__ == "__main__":
    rollcall_process.main(sys.argv)
