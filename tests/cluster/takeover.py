"""What one of several coordinators promises when the one that leads is gone, whoever decides who leads."""

from promises import INTERVAL
from rollcall_process import wait_until


class Takeovers:
    """Tests for a PromiseTest that says by `arbiter()` what decides, and by `WORKERS` how many workers there are."""

    def started_pair(self):
        """Two coordinators, of which one leads, and workers that share the targets."""
        load, cluster = self.started(self.WORKERS, coordinators=2, flags=[f"--cluster.arbiter={self.arbiter()}"])
        return load, cluster, cluster.leader(), cluster.loads()

    def check_takeover(self, load, cluster, before, gone, epoch):
        """Somebody else leads, in a higher epoch, and everything is where it was."""
        leader = cluster.await_leader(other_than=gone)
        cluster.await_workers(self.WORKERS)
        load.await_intervals(8)
        self.assertGreater(cluster.status()["epoch"], epoch)
        self.assertEqual(before, cluster.loads())
        self.assertEqual([], cluster.status()["moves"])
        self.assertIsNot(gone, leader)

    def shown_by(self, node):
        """How many targets a node shows that have an owner; none while it does not know who leads."""
        answer = node.get("/api/v1/targets?state=active")
        shown = answer.data["activeTargets"] if answer.status == 200 else []
        return sum("owner" in each for each in shown)

    def test_the_leader_is_killed(self):
        load, cluster, leader, before = self.started_pair()
        epoch = cluster.status()["epoch"]
        leader.kill()
        self.check_takeover(load, cluster, before, leader, epoch)
        # Whoever comes back stands by.
        leader.start()
        self.assertEqual("standby", cluster.status(leader)["role"])
        wait_until(lambda: self.shown_by(leader) == sum(before.values()), "a standby shows what the leader shows")
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

