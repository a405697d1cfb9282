"""The daemon and an oracle at one registry, scripted or real: what both make of it, through a script of changes."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
for folder in ("daemon", "oracle", "fakes/discovery"):
    sys.path.insert(0, str(TESTS / folder))

import processes  # noqa: E402
import rollcall_process  # noqa: E402
from own_namespace import enter_namespace, need, skip  # noqa: E402, F401
from rollcall_process import wait_until  # noqa: E402

# Every discovered label becomes one of the target, so that a change of one is a change of the target.
CONFIG = """
global: {{scrape_interval: 1h, scrape_timeout: 1s}}
scrape_configs:
- job_name: discovered
  relabel_configs:
  - {{action: labelmap, regex: __(meta_.+)}}
{section}
"""
ORACLE_SECONDS = 40  # Prometheus passes changes on every five seconds.
STEP_SECONDS = 60  # for real registries, which take their time
STEPS_MIN = 20  # of a script of changes


def of_discovery(target, ignored=()):
    """What discovery says of a target, without what the job adds."""
    return sorted(
        (name, value)
        for name, value in target["discoveredLabels"].items()
        if value and name not in ignored and (name.startswith("__meta_") or name in ("__address__", "instance"))
    )


def discovered(targets, ignored=()):
    return sorted(of_discovery(target, ignored) for target in targets)


def by_job(targets):
    found = {}
    for target in targets:
        found.setdefault(target["discoveredLabels"]["job"], []).append(target)
    return found


def addresses(targets):
    return sorted(target["discoveredLabels"]["__address__"] for target in targets)


class Vmagent:
    """vmagent with the same configuration."""

    def __init__(self, configuration, directory, *flags):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = "127.0.0.1:%d" % free.getsockname()[1]
        arguments = [
            "vmagent",
            f"-promscrape.config={configuration}",
            "-promscrape.config.strictParse=false",  # it has flags for refresh intervals
            f"-httpListenAddr={self.address}",
            "-remoteWrite.url=http://127.0.0.1:9/",
            f"-remoteWrite.tmpDataPath={directory / 'vmagent'}",
            *flags,
        ]
        with (directory / "vmagent.log").open("wb") as log:
            self._child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_until(self._is_ready, "vmagent listens")
        except BaseException:
            self.stop()
            raise

    def _is_ready(self):
        try:
            return self.api("targets") is not None
        except (urllib.error.URLError, ConnectionError):
            return False

    def api(self, path):
        with urllib.request.urlopen(f"http://{self.address}/api/v1/{path}", timeout=15) as answer:
            return json.loads(answer.read())["data"]

    def active(self):
        return self.api("targets")["activeTargets"]

    def stop(self):
        self._child.kill()
        self._child.wait()


class Steps:
    """Counts the steps of a script, and tells of each as it is done."""

    def __init__(self):
        self.done = 0

    def note(self, what):
        self.done += 1
        print(f"ok {self.done}: {what}", flush=True)

    def require_all(self):
        """A script that lost steps is a failure."""
        if self.done < STEPS_MIN:
            raise AssertionError(f"the script has {self.done} steps; at least {STEPS_MIN} are wanted")


class SideBySide(rollcall_process.DaemonTest):
    """`fake` plays the registry; `start_both(section)` configures both sides, or the daemon alone.

    Without an oracle `fake.targets()` says what there is to the last label, otherwise `fake.addresses()` is enough.
    """

    oracle = None
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.steps = Steps()
        self.agreed = None

    def start_fake(self, fake):
        self.fake = self.closing(fake)
        return fake

    def start_both(self, section, oracle=None, *flags):
        text = CONFIG.format(section="\n".join("  " + line for line in section.strip().splitlines()))
        self.daemon = self.start(text)
        if oracle == "prometheus":
            path = self.write("oracle.yml", text)
            self.oracle = processes.start_prometheus("prometheus", path, self.directory)
        elif oracle == "vmagent":
            path = self.write("oracle.yml", text)
            self.oracle = Vmagent(path, self.directory, *flags)
        if self.oracle:
            self.addCleanup(self.oracle.stop)

    # -- looking -------------------------------------------------------------------------------------------------------

    def ours(self):
        return self.daemon.data("/api/v1/targets?state=active")["activeTargets"]

    def theirs(self):
        """What there is to the last label, as the oracle says or the registry."""
        return discovered(self.oracle.api("targets")["activeTargets"]) if self.oracle else self.fake.targets()

    def provider(self):
        return self.daemon.data("/api/v1/discovery")["providers"][0]

    def failures(self):
        """How often the mechanism has failed; for polling ones."""
        return self.daemon.metric("prometheus_sd_refresh_failures_total", mechanism=self.mechanism)

    # -- the script ----------------------------------------------------------------------------------------------------

    def expect(self, what):
        """The daemon has found just what there is."""
        try:
            wait_until(lambda: addresses(self.ours()) == self.fake.addresses(), what)
        except AssertionError as error:
            raise AssertionError(
                f"{error}\nfound {addresses(self.ours())}\nthere is {self.fake.addresses()}\n{self.provider()}"
            ) from None

    def agree(self, what, quiet=False):
        """Both sides say the same of every target, to the last label, and not what they said before.

        Only `quiet` changes are none of what is discovered.
        """
        self.expect(what)

        def agree():
            ours = discovered(self.ours())
            return (ours,) if (quiet or ours != self.agreed) and ours == self.theirs() else None

        try:
            self.agreed = wait_until(agree, what, ORACLE_SECONDS)[0]
        except AssertionError:
            self.assertEqual(discovered(self.ours()), self.theirs(), what)
            raise
        self.steps.note(what)

    def alter(self, change):
        with self.fake.changing():
            change()

    def change(self, what, change, quiet=False):
        """Changes the registry and waits until that shows on both sides."""
        self.alter(change)
        self.agree(what, quiet)

    def change_in_a_row(self, count, change):
        """Changes it by `change(i)` again and again, each time as soon as the daemon has found what there is."""
        for i in range(count):
            self.alter(lambda i=i: change(i))
            self.expect(f"change {i} in a row")
        self.agree(f"{count} changes in a row")

    def change_slowly(self, what, change):
        """As `change`, while the server's bytes come in small pieces."""
        self.fake.set_fault("slow")
        self.change(f"{what}, and bytes come slowly", change)
        self.fake.set_fault(None)

    def endure(self, trouble, change, begin, end):
        """While there is trouble what was found stays; a change meanwhile shows as soon as that is over."""
        before = discovered(self.ours())
        failures = self.failures()
        begin()
        self.alter(change)
        wait_until(lambda: self.failures() > failures, f"{trouble} is noticed")
        self.assertTrue(self.provider()["lastError"], trouble)
        self.assertEqual(discovered(self.ours()), before, trouble)
        end()
        self.agree(f"after {trouble}")
        wait_until(lambda: self.provider()["lastError"] == "", "the error goes")

    def fail_and_recover(self, fault, change):
        self.endure(f"a fault: {fault}", change, lambda: self.fake.set_fault(fault), lambda: self.fake.set_fault(None))

    def restart_server(self, change):
        self.endure("a restart of the server", change, self.fake.stop, self.fake.start)

    def revoke_token(self, change):
        """A question that waits may be answered still, but the next is not; `change` is one that takes another."""
        token = self.fake.token

        def begin():
            self.alter(lambda: setattr(self.fake, "token", "another"))

        def end():
            refusal = str(self.fake.refused_status)
            wait_until(lambda: refusal in self.provider()["lastError"], "the refusal shows")
            self.alter(lambda: setattr(self.fake, "token", token))

        self.endure("a revoked token", change, begin, end)


