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
from takeover import Takeovers

OUTAGE_SECONDS = 20


class StandbyPromises(Takeovers, PromiseTest):
    WORKERS = 2

    def arbiter(self):
        self.etcd = Etcd(self.directory)
        self.addCleanup(self.etcd.stop)
        self.etcd.start()
        return self.etcd.arbiter

    def test_nobody_leads_without_the_arbiter_and_what_runs_goes_on(self):
        load, cluster, _, before = self.started_pair()
        self.etcd.stop()
        wait_until(lambda: cluster.leader() is None, "nobody leads")
        load.await_intervals(OUTAGE_SECONDS / INTERVAL)
        self.etcd.start()
        cluster.await_leader()
        cluster.await_workers(self.WORKERS)
        load.await_intervals(load.fleet()["window"]["seconds"] / INTERVAL + 8)
        self.assertEqual(before, cluster.loads())
        self.check_nothing_went_wrong(load)


if __name__ == "__main__":
    if not knows_clusters(sys.argv[1]):
        skip(ROLES_MISSING)
    need("etcd", "etcd-server")
    enter_cluster_namespace()
    main(sys.argv)
