"""Rollcall and Debian's Prometheus with one configuration at one discovery server: both must find the same."""

import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "oracle"), str(TESTS / "daemon")]

from own_namespace import enter_namespace, need, skip  # noqa: E402, F401  (the path comes first)
from processes import start_prometheus, start_rollcall, wait_until  # noqa: E402

STEP_SECONDS = 60
SHOWN = ("__address__", "__meta_")  # what discovery sets; the rest comes from the job


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
