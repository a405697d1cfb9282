"""How changes of files and of HTTP answers become targets."""

import json
import sys
import threading

import rollcall_process
from rollcall_process import DaemonTest, wait_until
from scripted_target import Target, metrics, whole

CONFIG = """
global:
  scrape_interval: 500ms
  scrape_timeout: 500ms
scrape_configs:
  - job_name: files
    file_sd_configs: [{{files: ['targets/*.json'], refresh_interval: 1h}}]
  - job_name: http
    http_sd_configs: [{{url: 'http://{server}/sd', refresh_interval: 250ms}}]
"""


class GroupServer:
    """An http_sd server whose answer may be changed at any time."""

    def __init__(self):
        self._lock = threading.Lock()
        self._response = b""
        self._server = Target(self._answer)
        self.address = self._server.address
        self.close = self._server.close

    def _answer(self, connection, target):
        with self._lock:
            response = self._response
        connection.sendall(response)
        return bool(response)

    def say(self, groups=None, *, body=None, **others):
        """From now on answers with these groups, or with another body."""
        body = json.dumps(groups).encode() if body is None else body
        with self._lock:
            self._response = whole(body, **{"content_type": "application/json", **others})

    def fall_silent(self):
        """From now on closes every connection without an answer."""
        with self._lock:
            self._response = b""

    def asked(self):
        return len(self._server.scrapes)

    def requests(self):
        return self._server.requests


class Discovery(DaemonTest):
    def setUp(self):
        super().setUp()
        (self.directory / "targets").mkdir()
        self.server = self.closing(GroupServer())
        self.server.say([])
        self.one, self.two = (self.closing(Target(metrics("a 1\n"))) for _ in range(2))

    def run_daemon(self):
        self.daemon = self.start(CONFIG.format(server=self.server.address))

    def active(self, job):
        return sorted(target["labels"]["instance"] for target in self.daemon.targets(job).values())

    def wait_for_targets(self, job, *targets):
        expected = sorted(target.address for target in targets)
        wait_until(lambda: self.active(job) == expected, f"the targets of {job} are {expected}")

    def assert_goes_on(self, *targets):
        """They are scraped, and always on the connection that was opened first."""
        before = [len(target.scrapes) for target in targets]
        wait_until(lambda: all(len(target.scrapes) > count + 1 for target, count in zip(targets, before)),
                   "the targets are scraped")
        self.assertEqual([target.connections for target in targets], [1] * len(targets))

    def asked_again(self, times=2):
        count = self.server.asked()
        wait_until(lambda: self.server.asked() >= count + times, "the server is asked again")

    def provider(self, mechanism):
        providers = self.daemon.data("/api/v1/discovery")["providers"]
        return next(each for each in providers if each["mechanism"] == mechanism)


class Files(Discovery):
    """The refresh interval is an hour: what shows was noticed."""

    def test_changes_show_without_waiting_for_the_refresh_interval(self):
        self.run_daemon()
        self.write("targets/a.json", [{"targets": [self.one.address]}])
        self.wait_for_targets("files", self.one)
        self.assert_goes_on(self.one)

        # Written in place, too.
        (self.directory / "targets/a.json").write_text(
            json.dumps([{"targets": [self.one.address]}, {"targets": [self.two.address], "labels": {"team": "b"}}]),
            encoding="utf-8")
        self.wait_for_targets("files", self.one, self.two)
        teams = {each["labels"].get("team") for each in self.daemon.targets("files").values()}
        self.assertEqual(teams, {None, "b"})

        self.write("targets/b.json", [{"targets": [self.two.address]}])
        self.write("targets/a.json", [{"targets": [self.one.address]}])
        wait_until(lambda: all("team" not in each["labels"] for each in self.daemon.targets("files").values()),
                   "the label is gone")
        self.wait_for_targets("files", self.one, self.two)
        (self.directory / "targets/b.json").unlink()
        self.wait_for_targets("files", self.one)
        self.assert_goes_on(self.one)

    def test_a_file_that_cannot_be_read_keeps_its_targets(self):
        self.run_daemon()
        self.write("targets/a.json", [{"targets": [self.one.address]}])
        self.wait_for_targets("files", self.one)
        for broken in ("[", '[{"targets": "x"}]', '[{"unknown": []}]', "[null]", ""):
            self.write("targets/a.json", broken)
            # Another file shows that the broken one was looked at.
            self.write("targets/b.json", [{"targets": [self.two.address]}])
            self.wait_for_targets("files", self.one, self.two)
            (self.directory / "targets/b.json").unlink()
            self.wait_for_targets("files", self.one)
        self.assert_goes_on(self.one)
        self.assertGreaterEqual(self.daemon.metric("prometheus_sd_file_read_errors_total"), 4)
        self.write("targets/a.json", [{"targets": [self.two.address]}])
        self.wait_for_targets("files", self.two)

    def test_many_changes_in_a_row_end_with_the_last(self):
        self.run_daemon()
        for i in range(50):
            self.write("targets/a.json", [{"targets": [self.one.address], "labels": {"round": str(i)}}])
        wait_until(lambda: [each["labels"]["round"] for each in self.daemon.targets("files").values()] == ["49"],
                   "the last change is in force")


class Http(Discovery):
    def test_a_server_that_fails_keeps_its_targets(self):
        self.server.say([{"targets": [self.one.address]}, {"targets": [self.two.address]}])
        self.run_daemon()
        self.wait_for_targets("http", self.one, self.two)
        good = json.dumps([{"targets": [self.one.address]}]).encode()
        failures = [
            lambda: self.server.say(body=good, status="500 Internal Server Error"),
            lambda: self.server.say(body=good, content_type="text/html"),
            lambda: self.server.say(body=b"[{"),
            self.server.fall_silent,
        ]
        for fail in failures:
            fail()
            self.asked_again()
            wait_until(lambda: self.provider("http")["lastError"], "the error shows")
            self.assertEqual(self.active("http"), sorted([self.one.address, self.two.address]))
        self.assert_goes_on(self.one, self.two)
        self.assertGreaterEqual(self.daemon.metric("prometheus_sd_refresh_failures_total", mechanism="http"), 4)

        # A shorter list that is whole takes targets away, and the error goes.
        self.server.say(body=good)
        self.wait_for_targets("http", self.one)
        self.assertEqual(self.provider("http")["lastError"], "")
        self.assert_goes_on(self.one)
        for request in self.server.requests():
            self.assertIn("X-Prometheus-Refresh-Interval-Seconds: 0.25\r\n", request)


if __name__ == "__main__":
    rollcall_process.main(sys.argv)
