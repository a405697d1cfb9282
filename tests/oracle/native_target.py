"""A target with native histograms. Each has a server of its own and begins with the same first scrape.

What the scrape of a number says depends on that number and the start alone, so that two who scrape a target each, at
their own times, are told the same in the same order.
"""

import http.server
import threading

import metric_family as mf
from fleet import Server
from metric_family import Native

DEFAULT_ZERO_THRESHOLD = 2.0**-128
AHEAD = 60_000  # milliseconds; what is older than remote write, Prometheus does not send
GONE_AFTER = 4  # scrapes, for what vanishes
CLASSIC = {0.1: 1, 1.0: 2, float("inf"): 3}


def _exemplar(start, number, value):
    return mf.exemplar({"trace_id": f"trace {number}"}, value, start + number * 10)


def _integers(number):
    return mf.family(
        "integers",
        mf.HISTOGRAM,
        mf.histogram(
            12.5 * number,
            {"site": "north"},
            native=Native(3, DEFAULT_ZERO_THRESHOLD, number, {-5: 1, 0: 1 + number, 1: 2, 7: 2 * number}, {2: number}),
        ),
        mf.histogram(
            -3.0, {"site": "süd"}, native=Native(0, 0.5, 2, negative={-1: 3 + number, 0: number, 1: 1, 90: 4})
        ),
        mf.histogram(float("nan"), {"site": "nan"}, native=Native(1, 0.001, 0, {1: 1 + number})),
        help_text="Integer buckets, on both sides.",
    )


def _floats(number):
    native = Native(5, 0.25, 0.5 * number, {-1: 0.25, 0: 1.5 + number, 2: 1e-3}, {0: 1e20 * number, 4: 0.125})
    return mf.family("floats", mf.HISTOGRAM, mf.histogram(1e300, native=native))


def _gauges(number):
    native = Native(2, DEFAULT_ZERO_THRESHOLD, 1, {0: 10 - number % 4, 1: number % 3, 5: 1})
    floats = Native(2, 0.5, 1.5, {0: 10.5 - number % 4})
    return mf.family(
        "gauges",
        mf.GAUGE_HISTOGRAM,
        mf.histogram(4.0 - number, {"of": "integers"}, native=native),
        mf.histogram(4.0 - number, {"of": "floats"}, native=floats),
    )


def _changing(number):
    """Counts that begin anew, buckets that come with each scrape, and a resolution that changes."""
    resetting = Native(0, 1e-9, 0, {3: 1 + number % 3, 4: 10})
    growing = Native(0, 1e-9, 0, {index: 1 + number - index for index in range(number + 1)})
    coarser = Native(8 if number < 3 else -4, 1e-9, number, {0: 1 + number, 1: 1})
    wider = Native(1, 0.1 if number < 3 else 0.2, number, {9: 1 + number})
    kinds = {"resetting": resetting, "growing": growing, "coarser": coarser, "wider": wider}
    return mf.family(
        "changing", mf.HISTOGRAM, *(mf.histogram(1.0 * number, {"what": name}, native=kinds[name]) for name in kinds)
    )


def _with_exemplars(start, number):
    """In the classic buckets, for the oracle knows no others."""
    native = Native(2, 0.01, 0, {1: 1 + number})
    return mf.family(
        "traced",
        mf.HISTOGRAM,
        mf.histogram(
            2.0,
            buckets=CLASSIC,
            native=native,
            bucket_exemplars={1.0: _exemplar(start, number, 0.5 + number)},
        ),
    ) + mf.family("traced_total", mf.COUNTER, mf.counter(1.0 * number, exemplar=_exemplar(start, number, 1.0)))


def _others(start, number):
    """No observation at all; beside a classic one; with a timestamp of its own; and one that vanishes."""
    parts = [
        mf.family("empty", mf.HISTOGRAM, mf.histogram(0.0, native=Native(0, DEFAULT_ZERO_THRESHOLD))),
        mf.family("both", mf.HISTOGRAM, mf.histogram(7.0, buckets=CLASSIC, native=Native(0, 0.5, 0, {1: 3}))),
        mf.family("classic", mf.HISTOGRAM, mf.histogram(7.0, count=3, buckets=CLASSIC)),
        mf.family(
            "stamped",
            mf.HISTOGRAM,
            mf.histogram(1.0, native=Native(0, 0.5, 1 + number), timestamp=start + AHEAD + 10 * number),
        ),
        mf.family("plain", mf.GAUGE, mf.gauge(1.0 * number)),
    ]
    if number < GONE_AFTER:
        parts.append(mf.family("vanishing", mf.HISTOGRAM, mf.histogram(1.0, native=Native(0, 0.5, 1 + number))))
    return b"".join(parts)


def body(start, number):
    """Of the scrape of this number, counted from 0; `start` is in milliseconds."""
    return b"".join(
        (
            _integers(number),
            _floats(number),
            _gauges(number),
            _changing(number),
            _with_exemplars(start, number),
            _others(start, number),
        )
    )


class NativeTarget:
    """Serves it, and remembers the last Accept header."""

    def __init__(self, start):
        self.accept = ""
        self._number = 0
        self._start = start
        self._server = Server(("127.0.0.1", 0), self._handler())
        self.address = "127.0.0.1:%d" % self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.2,), daemon=True).start()

    def _handler(target):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer is one packet

            def do_GET(self):
                target.accept = self.headers.get("Accept", "")
                answer = body(target._start, target._number)
                target._number += 1
                self.send_response(200)
                self.send_header("Content-Type", mf.CONTENT_TYPE)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments):
                """A request is no news."""

        return Handler

    def close(self):
        self._server.shutdown()
        self._server.server_close()
