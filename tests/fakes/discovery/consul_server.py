"""A Consul agent as far as its catalog goes, with blocking queries that block."""

from scripted_server import ScriptedServer

WAIT_SECONDS_DEFAULT = 300


class ConsulServer(ScriptedServer):
    """`services` maps a name to its instances; the index grows with every change of a service, and for it alone."""

    refused_status = 403

    def __init__(self):
        self.services = {}
        self.index = 100
        self._known = {}  # name -> (what it was, index of its last change)
        self._catalog = ({}, self.index)
        super().__init__()

    def add(self, service, node, address="", port=80, **others):
        """One instance; others are `tags`, `meta`, `node_meta`, `node_address`, `checks`, `tagged_addresses`."""
        self.services.setdefault(service, []).append(
            {
                "Node": {
                    "Node": node,
                    "Address": others.get("node_address", "10.0.0.1"),
                    "Datacenter": "dc1",
                    "TaggedAddresses": others.get("tagged_addresses", {}),
                    "Meta": others.get("node_meta", {}),
                },
                "Service": {
                    "ID": f"{service}-{node}",
                    "Service": service,
                    "Tags": others.get("tags", []),
                    "Address": address,
                    "Port": port,
                    "Meta": others.get("meta", {}),
                },
                "Checks": [
                    {"CheckID": f"service:{service}", "Status": status} for status in others.get("checks", ["passing"])
                ],
            }
        )

    def addresses(self):
        """What should be discovered."""
        return sorted(self._address(each) for instances in self.services.values() for each in instances)

    @staticmethod
    def _address(of):
        host = of["Service"]["Address"] or of["Node"]["Address"]
        return f"[{host}]:{of['Service']['Port']}" if ":" in host else f"{host}:{of['Service']['Port']}"

    def forget(self):
        """The state was restored from elsewhere: indexes begin anew."""
        self.index = 10
        self._known = {}
        self._catalog = (None, self.index)

    # -- indexes -------------------------------------------------------------------------------------------------------

    def touch(self):
        for name in set(self._known) | set(self.services):
            now = repr(self.services.get(name))
            if self._known.get(name, (None, 0))[0] != now:
                self.index += 1
                self._known[name] = (now, self.index)
        if self._catalog[0] != self._tags():
            self._catalog = (self._tags(), self.index)

    def _tags(self):
        return {
            name: sorted({tag for each in instances for tag in each["Service"]["Tags"]})
            for name, instances in self.services.items()
            if instances
        }

    # -- answers -------------------------------------------------------------------------------------------------------

    def answer(self, request):
        with self.changed:
            if request.path == "/v1/agent/self":
                return 200, {}, {"Config": {"Datacenter": "dc1", "NodeName": "agent"}}
            if request.path == "/v1/catalog/services":
                return self._blocking(request, lambda: self._catalog[1], self._tags)
            prefix = "/v1/health/service/"
            if request.path.startswith(prefix):
                name = request.path[len(prefix) :]
                return self._blocking(
                    request,
                    lambda: self._known.get(name, (None, self.index))[1],
                    lambda: self._instances(name, request.query),
                )
            return 404, {}, b""

    def bears_token(self, request):
        return request.headers.get("X-Consul-Token") == self.token or super().bears_token(request)

    def _instances(self, name, query):
        wanted = set(query.get("tag", []))
        return [each for each in self.services.get(name, []) if wanted <= set(each["Service"]["Tags"])]

    def _blocking(self, request, index, body):
        seen = int(request.parameter("index", "0"))
        if seen:
            wait = request.parameter("wait")
            seconds = int(wait[:-2]) / 1000 if wait.endswith("ms") else float(wait[:-1] or WAIT_SECONDS_DEFAULT)
            # A fault comes at once to those who wait, and so does a restored state, whose indexes are lower.
            self.wait_for_change(lambda: index() != seen or self.fault is not None, seconds)
        if not self.running:
            raise OSError("the server ended")
        return 200, {"X-Consul-Index": str(index())}, body()
