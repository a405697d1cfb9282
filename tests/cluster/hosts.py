"""Hosts: network namespaces on one bridge, with what happens to hosts in life.

The test's own namespace (enter_namespace) is the switch, and at the same time the host of fleet and sink.
"""

import subprocess
from pathlib import Path

from own_namespace import need

OWN_ADDRESS = "192.168.77.1"
FIRST_HOST = 10
HOSTS_MAX = 200
# Every address in here is the test's own, so that each target has one.
TARGETS = "10.0.0.0/8"
SWITCH = "02:00:00:00:00:02"
NOWHERE = "02:00:00:00:00:01"  # nobody has this hardware address, so what is sent there is lost without a word


def ip(*arguments):
    done = subprocess.run([need("ip", "iproute2"), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


class Network:
    """The bridge and the hosts at it. All of it ends with the test's namespace."""

    def __init__(self):
        self._hosts = 0
        # What `ip netns` notes about namespaces stays within this mount namespace.
        notes = Path("/run/netns")
        notes.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "none", str(notes)], check=True)
        # Without an address of its own a bridge takes the lowest of its hosts', and changes it when hosts come.
        ip("link", "add", "switch", "address", SWITCH, "type", "bridge")
        ip("address", "add", f"{OWN_ADDRESS}/24", "dev", "switch")
        ip("link", "set", "switch", "up")
        ip("route", "add", "local", TARGETS, "dev", "lo")

    def add_host(self, name):
        if self._hosts == HOSTS_MAX:
            raise RuntimeError("no more addresses")
        host = Host(name, self._hosts)
        self._hosts += 1
        return host


class Host:
    """A network namespace with one interface."""

    def __init__(self, name, number):
        self.name = name
        self.address = f"192.168.77.{FIRST_HOST + number}"
        self._port = f"port{number}"
        ip("netns", "add", name)
        ip("link", "add", self._port, "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("link", "set", self._port, "master", "switch", "up")
        self.ip("address", "add", f"{self.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            self.ip("link", "set", device, "up")
        self.ip("route", "add", TARGETS, "via", OWN_ADDRESS)

    def ip(self, *arguments):
        """Runs `ip` on this host."""
        ip("-n", self.name, *arguments)

    def command(self, *arguments):
        """What runs a program on this host."""
        return [need("ip", "iproute2"), "netns", "exec", self.name, *map(str, arguments)]

    def remove(self):
        """Ends the host; its processes have to have ended."""
        ip("link", "del", self._port)
        ip("netns", "del", self.name)

    def isolate(self):
        """Pulls the plug: nobody reaches this host, and it reaches nobody."""
        ip("link", "set", self._port, "down")

    def heal(self):
        """Puts the plug back."""
        ip("link", "set", self._port, "up")


def partition(one, other):
    """What one of the two hosts sends to the other is lost; both reach everyone else."""
    for sender, receiver in ((one, other), (other, one)):
        sender.ip("neighbour", "replace", receiver.address, "lladdr", NOWHERE, "dev", "eth0", "nud", "permanent")


def heal_partition(one, other):
    for sender, receiver in ((one, other), (other, one)):
        sender.ip("neighbour", "del", receiver.address, "dev", "eth0")
