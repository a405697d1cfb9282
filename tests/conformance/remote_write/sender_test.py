"""The rules of remote_write 1.0 and 2.0 for senders, each as a test; those of both versions run once for each. And what
VictoriaMetrics's protocol adds."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent.parent
sys.path += [str(TESTS / "support"), str(TESTS / "daemon")]

import rollcall_process  # noqa: E402
from rollcall_process import DaemonTest, wait_until  # noqa: E402
from scripted_target import Target, exposing, metrics  # noqa: E402

import metric_family as mf  # noqa: E402
from messages import CUSTOM_BUCKETS  # noqa: E402
from recorder import Recorder, accept, written  # noqa: E402
from wire import double, unsnap  # noqa: E402

STALE_BITS = 0x7FF0000000000002
FRAMED_SNAPPY = b"\xff\x06\x00\x00sNaPpY"
MESSAGES = {1: "prometheus.WriteRequest", 2: "io.prometheus.write.v2.Request"}
MIN_BACKOFF_SECONDS = 0.1

CONFIG = """
global: {{scrape_interval: 300ms, scrape_timeout: 300ms, external_labels: {{Replica: r1}}}}
scrape_configs:
  - job_name: rules
    {settings}
    static_configs: [{{targets: ['{target}']}}]
remote_write:
  - url: {url}
    name: main
    protobuf_message: {message}
    compression: {compression}
    send_exemplars: true
    send_native_histograms: true
    queue_config: {{batch_send_deadline: 50ms, min_backoff: 100ms, max_backoff: 400ms{queue}}}
    metadata_config: {{send_interval: 500ms, max_samples_per_send: 2}}
