#!/usr/bin/env python3
"""serverset_sd and nerve_sd at a real ZooKeeper, in a network of its own."""

import json
import sys

from side_by_side import Pair, Script, enter_namespace, wait_until
from zookeeper_server import ZooKeeper, need_zookeeper

CONFIG = """
global: {scrape_interval: 1h}
scrape_configs:
- job_name: serverset
  serverset_sd_configs:
  - {servers: ["127.0.0.1:2181"], paths: [/sets/web, /sets/late]}
- job_name: nerve
  nerve_sd_configs:
  - {servers: ["127.0.0.1:2181"], paths: [/nerve], timeout: 6s}
"""


def member(host, port, **others):
    document = {"serviceEndpoint": {"host": host, "port": port}, "status": "ALIVE", **others}
    return json.dumps(document, separators=(",", ":"))


def nerve(host, port):
    return json.dumps({"host": host, "port": port, "name": f"on-{host}"}, separators=(",", ":"))


class Play:
    def __init__(self, script, program):
        self.server = script.closing(ZooKeeper(script.directory))
        for path in ("/sets", "/sets/web", "/nerve", "/nerve/shop"):
            self.server.do(f"create {path} ''")
        self.pair = script.closing(Pair(script.directory, program, CONFIG))
        self.expected = {"serverset": [], "nerve": []}

    def step(self, what, *commands, **expected):
        for command in commands:
            self.server.do(command)
        self.expected.update(expected)
        self.pair.compare(what, self.expected)

    def changes(self):
        self.step("nobody is registered")
        self.step("a member registers", f"create /sets/web/m1 {member('one', 80)}", serverset=["one:80"])
        extra = member("two", 81, shard=3, additionalEndpoints={"health-1": {"host": "h", "port": 9}})
        self.step("a second one, with more endpoints", f"create /sets/web/m2 {extra}", serverset=["one:80", "two:81"])
        self.step(
            "a member changes its port", f"set /sets/web/m1 {member('one', 8080)}", serverset=["one:8080", "two:81"]
        )
        self.step("a member writes what is no JSON", "set /sets/web/m1 nonsense", serverset=["two:81"])
        self.step("it mends that", f"set /sets/web/m1 {member('one', 82)}", serverset=["one:82", "two:81"])
        self.step("a member goes", "delete /sets/web/m2", serverset=["one:82"])
        self.step("it comes again", f"create /sets/web/m2 {member('two', 90)}", serverset=["one:82", "two:90"])
        self.step(
            "a znode deeper down",
            f"create /sets/web/m1/deep {member('deep', 1)}",
            serverset=["one:82", "two:90", "deep:1"],
        )
        self.step("a whole tree goes", "deleteall /sets/web/m1", serverset=["two:90"])
        self.step("a service registers with nerve", f"create /nerve/shop/a {nerve('a', 1)}", nerve=["a:1"])
        self.step("an IPv6 one", f"create /nerve/shop/b {nerve('fd00::1', 2)}", nerve=["a:1", "[fd00::1]:2"])
        self.step(
            "another kind of service",
            "create /nerve/cart ''",
            f"create /nerve/cart/c {nerve('c', 3)}",
            nerve=["a:1", "[fd00::1]:2", "c:3"],
        )
        self.step("a kind of service goes", "deleteall /nerve/shop", nerve=["c:3"])
        many = [f"create /nerve/cart/m{i} {nerve(f'm{i}', 80)}" for i in range(30)]
        self.step("many register", *many, nerve=["c:3", *(f"m{i}:80" for i in range(30))])
        self.step(
            "a path appears that was not there",
            "create /sets/late ''",
            f"create /sets/late/x {member('x', 5)}",
            serverset=["two:90", "x:5"],
        )

    def absence(self):
        self.server.halt()
        metric = "prometheus_treecache_zookeeper_failures_total"
        before = self.pair.rollcall.metric(metric)
        wait_until(lambda: self.pair.rollcall.metric(metric) > before, "the server is missed", 60)
        self.step("the server is away: everything stays")
        self.server.start()
        self.step(
            "the server is back, and things change", f"set /sets/late/x {member('x', 6)}", serverset=["two:90", "x:6"]
        )
        self.step(
            "everything goes", "deleteall /sets/web", "deleteall /sets/late", "deleteall /nerve", serverset=[], nerve=[]
        )


def main(program):
    need_zookeeper()
    enter_namespace()
    with Script() as script:
        play = Play(script, program)
        play.changes()
        play.absence()


if __name__ == "__main__":
    main(sys.argv[1])
