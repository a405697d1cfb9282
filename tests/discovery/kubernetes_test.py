"""kubernetes_sd beside Debian's vmagent on one fake API server, through a script of changes; and what goes wrong."""

import json
import sys

import side_by_side
from kubernetes_server import KubernetesServer
from rollcall_process import DaemonTest, wait_until
from side_by_side import Vmagent

ROLES = ["node", "pod", "service", "endpoints", "endpointslice", "ingress"]

# Every discovered label becomes a label of the target, which makes all targets different and all labels comparable.
JOB = """
- job_name: {role}
  scrape_interval: 1h
  relabel_configs:
  - action: labelmap
    regex: __(meta_.+)
  - source_labels: [__address__]
    target_label: found
  kubernetes_sd_configs:
  - role: {role}
    api_server: {url}
    {more}
"""

# What Prometheus says of targets and vmagent 1.79 does not: it is older than these labels.
NEWER = (
    "meta_kubernetes_node_condition_",
    "meta_kubernetes_pod_container_id",
    "meta_kubernetes_pod_container_image",
    "meta_kubernetes_service_port_number",
    "meta_kubernetes_service_loadbalancer_ip",
    "meta_kubernetes_endpointslice_endpoint_node_name",
)
# What vmagent adds to endpoints of a service, or leaves out of them.
ENDPOINTS_OWN = (
    "meta_kubernetes_service_type",
    "meta_kubernetes_service_cluster_ip",
    "meta_kubernetes_pod_container_init",
)
# The labels of a group, which vmagent does not give to the ports of a pod that no endpoint names.
GROUP = tuple(
    f"meta_kubernetes_{role}_{part}"
    for role in ("endpoints", "endpointslice")
    for part in ("name", "label", "annotation", "address_type")
)


def configuration(url, roles, more=""):
    return "scrape_configs:" + "".join(JOB.format(role=role, url=url, more=more) for role in roles)


def metadata(name, namespace="shop", **others):
    about = {"name": name, "labels": {"app.kubernetes.io/name": name}, "annotations": {"note/x": "of " + name}}
    if namespace:
        about["namespace"] = namespace
    return {**about, **others}


