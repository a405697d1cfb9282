"""What both tests run on: the fleet, its discovery files, the configuration, and the receiver."""

import contextlib
import json
import pathlib
import tempfile

import bodies
from fleet import Fleet
from processes import start_prometheus, start_rollcall

FEATURES = "--enable-feature=native-histograms,exemplar-storage"
HERE = pathlib.Path(__file__).resolve().parent

REMOTE_WRITE = """
remote_write:
  - url: http://{receiver}/api/v1/write
    send_exemplars: true
    send_native_histograms: true
    queue_config: {{batch_send_deadline: 200ms}}
"""


def replace_file(path, text):
    """As a whole, so that a reader never sees half of it."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    return draft.rename(path)


class Scenario:
    """Owns a temporary directory and all processes; use it in a `with`, which ends and removes everything."""

    def __init__(self, program):
        self.program = str(pathlib.Path(program).resolve())
        self._stack = contextlib.ExitStack()
        self.directory = pathlib.Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-oracle-")))
        self._discovery = self.directory / "discovery"  # apart, for both sides watch all of it
        self._discovery.mkdir()
        self.fleet = Fleet()
        self._stack.callback(self.fleet.close)
        self.receiver = None
        self._set_http_groups()
        self.write_discovery_files()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._stack.close()

    def _addresses(self):
        return [f"127.0.0.1:{port}" for port in self.fleet.ports]

    def jobs(self):
        text = (HERE / "jobs.yml").read_text(encoding="utf-8")
        for name in bodies.FORMATS:
            text = text.replace(f"      @BODIES {name}@", bodies.targets(name, "@A@"))
        for letter, address in zip("ABCD", self._addresses()):
            text = text.replace(f"@{letter}@", address)
        text = text.replace("@REFUSED@", f"127.0.0.1:{self.fleet.refusing_port}")
        return text.replace("@DIR@", str(self._discovery))

    def write(self, name, text):
        return replace_file(self.directory / name, text)

    def write_discovery_files(self):
        """In phase 1 a target is added, one removed, one has other labels, one file is broken and one is new."""
        a, b, c, d = self._addresses()

        def group(address, **labels):
            return {"targets": [address], "labels": {"__metrics_path__": "/full", **labels}}

        changed = self.fleet.phase == 1
        first = [group(a, site="north"), group(b, site="south", color="blue" if changed else "red")]
        first += [group(c, site="added")] if changed else [group(d, site="removed"), group(a, site="removed too")]
        replace_file(self._discovery / "targets-first.json", json.dumps(first))
        broken = '[{"targets": ["' if changed else json.dumps([group(a, site="broken file")])
        replace_file(self._discovery / "targets-broken.json", broken)
        if changed:
            replace_file(self._discovery / "targets-new.json", json.dumps([group(d, site="new file")]))
        else:
            (self._discovery / "targets-new.json").unlink(missing_ok=True)
        yaml_site = "changed" if changed else "yaml"
        replace_file(
            self._discovery / "targets.yml",
            f'- targets: ["{b}", "{c}"]\n  labels: {{__metrics_path__: /full, site: {yaml_site}}}\n'
            + ("" if changed else f'- targets: ["{d}"]\n  labels:\n    __metrics_path__: /plain\n    site: yaml\n'),
        )

    def _set_http_groups(self):
        a, b, c, _ = self._addresses()
        path = {"__metrics_path__": "/full"}
        before = [{"targets": [a, b], "labels": path}, {"targets": [c], "labels": {**path, "site": "tail"}}]
        during = [{"targets": [b, c], "labels": {**path, "__meta_rack": "7"}}]
        self.fleet.http_groups = [before, during, before]

    def enter_phase(self, phase):
        self.fleet.phase = phase
        self.write_discovery_files()

    def _started(self, daemon):
        self._stack.callback(daemon.stop)
        return daemon

    def start_receiver(self):
        configuration = self.write("receiver.yml", "global: {scrape_interval: 1m}\n")
        self.receiver = self._started(
            start_prometheus("receiver", configuration, self.directory, FEATURES, "--web.enable-remote-write-receiver")
        )
        return self.receiver

    def start_oracle(self, *flags):
        configuration = self.write("oracle.yml", self.jobs())
        return self._started(start_prometheus("oracle", configuration, self.directory, FEATURES, *flags))

    def start_rollcall(self, *flags, more_jobs=""):
        """Delivers to the receiver, which must have been started."""
        return self._started(
            start_rollcall(self.program, self.write_configuration(more_jobs), self.directory, *flags)
        )

    def write_configuration(self, more_jobs=""):
        jobs = self.jobs().replace("# Rollcall: ", "") + more_jobs
        return self.write("rollcall.yml", jobs + REMOTE_WRITE.format(receiver=self.receiver.address))
