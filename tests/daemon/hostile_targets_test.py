"""Targets that misbehave in many ways beside such that are well: these must not notice."""

import os
import sys
import threading

import rollcall_process
from rollcall_process import DaemonTest, wait_until
from scripted_target import (BLOCK, Target, dripping, gzip_bomb, head, metrics, redirecting, repeated, repeating,
                             saying, silent, truncated_gzip, whole)
from write_receiver import Receiver

HEALTHY = 20
HOSTILE_SECONDS = 8
# The body without end is given up at 256 MB and so is the bomb, and both may come together.
RSS_MAX = 600 << 20
RSS_AFTERWARDS_MAX = 150 << 20
# The allocator of a sanitizer keeps what is freed, so that memory says nothing there.
MEMORY_COUNTS = not os.environ.get("ROLLCALL_SANITIZE")

CONFIG = """
global:
  scrape_interval: 1s
  scrape_timeout: 900ms
scrape_configs:
  - job_name: healthy
    file_sd_configs: [{{files: [healthy.json]}}]
  - job_name: hostile
    file_sd_configs: [{{files: [hostile.json]}}]
  - job_name: limited
    body_size_limit: 1MB
    file_sd_configs: [{{files: [limited.json]}}]
remote_write:
  - url: {url}
    queue_config: {{batch_send_deadline: 200ms}}
"""

GOOD = b"good 1\n"
LATE = "context deadline exceeded"
TOO_LARGE = "body size limit exceeded"
# The record in which a TLS server says that it was not spoken to in TLS.
TLS_ALERT = b"\x15\x03\x01\x00\x02\x02\x46"
# What costs a processor much is asked for once or twice: this is no test of how fast the machine is.
RARELY = {"__scrape_interval__": "6s"}
LARGE = 800  # blocks, 50 MB

