#!/usr/bin/env python3
"""That the harness works here at all: hosts, certificates, and a double scrape that is seen."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "daemon"))

from certificates import Authority, openssl
from cluster_case import ClusterTest, enter_cluster_namespace, main

TARGETS = 10
INTERVAL = 1.0


class Smoke(ClusterTest):
    def test_two_daemons_on_hosts_of_their_own_scrape_each_target_twice(self):
        load = self.load(TARGETS, INTERVAL)
        nodes = [self.standalone(name, load) for name in ("one", "other")]
        for node in nodes:
            node.start()
        load.await_all_scraped()
        load.begin()
        load.await_intervals(4)
        self.assertGreater(load.faults().doubled, TARGETS)

    def test_an_authority_signs_for_its_own_alone(self):
        ours, theirs = (Authority(self.directory / name) for name in ("ours", "theirs"))
        identity = ours.sign("node", "192.0.2.1")
        self.assertIn("OK", openssl("verify", "-CAfile", ours.certificate, identity.certificate))
        with self.assertRaises(RuntimeError):
            openssl("verify", "-CAfile", theirs.certificate, identity.certificate)
        named = openssl("x509", "-in", identity.certificate, "-noout", "-ext", "subjectAltName")
        self.assertIn("IP Address:192.0.2.1", named)


if __name__ == "__main__":
    enter_cluster_namespace()
    main(sys.argv)