class Pair:
    """Both daemons. `own` is configuration that only Rollcall gets."""

    def __init__(self, directory, program, config, own=""):
        self.rollcall = self.prometheus = None
        self.steps = Steps()
        self._agreed = None
        ours, theirs = directory / "rollcall.yml", directory / "prometheus.yml"
        theirs.write_text(config, encoding="utf-8")
        ours.write_text(config + own, encoding="utf-8")
        try:
            self.prometheus = processes.start_prometheus("prometheus", theirs, directory)
            self.rollcall = processes.start_rollcall(program, ours, directory)
        except BaseException:
            self.stop()
            raise

    def stop(self):
        for daemon in (self.rollcall, self.prometheus):
            if daemon:
                daemon.stop()

    @staticmethod
    def active(daemon):
        return daemon.api("targets", state="active")["activeTargets"]

    def addresses(self, job):
        """What the daemon has found for a job."""
        return addresses(by_job(self.active(self.rollcall)).get(job, []))

    def compare(self, step, expected, ignored=(), own=(), quiet=False):
        """Waits until both have found the same, and every job of `expected` has exactly these addresses.

        What they find is not what it was before, unless the step is `quiet`. `ignored` are labels that Rollcall adds
        and this Prometheus does not know; `own` are jobs that it has not.
        """
        state = {}

        def agree():
            ours, theirs = (by_job(self.active(daemon)) for daemon in (self.rollcall, self.prometheus))
            state.update(rollcall=ours, prometheus=theirs)
            if any(addresses(ours.get(job, [])) != sorted(wanted) for job, wanted in expected.items()):
                return None
            found = {job: discovered(each) for job, each in theirs.items()}
            if found == self._agreed and not quiet:
                return None
            is_same = {job: discovered(each, ignored) for job, each in ours.items() if job not in own} == found
            return (found,) if is_same else None

        try:
            self._agreed = wait_until(agree, step, STEP_SECONDS)[0]
        except AssertionError:
            found = {name: {job: discovered(each) for job, each in jobs.items()} for name, jobs in state.items()}
            print(f"{step}\n expected {expected}", *(f"\n {name} {jobs}" for name, jobs in found.items()))
            raise
        self.steps.note(step)

    def await_failures(self, metric, count):
        """Lets so many more attempts fail on both sides, as a metric of theirs counts them."""
        self.await_growth(metric, count, "attempts fail")

    def await_growth(self, metric, count, what):
        goals = [(daemon, daemon.metric(metric) + count) for daemon in (self.rollcall, self.prometheus)]
        wait_until(lambda: all(daemon.metric(metric) >= goal for daemon, goal in goals), what, STEP_SECONDS)


class Script:
    """A directory, daemons and servers that end with it, whatever happens."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory()
        self.directory = Path(self._directory.name)
        self._closing = []

    def __enter__(self):
        return self

    def closing(self, thing):
        """Has `stop` of it called at the end, the last first."""
        self._closing.append(thing)
        return thing

    def __exit__(self, *_):
        for thing in reversed(self._closing):
            thing.stop()
        self._directory.cleanup()


def main(arguments, *programs):
    """Runs the tests, or says which program to compare with is missing."""
    for program in programs:
        if not shutil.which(program):
            skip(f"there is no {program} to compare with")
    rollcall_process.main(arguments)
