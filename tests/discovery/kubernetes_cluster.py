"""A real kube-apiserver on a real etcd, with certificates and tokens of its own. Nothing else of a cluster runs."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import urllib.error
import urllib.request

from side_by_side import need, skip, wait_until

START_SECONDS = 90
PROGRAM = "ROLLCALL_KUBE_APISERVER"  # the variable that says where it is
GROUPS = {
    "namespaces": "/api/v1",
    "nodes": "/api/v1",
    "pods": "/api/v1",
    "services": "/api/v1",
    "endpoints": "/api/v1",
    "ingresses": "/apis/networking.k8s.io/v1",
}
NAMESPACE = "shop"


def need_cluster():
    """Skips the test where the programs are missing."""
    if not os.access(os.environ.get(PROGRAM, ""), os.X_OK):
        skip(f"{PROGRAM} names no kube-apiserver: ./dev test kubernetes builds one")
    need("etcd", "etcd-server")
    need("openssl", "openssl")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """`directory` holds ca.crt, client.crt and client.key of an administrator, and `token`, that of another one."""

    def __init__(self, directory):
        self.directory = directory
        self._etcd_port, self.port = free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self._etcd = self._server = None
        self._make_certificates()
        self.write_tokens("sesame")
        (directory / "token").write_text("sesame", encoding="utf-8")
        self._context = ssl.create_default_context(cafile=str(directory / "ca.crt"))
        self._context.load_cert_chain(directory / "client.crt", directory / "client.key")
        try:
            self._start_etcd()
            self.start()
        except BaseException:
            self.close()
            raise

    # -- certificates and tokens -----------------------------------------------------------------------------------

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.directory, check=True, capture_output=True)

    def _make_certificates(self):
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=ca",
                      "-keyout", "ca.key", "-out", "ca.crt")
        for name, subject in (("server", "/CN=apiserver"), ("client", "/O=system:masters/CN=scraper")):
            (self.directory / "names").write_text("subjectAltName=IP:127.0.0.1", encoding="utf-8")
            self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", subject,
                          "-keyout", f"{name}.key", "-out", f"{name}.csr")
            self._openssl("x509", "-req", "-days", "1", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                          "-CAcreateserial", "-extfile", "names", "-out", f"{name}.crt")
        self._openssl("genrsa", "-out", "accounts.key", "2048")

    def write_tokens(self, *tokens):
        """Those that are good from the next start on."""
        lines = [f'{token},reader,{number},"system:masters"' for number, token in enumerate(tokens)]
        (self.directory / "tokens.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")

    # -- the programs ----------------------------------------------------------------------------------------------

    def _run(self, arguments, name):
        with (self.directory / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                arguments, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _start_etcd(self):
        url, peer = (f"http://127.0.0.1:{port}" for port in (self._etcd_port, free_port()))
        self._etcd = self._run(
            [need("etcd", "etcd-server"), f"--data-dir={self.directory}/etcd", f"--listen-client-urls={url}",
             f"--advertise-client-urls={url}", f"--listen-peer-urls={peer}", f"--initial-cluster=default={peer}",
             f"--initial-advertise-peer-urls={peer}", "--unsafe-no-fsync"],
            "etcd")

    def start(self):
        self._server = self._run(
            [os.environ[PROGRAM], f"--etcd-servers=http://127.0.0.1:{self._etcd_port}", "--bind-address=127.0.0.1",
             f"--secure-port={self.port}", "--tls-cert-file=server.crt", "--tls-private-key-file=server.key",
             "--client-ca-file=ca.crt", "--token-auth-file=tokens.csv", "--authorization-mode=RBAC",
             "--service-account-issuer=https://127.0.0.1", "--service-account-key-file=accounts.key",
             "--service-account-signing-key-file=accounts.key", "--service-cluster-ip-range=10.96.0.0/16",
             "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition"],
            "kube-apiserver")
        wait_until(self._is_ready, "the API server is ready", START_SECONDS)

    def _is_ready(self):
        if self._server.poll() is not None:
            words = (self.directory / "kube-apiserver.log").read_text(errors="replace")[-2000:]
            raise AssertionError(f"the API server ended: {words}")
        try:
            return self.ask("GET", "/readyz") == "ok"
        except (urllib.error.URLError, ConnectionError):
            return False

    def halt(self):
        """Kills the API server; what it knows is in etcd."""
        self._server.kill()
        self._server.wait()

    def close(self):
        for child in (self._server, self._etcd):
            if child:
                child.kill()
                child.wait()
        shutil.rmtree(self.directory / "etcd", ignore_errors=True)

    # -- objects ---------------------------------------------------------------------------------------------------

    def ask(self, method, path, of=None, kind="application/json"):
        body = None if of is None else json.dumps(of).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": kind}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30, context=self._context) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as refused:
            if refused.code >= 500:
                raise
            raise AssertionError(f"{method} {path}: {refused.code} {refused.read().decode()}") from None
        return json.loads(text) if text.startswith("{") else text

    @staticmethod
    def path(resource, name=""):
        place = "" if resource in ("namespaces", "nodes") else f"/namespaces/{NAMESPACE}"
        return f"{GROUPS[resource]}{place}/{resource}" + (f"/{name}" if name else "")

    def create(self, resource, of):
        """An object with its status, which the server takes by a request of its own."""
        self.ask("POST", self.path(resource), of)
        if "status" in of:
            self.change(resource, of["metadata"]["name"], {"status": of["status"]}, "/status")

    def change(self, resource, name, patch, part=""):
        self.ask("PATCH", self.path(resource, name) + part, patch, "application/merge-patch+json")

    def delete(self, resource, name):
        self.ask("DELETE", self.path(resource, name) + "?gracePeriodSeconds=0")
