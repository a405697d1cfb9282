"""kuma_sd at a scripted control plane that is waited for. No packaged oracle knows it: the labels are told here."""

import sys

import side_by_side
from registries import KumaServer
from rollcall_process import wait_until
from side_by_side import SideBySide, discovered

SECTION = """
kuma_sd_configs:
- server: {url}
  client_id: me
  refresh_interval: 100ms
  fetch_timeout: 2s
"""


class Kuma(SideBySide):
    mechanism = "kuma"

    def failures(self):
        return self.daemon.metric("prometheus_sd_kuma_fetch_failures_total")

    def test_changes_and_failures(self):
        kuma = self.start_fake(KumaServer())
        kuma.add("backend", "b-1", "10.0.0.1:80")
        self.start_both(SECTION.format(url=kuma.url))
        self.expect("at first")
        self.assertEqual(discovered(self.ours()), [[
            ("__address__", "10.0.0.1:80"), ("__meta_kuma_dataplane", "b-1"), ("__meta_kuma_label_team", "a"),
            ("__meta_kuma_label_zone", "z"), ("__meta_kuma_mesh", "default"), ("__meta_kuma_service", "backend"),
            ("instance", "b-1")]])
        self.change("a dataplane comes", lambda: kuma.add("backend", "b-2", "10.0.0.2:80"))
        self.change("a service comes", lambda: kuma.add("web", "w-1", "10.0.0.3:80"))
        self.change("a dataplane moves", lambda: kuma.assignments["web"][0].update(address="10.0.0.4:80"))
        self.change("a service is renamed", lambda: kuma.assignments.update(web2=kuma.assignments.pop("web")))
        self.change("a dataplane goes", lambda: kuma.assignments["backend"].pop(0))
        skipped = lambda: self.daemon.metric("prometheus_sd_kuma_fetch_skipped_updates_total")
        wait_until(lambda: skipped() >= 1, "nothing new is no news")
        self.expect("nothing new")
        self.restart_server(lambda: kuma.add("after", "a-1", "10.1.0.1:80"))
        self.fail_and_recover("error", lambda: kuma.add("after", "a-2", "10.1.0.2:80"))
        self.fail_and_recover("truncated", lambda: kuma.add("after", "a-3", "10.1.0.3:80"))
        self.fail_and_recover("garbage", lambda: kuma.assignments["after"].pop(0))
        kuma.set_fault("slow")
        self.change("slow bytes are bytes", lambda: kuma.add("after", "a-4", "10.1.0.4:80"))
        kuma.set_fault(None)
        for i in range(8):
            self.change(f"change {i} in a row", lambda i=i: kuma.add("row", f"r-{i}", f"10.2.0.{i}:80"))
        self.change("all goes", kuma.assignments.clear)
        self.change("and comes again", lambda: kuma.add("backend", "b-1", "10.0.0.1:80"))


if __name__ == "__main__":
    side_by_side.main(sys.argv)
