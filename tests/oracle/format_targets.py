"""The targets of the fleet that speak OpenMetrics or protobuf: what depends on the phase, the time or the request."""

import time

import metric_family as mf
import openmetrics_bodies
import protobuf_bodies
from answer import answer_of, by_phase, text, zipped
from metric_family import COUNTER, GAUGE, HISTOGRAM, family
from openmetrics_bodies import CONTENT_TYPE_1 as OPENMETRICS
from protobuf_bodies import CONTENT_TYPE as PROTOBUF


def openmetrics(body):
    return answer_of((body + "# EOF\n").encode(), OPENMETRICS)


def gauges(**values):
    return b"".join(family(name, GAUGE, mf.gauge(float(value))) for name, value in values.items())


def openmetrics_timestamps(request):
    """Seconds with fractions, which are cut at the millisecond, standing still or moving."""
    start = request.fleet.start_milliseconds
    second, rest = divmod(start, 1000)
    return openmetrics(
        f"stamp_fixed 1 {second}.{rest:03}\n"
        f"stamp_finer 2 {second}.{rest:03}9999\n"
        f"stamp_coarse 3 {second}\n"
        f"stamp_exponent 4 {second / 1e9!r}e9\n"
        f"stamp_moving 5 {int(time.time())}\n"
        + (f"stamp_vanishing 6 {second}.5\nunstamped_vanishing 7\n" if request.fleet.phase != 1 else "")
        + "unstamped 8\n"
    )


def protobuf_timestamps(request):
    start = request.fleet.start_milliseconds
    body = family("stamp_fixed", GAUGE, mf.gauge(1.0, timestamp=start))
    body += family("stamp_moving", GAUGE, mf.gauge(2.0, timestamp=int(time.time()) * 1000))
    body += gauges(unstamped=3)
    if request.fleet.phase != 1:
        body += family("stamp_vanishing", GAUGE, mf.gauge(4.0, timestamp=start + 1)) + gauges(unstamped_vanishing=5)
    return answer_of(body, PROTOBUF)


def trace(request, value):
    """The labels, value and time of an exemplar that is another one in each phase."""
    phase = request.fleet.phase
    return {"trace_id": f"phase {phase}", "ü": "\U0001f600"}, value + phase, request.fleet.start_milliseconds + phase


def openmetrics_exemplars(request):
    def exemplar(value):
        _, number, at = trace(request, value)
        return f' # {{trace_id="phase {request.fleet.phase}",span="ü"}} {number} {at // 1000}.{at % 1000:03}'

    return openmetrics(
        "# TYPE jobs counter\n"
        f'jobs_total{{code="200"}} 5{exemplar(1)}\n'
        f'jobs_total{{code="500"}} 5 # {{a="same"}} 1.5\n'
        f"dropped_total 7{exemplar(2)}\n"
        "# TYPE wait histogram\n"
        f'wait_bucket{{le="1.0"}} 3{exemplar(0)}\n'
        f'wait_bucket{{le="+Inf"}} 4 # {{}} {9 + request.fleet.phase}\n'
        "wait_sum 9\n"
        "wait_count 4\n"
    )


def protobuf_exemplars(request):
    def exemplar(value):
        labels, number, at = trace(request, value)
        return mf.exemplar({"trace_id": labels["trace_id"], "span": "ü"}, float(number), at)

    return answer_of(
        family(
            "jobs_total",
            COUNTER,
            mf.counter(5.0, {"code": "200"}, exemplar=exemplar(1)),
            mf.counter(5.0, {"code": "500"}, exemplar=mf.exemplar({"a": "same"}, 1.5)),
        )
        + family("dropped_total", COUNTER, mf.counter(7.0, exemplar=exemplar(2)))
        + family(
            "wait",
            HISTOGRAM,
            mf.histogram(9.0, count=4, buckets={1.0: 3, 2.0: 4}, bucket_exemplars={1.0: exemplar(0), 2.0: exemplar(1)}),
        ),
        PROTOBUF,
    )


def negotiated(request):
    """The format that is asked for first, and says which that was."""
    first = request.headers.get("Accept", "").partition(";")[0]
    if first == "application/vnd.google.protobuf":
        return answer_of(family("format", GAUGE, mf.gauge(1.0, {"first": first})), PROTOBUF)
    if first == "application/openmetrics-text":
        return openmetrics(f'format{{first="{first}"}} 1\n')
    return text(f'format{{first="{first}"}} 1\n')


def changing_format(request):
    """The same two series, and one that only this format has."""
    if request.fleet.phase == 0:
        return text('same{a="b"} 1\nbefore 1\n')
    if request.fleet.phase == 1:
        return openmetrics('same{a="b"} 2\nduring 2\n')
    return answer_of(family("same", GAUGE, mf.gauge(3.0, {"a": "b"})) + gauges(after=3), PROTOBUF)


CLASSIC = (
    '# TYPE classic histogram\nclassic_bucket{le="1"} 1\nclassic_bucket{le="+Inf"} 2\nclassic_sum 3\nclassic_count 2\n'
)
END = "# EOF\n"
ROUTES = {
    "/negotiated": negotiated,
    "/changing-format": changing_format,
    "/openmetrics/timestamps": openmetrics_timestamps,
    "/openmetrics/classic": lambda request: openmetrics(CLASSIC),
    "/openmetrics/exemplars": openmetrics_exemplars,
    "/openmetrics/gzip": lambda request: zipped(openmetrics_bodies.BODIES["all types"], OPENMETRICS),
    "/openmetrics/vanishing": by_phase(
        f"stays 1\nvanishes 2\n{END}", f"stays 3\n{END}", f"stays 4\nvanishes 5\n{END}", content_type=OPENMETRICS
    ),
    "/openmetrics/broken-later": by_phase(
        f"before 1\nmid 2\nafter 3\n{END}",
        f"before 4\nmid{{ 5\nafter 6\n{END}",
        f"before 7\nmid 8\n{END}",
        content_type=OPENMETRICS,
    ),
    "/openmetrics/endless-later": by_phase(
        f"a 1\nb 2\n{END}", "a 3\n", f"a 4\nb 5\n{END}", content_type=OPENMETRICS
    ),
    "/protobuf/timestamps": protobuf_timestamps,
    "/protobuf/exemplars": protobuf_exemplars,
    "/protobuf/gzip": lambda request: zipped(protobuf_bodies.ALL_TYPES, PROTOBUF),
    "/protobuf/vanishing": by_phase(
        gauges(stays=1, vanishes=2), gauges(stays=3), gauges(stays=4, vanishes=5), content_type=PROTOBUF
    ),
    "/protobuf/broken-later": by_phase(
        gauges(before=1, mid=2, after=3),
        gauges(before=4) + b"\x7f" + gauges(after=6),
        gauges(before=7, mid=8),
        content_type=PROTOBUF,
    ),
}
