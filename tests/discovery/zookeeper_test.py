#!/usr/bin/env python3
"""serverset_sd and nerve_sd at a real ZooKeeper, in a network of its own."""

import json
import sys

from side_by_side import Pair, Script, enter_namespace, wait_until
from zookeeper_server import ZooKeeper, need_zookeeper

CONFIG = """
global: {{scrape_interval: 1h}}
scrape_configs:
- job_name: found
  {mechanism}_sd_configs:
  - {{servers: ["127.0.0.1:2181"], paths: {paths}, timeout: 6s}}
"""
FAILURES = "prometheus_treecache_zookeeper_failures_total"


def member(host, port, **others):
    document = {"serviceEndpoint": {"host": host, "port": port}, "status": "ALIVE", **others}
    return json.dumps(document, separators=(",", ":"))


def nerve(host, port):
    return json.dumps({"host": host, "port": port, "name": f"on-{host}"}, separators=(",", ":"))


class Play:
    """A script for one mechanism: what members write below a path, and what must be found."""

    def __init__(self, script, program, server, mechanism, paths):
        self.server = server
        self.pair = script.closing(Pair(script.directory, program, CONFIG.format(mechanism=mechanism, paths=paths)))
        self.found = []

    def step(self, what, *commands, found=None, quiet=False):
        for command in commands:
            self.server.do(command)
        self.found = self.found if found is None else found
        self.pair.compare(what, {"found": self.found}, quiet=quiet)

    def many(self, where, write):
        """Thirty come at once and go again."""
        names = [f"many{i}" for i in range(30)]
        before = self.found
        self.step(
            "many register",
            *(f"create {where}/{name} {write(name, 80)}" for name in names),
            found=[*before, *(f"{name}:80" for name in names)],
        )
        self.step("they go", *(f"delete {where}/{name}" for name in names), found=before)

    def absence(self, *changes, found):
        """The server is away, then stopped in its tracks, and each time back; the second time things have changed."""
        before = self.pair.rollcall.metric(FAILURES)
        self.server.halt()
        wait_until(lambda: self.pair.rollcall.metric(FAILURES) > before, "the server is missed", 60)
        self.step("the server is away: everything stays", quiet=True)
        self.server.start()
        self.step("the server is back", quiet=True)
        before = self.pair.rollcall.metric(FAILURES)
        with self.server.frozen():
            wait_until(lambda: self.pair.rollcall.metric(FAILURES) > before, "silence is noticed", 60)
            self.step("the server is silent: everything stays", quiet=True)
        self.step("it speaks again, and things change", *changes, found=found)

    def in_a_row(self, path, write):
        """Twenty values one after the other end with the last."""
        self.step("changes in a row", *(f"set {path} {write(f'row{i}', i)}" for i in range(1, 21)), found=["row20:20"])


def serverset(play):
    play.step("nobody is registered")
    play.step("a member registers", f"create /sets/web/m1 {member('one', 80)}", found=["one:80"])
    extra = member("two", 81, shard=3, additionalEndpoints={"health-1": {"host": "h", "port": 9}})
    play.step("a second one, with more endpoints", f"create /sets/web/m2 {extra}", found=["one:80", "two:81"])
    play.step("a member changes its port", f"set /sets/web/m1 {member('one', 8080)}", found=["one:8080", "two:81"])
    play.step("a member changes its status", f"set /sets/web/m1 {member('one', 8080, status='STOPPING')}")
    play.step("a member writes what is no JSON", "set /sets/web/m1 nonsense", found=["two:81"])
    play.step("it mends that", f"set /sets/web/m1 {member('one', 82)}", found=["one:82", "two:81"])
    play.step("half of its JSON", f"set /sets/web/m1 {member('one', 82)[:-9]}", found=["two:81"])
    play.step("and the whole", f"set /sets/web/m1 {member('one', 83)}", found=["one:83", "two:81"])
    play.step("a member goes", "delete /sets/web/m2", found=["one:83"])
    play.step("it comes again", f"create /sets/web/m2 {member('two', 90)}", found=["one:83", "two:90"])
    renamed = ("delete /sets/web/m2", f"create /sets/web/m3 {member('two', 90)}")
    play.step("a member registers under another name", *renamed)
    deep = f"create /sets/web/m1/deep {member('deep', 1)}"
    play.step("a znode deeper down", deep, found=["one:83", "two:90", "deep:1"])
    play.step("a whole tree goes", "deleteall /sets/web/m1", found=["two:90"])
    play.many("/sets/web", member)
    late = ("create /sets/late ''", f"create /sets/late/x {member('x', 5)}")
    play.step("a path appears that was not there", *late, found=["two:90", "x:5"])
    play.absence(f"set /sets/late/x {member('x', 6)}", found=["two:90", "x:6"])
    play.step("a path goes", "deleteall /sets/web", found=["x:6"])
    play.in_a_row("/sets/late/x", member)
    play.step("everything goes", "deleteall /sets/late", found=[])


