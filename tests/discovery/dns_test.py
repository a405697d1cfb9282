#!/usr/bin/env python3
"""dns_sd at a real dnsmasq, on port 53 of a network of its own, with a resolv.conf of its own."""

import subprocess
import sys

from side_by_side import Pair, Script, enter_namespace, need

SERVER_SECONDS = 10
LOCAL = [f"local=/{domain}/" for domain in ("example", "rooted", "one")]  # here it knows what there is not

CONFIG = """
global: {scrape_interval: 1h}
scrape_configs:
- job_name: srv
  dns_sd_configs:
  - {names: [_web._tcp.example], refresh_interval: 1s}
- job_name: a
  dns_sd_configs:
  - {names: [one.example, two.example], type: A, port: 80, refresh_interval: 1s}
  relabel_configs:
  - {source_labels: [__meta_dns_name], target_label: name}
- job_name: aaaa
  dns_sd_configs:
  - {names: [one.example], type: AAAA, port: 81, refresh_interval: 1s}
- job_name: mx
  dns_sd_configs:
  - {names: [example], type: mx, port: 82, refresh_interval: 1s}
- job_name: short
  dns_sd_configs:
  - {names: [one, rooted.], type: A, port: 83, refresh_interval: 1s}
"""
OWN = """
- job_name: ns
  dns_sd_configs:
  - {names: [zone.example], type: NS, port: 84, refresh_interval: 1s}
"""


def wire_name(dotted):
    return "".join(f"{len(label):02x}{label.encode().hex()}" for label in dotted.split(".")) + "00"


