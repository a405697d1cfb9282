"""An etcd on the test's own host, which decides who leads."""

import subprocess

from hosts import OWN_ADDRESS
from own_namespace import need
from rollcall_process import START_SECONDS_MAX, ask, wait_until

PORT = 2379
PEER_URL = "http://127.0.0.1:2380"


class Etcd:
    """One member; its data outlives a stop."""

    def __init__(self, directory):
        self._directory = directory
        self._child = None
        self.arbiter = f"etcd+http://{OWN_ADDRESS}:{PORT}/rollcall/leader"

    def start(self):
        url = f"http://{OWN_ADDRESS}:{PORT}"
        with (self._directory / "etcd.log").open("ab") as log:
            self._child = subprocess.Popen(
                [
                    need("etcd", "etcd-server"), "--name=only", f"--data-dir={self._directory}/etcd",
                    f"--listen-client-urls={url}", f"--advertise-client-urls={url}",
                    f"--listen-peer-urls={PEER_URL}", f"--initial-advertise-peer-urls={PEER_URL}",
                    f"--initial-cluster=only={PEER_URL}",
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # fmt: skip
        wait_until(self._is_healthy, "etcd is healthy", START_SECONDS_MAX)

    def _is_healthy(self):
        try:
            return ask(PORT, "/health", address=OWN_ADDRESS).json["health"] == "true"
        except OSError:
            return False

    def stop(self):
        if self._child:
            self._child.terminate()
            self._child.wait()
            self._child = None
