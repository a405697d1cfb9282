#!/usr/bin/env python3
"""dockerswarm_sd at a real swarm of one node, in a network of its own."""

import subprocess
import sys

from docker_daemon import IMAGE, DockerDaemon, DockerProxy, Troubles, need_docker
from side_by_side import Pair, Script, enter_namespace, need, wait_until

NODE = "10.99.0.1"
SERVICE_SECONDS = 90

JOB = """
- job_name: {name}
  dockerswarm_sd_configs:
  - {{host: "{host}", role: {role}, refresh_interval: 1s{options}}}
  relabel_configs:
  - source_labels: [__meta_dockerswarm_task_id, __meta_dockerswarm_service_name, __meta_dockerswarm_network_name]
    target_label: name
"""


def config(host, proxy):
    jobs = [
        ("services", host, "services", ", port: 9100"),
        ("tasks", host, "tasks", ""),
        ("nodes", host, "nodes", ", port: 9101"),
        ("wanted", host, "tasks", ", filters: [{name: desired-state, values: [running]}]"),
        ("relayed", proxy, "services", ", port: 9100, authorization: {type: Bearer, credentials: sesame}"),
    ]
    written = [JOB.format(name=name, host=at, role=role, options=options) for name, at, role, options in jobs]
    return "global: {scrape_interval: 1h}\nscrape_configs:" + "".join(written)


class Play:
    def __init__(self, script, program):
        subprocess.run([need("ip", "iproute2"), "address", "add", f"{NODE}/24", "dev", "lo"], check=True)
        self.daemon = script.closing(DockerDaemon(script.directory))
        self.daemon.docker("swarm", "init", f"--advertise-addr={NODE}", "--listen-addr=" + NODE)
        self.node = self.daemon.docker("node", "ls", "--quiet")
        self.proxy = script.closing(DockerProxy(self.daemon))
        host = f"unix://{self.daemon.socket}"
        self.pair = script.closing(Pair(script.directory, program, config(host, self.proxy.url)))
        self.daemon.docker("network", "create", "--driver=overlay", "--subnet=10.55.0.0/24", "--label=n=1", "back")
        self.expected = {"services": [], "nodes": [f"{NODE}:9101"]}

    def check(self, step, quiet=False, **expected):
        self.expected.update(expected)
        self.expected["relayed"] = self.expected["services"]
        self.pair.compare(step, self.expected, quiet=quiet)

    def service(self, name, *options):
        self.daemon.docker(
            "service", "create", "--detach", f"--name={name}", *options, IMAGE, "/bin/busybox", "sleep", "600"
        )

    def idle_service(self, name, *options, tasks=0):
        """One of no tasks, or of tasks that no node is fit for. An overlay network gives all of them addresses."""
        placing = ["--network=back", "--constraint=node.labels.fit==yes", f"--replicas={tasks}"]
        self.service(name, *placing, *options)
        return self.addresses_of(name)

    def addresses_of(self, name):
        endpoint = self.daemon.inspect("service", "inspect", name)[0]["Endpoint"]
        return [each["Addr"].split("/")[0] for each in endpoint["VirtualIPs"]]

    def task_targets(self, name, count):
        """The targets of so many tasks, once all of them have addresses."""

        def found():
            tasks = self.daemon.docker("service", "ps", "--filter=desired-state=running", "--quiet", "--no-trunc", name)
            attached = [each.get("NetworksAttachments") for each in self.daemon.inspect("inspect", *tasks.split())]
            if len(attached) != count or not all(attached):
                return None
            return [f"{each[0]['Addresses'][0].split('/')[0]}:80" for each in attached]

        return wait_until(found, f"{count} tasks of {name} have addresses", SERVICE_SECONDS)

    def update(self, name, *options):
        self.daemon.docker("service", "update", "--detach", *options, name)

    def tasks(self):
        self.check("a swarm without services", tasks=[])
        labels = ("--label=team=a", "--container-label=com.example/x=y")
        [shop] = self.idle_service("shop", *labels, tasks=2)
        at = [f"{shop}:9100"]
        self.check("a service with two tasks", services=at, tasks=self.task_targets("shop", 2))
        self.daemon.docker("service", "scale", "--detach", "shop=3")
        self.check("a service grows", tasks=self.task_targets("shop", 3))
        self.daemon.docker("service", "scale", "--detach", "shop=1")
        self.check("a service shrinks", tasks=self.task_targets("shop", 1))
        self.update("shop", "--label-add=tier=2")
        self.check("a service gets a label")
        self.daemon.docker("node", "update", "--label-add=zone=z1", self.node)
        self.check("the node gets a label")
        self.daemon.docker("node", "update", "--availability=drain", self.node)
        self.check("the node is drained")
        self.daemon.docker("node", "update", "--availability=active", "--label-rm=zone", self.node)
        self.check("it is active again, without its label")
        self.daemon.docker("service", "rm", "shop")
        self.check("the service goes", services=[], tasks=[])

    def services(self):
        [api] = self.idle_service("api", "--label=team=b")
        self.check("a service with an address of its own", services=[f"{api}:9100"])
        self.update("api", "--label-add=tier=3", "--label-rm=team")
        self.check("its labels change")
        self.update("api", "--hostname=inside", "--container-label-add=a=b")
        self.check("its containers are to be others")
        self.daemon.docker("service", "rm", "api")
        [renamed] = self.idle_service("api2")
        self.check("it goes, and one of another name comes", services=[f"{renamed}:9100"])
        self.addresses = {"api2": f"{renamed}:9100"}

    def come(self):
        name = f"more-{len(self.addresses)}"
        [address] = self.idle_service(name)
        self.addresses[name] = f"{address}:9100"

    def go(self):
        name = list(self.addresses)[-1]
        self.daemon.docker("service", "rm", name)
        del self.addresses[name]

    def troubles(self):
        troubles = Troubles(self.pair, self.proxy, "relayed")

        def check(step):
            self.check(step, services=list(self.addresses.values()))

        troubles.fail("error", self.come)
        check("errors, and a service comes")
        troubles.fail("hang", self.come)
        check("no answer, and another comes")
        troubles.fail("truncated", self.go)
        check("half an answer, and one goes")
        troubles.fail("garbage", self.go)
        check("an answer of somebody else, and one goes")
        troubles.revoke_token(self.come)
        check("the token is revoked, and a service comes")
        troubles.restart(self.go)
        check("the way there is cut, and one goes")
        self.proxy.set_fault("slow")
        self.come()
        check("bytes come slowly, and a service comes")
        self.proxy.set_fault(None)

    def end(self):
        self.daemon.docker("service", "rm", *self.addresses)
        self.check("all services go", services=[])
        self.daemon.docker("swarm", "leave", "--force")
        self.pair.await_failures(Troubles.METRIC, 8)
        self.check("the swarm is left: everything stays", quiet=True)


def main(program):
    need_docker()
    enter_namespace()
    with Script() as script:
        play = Play(script, program)
        play.tasks()
        play.services()
        play.troubles()
        play.end()
        play.pair.steps.require_all()


if __name__ == "__main__":
    main(sys.argv[1])
