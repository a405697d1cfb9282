"""kubernetes_sd beside vmagent at a real API server: certificates, tokens, selectors, watches and restarts."""

import json
import sys

import kubernetes_test
import side_by_side
from kubernetes_cluster import Cluster, need_cluster
from kubernetes_test import comparable, container, endpoints, metadata, node, pod, service
from rollcall_process import DaemonTest, wait_until
from side_by_side import Vmagent

# This server is older than discovery.k8s.io/v1, which endpoint slices are asked for in.
ROLES = ["node", "pod", "service", "endpoints", "ingress"]
STEP_SECONDS = 60


def configuration(cluster):
    certificates = "tls_config: {{ca_file: {0}/ca.crt, cert_file: {0}/client.crt, key_file: {0}/client.key}}"
    token = "tls_config: {{ca_file: {0}/ca.crt}}\n    authorization: {{credentials_file: {0}/token}}"
    selected = "\n    selectors: [{role: pod, label: app.kubernetes.io/name=web-0}]"
    text = kubernetes_test.configuration(cluster.url, ROLES, certificates.format(cluster.directory))
    more = token.format(cluster.directory) + selected
    job = kubernetes_test.JOB.format(role="pod", url=cluster.url, more=more)
    return text + job.replace("job_name: pod", "job_name: selected")


def real_pod(*arguments, **others):
    """As in the scripted server, with what a real one insists on."""
    made = pod(*arguments, **others)
    made["metadata"]["ownerReferences"][0].update(apiVersion="apps/v1", uid="5f0c6b9e-0000-4000-8000-000000000001")
    made["spec"]["initContainers"] = []
    for each in made["status"]["containerStatuses"]:
        each.update(image="x", imageID="x", ready=True, restartCount=0)
    return made


def real_service(name, *ports, **spec):
    made = service(name, *ports, **spec)
    del made["spec"]["clusterIP"]
    return made


def real_ingress(name, host, *paths, tls=()):
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    listed = [{"path": path, "pathType": "Prefix", "backend": backend} for path in paths]
    return {
        "metadata": metadata(name),
        "spec": {
            "ingressClassName": "nginx",
            "tls": [{"hosts": list(tls)}] if tls else [],
            "rules": [{"host": host, "http": {"paths": listed}}],
        },
    }


class KubernetesCluster(DaemonTest):
    def setUp(self):
        super().setUp()
        (self.directory / "cluster").mkdir()
        self.cluster = self.closing(Cluster(self.directory / "cluster"))
        self.cluster.create("namespaces", {"metadata": {"name": "shop"}})
        config = configuration(self.cluster)
        self.oracle = Vmagent(self.write("vmagent.yml", config), self.directory,
                              "-promscrape.kubernetesSDCheckInterval=500ms")
        self.addCleanup(self.oracle.stop)
        self.daemon = self.start(config)
        self.before = []

    def ours(self):
        return comparable(self.daemon.data("/api/v1/targets?state=active")["activeTargets"])

    def step(self, what, *changes):
        """Makes the changes and waits until both have found the same, and something else than before."""
        for change, *arguments in changes:
            change(*arguments)

        def agree():
            ours = self.ours()
            return (ours,) if ours != self.before and ours == comparable(self.oracle.active()) else None

        try:
            self.before = wait_until(agree, what, STEP_SECONDS)[0]
        except AssertionError:
            ours, theirs = self.ours(), comparable(self.oracle.active())
            only = [[each for each in a if each not in b] for a, b in ((ours, theirs), (theirs, ours))]
            self.fail(f"{what}\nonly here: {json.dumps(only[0])}\nonly there: {json.dumps(only[1])}")
        print(f"ok: {what}", flush=True)

    def test_finds_what_vmagent_finds_through_changes_and_restarts(self):
        self.objects_come()
        self.objects_change()
        self.the_server_restarts()
        self.the_token_is_revoked()

    def objects_come(self):
        create = self.cluster.create
        self.step("a node comes", (create, "nodes", node("n1")))
        web = real_pod("web-0", "10.0.0.1", container("web", 80, 81), container("side"))
        self.step("a pod comes", (create, "pods", web))
        self.step("a service comes", (create, "services", real_service("web", 80)))
        found = endpoints("web", 80, ready=[("web-0", "10.0.0.1")])
        self.step("its endpoints come", (create, "endpoints", found))
        self.step("an ingress comes", (create, "ingresses", real_ingress("web", "shop.example", "/", "/cart")))
        self.step("another pod comes", (create, "pods", real_pod("web-1", "10.0.0.2", container("web", 80))))
        self.step("another node comes", (create, "nodes", node("n2", address="192.168.0.2")))

    def objects_change(self):
        change, delete = self.cluster.change, self.cluster.delete
        labelled = {"metadata": {"labels": {"tier": "front"}}}
        self.step("a pod gets a label", (change, "pods", "web-0", labelled))
        self.step("a node gets a label", (change, "nodes", "n1", labelled))
        self.step("a service gets an annotation",
                  (change, "services", "web", {"metadata": {"annotations": {"scrape": "yes"}}}))
        failed = {"status": {"phase": "Failed", "conditions": [{"type": "Ready", "status": "False"}]}}
        self.step("a pod fails", (change, "pods", "web-1", failed, "/status"))
        both = endpoints("web", 80, ready=[("web-0", "10.0.0.1")], not_ready=[("web-1", "10.0.0.2")])
        self.step("the endpoints grow", (change, "endpoints", "web", {"subsets": both["subsets"]}))
        self.step("a pod goes", (delete, "pods", "web-1"))
        self.step("a node goes", (delete, "nodes", "n2"))
        self.step("the ingress goes", (delete, "ingresses", "web"))

    def the_server_restarts(self):
        self.cluster.halt()
        failures = self.daemon.metric("prometheus_sd_kubernetes_failures_total")
        wait_until(lambda: self.daemon.metric("prometheus_sd_kubernetes_failures_total") > failures,
                   "the server is missed", STEP_SECONDS)
        self.assertEqual(self.ours(), self.before)
        self.cluster.start()
        later = real_pod("web-2", "10.0.0.3", container("web", 80))
        self.step("the server is back, and a pod comes", (self.cluster.create, "pods", later))

    def the_token_is_revoked(self):
        self.cluster.halt()
        self.cluster.write_tokens("another")
        self.cluster.start()

        def refused():
            providers = self.daemon.data("/api/v1/discovery")["providers"]
            return any("401" in each["lastError"] for each in providers)

        wait_until(refused, "the token is refused", STEP_SECONDS)
        self.assertEqual(self.ours(), self.before)
        (self.cluster.directory / "token").write_text("another", encoding="utf-8")
        wait_until(lambda: not refused(), "the new token is taken", STEP_SECONDS)
        self.step("a label changes after that",
                  (self.cluster.change, "pods", "web-0", {"metadata": {"labels": {"tier": "back"}}}))


if __name__ == "__main__":
    need_cluster()
    side_by_side.main(sys.argv, "vmagent")
