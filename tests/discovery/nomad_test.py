"""nomad_sd at a scripted Nomad. No packaged oracle knows it: the labels are told here."""

import sys

import side_by_side
from registries import NomadServer
from side_by_side import SideBySide, discovered

SECTION = """
nomad_sd_configs:
- server: {url}
  refresh_interval: 300ms
"""


class Nomad(SideBySide):
    mechanism = "nomad"

    def test_changes_and_failures(self):
        nomad = self.start_fake(NomadServer())
        nomad.add("api", "10.0.0.1", 21000, tags=["prod", "eu"])
        self.start_both(SECTION.format(url=nomad.url))
        self.expect("at first")
        self.assertEqual(discovered(self.ours()), [[
            ("__address__", "10.0.0.1:21000"), ("__meta_nomad_address", "10.0.0.1"), ("__meta_nomad_dc", "dc1"),
            ("__meta_nomad_namespace", "default"), ("__meta_nomad_node_id", "node-1"), ("__meta_nomad_service", "api"),
            ("__meta_nomad_service_address", "10.0.0.1"), ("__meta_nomad_service_id", "api-0"),
            ("__meta_nomad_service_port", "21000"), ("__meta_nomad_tags", ",prod,eu,")]])
        self.change("an instance comes", lambda: nomad.add("api", "10.0.0.2", 21001))
        self.change("a service comes", lambda: nomad.add("web/1 ?", "10.0.0.3", 80))
        self.change("a port changes", lambda: nomad.services["api"][0].update(Port=22000))
        self.change("an address changes", lambda: nomad.services["api"][0].update(Address="10.0.0.9"))
        self.change("a service is renamed", lambda: nomad.services.update(api2=nomad.services.pop("api")))
        self.change("many come", lambda: [nomad.add(f"s{i}", f"10.1.0.{i}", 1) for i in range(40)])
        self.change("many go", lambda: [nomad.services.pop(f"s{i}") for i in range(39)])
        self.restart_server(lambda: nomad.add("after", "10.2.0.1", 1))
        self.fail_and_recover("error", lambda: nomad.add("after", "10.2.0.2", 1))
        self.fail_and_recover("hang", lambda: nomad.add("after", "10.2.0.3", 1))
        self.fail_and_recover("truncated", lambda: nomad.services["after"].pop(0))
        self.fail_and_recover("garbage", lambda: nomad.add("after", "10.2.0.4", 1))
        self.change("an instance goes", lambda: nomad.services["after"].pop(0))
        for i in range(5):
            self.change(f"change {i} in a row", lambda i=i: nomad.add("row", f"10.3.0.{i}", 1))
        self.change("all goes", nomad.services.clear)
        self.change("and comes again", lambda: nomad.add("api", "10.0.0.1", 21000))
        self.assertGreaterEqual(self.daemon.metric("prometheus_sd_nomad_failures_total"), 5)


if __name__ == "__main__":
    side_by_side.main(sys.argv)
