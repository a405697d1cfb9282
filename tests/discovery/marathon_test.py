"""marathon_sd beside Prometheus at a scripted Marathon."""

import sys

import side_by_side
from registries import MarathonServer
from side_by_side import SideBySide

SECTION = """
marathon_sd_configs:
- servers: [{url}]
  refresh_interval: 300ms
  auth_token: sesame
"""


class Marathon(SideBySide):
    mechanism = "marathon"

    def test_changes_and_failures(self):
        marathon = self.start_fake(MarathonServer())
        marathon.token = "sesame"
        marathon.add("/one", "h1", "h2", requirePorts=False)
        marathon.add("/required", "h3", port=10000, requirePorts=True)
        self.start_both(SECTION.format(url=marathon.url), "prometheus")
        self.agree("at first")
        self.change("an app comes", lambda: marathon.add("/two", "h4"))
        self.change("an app is scaled up", lambda: marathon.add("/one", "h1", "h2", "h5"))
        self.change("an app is scaled down", lambda: marathon.add("/one", "h5"))
        self.change("an app of groups", lambda: marathon.add("/group/inner app", "h6"))
        self.change("an app is renamed", lambda: marathon.add("/second", "h4") or marathon.apps.pop("/two"))
        mappings = [{"containerPort": 8080, "hostPort": 0, "labels": {"m.1": "x"}}]
        self.change("ports are mapped", lambda: marathon.add("/mapped", "h7", container={"portMappings": mappings}))
        self.change("as before 1.5", lambda: marathon.add(
            "/old", "h8", container={"docker": {"image": "i", "portMappings": mappings}}))
        inside = [{"id": "t", "host": "h9", "ports": [8080], "ipAddresses": [{"ipAddress": "h9"}]}]
        self.change("a container's network", lambda: marathon.add(
            "/inside", networks=[{"mode": "container"}], container={"portMappings": mappings}, tasks=inside))
        self.change("only task ports", lambda: marathon.add("/bare", "h10", portDefinitions=[]))
        self.restart_server(lambda: marathon.add("/after", "h11"))
        self.fail_and_recover("error", lambda: marathon.add("/after2", "h12"))
        self.fail_and_recover("hang", lambda: marathon.add("/after3", "h13"))
        self.fail_and_recover("truncated", lambda: marathon.apps.pop("/after2"))
        self.fail_and_recover("garbage", lambda: marathon.apps.pop("/after3"))
        self.revoke_token(lambda: marathon.add("/late", "h14"))
        self.change_slowly("an app goes", lambda: marathon.apps.pop("/late"))
        self.change("labels change", lambda: marathon.add("/one", "h5", labels={"team.name": "b", "new": "n"}))
        self.change_in_a_row(4, lambda i: marathon.add(f"/row{i}", f"h{20 + i}"))
        self.change("all goes", marathon.apps.clear)
        self.change("and comes again", lambda: marathon.add("/one", "h1"))
        self.steps.require_all()


if __name__ == "__main__":
    side_by_side.main(sys.argv, "prometheus")
