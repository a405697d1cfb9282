"""The scripted targets: one HTTP server per port, and an answer per path that depends on the phase of the run alone.

Three phases: everything as configured (0), half of it gone or broken (1), everything back (2). Two scrapers that see
the same phases see the same bodies, however their clocks stand to each other.
"""

import base64
import dataclasses
import http.server
import json
import socket
import threading
import time

import bodies
import format_targets
from answer import Answer, answer_of, by_phase, text, zipped

USER, PASSWORD, TOKEN = "scraper", "p:ss wörd", "t0ken"
SLOW_SECONDS = 2.0

PLAIN = r"""# A comment, and a blank line.

# HELP plain_total What a counter counts.\nIn two lines, with a \\.
# TYPE plain_total counter
plain_total{code="200",method="get"} 1027
plain_total{method="post" , code="400",} 3
plain_total	{ code = "500" }	1e3
# TYPE plain_gauge gauge
plain_gauge -12.47
plain_gauge{value="large"} 1.7976931348623157e+308
plain_gauge{value="small"} 5e-324
plain_gauge{value="nan"} NaN
plain_gauge{value="inf"} +Inf
plain_gauge{value="negative inf"} -inf
plain_gauge{value="zero"} -0
untyped_thing{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\"",unknown="\t"} 1.458255915e9
untyped_thing{empty="",utf8="Zürich → 東京",braces="}{,=\"#"} 7
:colon:name_:1 2
# HELP latency_seconds A histogram.
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.05"} 24054
latency_seconds_bucket{le="0.1"} 33444
latency_seconds_bucket{le="1.0"} 133988
latency_seconds_bucket{le="+Inf"} 144320
latency_seconds_sum 53423.1
latency_seconds_count 144320
# TYPE rpc_seconds summary
rpc_seconds{quantile="0.01"} 3102
rpc_seconds{quantile="0.5"} 4773
rpc_seconds{quantile="0.99"} NaN
rpc_seconds_sum 1.7560473e+07
rpc_seconds_count 2693
"""

CONFLICT = """conflict{instance="mine",job="mine",site="mine"} 1
conflict{exported_instance="theirs",instance="mine",exported_job="",site=""} 2
conflict{exported_exported_job="x",exported_job="y",job="z"} 3
conflict{instance="",job="",lone="1"} 4
conflict{exported_site="taken",site="mine",exported_instance="taken"} 5
conflict 6
"""

RELABEL = """kept{tmp_a="1",tmp_b="2",zone="EU-West",mapped_x="one",mapped_y="two"} 1
kept{tmp_a="3",zone="eu-west",mapped_x="three",secret="s"} 2
dropped_total 3
renamed_old{mode="a"} 4
merged{which="first"} 5
merged{which="second"} 6
equal{left="same",right="same"} 7
equal{left="same",right="other"} 8
unequal{left="same",right="same"} 9
unequal{left="same",right="other"} 10
sharded{id="a"} 11
sharded{id="b"} 12
sharded{id="c"} 13
sharded{id="d"} 14
nameless 15
"""

FULL = "".join(f'full{{n="{n}"}} {n}\n' for n in range(5))


def timestamps(request):
    """Explicit timestamps: standing still, moving by the second, going back in phase 1, and too far ahead."""
    start = request.fleet.start_milliseconds
    going_back = start - 1000 * request.fleet.phase if request.fleet.phase < 2 else start + 1000
    return text(
        f"stamp_fixed 1 {start}\n"
        f"stamp_moving 2 {int(time.time()) * 1000}\n"
        f"stamp_back {3 + request.fleet.phase} {going_back}\n"
        f"stamp_ahead 4 {start + 3_600_000}\n"
        + ("stamp_vanishing 5 %d\nunstamped_vanishing 6\n" % start if request.fleet.phase != 1 else "")
        + "unstamped 7\n"
    )


def echo(request):
    """The request as labels, so that what a scraper asks for is compared like what it stores."""
    path, _, query = request.path.partition("?")
    told = {
        "method": request.command,
        "path": path,
        "query": query,
        "host": request.headers.get("Host", ""),
        "authorization": request.headers.get("Authorization", ""),
        "accept_encoding": request.headers.get("Accept-Encoding", ""),
        "timeout": request.headers.get("X-Prometheus-Scrape-Timeout-Seconds", ""),
    }
    escape = str.maketrans({"\\": "\\\\", '"': '\\"'})
    labels = ",".join(f'{name}="{value.translate(escape)}"' for name, value in told.items())
    return text(f"echo{{{labels}}} 1\n")


def gzip_broken(request):
    whole = zipped(PLAIN.encode())
    return dataclasses.replace(whole, body=whole.body[:-40])