"""

EXPOSITION = """\
# HELP jobs_total What was done.
# TYPE jobs_total counter
jobs_total{z="1",a="2",Z="3",empty=""} 1
# HELP heat How warm it is.
# TYPE heat gauge
heat{at="nan"} NaN
heat{at="inf"} +Inf
heat{at="minus zero"} -0
heat{at="dated"} 4 %d
# TYPE took summary
took_sum 3
"""
DATED = 1_700_000_000_000


def counting(number):
    return f"scrape_number {number}\n"


def first_answers(*statuses, headers=None):
    """These statuses for the first posts, then success."""

    def script(number, post):
        if number <= len(statuses):
            return statuses[number - 1], headers or {}, b"no"
        return accept(number, post)

    return script


def only(message_kind):
    """A receiver that understands one version of the two."""

    def script(number, post):
        return (204, {}, b"") if post.version == message_kind else (415, {}, b"what?")

    return script


class SenderTest(DaemonTest):
    version = 2
    compression = "snappy"

    def run_sender(self, behaviour, script=accept, *flags, queue="", settings="honor_timestamps: true"):
        self.target = self.closing(Target(behaviour))
        self.recorder = self.closing(Recorder(script))
        config = CONFIG.format(target=self.target.address, url=self.recorder.url, settings=settings,
                               message=MESSAGES[self.version], compression=self.compression, queue=queue)
        return self.start(config, *flags)

    def posts(self, count):
        wait_until(lambda: len(self.recorder.posts) >= count, f"{count} requests")
        return list(self.recorder.posts)

    def numbers(self):
        """The values of scrape_number that were accepted, as Python has them."""
        return [double(bits) for _, bits in self.recorder.values("scrape_number")]

    def assert_lossless(self):
        """What was accepted of the counting target has every number, in order."""
        got = [number for number in self.numbers() if number == number]
        self.assertEqual(sorted(set(got)), list(range(1, int(max(got)) + 1)))
        times = [at for at, _ in self.recorder.values("scrape_number")]
        self.assertEqual(times, sorted(times))


class BothVersions:
    """Rules that the versions have in common."""

    def test_headers(self):
        self.run_sender(metrics(counting))
        for post in self.posts(3):
            self.assertEqual(post.headers["content-encoding"], "snappy")
            self.assertEqual(post.headers["content-type"], self.content_type)
            self.assertEqual(post.headers["x-prometheus-remote-write-version"], self.version_header)
            self.assertRegex(post.headers["user-agent"], r"^rollcall/\d")
            self.assertNotIn("retry-attempt", post.headers)

    def test_the_body_is_one_snappy_block(self):
        self.run_sender(metrics(counting))
        for post in self.posts(3):
            self.assertFalse(post.body.startswith(FRAMED_SNAPPY))
            unsnap(post.body)

    def test_labels_values_and_timestamps(self):
        self.run_sender(metrics(EXPOSITION % DATED))
        wait_until(lambda: self.recorder.values("jobs_total"), "samples arrive")
        # Reading fails when labels are not in order, repeated or empty.
        series = self.recorder.series()
        (jobs,) = {each.labels for each in series if each.name == "jobs_total"}
        self.assertEqual([name for name, _ in jobs], ["Replica", "Z", "__name__", "a", "instance", "job", "z"])
        heat = {dict(each.labels)["at"]: each.samples[0] for each in series if each.name == "heat"}
        self.assertEqual({at: bits for at, (_, bits) in heat.items()},
                         {"nan": 0x7FF8000000000001, "inf": 0x7FF0000000000000, "minus zero": 1 << 63,
                          "dated": 0x4010000000000000})
        self.assertEqual(heat["dated"][0], DATED)

    def test_a_series_that_is_gone_gets_a_stale_marker(self):
        self.run_sender(metrics(lambda number: counting(number) + ("passing 1\n" if number < 3 else "")))
        wait_until(lambda: len(self.recorder.values("passing")) >= 3, "the marker arrives")
        self.assertEqual([bits for _, bits in self.recorder.values("passing")],
                         [0x3FF0000000000000, 0x3FF0000000000000, STALE_BITS])

    def test_a_target_that_is_down_has_all_its_series_marked(self):
        self.run_sender(metrics(counting))
        wait_until(lambda: self.recorder.values("scrape_number"), "samples arrive")
        self.target.close()
        wait_until(lambda: self.recorder.values("scrape_number")[-1][1] == STALE_BITS, "the marker arrives")

    def test_server_errors_are_retried_with_backoff(self):
        self.run_sender(metrics(counting), first_answers(500, 503, 599))
        posts = self.posts(6)
        wait_until(lambda: len(self.numbers()) >= 4, "the rest arrives")
        first = posts[0].body
        attempts = [post for post in posts if post.body == first]
        self.assertEqual([post.headers.get("retry-attempt") for post in attempts], [None, "1", "2", "3"])
        gaps = [later.received - post.received for post, later in zip(attempts, attempts[1:])]
        # Half, as requests may be on their way for longer or shorter; it doubles up to its bound.
        for gap, backoff in zip(gaps, (MIN_BACKOFF_SECONDS, 2 * MIN_BACKOFF_SECONDS, 4 * MIN_BACKOFF_SECONDS)):
            self.assertGreater(gap, backoff / 2)
        self.assert_lossless()

    def test_client_errors_are_not_retried(self):
        daemon = self.run_sender(metrics(counting), first_answers(403, 404, 429))
        posts = self.posts(6)
        self.assertEqual(len({post.body for post in posts[:4]}), 4)
        self.assertTrue(all("retry-attempt" not in post.headers for post in posts))
        failed = daemon.metric("prometheus_remote_storage_samples_failed_total")
        self.assertEqual(failed, sum(post.message.counts()[0] for post in posts[:3]))

    def test_a_bad_request_is_not_sent_again_but_in_parts_that_are_good(self):
        def refuse_poison(number, post):
            is_bad = any(each.name == "poison" for each in post.message.series)
            return (400, {}, b"no") if is_bad else accept(number, post)

        daemon = self.run_sender(metrics(lambda number: counting(number) + "poison 1\n"), refuse_poison)
        wait_until(lambda: len(self.numbers()) >= 4, "the rest arrives")
        failed = daemon.metric("prometheus_remote_storage_samples_failed_total")
        posts = [post for post in list(self.recorder.posts) if post.message.series]
        self.assertEqual(len({post.body for post in posts}), len(posts))
        self.assertTrue(all("retry-attempt" not in post.headers for post in posts))
        self.assert_lossless()
        self.assertGreater(failed, 0)
        self.assertLessEqual(failed, len(self.target.scrapes))

    def test_429_is_retried_when_that_is_configured(self):
        self.run_sender(metrics(counting), first_answers(429, 429), queue=", retry_on_http_429: true")
        posts = self.posts(4)
        self.assertEqual(posts[1].headers["retry-attempt"], "1")
        self.assertEqual(posts[0].body, posts[1].body)
        wait_until(lambda: self.numbers(), "the rest arrives")
        self.assert_lossless()

    def test_retry_after_is_honoured(self):
        self.run_sender(metrics(counting), first_answers(503, headers={"Retry-After": "2"}))
        posts = self.posts(2)
        self.assertGreater(posts[1].received - posts[0].received, 1.5)
        wait_until(lambda: self.numbers(), "the rest arrives")
        self.assert_lossless()

    def test_exemplars_and_histograms(self):
        created = mf.exemplar({"trace_id": "t1"}, 0.5, 1_700_000_000_123)
        body = mf.family("seen_total", mf.COUNTER, mf.counter(7, exemplar=created))
        self.run_sender(exposing(body, mf.CONTENT_TYPE), settings="scrape_protocols: [PrometheusProto]")
        wait_until(lambda: any(each.exemplars for each in self.recorder.series()), "the exemplar arrives")
        (exemplar,) = [found for each in self.recorder.series() for found in each.exemplars]
        self.assertEqual(exemplar, ((("trace_id", "t1"),), 1_700_000_000_123, 0.5))

    def test_what_the_receiver_says_it_wrote_is_counted(self):
        def script(number, post):
            headers = written(post)
            if number == 1:
                headers["X-Prometheus-Remote-Write-Samples-Written"] = "1"
            return 200, headers, b""

        daemon = self.run_sender(metrics(counting), script)
        posts = self.posts(3)
        # It was a success, so nothing is sent again.
        self.assertEqual(len({post.body for post in posts}), len(posts))
        failed = daemon.metric("prometheus_remote_storage_samples_failed_total")
        self.assertEqual(failed, posts[0].message.counts()[0] - 1)
        self.assertIn("did not write all", daemon.logged())


class Version1(BothVersions, SenderTest):
    version = 1
    content_type = "application/x-protobuf"
    version_header = "0.1.0"

    def test_silence_on_what_was_written_is_success(self):
        self.run_sender(metrics(counting), lambda number, post: (200, {}, b""))
        posts = self.posts(3)
        self.assertEqual(len({post.body for post in posts}), len(posts))

    def test_metadata_has_requests_of_its_own(self):
        daemon = self.run_sender(metrics(EXPOSITION % DATED))

        def metadata():
            return [message.metadata for message in self.messages() if message.metadata]

        wait_until(lambda: len(metadata()) >= 2, "metadata arrives")
        self.assertTrue(all(not message.series for message in self.messages() if message.metadata))
        first, second = metadata()[:2]
        self.assertEqual(first + second, [("heat", 2, "How warm it is.", ""), ("jobs_total", 1, "What was done.", ""),
                                          ("took", 5, "", "")])
        self.assertGreaterEqual(daemon.metric("prometheus_remote_storage_metadata_total"), 3)

    def messages(self):
        return [post.message for post in list(self.recorder.posts)]

    def test_custom_buckets_are_left_out_and_counted(self):
        body = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"
        daemon = self.run_sender(metrics(body), settings="convert_classic_histograms_to_nhcb: true")
        self.posts(3)
        self.assertFalse([each for each in self.recorder.series() if each.histograms])
        name, reason = "prometheus_remote_storage_histograms_dropped_total", "nhcb_in_rw1_not_supported"
        self.assertGreater(daemon.metric(name, reason=reason), 0)


class Version2(BothVersions, SenderTest):
    version = 2
    content_type = "application/x-protobuf;proto=io.prometheus.write.v2.Request"
    version_header = "2.0.0"

    def test_series_have_their_metadata(self):
        self.run_sender(metrics(EXPOSITION % DATED))
        wait_until(lambda: self.recorder.values("took_sum"), "samples arrive")
        said = {each.name: each.metadata for each in self.recorder.series()}
        self.assertEqual(said["jobs_total"], (1, "What was done.", ""))
        self.assertEqual(said["heat"], (2, "How warm it is.", ""))
        self.assertEqual(said["took_sum"], (5, "", ""))
        self.assertIsNone(said["up"])

    def test_start_timestamps_go_with_samples(self):
        body = mf.family("seen_total", mf.COUNTER, mf.counter(7, created=1_700_000_000_123))
        body += mf.family("heat", mf.GAUGE, mf.gauge(1))
        self.run_sender(exposing(body, mf.CONTENT_TYPE), accept, "--enable-feature=st-storage")
        wait_until(lambda: self.recorder.values("heat"), "samples arrive")
        starts = {each.name: each.starts for each in self.recorder.series()}
        self.assertEqual((starts["seen_total"], starts["heat"]), ([1_700_000_000_123], []))

    def test_custom_buckets_arrive(self):
        body = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"
        daemon = self.run_sender(metrics(body), settings="convert_classic_histograms_to_nhcb: true")
        wait_until(lambda: any(each.histograms for each in self.recorder.series()), "histograms arrive")
        _, histogram = next(each.histograms[0] for each in self.recorder.series() if each.histograms)
        self.assertEqual((histogram.schema, histogram.count, histogram.custom_values), (CUSTOM_BUCKETS, 2, (1.0,)))
        self.assertGreater(daemon.metric("prometheus_remote_storage_histograms_total"), 0)

    def test_a_receiver_of_version_1_gets_version_1(self):
        daemon = self.run_sender(metrics(counting), only(1))
        wait_until(lambda: len(self.numbers()) >= 4, "samples arrive")
        versions = [post.version for post in self.recorder.posts]
        # From the first refusal on, but for what was under way at the time.
        self.assertEqual(versions[0], 2)
        self.assertEqual(versions, sorted(versions, reverse=True))
        self.assert_lossless()
        self.assertEqual(daemon.logged().count("gets 1.0 from now on"), 1)
        self.assertEqual(daemon.metric("prometheus_remote_storage_samples_failed_total"), 0)

    def test_a_receiver_that_accepts_without_a_word_gets_version_1(self):
        # It has read fields that it does not know, and so nothing.
        def script(number, post):
            return 204, {}, b""

        self.run_sender(metrics(counting), script)
        wait_until(lambda: [post.version for post in self.recorder.posts].count(1) >= 4, "version 1 arrives")
        understood = [series for post in self.recorder.posts if post.version == 1 for series in post.message.series]
        numbers = [double(series.samples[0][1]) for series in understood if series.name == "scrape_number"]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_nothing_written_is_a_refusal(self):
        def script(number, post):
            if number == 1:
                return 200, {"X-Prometheus-Remote-Write-Samples-Written": "0"}, b""
            return accept(number, post)

        daemon = self.run_sender(metrics(counting), script)
        posts = self.posts(3)
        self.assertEqual({post.version for post in posts}, {2})
        self.assertEqual(len({post.body for post in posts}), len(posts))
        failed = daemon.metric("prometheus_remote_storage_samples_failed_total")
        self.assertEqual(failed, posts[0].message.counts()[0])


def without_zstd(status):
    """A receiver that cannot read zstd, and says so by this status."""

    def script(number, post):
        return (status, {}, b"what?") if post.encoding == "zstd" else accept(number, post)

    return script


class Zstd(SenderTest):
    version = 1
    compression = "zstd"

    def encodings(self):
        return [post.encoding for post in list(self.recorder.posts)]

    def test_headers(self):
        self.run_sender(metrics(counting))
        wait_until(lambda: len(self.numbers()) >= 3, "samples arrive")
        for post in self.recorder.accepted():
            if post.message.metadata:
                continue
            self.assertEqual(post.encoding, "zstd")
            self.assertEqual(post.headers["content-type"], "application/x-protobuf")
            self.assertEqual(post.headers["x-victoriametrics-remote-write-version"], "1")
            self.assertNotIn("x-prometheus-remote-write-version", post.headers)
        self.assert_lossless()

    def assert_falls_back(self, status):
        daemon = self.run_sender(metrics(counting), without_zstd(status))
        wait_until(lambda: len(self.numbers()) >= 4, "samples arrive")
        encodings = self.encodings()
        # From the first refusal on, but for what was under way at the time.
        self.assertEqual(encodings[0], "zstd")
        self.assertEqual(encodings, sorted(encodings, reverse=True))
        self.assert_lossless()
        self.assertEqual(daemon.logged().count("it gets snappy from now on"), 1)
        self.assertEqual(daemon.metric("prometheus_remote_storage_samples_failed_total"), 0)

    def test_400_to_the_first_request_means_snappy(self):
        self.assert_falls_back(400)

    def test_415_means_snappy(self):
        self.assert_falls_back(415)

    def test_400_to_a_later_request_is_a_refusal(self):
        daemon = self.run_sender(metrics(counting), lambda number, post: (400, {}, b"no") if number == 3
                                 else accept(number, post))
        posts = self.posts(8)
        of_samples = [post for post in posts if not post.message.metadata]
        self.assertEqual({post.encoding for post in of_samples}, {"zstd"})
        self.assertTrue(all("retry-attempt" not in post.headers for post in posts))
        # Its halves are accepted.
        self.assert_lossless()
        self.assertEqual(daemon.metric("prometheus_remote_storage_samples_failed_total"), 0)


if __name__ == "__main__":
    rollcall_process.main(sys.argv)
