"""Writes the protobuf exposition format: MetricFamily messages of io.prometheus.client, each behind its length."""

import dataclasses

from wire import bytes_field, double_field, int_field, packed_doubles, packed_sints, varint, zigzag

CONTENT_TYPE = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
COUNTER, GAUGE, SUMMARY, UNTYPED, HISTOGRAM, GAUGE_HISTOGRAM = range(6)


def delimited(message):
    return varint(len(message)) + message


def family(name, kind, *metrics, help_text="", unit=""):
    parts = [bytes_field(1, name)]
    parts += [bytes_field(2, help_text)] if help_text else []
    parts += [int_field(3, kind)]
    parts += [bytes_field(4, each) for each in metrics]
    parts += [bytes_field(5, unit)] if unit else []
    return delimited(b"".join(parts))


def _metric(number, message, labels, timestamp):
    """A Metric; the timestamp is in milliseconds, 0 for none."""
    pairs = [bytes_field(1, bytes_field(1, name) + bytes_field(2, value)) for name, value in (labels or {}).items()]
    return b"".join(pairs) + bytes_field(number, message) + (int_field(6, timestamp) if timestamp else b"")


def time(milliseconds):
    """A google.protobuf.Timestamp."""
    seconds, rest = divmod(milliseconds, 1000)
    return int_field(1, seconds) + int_field(2, rest * 1_000_000)


def exemplar(labels, value, timestamp=None):
    pairs = [bytes_field(1, bytes_field(1, name) + bytes_field(2, text)) for name, text in labels.items()]
    at = b"" if timestamp is None else bytes_field(3, time(timestamp))
    return b"".join(pairs) + double_field(2, value) + at


def counter(value, labels=None, *, exemplar=None, created=None, timestamp=0):
    message = double_field(1, value)
    message += bytes_field(2, exemplar) if exemplar else b""
    message += bytes_field(3, time(created)) if created else b""
    return _metric(3, message, labels, timestamp)


def gauge(value, labels=None, *, timestamp=0):
    return _metric(2, double_field(1, value), labels, timestamp)


def untyped(value, labels=None, *, timestamp=0):
    return _metric(5, double_field(1, value), labels, timestamp)


def summary(count, total, quantiles, labels=None, *, timestamp=0):
    message = int_field(1, count) + double_field(2, total)
    for quantile, value in quantiles.items():
        message += bytes_field(3, double_field(1, quantile) + double_field(2, value))
    return _metric(4, message, labels, timestamp)


@dataclasses.dataclass
class Native:
    """The native part of a histogram. Buckets are index -> count; a float anywhere makes a float histogram."""

    schema: int = 0
    zero_threshold: float = 0.0
    zero_count: float = 0
    positive: dict = dataclasses.field(default_factory=dict)
    negative: dict = dataclasses.field(default_factory=dict)

    def is_float(self):
        return any(isinstance(each, float) for each in (self.zero_count, *self.buckets()))

    def buckets(self):
        return [*self.positive.values(), *self.negative.values()]

    def count(self):
        return self.zero_count + sum(self.buckets())

    def encode(self):
        is_float = self.is_float()
        message = int_field(5, zigzag(self.schema)) + double_field(6, self.zero_threshold)
        message += double_field(8, self.zero_count) if is_float else int_field(7, self.zero_count)
        return message + _side(9, self.negative, is_float) + _side(12, self.positive, is_float)


def _side(first_number, buckets, is_float):
    """Spans, then deltas or counts, in the fields from the first number on."""
    spans, deltas, counts = [], [], []
    after, before = 0, 0
    for index in sorted(buckets):
        if spans and index == after:
            spans[-1][1] += 1
        else:
            spans.append([index - after, 1])
        after = index + 1
        counts.append(float(buckets[index]))
        if not is_float:
            deltas.append(buckets[index] - before)
            before = buckets[index]
    message = b"".join(
        bytes_field(first_number, int_field(1, zigzag(offset)) + int_field(2, length)) for offset, length in spans
    )
    if is_float:
        return message + packed_doubles(first_number + 2, counts)
    return message + packed_sints(first_number + 1, deltas)


def histogram(total, labels=None, *, count=0, buckets=None, bucket_exemplars=None, native=None, exemplars=(),
              created=None, timestamp=0):
    """`buckets` are the classic ones, upper bound -> cumulative count; the count is that of the native part, if any."""
    count = native.count() if native else count
    message = double_field(4, count) if isinstance(count, float) else int_field(1, count)
    message += double_field(2, total)
    for bound, cumulative in (buckets or {}).items():
        number = double_field(4, cumulative) if isinstance(cumulative, float) else int_field(1, cumulative)
        bucket = number + double_field(2, bound)
        own = (bucket_exemplars or {}).get(bound)
        message += bytes_field(3, bucket + (bytes_field(3, own) if own else b""))
    message += native.encode() if native else b""
    message += bytes_field(15, time(created)) if created else b""
    message += b"".join(bytes_field(16, each) for each in exemplars)
    return _metric(7, message, labels, timestamp)
