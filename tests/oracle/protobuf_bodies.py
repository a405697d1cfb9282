"""Bodies in the protobuf format, for bodies.py. Left out is what 2.42 and later versions read differently; the head of
oracle_test.py lists that.

Native histograms have native_histogram_test.py.
"""

import metric_family as mf
from metric_family import COUNTER, GAUGE, HISTOGRAM, SUMMARY, UNTYPED, delimited, family
from wire import bytes_field, double_field, int_field

CONTENT_TYPE = mf.CONTENT_TYPE
INFINITY = float("inf")
NAN = float("nan")

ALL_TYPES = b"".join(
    (
        family(
            "jobs_total",
            COUNTER,
            mf.counter(17, {"kind": "a"}, exemplar=mf.exemplar({"trace_id": "abc"}, 1.0)),
            mf.counter(1e300, {"kind": "Zürich → 東京", "empty": ""}),
            help_text='Two lines,\n a \\ and a ".',
        ),
        family("temperature", GAUGE, mf.gauge(-4.5), mf.gauge(NAN, {"a": "nan"}), mf.gauge(-INFINITY, {"a": '\\"\n'})),
        family("rpc", SUMMARY, mf.summary(3, 7.0, {0.5: 1.0, 0.99: NAN, 1.0: 5e-324}, {"a": "b"})),
        family("no_quantiles", SUMMARY, mf.summary(3, 7.0, {})),
        family("other", UNTYPED, mf.untyped(1.0)),
        family("wait", HISTOGRAM, mf.histogram(9.5, {"a": "b"}, count=6, buckets={0.1: 3, 1.0: 5, INFINITY: 6})),
        family("no_infinity", HISTOGRAM, mf.histogram(9.5, count=6, buckets={0.1: 3, 1e6: 5, 1e21: 5})),
        family("no_buckets", HISTOGRAM, mf.histogram(9.5, count=6)),
    )
)
GOOD = family("good", GAUGE, mf.gauge(1.0))


def bare(*fields):
    """A MetricFamily of these fields."""
    return delimited(b"".join(fields))


BODIES = {
    "all types": ALL_TYPES,
    "a family without metrics": GOOD + family("nothing", GAUGE) + family("after", GAUGE, mf.gauge(2.0)),
    "a family in two parts": family("m", GAUGE, mf.gauge(1.0)) + GOOD + family("m", GAUGE, mf.gauge(2.0, {"a": "b"})),
    "the same series twice": GOOD + GOOD,
    "no type": bare(bytes_field(1, "m"), bytes_field(4, mf.counter(3.0))),
    "an unknown type": GOOD + family("m", 17, mf.gauge(1.0)),
    "an unknown field": bare(bytes_field(1, "m"), int_field(3, GAUGE), bytes_field(4, mf.gauge(1.0)), int_field(99, 1)),
    "no name": GOOD + bare(int_field(3, GAUGE), bytes_field(4, mf.gauge(1.0))),
    "a label that is no UTF-8": GOOD + family("m", GAUGE, mf.gauge(1.0, {"a": b"\xff"})),
    "a label without a name": GOOD + family("m", GAUGE, mf.gauge(1.0, {"": "a"})),
    "a label twice": GOOD
    + family("m", GAUGE, bytes_field(1, bytes_field(1, "a") + bytes_field(2, "b")) + mf.gauge(1.0, {"a": "c"})),
    "help that is no UTF-8": GOOD + family("m", GAUGE, mf.gauge(1.0), help_text=b"\xff"),
    "a metric of another type": family("m", GAUGE, mf.counter(1.0)) + GOOD,
    "a length beyond the body": GOOD + b"\x7f\x0a\x01m",
    "a length that does not end": GOOD + b"\xff",
    "a length of nothing": GOOD + b"\x00" + family("after", GAUGE, mf.gauge(2.0)),
    "a field of no wire type": GOOD + delimited(b"\x0f\x01"),
    "a name of another wire type": GOOD + delimited(int_field(1, 5)),
    "text": b"m 1\n",
    "quantiles in another order": family("rpc", SUMMARY, mf.summary(1, 1.0, {0.9: 2.0, 0.5: 1.0})),
    "timestamps": family("m", GAUGE, mf.gauge(1.0, timestamp=1520430000123), mf.gauge(2.0, {"a": "b"}, timestamp=-5)),
    "values split": family("m", GAUGE, bytes_field(2, double_field(1, 1.0) + double_field(1, 2.0))),
}
