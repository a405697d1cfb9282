"""A cluster that has come to rest, in a window in which nothing may go wrong.

ROLLCALL_CLUSTER_TARGETS and ROLLCALL_CLUSTER_INTERVAL (seconds) make it smaller or larger.
"""

import os

from cluster_case import ClusterTest
from load import Faults
from rollcall_process import wait_until

TARGETS = int(os.environ.get("ROLLCALL_CLUSTER_TARGETS", "10000"))
INTERVAL = float(os.environ.get("ROLLCALL_CLUSTER_INTERVAL", "15"))
SCALE_SECONDS_MAX = 300


class PromiseTest(ClusterTest):
    def started(self, workers=2, **others):
        """A cluster that has scraped everything and come to rest, and a window that begins."""
        load = self.load(TARGETS, INTERVAL)
        cluster = self.cluster(load, **others)
        cluster.start(workers)
        load.await_all_scraped(120)
        self.await_even(cluster, workers)
        # A target's slots count from its last scrape before the window, which must be one that came at its time.
        load.begin()
        load.await_intervals(2)
        load.begin()
        return load, cluster

    def await_even(self, cluster, workers):
        """Until so many workers share the targets: they all cost about the same."""

        def is_even():
            loads = cluster.loads().values()
            return len(loads) == workers and sum(loads) == TARGETS and max(loads) * workers <= 1.1 * TARGETS

        wait_until(is_even, f"{workers} workers share the targets: {cluster.loads()}", SCALE_SECONDS_MAX)

    def check_nothing_went_wrong(self, load):
        """Also not in two more intervals: what happened last shows by then."""
        load.await_intervals(load.fleet()["window"]["seconds"] / INTERVAL + 2)
        faults = load.faults()
        print(f"{self.id().rpartition('.')[2]}: {load.scrapes()} scrapes, {faults}", flush=True)
        self.assertEqual(Faults(), faults)
