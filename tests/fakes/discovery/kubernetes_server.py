"""A scripted Kubernetes API server: LIST in pages, WATCH with bookmarks, and what goes wrong with them."""

import base64
import copy
import http.server
import json
import threading
import time
import urllib.parse

GROUPS = {
    "/api/v1": ["nodes", "pods", "services", "endpoints", "namespaces"],
    "/apis/discovery.k8s.io/v1": ["endpointslices"],
    "/apis/networking.k8s.io/v1": ["ingresses"],
    "/apis/apps/v1": ["replicasets"],
    "/apis/batch/v1": ["jobs"],
}
BOOKMARK_SECONDS = 1.0
HANG_SECONDS_MAX = 30
SLOW_PIECES = 20


def status(code, message, reason="Failure"):
    return {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message}


def split_path(path):
    """The resource and the namespace ("" for all) of a request; nothing when there is no such path."""
    for group, resources in GROUPS.items():
        if not path.startswith(group + "/"):
            continue
        parts = path[len(group) + 1 :].strip("/").split("/")
        if len(parts) == 3 and parts[0] == "namespaces" and parts[2] in resources:
            return parts[2], parts[1]
        if len(parts) == 1 and parts[0] in resources:
            return parts[0], ""
    return None


def write_chunk(request, data):
    request.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    request.wfile.flush()


def write_line(request, of):
    write_chunk(request, json.dumps(of).encode() + b"\n")


def at(of, path):
    for part in path.split("."):
        of = of.get(part) if isinstance(of, dict) else None
    return of


def selects(query, of):
    """Whether equality selectors of labels and fields let an object pass."""
    labels = of["metadata"].get("labels") or {}
    for pair in filter(None, query.get("labelSelector", "").split(",")):
        name, _, value = pair.partition("=")
        if labels.get(name) != value:
            return False
    for pair in filter(None, query.get("fieldSelector", "").split(",")):
        name, _, value = pair.partition("=")
        if at(of, name) != value:
            return False
    return True


