"""Configuration at start, checked without start, and changed while the daemon runs."""

import signal
import sys

import rollcall_process
from rollcall_process import DaemonTest, wait_until
from scripted_target import Target, metrics

BAD = """
global:
  scrape_interval: 500ms
  scrape_timeout: 500ms
scrape_configs:
  - job_name: kept
    scrape_intervall: 1s
"""
INTERVAL = 0.5
# Where the wrong key stands in it.
BAD_AT = "7:5"


def config(targets, extra=""):
    """One job per target, named after the key; all are scraped twice a second."""
    lines = ["global:", "  scrape_interval: 500ms", "  scrape_timeout: 500ms", "scrape_configs:"]
    for name, target in targets.items():
        lines.append(f"  - {{job_name: {name}, static_configs: [{{targets: ['{target.address}']}}]}}")
    return "\n".join([*lines, extra, ""])


class AtStart(DaemonTest):
    def test_a_bad_configuration_ends_the_program_with_2_and_says_where(self):
        path = self.write("prometheus.yml", BAD)
        ended = self.run_to_end(f"--config.file={path}", "--web.listen-address=127.0.0.1:0")
        self.assertEqual(ended.returncode, 2)
        self.assertIn(f"{path}:{BAD_AT}: ", ended.stderr)
        self.assertIn("scrape_intervall", ended.stderr)

    def test_a_missing_configuration_ends_the_program_with_2_and_is_named(self):
        path = self.directory / "nowhere.yml"
        ended = self.run_to_end(f"--config.file={path}", "--web.listen-address=127.0.0.1:0")
        self.assertEqual(ended.returncode, 2)
        self.assertIn(str(path), ended.stderr)
        self.assertIn("no such file", ended.stderr.lower())

    def test_an_address_in_use_ends_the_program_with_1(self):
        target = self.closing(Target(metrics("a 1\n")))
        path = self.write("prometheus.yml", config({}))
        ended = self.run_to_end(f"--config.file={path}", f"--web.listen-address={target.address}")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(target.address, ended.stderr)

    def test_flags_that_are_none_end_the_program(self):
        self.assertEqual(self.run_to_end("--no.such.flag").returncode, 2)
        refused = self.run_to_end("--storage.tsdb.path=data", "--agent")
        self.assertEqual(refused.returncode, 3)
        self.assertIn('["--storage.tsdb.path"]', refused.stderr)


class CheckConfig(DaemonTest):
    def setUp(self):
        super().setUp()
        self.good = self.write("good.yml", config({}))
        self.bad = self.write("bad.yml", BAD)
        self.broken = self.write("broken.yml", "global: [\n")

    def test_good_files_pass(self):
        checked = self.run_to_end("check", "config", self.good, self.good)
        self.assertEqual(checked.returncode, 0)
        self.assertEqual(checked.stdout.count(f"{self.good} is valid"), 2)
        self.assertEqual(checked.stderr, "")

    def test_one_bad_file_fails_them_all_and_all_are_looked_at(self):
        for files in ([self.good, self.bad, self.broken], [self.bad, self.broken, self.good]):
            checked = self.run_to_end("check", "config", *files)
            self.assertEqual(checked.returncode, 1)
            self.assertIn(f"{self.bad}:{BAD_AT}: ", checked.stderr)
            self.assertRegex(checked.stderr, rf"{self.broken}:\d+:\d+: ")
            self.assertIn(f"{self.good} is valid", checked.stdout)

    def test_nothing_to_check_is_a_usage_error(self):
        self.assertEqual(self.run_to_end("check", "config").returncode, 2)
        self.assertEqual(self.run_to_end("check", "config", self.directory / "nowhere.yml").returncode, 1)


