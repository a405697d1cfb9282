"""The daemon and an oracle at one registry, scripted or real: what both make of it, through a script of changes."""

import json
import os
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
from rollcall_process import wait_until  # noqa: E402

SKIPPED = 77  # what ctest takes for "skipped"
CONFIG = """
global: {{scrape_interval: 1h, scrape_timeout: 1s}}
scrape_configs:
- job_name: discovered
{section}
"""
ORACLE_SECONDS = 20  # Prometheus passes changes on every five seconds.
STEP_SECONDS = 60  # for real registries, which take their time
INSIDE = "ROLLCALL_TEST_NAMESPACE"


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def need(program, package):
    """The path of a program; without it the test is skipped."""
    search = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    found = shutil.which(program, path=search)
    return found or skip(f"there is no {program}: apt-get install {package}")


def enter_namespace():
    """Goes on with mounts, a network and processes of its own, so that nothing done here outlives the test."""
    if os.environ.get(INSIDE):
        subprocess.run([need("ip", "iproute2"), "link", "set", "lo", "up"], check=True)
        return
    flags = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        flags.append("--map-root-user")
    unshare = need("unshare", "util-linux")
    if subprocess.run([unshare, *flags, "true"], capture_output=True, check=False).returncode != 0:
        skip(f"this machine gives no namespaces: unshare {' '.join(flags)}")
    os.environ[INSIDE] = "1"
    os.execv(unshare, [unshare, *flags, sys.executable, "-B", *sys.argv])


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


class SideBySide(rollcall_process.DaemonTest):
    """`fake` plays the registry; `start_both(section)` configures both sides, or the daemon alone."""

    oracle = None

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
        return self.oracle.api("targets")["activeTargets"]

    def provider(self):
        return self.daemon.data("/api/v1/discovery")["providers"][0]

    # -- the script ----------------------------------------------------------------------------------------------------

    def expect(self, what):
        """The daemon has found just what there is."""
        try:
            wait_until(lambda: addresses(self.ours()) == self.fake.addresses(), what)
        except AssertionError as error:
            raise AssertionError(
                f"{error}\nfound {addresses(self.ours())}\nthere is {self.fake.addresses()}\n{self.provider()}"
            ) from None

    def change(self, what, change):
        """Changes the registry and waits until that shows."""
        with self.fake.changing():
            change()
        self.expect(what)

    def agree(self, what):
        """Both sides say the same of every target, to the last label."""
        self.expect(what)
        if not self.oracle:
            return
        try:
            wait_until(lambda: discovered(self.ours()) == discovered(self.theirs()), what, ORACLE_SECONDS)
        except AssertionError:
            self.assertEqual(discovered(self.ours()), discovered(self.theirs()), what)
            raise

    def fail_and_recover(self, fault, change):
        """While the server fails what was found stays; a change meanwhile shows as soon as it is well again."""
        before = addresses(self.ours())
        failures = self.failures()
        self.fake.set_fault(fault)
        with self.fake.changing():
            change()
        wait_until(lambda: self.failures() > failures, f"{fault} is noticed")
        self.assertTrue(self.provider()["lastError"])
        self.assertEqual(addresses(self.ours()), before)
        self.fake.set_fault(None)
        self.expect(f"recovered from {fault}")
        wait_until(lambda: self.provider()["lastError"] == "", "the error goes")

    def restart_server(self, change):
        before = addresses(self.ours())
        failures = self.failures()
        self.fake.stop()
        with self.fake.changing():
            change()
        wait_until(lambda: self.failures() > failures, "the server is missed")
        self.assertEqual(addresses(self.ours()), before)
        self.fake.start()
        self.expect("the server is back")

    def failures(self):
        """How often the mechanism has failed; for polling ones."""
        return self.daemon.metric("prometheus_sd_refresh_failures_total", mechanism=self.mechanism)


class Pair:
    """Both daemons. `own` is configuration that only Rollcall gets."""

    def __init__(self, directory, program, config, own=""):
        self.rollcall = self.prometheus = None
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

    def compare(self, step, expected, ignored=(), own=(), seconds=STEP_SECONDS):
        """Waits until both have found the same, and every job of `expected` has exactly these addresses.

        `ignored` are labels that Rollcall adds and this Prometheus does not know; `own` are jobs that it has not.
        """
        state = {}

        def agree():
            ours, theirs = (by_job(self.active(daemon)) for daemon in (self.rollcall, self.prometheus))
            state.update(rollcall=ours, prometheus=theirs)
            if any(addresses(ours.get(job, [])) != sorted(wanted) for job, wanted in expected.items()):
                return False
            return {job: discovered(each, ignored) for job, each in ours.items() if job not in own} == {
                job: discovered(each) for job, each in theirs.items()
            }

        try:
            wait_until(agree, step, seconds)
        except AssertionError:
            found = {name: {job: discovered(each) for job, each in jobs.items()} for name, jobs in state.items()}
            print(f"{step}\n expected {expected}", *(f"\n {name} {jobs}" for name, jobs in found.items()))
            raise
        print(f"ok: {step}", flush=True)


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
