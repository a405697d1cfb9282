#!/usr/bin/env python3
"""The harness itself: what it does to hosts and processes happens, and is seen in the counts.

Daemons that know nothing of each other are enough for that.
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "daemon"))

from cluster_case import ClusterTest, enter_cluster_namespace, main
from hosts import heal_partition, partition
from node import WEB_PORT
from rollcall_process import wait_until

TARGETS = 40
INTERVAL = 1.0


class Harness(ClusterTest):
    def scraped(self):
        """One daemon that has scraped everything, and a window that begins."""
        load = self.load(TARGETS, INTERVAL)
        node = self.standalone("alone", load)
        node.start()
        load.await_all_scraped()
        load.begin()
        return load, node

    def test_one_daemon_scrapes_each_target_once_an_interval(self):
        load, _ = self.scraped()
        load.await_intervals(6)
        faults = load.faults()
        # A machine that has much else to do delays some beyond their interval, but not most.
        self.assertLess(2 * faults.missed, load.scrapes())
        self.assertLess(2 * faults.doubled, load.scrapes())
        self.assertEqual((0, 0, 0), (faults.stale_markers, faults.duplicates, faults.out_of_order))

    def test_a_frozen_daemon_misses_scrapes_and_goes_on_when_it_thaws(self):
        load, node = self.scraped()
        node.freeze()
        load.await_intervals(4)
        frozen = load.faults()
        self.assertEqual(TARGETS, frozen.targets_missed)
        self.assertGreaterEqual(frozen.missed_by_one_target_max, 2)
        node.thaw()
        load.begin()
        wait_until(lambda: load.scrapes() >= TARGETS, "scrapes go on")

    def test_a_killed_daemon_misses_scrapes_until_it_is_started_again(self):
        load, node = self.scraped()
        node.kill()
        self.assertFalse(node.is_alive())
        load.await_intervals(3)
        self.assertEqual(TARGETS, load.faults().targets_missed)
        node.start()
        load.begin()
        wait_until(lambda: load.scrapes() >= 2 * TARGETS, "scrapes go on")

    def test_a_daemon_ends_when_it_is_asked_to(self):
        _, node = self.scraped()
        self.assertEqual(0, node.stop())

    def test_an_isolated_host_reaches_nobody_until_it_is_healed(self):
        load, node = self.scraped()
        node.host.isolate()
        load.await_intervals(4)
        self.assertEqual(TARGETS, load.faults().targets_missed)
        node.host.heal()
        load.begin()
        wait_until(lambda: load.scrapes() >= 2 * TARGETS, "scrapes go on", 60)

    def test_a_partition_is_between_two_hosts_alone(self):
        load, node = self.scraped()
        other = self.host("other")
        self.assertTrue(self.reaches(other, node))
        partition(other, node.host)
        self.assertFalse(self.reaches(other, node))
        self.assertEqual(200, node.get("/-/ready").status)
        load.begin()
        wait_until(lambda: load.scrapes() >= 2 * TARGETS, "scrapes go on", 60)
        heal_partition(other, node.host)
        self.assertTrue(self.reaches(other, node))

    def reaches(self, host, node):
        """Whether a connection from the host to the node's web server comes about."""
        connect = f"import socket; socket.create_connection(('{node.host.address}', {WEB_PORT}), 1)"
        done = subprocess.run(host.command(sys.executable, "-c", connect), capture_output=True, check=False)
        return done.returncode == 0

    def test_a_staleness_marker_is_counted(self):
        load, _ = self.scraped()
        load.keep_targets(TARGETS - 1)
        wait_until(lambda: load.faults().stale_markers > 0, "the series of a forgotten target go stale", 60)


if __name__ == "__main__":
    enter_cluster_namespace()
    main(sys.argv)
