"""Reads the messages of remote_write 1.0 and 2.0 and refuses what a sender must not send.

Shares no code with the sender: protobuf's wire format is read by tests/support/wire.py.
"""

import dataclasses

from wire import double, fields, signed, unzigzag

NAME_LABEL = "__name__"
CUSTOM_BUCKETS = -53


class BrokenRule(Exception):
    """A message that the specification does not allow."""


@dataclasses.dataclass
class Series:
    """What one TimeSeries has. Samples and histograms are (timestamp, value), the value of a sample is its bits."""

    labels: tuple
    samples: list = dataclasses.field(default_factory=list)
    histograms: list = dataclasses.field(default_factory=list)
    exemplars: list = dataclasses.field(default_factory=list)  # (labels, timestamp, value)
    starts: list = dataclasses.field(default_factory=list)  # of samples that say when their series began
    metadata: tuple = None  # (type, help, unit)

    @property
    def name(self):
        return dict(self.labels)[NAME_LABEL]


@dataclasses.dataclass
class Message:
    series: list
    metadata: list  # (family, type, help, unit), of version 1

    def counts(self):
        return tuple(sum(len(getattr(each, what)) for each in self.series)
                     for what in ("samples", "histograms", "exemplars"))


@dataclasses.dataclass(frozen=True)
class Histogram:
    schema: int
    count: int
    custom_values: tuple


def rule(holds, text):
    if not holds:
        raise BrokenRule(text)


def known_fields(message, *numbers):
    """(number, value) of each field, none of them unknown."""
    for number, value in fields(message):
        rule(number in numbers, f"field {number} is none of {numbers}")
        yield number, value


def single(message, *numbers):
    """Number -> value of a message without repeated fields."""
    found = {}
    for number, value in known_fields(message, *numbers):
        rule(number not in found, f"field {number} comes twice")
        found[number] = value
    return found


def packed(data):
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0
    rule(shift == 0, "a packed number is cut off")


def checked_labels(pairs, of_series=True):
    names = [name for name, _ in pairs]
    rule(names == sorted(names), f"label names are not in order: {names}")
    rule(len(names) == len(set(names)), f"a label name comes twice: {names}")
    rule(all(names), "a label name is empty")
    rule(all(value for _, value in pairs), f"a label value is empty: {pairs}")
    rule(not of_series or NAME_LABEL in names, f"a series has no name: {pairs}")
    return tuple(pairs)


def read_histogram(message, *more):
    parts = {}
    for number, value in known_fields(message, *range(1, 16), *more):
        parts[number] = value
    rule((1 in parts) != (2 in parts), "a histogram has one count")
    bounds = parts.get(16, b"")
    custom = tuple(double(int.from_bytes(bounds[at : at + 8], "little")) for at in range(0, len(bounds), 8))
    return signed(parts.get(15, 0)), Histogram(unzigzag(parts.get(4, 0)), parts.get(1, 0), custom)


def check_series(series):
    rule(not (series.samples and series.histograms), "a series has samples and histograms")
    rule(series.samples or series.histograms or series.exemplars, "a series has nothing")
    for points in (series.samples, series.histograms):
        times = [at for at, _ in points]
        rule(times == sorted(times), "the samples of a series are not in order of time")
    return series


# -- version 1.0 -------------------------------------------------------------------------------------------------------


def label_1(message):
    parts = single(message, 1, 2)
    return parts.get(1, b"").decode(), parts.get(2, b"").decode()


def series_1(message):
    parts = {1: [], 2: [], 3: [], 4: []}
    for number, value in known_fields(message, *parts):
        parts[number].append(value)
    series = Series(checked_labels([label_1(each) for each in parts[1]]))
    for each in parts[2]:
        point = single(each, 1, 2)
        series.samples.append((signed(point.get(2, 0)), point.get(1, 0)))
    for each in parts[3]:
        labels = [label_1(value) for number, value in known_fields(each, 1, 2, 3) if number == 1]
        rest = dict(fields(each))
        series.exemplars.append((checked_labels(labels, False), signed(rest.get(3, 0)), double(rest.get(2, 0))))
    for each in parts[4]:
        at, histogram = read_histogram(each)
        rule(histogram.schema != CUSTOM_BUCKETS, "version 1 has no custom buckets")
        series.histograms.append((at, histogram))
    return check_series(series)


def read_version_1(message):
    read = Message([], [])
    for number, value in known_fields(message, 1, 3):
        if number == 1:
            read.series.append(series_1(value))
        else:
            parts = single(value, 1, 2, 4, 5)
            read.metadata.append((parts[2].decode(), parts.get(1, 0), parts.get(4, b"").decode(),
                                  parts.get(5, b"").decode()))
    return read


# -- version 2.0 -------------------------------------------------------------------------------------------------------


class Symbols:
    def __init__(self, table):
        rule(table and table[0] == "", "the first symbol is not the empty string")
        rule(len(table) == len(set(table)), "a symbol comes twice")
        self._table = table

    def at(self, ref):
        rule(ref < len(self._table), f"there is no symbol {ref}")
        return self._table[ref]

    def labels(self, refs, of_series=True):
        refs = list(packed(refs))
        rule(len(refs) % 2 == 0, "an odd number of references")
        texts = [self.at(ref) for ref in refs]
        return checked_labels(list(zip(texts[::2], texts[1::2])), of_series)


def series_2(message, symbols):
    parts = {1: [], 2: [], 3: [], 4: [], 5: []}
    for number, value in known_fields(message, *parts):
        parts[number].append(value)
    rule(len(parts[1]) == 1, "references are not one packed field")
    series = Series(symbols.labels(parts[1][0]))
    for each in parts[2]:
        point = single(each, 1, 2, 3)
        series.samples.append((signed(point.get(2, 0)), point.get(1, 0)))
        series.starts += [signed(point[3])] if 3 in point else []
    for each in parts[3]:
        series.histograms.append(read_histogram(each, 16, 17))
    for each in parts[4]:
        rest = single(each, 1, 2, 3)
        labels = symbols.labels(rest.get(1, b""), False)
        series.exemplars.append((labels, signed(rest.get(3, 0)), double(rest.get(2, 0))))
    for each in parts[5]:
        said = single(each, 1, 3, 4)
        series.metadata = (said.get(1, 0), symbols.at(said.get(3, 0)), symbols.at(said.get(4, 0)))
    return check_series(series)


def read_version_2(message):
    parts = {4: [], 5: []}
    for number, value in known_fields(message, *parts):
        parts[number].append(value)
    symbols = Symbols([each.decode() for each in parts[4]])
    return Message([series_2(each, symbols) for each in parts[5]], [])
