"""Registries that are asked over and over: plain HTTP, Nomad, Marathon, Eureka, PuppetDB. And Kuma, which waits."""

import json
from xml.sax.saxutils import escape

from scripted_server import ScriptedServer


class GroupServer(ScriptedServer):
    """What http_sd asks; `groups` is what it answers."""

    def __init__(self):
        self.groups = []
        super().__init__()

    def addresses(self):
        return sorted(target for group in self.groups for target in group["targets"])

    def answer(self, request):
        with self.changed:
            return 200, {}, list(self.groups)


class NomadServer(ScriptedServer):
    """`services` maps a name to its registrations."""

    def __init__(self):
        self.services = {}
        super().__init__()

    def add(self, service, address, port, **others):
        instances = self.services.setdefault(service, [])
        instances.append(
            {
                "ID": f"{service}-{len(instances)}",
                "ServiceName": service,
                "Namespace": "default",
                "NodeID": others.get("node", "node-1"),
                "Datacenter": "dc1",
                "Tags": others.get("tags"),
                "Address": address,
                "Port": port,
            }
        )

    def rename(self, service, to):
        self.services[to] = [{**each, "ServiceName": to} for each in self.services.pop(service)]

    def _instances(self):
        return [each for instances in self.services.values() for each in instances]

    def addresses(self):
        return sorted(f"{each['Address']}:{each['Port']}" for each in self._instances())

    def targets(self):
        """What should be discovered, to the last label."""
        return sorted(map(self._labels, self._instances()))

    @staticmethod
    def _labels(of):
        tags = of["Tags"]
        found = {
            "__address__": f"{of['Address']}:{of['Port']}",
            "__meta_nomad_address": of["Address"],
            "__meta_nomad_dc": of["Datacenter"],
            "__meta_nomad_namespace": of["Namespace"],
            "__meta_nomad_node_id": of["NodeID"],
            "__meta_nomad_service": of["ServiceName"],
            "__meta_nomad_service_address": of["Address"],
            "__meta_nomad_service_id": of["ID"],
            "__meta_nomad_service_port": str(of["Port"]),
            "__meta_nomad_tags": f",{','.join(tags)}," if tags else "",
        }
        return sorted((name, value) for name, value in found.items() if value)

    def answer(self, request):
        with self.changed:
            if request.path == "/v1/services":
                listed = [{"ServiceName": name, "Tags": []} for name in self.services]
                return 200, {}, [{"Namespace": "default", "Services": listed}]
            name = request.path.removeprefix("/v1/service/")
            if name in self.services:
                return 200, {}, self.services[name]
            return 404, {}, b"service not found"


class MarathonServer(ScriptedServer):
    """`apps` maps an id to the app."""

    def __init__(self):
        self.apps = {}
        super().__init__()

    def add(self, name, *hosts, port=31000, **others):
        self.apps[name] = {
            "id": name,
            "labels": {"team.name": "a"},
            "container": {"docker": {"image": f"image{name}"}},
            "portDefinitions": [{"port": 10000, "labels": {"port.label": "x"}}],
            "tasks": [{"id": f"{name}.{i}", "host": host, "ports": [port + i]} for i, host in enumerate(hosts)],
            **others,
        }

    def addresses(self):
        return sorted(
            f"{task['host']}:{task['ports'][0]}" for app in self.apps.values() for task in app["tasks"]
        )

    def answer(self, request):
        with self.changed:
            if request.target != "/v2/apps/?embed=apps.tasks":
                return 404, {}, b""
            return 200, {}, {"apps": list(self.apps.values())}

    def bears_token(self, request):
        return request.headers.get("Authorization") == f"token={self.token}"


