"""A receiver that keeps every request as it came and answers as a test wants it."""

import dataclasses
import http.server
import threading
import time

from messages import Message, read_version_1, read_version_2
from wire import unsnap, unzstd

VERSION_2_TYPE = "application/x-protobuf;proto=io.prometheus.write.v2.Request"


@dataclasses.dataclass
class Post:
    received: float  # on the monotonic clock
    headers: dict  # by name in lower case
    body: bytes
    status: int = 0

    @property
    def version(self):
        return 2 if self.headers["content-type"] == VERSION_2_TYPE else 1

    @property
    def encoding(self):
        return self.headers["content-encoding"]

    @property
    def message(self) -> Message:
        """Fails when a rule is broken."""
        plain = unzstd(self.body) if self.encoding == "zstd" else unsnap(self.body)
        return read_version_2(plain) if self.version == 2 else read_version_1(plain)


def written(post):
    """The headers that say that all of a request was written."""
    names = ("Samples", "Histograms", "Exemplars")
    return {f"X-Prometheus-Remote-Write-{name}-Written": str(count)
            for name, count in zip(names, post.message.counts())}


def accept(number, post):
    return 204, written(post), b""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """A sender that is gone before the answer is no news."""


class Recorder:
    """`script(number, post)` gives (status, headers, body) for the post of this number, counted from 1."""

    def __init__(self, script=accept):
        self.script = script
        self.posts = []
        self._lock = threading.Lock()
        self._server = Server(("127.0.0.1", 0), self._handler())
        self.url = "http://127.0.0.1:%d/write" % self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _handler(recorder):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                headers = {name.lower(): value for name, value in self.headers.items()}
                post = Post(time.monotonic(), headers, self.rfile.read(int(headers["content-length"])))
                with recorder._lock:
                    recorder.posts.append(post)
                    number = len(recorder.posts)
                post.status, headers, text = recorder.script(number, post)
                self.send_response(post.status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if post.status != 204:
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        return Handler

    def accepted(self):
        return [post for post in list(self.posts) if post.status // 100 == 2]

    def series(self):
        """All series of the posts that were accepted, in order of arrival."""
        return [series for post in self.accepted() for series in post.message.series]

    def values(self, name):
        """The samples of the series with this name, as (timestamp, bits)."""
        return [sample for series in self.series() if series.name == name for sample in series.samples]
