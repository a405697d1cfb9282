#!/usr/bin/env python3
"""That a cluster is one: every node shows all targets, and a registry sees one client, however many workers there are.

ROLLCALL_VIEW_TARGETS makes it smaller or larger.
"""

import http.server
import os
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "daemon"))

from cluster import ROLES_MISSING, knows_clusters
from cluster_case import ClusterTest, enter_cluster_namespace, main
from hosts import OWN_ADDRESS
from own_namespace import skip
from rollcall_process import wait_until

TARGETS = int(os.environ.get("ROLLCALL_VIEW_TARGETS", "200"))
INTERVAL = 2.0
REFRESH_SECONDS = 1
WATCHED_SECONDS = 8
SETTLE_SECONDS_MAX = 60


class Registry:
    """A server of http_sd that notes who asks."""

    def __init__(self, targets_file):
        registry = self
        self.clients = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                registry.clients.append(self.client_address[0])
                body = targets_file.read_bytes()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer((OWN_ADDRESS, 0), Handler)
        self.url = f"http://{OWN_ADDRESS}:{self._server.server_address[1]}/targets"
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def watch(self, seconds):
        """Who asked within so many seconds, each time that it did."""
        before = len(self.clients)
        time.sleep(seconds)
        return self.clients[before:]


class Discovered:
    """A load whose targets stand in a registry."""

    def __init__(self, load, registry):
        self.interval = load.interval
        self._load = load
        self._registry = registry

    def config(self):
        files = f"file_sd_configs: [{{files: ['{self._load.targets_file}']}}]"
        registry = f"http_sd_configs: [{{url: '{self._registry.url}', refresh_interval: {REFRESH_SECONDS}s}}]"
        assert files in self._load.config()
        return self._load.config().replace(files, registry)


class OneView(ClusterTest):
    def started(self, workers):
        self.fleet = self.load(TARGETS, INTERVAL)
        self.registry = Registry(self.fleet.targets_file)
        self.addCleanup(self.registry.close)
        cluster = self.cluster(Discovered(self.fleet, self.registry))
        cluster.start(workers)
        self.fleet.await_all_scraped(SETTLE_SECONDS_MAX)
        return cluster

    def test_a_registry_sees_one_client_whatever_the_number_of_workers(self):
        cluster = self.started(1)
        coordinator = cluster.coordinators[0].host.address
        with_one = self.registry.watch(WATCHED_SECONDS)
        for number in range(2, 5):
            cluster.add_worker().start()
            cluster.await_workers(number)
        wait_until(lambda: min(cluster.loads().values()) > 0, "every worker has targets", SETTLE_SECONDS_MAX)
        with_four = self.registry.watch(WATCHED_SECONDS)
        print(f"requests in {WATCHED_SECONDS} s: {len(with_one)} with 1 worker, {len(with_four)} with 4", flush=True)
        self.assertEqual({coordinator}, set(self.registry.clients))
        self.assertGreater(len(with_one), 0)
        self.assertLessEqual(len(with_four), WATCHED_SECONDS / REFRESH_SECONDS + 1)

    def test_every_node_shows_all_targets_with_their_owners(self):
        cluster = self.started(2)
        names = {each.name for each in cluster.workers}
        wait_until(lambda: min(cluster.loads().values()) > 0, "both have targets", SETTLE_SECONDS_MAX)
        for node in cluster.nodes:
            active = node.data("/api/v1/targets?state=active")["activeTargets"]
            self.assertEqual(TARGETS, len(active), node.name)
            self.assertEqual({"up"}, {each["health"] for each in active}, node.name)
            self.assertEqual(names, {each["owner"] for each in active}, node.name)
            self.assertTrue(all(each["weight"] > 0 for each in active), node.name)
            self.assertEqual(names, {each["name"] for each in node.data("/api/v1/cluster")["nodes"]})
            self.assertGreater(len(node.data("/api/v1/metadata")), 0, node.name)
            up = node.get("/federate?match%5B%5D=up").text
            self.assertEqual(TARGETS, sum(line.startswith("up{") for line in up.splitlines()), node.name)

    def test_who_cannot_be_asked_is_named(self):
        cluster = self.started(2)
        frozen = cluster.workers[0]
        frozen.freeze()
        answer = cluster.coordinators[0].get("/api/v1/targets?state=active").json
        frozen.thaw()
        unknown = {each["owner"] for each in answer["data"]["activeTargets"] if each["health"] == "unknown"}
        # Its lease may be over before its time to answer is.
        self.assertLessEqual(unknown, {frozen.name, ""})
        self.assertTrue(any(frozen.name in each for each in answer["warnings"]), answer.get("warnings"))
        cluster.coordinators[0].kill()
        wait_until(
            lambda: "warnings" in cluster.workers[1].get("/api/v1/targets").json,
            "a worker that is cut off says so",
            SETTLE_SECONDS_MAX,
        )
        self.assertEqual("worker", cluster.status(cluster.workers[1])["role"])


if __name__ == "__main__":
    if not knows_clusters(sys.argv[1]):
        skip(ROLES_MISSING)
    enter_cluster_namespace()
    main(sys.argv)
