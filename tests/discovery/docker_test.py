#!/usr/bin/env python3
"""docker_sd at a real Docker daemon, in a network of its own."""

import sys

from docker_daemon import DockerDaemon, need_docker
from side_by_side import Pair, Script, enter_namespace, wait_until

# Debian's Prometheus is older than these.
UNKNOWN_LABELS = ("__meta_docker_container_image", "__meta_docker_container_image_id")

JOB = """
- job_name: {name}
  docker_sd_configs:
  - {{host: "unix://{socket}", refresh_interval: 1s{options}}}
  relabel_configs:
  - {{source_labels: [__meta_docker_container_name, __meta_docker_network_name], target_label: name}}
"""


def job(name, socket, options=""):
    return JOB.format(name=name, socket=socket, options=options)


def config(socket):
    return (
        "global: {scrape_interval: 1h}\nscrape_configs:"
        + job("all", socket, ", port: 9100")
        + job("labelled", socket, ", host_networking_host: gateway, filters: [{name: label, values: [watch=yes]}]")
    )


def own_config(socket):
    """What this Prometheus does not know."""
    return job("first", socket) + job("each", socket, ", match_first_network: false")


class Play:
    def __init__(self, script, program):
        self.daemon = script.closing(DockerDaemon(script.directory))
        socket = self.daemon.socket
        self.pair = script.closing(Pair(script.directory, program, config(socket), own_config(socket)))
        self.expected = {"all": [], "labelled": []}

    def check(self, step, **expected):
        self.expected.update(expected)
        self.pair.compare(step, self.expected, ignored=UNKNOWN_LABELS, own=("first", "each"))

    def containers(self):
        daemon = self.daemon
        self.check("no container runs")
        daemon.container("plain")
        plain = daemon.address("plain", "bridge")
        self.check("a container without a port runs", all=[f"{plain}:9100"])
        daemon.container(
            "web", "--expose=8080/tcp", "--expose=53/udp", "--label=watch=yes", "--label=com.example/x.y=z"
        )
        web = daemon.address("web", "bridge")
        self.check("one with a port and labels runs", all=[f"{plain}:9100", f"{web}:8080"], labelled=[f"{web}:8080"])
        daemon.container("published", "--publish=127.0.0.1:18080:80", "--publish=18081:81")
        published = daemon.address("published", "bridge")
        both = [f"{published}:80", f"{published}:81"]
        self.check("one with published ports runs", all=[f"{plain}:9100", f"{web}:8080", *both])
        daemon.docker("stop", "--time=0", "plain")
        self.check("a container stops", all=[f"{web}:8080", *both])
        daemon.container("hosted", "--network=host", "--label=watch=yes")
        self.check(
            "one in the network of its host runs",
            all=[f"{web}:8080", *both, "localhost"],
            labelled=[f"{web}:8080", "gateway"],
        )
        daemon.docker("rm", "--force", "hosted", "published")
        self.check("containers are removed", all=[f"{web}:8080"], labelled=[f"{web}:8080"])
        daemon.docker("pause", "web")
        self.check("a container is paused")
        daemon.docker("unpause", "web")
        daemon.docker("rename", "web", "shop")
        self.check("a container gets another name")
        return web

    def networks(self, web):
        daemon = self.daemon
        daemon.docker("network", "create", "--internal", "--label=tier=1", "--subnet=10.77.0.0/24", "a-back")
        daemon.docker("network", "connect", "a-back", "shop")
        self.wait("first", ["10.77.0.2:8080"])
        self.wait("each", ["10.77.0.2:8080", f"{web}:8080"])
        daemon.docker("network", "disconnect", "a-back", "shop")
        self.check("a container joins a network and leaves it")
        daemon.container("sidecar", "--network=container:shop", "--label=watch=yes")
        # The side container has no ports that Docker would tell of.
        self.wait("first", [f"{web}:8080", f"{web}:80"])
        print("ok: a container shares the network of another")
        daemon.docker("rm", "--force", "sidecar")
        self.wait("first", [f"{web}:8080"])
        self.check("that one goes again")

    def wait(self, job_name, addresses):
        wait_until(lambda: self.pair.addresses(job_name) == sorted(addresses), f"{job_name} is {addresses}", 60)

    def absence(self, web):
        metric = "prometheus_sd_refresh_failures_total"
        self.daemon.kill()
        goals = [(each, each.metric(metric) + 4) for each in (self.pair.rollcall, self.pair.prometheus)]
        wait_until(lambda: all(each.metric(metric) >= goal for each, goal in goals), "refreshes fail", 60)
        self.check("the daemon is away: everything stays", all=[f"{web}:8080"], labelled=[f"{web}:8080"])
        self.daemon.start()
        self.daemon.docker("rm", "--force", "shop")
        self.check("it is back, and the container goes", all=[], labelled=[])


def main(program):
    need_docker()
    enter_namespace()
    with Script() as script:
        play = Play(script, program)
        web = play.containers()
        play.networks(web)
        play.absence(web)


if __name__ == "__main__":
    main(sys.argv[1])
