#!/usr/bin/env python3
"""What two coordinators promise, with every scrape counted, where three of the workers decide which one leads."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "daemon"))

from cluster import DRAIN_SECONDS_MAX, ROLES_MISSING, knows_clusters
from cluster_case import enter_cluster_namespace, main
from own_namespace import skip
from promises import PromiseTest
from rollcall_process import wait_until
from takeover import Takeovers

VOTERS = 3


class VoterPromises(Takeovers, PromiseTest):
    WORKERS = VOTERS + 1  # of which one does not vote

    def arbiter(self):
        return "workers://" + ",".join(f"worker-{number}" for number in range(VOTERS))

    def test_one_voter_more_or_less_changes_nothing(self):
        load, cluster, leader, _ = self.started_pair()
        epoch = cluster.status()["epoch"]
        voter = cluster.workers[0]
        self.assertEqual(0, voter.stop(DRAIN_SECONDS_MAX))
        cluster.await_workers(self.WORKERS - 1)
        voter.start()
        self.await_even(cluster, self.WORKERS)
        self.assertIs(leader, cluster.leader())
        self.assertEqual(epoch, cluster.status()["epoch"])
        self.check_nothing_went_wrong(load)

    def test_nobody_leads_without_a_majority_and_what_runs_goes_on(self):
        _, cluster, _, _ = self.started_pair()
        for voter in cluster.workers[:2]:
            voter.kill()
        wait_until(lambda: cluster.leader() is None, "nobody leads")
        for voter in cluster.workers[:2]:
            voter.start()
        cluster.await_leader()
        self.await_even(cluster, self.WORKERS)


if __name__ == "__main__":
    if not knows_clusters(sys.argv[1]):
        skip(ROLES_MISSING)
    enter_cluster_namespace()
    main(sys.argv)
