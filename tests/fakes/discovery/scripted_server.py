"""HTTP servers that play a service registry: a state that a test changes, and the ways in which a server fails."""

import contextlib
import http.server
import json
import socket
import threading
import time
import urllib.parse

HANG_SECONDS_MAX = 30
SLOW_PAUSE_SECONDS = 0.005


class Request:
    """What was asked."""

    def __init__(self, handler, body):
        parts = urllib.parse.urlsplit(handler.path)
        self.method = handler.command
        self.target = handler.path
        self.path = urllib.parse.unquote(parts.path)
        self.query = urllib.parse.parse_qs(parts.query, keep_blank_values=True)
        self.headers = handler.headers
        self.body = body
        self.agent = "rollcall" if "rollcall" in (handler.headers.get("User-Agent") or "") else "oracle"

    def parameter(self, name, default=""):
        return self.query.get(name, [default])[0]


class ScriptedServer:
    """A server on a port that stays its own when it is stopped and started again.

    `answer(request)` of a subclass gives (status, headers, body). `changed` is notified of every change; what a test
    changes, it changes inside `with self.changing():`. `fault` is one of None, "error", "hang", "truncated", "slow",
    "garbage". Where there is a `token`, others are refused.
    """

    refused_status = 401

    def __init__(self):
        self.changed = threading.Condition()
        self.fault = None
        self.token = None
        self.requests = []
        self.unanswered = 0  # Questions that were left to hang.
        self._port = 0
        self._server = None
        self._open = set()
        self.start()

    # -- life ----------------------------------------------------------------------------------------------------------

    def start(self):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self._port), self._handler_class())
        self._server.daemon_threads = True
        self._port = self._server.server_port
        self.running = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        """Ends it with all its connections, as a process that ends does."""
        if not self.running:
            return
        self.running = False
        with self.changed:
            self.changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    close = stop

    @property
    def address(self):
        return f"127.0.0.1:{self._port}"

    @property
    def url(self):
        return f"http://{self.address}"

    # -- script --------------------------------------------------------------------------------------------------------

    def changing(self):
        """Holds the state while a test changes it, and wakes whoever waits for a change."""
        return _Changing(self)

    def set_fault(self, fault):
        with self.changing():
            self.fault = fault

    def asked(self, agent):
        """How often one side has asked."""
        return sum(request.agent == agent for request in self.requests)

    def touch(self):
        """Called with every change, inside the lock."""

    def bears_token(self, request):
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    def answer(self, request):
        raise NotImplementedError

    # -- serving -------------------------------------------------------------------------------------------------------

    def wait_for_change(self, condition, seconds):
        """Waits until the condition holds, the time is over, or the server ends; the lock must be held."""
        self.changed.wait_for(lambda: condition() or not self.running, seconds)

    def _handler_class(self):
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                fake._open.add(self.connection)

            def handle(self):
                # Whoever asks may go at any time.
                with contextlib.suppress(ConnectionError):
                    super().handle()

            def finish(self):
                fake._open.discard(self.connection)
                try:
                    super().finish()
                except OSError:
                    pass

            def do_GET(self):
                fake._serve(self)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        return Handler

    def _serve(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        request = Request(handler, body)
        self.requests.append(request)
        try:
            if self._fails(handler):
                return None
            if self.token is not None and not self.bears_token(request):
                return self._send(handler, self.refused_status, {}, b"who are you")
            status, headers, body = self.answer(request)
            # A fault that begins meanwhile comes to those whose question waited, too.
            if self._fails(handler):
                return None
            if isinstance(body, (dict, list)):
                body = json.dumps(body).encode()
                headers = {"Content-Type": "application/json", **headers}
            return self._send(handler, status, headers, body)
        except OSError:
            handler.close_connection = True
        return None

    def _fails(self, handler):
        """Does to a question what the fault of the moment does to it before it is answered, if it does anything."""
        if self.fault == "error":
            self._send(handler, 500, {}, b"the server is not well")
            return True
        if self.fault == "hang":
            with self.changed:
                self.unanswered += 1
                self.wait_for_change(lambda: self.fault != "hang", HANG_SECONDS_MAX)
            handler.close_connection = True
            return True
        return False

    def _send(self, handler, status, headers, body):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if self.fault == "garbage":
            body = b"<!doctype html><p>Welcome to the portal"
        sent = body
        if self.fault == "truncated":
            # Whole as HTTP has it, cut off as the format has it.
            body = sent = body[: len(body) // 2]
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if self.fault != "slow":
            handler.wfile.write(sent)
            return
        step = max(1, len(sent) // 20)
        for begin in range(0, len(sent), step):
            handler.wfile.write(sent[begin : begin + step])
            handler.wfile.flush()
            time.sleep(SLOW_PAUSE_SECONDS)


class _Changing:
    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.server.changed.acquire()
        return self.server

    def __exit__(self, *_):
        self.server.touch()
        self.server.changed.notify_all()
        self.server.changed.release()
