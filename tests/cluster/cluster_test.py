#!/usr/bin/env python3
"""What a cluster promises, with every scrape counted.

ROLLCALL_CLUSTER_TARGETS and ROLLCALL_CLUSTER_INTERVAL (seconds) make it smaller or larger; ROLLCALL_CLUSTER_NOISE says
for how many seconds random bytes go to the cluster port.
"""

import os
import random
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "daemon"))

from certificates import Authority
from cluster import DRAIN_SECONDS_MAX, ROLES_MISSING, knows_clusters
from cluster_case import enter_cluster_namespace, main
from hosts import heal_partition, partition
from node import CLUSTER_PORT, Node
from own_namespace import skip
from promises import INTERVAL, SCALE_SECONDS_MAX, TARGETS, PromiseTest
from rollcall_process import wait_until

NOISE_SECONDS = float(os.environ.get("ROLLCALL_CLUSTER_NOISE", "600"))
PARTITION_SECONDS = 60
COPY_SECONDS_MAX = 15  # after a scrape with other series
REPORT_SERIES = 5  # what a scrape says of itself
SILENCE_SECONDS_MIN = 12  # at shorter intervals series look silent that are on their way
STRICT = "--cluster.lease-policy=strict"
AVAILABLE = "--cluster.lease-policy=available"


