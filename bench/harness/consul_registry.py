"""A Consul agent as far as its catalog goes: one service, whose instances are asked for by blocking queries."""
import json
import re
import threading
import time
import urllib.parse

from .pod_registry import PodRegistry
from .registry_server import RegistryServer

SERVICE = "shop"
WAIT_SECONDS_MAX = 60


class ConsulRegistry(RegistryServer):
    """Instances by number, each at an address of its own, one port for all. Any thread may change it."""

    address = staticmethod(PodRegistry.address)

    def __init__(self, port: int):
        self._port = port
        self._changed = threading.Condition()
        self._numbers: list[int] = []
        self._catalog_index = 100
        self._index = 100
        self._serve()

    def add(self, number: int) -> None:
        with self._changed:
            self._numbers.append(number)
            self._index += 1
            if len(self._numbers) == 1:
                self._catalog_index = self._index
            self._changed.notify_all()

    def _instance(self, number: int) -> dict:
        return {
            "Node": {"ID": "", "Node": f"node-{number}", "Address": self.address(number), "Datacenter": "dc1",
                     "TaggedAddresses": {}, "Meta": {}},
            "Service": {"ID": f"{SERVICE}-{number}", "Service": SERVICE, "Tags": ["prod"], "Meta": {},
                        "Address": self.address(number), "Port": self._port},
            "Checks": [],
        }

    def _answer(self, request) -> None:
        path, _, text = request.path.partition("?")
        query = dict(urllib.parse.parse_qsl(text))
        if path == "/v1/agent/self":
            self._send(request, 200, 1, {"Config": {"Datacenter": "dc1", "NodeName": "agent"}})
        elif path == "/v1/catalog/services":
            with self._changed:
                self._wait(query, lambda: self._catalog_index)
                index, services = self._catalog_index, {SERVICE: ["prod"]} if self._numbers else {}
            self._send(request, 200, index, services)
        elif path == f"/v1/health/service/{SERVICE}":
            with self._changed:
                self._wait(query, lambda: self._index)
                index, instances = self._index, [self._instance(number) for number in self._numbers]
            self._send(request, 200, index, instances)
        else:
            self._send(request, 404, 1, {})

    def _wait(self, query: dict[str, str], index) -> None:
        seen = int(query.get("index", 0))
        wait = re.fullmatch(r"(\d+)(ms|s|m)", query.get("wait", "60s"))
        seconds = int(wait[1]) * {"ms": 0.001, "s": 1, "m": 60}[wait[2]] if wait else WAIT_SECONDS_MAX
        deadline = time.monotonic() + min(seconds, WAIT_SECONDS_MAX)
        while seen == index() and (left := deadline - time.monotonic()) > 0:
            self._changed.wait(left)

    @staticmethod
    def _send(request, code: int, index: int, of) -> None:
        body = json.dumps(of).encode()
        try:
            request.send_response(code)
            request.send_header("Content-Type", "application/json")
            request.send_header("X-Consul-Index", str(index))
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)
        except OSError:
            pass
