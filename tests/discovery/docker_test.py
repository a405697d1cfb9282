#!/usr/bin/env python3
"""docker_sd at a real Docker daemon, in a network of its own."""

import sys

from docker_daemon import DockerDaemon, DockerProxy, Troubles, need_docker
from side_by_side import Pair, Script, enter_namespace, wait_until

# Debian's Prometheus is older than these.
UNKNOWN_LABELS = ("__meta_docker_container_image", "__meta_docker_container_image_id")

JOB = """
- job_name: {name}
  docker_sd_configs:
  - {{host: "{host}", refresh_interval: 1s{options}}}
  relabel_configs:
  - {{source_labels: [__meta_docker_container_name, __meta_docker_network_name], target_label: name}}
"""


def job(name, host, options=""):
    return JOB.format(name=name, host=host, options=options)


def config(host, proxy):
    return (
        "global: {scrape_interval: 1h}\nscrape_configs:"
        + job("all", host, ", port: 9100")
        + job("labelled", host, ", host_networking_host: gateway, filters: [{name: label, values: [watch=yes]}]")
        + job("relayed", proxy, ", port: 9100, authorization: {type: Bearer, credentials: sesame}")
    )


def own_config(host):
    """What this Prometheus does not know."""
    return job("first", host) + job("each", host, ", match_first_network: false")


class Play:
    def __init__(self, script, program):
        self.daemon = script.closing(DockerDaemon(script.directory))
        self.proxy = script.closing(DockerProxy(self.daemon))
        host = f"unix://{self.daemon.socket}"
        self.pair = script.closing(Pair(script.directory, program, config(host, self.proxy.url), own_config(host)))
        self.expected = {"all": [], "labelled": []}

    def check(self, step, quiet=False, **expected):
        self.expected.update(expected)
        self.expected["relayed"] = self.expected["all"]
        self.pair.compare(step, self.expected, ignored=UNKNOWN_LABELS, own=("first", "each"), quiet=quiet)

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
        self.check("a container is paused", quiet=True)
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
        self.check("a container joins a network and leaves it", quiet=True)
        daemon.container("sidecar", "--network=container:shop", "--label=watch=yes")
        # The side container has no ports that Docker would tell of.
        self.wait("first", [f"{web}:8080", f"{web}:80"])
        self.pair.steps.note("a container shares the network of another")
        daemon.docker("rm", "--force", "sidecar")
        self.wait("first", [f"{web}:8080"])
        self.check("that one goes again", quiet=True)

    def wait(self, job_name, addresses):
        wait_until(lambda: self.pair.addresses(job_name) == sorted(addresses), f"{job_name} is {addresses}", 60)

    def troubles(self, web):
        daemon, troubles = self.daemon, Troubles(self.pair, self.proxy, "relayed")
        running = {"shop": f"{web}:8080"}

        def run():
            name = f"more-{len(running)}"
            daemon.container(name)
            running[name] = f"{daemon.address(name, 'bridge')}:9100"

        def remove():
            name = list(running)[-1]
            daemon.docker("rm", "--force", name)
            del running[name]

        def check(step):
            self.check(step, all=list(running.values()))

        troubles.fail("error", run)
        check("errors, and a container runs")
        troubles.fail("hang", run)
        check("no answer, and another runs")
        troubles.fail("truncated", remove)
        check("half an answer, and one is removed")
        troubles.fail("garbage", remove)
        check("an answer of somebody else, and one is removed")
        troubles.revoke_token(run)
        check("the token is revoked, and a container runs")
        troubles.restart(remove)
        check("the way there is cut, and one is removed")
        self.proxy.set_fault("slow")
        run()
        check("bytes come slowly, and a container runs")
        self.proxy.set_fault(None)
        remove()
        check("one is removed")

    def absence(self, web):
        self.daemon.kill()
        self.pair.await_failures(Troubles.METRIC, 4)
        self.check("the daemon is away: everything stays", quiet=True, all=[f"{web}:8080"], labelled=[f"{web}:8080"])
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
        play.troubles(web)
        play.absence(web)
        play.pair.steps.require_all()


if __name__ == "__main__":
    main(sys.argv[1])