# Name -> how it behaves, its labels, what its lastError says (a regular expression).
HOSTILE = {
    "garbage for a response": (saying(b"\x00\xff\xfe no HTTP at all \r\n\r\n" * 9), {}, "malformed HTTP response"),
    "garbage for a body": (saying(whole(GOOD + b"%$&/ }{\n")), {}, "line 2: "),
    "a web page": (saying(whole(b"<html></html>", content_type="text/html")), {}, "text/html"),
    "no content type": (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" + GOOD), {}, "blank Content-Type"),
    "an error status": (saying(whole(GOOD, status="503 Out To Lunch")), {}, "HTTP status 503 Out To Lunch"),
    "a body without end": (repeating(head(), BLOCK), RARELY, f"{TOO_LARGE}|{LATE}"),
    "a gzip bomb": (gzip_bomb(4), RARELY, TOO_LARGE),
    "half-closed in the body": (saying(head("Content-Length: 999") + GOOD, half_close=True), {}, "unexpected EOF"),
    "half-closed at once": (saying(b"", half_close=True), {}, "EOF"),
    "half-closed in the header": (saying(b"HTTP/1.1 200 OK\r\nConte", half_close=True), {}, "EOF"),
    "a byte per second": (dripping(whole(GOOD)), {}, LATE),
    "a header line of 200 MB": (repeated(b"HTTP/1.1 200 OK\r\nX-Long: ", BLOCK, 4 * LARGE, b"\r\n\r\n"), {}, "header"),
    "header lines without end": (repeating(b"HTTP/1.1 200 OK\r\n", b"X-Many: header\r\n" * 64), {}, "header"),
    "interim responses without end": (repeating(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 64), {}, "header"),
    "truncated gzip": (truncated_gzip(), {}, "gzip: truncated"),
    "gzip that is none": (saying(whole(GOOD * 9, "Content-Encoding: gzip")), {}, "gzip: invalid header"),
    "a length too large": (saying(head("Content-Length: 4000") + GOOD), {}, "unexpected EOF"),
    "a length too small": (saying(head("Content-Length: 10") + GOOD + b"bad 2\n"), {}, "line 2: "),
    "no length that is a number": (saying(head("Content-Length: x") + GOOD), {}, "Content-Length"),
    "chunks without sense": (saying(head("Transfer-Encoding: chunked") + b"zz\r\n" + GOOD), {}, "chunk"),
    "a redirect loop": (redirecting, {}, "stopped after 10 redirects"),
    "a TLS port": (saying(TLS_ALERT), {}, "malformed HTTP response"),
    "no TLS port": (saying(whole(GOOD)), {"__scheme__": "https"}, "tls: "),
    "no answer": (silent, {}, LATE),
    "invalid UTF-8": (saying(whole(GOOD + b'bad{a="\xff\xfe"} 1\n')), {}, "line 2: .*UTF-8"),
    "a NUL in a name": (saying(whole(GOOD * 2 + b"ba\x00d 1\n")), {}, "line 3: "),
    "a NUL in a value": (saying(whole(GOOD + b"bad 1\x002\n")), {}, "line 2: "),
    "a name of 50 MB": (repeated(head(f"Content-Length: {LARGE << 16}"), BLOCK, LARGE), RARELY, "line 1: "),
    "an open label of 50 MB": (
        repeated(head(f"Content-Length: {(LARGE << 16) + 7}") + b'bad{a="', BLOCK, LARGE),
        RARELY,
        "line 1: ",
    ),
}

LIMITED = {
    "a body without end": (repeating(head(), BLOCK), {}, TOO_LARGE),
    "a gzip bomb": (gzip_bomb(4), {}, TOO_LARGE),
    "an announced terabyte": (saying(head(f"Content-Length: {1 << 40}") + GOOD), {}, f"{TOO_LARGE}|unexpected EOF"),
}


class MemoryWatch:
    """Remembers the most memory that the daemon had."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        while not self._over.wait(0.05):
            self.most = max(self.most, self.daemon.rss())

    def stop(self):
        self._over.set()
        self._thread.join()
        return self.most


class HostileTargets(DaemonTest):
    def targets(self, behaviours):
        """Starts them. Gives their groups for file_sd, and what each one's lastError must say, by URL."""
        groups, expected = [], {}
        for name, (behaviour, labels, error) in behaviours.items():
            target = self.closing(Target(behaviour))
            groups.append({"targets": [target.address], "labels": labels | {"behaviour": name}})
            expected[target.url.replace("http", labels.get("__scheme__", "http"), 1)] = (name, error)
        return groups, expected

    def healthy(self):
        found = [self.closing(Target(metrics(lambda number: f"scrape_number {number}\n"))) for _ in range(HEALTHY)]
        self.write("healthy.json", [{"targets": [target.address for target in found]}])
        return found

    def assert_all_down(self, daemon, job, expected):
        down = daemon.targets(job)
        self.assertEqual(down.keys(), expected.keys())
        for url, (name, error) in expected.items():
            with self.subTest(name, error=down[url]["lastError"][:300]):
                self.assertEqual(down[url]["health"], "down")
                self.assertRegex(down[url]["lastError"], error)
                self.assertLess(len(down[url]["lastError"]), 1000)

    def assert_never_missed(self, healthy, receiver):
        """Every healthy target was up at every second from its first scrape to its last."""
        ups = {dict(labels)["instance"]: samples for labels, samples in receiver.series("up").items()}
        for target in healthy:
            samples = ups[target.address]
            self.assertTrue(all(sample.value == 1 for sample in samples), target.address)
            seconds = round((samples[-1].timestamp - samples[0].timestamp) / 1000)
            times = [sample.timestamp - samples[0].timestamp for sample in samples]
            self.assertEqual(len(samples), seconds + 1, f"not scraped once a second, but at {times}")
            self.assertGreaterEqual(seconds, HOSTILE_SECONDS - 1)
            self.assertEqual(target.connections, 1)

    def test_harm_only_themselves(self):
        receiver = self.closing(Receiver())
        healthy = self.healthy()
        hostile, hostile_errors = self.targets(HOSTILE)
        limited, limited_errors = self.targets(LIMITED)
        self.write("hostile.json", [])
        self.write("limited.json", [])
        daemon = self.start(CONFIG.format(url=receiver.url))
        wait_until(lambda: all(target.scrapes for target in healthy), "healthy targets are scraped")
        rss_before = daemon.rss()

        memory = MemoryWatch(daemon)
        self.write("hostile.json", hostile)
        self.write("limited.json", limited)
        start = len(healthy[0].scrapes)
        wait_until(lambda: len(healthy[0].scrapes) >= start + HOSTILE_SECONDS, "time to do harm", 30)
        wait_until(lambda: all(each["health"] != "unknown" for each in daemon.targets().values()), "all were scraped")
        self.assertTrue(daemon.is_alive())
        self.assertTrue(all(target["health"] == "up" for target in daemon.targets("healthy").values()))
        self.assert_all_down(daemon, "hostile", hostile_errors)
        self.assert_all_down(daemon, "limited", limited_errors)
        rss_most = memory.stop()

        self.write("hostile.json", [])
        self.write("limited.json", [])
        wait_until(lambda: not daemon.targets("hostile"), "hostile targets are gone")
        if MEMORY_COUNTS:
            wait_until(lambda: daemon.rss() < RSS_AFTERWARDS_MAX, f"RSS falls again, from {daemon.rss() >> 20} MB")
            sizes = [f"{size >> 20} MB" for size in (rss_before, rss_most, daemon.rss())]
            print("RSS before, at most and afterwards:", ", ".join(sizes))
            self.assertLess(rss_most, RSS_MAX)
        self.assertEqual(daemon.stop(), 0)
        self.assert_never_missed(healthy, receiver)
        self.assertEqual(receiver.faults, [])


if __name__ == "__main__":
    rollcall_process.main(sys.argv)
