"""Discovery under measurement: how soon a change is acted upon, and what many known targets cost."""
import argparse
import dataclasses
import pathlib
import random
import shutil
import socketserver
import sys
import tempfile
import threading
import time

from . import agents
from .consul_registry import ConsulRegistry
from .pod_registry import PodRegistry
from .processes import HarnessError, Process, free_port, raise_descriptor_limit, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = ("rollcall", "vmagent")

LATENCY_SECONDS_GOAL = 1.0
CPU_SHARE_GOAL = 0.30
BYTES_PER_TARGET_GOAL = 2048

EVENTS_PER_SECOND = 10.0
CONSUL_REFRESH = "500ms"  # By default all wait for 30 s before they ask Consul again.
SCRAPE_SECONDS = 0.25  # A target that is known is scraped within this time: a part of every latency.
LATE_SECONDS_MAX = 60  # vmagent looks at what its watch has found every 30 s.
LIST_SECONDS_MAX = 180
SETTLED_LOOKS = 4
SCRAPED_SHARE = 0.1


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Targets:
    """Answers scrapes on every address of 127.0.0.0/8 and remembers when each address was first asked."""

    def __init__(self):
        self.first: dict[str, float] = {}
        targets = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                address = self.connection.getsockname()[0]
                while self.rfile.readline().strip():
                    while self.rfile.readline().strip():
                        pass
                    targets.first.setdefault(address, time.monotonic())
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\na 1\n")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 1024

        self._server = Server(("0.0.0.0", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclasses.dataclass(frozen=True)
class Latencies:
    """From an event to the first scrape of what came with it, in seconds; those never scraped are missing."""

    seconds: list[float]
    events: int

    def quantile(self, share: float) -> float:
        ordered = sorted(self.seconds) + [float("inf")] * (self.events - len(self.seconds))
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclasses.dataclass(frozen=True)
class Load:
    """What known targets and a stream of changes cost."""

    bytes_per_target: float
    peak_bytes_per_target: float
    cpu_share: float
    seconds_to_list: float
    changes_per_second: float


def start_agent(name: str, program: str, jobs: str, directory: pathlib.Path) -> Process:
    """The agent with these scrape_configs, delivering nowhere."""
    config = directory / f"{name}.yml"
    config.write_text(jobs)
    port = free_port()
    if name == "vmagent":
        arguments = [f"-promscrape.config={config}", f"-httpListenAddr=127.0.0.1:{port}",
                     "-remoteWrite.url=http://127.0.0.1:9/", f"-remoteWrite.tmpDataPath={directory / name}",
                     # It knows refresh_interval as a flag alone.
                     "-promscrape.config.strictParse=false", f"-promscrape.consulSDCheckInterval={CONSUL_REFRESH}"]
    else:
        arguments = [f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
                     f"--storage.agent.path={directory / name}", "--log.level=error"]
    process = Process([program, *arguments], directory / f"{name}.log", directory)
    process.drop_output()
    return process


def kubernetes_job(url: str, interval: str) -> str:
    """Keeps the pods that ask for it, by one rule, and gives their series the usual labels."""
    return f"""
scrape_configs:
- job_name: pods
  scrape_interval: {interval}
  scrape_timeout: {interval}
  kubernetes_sd_configs: [{{role: pod, api_server: '{url}'}}]
  relabel_configs:
  - {{source_labels: [__meta_kubernetes_pod_label_scrape], regex: 'true', action: keep}}
  - {{source_labels: [__meta_kubernetes_namespace], target_label: namespace}}
  - {{source_labels: [__meta_kubernetes_pod_name], target_label: pod}}
"""


def consul_job(url: str, interval: str) -> str:
    return f"""
scrape_configs:
- job_name: services
  scrape_interval: {interval}
  scrape_timeout: {interval}
  consul_sd_configs: [{{server: '{url.removeprefix("http://")}', refresh_interval: {CONSUL_REFRESH}}}]
"""


def measure_latency(name: str, program: str, mechanism: str, events: int, directory: pathlib.Path) -> Latencies:
    """Adds a target at random times, `events` of them, and waits for the first scrape of each."""
    make, job = {"kubernetes": (PodRegistry, kubernetes_job), "consul": (ConsulRegistry, consul_job)}[mechanism]
    targets = Targets()
    registry = make(targets.port)
    agent = None
    added: dict[str, float] = {}
    try:
        registry.add(0)
        agent = start_agent(name, program, job(registry.url, f"{round(SCRAPE_SECONDS * 1000)}ms"), directory)
        if not wait_until(lambda: registry.address(0) in targets.first, LATE_SECONDS_MAX):
            raise HarnessError(f"the first target was not scraped within {LATE_SECONDS_MAX} s")
        chance = random.Random(1)
        for number in range(1, events + 1):
            time.sleep(chance.expovariate(EVENTS_PER_SECOND))
            added[registry.address(number)] = time.monotonic()
            registry.add(number)
        wait_until(lambda: added.keys() <= targets.first.keys(), LATE_SECONDS_MAX)
    finally:
        if agent:
            agent.stop()
        registry.close()
        targets.close()
    return Latencies([targets.first[each] - at for each, at in added.items() if each in targets.first], events)


def settled_rss(agent: Process) -> int:
    """Resident memory once it has stopped to change: one that waits for a core stands still for a while as well."""
    before, alike = 0, 0

    def is_settled() -> bool:
        nonlocal before, alike
        now = agent.usage().rss
        alike = alike + 1 if abs(now - before) < 2**20 else 0
        before = now
        return alike == SETTLED_LOOKS

    wait_until(is_settled, 60, 2.0)
    return before


def measure_load(name: str, program: str, pods: int, seconds: float, rate: float, directory: pathlib.Path) -> Load:
    """An agent that knows no pod, then one that knows all of them, then changes."""
    empty = PodRegistry(9, 0)
    agent = start_agent(name, program, kubernetes_job(empty.url, "1h"), directory)
    try:
        wait_until(lambda: empty.watchers() > 0, LIST_SECONDS_MAX)
        rss_empty = settled_rss(agent)
    finally:
        agent.stop()
        empty.close()
    registry = PodRegistry(9, pods, SCRAPED_SHARE)
    started = time.monotonic()
    agent = start_agent(name, program, kubernetes_job(registry.url, "1h"), directory)
    try:
        if not wait_until(lambda: registry.watchers() > 0, LIST_SECONDS_MAX):
            raise HarnessError(f"the pods were not listed within {LIST_SECONDS_MAX} s")
        listed = time.monotonic() - started
        rss_full = settled_rss(agent)
        before, began = agent.usage(), time.monotonic()
        made = make_changes(registry, pods, seconds, rate)
        took = time.monotonic() - began
        after = agent.usage()
        cpu = after.cpu_seconds - before.cpu_seconds
    finally:
        agent.stop()
        registry.close()
    return Load(
        (rss_full - rss_empty) / pods, (after.rss_peak - rss_empty) / pods, cpu / took, listed, made / took)


def make_changes(registry: PodRegistry, pods: int, seconds: float, rate: float) -> int:
    """Eight of ten changes are another label of some pod; the others are a pod that goes and one that comes."""
    chance = random.Random(2)
    gone: set[int] = set()
    following, made, began = pods, 0, time.monotonic()
    while (now := time.monotonic() - began) < seconds:
        while made < now * rate:
            number = chance.randrange(pods)
            if number in gone:
                continue
            kind = made % 10
            if kind == 0:
                registry.remove(number)
                gone.add(number)
            elif kind == 5:
                registry.add(following)
                following += 1
            else:
                registry.modify(number)
            made += 1
        time.sleep(0.005)
    return made


# -- saying it ---------------------------------------------------------------------------------------------------------


def verdict(value: float, goal: float) -> str:
    return "ok" if value < goal else "MISSED"


def histogram(latencies: Latencies) -> str:
    bounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, float("inf")]
    lines, below = [], 0
    for bound in bounds:
        count = sum(each <= bound for each in latencies.seconds) - below
        below += count
        if count:
            lines.append(f"    <= {bound:>5g} s  {count:>4}  {'#' * round(60 * count / latencies.events)}")
    return "\n".join(lines)


def latency_text(mechanism: str, results: dict[str, Latencies]) -> str:
    lines = [f"{mechanism}: from an event to the first scrape (every {SCRAPE_SECONDS:g} s) of its target"]
    for name, one in results.items():
        p50, p90, p99, longest = (one.quantile(share) for share in (0.5, 0.9, 0.99, 1.0))
        lines.append(f"  {name}: p50 {p50:.3f} s, p90 {p90:.3f} s, p99 {p99:.3f} s, max {longest:.3f} s of "
                     f"{one.events} events; goal < {LATENCY_SECONDS_GOAL:g} s: {verdict(p99, LATENCY_SECONDS_GOAL)}")
        lines.append(histogram(one))
    return "\n".join(lines + ratio_lines({name: one.quantile(0.99) for name, one in results.items()}, "p99"))


def load_text(pods: int, results: dict[str, Load]) -> str:
    lines = [f"load: {pods} pods of thirty labels, of which a rule keeps {SCRAPED_SHARE:.0%}"]
    for name, one in results.items():
        lines.append(
            f"  {name}: {one.bytes_per_target:.0f} B per known target; goal < {BYTES_PER_TARGET_GOAL}: "
            f"{verdict(one.bytes_per_target, BYTES_PER_TARGET_GOAL)}; {one.peak_bytes_per_target:.0f} at the peak")
        lines.append(
            f"  {name}: {one.cpu_share:.1%} of a core at {one.changes_per_second:.0f} changes/s; goal < "
            f"{CPU_SHARE_GOAL:.0%}: {verdict(one.cpu_share, CPU_SHARE_GOAL)}; listed in {one.seconds_to_list:.1f} s")
    lines += ratio_lines({name: one.bytes_per_target for name, one in results.items()}, "memory")
    return "\n".join(lines + ratio_lines({name: one.cpu_share for name, one in results.items()}, "CPU"))


def ratio_lines(values: dict[str, float], what: str) -> list[str]:
    if not {"rollcall", "vmagent"} <= values.keys() or not values["vmagent"]:
        return []
    return [f"  {what}: {values['rollcall'] / values['vmagent']:.2f} x vmagent"]


def parsed_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run discovery", description="Measures discovery.")
    parser.add_argument("--agents", default=",".join(NAMES), help="which, separated by commas")
    parser.add_argument("--parts", default="kubernetes,consul,load", help="kubernetes, consul (latency), load")
    parser.add_argument("--events", type=int, default=200, help="how many targets come, one by one, for the latency")
    parser.add_argument("--pods", type=int, default=100_000, help="how many targets are known under load")
    parser.add_argument("--rate", type=float, default=1000, help="changes a second under load")
    parser.add_argument("--duration", type=float, default=30, help="seconds of changes under load")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="where the programs are")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    wanted = parsed_arguments(arguments)
    raise_descriptor_limit()
    programs = {name: agents.find(name, wanted.build.resolve()) for name in wanted.agents.split(",")}
    failed = False
    for part in wanted.parts.split(","):
        results = {}
        for name, program in programs.items():
            if program is None:
                say(f"{name}: not found, skipped")
                continue
            say(f"{part}: {name}")
            directory = pathlib.Path(tempfile.mkdtemp(prefix=f"rollcall-bench-{name}-"))
            try:
                if part == "load":
                    results[name] = measure_load(
                        name, program, wanted.pods, wanted.duration, wanted.rate, directory)
                else:
                    results[name] = measure_latency(name, program, part, wanted.events, directory)
            except HarnessError as problem:
                say(f"{name}: {problem}")
                failed = True
            finally:
                shutil.rmtree(directory, ignore_errors=True)
        print(load_text(wanted.pods, results) if part == "load" else latency_text(part, results), flush=True)
    return 1 if failed else 0