class Dnsmasq:
    """A server at one address; `records` are lines of its configuration."""

    def __init__(self, directory, address):
        self.address = address
        self.config = directory / f"dnsmasq-{address}.conf"
        self.child = None

    def serve(self, records):
        self.stop()
        lines = ["no-resolv", "no-hosts", "bind-interfaces", "user=root", f"listen-address={self.address}"]
        self.config.write_text("\n".join([*lines, *LOCAL, *records, ""]), encoding="utf-8")
        self.child = subprocess.Popen(
            [need("dnsmasq", "dnsmasq-base"), "--keep-in-foreground", "--log-facility=-", f"--conf-file={self.config}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for line in self.child.stderr:
            if "started" in line:
                return
            if "failed" in line:
                raise RuntimeError(line)

    def stop(self):
        if self.child:
            self.child.terminate()
            self.child.wait(SERVER_SECONDS)
            self.child.stderr.close()
            self.child = None


LOOKUP_FAILURES = "prometheus_sd_dns_lookup_failures_total"


class Play:
    """The script of changes, each with what must be found afterwards."""

    def __init__(self, script, program):
        self.resolv_conf = script.directory / "resolv.conf"
        self.configure("nameserver 127.0.0.1\n")
        subprocess.run(["mount", "--bind", str(self.resolv_conf), "/etc/resolv.conf"], check=True)
        self.first = script.closing(Dnsmasq(script.directory, "127.0.0.1"))
        self.second = script.closing(Dnsmasq(script.directory, "127.0.0.2"))
        self.first.serve([])
        self.pair = script.closing(Pair(script.directory, program, CONFIG, OWN))
        self.expected = {job: [] for job in ("srv", "a", "aaaa", "mx", "short", "ns")}

    def configure(self, text):
        with self.resolv_conf.open("w", encoding="utf-8") as out:
            out.write(text)

    def check(self, step, **expected):
        self.expected.update(expected)
        self.pair.compare(step, self.expected, own=("ns",), quiet=not expected)

    def step(self, what, records, **expected):
        self.first.serve(records)
        self.check(what, **expected)

    def records(self):
        host = "host-record=one.example,10.0.0.1"
        self.step("a host appears", [host], a=["10.0.0.1:80"])
        self.step(
            "it gets a second address", [host, "host-record=one.example,10.0.0.2"], a=["10.0.0.1:80", "10.0.0.2:80"]
        )
        both = [host, "host-record=two.example,10.0.1.1"]
        self.step("another host appears", both, a=["10.0.0.1:80", "10.0.1.1:80"])
        self.step("a host goes", [both[1]], a=["10.0.1.1:80"])
        six = ["host-record=one.example,2001:db8::1"]
        self.step("a host has IPv6 alone", six, a=[], aaaa=["[2001:db8::1]:81"])
        six.append("host-record=one.example,10.0.0.1")
        self.step("it gets IPv4 as well", six, a=["10.0.0.1:80"])
        alias = [host, "cname=two.example,one.example"]
        self.step("an alias is followed", alias, a=["10.0.0.1:80", "10.0.0.1:80"], aaaa=[])
        srv = "srv-host=_web._tcp.example,one.example,8080"
        self.step("a service appears", [host, srv], a=["10.0.0.1:80"], srv=["one.example:8080"])
        more = [host, srv, "srv-host=_web._tcp.example,two.example,8081,1"]
        self.step("it gets a second instance", more, srv=["one.example:8080", "two.example:8081"])
        self.step("an instance changes its port", [host, srv.replace("8080", "9090")], srv=["one.example:9090"])
        mail = [host, "mx-host=example,mail.example,10", "mx-host=example,backup.example,20"]
        self.step("mail servers appear", mail, srv=[], mx=["mail.example:82", "backup.example:82"])
        self.step("one of them goes", mail[:2], mx=["mail.example:82"])
        zone = [host, f"dns-rr=zone.example,2,{wire_name('ns1.example')}"]
        self.step("a name server appears", zone, mx=[], ns=["ns1.example:84"])
        many = [f"host-record=one.example,10.{i // 200}.1.{i % 200 + 1}" for i in range(300)]
        hosts = [line.split(",")[1] + ":80" for line in many]
        self.step("an answer is too large for UDP", many, a=hosts, ns=[])
        self.step("it fits again", [host], a=["10.0.0.1:80"])

    def failures(self):
        host = ["host-record=one.example,10.0.0.1", "host-record=rooted,10.9.9.9"]
        self.step("a name with a final dot is looked up as it is", host, short=["10.9.9.9:83"])
        self.first.stop()
        self.pair.await_failures(LOOKUP_FAILURES, 3)
        self.check("the server is away: everything stays")
        self.step(
            "the server is back with another address", ["host-record=one.example,10.0.0.7"], a=["10.0.0.7:80"], short=[]
        )
        self.configure("nameserver 127.0.0.9\nnameserver 127.0.0.1\n")
        self.pair.await_growth("prometheus_sd_dns_lookups_total", 16, "names are looked up")
        self.step("the first of two servers is away", ["host-record=one.example,10.0.0.8"], a=["10.0.0.8:80"])
        self.second.serve(["host-record=one.example,10.0.2.2"])
        self.configure("nameserver 127.0.0.2\nnameserver 127.0.0.1\n")
        self.check("another server comes first", a=["10.0.2.2:80"])
        self.second.serve([])
        self.check("that server knows of no such name: its word counts", a=[])
        self.second.serve(["host-record=one.example,10.0.2.3"])
        self.check("it knows the name again", a=["10.0.2.3:80"])
        self.configure("nameserver 127.0.0.2\nsearch nowhere.example example\n")
        self.check("a search list leads to the host", short=["10.0.2.3:83"])
        self.configure("nameserver 127.0.0.2\nsearch refused.invalid\n")
        self.pair.await_failures(LOOKUP_FAILURES, 3)
        self.check("a search list that nobody answers for: the name stays")
        self.configure("nameserver 127.0.0.2\nsearch example\noptions ndots:2\n")
        self.check("enough dots are wanted")
        self.configure("")
        self.pair.await_failures(LOOKUP_FAILURES, 3)
        self.check("no server is configured: everything stays")
        self.configure("nameserver 127.0.0.2\n")
        self.second.serve([])
        self.check("everything goes", a=[], short=[])


def main(program):
    need("dnsmasq", "dnsmasq-base")
    enter_namespace()
    with Script() as script:
        play = Play(script, program)
        play.check("nothing is there")
        play.records()
        play.failures()
        play.pair.steps.require_all()


if __name__ == "__main__":
    main(sys.argv[1])
