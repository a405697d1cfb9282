"""Kills of the daemon and pauses of a real receiver, Debian's Prometheus or VictoriaMetrics, which gets all.

ROLLCALL_RECEIVER_ROUNDS chooses how many kills there are. Without the receiver's package its test is skipped.
"""

import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "daemon"))

if Path("/dev/shm").is_dir():
    tempfile.tempdir = "/dev/shm"

import rollcall_process
from rollcall_process import DaemonTest, ask, wait_until
from counted_target import CountedTarget, age_at_end, differences
from machine_watch import MachineWatch
from scripted_target import Target, metrics
from write_receiver import Sample

TARGETS = 3
ROUNDS = int(os.environ.get("ROLLCALL_RECEIVER_ROUNDS", "3"))
LIFE_SECONDS = (0.5, 2.0)
MATCH = '{job="counted"}'

CONFIG = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: counted
    static_configs:
      - targets: [{targets}]
remote_write:
  - name: main
    url: 'http://127.0.0.1:{port}/api/v1/write'
    remote_timeout: 2s
    compression: {compression}
    queue_config: {{batch_send_deadline: 100ms, min_backoff: 20ms, max_backoff: 200ms}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def sample(labels, timestamp, value):
    bits = struct.unpack("<Q", struct.pack("<d", value))[0]
    return Sample(tuple(sorted(labels.items())), timestamp, bits)


class Receivers(DaemonTest):
    compression = "snappy"

    def start_receiver(self, program, *flags):
        if not shutil.which(program):
            raise unittest.SkipTest(f"there is no {program}: apt-get install {program}")
        self.port = free_port()
        log = (self.directory / f"{program}.log").open("wb")
        self.addCleanup(log.close)
        child = subprocess.Popen([program, *(flag.format(port=self.port) for flag in flags)],
                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log)

        def end():
            child.send_signal(signal.SIGCONT)
            child.kill()
            child.wait()

        self.addCleanup(end)
        wait_until(self.receiver_is_well, f"{program} is there", 60)
        return child

    def receiver_is_well(self):
        try:
            return ask(self.port, "/-/ready").status == 200 or ask(self.port, "/health").status == 200
        except OSError:
            return False

    def run_daemon(self):
        addresses = ", ".join(target.address for target in self.targets)
        return self.start(CONFIG.format(targets=addresses, port=self.port, compression=self.compression))

    def assert_nothing_is_lost(self, receiver, read):
        chance = random.Random(1)
        watch = self.closing(MachineWatch())
        self.targets = [self.closing(CountedTarget()) for _ in range(TARGETS)]
        ends = []
        daemon = self.run_daemon()
        logged = ""
        for _ in range(ROUNDS):
            time.sleep(chance.uniform(*LIFE_SECONDS))
            receiver.send_signal(signal.SIGSTOP)
            time.sleep(chance.uniform(*LIFE_SECONDS))
            daemon.kill()
            logged += daemon.logged()
            ends.append(time.monotonic())
            if chance.random() < 0.5:
                receiver.send_signal(signal.SIGCONT)
            daemon = self.run_daemon()
            receiver.send_signal(signal.SIGCONT)
        endpoint = lambda: daemon.data("/api/v1/status/remote_write")["endpoints"][0]
        wait_until(lambda: endpoint()["samplesDelivered"] > 0, "something is delivered", 30)
        for target in self.targets:
            target.close()
        ends.append(time.monotonic())
        wait_until(lambda: endpoint()["queue"]["blocks"] == 0, "all is delivered", 60)
        self.assertEqual(daemon.stop(), 0)
        # Neither reads zstd: Debian's VictoriaMetrics is older than its own protocol.
        self.assertEqual("it gets snappy from now on" in logged, self.compression == "zstd")
        missing, faults = differences(self.targets, read())
        self.assertEqual(faults, [])
        lost = {}
        for scrape in missing:
            age = age_at_end(scrape, ends)
            if age > watch.settling_seconds(scrape.answered, scrape.answered + age):
                lost[scrape] = age
        scrapes = sum(len(target.answers) for target in self.targets)
        print(f"{ROUNDS} kills, {scrapes} scrapes, {len(missing)} of them at a kill", flush=True)
        self.assertEqual(lost, {})

    def test_prometheus_has_all(self):
        self.assert_prometheus_has_all()

    def test_prometheus_has_all_of_what_was_queued_in_zstd(self):
        self.compression = "zstd"
        self.assert_prometheus_has_all()

    def test_prometheus_has_all_but_what_is_out_of_its_bounds(self):
        self.start_prometheus()
        old = round(time.time() * 1000) - 3 * 3600 * 1000
        target = self.closing(Target(metrics(lambda number: f"fresh {number}\nold 1 {old}\n")))
        self.targets = [target]
        daemon = self.run_daemon()
        wait_until(lambda: len(target.scrapes) > 10, "some scrapes")
        target.close()
        endpoint = lambda: daemon.data("/api/v1/status/remote_write")["endpoints"][0]
        wait_until(lambda: self.query("up") and self.query("up")[-1].value == 0, "it is known to be down", 30)
        wait_until(lambda: endpoint()["queue"]["blocks"] == 0, "all is delivered", 30)
        numbers = {int(each.value) for each in self.query("fresh[1h]")}
        # Each request with the old sample was refused, and each had a fresh one.
        self.assertTrue(numbers >= set(range(1, 11)), numbers)
        set_aside = endpoint()["queue"]["setAside"]
        self.assertTrue(set_aside)
        self.assertTrue(all("out of bounds" in each["reason"] for each in set_aside), set_aside)

    def start_prometheus(self):
        empty = self.write("receiver.yml", "global: {scrape_interval: 1m}\n")
        return self.start_receiver(
            "prometheus", f"--config.file={empty}", f"--storage.tsdb.path={self.directory}/tsdb",
            "--web.enable-remote-write-receiver", "--web.listen-address=127.0.0.1:{port}")

    def query(self, text):
        found = ask(self.port, f"/api/v1/query?query={urllib.parse.quote(text)}").data["result"]
        return [sample(series["metric"], round(at * 1000), float(value))
                for series in found for at, value in series.get("values") or [series["value"]]]

    def assert_prometheus_has_all(self):
        receiver = self.start_prometheus()
        self.assert_nothing_is_lost(receiver, lambda: self.query(MATCH + "[1h]"))

    def test_victoria_metrics_has_all(self):
        self.assert_victoria_metrics_has_all()

    def test_victoria_metrics_has_all_of_what_was_queued_in_zstd(self):
        self.compression = "zstd"
        self.assert_victoria_metrics_has_all()

    def assert_victoria_metrics_has_all(self):
        receiver = self.start_receiver(
            "victoria-metrics", f"-storageDataPath={self.directory}/victoria", "-retentionPeriod=1",
            "-httpListenAddr=127.0.0.1:{port}")

        def read():
            ask(self.port, "/internal/force_flush")
            lines = ask(self.port, f"/api/v1/export?match[]={urllib.parse.quote(MATCH)}").text.splitlines()
            return [sample(series["metric"], time, value)
                    for series in map(json.loads, lines)
                    for time, value in zip(series["timestamps"], series["values"]) if value is not None]

        self.assert_nothing_is_lost(receiver, read)


if __name__ == "__main__":
    rollcall_process.main(sys.argv)
