"""Disks that are full, become read-only, or give back something else than was written.

Needs root, as it mounts small file systems of its own; without it is skipped. The receiver is away meanwhile, so that
all there is depends on the disk and on memory.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "daemon"))

import rollcall_process
from rollcall_process import DaemonTest, wait_until
from machine_watch import SETTLING_SECONDS
from counted_target import SERIES, CountedTarget, age_at_end, differences
from scripted_target import Target, metrics
from write_receiver import Receiver

SKIPPED = 77
SEED = int(os.environ.get("ROLLCALL_DISK_SEED", "1"))
SYNC_SECONDS = 1  # what a disk that loses its end may cost
TARGETS = 3
FAT_SERIES = 500
REPORT_SERIES = 5  # of each scrape, beside what the target gives

CONFIG = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: counted
    static_configs:
      - targets: [{targets}]
  - job_name: fat
    static_configs:
      - targets: [{fat}]
remote_write:
  - name: main
    url: '{url}'
    queue_config: {{batch_send_deadline: 50ms, min_backoff: 20ms, max_backoff: 200ms}}
    write_relabel_configs: [{{source_labels: [job], regex: fat, action: drop}}]
  - name: fat
    url: 'http://127.0.0.1:1/nobody-is-here'
    write_relabel_configs: [{{source_labels: [job], regex: fat, action: keep}}]
"""


def fat_body():
    """Series whose labels no compression makes small: a second of them fills a megabyte."""
    chance = random.Random(SEED)
    names = [chance.randbytes(150).hex() for _ in range(FAT_SERIES)]
    return lambda number: "".join(f'fat{{id="{name}"}} {number}\n' for name in names)


