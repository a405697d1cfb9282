"""Scrape targets that answer as a test wants it, well or ill."""

import gzip
import socket
import threading
import time
import zlib

BLOCK = b"x" * 65536
REQUEST_BYTES_MAX = 65536


class Target:
    """A server on a port of its own, or on the listening socket given, that counts what comes.

    `behaviour(connection, target)` answers one request, whose header is already read, and says whether the connection
    goes on. Each connection has a thread; close() ends all of them.
    """

    def __init__(self, behaviour, listener=None):
        self.behaviour = behaviour
        self.connections = 0  # accepted so far
        self.scrapes = []  # when each request came, on the monotonic clock
        self.requests = []  # the header of each
        self.closed = threading.Event()
        self._lock = threading.Lock()
        self._open = set()
        self._listener = listener or socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1] if listener is None else "unix"
        self.url = f"http://{self.address}/metrics"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self.closed.is_set():
                    return connection.close()
                self.connections += 1
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            while header := read_header(connection):
                with self._lock:
                    self.scrapes.append(time.monotonic())
                    self.requests.append(header.decode("latin-1"))
                if not self.behaviour(connection, self):
                    return
        except OSError:
            pass  # The other side has gone, which is what it should do here.
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def missed(self, interval):
        """How many of the scrapes that were due every `interval` seconds since the first did not come.

        One that comes late counts as long as it is not as late as the next one.
        """
        late = [came - number * interval for number, came in enumerate(self.scrapes)]
        return int((max(late) - min(late)) / interval)

    def close(self):
        self.closed.set()
        # Closing alone would leave a thread in accept() behind.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def read_header(connection):
    """A request up to the blank line, or what begins as TLS does; empty when the connection is over."""
    header = b""
    while b"\r\n\r\n" not in header and not header.startswith(b"\x16\x03") and len(header) < REQUEST_BYTES_MAX:
        received = connection.recv(4096)
        if not received:
            return b""
        header += received
    return header


def head(*lines, status="200 OK", content_type="text/plain; version=0.0.4"):
    """A response's header with the lines given."""
    return "\r\n".join((f"HTTP/1.1 {status}", f"Content-Type: {content_type}", *lines, "", "")).encode()


def whole(body, *lines, **others):
    """A response with a right length."""
    return head(f"Content-Length: {len(body)}", *lines, **others) + body


# -- targets that are well ---------------------------------------------------------------------------------------------


def metrics(text):
    """Answers with the text, or with what a function of the number of the scrape gives."""

    def behave(connection, target):
        body = text(len(target.scrapes)) if callable(text) else text
        connection.sendall(whole(body.encode()))
        return True

    return behave


def exposing(body, content_type=None):
    """Answers with these bytes, without a Content-Type if none is given."""
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}"]
    lines += [] if content_type is None else [f"Content-Type: {content_type}"]

    def behave(connection, target):
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return True

    return behave


# -- targets that are not ----------------------------------------------------------------------------------------------


def saying(response, *, half_close=False):
    """Sends these bytes, then closes the connection or only its own half."""

    def behave(connection, target):
        connection.sendall(response)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
            wait_for_end(connection)
        return False

    return behave


def repeating(start, block):
    """Sends a start and then the same bytes until the other side has had enough."""

    def behave(connection, target):
        connection.sendall(start)
        while not target.closed.is_set():
            connection.sendall(block)
        return False

    return behave


def repeated(start, block, times, end=b""):
    """Sends a start, some bytes so many times, and an end."""

    def behave(connection, target):
        connection.sendall(start)
        for _ in range(times):
            connection.sendall(block)
        connection.sendall(end)
        return True

    return behave


def dripping(response):
    """One byte a second."""

    def behave(connection, target):
        for i in range(len(response)):
            connection.sendall(response[i : i + 1])
            if target.closed.wait(1):
                break
        return False

    return behave


def silent(connection, target):
    """Takes the request and never answers."""
    wait_for_end(connection)
    return False


def redirecting(connection, target):
    """Leads back to itself."""
    connection.sendall(whole(b"", f"Location: {target.url}", status="302 Found"))
    return True


def wait_for_end(connection):
    while connection.recv(4096):
        pass


def truncated_gzip():
    body = gzip.compress(b"".join(b"metric_%d %d\n" % (i, i * i) for i in range(2000)))
    return saying(whole(body[: len(body) // 2], "Content-Encoding: gzip"))


def gzip_bomb(gigabytes):
    """A gzip member of a few megabytes that inflates to zeros.

    After a full flush deflate refers to nothing before, so that one compressed block may be repeated.
    """
    block_bytes = 64 << 20
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = deflate.compress(b"0" * block_bytes) + deflate.flush(zlib.Z_FULL_FLUSH)
    times = (gigabytes << 30) // block_bytes
    start = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    end = b"\x03\x00" + bytes(4) + ((gigabytes << 30) & 0xFFFFFFFF).to_bytes(4, "little")
    length = len(start) + len(block) * times + len(end)
    return repeated(head("Content-Encoding: gzip", f"Content-Length: {length}") + start, block, times, end)
