"""Which formats are asked for, how an answer is read, and what limits do to native histograms."""

import socket
import sys

import rollcall_process
from rollcall_process import DaemonTest, wait_until
from scripted_target import Target, exposing
from write_receiver import Exemplar, Receiver  # and with it the way to tests/support

import metric_family as mf
from metric_family import Native
from wire import bytes_field, int_field

TEXT = "text/plain; version=0.0.4"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PROTOBUF = mf.CONTENT_TYPE

CONFIG = """
global: {{scrape_interval: 300ms, scrape_timeout: 300ms{more}}}
scrape_configs:
{jobs}
remote_write:
  - url: {url}
    send_native_histograms: true
    send_exemplars: true
    queue_config: {{batch_send_deadline: 50ms}}
"""
JOB = """
  - job_name: {name}
    static_configs: [{{targets: ['{address}'], labels: {{{labels}}}}}]
    {settings}
"""

BUCKET_LIMIT_TOTAL = "prometheus_target_scrapes_exceeded_native_histogram_bucket_limit_total"


class MissingBucket(Native):
    """Has a span more than it has buckets for."""

    def encode(self):
        return super().encode() + bytes_field(12, int_field(2, 1))


class ExpositionTest(DaemonTest):
    """Tests with a job and a target for each case."""

    def setUp(self):
        super().setUp()
        self.receiver = self.closing(Receiver())
        self.scripted = {}
        self.jobs = []

    def add(self, name, behaviour, *settings, labels=""):
        """A job of this name with some lines of settings."""
        target = self.scripted[name] = self.closing(Target(behaviour))
        lines = "\n    ".join(settings)
        self.jobs.append(JOB.format(name=name, address=target.address, labels=labels, settings=lines))

    def launch(self, more=""):
        return self.start(CONFIG.format(jobs="".join(self.jobs), url=self.receiver.url, more=more))

    def run_jobs(self, more=""):
        """Starts the daemon and waits until it has scraped everything."""
        daemon = self.launch(more)
        wait_until(lambda: self.are_scraped(daemon), "all targets are scraped")
        return daemon

    def are_scraped(self, daemon):
        health = [each["health"] for each in daemon.targets().values()]
        return len(health) == len(self.jobs) and "unknown" not in health

    def target_of(self, daemon, job):
        (target,) = daemon.targets(job).values()
        return target

    def of_job(self, by_labels, job):
        """Name -> what is there of a job's series."""
        return {dict(labels)["__name__"]: found for labels, found in by_labels.items() if dict(labels)["job"] == job}

    def delivered(self, job):
        """The names of the series of a job that were delivered, as numbers or as histograms, but for reports."""
        names = {sample.name for sample in self.receiver.accepted() if ("job", job) in sample.labels}
        names |= self.of_job(self.receiver.histograms(), job).keys()
        return {name for name in names if name != "up" and not name.startswith("scrape_")}

    def histogram(self, job, name="wait"):
        """The first native histogram of a job that is delivered."""
        found = wait_until(lambda: self.of_job(self.receiver.histograms(), job).get(name), f"{name} of {job}")
        return found[0]


