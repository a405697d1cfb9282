"""Native histograms as remote write carries them (prometheus.Histogram), made comparable."""

import dataclasses

from wire import double, fields, signed, unzigzag

HINTS = ("unknown", "reset", "no reset", "gauge")


@dataclasses.dataclass(frozen=True)
class NativeHistogram:
    """Buckets are index -> count, absolute and without empty ones: how spans are cut means nothing."""

    is_float: bool
    hint: str
    schema: int
    zero_threshold: float
    zero_count: float
    count: float
    sum_bits: int
    positive: dict
    negative: dict
    timestamp: int = dataclasses.field(compare=False)

    @property
    def sum(self):
        return double(self.sum_bits)


def _unpacked(parts, width):
    """The numbers of a repeated field, packed or not; `width` is that of a fixed number, 0 stands for varints."""
    for part in parts:
        if isinstance(part, int):
            yield part
        elif width:
            yield from (int.from_bytes(part[at : at + width], "little") for at in range(0, len(part), width))
        else:
            value = shift = 0
            for byte in part:
                value |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    yield value
                    value = shift = 0


def _buckets(spans, deltas, counts):
    if deltas:
        absolute, counts = 0, []
        for delta in _unpacked(deltas, 0):
            absolute += unzigzag(delta)
            counts.append(absolute)
    else:
        counts = [double(bits) for bits in _unpacked(counts, 8)]
    found, index = {}, 0
    remaining = iter(counts)
    for span in spans:
        parts = dict(fields(span))
        index += unzigzag(parts.get(1, 0))
        for _ in range(parts.get(2, 0)):
            count = next(remaining, None)
            if count is None:
                raise ValueError("a histogram has fewer buckets than its spans")
            if count:
                found[index] = count
            index += 1
    if next(remaining, None) is not None:
        raise ValueError("a histogram has more buckets than its spans")
    return found


def read_histogram(message):
    parts = {}
    for number, value in fields(message):
        parts.setdefault(number, []).append(value)

    def last(number):
        return parts.get(number, [0])[-1]

    is_float = 2 in parts
    return NativeHistogram(
        is_float=is_float,
        hint=HINTS[last(14)],
        schema=unzigzag(last(4)),
        zero_threshold=double(last(5)),
        zero_count=double(last(7)) if is_float else last(6),
        count=double(last(2)) if is_float else last(1),
        sum_bits=last(3),
        positive=_buckets(parts.get(11, []), parts.get(12), parts.get(13, [])),
        negative=_buckets(parts.get(8, []), parts.get(9), parts.get(10, [])),
        timestamp=signed(last(15)),
    )
