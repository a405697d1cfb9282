"""`rollcall check service-discovery`: what it prints, and how it ends."""

import json
import socket
import sys

import rollcall_process
from rollcall_process import DaemonTest

CONFIG = """
scrape_configs:
  - job_name: files
    file_sd_configs: [{files: [targets.json]}]
    relabel_configs:
      - {source_labels: [env], regex: dev, action: drop}
  - job_name: half
    static_configs: [{targets: ['here:1']}]
    http_sd_configs: [{url: 'http://127.0.0.1:%d/'}]
"""


class CheckDiscovery(DaemonTest):
    def setUp(self):
        super().setUp()
        self.write("targets.json", [
            {"targets": ["a:1", "b:1"], "labels": {"env": "prod"}},
            {"targets": ["c:1"], "labels": {"env": "dev"}},
        ])
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            self.config = self.write("prometheus.yml", CONFIG % unused.getsockname()[1])

    def check(self, *arguments):
        return self.run_to_end("check", "service-discovery", *arguments)

    def test_prints_every_target_before_and_after_relabeling(self):
        checked = self.check(self.config, "files", "--format=json")
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        report = json.loads(checked.stdout)
        self.assertEqual([each["labels"].get("instance") for each in report], ["a:1", "b:1", None])
        self.assertEqual(report[2]["discoveredLabels"]["__address__"], "c:1")
        self.assertEqual(report[2]["droppedBy"]["rule"], 0)

        checked = self.check("--timeout", "10s", self.config, "files")
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        self.assertIn("2 targets to scrape, 1 dropped by a rule", checked.stdout)
        self.assertIn('dropped: relabel_configs[0]: drop, source_labels [env], regex "dev"', checked.stdout)

    def test_fails_when_a_mechanism_does_not_answer_and_shows_what_the_others_found(self):
        checked = self.check(self.config, "half", "--timeout=1s", "--format=json")
        self.assertEqual(checked.returncode, 1)
        self.assertEqual([each["labels"]["instance"] for each in json.loads(checked.stdout)], ["here:1"])
        self.assertIn("Discovery of job half is not complete after 1s:\n  http: ", checked.stderr)

    def test_names_the_jobs_there_are_when_it_is_asked_for_another(self):
        checked = self.check(self.config, "nobody")
        self.assertEqual((checked.returncode, checked.stdout), (1, ""))
        self.assertIn("There is no job nobody in ", checked.stderr)
        self.assertIn("there are:\n  files\n  half\n", checked.stderr)

    def test_is_strict_about_its_arguments(self):
        for wrong in ([], [self.config], [self.config, "files", "--format=xml"], [self.config, "files", "--timeout=x"]):
            self.assertEqual(self.check(*wrong).returncode, 2, wrong)
        self.assertEqual(self.check("nowhere.yml", "files").returncode, 1)


if __name__ == "__main__":
    rollcall_process.main(sys.argv)
