"""kuma_sd at a scripted control plane that is waited for. No packaged oracle knows it: the fake tells the labels."""

import sys

import side_by_side
from registries import KumaServer
from rollcall_process import wait_until
from side_by_side import SideBySide

SECTION = """
kuma_sd_configs:
- server: {url}
  client_id: me
  refresh_interval: 100ms
  fetch_timeout: 2s
  authorization: {{type: Bearer, credentials: sesame}}
"""


class Kuma(SideBySide):
    mechanism = "kuma"

    def failures(self):
        return self.daemon.metric("prometheus_sd_kuma_fetch_failures_total")

    def test_changes_and_failures(self):
        kuma = self.start_fake(KumaServer())
        kuma.add("backend", "b-1", "10.0.0.1:80")
        kuma.token = "sesame"
        self.start_both(SECTION.format(url=kuma.url))
        self.agree("at first")
        self.change("a dataplane comes", lambda: kuma.add("backend", "b-2", "10.0.0.2:80"))
        self.change("a service comes", lambda: kuma.add("web", "w-1", "10.0.0.3:80"))
        self.change("a dataplane moves", lambda: kuma.assignments["web"][0].update(address="10.0.0.4:80"))
        self.change("a dataplane is renamed", lambda: kuma.assignments["web"][0].update(name="w-9"))
        self.change("labels change", lambda: kuma.assignments["web"][0].update(labels={"zone": "y", "kuma_io": "x"}))
        self.change("a label goes", lambda: kuma.assignments["web"][0].update(labels={}))
        self.change("a service is renamed", lambda: kuma.assignments.update(web2=kuma.assignments.pop("web")))
        self.change("a dataplane goes", lambda: kuma.assignments["backend"].pop(0))
        self.change("many come", lambda: [kuma.add(f"s{i}", f"s-{i}", f"10.4.0.{i}:80") for i in range(40)])
        self.change("many go", lambda: [kuma.assignments.pop(f"s{i}") for i in range(39)])
        skipped = lambda: self.daemon.metric("prometheus_sd_kuma_fetch_skipped_updates_total")
        wait_until(lambda: skipped() >= 1, "nothing new is no news")
        self.agree("nothing new", quiet=True)
        self.restart_server(lambda: kuma.add("after", "a-1", "10.1.0.1:80"))
        self.fail_and_recover("error", lambda: kuma.add("after", "a-2", "10.1.0.2:80"))
        self.fail_and_recover("hang", lambda: kuma.add("after", "a-5", "10.1.0.5:80"))
        self.fail_and_recover("truncated", lambda: kuma.add("after", "a-3", "10.1.0.3:80"))
        self.fail_and_recover("garbage", lambda: kuma.assignments["after"].pop(0))
        self.change_slowly("a dataplane comes", lambda: kuma.add("after", "a-4", "10.1.0.4:80"))
        self.change_in_a_row(8, lambda i: kuma.add("row", f"r-{i}", f"10.2.0.{i}:80"))
        self.change("all goes", kuma.assignments.clear)
        self.change("and comes again", lambda: kuma.add("backend", "b-1", "10.0.0.1:80"))
        self.revoke_token(lambda: kuma.add("backend", "b-3", "10.0.0.5:80"))
        self.steps.require_all()


if __name__ == "__main__":
    side_by_side.main(sys.argv)
