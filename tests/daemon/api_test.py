"""The HTTP API of a running daemon, key by key against Debian's Prometheus where that has the endpoint."""

import gzip
import shutil
import socket
import subprocess
import sys
import urllib.parse

import rollcall_process
from rollcall_process import DaemonTest, ask, parse_metrics, wait_until
from scripted_target import Target, metrics, saying, whole
from write_receiver import Receiver

CONFIG = """
global:
  scrape_interval: 500ms
  scrape_timeout: 500ms
  external_labels: {{cluster: test}}
scrape_configs:
  - job_name: one
    static_configs: [{{targets: [{good}, {bad}], labels: {{team: a}}}}]
  - job_name: two
    basic_auth: {{username: user, password: hidden-basic}}
    static_configs: [{{targets: [{good}, 'dropped:1']}}]
    relabel_configs: [{{source_labels: [__address__], regex: 'dropped:1', action: drop}}]
  - job_name: three
    authorization: {{credentials: hidden-bearer}}
    static_configs: [{{targets: []}}]
remote_write:
  - url: http://user:hidden-url@{receiver}
    authorization: {{credentials: hidden-write}}
"""
SECRETS = ("hidden-basic", "hidden-bearer", "hidden-write", "hidden-url")

EXPOSED = """# TYPE plain gauge
plain 1
# TYPE requests_total counter
requests_total{code="200",path="/a b"} 7
requests_total{code="500",path="/"} 2
"""

COMPARED = [
    "/api/v1/targets",
    "/api/v1/targets?state=active",
    "/api/v1/targets?state=dropped",
    "/api/v1/targets?state=none",
    "/api/v1/targets?scrapePool=one",
    "/api/v1/scrape_pools",
    "/api/v1/status/config",
    "/api/v1/status/buildinfo",
    "/api/v1/status/runtimeinfo",
]
# The rest of what such an agent has, with keys that follow from the version.
COMPARED_BY_STATUS = ["/version", "/api/v1/status/flags", "/metrics", "/-/healthy", "/-/ready", "/api/v1/nothing"]
UNAVAILABLE = [
    ("GET", "query?query=up"), ("POST", "query"), ("GET", "query_range"), ("POST", "query_range"),
    ("GET", "query_exemplars"), ("GET", "format_query"), ("GET", "labels"),
    ("POST", "labels"), ("GET", "label/job/values"), ("GET", "series"), ("GET", "alertmanagers"), ("GET", "alerts"),
    ("GET", "rules"), ("GET", "status/tsdb"), ("POST", "admin/tsdb/snapshot"), ("PUT", "admin/tsdb/clean_tombstones"),
]


