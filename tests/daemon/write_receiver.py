"""A remote_write receiver that answers as a test wants it and keeps what it accepted.

Reads remote write 1.0: a protobuf WriteRequest in snappy's block format, both decoded here from their descriptions.
"""

import dataclasses
import http.server
import struct
import threading
import time

STALE_BITS = 0x7FF0000000000002


@dataclasses.dataclass(frozen=True)
class Sample:
    """One sample; equal labels are equal tuples, in order of name."""

    labels: tuple
    timestamp: int
    bits: int

    @property
    def value(self):
        return struct.unpack("<d", struct.pack("<Q", self.bits))[0]

    @property
    def name(self):
        return dict(self.labels)["__name__"]


@dataclasses.dataclass(frozen=True)
class Post:
    """A request as it came, and the status it was answered with; `received` is on the monotonic clock."""

    received: float
    headers: dict
    samples: list
    status: int


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def unsnap(data):
    """Decodes snappy's block format."""
    size, at = read_varint(data, 0)
    out = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        kind, upper = tag & 3, tag >> 2
        if kind == 0:
            length = upper + 1
            if upper >= 60:
                width = upper - 59
                length = int.from_bytes(data[at : at + width], "little") + 1
                at += width
            out += data[at : at + length]
            at += length
            continue
        if kind == 1:
            length, offset = (upper & 7) + 4, (tag >> 5) << 8 | data[at]
            at += 1
        else:
            width = 2 if kind == 2 else 4
            length, offset = upper + 1, int.from_bytes(data[at : at + width], "little")
            at += width
        if not 0 < offset <= len(out):
            raise ValueError("snappy: a copy from outside of what is known")
        # A copy may overlap what it writes, so it goes by no more than the offset.
        while length > 0:
            piece = out[len(out) - offset :][: min(length, offset)]
            out += piece
            length -= len(piece)
    if len(out) != size:
        raise ValueError(f"snappy: {len(out)} bytes where {size} were announced")
    return bytes(out)


def fields(message):
    """Yields (number, value) of each field; the value is an int, or the bytes of a length-delimited field."""
    at = 0
    while at < len(message):
        key, at = read_varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = read_varint(message, at)
        elif kind == 1:
            value, at = int.from_bytes(message[at : at + 8], "little"), at + 8
        elif kind == 2:
            length, at = read_varint(message, at)
            value, at = message[at : at + length], at + length
            if len(value) != length:
                raise ValueError("protobuf: a field is cut off")
        else:
            raise ValueError(f"protobuf: wire type {kind}")
        yield number, value


def read_write_request(message):
    """The samples of a prometheus.WriteRequest, in its order."""
    samples = []
    for number, series in fields(message):
        if number != 1:
            continue
        labels, points = [], []
        for part, value in fields(series):
            inside = dict(fields(value))
            if part == 1:
                labels.append((inside.get(1, b"").decode(), inside.get(2, b"").decode()))
            elif part == 2:
                timestamp = inside.get(2, 0)
                points.append((timestamp - (1 << 64) if timestamp >> 63 else timestamp, inside.get(1, 0)))
        names = [name for name, _ in labels]
        if names != sorted(set(names)):
            raise ValueError(f"labels are not sorted, or come twice: {names}")
        samples += [Sample(tuple(labels), *point) for point in points]
    return samples


def accept(number, samples):
    """The script of a receiver that takes everything."""
    return 204, {}, b""


class Receiver:
    """A receiver on a port of its own, which nobody else gets even while it is down.

    `script(number, samples)` gives (status, headers, body) for the post of this number, counted from 1.
    """

    def __init__(self, script=accept, *, up=True):
        self.script = script
        self.posts = []
        self.faults = []  # what was wrong with requests
        self._lock = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler(), bind_and_activate=False)
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
            samples = read_write_request(unsnap(body))
        except (ValueError, IndexError, UnicodeDecodeError) as fault:
            self.faults.append(str(fault))
            return 400, {}, str(fault).encode()
        with self._lock:
            at = len(self.posts)
            self.posts.append(Post(received, headers, samples, 0))
        answer = self.script(at + 1, samples)
        with self._lock:
            self.posts[at] = dataclasses.replace(self.posts[at], status=answer[0])
        return answer

    def accepted(self):
        """Samples of the posts that were answered well, in order of arrival."""
        with self._lock:
            return [sample for post in self.posts if post.status // 100 == 2 for sample in post.samples]

    def series(self, name):
        """Labels -> accepted samples of the series with this name, in order of arrival."""
        found = {}
        for sample in self.accepted():
            if sample.name == name:
                found.setdefault(sample.labels, []).append(sample)
        return found