class EurekaServer(ScriptedServer):
    """`apps` maps a name to instances, each a map from elements to text, or to XML where that is in a tuple."""

    def __init__(self):
        self.apps = {}
        super().__init__()

    def add(self, app, host, number, **elements):
        self.apps.setdefault(app, []).append(
            {"instanceId": f"{host}:{app}:{number}", "hostName": host, "app": app, "status": "UP",
             "port": (f'<port enabled="true">{number}</port>', number), **elements}
        )

    def addresses(self):
        return sorted(
            f"{each['hostName']}:{each['port'][1] if 'port' in each else 80}"
            for instances in self.apps.values()
            for each in instances
        )

    def answer(self, request):
        with self.changed:
            if request.path != "/eureka/apps":
                return 404, {}, b""
            document = ["<applications><versions__delta>1</versions__delta><apps__hashcode>UP_1_</apps__hashcode>"]
            for app, instances in self.apps.items():
                document.append(f"<application><name>{escape(app)}</name>")
                for instance in instances:
                    document.append("<instance>")
                    for name, value in instance.items():
                        document.append(
                            value[0] if isinstance(value, tuple) else f"<{name}>{escape(str(value))}</{name}>"
                        )
                    document.append("</instance>")
                document.append("</application>")
            document.append("</applications>")
            return 200, {"Content-Type": "application/xml"}, "".join(document).encode()


class PuppetServer(ScriptedServer):
    """`resources` maps a certname to its resource."""

    def __init__(self):
        self.resources = {}
        super().__init__()

    def add(self, certname, **others):
        self.resources[certname] = {
            "certname": certname,
            "resource": "49af83",
            "type": "Class",
            "title": "Exporter",
            "exported": False,
            "tags": ["class", "exporter"],
            "file": "/etc/site.pp",
            "environment": "prod",
            "parameters": {},
            **others,
        }

    def addresses(self):
        return sorted(f"{name}:9100" for name in self.resources)

    def answer(self, request):
        with self.changed:
            if request.path != "/pdb/query/v4" or request.method != "POST":
                return 404, {}, b""
            if json.loads(request.body) != {"query": "resources { }"}:
                return 400, {}, b"PQL parse error"
            return 200, {}, list(self.resources.values())


class KumaServer(ScriptedServer):
    """`assignments` maps a service to its targets; a question waits until the version is another than it names."""

    TYPE = "type.googleapis.com/kuma.observability.v1.MonitoringAssignment"

    def __init__(self):
        self.assignments = {}
        self.version = 1
        super().__init__()

    def touch(self):
        self.version += 1

    def add(self, service, name, address):
        self.assignments.setdefault(service, []).append(
            {"name": name, "scheme": "http", "address": address, "metrics_path": "/metrics", "labels": {"zone": "z"}}
        )

    def addresses(self):
        return sorted(each["address"] for targets in self.assignments.values() for each in targets)

    def targets(self):
        """What should be discovered, to the last label."""
        return sorted(
            self._labels(service, each) for service, targets in self.assignments.items() for each in targets
        )

    @staticmethod
    def _labels(service, of):
        found = {
            "__address__": of["address"],
            "__meta_kuma_dataplane": of["name"],
            "__meta_kuma_mesh": "default",
            "__meta_kuma_service": service,
            "instance": of["name"],
        }
        labels = {"team": "a", **of["labels"]}
        return sorted([*found.items(), *((f"__meta_kuma_label_{name}", value) for name, value in labels.items())])

    def answer(self, request):
        if request.path != "/v3/discovery:monitoringassignments" or request.method != "POST":
            return 404, {}, b""
        seen = json.loads(request.body)["version_info"]
        timeout = request.parameter("fetch-timeout")
        with self.changed:
            self.wait_for_change(
                lambda: str(self.version) != seen or self.fault is not None, float(timeout.removesuffix("s"))
            )
            if not self.running:
                raise OSError("the server ended")
            if str(self.version) == seen:
                return 304, {}, b""
            resources = [
                {"@type": self.TYPE, "mesh": "default", "service": service, "labels": {"team": "a"}, "targets": targets}
                for service, targets in self.assignments.items()
            ]
            return 200, {}, {
                "version_info": str(self.version),
                "nonce": f"nonce-{self.version}",
                "type_url": self.TYPE,
                "resources": resources,
            }
