"""A remote_write receiver that answers as a test wants it and keeps what it accepted.

Reads remote write 1.0: a protobuf WriteRequest in snappy's block format.
"""

import dataclasses
import http.server
import sys
import threading
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "support"))

from native_histogram import read_histogram  # noqa: E402
from wire import double, fields, signed, unsnap  # noqa: E402

STALE_BITS = 0x7FF0000000000002


@dataclasses.dataclass(frozen=True)
class Sample:
    """One sample; equal labels are equal tuples, in order of name."""

    labels: tuple
    timestamp: int
    bits: int

    @property
    def value(self):
        return double(self.bits)

    @property
    def name(self):
        return dict(self.labels)["__name__"]


@dataclasses.dataclass(frozen=True)
class Exemplar:
    """One exemplar, with the labels of its own in their order."""

    labels: tuple
    timestamp: int
    value: float


@dataclasses.dataclass(frozen=True)
class Request:
    """A prometheus.WriteRequest; histograms and exemplars stand behind the labels of their series."""

    samples: list
    histograms: list
    exemplars: list


@dataclasses.dataclass(frozen=True)
class Post:
    """A request as it came, and the status it was answered with; `received` is on the monotonic clock."""

    received: float
    headers: dict
    samples: list
    histograms: list
    exemplars: list
    status: int


def read_label(message):
    parts = dict(fields(message))
    return parts.get(1, b"").decode(), parts.get(2, b"").decode()


def read_exemplar(message):
    labels = tuple(read_label(value) for number, value in fields(message) if number == 1)
    parts = dict(fields(message))
    return Exemplar(labels, signed(parts.get(3, 0)), double(parts.get(2, 0)))


def read_series(message, request):
    """Appends what one prometheus.TimeSeries has."""
    parts = {1: [], 2: [], 3: [], 4: []}
    for number, value in fields(message):
        parts[number].append(value)
    labels = tuple(map(read_label, parts[1]))
    names = [name for name, _ in labels]
    if names != sorted(set(names)):
        raise ValueError(f"labels are not sorted, or come twice: {names}")
    points = [dict(fields(value)) for value in parts[2]]
    request.samples.extend(Sample(labels, signed(point.get(2, 0)), point.get(1, 0)) for point in points)
    request.exemplars.extend((labels, read_exemplar(value)) for value in parts[3])
    request.histograms.extend((labels, read_histogram(value)) for value in parts[4])


def read_write_request(message):
    """All of a prometheus.WriteRequest but its metadata, in its order."""
    request = Request([], [], [])
    for number, value in fields(message):
        if number == 1:
            read_series(value, request)
    return request


def accept(number, samples):
    """The script of a receiver that takes everything."""
    return 204, {}, b""


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A daemon that is gone before the answer is no news."""


class Receiver:
    """A receiver on a port of its own, which nobody else gets even while it is down.

    `script(number, samples)` gives (status, headers, body) for the post of this number, counted from 1.
    """

    def __init__(self, script=accept, *, up=True):
        self.script = script
        self.posts = []
        self.faults = []  # what was wrong with requests
        self._lock = threading.Lock()
        self._server = Server(("127.0.0.1", 0), self._handler(), bind_and_activate=False)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        # Bound but not listening: connections are refused.
        self._server.server_bind()
        self.url = "http://127.0.0.1:%d/api/v1/write" % self._server.server_address[1]
        self._thread = None
        if up:
            self.come_up()

    def come_up(self):
        self._server.server_activate()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self):
        if self._thread:
            self._server.shutdown()
        self._server.server_close()

    def _handler(receiver):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                received = time.monotonic()
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, text = receiver._take(received, dict(self.headers), body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        return Handler

    def _take(self, received, headers, body):
        try:
            request = read_write_request(unsnap(body))
        except (ValueError, LookupError, UnicodeDecodeError) as fault:
            self.faults.append(str(fault))
            return 400, {}, str(fault).encode()
        with self._lock:
            at = len(self.posts)
            self.posts.append(Post(received, headers, request.samples, request.histograms, request.exemplars, 0))
        answer = self.script(at + 1, request.samples)
        with self._lock:
            self.posts[at] = dataclasses.replace(self.posts[at], status=answer[0])
        return answer

    def _accepted(self, what):
        """Of the posts that were answered well, in order of arrival."""
        with self._lock:
            return [each for post in self.posts if post.status // 100 == 2 for each in getattr(post, what)]

    def accepted(self):
        """Samples of the posts that were answered well, in order of arrival."""
        return self._accepted("samples")

    def series(self, name):
        """Labels -> accepted samples of the series with this name, in order of arrival."""
        return by_labels((sample.labels, sample) for sample in self.accepted() if sample.name == name)

    def histograms(self):
        """Labels -> accepted native histograms, in order of arrival."""
        return by_labels(self._accepted("histograms"))

    def exemplars(self):
        """Labels -> accepted exemplars, in order of arrival."""
        return by_labels(self._accepted("exemplars"))


def by_labels(pairs):
    found = {}
    for labels, each in pairs:
        found.setdefault(labels, []).append(each)
    return found
