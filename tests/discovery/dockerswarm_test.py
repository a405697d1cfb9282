#!/usr/bin/env python3
"""dockerswarm_sd at a real swarm of one node, in a network of its own."""

import subprocess
import sys

from docker_daemon import IMAGE, DockerDaemon, need_docker
from side_by_side import Pair, Script, enter_namespace, need, wait_until

NODE = "10.99.0.1"
SERVICE_SECONDS = 90

JOB = """
- job_name: {name}
  dockerswarm_sd_configs:
  - {{host: "unix://{socket}", role: {role}, refresh_interval: 1s{options}}}
  relabel_configs:
  - source_labels: [__meta_dockerswarm_task_id, __meta_dockerswarm_service_name, __meta_dockerswarm_network_name]
    target_label: name
"""


def config(socket):
    jobs = [
        ("services", "services", ", port: 9100"),
        ("tasks", "tasks", ""),
        ("nodes", "nodes", ", port: 9101"),
        ("wanted", "tasks", ", filters: [{name: desired-state, values: [running]}]"),
    ]
    written = [JOB.format(name=name, role=role, socket=socket, options=options) for name, role, options in jobs]
    return "global: {scrape_interval: 1h}\nscrape_configs:" + "".join(written)


class Play:
    def __init__(self, script, program):
        subprocess.run([need("ip", "iproute2"), "address", "add", f"{NODE}/24", "dev", "lo"], check=True)
        self.daemon = script.closing(DockerDaemon(script.directory))
        self.daemon.docker("swarm", "init", f"--advertise-addr={NODE}", "--listen-addr=" + NODE)
        self.pair = script.closing(Pair(script.directory, program, config(self.daemon.socket)))

    def check(self, step, **expected):
        self.pair.compare(step, expected)

    def service(self, name, *options):
        self.daemon.docker(
            "service", "create", "--detach", f"--name={name}", *options, IMAGE, "/bin/busybox", "sleep", "600"
        )

    def running(self, service, count):
        def is_so():
            states = self.daemon.docker(
                "service", "ps", "--filter=desired-state=running", "--format={{.CurrentState}}", service
            )
            return sum(state.startswith("Running") for state in states.splitlines()) == count

        wait_until(is_so, f"{count} tasks of {service} run", SERVICE_SECONDS)

    def changes(self):
        node = [f"{NODE}:9101"]
        self.check("a swarm without services", services=[], tasks=[], nodes=node)
        self.service("web", "--network=host", "--replicas=2", "--label=team=a", "--container-label=com.example/x=y")
        self.running("web", 2)
        self.check("a service in the network of its hosts", nodes=node)
        self.service("shop", "--network=host", "--mode=global", "--publish=mode=host,target=80,published=18080")
        self.running("shop", 1)
        self.check("one with a port on its node", nodes=node)
        self.daemon.docker("service", "scale", "--detach", "web=1")
        self.running("web", 1)
        self.check("a service shrinks", nodes=node)
        self.daemon.docker("node", "update", "--label-add=zone=z1", self.daemon.docker("node", "ls", "--quiet"))
        self.check("the node gets a label")
        self.daemon.docker("service", "update", "--detach", "--label-add=tier=2", "web")
        self.running("web", 1)
        self.check("a service gets a label")
        self.daemon.docker("service", "rm", "shop", "web")
        self.check("services go", services=[], nodes=node)
        self.daemon.docker("swarm", "leave", "--force")
        metric = "prometheus_sd_refresh_failures_total"
        goals = [(each, each.metric(metric) + 8) for each in (self.pair.rollcall, self.pair.prometheus)]
        wait_until(lambda: all(each.metric(metric) >= goal for each, goal in goals), "refreshes fail", 60)
        self.check("the swarm is left: everything stays", nodes=node)


def main(program):
    need_docker()
    enter_namespace()
    with Script() as script:
        Play(script, program).changes()


if __name__ == "__main__":
    main(sys.argv[1])
