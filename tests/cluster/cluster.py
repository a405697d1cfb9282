"""Coordinators and workers on hosts of their own, as a whole."""

import subprocess

from certificates import Authority
from node import CLUSTER_PORT, WEB_PORT, Node
from rollcall_process import wait_until

JOIN_SECONDS_MAX = 30
DRAIN_SECONDS_MAX = 180
COMMAND_SECONDS_MAX = 30
ROLES_MISSING = "this build of the daemon has no --cluster.role"


def knows_clusters(program):
    """Whether this build of the daemon has roles."""
    shown = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=30, check=False)
    return "--cluster.role" in shown.stdout + shown.stderr


class Cluster:
    """`coordinators` coordinators, of which one coordinates, and the workers that are added."""

    def __init__(self, program, directory, network, load, coordinators=1, flags=()):
        self.program = program
        self.directory = directory
        self.network = network
        # What a lease has to be: shorter than an interval.
        self.flags = [f"--cluster.lease={round(min(4.0, 0.8 * load.interval) * 1000)}ms", *flags]
        self.authority = Authority(directory / "authority")
        self._config = directory / "rollcall.yml"
        self._config.write_text(load.config(), encoding="utf-8")
        hosts = [network.add_host(f"coordinator-{number}") for number in range(coordinators)]
        self.addresses = [f"{host.address}:{CLUSTER_PORT}" for host in hosts]
        self.coordinators = [self._coordinator(host) for host in hosts]
        self.workers = []
        self.frozen = set()

    def _coordinator(self, host):
        others = [each for each in self.addresses if not each.startswith(f"{host.address}:")]
        flags = [
            f"--config.file={self._config}",
            f"--cluster.listen-address={host.address}:{CLUSTER_PORT}",
            "--web.enable-lifecycle",  # without which nobody may have a worker drained
        ]
        if others:
            flags.append(f"--cluster.join={','.join(others)}")
        return self._node(host, "coordinator", *flags)

    def _node(self, host, role, *flags):
        identity = self.authority.sign(host.name, host.address)
        return Node(
            host, self.program, self.directory,
            f"--cluster.role={role}",
            f"--cluster.node-name={host.name}",
            *identity.flags(), *flags, *self.flags)  # fmt: skip

    @property
    def nodes(self):
        return self.coordinators + self.workers

    def add_worker(self):
        """A worker on a host of its own, not started."""
        host = self.network.add_host(f"worker-{len(self.workers)}")
        self.workers.append(self._node(host, "worker", f"--cluster.join={','.join(self.addresses)}"))
        return self.workers[-1]

    def start(self, workers):
        """Starts all coordinators and so many workers; returns when all of them are seen."""
        for each in self.coordinators:
            each.start()
        for _ in range(workers):
            self.add_worker().start()
        self.await_workers(workers)

    def leader(self):
        """The coordinator that leads, or None."""
        for each in self.coordinators:
            if each not in self.frozen and each.is_alive() and self.status(each)["role"] == "coordinator":
                return each
        return None

    def await_leader(self, other_than=None):
        """Until somebody leads who is not that one."""
        wait_until(lambda: self.leader() not in (None, other_than), "a coordinator leads", JOIN_SECONDS_MAX)
        return self.leader()

    def freeze(self, node):
        """SIGSTOP, after which nobody asks it anything."""
        self.frozen.add(node)
        node.freeze()

    def thaw(self, node):
        node.thaw()
        self.frozen.discard(node)

    def status(self, node=None):
        """What a node, by default the coordinator that leads, says of the cluster."""
        asked = node or self.leader()
        return asked.data("/api/v1/cluster") if asked else {"nodes": []}

    def command(self, *arguments):
        """`rollcall cluster ...` on the first coordinator's host; what it printed."""
        host = self.coordinators[0].host
        asked = [self.program, "cluster", *arguments, "--url", f"http://{host.address}:{WEB_PORT}"]
        done = subprocess.run(
            host.command(*asked), capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS_MAX
        )
        if done.returncode != 0:
            raise AssertionError(f"cluster {' '.join(arguments)}: {done.returncode} {done.stdout} {done.stderr}")
        return done.stdout

    def await_workers(self, count):
        """Until the cluster has so many workers that live."""
        wait_until(lambda: len(self.live_workers()) == count, f"there are {count} workers", JOIN_SECONDS_MAX)

    def live_workers(self):
        return [each for each in self.status()["nodes"] if each["role"] == "worker" and each["state"] == "alive"]

    def loads(self):
        """Worker -> the number of its targets."""
        return {each["name"]: each["targets"] for each in self.live_workers()}

    def owned_by(self, worker):
        return self.loads().get(worker.name, 0)

    def close(self):
        for each in self.nodes:
            each.kill()
            each.host.remove()
