"""A remote_write receiver whose weather changes: away, slow, refusing, or answering in ways that no answer should be.

It writes down of every post what it kept and whether the sender could know.
"""

import dataclasses
import http.server
import random
import socket
import struct
import threading
import time

from write_receiver import Server, read_write_request
from wire import unsnap

# What becomes of a post, by weather: deeds with their weights.
WEATHERS = {
    "calm": {"accept": 1},
    "away": {"unavailable": 1},
    "dead": {"reset": 1},
    "stormy": {"accept": 3, "error": 2, "slow": 1, "half": 1, "reset": 1, "accept and reset": 1},
    "pressed": {"accept": 1, "too many": 1},
    "picky": {"accept": 2, "poison": 1},
}
WEATHER_SECONDS = (0.2, 1.0)
SLOW_SECONDS = 0.6
ANSWERS = {
    "accept": (204, {}),
    "slow": (204, {}),
    "unavailable": (503, {}),
    "error": (500, {}),
    "too many": (429, {"Retry-After": "1"}),
    "poison": (400, {}),
}


@dataclasses.dataclass(frozen=True)
class Arrival:
    """A post: when its samples were kept, or None; and whether an answer for it went out whole."""

    samples: list
    kept: float | None
    answered: bool
    deed: str


class HostileReceiver:
    """On a port of its own. The same seed makes the same weather."""

    def __init__(self, seed):
        self.arrivals = []  # in the order in which they were kept or refused
        self.faults = []  # what was wrong with requests
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._weather, self._changes_at = "calm", 0.0
        self._calm = False
        self._server = Server(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = "http://127.0.0.1:%d/api/v1/write" % self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def calm_down(self):
        """From now on everything is accepted."""
        with self._lock:
            self._calm = True

    def kept(self):
        with self._lock:
            return [arrival for arrival in self.arrivals if arrival.kept is not None]

    def deeds(self):
        """How often each was done."""
        with self._lock:
            counted = {}
            for arrival in self.arrivals:
                counted[arrival.deed] = counted.get(arrival.deed, 0) + 1
            return counted

    # Chooses and writes down at once, so that the order of arrivals is that in which samples were kept.
    def _take(self, samples):
        with self._lock:
            now = time.monotonic()
            if now >= self._changes_at:
                self._weather = self._chance.choice(list(WEATHERS))
                self._changes_at = now + self._chance.uniform(*WEATHER_SECONDS)
            deeds = WEATHERS["calm" if self._calm else self._weather]
            deed = self._chance.choices(list(deeds), list(deeds.values()))[0]
            keeps = deed in ("accept", "slow", "half", "accept and reset")
            self.arrivals.append(Arrival(samples, now if keeps else None, deed in ANSWERS, deed))
        return deed

    def _handler(receiver):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    samples = read_write_request(unsnap(body)).samples
                except (ValueError, LookupError, UnicodeDecodeError) as fault:
                    receiver.faults.append(str(fault))
                    return self.answer(400, {})
                deed = receiver._take(samples)
                if deed == "slow":
                    time.sleep(SLOW_SECONDS)
                if deed == "half":
                    self.wfile.write(b"HTTP/1.1 204 No Con")
                    self.close_connection = True
                elif deed in ANSWERS:
                    self.answer(*ANSWERS[deed])
                else:
                    reset(self.connection)
                    self.close_connection = True

            def answer(self, status, headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler


def reset(connection):
    """Closes a connection so that its peer is told of a failure."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