def node(name, *, ready="True", port=10250, address="192.168.0.1"):
    return {
        "metadata": metadata(name, ""),
        "spec": {"providerID": f"cloud://{name}"},
        "status": {
            "addresses": [{"type": "Hostname", "address": name}, {"type": "InternalIP", "address": address}],
            "conditions": [{"type": "Ready", "status": ready}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        },
    }


def container(name, *ports):
    return {
        "name": name,
        "image": f"registry/{name}:1",
        "ports": [{"name": f"p{port}", "containerPort": port, "protocol": "TCP"} for port in ports],
    }


def pod(name, ip, *containers, phase="Running", ready="True", on="n1"):
    owner = {"kind": "ReplicaSet", "name": "web-5d", "controller": True}
    return {
        "metadata": metadata(name, ownerReferences=[owner]),
        "spec": {"nodeName": on, "containers": list(containers), "initContainers": [container("prepare")]},
        "status": {
            "podIP": ip,
            "hostIP": "192.168.0.1",
            "phase": phase,
            "conditions": [{"type": "Ready", "status": ready}],
            "containerStatuses": [
                {"name": each["name"], "containerID": f"cri://{each['name']}"} for each in containers
            ],
        },
    }


def service(name, *ports, **spec):
    listed = [{"name": f"p{port}", "port": port, "protocol": "TCP"} for port in ports]
    return {
        "metadata": metadata(name),
        "spec": {"type": "ClusterIP", "clusterIP": "10.96.0.1", "ports": listed, **spec},
    }


def reference(name):
    return {"kind": "Pod", "name": name, "namespace": "shop"}


def endpoints(name, port, ready=(), not_ready=()):
    def address(each):
        pod_name, ip = each
        return {"ip": ip, "nodeName": "n1", "targetRef": reference(pod_name)} if pod_name else {"ip": ip}

    subset = {"ports": [{"name": f"p{port}", "port": port, "protocol": "TCP"}]}
    if ready:
        subset["addresses"] = [address(each) for each in ready]
    if not_ready:
        subset["notReadyAddresses"] = [address(each) for each in not_ready]
    return {"metadata": metadata(name), "subsets": [subset]}


def endpointslice(name, of, port, *pods):
    about = metadata(name)
    about["labels"]["kubernetes.io/service-name"] = of
    listed = [
        {"addresses": [ip], "conditions": {"ready": True}, "nodeName": "n1", "targetRef": reference(pod_name)}
        for pod_name, ip in pods
    ]
    return {
        "metadata": about,
        "addressType": "IPv4",
        "ports": [{"name": f"p{port}", "port": port, "protocol": "TCP"}],
        "endpoints": listed,
    }


def ingress(name, host, *paths, tls=()):
    rule = {"host": host}
    if paths:
        rule["http"] = {"paths": [{"path": path} for path in paths]}
    return {
        "metadata": metadata(name),
        "spec": {"ingressClassName": "nginx", "tls": [{"hosts": list(tls)}] if tls else [], "rules": [rule]},
    }


# Each step is one change: put an object, or delete one.
SCRIPT = [
    ("put", "nodes", node("n1")),
    ("put", "nodes", node("n2", address="192.168.0.2")),
    ("put", "pods", pod("web-0", "10.0.0.1", container("web", 80, 81), container("side"))),
    ("put", "services", service("web", 80)),
    ("put", "endpoints", endpoints("web", 80, ready=[("web-0", "10.0.0.1")])),
    ("put", "endpointslices", endpointslice("web-x", "web", 80, ("web-0", "10.0.0.1"))),
    ("put", "ingresses", ingress("web", "shop.example", "/", "/cart", tls=["shop.example"])),
    ("put", "pods", pod("web-1", "10.0.0.2", container("web", 80, 81))),
    ("put", "endpoints", endpoints("web", 80, ready=[("web-0", "10.0.0.1")], not_ready=[("web-1", "10.0.0.2")])),
    ("put", "endpointslices", endpointslice("web-x", "web", 80, ("web-0", "10.0.0.1"), ("web-1", "10.0.0.2"))),
    ("put", "pods", pod("web-0", "10.0.0.1", container("web", 80, 81), phase="Failed", ready="False")),
    ("put", "services", service("web", 80, 443, type="LoadBalancer", loadBalancerIP="1.2.3.4")),
    ("put", "services", service("far", 5432, type="ExternalName", externalName="db.example", clusterIP="")),
    ("put", "nodes", node("n1", port=10255)),
    ("put", "ingresses", ingress("wild", "a.shop.example", tls=["*.shop.example"])),
    ("put", "ingresses", ingress("plain", "b.example", "")),
    ("put", "endpoints", endpoints("outside", 9100, ready=[(None, "172.16.0.1")])),
    ("put", "pods", pod("web-1", "10.0.0.3", container("web", 80, 81))),
    ("put", "pods", pod("batch-0", "", container("run", 9000), phase="Pending")),
    ("put", "pods", pod("batch-0", "10.0.0.9", container("run", 9000))),
    ("put", "pods", pod("six", "fd00::6", container("web", 80))),
    ("delete", "ingresses", "wild"),
    ("delete", "pods", "web-0"),
    ("delete", "endpoints", "web"),
    ("delete", "services", "web"),
    ("delete", "nodes", "n2"),
    ("delete", "endpointslices", "web-x"),
]

# A credential plugin: the status is what a file holds.
PLUGIN = """#!/bin/sh -e
status=$(cat "$(dirname "$0")/$1")
echo "$KUBERNETES_EXEC_INFO" >> "$PLUGIN_LOG"
version=$(echo "$KUBERNETES_EXEC_INFO" | sed 's/.*"apiVersion":"\\([^"]*\\)".*/\\1/')
echo "{\\"kind\\": \\"ExecCredential\\", \\"apiVersion\\": \\"$version\\", \\"status\\": $status}"
"""

FAULT_SECONDS = 60  # Each fault lets the next attempt wait longer.
QUIET = {18}  # The steps after which the targets are as before: a pod without an address is none.


def comparable_labels(labels):
    """Those labels of a target that both programs have, sorted."""
    ignored = NEWER
    if labels["job"].startswith("endpoints"):
        ignored += ENDPOINTS_OWN
        if not any(name.endswith(("endpoint_port_name", "endpointslice_port_name")) for name in labels):
            ignored += GROUP
    wanted = {name: value for name, value in labels.items() if name in ("job", "found") or name.startswith("meta_")}
    return sorted((name, value) for name, value in wanted.items() if value and not name.startswith(ignored))


def comparable(targets):
    return sorted(comparable_labels(each["labels"]) for each in targets)


class Kubernetes(DaemonTest):
    def setUp(self):
        super().setUp()
        self.server = self.closing(KubernetesServer())

    def step(self, action, resource, what):
        if action == "put":
            self.server.put(resource, what)
        else:
            self.server.delete(resource, "" if resource == "nodes" else "shop", what)

    def run_daemon(self, *roles, more=""):
        self.daemon = self.start(configuration(self.server.url, roles, more))

    def active(self):
        return self.daemon.data("/api/v1/targets?state=active")["activeTargets"]

    def found(self):
        return sorted(each["labels"]["found"] for each in self.active())

    def wait_for(self, *addresses):
        expected = sorted(addresses)
        try:
            wait_until(lambda: self.found() == expected, f"the targets are {expected}")
        except AssertionError as error:
            raise AssertionError(f"{error}, but {self.found()}; {self.daemon.logged()[-1500:]}") from None

    def agreed(self, oracle, before):
        """What both found, in a tuple, when that is the same and not as before."""
        ours = comparable(self.active())
        return (ours,) if ours != before and ours == comparable(oracle.active()) else None

    def put_pods(self, *names):
        for name in names:
            self.server.put("pods", pod(name, f"10.0.0.{name}", container("web", 80)))

    def test_finds_what_vmagent_finds_through_a_script_of_changes(self):
        config = self.write("vmagent.yml", configuration(self.server.url, ROLES))
        oracle = Vmagent(config, self.directory, "-promscrape.kubernetesSDCheckInterval=500ms")
        self.addCleanup(oracle.stop)
        self.run_daemon(*ROLES)
        before = []
        for number, step in enumerate(SCRIPT):
            self.step(*step)
            name = step[2] if step[0] == "delete" else step[2]["metadata"]["name"]
            what = f"step {number} ({step[0]} {step[1]} {name})"
            try:
                before = wait_until(lambda: self.agreed(oracle, None if number in QUIET else before), what, 40)[0]
            except AssertionError:
                ours, theirs = comparable(self.active()), comparable(oracle.active())
                differing = [each for each in ours if each not in theirs], [each for each in theirs if each not in ours]
                self.fail(f"{what}\nonly here: {json.dumps(differing[0])}\nonly there: {json.dumps(differing[1])}")
        self.assertGreater(self.daemon.metric("prometheus_sd_kubernetes_events_total", role="pod", event="update"), 0)

    def test_follows_pages_bookmarks_and_events(self):
        self.put_pods("1", "2", "3", "4", "5", "6", "7")
        self.run_daemon("pod")
        self.wait_for(*(f"10.0.0.{i}:80" for i in range(1, 8)), *(f"10.0.0.{i}" for i in range(1, 8)))
        self.assertGreaterEqual(self.server.asked("continue="), 2)
        self.assertEqual(self.server.asked("watch=1"), 1)

    def test_goes_on_after_a_cut_from_where_it_was(self):
        self.put_pods("1")
        self.run_daemon("pod")
        self.wait_for("10.0.0.1", "10.0.0.1:80")
        for number, truncated in enumerate((False, True)):
            wait_until(lambda: self.server.asked("watch=1") > number, "a watch begins")
            self.server.cut_watches(truncated=truncated)
            self.put_pods(str(number + 2))
            wait_until(lambda: f"10.0.0.{number + 2}:80" in self.found(), "what came meanwhile is found")
        self.assertEqual(self.server.asked("limit="), 1)

    def test_lists_anew_without_a_gap_when_history_is_lost(self):
        self.put_pods("1", "2")
        self.run_daemon("pod")
        self.wait_for("10.0.0.1", "10.0.0.1:80", "10.0.0.2", "10.0.0.2:80")
        self.server.delete("pods", "shop", "1")
        self.put_pods("3")
        self.server.delay_seconds = 0.5
        self.server.forget_history()

        def found():
            now = self.found()
            self.assertIn("10.0.0.2:80", now, "a target was withdrawn that was there all the time")
            return now == ["10.0.0.2", "10.0.0.2:80", "10.0.0.3", "10.0.0.3:80"]

        wait_until(found, "the new list is in force")
        self.assertEqual(self.server.asked("limit="), 2)

    def test_keeps_its_targets_while_it_is_refused(self):
        self.put_pods("1")
        self.run_daemon("pod")
        self.wait_for("10.0.0.1", "10.0.0.1:80")
        self.server.forbid("pods")
        self.server.cut_watches()
        wait_until(lambda: self.daemon.metric("prometheus_sd_kubernetes_failures_total") >= 1, "the refusal is counted")
        self.wait_for("10.0.0.1", "10.0.0.1:80")
        self.server.forbid()
        self.put_pods("2")
        self.wait_for("10.0.0.1", "10.0.0.1:80", "10.0.0.2", "10.0.0.2:80")

    def test_keeps_its_targets_through_every_fault_of_the_server(self):
        self.put_pods("1")
        self.run_daemon("pod")
        expected = ["10.0.0.1", "10.0.0.1:80"]
        self.wait_for(*expected)
        for number, fault in enumerate(("error", "hang", "truncated", "garbage", "slow"), 2):
            lists = self.server.asked("limit=")
            self.server.fault = fault
            self.put_pods(str(number))
            self.server.forget_history()  # So that a list is wanted.
            wait_until(lambda: self.server.asked("limit=") > lists, f"{fault}: a list is asked for", FAULT_SECONDS)
            if fault != "slow":
                self.assertLessEqual(set(expected), set(self.found()), fault)
                self.server.fault = None
            expected += [f"10.0.0.{number}", f"10.0.0.{number}:80"]
            wait_until(lambda: self.found() == sorted(expected), f"recovered from {fault}", FAULT_SECONDS)
            self.server.fault = None

    def test_goes_on_when_the_server_was_away(self):
        self.put_pods("1")
        self.run_daemon("pod")
        self.wait_for("10.0.0.1", "10.0.0.1:80")
        self.server.halt()
        wait_until(lambda: self.daemon.metric("prometheus_sd_kubernetes_failures_total") >= 1, "it is missed")
        self.put_pods("2")
        self.wait_for("10.0.0.1", "10.0.0.1:80")
        self.server.resume()
        self.wait_for("10.0.0.1", "10.0.0.1:80", "10.0.0.2", "10.0.0.2:80")

    def test_loses_nothing_when_its_token_is_revoked(self):
        self.server.token = "first"
        self.put_pods("1")
        token = self.write("token", "first")
        self.run_daemon("pod", more=f"authorization: {{credentials_file: {token}}}")
        self.wait_for("10.0.0.1", "10.0.0.1:80")
        self.server.token = "second"
        self.server.cut_watches()
        wait_until(lambda: "401" in self.daemon.data("/api/v1/discovery")["providers"][0]["lastError"],
                   "the token is refused")
        self.put_pods("2")
        self.wait_for("10.0.0.1", "10.0.0.1:80")
        self.write("token", "second")
        self.wait_for("10.0.0.1", "10.0.0.1:80", "10.0.0.2", "10.0.0.2:80")

    def test_jobs_that_want_the_same_list_share_one_watch(self):
        self.put_pods("1")
        self.server.put("services", service("web", 80))
        self.run_daemon("pod", "endpoints", "endpointslice")
        self.wait_for("10.0.0.1", "10.0.0.1:80")
        wait_until(lambda: self.server.asked("watch=1") >= 4, "all watches begin")
        self.assertEqual(self.server.asked("/api/v1/pods?watch=1"), 1)
        self.assertEqual(self.server.asked("/api/v1/services?watch=1"), 1)

    def test_asks_for_the_namespaces_and_objects_that_are_wanted(self):
        self.put_pods("1", "2")
        other = pod("3", "10.0.0.3", container("web", 80))
        other["metadata"]["namespace"] = "other"
        self.server.put("pods", other)
        selector = "selectors: [{role: pod, field: metadata.name=2}]"
        self.run_daemon("pod", more="namespaces: {names: [shop, empty]}\n    " + selector)
        self.wait_for("10.0.0.2", "10.0.0.2:80")
        self.assertEqual(self.server.asked("/api/v1/pods"), 0)
        self.assertGreaterEqual(self.server.asked("/api/v1/namespaces/empty/pods?fieldSelector=metadata.name%3D2"), 1)

    def test_attaches_what_is_known_of_nodes_and_namespaces_and_owners(self):
        self.server.put("nodes", node("n1"))
        self.server.put("namespaces", {"metadata": metadata("shop", "")})
        owner = {"kind": "Deployment", "name": "web", "controller": True}
        self.server.put("replicasets", {"metadata": metadata("web-5d", ownerReferences=[owner])})
        self.put_pods("1")
        self.run_daemon("pod", more="attach_metadata: {node: true, namespace: true, deployment: true}")
        self.wait_for("10.0.0.1", "10.0.0.1:80")
        labels = self.active()[0]["labels"]
        self.assertEqual(labels["meta_kubernetes_node_name"], "n1")
        self.assertEqual(labels["meta_kubernetes_namespace_annotation_note_x"], "of shop")
        self.assertEqual(labels["meta_kubernetes_pod_deployment_name"], "web")

    def write_kubeconfig(self, user):
        extension = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "here"}}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
            "clusters": [{"name": "k", "cluster": {"server": self.server.url, "extensions": [extension]}}],
            "users": [{"name": "u", "user": user}],
        }
        self.write("kubeconfig", config)

    def run_with_kubeconfig(self):
        job = JOB.format(role="pod", url="", more="").replace("api_server: ", "kubeconfig_file: kubeconfig")
        self.daemon = self.start("scrape_configs:" + job)

    def failures(self):
        return self.daemon.metric("prometheus_sd_kubernetes_failures_total")

    def last_error(self):
        return self.daemon.data("/api/v1/discovery")["providers"][0]["lastError"]

    def test_reads_a_kubeconfig_file_and_follows_its_changes(self):
        self.server.token = "secret"
        self.put_pods("1")
        self.write_kubeconfig({"token": "wrong"})
        self.run_with_kubeconfig()
        wait_until(lambda: self.failures() >= 1, "the token is refused")
        self.write_kubeconfig({"token": "secret"})
        self.wait_for("10.0.0.1", "10.0.0.1:80")

    def write_plugin(self, version):
        """A plugin that gives the token of a file, as long as that says, and notes how it is run."""
        script = self.write("plugin", PLUGIN)
        script.chmod(0o700)
        return {
            "apiVersion": f"client.authentication.k8s.io/{version}",
            "command": "./plugin",
            "args": ["tok en"],
            "env": [{"name": "PLUGIN_LOG", "value": str(self.directory / "runs")}],
            "interactiveMode": "IfAvailable",
            "provideClusterInfo": True,
        }

    def give_token(self, token, **status):
        self.write("tok en", {"token": token, **status})

    def runs(self):
        """What the plugin was told, each time."""
        log = self.directory / "runs"
        return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []

    def test_a_plugin_gives_the_token_and_another_once_that_is_revoked(self):
        for number, version in enumerate(("v1", "v1beta1"), 1):
            self.server.token = "first"
            self.give_token("first")
            self.put_pods(str(number))
            self.write_kubeconfig({"exec": self.write_plugin(version)})
            if number == 1:
                self.run_with_kubeconfig()
            wait_until(lambda: f"10.0.0.{number}:80" in self.found(), f"a plugin of {version} gives a token")
            wait_until(lambda: self.server.asked("watch=1") >= number, "a watch begins")
        told = self.runs()[-1]
        self.assertEqual(told["apiVersion"], "client.authentication.k8s.io/v1beta1")
        cluster = {"server": self.server.url, "config": {"audience": "here"}}
        self.assertEqual(told["spec"], {"interactive": False, "cluster": cluster})
        ran = len(self.runs())
        self.server.token = "second"
        self.give_token("second")
        self.server.cut_watches()
        wait_until(lambda: len(self.runs()) > ran, "the refusal has the plugin run again")
        self.put_pods("3")
        wait_until(lambda: "10.0.0.3:80" in self.found(), "the new token is taken")
        self.assertEqual(len(self.runs()), ran + 1)
        before = self.found()
        self.server.token = "third"
        self.server.cut_watches()
        wait_until(lambda: "401" in self.last_error(), "the plugin has no new token")
        self.put_pods("4")
        self.assertEqual(self.found(), before)
        self.give_token("third")
        wait_until(lambda: "10.0.0.4:80" in self.found(), "it has one again", FAULT_SECONDS)

    def test_a_token_of_a_plugin_is_good_until_it_expires(self):
        self.server.token = "first"
        self.give_token("first", expirationTimestamp="2001-01-01T00:00:00Z")
        self.put_pods("1")
        self.write_kubeconfig({"exec": self.write_plugin("v1")})
        self.run_with_kubeconfig()
        self.wait_for("10.0.0.1", "10.0.0.1:80")
        wait_until(lambda: self.server.asked("watch=1") >= 1, "a watch begins")
        # The list and the watch: what has expired is got anew for each question.
        self.assertEqual(len(self.runs()), self.server.asked("/pods?"))
        self.give_token("first", expirationTimestamp="2199-01-01T00:00:00+01:00")
        self.server.cut_watches()
        wait_until(lambda: self.server.asked("watch=1") >= 2, "a second watch begins")
        ran = len(self.runs())
        self.server.cut_watches()
        wait_until(lambda: self.server.asked("watch=1") >= 3, "a third watch begins")
        self.assertEqual(len(self.runs()), ran)

    def test_a_plugin_that_fails_says_why_and_costs_no_target(self):
        self.server.token = "first"
        self.give_token("first")
        self.put_pods("1")
        plugin = self.write_plugin("v1")
        self.write_kubeconfig({"exec": plugin})
        self.run_with_kubeconfig()
        self.wait_for("10.0.0.1", "10.0.0.1:80")
        troubles = [
            ({"command": "./no-such-plugin", "installHint": "see the handbook"}, "see the handbook"),
            ({"args": ["no-such-file"]}, "no-such-file"),
            ({"args": ["plugin"]}, "its output is no JSON object"),
            ({"apiVersion": "client.authentication.k8s.io/v2"}, "is not supported"),
            ({"interactiveMode": "Always"}, "is not supported"),
        ]
        for change, words in troubles:
            self.write_kubeconfig({"exec": {**plugin, **change}})
            wait_until(lambda: words in self.last_error(), f"{words}: {self.last_error()}")
            self.wait_for("10.0.0.1", "10.0.0.1:80")
        self.put_pods("2")
        self.write_kubeconfig({"exec": plugin})
        wait_until(lambda: "10.0.0.2:80" in self.found(), "the plugin is as it was", FAULT_SECONDS)


if __name__ == "__main__":
    side_by_side.main(sys.argv, "vmagent")