class Negotiation(ExpositionTest):
    PROTO = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
    DEFAULT = (
        "application/openmetrics-text;version=1.0.0;escaping={0};q=0.6,"
        "application/openmetrics-text;version=0.0.1;q=0.5,"
        "text/plain;version=1.0.0;escaping={0};q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
    )
    NATIVE = (
        f"{PROTO};q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
        "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
        "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
    )
    # Settings of a job -> its Accept header.
    EXPECTED = {
        ("honor_labels: false",): DEFAULT.format("allow-utf-8"),
        ("scrape_native_histograms: true",): NATIVE,
        ("scrape_protocols: [PrometheusText0.0.4]",): "text/plain;version=0.0.4;q=0.6,*/*;q=0.5",
        ("scrape_protocols: [PrometheusProto]",): f"{PROTO};q=0.6,*/*;q=0.5",
        (
            "scrape_protocols: [PrometheusText1.0.0, OpenMetricsText0.0.1, PrometheusProto]",
            "scrape_native_histograms: true",
        ): f"text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
        f"{PROTO};q=0.4,*/*;q=0.3",
        ("metric_name_escaping_scheme: allow-utf-8",): DEFAULT.format("allow-utf-8"),
        ("metric_name_escaping_scheme: underscores",): DEFAULT.format("underscores"),
        ("metric_name_escaping_scheme: dots",): DEFAULT.format("dots"),
        ("metric_name_escaping_scheme: values",): DEFAULT.format("values"),
        ("metric_name_validation_scheme: legacy",): DEFAULT.format("underscores"),
    }

    def accept(self, name):
        (line,) = [each for each in self.scripted[name].requests[0].split("\r\n") if each.startswith("Accept: ")]
        return line.removeprefix("Accept: ")

    def test_formats_are_asked_for_in_the_order_of_the_job(self):
        for number, settings in enumerate(self.EXPECTED):
            self.add(f"job {number}", exposing(b"m 1\n", TEXT), *settings)
        self.run_jobs()
        for number, (settings, expected) in enumerate(self.EXPECTED.items()):
            with self.subTest(settings):
                self.assertEqual(expected, self.accept(f"job {number}"))

    def test_a_job_asks_as_the_global_section_says_unless_it_says_more(self):
        self.add("inherits", exposing(b"m 1\n", TEXT))
        self.add("differs", exposing(b"m 1\n", TEXT), "scrape_protocols: [OpenMetricsText0.0.1]")
        self.run_jobs(", scrape_protocols: [PrometheusText1.0.0], metric_name_escaping_scheme: dots")
        self.assertEqual("text/plain;version=1.0.0;escaping=dots;q=0.6,*/*;q=0.5", self.accept("inherits"))
        self.assertEqual("application/openmetrics-text;version=0.0.1;q=0.6,*/*;q=0.5", self.accept("differs"))


