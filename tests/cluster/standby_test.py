#!/usr/bin/env python3
"""What two coordinators promise, with every scrape counted, and etcd as their arbiter."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "daemon"))

from cluster import ROLES_MISSING, knows_clusters
from cluster_case import enter_cluster_namespace, main
from etcd import Etcd
from own_namespace import need, skip
from promises import INTERVAL, PromiseTest
from rollcall_process import wait_until

OUTAGE_SECONDS = 20


class StandbyPromises(PromiseTest):
    def started_pair(self):
        """Two coordinators, of which one leads, and two workers that share the targets."""
        self.etcd = Etcd(self.directory)
        self.addCleanup(self.etcd.stop)
        self.etcd.start()
        load, cluster = self.started(coordinators=2, flags=[f"--cluster.arbiter={self.etcd.arbiter}"])
        return load, cluster, cluster.leader(), cluster.loads()

    def check_takeover(self, load, cluster, before, gone, epoch):
        """Somebody else leads, in a higher epoch, and everything is where it was."""
        leader = cluster.await_leader(other_than=gone)
        cluster.await_workers(2)
        load.await_intervals(8)
        self.assertGreater(cluster.status()["epoch"], epoch)
        self.assertEqual(before, cluster.loads())
        self.assertEqual([], cluster.status()["moves"])
        self.assertIsNot(gone, leader)

    def test_the_leader_is_killed(self):
        load, cluster, leader, before = self.started_pair()
        epoch = cluster.status()["epoch"]
        leader.kill()
        self.check_takeover(load, cluster, before, leader, epoch)
        # Whoever comes back stands by.
        leader.start()
        self.assertEqual("standby", cluster.status(leader)["role"])
        self.check_nothing_went_wrong(load)

    def test_the_leader_is_asked_to_end(self):
        load, cluster, leader, before = self.started_pair()
        epoch = cluster.status()["epoch"]
        self.assertEqual(0, leader.stop())
        self.check_takeover(load, cluster, before, leader, epoch)
        self.check_nothing_went_wrong(load)

    def test_a_frozen_leader_that_thaws_is_fenced(self):
        load, cluster, leader, before = self.started_pair()
        epoch = cluster.status()["epoch"]
        cluster.freeze(leader)
        self.check_takeover(load, cluster, before, leader, epoch)
        cluster.thaw(leader)
        wait_until(lambda: cluster.status(leader)["role"] == "standby", "the one that was frozen stands by")
        load.await_intervals(load.fleet()["window"]["seconds"] / INTERVAL + 4)
        self.assertIsNot(leader, cluster.leader())
        self.assertEqual(before, cluster.loads())
        self.check_nothing_went_wrong(load)

    def test_nobody_leads_without_the_arbiter_and_what_runs_goes_on(self):
        load, cluster, _, before = self.started_pair()
        self.etcd.stop()
        wait_until(lambda: cluster.leader() is None, "nobody leads")
        load.await_intervals(OUTAGE_SECONDS / INTERVAL)
        self.etcd.start()
        cluster.await_leader()
        cluster.await_workers(2)
        load.await_intervals(load.fleet()["window"]["seconds"] / INTERVAL + 8)
        self.assertEqual(before, cluster.loads())
        self.check_nothing_went_wrong(load)


if __name__ == "__main__":
    if not knows_clusters(sys.argv[1]):
        skip(ROLES_MISSING)
    need("etcd", "etcd-server")
    enter_cluster_namespace()
    main(sys.argv)
