"""Rollcall and Debian's Prometheus with one configuration at one discovery server: both must find the same."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "oracle"))

from processes import start_prometheus, start_rollcall, wait_until  # noqa: E402  (the path comes first)

SKIPPED = 77
STEP_SECONDS = 60
SHOWN = ("__address__", "__meta_")  # what discovery sets; the rest comes from the job
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


def in_order(discovered, ignored=()):
    """Job -> the labels of its targets, for a comparison."""
    return {
        job: sorted(sorted((name, value) for name, value in each.items() if name not in ignored) for each in targets)
        for job, targets in discovered.items()
    }


class Pair:
    """Both daemons. `own` is configuration that only Rollcall gets."""

    def __init__(self, directory, program, config, own=""):
        self.rollcall = self.prometheus = None
        ours, theirs = directory / "rollcall.yml", directory / "prometheus.yml"
        theirs.write_text(config, encoding="utf-8")
        ours.write_text(config + own, encoding="utf-8")
        try:
            self.prometheus = start_prometheus("prometheus", theirs, directory)
            self.rollcall = start_rollcall(program, ours, directory)
        except BaseException:
            self.stop()
            raise

    def stop(self):
        for daemon in (self.rollcall, self.prometheus):
            if daemon:
                daemon.stop()

    @staticmethod
    def discovered(daemon):
        """Job -> what its targets were discovered with."""
        found = {}
        for target in daemon.api("targets", state="active")["activeTargets"]:
            every = target["discoveredLabels"]
            kept = {name: each for name, each in every.items() if each and name.startswith(SHOWN)}
            found.setdefault(every["job"], []).append(kept)
        return found

    def compare(self, step, expected, ignored=(), own=(), seconds=STEP_SECONDS):
        """Waits until both have found the same, and every job of `expected` has exactly these addresses.

        `ignored` are labels that Rollcall adds and this Prometheus does not know; `own` are jobs that it has not.
        """
        state = {}

        def agree():
            for daemon in (self.rollcall, self.prometheus):
                state[daemon.name] = self.discovered(daemon)
            ours, theirs = dict(state["rollcall"]), state["prometheus"]
            for job, addresses in expected.items():
                if sorted(each["__address__"] for each in ours.get(job, [])) != sorted(addresses):
                    return False
            for job in own:
                ours.pop(job, None)
            return in_order(ours, ignored) == in_order(theirs)

        try:
            wait_until(agree, seconds, step)
        except Exception:
            print(f"{step}\n expected {expected}", *(f"\n {name} {found}" for name, found in state.items()))
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