class Formats(ExpositionTest):
    BODIES = {
        "PrometheusText0.0.4": b"# a comment\nm 1",
        "PrometheusText1.0.0": b"# a comment\nm 1",
        "OpenMetricsText0.0.1": b"m 1\n# EOF",
        "OpenMetricsText1.0.0": b"m 1\n# EOF",
        "PrometheusProto": mf.family("m", mf.GAUGE, mf.gauge(1.0)),
    }

    def test_the_fallback_reads_what_does_not_say_what_it_is(self):
        types = {"none": None, "blank": "", "a web page": "text/html", "no type at all": "/;;="}
        cases = {f"{kind} {name}": (body, name, of) for name, body in self.BODIES.items() for kind, of in types.items()}
        for case, (body, protocol, content_type) in cases.items():
            self.add(case, exposing(body, content_type), f"fallback_scrape_protocol: {protocol}")
        daemon = self.run_jobs()
        for case in cases:
            with self.subTest(case):
                target = self.target_of(daemon, case)
                self.assertEqual(("up", ""), (target["health"], target["lastError"]))
                wait_until(lambda case=case: self.delivered(case) == {"m"}, f"{case} is delivered")

    def test_what_says_what_it_is_needs_no_fallback(self):
        text = self.BODIES["PrometheusText0.0.4"]
        self.add("text", exposing(text, TEXT), "fallback_scrape_protocol: PrometheusProto")
        self.add(
            "openmetrics",
            exposing(self.BODIES["OpenMetricsText1.0.0"] + b"\n", OPENMETRICS),
            "fallback_scrape_protocol: PrometheusProto",
        )
        self.add(
            "protobuf",
            exposing(self.BODIES["PrometheusProto"], PROTOBUF),
            "fallback_scrape_protocol: PrometheusText0.0.4",
        )
        daemon = self.run_jobs()
        for job in self.scripted:
            self.assertEqual("up", self.target_of(daemon, job)["health"], job)

    def test_without_a_fallback_the_type_has_to_be_known(self):
        cases = {
            "none": (None, "blank Content-Type and no fallback_scrape_protocol specified"),
            "blank": ("", "blank Content-Type and no fallback_scrape_protocol specified"),
            "a web page": ("text/html", 'Content-Type "text/html" and no fallback_scrape_protocol specified'),
            "no type at all": ("/;;=", 'cannot parse Content-Type "/;;=" and no fallback_scrape_protocol'),
        }
        for case, (content_type, _) in cases.items():
            self.add(case, exposing(b"m 1\n", content_type))
        daemon = self.run_jobs()
        for case, (_, error) in cases.items():
            target = self.target_of(daemon, case)
            self.assertEqual("down", target["health"], case)
            self.assertIn(error, target["lastError"], case)

    def test_an_error_says_where_and_what_was_expected(self):
        good = mf.family("good", mf.GAUGE, mf.gauge(1.0))
        native = mf.histogram(1.0, native=MissingBucket(0, 0.5, 0, {0: 1}))
        cases = {
            "text": (b"a 1\nb{ 2\n", TEXT, "^line 2: expected a label name or '}', got"),
            "text value": (b"a 1\n\nb soon\n", TEXT, "^line 3: expected a number as value, got \"soon\"$"),
            "openmetrics": (b"a 1\nb{x=1} 2\n# EOF\n", OPENMETRICS, "^line 2: expected a label value in quotes"),
            "openmetrics blank": (b"a 1\n\n# EOF\n", OPENMETRICS, "^line 2: expected a metric name, .*the end"),
            "openmetrics end": (b"a 1\n", OPENMETRICS, "^line 2: expected '# EOF'"),
            "openmetrics more": (b"a 1\n# EOF\nb 1\n", OPENMETRICS, "^line 3: expected nothing after '# EOF'"),
            "protobuf": (good + b"\x7f\x01", PROTOBUF, f"^metric family at byte {len(good)}: .*127 bytes"),
            "protobuf cut": (good + good[:-1], PROTOBUF, f"^metric family at byte {len(good)}: "),
            "protobuf label": (
                good + mf.family("bad", mf.GAUGE, mf.gauge(1.0, {"a": b"\xff"})),
                PROTOBUF,
                '^metric family "bad" at byte .*: invalid label',
            ),
            "protobuf histogram": (
                good + mf.family("bad", mf.HISTOGRAM, native),
                PROTOBUF,
                '^metric family "bad" at byte .*: invalid histogram: .*another number of buckets',
            ),
        }
        for case, (body, content_type, _) in cases.items():
            self.add(case, exposing(body, content_type), "scrape_native_histograms: true")
        daemon = self.run_jobs()
        for case, (_, _, expected) in cases.items():
            with self.subTest(case):
                target = self.target_of(daemon, case)
                self.assertEqual("down", target["health"])
                self.assertRegex(target["lastError"], expected)
                self.assertEqual(self.scripted[case].url, target["scrapeUrl"])

    def test_a_target_may_listen_on_a_unix_socket(self):
        path = self.directory / "target.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(8)
        target = self.closing(Target(exposing(b"m 1\n", TEXT), listener))
        self.jobs.append(JOB.format(name="unix", address="app", labels=f"__unix_socket__: '{path}'", settings=""))
        self.jobs.append(
            JOB.format(name="nobody", address="nobody", labels=f"__unix_socket__: '{path}.none'", settings="")
        )
        daemon = self.run_jobs()
        unix = self.target_of(daemon, "unix")
        self.assertEqual(("up", "http://app/metrics"), (unix["health"], unix["scrapeUrl"]))
        self.assertIn("Host: app\r\n", target.requests[0])
        self.assertNotIn("__unix_socket__", unix["labels"])
        wait_until(lambda: self.delivered("unix") == {"m"}, "its samples are delivered")
        self.assertEqual("down", self.target_of(daemon, "nobody")["health"])


