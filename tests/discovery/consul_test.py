"""consul_sd beside vmagent's, on a catalog with blocking queries."""

import sys

import side_by_side
from consul_server import ConsulServer
from rollcall_process import wait_until
from side_by_side import SideBySide, addresses

SECTION = """
consul_sd_configs:
- server: {address}
  token: sesame
  refresh_interval: 200ms
"""


class Consul(SideBySide):
    mechanism = "consul"

    def setUp(self):
        super().setUp()
        consul = self.start_fake(ConsulServer())
        consul.token = "sesame"
        with consul.changing():
            consul.add("consul", "server-1", port=8300)
            consul.add("api", "n1", "10.1.0.1", 9100, tags=["prod", "eu"], meta={"version": "1", "git.rev": "ab"},
                       node_meta={"rack": "r1"}, tagged_addresses={"lan": "10.0.0.1", "wan": "198.51.100.1"})
            consul.add("api", "n2", "10.1.0.2", 9100, checks=["passing", "critical"])

    def failures(self):
        return self.daemon.metric("prometheus_sd_consul_rpc_failures_total")

    def test_changes_and_failures(self):
        consul = self.fake
        self.start_both(SECTION.format(address=consul.address), "vmagent", "-promscrape.consulSDCheckInterval=1s",
                        "-promscrape.consul.waitTime=2s")
        self.agree("at first")
        self.change("a service comes", lambda: consul.add("web", "n3", "10.1.0.3", 80))
        self.change("an instance comes", lambda: consul.add("web", "n4", "", 8080, node_address="10.0.0.4"))
        self.change("an instance goes", lambda: consul.services["api"].pop(0))
        self.change("a service goes", lambda: consul.services.pop("web"))
        self.change("a port changes", lambda: consul.services["api"][0]["Service"].update(Port=9200))
        self.change("an address changes", lambda: consul.services["api"][0]["Service"].update(Address="10.9.9.9"))
        self.change("tags change", lambda: consul.services["api"][0]["Service"].update(Tags=["blue", "b=c"]))
        self.change("a check only warns", lambda: consul.services["api"][0]["Checks"][1].update(Status="warning"))
        self.change("a node's meta changes", lambda: consul.services["api"][0]["Node"].update(Meta={"rack-no": "7"}))
        self.change("a service is renamed", lambda: consul.services.update(api2=consul.services.pop("api")))
        self.change("an IPv6 address", lambda: consul.add("six", "n6", "fd00::6", 6, tags=["a", "b"]))
        self.restart_server(lambda: consul.add("after", "n7", "10.7.0.1", 7))
        self.fail_and_recover("error", lambda: consul.add("after", "n8", "10.7.0.2", 7))
        self.fail_and_recover("truncated", lambda: consul.services["after"].pop(0))
        self.fail_and_recover("garbage", lambda: consul.add("after", "n9", "10.7.0.3", 7))
        self.hang(lambda: consul.add("after", "n10", "10.7.0.4", 7))
        self.change_slowly("a service comes", lambda: consul.add("slow", "n1", "10.8.0.1", 8))
        self.revoke_token(lambda: consul.add("late", "n1", "10.8.0.2", 8))
        self.change("a restored state, with lower indexes", lambda: (consul.forget(), consul.services.pop("late")))
        self.change("and changes after that", lambda: consul.add("fresh", "n1", "10.8.0.3", 8))
        self.change_in_a_row(10, lambda i: consul.add("fresh", f"m{i}", f"10.8.1.{i}", 8))
        self.change("all goes", consul.services.clear)
        self.change("and comes again", lambda: consul.add("api", "n1", "10.1.0.1", 9100))
        self.steps.require_all()

    def hang(self, change):
        """Silence is no failure where answers are waited for; a change is found when it ends."""
        before = addresses(self.ours())
        unanswered = self.fake.unanswered
        self.fake.set_fault("hang")
        self.alter(change)
        wait_until(lambda: self.fake.unanswered > unanswered + 2, "questions are not answered")
        self.assertEqual(addresses(self.ours()), before)
        self.fake.set_fault(None)
        self.agree("after a hang")

    def test_a_calm_catalog_is_left_in_peace(self):
        consul = self.fake
        self.start_both(SECTION.format(address=consul.address))
        self.expect("at first")
        waiting = lambda: sum("index=" in request.target for request in consul.requests)
        wait_until(lambda: waiting() == 3, "the catalog and two services are waited for")
        asked = len(consul.requests)
        for i in range(5):
            self.alter(lambda i=i: consul.services["api"].pop() if i % 2 else
                       consul.add("api", f"s{i}", f"10.3.0.{i}", 80))
            self.expect(f"a storm on one service: {i}")
        others = [each.path for each in consul.requests[asked:] if not each.path.endswith("/api")]
        self.assertEqual(others, [])

    def test_tags_names_and_filters_choose(self):
        consul = self.fake
        section = SECTION + "  services: [api, web]\n  tags: [prod, eu]\n  filter: f\n  health_filter: 'h > 1'\n"
        self.start_both(section.format(address=consul.address))
        wait_until(lambda: addresses(self.ours()) == ["10.1.0.1:9100"], "one instance has both tags")
        targets = [request for request in consul.requests if request.agent == "rollcall"]
        catalog = next(each for each in targets if each.path == "/v1/catalog/services")
        health = next(each for each in targets if each.path.startswith("/v1/health/"))
        self.assertEqual(catalog.query["filter"], ["f"])
        self.assertEqual(health.query["filter"], ["h > 1"])
        self.assertEqual(health.query["tag"], ["prod", "eu"])
        self.assertIn("stale", health.query)


if __name__ == "__main__":
    side_by_side.main(sys.argv, "vmagent")