def nerve_script(play):
    play.step("nobody is registered")
    play.step("a service registers", f"create /nerve/shop/a {nerve('a', 1)}", found=["a:1"])
    play.step("an IPv6 one", f"create /nerve/shop/b {nerve('fd00::1', 2)}", found=["a:1", "[fd00::1]:2"])
    cart = ("create /nerve/cart ''", f"create /nerve/cart/c {nerve('c', 3)}")
    play.step("another kind of service", *cart, found=["a:1", "[fd00::1]:2", "c:3"])
    play.step("a port changes", f"set /nerve/shop/a {nerve('a', 4)}", found=["a:4", "[fd00::1]:2", "c:3"])
    play.step("a host changes", f"set /nerve/shop/a {nerve('aa', 4)}", found=["aa:4", "[fd00::1]:2", "c:3"])
    play.step("what is no JSON", "set /nerve/shop/a nonsense", found=["[fd00::1]:2", "c:3"])
    play.step("it is mended", f"set /nerve/shop/a {nerve('a', 5)}", found=["a:5", "[fd00::1]:2", "c:3"])
    play.step("half of its JSON", f"set /nerve/shop/a {nerve('a', 5)[:-5]}", found=["[fd00::1]:2", "c:3"])
    play.step("and the whole", f"set /nerve/shop/a {nerve('a', 6)}", found=["a:6", "[fd00::1]:2", "c:3"])
    renamed = ("delete /nerve/shop/b", f"create /nerve/shop/bb {nerve('fd00::1', 2)}")
    play.step("a service registers under another name", *renamed)
    play.step("a service goes", "delete /nerve/shop/bb", found=["a:6", "c:3"])
    play.step("it comes again", f"create /nerve/shop/b {nerve('b', 7)}", found=["a:6", "b:7", "c:3"])
    play.step("a kind of service goes", "deleteall /nerve/shop", found=["c:3"])
    play.many("/nerve/cart", nerve)
    play.absence(f"set /nerve/cart/c {nerve('c', 8)}", found=["c:8"])
    play.in_a_row("/nerve/cart/c", nerve)
    play.step("everything goes", "deleteall /nerve", found=[])


def main(program):
    need_zookeeper()
    enter_namespace()
    scripts = (
        ("serverset", ("/sets", "/sets/web"), "[/sets/web, /sets/late]", serverset),
        ("nerve", ("/nerve", "/nerve/shop"), "[/nerve]", nerve_script),
    )
    for mechanism, znodes, paths, play_it in scripts:
        with Script() as script:
            server = script.closing(ZooKeeper(script.directory))
            for path in znodes:
                server.do(f"create {path} ''")
            play = Play(script, program, server, mechanism, paths)
            play_it(play)
            play.pair.steps.require_all()


if __name__ == "__main__":
    main(sys.argv[1])