def shape(value):
    """What a JSON value consists of: keys of objects and kinds of values, but nothing of its content."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return type(value).__name__


class ApiTest(DaemonTest):
    def setUp(self):
        super().setUp()
        self.good = self.closing(Target(metrics(EXPOSED)))
        self.bad = self.closing(Target(saying(whole(b"plain 1\n}{\n"))))
        self.receiver = self.closing(Receiver())
        self.text = CONFIG.format(good=self.good.address, bad=self.bad.address,
                                  receiver=self.receiver.url.removeprefix("http://"))

    def run_daemon(self, *flags):
        self.daemon = self.start(self.text, *flags)
        wait_until(lambda: self.all_scraped(self.daemon.port), "everything was scraped")

    def all_scraped(self, port):
        active = ask(port, "/api/v1/targets").data["activeTargets"]
        return len(active) == 3 and all(target["health"] != "unknown" for target in active)


class AgainstPrometheus(ApiTest):
    def run_prometheus(self):
        program = shutil.which("prometheus")
        self.assertTrue(program, "prometheus, of the packages for tests, is not installed")
        directory = self.directory / "prometheus"
        directory.mkdir()
        (directory / "prometheus.yml").write_text(self.text, encoding="utf-8")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        with (directory / "log").open("wb") as log:
            child = subprocess.Popen(
                [program, "--enable-feature=agent", f"--config.file={directory}/prometheus.yml",
                 f"--web.listen-address=127.0.0.1:{port}", f"--storage.agent.path={directory}/data"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(lambda: (child.kill(), child.wait()))

        def ready():
            try:
                return ask(port, "/-/ready").status == 200 and self.all_scraped(port)
            except OSError:
                return False

        wait_until(ready, "prometheus is ready", 30)
        return port

    def compare(self, ours, theirs, where):
        """Every key that Prometheus has is there, with a value of the same kind."""
        self.assertEqual(type(ours), type(theirs), where)
        if isinstance(theirs, dict):
            self.assertEqual(theirs.keys() - ours.keys(), set(), f"{where} misses keys")
            for key in theirs:
                self.compare(ours[key], theirs[key], f"{where}.{key}")
        elif isinstance(theirs, list):
            self.assertEqual(len(ours), len(theirs), where)
            for i, each in enumerate(theirs):
                self.compare(ours[i], each, f"{where}[{i}]")
        else:
            self.assertEqual(ours, theirs, where)

    def test_answers_have_the_same_keys(self):
        self.run_daemon()
        port = self.run_prometheus()
        for path in COMPARED:
            ours, theirs = self.daemon.get(path), ask(port, path)
            with self.subTest(path):
                self.assertEqual((ours.status, theirs.status), (200, 200))
                self.assertEqual(ours.headers["Content-Type"].split(";")[0],
                                 theirs.headers["Content-Type"].split(";")[0])
                self.compare(shape(ours.json), shape(theirs.json), path)
        for path in COMPARED_BY_STATUS:
            with self.subTest(path):
                self.assertEqual(self.daemon.get(path).status, ask(port, path).status)
        for method, path in UNAVAILABLE:
            ours, theirs = self.daemon.get("/api/v1/" + path, method), ask(port, "/api/v1/" + path, method)
            with self.subTest(path, method=method):
                self.assertEqual(ours.status, theirs.status)
                self.assertEqual(ours.json, theirs.json)


class Api(ApiTest):
    """What one daemon answers; nothing here changes it."""

    def test_answers(self):
        self.run_daemon()
        for name in dir(self):
            if name.startswith("check_"):
                with self.subTest(name):
                    getattr(self, name)()
        self.assertTrue(self.daemon.is_alive())

    def check_targets(self):
        data = self.daemon.data("/api/v1/targets")
        self.assertEqual([target["scrapePool"] for target in data["activeTargets"]], ["one", "one", "two"])
        found = {(target["scrapePool"], target["labels"]["instance"]): target for target in data["activeTargets"]}
        good = found["one", self.good.address]
        self.assertEqual(good["labels"], {"instance": self.good.address, "job": "one", "team": "a"})
        self.assertEqual(good["discoveredLabels"]["__address__"], self.good.address)
        self.assertEqual(good["discoveredLabels"]["__scrape_interval__"], "500ms")
        self.assertEqual((good["health"], good["lastError"]), ("up", ""))
        self.assertEqual((good["scrapeInterval"], good["scrapeTimeout"]), ("500ms", "500ms"))
        self.assertEqual(good["scrapeUrl"], self.good.url)
        self.assertEqual(good["globalUrl"].rpartition(":")[2], self.good.url.rpartition(":")[2])
        self.assertRegex(good["lastScrape"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
        self.assertGreater(good["lastScrapeDuration"], 0)
        bad = found["one", self.bad.address]
        self.assertEqual(bad["health"], "down")
        self.assertIn("line 2", bad["lastError"])
        dropped = [target["discoveredLabels"]["__address__"] for target in data["droppedTargets"]]
        self.assertEqual(dropped, ["dropped:1"])
        self.assertEqual(data["droppedTargetCounts"], {"one": 0, "two": 1, "three": 0})

    def check_targets_by_state(self):
        expected = {"active": (3, 0), "dropped": (0, 1), "any": (3, 1), "ANY": (3, 1), "": (3, 1), "no": (0, 0)}
        for state, halves in expected.items():
            data = self.daemon.data(f"/api/v1/targets?state={state}")
            self.assertEqual((len(data["activeTargets"]), len(data["droppedTargets"])), halves, state)
        self.assertEqual(len(self.daemon.data("/api/v1/targets?scrapePool=two")["activeTargets"]), 1)
        self.assertEqual(self.daemon.data("/api/v1/targets?scrapePool=nothing")["activeTargets"], [])

    def check_scrape_pools(self):
        self.assertEqual(sorted(self.daemon.data("/api/v1/scrape_pools")["scrapePools"]), ["one", "three", "two"])

    def check_status(self):
        runtime = self.daemon.data("/api/v1/status/runtimeinfo")
        self.assertTrue(runtime["reloadConfigSuccess"])
        flags = self.daemon.data("/api/v1/status/flags")
        self.assertEqual(flags["config.file"], str(self.daemon.config))
        self.assertTrue(all(isinstance(value, str) for value in flags.values()))
        version = self.run_to_end("--version").stdout.split()[-1]
        self.assertEqual(self.daemon.data("/api/v1/status/buildinfo")["version"], version)
        self.assertEqual(self.daemon.get("/version").json["version"], version)

    def check_own_endpoints(self):
        providers = self.daemon.data("/api/v1/discovery")["providers"]
        self.assertTrue(providers)
        for provider in providers:
            state = provider["mechanism"], provider["state"], provider["lastError"]
            self.assertEqual(state, ("static", "running", ""))
        self.assertEqual(sum(provider["targets"] for provider in providers), 4)
        for actor in self.daemon.data("/api/v1/status/restarts")["actors"]:
            self.assertEqual((actor["restarts"], actor["lastError"]), (0, ""), actor)
        [endpoint] = self.daemon.data("/api/v1/status/remote_write")["endpoints"]
        self.assertEqual(endpoint["samplesFailed"], 0)

    def check_secrets_are_hidden(self):
        yaml = self.daemon.data("/api/v1/status/config")["yaml"]
        self.assertEqual(yaml.count("<secret>"), 3)
        self.assertIn("http://user:xxxxx@", yaml)
        for path in ("/api/v1/status/config", "/api/v1/status/remote_write", "/api/v1/targets", "/metrics", "/targets",
                     "/api/v1/status/flags", "/federate?match[]={__name__=~\".%2B\"}"):
            answer = self.daemon.get(path)
            self.assertEqual(answer.status, 200, path)
            for secret in SECRETS:
                self.assertNotIn(secret, answer.text, path)
        for secret in SECRETS:
            self.assertNotIn(secret, self.daemon.logged())

    def check_the_shown_configuration_is_good(self):
        shown = self.write("shown.yml", self.daemon.data("/api/v1/status/config")["yaml"])
        checked = self.run_to_end("check", "config", shown)
        self.assertEqual(checked.returncode, 0, checked.stderr)

    def check_unavailable(self):
        for method, path in [*UNAVAILABLE, ("POST", "parse_query"), ("GET", "status/tsdb/blocks")]:
            answer = self.daemon.get("/api/v1/" + path, method)
            self.assertEqual(answer.status, 422, path)
            self.assertEqual(answer.json, {"status": "error", "errorType": "execution",
                                           "error": "unavailable with Prometheus Agent"})

    def check_what_is_not_there(self):
        for path in ("/nothing", "/api/v1/nothing", "/api/v2/targets", "/metrics/x", "/..%2f..%2fetc/passwd"):
            self.assertEqual(self.daemon.get(path).status, 404, path)
        self.assertEqual(self.daemon.get("/targets/").status, 301)

    def check_methods(self):
        for path, method in (("/api/v1/targets", "POST"), ("/metrics", "PUT"), ("/-/healthy", "DELETE"),
                             ("/-/reload", "GET"), ("/-/quit", "GET"), ("/api/v1/status/config", "PATCH")):
            answer = self.daemon.get(path, method)
            self.assertEqual(answer.status, 405, path)
            self.assertTrue(answer.headers["Allow"], path)
            self.assertNotIn(method, answer.headers["Allow"].split(", "))

    def check_head(self):
        for path in ("/-/healthy", "/-/ready"):
            whole_answer, head = self.daemon.get(path), self.daemon.get(path, "HEAD")
            self.assertEqual((head.status, head.body), (200, b""))
            self.assertEqual(head.headers["Content-Length"], whole_answer.headers["Content-Length"])
        self.assertEqual(self.daemon.get("/-/healthy").text, "Prometheus Agent is Healthy.\n")
        self.assertEqual(self.daemon.get("/-/ready").text, "Prometheus Agent is Ready.\n")

    def check_pages(self):
        home = self.daemon.get("/")
        self.assertEqual((home.status, home.headers["Location"]), (302, "/targets"))
        page = self.daemon.get("/targets")
        self.assertTrue(page.headers["Content-Type"].startswith("text/html"))
        for text in (self.good.address, self.bad.address, "line 2"):
            self.assertIn(text, page.text)

    def check_cors(self):
        answer = self.daemon.get("/api/v1/targets", headers={"Origin": "http://elsewhere"})
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")
        self.assertEqual(self.daemon.get("/api/v1/targets", "OPTIONS").status, 204)

    def check_compression(self):
        packed = self.daemon.get("/metrics", headers={"Accept-Encoding": "gzip"})
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertEqual(int(packed.headers["Content-Length"]), len(packed.body))
        self.assertEqual(parse_metrics(gzip.decompress(packed.body).decode())["prometheus_ready"], 1)
        plain = self.daemon.get("/metrics", headers={"Accept-Encoding": "gzip;q=0"})
        self.assertIsNone(plain.headers["Content-Encoding"])

    def check_metrics(self):
        found = self.daemon.metrics()
        self.assertEqual(found["prometheus_ready"], 1)
        self.assertEqual(found['prometheus_target_scrape_pool_targets{scrape_job="one"}'], 2)
        self.assertEqual(found["prometheus_target_scrape_pools_total"], 3)
        self.assertGreater(found["process_resident_memory_bytes"], 1 << 20)
        asked = self.daemon.metric("prometheus_http_requests_total", code="200", handler="/metrics")
        again = self.daemon.metric("prometheus_http_requests_total", code="200", handler="/metrics")
        self.assertEqual(again, asked + 1)

    def federated(self, *selectors):
        query = urllib.parse.urlencode([("match[]", selector) for selector in selectors])
        answer = self.daemon.get("/federate?" + query)
        self.assertEqual(answer.status, 200, answer.text)
        return parse_metrics(answer.text)

    def check_federate(self):
        self.assertEqual(self.federated(), {})
        plain = self.federated("plain")
        labels = f'instance="{self.good.address}",job='
        end = 'cluster="test"}'
        self.assertEqual(plain, {f'plain{{{labels}"one",team="a",{end}': 1, f'plain{{{labels}"two",{end}': 1})
        counted = self.federated('{__name__=~"requests.*",code!="200",job="one"}')
        self.assertEqual(list(counted.values()), [2])
        both = self.federated('up{job="one"}', 'requests_total{job="two"}', 'up{instance=~".*"}')
        self.assertEqual(sorted(both.values()), [0, 1, 1, 2, 7])
        self.assertEqual(self.federated("nothing", '{job="nobody"}'), {})

    def check_bad_selectors(self):
        for selector in ("", "{", '{job="}', "up{job=one}", 'up{job=~"("}', "up[5m]", "rate(up)",
                         "up}", 'a{b="c"} d', "\xff"):
            query = urllib.parse.urlencode([("match[]", "up"), ("match[]", selector)], encoding="latin-1")
            answer = self.daemon.get("/federate?" + query)
            self.assertEqual(answer.status, 400, selector)
            self.assertTrue(answer.text, selector)
        self.assertEqual(self.daemon.get("/federate?match[]=%zz").status, 400)

    def check_bad_requests(self):
        for request, status in ((b"no request\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nX: " + b"x" * (1 << 17), 431),
                                (b"POST /-/reload HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\n", 413),
                                (b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400)):
            with socket.create_connection(("127.0.0.1", self.daemon.port), timeout=10) as connection:
                connection.sendall(request)
                line = connection.makefile("rb").readline()
            self.assertTrue(line.startswith(b"HTTP/1.1 %d " % status), (request[:40], line))


class Quit(ApiTest):
    def test_a_request_ends_the_daemon_where_that_is_enabled(self):
        self.run_daemon("--web.enable-lifecycle")
        answer = self.daemon.get("/-/quit", "POST")
        self.assertEqual((answer.status, answer.text), (200, "Requesting termination... Goodbye!"))
        self.assertEqual(self.daemon.wait(), 0)


class Prefix(ApiTest):
    def test_everything_stands_under_the_path_of_the_external_url(self):
        self.text = "scrape_configs: []\n"
        self.daemon = self.start(self.text, "--web.external-url=http://outside:1234/some/where/", prefix="/some/where")
        self.assertEqual(self.daemon.get("/-/healthy").status, 200)
        moved = {"/": "/some/where/", "/some/where": "/some/where/", "/some/where/": "/some/where/targets"}
        for path, location in moved.items():
            answer = ask(self.daemon.port, path)
            self.assertEqual((answer.status, answer.headers["Location"]), (302, location), path)
        self.assertEqual(ask(self.daemon.port, "/metrics").status, 404)


if __name__ == "__main__":
    rollcall_process.main(sys.argv)