class Histograms(ExpositionTest):
    NATIVE = Native(3, 0.01, 1, {1: 1, 2: 2, 9: 3, 17: 4}, {-7: 5, 5: 6})
    CLASSIC = {0.5: 2, float("inf"): 22}
    CLASSIC_NAMES = {"wait_bucket", "wait_sum", "wait_count"}

    def add_histogram(self, job, *settings, native=NATIVE, labels=""):
        body = mf.family("wait", mf.HISTOGRAM, mf.histogram(7.5, buckets=self.CLASSIC, native=native))
        self.add(job, exposing(body, PROTOBUF), *settings, labels=labels)

    def settings_by_label(self, native="", always="", convert=""):
        """A rule for each, so that the label comes from relabeling."""
        rules = {
            "__scrape_native_histograms__": native,
            "__always_scrape_classic_histograms__": always,
            "__convert_classic_histograms_to_nhcb__": convert,
        }
        listed = ", ".join(f"{{target_label: {name}, replacement: '{to}'}}" for name, to in rules.items() if to)
        return f"relabel_configs: [{listed}]"

    def test_a_target_overrides_its_job_by_label(self):
        classic, all_names = self.CLASSIC_NAMES, self.CLASSIC_NAMES | {"wait"}
        cases = {
            "native by label": (["scrape_native_histograms: false"], {"native": "true"}, {"wait"}),
            "classic by label": (["scrape_native_histograms: true"], {"native": "false"}, classic),
            "empty label": (["scrape_native_histograms: true"], {}, {"wait"}),
            "both by label": (["scrape_native_histograms: true"], {"always": "1"}, all_names),
            "not both by label": (
                ["scrape_native_histograms: true", "always_scrape_classic_histograms: true"],
                {"always": "False"},
                {"wait"},
            ),
            # Histograms with buckets of their own cannot be sent by this protocol, so that nothing is left.
            "converted by label": ([], {"convert": "true"}, set()),
            "not converted by label": (["convert_classic_histograms_to_nhcb: true"], {"convert": "f"}, classic),
            "converted and classic by label": ([], {"convert": "true", "always": "true"}, classic),
        }
        for case, (settings, labels, _) in cases.items():
            self.add_histogram(case, *settings, self.settings_by_label(**labels) if labels else "")
        self.run_jobs()
        for case, (_, _, names) in cases.items():
            with self.subTest(case):
                wait_until(lambda case=case: self.receiver_has_reports(case), f"a scrape of {case}")
                self.assertEqual(names, self.delivered(case))

    def receiver_has_reports(self, job):
        """The reports of a scrape come with its samples, or after them."""
        reports = self.of_job(self.receiver.series("scrape_series_added"), job)
        return len(reports.get("scrape_series_added", [])) > 1

    def test_a_label_that_is_no_boolean_drops_the_target(self):
        self.add_histogram("bad", self.settings_by_label(native="perhaps"))
        daemon = self.launch()
        dropped = wait_until(
            lambda: daemon.data("/api/v1/targets?state=dropped")["droppedTargets"], "the target is dropped"
        )
        self.assertEqual(1, len(dropped))
        self.assertIn('__scrape_native_histograms__: strconv.ParseBool: parsing "perhaps"', dropped[0]["reason"])
        self.assertEqual({}, daemon.targets())

    def test_buckets_beyond_the_limit_are_merged(self):
        self.add_histogram("unlimited", "scrape_native_histograms: true")
        self.add_histogram("just fits", "scrape_native_histograms: true", "native_histogram_bucket_limit: 6")
        self.add_histogram("merged", "scrape_native_histograms: true", "native_histogram_bucket_limit: 5")
        daemon = self.run_jobs()
        for job in ("unlimited", "just fits"):
            whole = self.histogram(job)
            self.assertEqual(3, whole.schema)
            self.assertEqual((self.NATIVE.positive, self.NATIVE.negative), (whole.positive, whole.negative))
        merged = self.histogram("merged")
        # Of schema 2: the buckets 1 and 2 became one.
        self.assertEqual((2, {1: 3, 5: 3, 9: 4}), (merged.schema, merged.positive))
        self.assertEqual({-3: 5, 3: 6}, merged.negative)
        self.assertEqual((1, 22, 7.5), (merged.zero_count, merged.count, merged.sum))
        self.assertEqual(0, daemon.metric(BUCKET_LIMIT_TOTAL))

    def test_buckets_that_cannot_be_merged_enough_fail_the_scrape(self):
        self.add_histogram("exceeded", "scrape_native_histograms: true", "native_histogram_bucket_limit: 1")
        self.add_histogram("classic", "scrape_native_histograms: false", "native_histogram_bucket_limit: 1")
        daemon = self.run_jobs()
        target = self.target_of(daemon, "exceeded")
        self.assertEqual(("down", "histogram bucket limit exceeded"), (target["health"], target["lastError"]))
        self.assertEqual("up", self.target_of(daemon, "classic")["health"])
        scrapes = len(self.scripted["exceeded"].scrapes)
        wait_until(lambda: daemon.metric(BUCKET_LIMIT_TOTAL) >= scrapes, "each such scrape is counted")
        self.assertEqual(set(), self.delivered("exceeded"))

    def test_buckets_are_at_least_as_wide_as_the_factor_says(self):
        cases = {0: 3, 1.05: 3, 1.1: 2, 1.2: 1, 1.5: 0, 2: 0, 65536: -4}
        for factor in cases:
            settings = f"native_histogram_min_bucket_factor: {factor}"
            self.add_histogram(f"factor {factor}", "scrape_native_histograms: true", settings)
        daemon = self.run_jobs()
        for factor, schema in cases.items():
            with self.subTest(factor=factor):
                histogram = self.histogram(f"factor {factor}")
                self.assertEqual(schema, histogram.schema)
                self.assertEqual(10, sum(histogram.positive.values()))
                self.assertEqual(11, sum(histogram.negative.values()))
        self.assertEqual(0, daemon.metric(BUCKET_LIMIT_TOTAL))

    def test_what_is_sent_has_all_that_the_target_exposes(self):
        self.add_histogram("integers", "scrape_native_histograms: true")
        floats = Native(-2, 0.25, 0.5, {0: 1.5, 3: 2.25}, {-1: 0.125})
        self.add_histogram("floats", "scrape_native_histograms: true", native=floats)
        gauge = mf.family("wait", mf.GAUGE_HISTOGRAM, mf.histogram(-1.0, native=Native(8, 0.5, 0, {1: 3})))
        self.add("gauge", exposing(gauge, PROTOBUF), "scrape_native_histograms: true")
        empty = mf.family("wait", mf.HISTOGRAM, mf.histogram(0.0, native=Native(0, 2.0**-128)))
        self.add("empty", exposing(empty, PROTOBUF), "scrape_native_histograms: true")
        self.run_jobs()
        sent = self.histogram("integers")
        self.assertEqual((False, "unknown", 3, 0.01, 1, 22), self.outline(sent))
        sent = self.histogram("floats")
        self.assertEqual((True, "unknown", -2, 0.25, 0.5, 4.375), self.outline(sent))
        self.assertEqual(({0: 1.5, 3: 2.25}, {-1: 0.125}), (sent.positive, sent.negative))
        self.assertEqual((False, "gauge", 8, 0.5, 0, 3), self.outline(self.histogram("gauge")))
        self.assertEqual((False, "unknown", 0, 2.0**-128, 0, 0), self.outline(self.histogram("empty")))

    def test_each_exemplar_is_sent_once(self):
        at = [1_700_000_000_000 + number for number in range(4)]
        native = mf.histogram(
            7.5,
            native=self.NATIVE,
            buckets=self.CLASSIC,
            # Those of the buckets stand back behind others, and one without a time could be of any scrape.
            bucket_exemplars={0.5: mf.exemplar({"of": "bucket"}, 0.1, at[0])},
            exemplars=[
                mf.exemplar({"of": "b", "z": "ü"}, 2.0, at[2]),
                mf.exemplar({"of": "no time"}, 3.0),
                mf.exemplar({"of": "a"}, 1.0, at[1]),
            ],
        )
        body = mf.family("wait", mf.HISTOGRAM, native)
        self.add("native", exposing(body, PROTOBUF), "scrape_native_histograms: true")
        counter = 'n_total 1 # {z="1",a="ü"} 0.5 1700000000.003\nm_total 1 # {} 4\n# EOF\n'
        self.add("openmetrics", exposing(counter.encode(), OPENMETRICS))
        self.run_jobs()
        for job in self.scripted:
            wait_until(lambda job=job: self.receiver_has_reports(job), f"a second scrape of {job}")
        found = self.of_job(self.receiver.exemplars(), "native")
        first, second = Exemplar((("of", "a"),), at[1], 1.0), Exemplar((("of", "b"), ("z", "ü")), at[2], 2.0)
        self.assertEqual({"wait": [first, second]}, found)
        found = self.of_job(self.receiver.exemplars(), "openmetrics")
        self.assertEqual([Exemplar((("a", "ü"), ("z", "1")), at[3], 0.5)], found["n_total"])
        # Without a time it gets that of the sample, and is the same in the next scrape.
        samples = self.of_job(self.receiver.series("m_total"), "openmetrics")["m_total"]
        self.assertEqual([Exemplar((), samples[0].timestamp, 4.0)], found["m_total"])

    def outline(self, sent):
        return sent.is_float, sent.hint, sent.schema, sent.zero_threshold, sent.zero_count, sent.count


if __name__ == "__main__":
    rollcall_process.main(sys.argv)