class Disk(DaemonTest):
    def setUp(self):
        super().setUp()
        self.targets = [self.closing(CountedTarget()) for _ in range(TARGETS)]
        self.fat = None
        self.away = True
        self.receiver = self.closing(Receiver(self.answer))
        self.kills = []

    def answer(self, number, samples):
        return (503, {}, b"away") if self.away else (204, {}, b"")

    def mount(self, *arguments):
        """A file system where the daemon keeps its data."""
        data = self.directory / "data"
        data.mkdir(exist_ok=True)
        subprocess.run(["mount", *arguments, str(data)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(data)], check=False)
        return data

    def run_daemon(self):
        addresses = ", ".join(target.address for target in self.targets)
        fat = self.fat.address if self.fat else ""
        config = CONFIG.format(targets=addresses, fat=fat, url=self.receiver.url)
        return self.start(config, "--storage.remote.flush-deadline=1s")

    def endpoint(self, daemon):
        return daemon.data("/api/v1/status/remote_write")["endpoints"][0]

    def store_error(self, daemon):
        return self.endpoint(daemon)["queue"]["storeError"]

    def dropped(self, daemon):
        """Samples that the daemon says it lost."""
        return sum(value for series, value in daemon.metrics().items()
                   if series.startswith("prometheus_remote_storage_samples_dropped_total{")
                   and 'remote_name="main"' in series and 'reason="dropped_series"' not in series)

    def kill(self, daemon):
        daemon.kill()
        self.kills.append(time.monotonic())

    def missing_at_the_end(self, daemon):
        """What did not arrive when the receiver is there again and the daemon has ended as it should."""
        self.away = False
        wait_until(lambda: self.endpoint(daemon)["samplesPending"] < 1000, "the backlog is delivered", 60)
        lost = self.dropped(daemon)
        # What is answered while it ends need not count.
        for target in self.targets:
            target.close()
        self.kills.append(time.monotonic())
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.receiver.faults, [])
        missing, faults = differences(self.targets, self.receiver.accepted())
        self.assertEqual(faults, [])
        return missing, lost

    def age_at_kill(self, scrape):
        return age_at_end(scrape, self.kills)

    def fill(self, data):
        """Leaves no room; gives the file that has it."""
        ballast = data / "ballast"
        try:
            with ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(1 << 16))
        except OSError:
            pass
        return ballast

    # -- full ----------------------------------------------------------------------------------------------------------

    def test_a_full_disk_costs_nothing_as_long_as_memory_suffices(self):
        data = self.mount("-t", "tmpfs", "-o", "size=128m", "tmpfs")
        self.fat = self.closing(Target(metrics(fat_body())))
        daemon = self.run_daemon()
        time.sleep(1)
        ballast = self.fill(data)
        error = wait_until(lambda: self.store_error(daemon), "the disk is known to be full", 60)
        self.assertIn("No space left", error)
        time.sleep(1)
        self.assertTrue(daemon.is_alive())
        ballast.unlink()
        wait_until(lambda: not self.store_error(daemon), "the disk is used again", 60)
        time.sleep(2)
        self.kill(daemon)
        daemon = self.run_daemon()
        missing, lost = self.missing_at_the_end(daemon)
        self.assertEqual(lost, 0)
        self.assert_recent(missing, SETTLING_SECONDS)

    def test_a_start_on_a_full_disk_delivers_from_memory(self):
        data = self.mount("-t", "tmpfs", "-o", "size=8m", "tmpfs")
        ballast = self.fill(data)
        daemon = self.run_daemon()
        wait_until(lambda: self.store_error(daemon), "the disk is known to be full")
        time.sleep(1)
        ballast.unlink()
        wait_until(lambda: not self.store_error(daemon), "the disk is used", 30)
        missing, lost = self.missing_at_the_end(daemon)
        self.assertEqual(lost, 0)
        self.assert_recent(missing, SETTLING_SECONDS)

    # -- read-only -----------------------------------------------------------------------------------------------------

    def test_a_disk_that_becomes_read_only_costs_nothing(self):
        image = self.directory / "image"
        subprocess.run(["truncate", "-s", "96M", str(image)], check=True)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
        data = self.mount("-o", "loop", str(image))
        daemon = self.run_daemon()
        time.sleep(2)
        # As the system does it after an error of the device.
        subprocess.run(["mount", "-o", "remount,abort", str(data)], check=True)
        wait_until(lambda: self.store_error(daemon), "the disk is known to be read-only", 60)
        time.sleep(1)
        missing, lost = self.missing_at_the_end(daemon)
        self.assertEqual(lost, 0)
        self.assert_recent(missing, SETTLING_SECONDS)

    # -- damage --------------------------------------------------------------------------------------------------------

    def newest_file(self):
        """Of those that hold samples, the one that was written last."""
        files = [path for path in (self.directory / "data/queue").rglob("*")
                 if path.suffix in (".log", ".notes", ".sst") and path.stat().st_size > 0]
        return max(files, key=lambda path: path.stat().st_mtime_ns)

    def damaged(self, damage):
        """What is missing, and what is shown, after damage to the newest file between two lives."""
        daemon = self.run_daemon()
        time.sleep(4)
        self.kill(daemon)
        damage(self.newest_file())
        daemon = self.run_daemon()
        return self.missing_at_the_end(daemon)

    def test_a_newest_file_without_its_end_costs_the_end(self):
        missing, lost = self.damaged(lambda path: os.truncate(path, path.stat().st_size - path.stat().st_size // 8))
        self.assert_recent(missing, SYNC_SECONDS)
        self.assert_counted(missing, lost)

    def test_a_flipped_bit_costs_the_block_that_it_is_in(self):
        def flip(path):
            content = bytearray(path.read_bytes())
            content[len(content) * 3 // 4] ^= 1
            path.write_bytes(content)

        missing, lost = self.damaged(flip)
        times = [scrape.answered for scrape in missing if self.age_at_kill(scrape) > SETTLING_SECONDS]
        self.assertLess(max(times, default=0) - min(times, default=0), SYNC_SECONDS, missing)
        self.assert_counted(missing, lost)

    def assert_counted(self, missing, lost):
        """That the daemon says what is missing, but for what it had no time to write down before it was killed."""
        written_down = [scrape for scrape in missing if self.age_at_kill(scrape) > SETTLING_SECONDS]
        print(f"{len(missing)} scrapes are missing, the daemon says {lost} samples", flush=True)
        self.assertLessEqual(len(written_down) * (SERIES + REPORT_SERIES), lost)
        self.assertLessEqual(lost, len(missing) * (SERIES + REPORT_SERIES))

    def assert_recent(self, missing, seconds):
        old = {scrape: self.age_at_kill(scrape) for scrape in missing if self.age_at_kill(scrape) > seconds}
        self.assertEqual(old, {})


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: only root may mount file systems")
        sys.exit(SKIPPED)
    rollcall_process.main(sys.argv)