class KubernetesServer:
    """Objects as they are now, and everything that happened to them. Any thread may change it."""

    def __init__(self, page_items_max=3):
        self._changed = threading.Condition()
        self._objects = {}  # (resource, namespace, name) -> object
        self._history = []  # (version, resource, type, object)
        self._version = 100
        self._forgotten = 0  # Versions before it are gone.
        self._cuts = 0  # How often all watches were cut.
        self._truncate = False
        self._forbidden = set()
        self._closed = False
        self.page_items_max = page_items_max
        self.delay_seconds = 0
        self.fault = None  # Of lists: None, "error", "hang", "truncated", "garbage", "slow".
        self.token = None  # When set, requests must bear it.
        self.requests = []  # Paths with their queries, in order.
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                server.answer(self)

            def log_message(self, *_):
                pass

        self._handler = Handler
        self._serve(0)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def _serve(self, port):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), self._handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def halt(self):
        """Is gone, with every connection, until it is resumed."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def resume(self):
        """Comes back at the same place, and knows what it knew."""
        with self._changed:
            self._closed = False
        self._serve(self._server.server_address[1])

    def close(self):
        if not self._closed:
            self.halt()

    # -- the script ---------------------------------------------------------------------------------------------------

    def put(self, resource, of):
        """An object is there from now on, or says something else."""
        of = copy.deepcopy(of)
        key = (resource, of["metadata"].get("namespace", ""), of["metadata"]["name"])
        with self._changed:
            self._version += 1
            of["metadata"]["resourceVersion"] = str(self._version)
            of["metadata"].setdefault("uid", "-".join(key))
            kind = "MODIFIED" if key in self._objects else "ADDED"
            self._objects[key] = of
            self._history.append((self._version, resource, kind, of))
            self._changed.notify_all()

    def delete(self, resource, namespace, name):
        with self._changed:
            self._version += 1
            of = copy.deepcopy(self._objects.pop((resource, namespace, name)))
            of["metadata"]["resourceVersion"] = str(self._version)
            self._history.append((self._version, resource, "DELETED", of))
            self._changed.notify_all()

    def forget_history(self):
        """Whoever names a version of before is told that it is gone, and all watches are cut."""
        with self._changed:
            self._version += 10
            self._forgotten = self._version
            self._history.clear()
        self.cut_watches()

    def cut_watches(self, *, truncated=False):
        """Ends all watches without a word; on request in the middle of a line."""
        with self._changed:
            self._cuts += 1
            self._truncate = truncated
            self._changed.notify_all()

    def forbid(self, *resources):
        """From now on these, and no others, may not be read."""
        with self._changed:
            self._forbidden = set(resources)

    def asked(self, part, since=0):
        """How many requests so far have this part in their path or query."""
        return sum(part in each for each in self.requests[since:])

    # -- the server ---------------------------------------------------------------------------------------------------

    def answer(self, request):
        if self._closed:
            request.close_connection = True
            return None
        self.requests.append(request.path)
        if self.delay_seconds:
            time.sleep(self.delay_seconds)
        path, _, text = request.path.partition("?")
        query = dict(urllib.parse.parse_qsl(text))
        place = split_path(path)
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return self._send(request, 401, status(401, "Unauthorized"))
        if not place:
            return self._send(request, 404, status(404, f"the server could not find {path}"))
        if place[0] in self._forbidden:
            return self._send(request, 403, status(403, f'{place[0]} is forbidden: User "test" cannot list it'))
        if query.get("watch") in ("1", "true"):
            return self._watch(request, place, query)
        if self.fault:
            return self._fail(request, place, query)
        return self._list(request, place, query)

    def _fail(self, request, place, query):
        if self.fault == "error":
            return self._send(request, 500, status(500, "etcdserver: request timed out"))
        if self.fault == "slow":
            return self._list(request, place, query, pieces=SLOW_PIECES)
        request.close_connection = True
        deadline = time.monotonic() + HANG_SECONDS_MAX
        while self.fault == "hang" and time.monotonic() < deadline:
            time.sleep(0.05)
        if self.fault in ("truncated", "garbage"):
            body = b'{"kind": "List", "metadata": {"resourceVersion": "1"}, "items": [{"metadata": '
            request.send_response(200)
            request.send_header("Content-Length", str(len(body) + (self.fault == "truncated")))
            request.end_headers()
            request.wfile.write(body)
        return None

    @staticmethod
    def _send(request, code, of, pieces=1):
        body = json.dumps(of).encode()
        request.send_response(code)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        size = -(-len(body) // pieces)
        for begin in range(0, len(body), size):
            request.wfile.write(body[begin : begin + size])
            if pieces > 1:
                time.sleep(0.01)

    def _selected(self, place, query):
        resource, namespace = place
        found = [
            (key, of)
            for key, of in self._objects.items()
            if key[0] == resource and namespace in ("", key[1]) and selects(query, of)
        ]
        return [of for _, of in sorted(found, key=lambda each: each[0])]

    def _list(self, request, place, query, pieces=1):
        first, version = 0, None
        if "continue" in query:
            first, version = json.loads(base64.urlsafe_b64decode(query["continue"]))
        with self._changed:
            if version is not None and version < self._forgotten:
                return self._send(request, 410, status(410, "The provided continue parameter is too old", "Expired"))
            items = self._selected(place, query)
            version = version or self._version
        limit = min(int(query.get("limit", 10**9)), self.page_items_max if "limit" in query else 10**9)
        about = {"resourceVersion": str(version)}
        if first + limit < len(items):
            about["continue"] = base64.urlsafe_b64encode(json.dumps([first + limit, version]).encode()).decode()
        listed = {"kind": "List", "metadata": about, "items": items[first : first + limit] or None}
        self._send(request, 200, listed, pieces)

    def _watch(self, request, place, query):
        position = int(query.get("resourceVersion") or self._version)
        end = time.monotonic() + float(query.get("timeoutSeconds", 60))
        cuts = self._cuts
        request.close_connection = True
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.flush()
        bookmark_at = time.monotonic() + BOOKMARK_SECONDS
        try:
            while time.monotonic() < end:
                events, position, cut = self._next_events(place, query, position, cuts)
                if position < self._forgotten and not cut:
                    gone = status(410, f"too old resource version: {position}", "Expired")
                    write_line(request, {"type": "ERROR", "object": gone})
                    break
                for event in events:
                    write_line(request, event)
                if cut:
                    if self._truncate:
                        write_chunk(request, b'{"type":"ADDED","object":{"metadata":{"na')
                    return
                if query.get("allowWatchBookmarks") and time.monotonic() >= bookmark_at:
                    bookmark_at = time.monotonic() + BOOKMARK_SECONDS
                    mark = {"kind": "Bookmark", "metadata": {"resourceVersion": str(position)}}
                    write_line(request, {"type": "BOOKMARK", "object": mark})
            write_chunk(request, b"")
        except OSError:
            pass

    def _next_events(self, place, query, position, cuts):
        """What happened since a position, soon; where that leads; and whether the watch is to be cut."""
        resource, namespace = place
        with self._changed:
            if self._version <= position and cuts == self._cuts and not self._closed:
                self._changed.wait(0.2)
            events = []
            for version, kind, event, of in self._history:
                mine = kind == resource and namespace in ("", of["metadata"].get("namespace", ""))
                if version > position and mine and selects(query, of):
                    events.append({"type": event, "object": of})
            cut = cuts != self._cuts or self._closed
            if position >= self._forgotten and not cut:
                position = max(position, self._version)
            return events if position >= self._forgotten else [], position, cut
