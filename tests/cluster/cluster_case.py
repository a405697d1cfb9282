"""A test with a network, a load on it and nodes, all of which end with it."""

import os
import tempfile
import unittest
from pathlib import Path

from cluster import Cluster
from hosts import Network
from load import Load
from node import Node
from own_namespace import enter_namespace, need, skip


class ClusterTest(unittest.TestCase):
    """The network is one for all tests of a script; hosts, load and nodes are each test's own."""

    program = ""
    network = None

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def load(self, targets, interval, **others):
        load = Load(Path(self.program).parent, self.directory, targets, interval, **others)
        self.addCleanup(load.close)
        return load

    def host(self, name):
        host = self.network.add_host(name)
        self.addCleanup(host.remove)
        return host

    def standalone(self, name, load, *flags):
        """A daemon that scrapes all targets, on a host of its own; not started."""
        host = self.host(name)
        config = self.directory / f"{name}.yml"
        config.write_text(load.config(), encoding="utf-8")
        node = Node(host, self.program, self.directory, f"--config.file={config}", *flags)
        self.addCleanup(node.kill)
        return node

    def cluster(self, load, **others):
        cluster = Cluster(self.program, self.directory, self.network, load, **others)
        self.addCleanup(cluster.close)
        return cluster


def enter_cluster_namespace():
    """Goes on where hosts can be made, or says why it cannot."""
    if os.geteuid() != 0:
        skip("network namespaces on a bridge are for root alone")
    need("ip", "iproute2")
    need("openssl", "openssl")
    enter_namespace()


def main(arguments):
    """For a script whose first argument is the daemon's path, in a namespace of its own."""
    ClusterTest.program = arguments.pop(1)
    ClusterTest.network = Network()
    unittest.main(argv=arguments, verbosity=2)