class ClusterPromises(PromiseTest):
    def await_empty(self, cluster, worker):
        wait_until(lambda: cluster.owned_by(worker) == 0, f"{worker.name} has no targets", DRAIN_SECONDS_MAX)

    def test_a_third_worker_joins(self):
        load, cluster = self.started()
        third = cluster.add_worker()
        third.start()
        self.await_even(cluster, 3)
        self.assertLessEqual(cluster.owned_by(third), 1.2 * TARGETS / 3)
        self.check_nothing_went_wrong(load)

    def test_a_worker_is_drained(self):
        load, cluster = self.started(3)
        drained = cluster.workers[1]
        cluster.command("drain", drained.name)
        self.assertIn(drained.name, cluster.command("status"))
        self.await_empty(cluster, drained)
        self.check_nothing_went_wrong(load)

    def test_a_worker_that_is_asked_to_end_gives_its_targets_away_first(self):
        load, cluster = self.started(3)
        self.assertEqual(0, cluster.workers[1].stop(DRAIN_SECONDS_MAX))
        self.await_even(cluster, 2)
        self.check_nothing_went_wrong(load)

    def test_all_workers_are_restarted_one_after_another(self):
        load, cluster = self.started(3)
        for worker in cluster.workers:
            self.assertEqual(0, worker.stop(DRAIN_SECONDS_MAX))
            worker.start()
            self.await_even(cluster, 3)
        self.check_nothing_went_wrong(load)

    def test_from_one_worker_to_eight(self):
        load, cluster = self.started(1)
        for number in range(2, 9):
            cluster.add_worker().start()
            cluster.await_workers(number)
        self.await_even(cluster, 8)
        self.check_nothing_went_wrong(load)

    def test_the_coordinator_is_killed_and_started_again(self):
        load, cluster = self.started()
        before = cluster.loads()
        cluster.coordinators[0].kill()
        load.await_intervals(4)
        cluster.coordinators[0].start()
        cluster.await_workers(2)
        load.await_intervals(8)
        self.assertEqual(before, cluster.loads())
        self.check_nothing_went_wrong(load)

    def test_a_worker_is_killed(self):
        load, cluster = self.started(3)
        killed = cluster.workers[1]
        owned = cluster.owned_by(killed)
        killed.kill()
        self.await_even(cluster, 2)
        load.await_intervals(load.fleet()["window"]["seconds"] / INTERVAL + 2)
        faults = load.faults()
        print(f"killed a worker that had {owned} targets: {faults}", flush=True)
        self.assertLessEqual(faults.missed_by_one_target_max, 1)
        self.assertLessEqual(faults.targets_missed, owned)
        self.assertEqual((0, 0), (faults.doubled, faults.stale_markers))

    def await_copied(self, load, cluster):
        """Until there is a copy of every target, also of those that failed at first: they are copied anew."""

        def is_copied():
            return cluster.status().get("copies", {}).get("targets") == TARGETS

        wait_until(is_copied, "everything is copied", SCALE_SECONDS_MAX)
        load.await_intervals((load.fleet()["window"]["seconds"] + COPY_SECONDS_MAX) / INTERVAL)

    def test_what_vanishes_while_its_owner_is_dead_goes_stale(self):
        load, cluster = self.started(3)
        self.await_copied(load, cluster)
        killed = cluster.workers[1]
        owned = cluster.owned_by(killed)
        killed.kill()
        load.shorten()
        gone = TARGETS // 10
        load.keep_targets(TARGETS - gone)
        wait_until(lambda: sum(cluster.loads().values()) == TARGETS - gone, "all is taken over", SCALE_SECONDS_MAX)
        load.await_intervals(load.fleet()["window"]["seconds"] / INTERVAL + 4)
        faults = load.faults()
        print(f"killed a worker of {owned} targets, of which some vanished: {faults}", flush=True)
        delivered = load.sink()
        # One series of each, and all of those that are gone; whoever was marked once stays so.
        self.assertEqual(TARGETS + gone * (load.series - 1), faults.stale_markers)
        self.assertEqual(gone * REPORT_SERIES, delivered["window"]["report_stale_markers"])
        if INTERVAL >= SILENCE_SECONDS_MIN:
            self.assertEqual(0, delivered["series_silent"])
        self.assertEqual((0, 0), (faults.doubled, faults.duplicates))

    def part(self, policy):
        """A worker is cut off from its coordinator for a while; what came of it."""
        load, cluster = self.started(3, flags=[policy])
        cut_off = cluster.workers[1].host
        partition(cut_off, cluster.coordinators[0].host)
        load.await_intervals(PARTITION_SECONDS / INTERVAL)
        heal_partition(cut_off, cluster.coordinators[0].host)
        cluster.await_workers(3)
        load.await_intervals(load.fleet()["window"]["seconds"] / INTERVAL + 4)
        faults = load.faults()
        print(f"cut off for {PARTITION_SECONDS} s with {policy}: {faults}", flush=True)
        return faults

    def test_a_worker_that_is_cut_off_scrapes_nothing_twice_when_it_is_strict(self):
        faults = self.part(STRICT)
        self.assertEqual((0, 0), (faults.doubled, faults.stale_markers))

    def test_a_worker_that_is_cut_off_goes_on_when_it_is_available(self):
        faults = self.part(AVAILABLE)
        self.assertEqual((0, 0), (faults.missed, faults.stale_markers))

    def test_a_worker_freezes_and_thaws(self):
        load, cluster = self.started(3, flags=[STRICT])
        frozen = cluster.workers[1]
        frozen.freeze()
        self.await_even(cluster, 2)
        frozen.thaw()
        cluster.await_workers(3)
        load.await_intervals(load.fleet()["window"]["seconds"] / INTERVAL + 4)
        faults = load.faults()
        print(f"froze a worker: {faults}", flush=True)
        self.assertLessEqual(faults.missed_by_one_target_max, 1)
        self.assertEqual((0, 0), (faults.doubled, faults.stale_markers))

    def test_strangers_and_noise_change_nothing(self):
        load, cluster = self.started()
        before = cluster.loads()
        stranger = self.stranger(cluster)
        stranger.launch()
        noise = random.Random(1)
        end = time.monotonic() + NOISE_SECONDS
        sent = 0
        while time.monotonic() < end:
            for node in cluster.nodes:
                sent += self.send_noise(node, noise)
        print(f"{sent} bytes of noise", flush=True)
        self.assertTrue(all(node.is_alive() for node in cluster.nodes))
        self.assertEqual(before, cluster.loads())
        self.check_nothing_went_wrong(load)

    def stranger(self, cluster):
        """A worker whose certificate another authority signed."""
        host = self.host("stranger")
        identity = Authority(self.directory / "strangers").sign(host.name, host.address)
        node = Node(
            host, self.program, self.directory, "--cluster.role=worker",
            f"--cluster.node-name={cluster.workers[0].name}",
            f"--cluster.join={','.join(cluster.addresses)}", *identity.flags())  # fmt: skip
        self.addCleanup(node.kill)
        return node

    def send_noise(self, node, noise):
        """Bytes sent to the node's cluster port before it closed the connection."""
        sent = 0
        try:
            with socket.create_connection((node.host.address, CLUSTER_PORT), 1) as connection:
                connection.settimeout(0.1)
                for _ in range(noise.randrange(1, 20)):
                    sent += connection.send(noise.randbytes(noise.choice((1, 16, 32, 36, 1000, 65536))))
        except OSError:
            pass  # it does not have to listen to the end
        return sent


if __name__ == "__main__":
    if not knows_clusters(sys.argv[1]):
        skip(ROLES_MISSING)
    enter_cluster_namespace()
    main(sys.argv)