class WhileRunning(DaemonTest):
    """Reloads of every kind, each with a job that stays as it is and must not notice."""

    def setUp(self):
        super().setUp()
        self.kept = self.closing(Target(metrics("a 1\n")))
        self.added = self.closing(Target(metrics("b 1\n")))

    def run_daemon(self, *flags):
        self.daemon = self.start(config({"kept": self.kept}), *flags)
        wait_until(lambda: len(self.kept.scrapes) >= 2, "the first job is scraped")

    def is_active(self, *jobs):
        found = self.daemon.targets().values()
        return sorted(target["scrapePool"] for target in found) == sorted(jobs)

    def last_reload_was(self, successful):
        return self.daemon.metric("prometheus_config_last_reload_successful") == successful

    def reload_all_ways(self, apply_good, apply_bad):
        """Another job comes, a bad configuration changes nothing, and the job goes again.

        Both functions put the configuration file given in force, or try to.
        """
        apply_good(config({"kept": self.kept, "added": self.added}))
        wait_until(lambda: self.is_active("kept", "added"), "both jobs are active")
        wait_until(lambda: self.added.scrapes, "the new job is scraped")

        apply_bad(BAD)
        wait_until(lambda: self.last_reload_was(0), "the failure shows")
        self.assertFalse(self.daemon.data("/api/v1/status/runtimeinfo")["reloadConfigSuccess"])
        self.assertIn(f"{self.daemon.config}:{BAD_AT}: ", self.daemon.logged())
        self.assertTrue(self.is_active("kept", "added"))
        self.assertIn("job_name: added", self.daemon.data("/api/v1/status/config")["yaml"])
        before = len(self.kept.scrapes), len(self.added.scrapes)
        wait_until(lambda: len(self.kept.scrapes) > before[0] + 1, "the old configuration is in force")
        wait_until(lambda: len(self.added.scrapes) > before[1] + 1, "the old configuration is in force")

        apply_good(config({"kept": self.kept}))
        wait_until(lambda: self.last_reload_was(1), "the success shows")
        wait_until(lambda: self.is_active("kept"), "the job is gone")
        self.assert_undisturbed(self.kept)
        self.assertEqual(self.added.connections, 1)

    def assert_undisturbed(self, target):
        """Scraped in every interval, and always on the same connection."""
        self.assertEqual(target.connections, 1)
        self.assertEqual(target.missed(INTERVAL), 0)

    def test_by_signal(self):
        self.run_daemon()

        def apply(text):
            self.daemon.config.write_text(text, encoding="utf-8")
            self.daemon.send(signal.SIGHUP)

        self.reload_all_ways(apply, apply)
        self.assertTrue(self.daemon.is_alive())

    def test_by_request(self):
        self.run_daemon("--web.enable-lifecycle")

        def apply_good(text):
            self.daemon.config.write_text(text, encoding="utf-8")
            answer = self.daemon.get("/-/reload", "POST")
            self.assertEqual((answer.status, answer.text), (200, ""))

        def apply_bad(text):
            self.daemon.config.write_text(text, encoding="utf-8")
            answer = self.daemon.get("/-/reload", "PUT")
            self.assertEqual(answer.status, 500)
            self.assertTrue(answer.text.startswith("failed to reload config: "), answer.text)
            self.assertIn(f"{self.daemon.config}:{BAD_AT}: ", answer.text)

        self.assertEqual(self.daemon.get("/-/reload").status, 405)
        self.reload_all_ways(apply_good, apply_bad)

    def test_by_itself(self):
        self.run_daemon("--config.auto-reload", "--config.auto-reload-interval=1s")

        def apply(text):
            self.daemon.config.write_text(text, encoding="utf-8")

        self.reload_all_ways(apply, apply)
        # A file that stays bad is reported once.
        self.daemon.config.write_text(BAD, encoding="utf-8")
        wait_until(lambda: self.last_reload_was(0), "the failure shows")
        failures = self.daemon.logged().count("Error reloading config")
        count = len(self.kept.scrapes)
        wait_until(lambda: len(self.kept.scrapes) >= count + 4, "the file was looked at again")
        self.assertEqual(self.daemon.logged().count("Error reloading config"), failures)

    def test_not_by_request_unless_that_is_enabled(self):
        self.run_daemon()
        self.daemon.config.write_text(config({"kept": self.kept, "added": self.added}), encoding="utf-8")
        for path in ("/-/reload", "/-/quit"):
            for method in ("POST", "PUT"):
                answer = self.daemon.get(path, method)
                self.assertEqual((answer.status, answer.text), (403, "Lifecycle API is not enabled."))
        self.assertTrue(self.is_active("kept"))
        self.assertTrue(self.daemon.is_alive())

    def test_many_at_once_leave_the_last_in_force(self):
        self.run_daemon("--web.enable-lifecycle")
        for i in range(20):
            jobs = {"kept": self.kept} | ({"added": self.added} if i % 2 else {})
            self.daemon.config.write_text(config(jobs), encoding="utf-8")
            self.daemon.send(signal.SIGHUP)
        self.assertEqual(self.daemon.get("/-/reload", "POST").status, 200)
        wait_until(lambda: self.is_active("kept", "added"), "both jobs are active")
        count = len(self.kept.scrapes)
        wait_until(lambda: len(self.kept.scrapes) > count + 2, "scrapes go on")
        self.assert_undisturbed(self.kept)


if __name__ == "__main__":
    rollcall_process.main(sys.argv)
