"""nomad_sd at a scripted Nomad. No packaged oracle knows it: the fake tells the labels."""

import sys

import side_by_side
from registries import NomadServer
from side_by_side import SideBySide

SECTION = """
nomad_sd_configs:
- server: {url}
  refresh_interval: 1s
  authorization: {{type: Bearer, credentials: sesame}}
"""


class Nomad(SideBySide):
    mechanism = "nomad"

    def test_changes_and_failures(self):
        nomad = self.start_fake(NomadServer())
        nomad.add("api", "10.0.0.1", 21000, tags=["prod", "eu"])
        nomad.token = "sesame"
        self.start_both(SECTION.format(url=nomad.url))
        self.agree("at first")
        self.change("an instance comes", lambda: nomad.add("api", "10.0.0.2", 21001))
        self.change("a service comes", lambda: nomad.add("web/1 ?", "10.0.0.3", 80))
        self.change("a port changes", lambda: nomad.services["api"][0].update(Port=22000))
        self.change("an address changes", lambda: nomad.services["api"][0].update(Address="10.0.0.9"))
        self.change("tags change", lambda: nomad.services["api"][0].update(Tags=["blue"]))
        self.change("tags go", lambda: nomad.services["api"][0].update(Tags=[]))
        self.change("an instance moves to another node", lambda: nomad.services["api"][0].update(NodeID="node-2"))
        self.change("a service is renamed", lambda: nomad.rename("api", "api2"))
        self.change("many come", lambda: [nomad.add(f"s{i}", f"10.1.0.{i}", 1) for i in range(40)])
        self.change("many go", lambda: [nomad.services.pop(f"s{i}") for i in range(39)])
        self.restart_server(lambda: nomad.add("after", "10.2.0.1", 1))
        self.fail_and_recover("error", lambda: nomad.add("after", "10.2.0.2", 1))
        self.fail_and_recover("hang", lambda: nomad.add("after", "10.2.0.3", 1))
        self.fail_and_recover("truncated", lambda: nomad.services["after"].pop(0))
        self.fail_and_recover("garbage", lambda: nomad.add("after", "10.2.0.4", 1))
        self.revoke_token(lambda: nomad.add("after", "10.2.0.5", 1))
        self.change_slowly("an instance goes", lambda: nomad.services["after"].pop(0))
        self.change_in_a_row(5, lambda i: nomad.add("row", f"10.3.0.{i}", 1))
        self.change("all goes", nomad.services.clear)
        self.change("and comes again", lambda: nomad.add("api", "10.0.0.1", 21000))
        self.steps.require_all()
        self.assertGreaterEqual(self.daemon.metric("prometheus_sd_nomad_failures_total"), 5)


if __name__ == "__main__":
    side_by_side.main(sys.argv)