def guarded(expected):
    def answer(request):
        if request.headers.get("Authorization") != expected:
            return Answer(b"no", status=401)
        return text("guarded 1\n")

    return answer


def discovery(request):
    groups = request.fleet.http_groups[request.fleet.phase]
    return Answer(json.dumps(groups).encode(), headers={"Content-Type": "application/json"})


def redirect(request):
    return Answer(status=302, headers={"Location": f"http://127.0.0.1:{request.fleet.ports[1]}/plain"})


ROUTES = {
    "/plain": lambda request: text(PLAIN),
    "/gzip": lambda request: zipped(PLAIN.encode()),
    "/gzip-broken": gzip_broken,
    "/timestamps": timestamps,
    "/conflict": lambda request: text(CONFLICT),
    "/relabel": lambda request: text(RELABEL),
    "/echo": echo,
    "/basic": guarded("Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()),
    "/bearer": guarded("Bearer " + TOKEN),
    "/redirect": redirect,
    "/status": lambda request: Answer(b"sorry", status=500),
    "/teapot": lambda request: Answer(b"sorry", status=418),
    "/hangup": lambda request: Answer(status=0),
    "/truncated": lambda request: text(FULL, bytes_missing=10),
    "/slow": lambda request: text(FULL, delay=SLOW_SECONDS),
    "/full": lambda request: text(FULL),
    "/full-later": by_phase(FULL, FULL + "one_more 1\n", FULL),
    "/long-later": by_phase('wide{a="1"} 1\n', 'fine 1\nwide{a="1",b="2",c="1234567890"} 1\n', 'wide{a="1"} 1\n'),
    "/vanishing": by_phase("stays 1\nvanishes 2\n", "stays 3\n", "stays 4\nvanishes 5\n"),
    "/flaky": by_phase("flaky 1\n", None, "flaky 2\n"),
    "/emptied": by_phase("emptied 1\n", "", "emptied 2\n"),
    "/empty": lambda request: text(""),
    "/duplicates": lambda request: text('twice{a="1"} 1\ntwice{a="1"} 2\nonce 3\nsame 4\nsame 4\n'),
    "/same-labels": lambda request: text('fine 1\nwide{a="1",b="2"} 1\nwide{a="1",a="2"} 2\nafter 1\n'),
    "/broken": lambda request: text("before 1\nbroken{ 2\nafter 3\n"),
    "/broken-later": by_phase("before 1\nmid 2\nafter 3\n", "before 4\nmid{ 5\nafter 6\n", "before 7\nmid 8\n"),
    "/no-newline": lambda request: text("first 1\nlast 2"),
    "/carriage-return": lambda request: text("first 1\r\nlast 2\r\n"),
    "/openmetrics-like": lambda request: text("# TYPE a unknown\na 1\n# EOF\n"),
    "/html": lambda request: Answer(b"html 1\n", headers={"Content-Type": "text/html"}),
    "/classic": lambda request: text(format_targets.CLASSIC),
    "/sd": discovery,
}
ROUTES |= format_targets.ROUTES
for path, (content_type, body) in bodies.answers().items():
    ROUTES[path] = lambda request, answer=answer_of(body, content_type): answer


class Handler(http.server.BaseHTTPRequestHandler):
    """Keeps connections open, like any exporter."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet
    timeout = 60
    fleet = None

    def do_GET(self):
        route = ROUTES.get(self.path.partition("?")[0])
        answer = route(self) if route else Answer(b"no such target", status=404)
        if answer.delay:
            self.fleet.ended.wait(answer.delay)
        if answer.status == 0:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) + answer.bytes_missing))
        self.end_headers()
        self.wfile.write(answer.body)
        self.close_connection = self.close_connection or answer.bytes_missing > 0

    def log_message(self, *arguments):
        """A request is no news."""


class Server(http.server.ThreadingHTTPServer):
    """Waits for nobody at its end, and takes a scraper's hang-up for what it is."""

    request_queue_size = 256
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """A scraper that ran out of time is part of the script."""


class Fleet:
    """Servers on free ports, one port that refuses, and the phase that all of them are in. Thread-safe."""

    SERVERS = 4

    def __init__(self):
        self.phase = 0
        self.http_groups = [[], [], []]
        self.ended = threading.Event()
        self.start_milliseconds = int(time.time() * 1000)
        handler = type("FleetHandler", (Handler,), {"fleet": self})
        self._refusing = socket.socket()
        self._refusing.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets the port
        self._servers = [Server(("127.0.0.1", 0), handler) for _ in range(self.SERVERS)]
        self.ports = [server.server_address[1] for server in self._servers]
        self.refusing_port = self._refusing.getsockname()[1]
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.2,), daemon=True).start()

    def close(self):
        self.ended.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._refusing.close()
