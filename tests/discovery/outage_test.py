"""Registries that die, and a daemon that is restarted meanwhile: what was known goes on being scraped.

The outage takes some seconds, or as many as ROLLCALL_OUTAGE says.
"""

import os
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "daemon"), str(TESTS / "fakes/discovery")]

import rollcall_process  # noqa: E402
from consul_server import ConsulServer  # noqa: E402
from registries import GroupServer  # noqa: E402
from rollcall_process import DaemonTest, wait_until  # noqa: E402
from scripted_target import Target, metrics  # noqa: E402

OUTAGE_SECONDS = float(os.environ.get("ROLLCALL_OUTAGE", "4"))
TARGETS_PER_JOB = 3
# Longer than any machine takes to have every target scraped once more.
PATIENCE_SECONDS = 30

CONFIG = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms}}
scrape_configs:
- job_name: http
  http_sd_configs: [{{url: '{http}/sd', refresh_interval: 250ms}}]
- job_name: consul
  consul_sd_configs: [{{server: '{consul}', refresh_interval: 250ms}}]
"""


class Outage(DaemonTest):
    def setUp(self):
        super().setUp()
        self.http = self.closing(GroupServer())
        self.consul = self.closing(ConsulServer())
        self.found_by_http = [self.new_target() for _ in range(TARGETS_PER_JOB)]
        self.found_by_consul = [self.new_target() for _ in range(TARGETS_PER_JOB)]
        self.publish()

    def new_target(self):
        return self.closing(Target(metrics("a 1\n")))

    def publish(self):
        with self.http.changing():
            self.http.groups = [{"targets": [each.address]} for each in self.found_by_http]
        with self.consul.changing():
            self.consul.services = {}
            for number, each in enumerate(self.found_by_consul):
                host, port = each.address.split(":")
                self.consul.add("web", f"n{number}", host, int(port))

    def start_daemon(self, *flags):
        config = CONFIG.format(http=self.http.url, consul=self.consul.address)
        self.daemon = self.start(config, "--discovery.snapshot.grace=500ms", *flags)

    def known(self):
        return self.found_by_http + self.found_by_consul

    def all_are_scraped(self):
        before = [len(each.scrapes) for each in self.known()]
        wait_until(lambda: all(len(each.scrapes) > count for each, count in zip(self.known(), before)),
                   "every target is scraped once more", PATIENCE_SECONDS)

    def goes_on_for(self, seconds):
        end = time.monotonic() + seconds
        self.all_are_scraped()
        while time.monotonic() < end:
            self.all_are_scraped()

    def providers(self):
        return self.daemon.data("/api/v1/discovery")["providers"]

    def wait_for_states(self, state):
        wait_until(lambda: [each["state"] for each in self.providers()] == [state, state],
                   f"both providers are in state {state}", PATIENCE_SECONDS)

    def snapshots(self):
        return sorted((self.directory / "data" / "discovery").glob("*.snapshot"))

    def wait_for_snapshots(self):
        wait_until(lambda: len(self.snapshots()) == 2, "both snapshots are on disk")

    def registries_die(self):
        self.http.stop()
        self.consul.stop()

    def registries_come_back(self):
        self.http.start()
        self.consul.start()

    def is_bridged(self, end):
        """The daemon ends by `end` during the outage."""
        self.start_daemon()
        self.all_are_scraped()
        self.wait_for_snapshots()
        self.registries_die()
        self.goes_on_for(OUTAGE_SECONDS / 2)
        end(self.daemon)

        self.start_daemon()
        self.goes_on_for(OUTAGE_SECONDS / 2)
        self.wait_for_states("snapshot")
        for provider in self.providers():
            self.assertTrue(provider["snapshot"])
            self.assertTrue(provider["snapshotTime"])
            self.assertEqual(provider["targets"], TARGETS_PER_JOB)
            age = "rollcall_discovery_snapshot_timestamp_seconds"
            confirmed = self.daemon.metric(age, mechanism=provider["mechanism"])
            self.assertAlmostEqual(confirmed, time.time(), delta=OUTAGE_SECONDS + PATIENCE_SECONDS * 4)
        self.assertEqual(self.daemon.get("/targets").text.count("from snapshot"), 2)

        # What came and went meanwhile shows as soon as the registries are back.
        gone = [self.found_by_http.pop(), self.found_by_consul.pop()]
        self.found_by_http.append(self.new_target())
        self.found_by_consul.append(self.new_target())
        self.publish()
        self.registries_come_back()
        self.wait_for_states("running")
        self.all_are_scraped()
        expected = sorted(each.url for each in self.known())
        wait_until(lambda: sorted(self.daemon.targets()) == expected, f"the targets are {expected}, without {gone}")
        self.assertFalse(any(each["snapshot"] for each in self.providers()))
        self.assertNotIn("from snapshot", self.daemon.get("/targets").text)

    def test_a_restart_in_good_order(self):
        self.is_bridged(lambda daemon: self.assertEqual(daemon.stop(), 0))

    def test_a_kill(self):
        self.is_bridged(lambda daemon: daemon.kill())

    def test_a_damaged_snapshot_costs_its_own_targets_alone(self):
        self.start_daemon()
        self.all_are_scraped()
        self.wait_for_snapshots()
        self.daemon.kill()
        [damaged] = [each for each in self.snapshots() if each.name.startswith("http-")]
        damaged.write_bytes(damaged.read_bytes()[:-3])
        self.registries_die()
        self.start_daemon()
        self.found_by_http = []
        self.all_are_scraped()
        self.assertEqual(len(self.daemon.targets("http")), 0)
        self.assertTrue(damaged.with_name(damaged.name + ".damaged").exists())
        self.assertIn("set aside", self.daemon.logged())

    def test_a_registry_that_loses_its_memory_is_not_believed_at_once(self):
        self.start_daemon("--discovery.removal-guard.share=0.5", "--discovery.removal-guard.hold=1h")
        self.all_are_scraped()
        known = self.known()
        with self.http.changing():
            self.http.groups = []
        wait_until(lambda: "holding" in [each["state"] for each in self.providers()], "the removal is held back")
        [provider] = [each for each in self.providers() if each["mechanism"] == "http"]
        self.assertEqual(provider["heldTargets"], TARGETS_PER_JOB)
        self.assertTrue(provider["heldUntil"])
        self.assertEqual(self.daemon.metric("rollcall_discovery_held_targets", mechanism="http"), TARGETS_PER_JOB)
        self.all_are_scraped()
        self.assertEqual(sorted(self.daemon.targets()), sorted(each.url for each in known))
        self.publish()
        self.wait_for_states("running")

    def test_a_healthy_start_does_not_use_its_snapshots(self):
        self.start_daemon()
        self.all_are_scraped()
        self.wait_for_snapshots()
        self.assertEqual(self.daemon.stop(), 0)
        gone = [self.found_by_http.pop(), self.found_by_consul.pop()]
        self.publish()
        counts = [len(each.scrapes) for each in gone]
        self.start_daemon("--discovery.snapshot.grace=1h")
        self.all_are_scraped()
        self.wait_for_states("running")
        self.assertEqual([len(each.scrapes) for each in gone], counts)


if __name__ == "__main__":
    rollcall_process.main(sys.argv)
