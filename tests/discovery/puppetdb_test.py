"""puppetdb_sd beside Prometheus at a scripted PuppetDB."""

import sys

import side_by_side
from registries import PuppetServer
from side_by_side import SideBySide

SECTION = """
puppetdb_sd_configs:
- url: {url}
  query: 'resources {{ }}'
  include_parameters: true
  port: 9100
  refresh_interval: 300ms
  authorization: {{type: Bearer, credentials: sesame}}
"""
PARAMETERS = {"port": 8080, "large": 1234567, "small": 0.00001, "yes": True, "none": None, "text": "x",
              "list": ["a", 1], "empty": [], "map": {"in-ner": {"deep": "y"}}}


class Puppetdb(SideBySide):
    mechanism = "puppetdb"

    def test_changes_and_failures(self):
        puppet = self.start_fake(PuppetServer())
        puppet.add("h1.example", parameters=PARAMETERS)
        puppet.add("h2.example", tags=[], exported=True)
        puppet.token = "sesame"
        self.start_both(SECTION.format(url=puppet.url), "prometheus")
        self.agree("at first")
        self.change("a node comes", lambda: puppet.add("h3.example"))
        self.change("a node goes", lambda: puppet.resources.pop("h2.example"))
        self.change("a node is renamed", lambda: puppet.add("h4.example") or puppet.resources.pop("h3.example"))
        self.change("many come", lambda: [puppet.add(f"m{i}") for i in range(100)])
        self.change("many go", lambda: [puppet.resources.pop(f"m{i}") for i in range(99)])
        self.change("parameters change", lambda: puppet.add("h1.example", parameters={"port": 1}, title="T"))
        self.change("parameters go", lambda: puppet.add("h1.example", parameters={}))
        self.change("tags change", lambda: puppet.add("h1.example", tags=["one", "two,three"]))
        self.change("the environment changes", lambda: puppet.add("h1.example", environment="test", file="/x y.pp"))
        self.change("a resource is exported", lambda: puppet.add("h1.example", exported=True, type="Service"))
        self.restart_server(lambda: puppet.add("h10"))
        self.fail_and_recover("error", lambda: puppet.add("h11"))
        self.fail_and_recover("hang", lambda: puppet.add("h12"))
        self.fail_and_recover("truncated", lambda: puppet.resources.pop("h11"))
        self.fail_and_recover("garbage", lambda: puppet.add("h13"))
        self.revoke_token(lambda: puppet.add("h14"))
        self.change_slowly("a node comes", lambda: puppet.add("h15"))
        self.change_in_a_row(6, lambda i: puppet.add(f"r{i}"))
        self.change("all goes", puppet.resources.clear)
        self.change("and comes again", lambda: puppet.add("h1.example"))
        self.steps.require_all()


if __name__ == "__main__":
    side_by_side.main(sys.argv, "prometheus")
