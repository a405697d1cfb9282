"""A Kubernetes API server that knows pods alone, and many of them: LIST in pages or whole, WATCH as a stream."""
import threading
import time
import urllib.parse

from .registry_server import RegistryServer

PAGE_ITEMS_MAX = 500
BOOKMARK_SECONDS = 5.0

# What becomes thirty labels of a target before the job adds its own.
POD = (
    '{{"metadata":{{"name":"{name}","namespace":"team-{team}","uid":"5f0c6b9e-0000-4000-8000-{number:012d}",'
    '"resourceVersion":"{version}","ownerReferences":[{{"kind":"ReplicaSet","name":"service-{service}-7d9c5b6f4",'
    '"controller":true}}],"labels":{{"app.kubernetes.io/name":"service-{service}","app.kubernetes.io/part-of":'
    '"shop-{team}","pod-template-hash":"7d9c5b6f4","revision":"{revision}","scrape":"{scrape}","tier":"backend"}}}},'
    '"spec":{{"nodeName":"node-{node}.cluster.internal","containers":[{{"name":"service","image":'
    '"registry.internal/shop/service-{service}:1.4.2","ports":[{{"name":"metrics","containerPort":{port},'
    '"protocol":"TCP"}}]}}]}},"status":{{"phase":"Running","podIP":"{ip}","hostIP":"10.1.{node}.1","conditions":'
    '[{{"type":"Ready","status":"True"}}],"containerStatuses":[{{"name":"service","containerID":'
    '"containerd://{number:064x}"}}]}}}}'
)


class PodRegistry(RegistryServer):
    """Pods by number, each at an address of its own, one port for all. Any thread may change it."""

    def __init__(self, port: int, pods: int = 0, scraped_share: float = 1.0):
        self.port = port
        self._scraped_every = round(1 / scraped_share)
        self._changed = threading.Condition()
        self._revisions: dict[int, int] = {number: 0 for number in range(pods)}
        self._events: list[bytes] = []  # One line each; the version of the last is FIRST_VERSION + their count.
        self._closed = False
        self._watching = 0
        self._serve()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        super().close()

    @staticmethod
    def address(number: int) -> str:
        """In 127.0.0.0/8, so that one server may listen for all of them."""
        return f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"

    def numbers(self) -> list[int]:
        with self._changed:
            return list(self._revisions)

    def add(self, number: int) -> None:
        with self._changed:
            self._revisions[number] = 0
            self._happened("ADDED", number)

    def modify(self, number: int) -> None:
        """Gives a pod another label that no relabeling rule looks at."""
        with self._changed:
            self._revisions[number] += 1
            self._happened("MODIFIED", number)

    def remove(self, number: int) -> None:
        with self._changed:
            self._happened("DELETED", number)
            del self._revisions[number]

    def watchers(self) -> int:
        return self._watching

    # -- the server ------------------------------------------------------------------------------------------------

    def _version(self) -> int:
        return 1000 + len(self._events)

    def _pod(self, number: int) -> str:
        return POD.format(
            name=f"service-{number % 997}-7d9c5b6f4-{number:05x}", number=number, team=number % 40, node=number % 200,
            service=number % 997, revision=self._revisions[number], version=self._version(), port=self.port,
            ip=self.address(number), scrape="true" if number % self._scraped_every == 0 else "false")

    def _happened(self, kind: str, number: int) -> None:
        self._events.append(f'{{"type":"{kind}","object":{self._pod(number)}}}\n'.encode())
        self._changed.notify_all()

    def _answer(self, request) -> None:
        path, _, text = request.path.partition("?")
        query = dict(urllib.parse.parse_qsl(text))
        if path != "/api/v1/pods":
            request.send_error(404)
        elif query.get("watch") in ("1", "true"):
            self._watch(request, query)
        else:
            self._list(request, query)

    def _list(self, request, query: dict[str, str]) -> None:
        with self._changed:
            numbers = sorted(self._revisions)
            first = int(query.get("continue", 0))
            limit = min(int(query["limit"]), PAGE_ITEMS_MAX) if "limit" in query else len(numbers)
            following = f'"continue":"{first + limit}",' if first + limit < len(numbers) else ""
            pods = ",".join(self._pod(number) for number in numbers[first:first + limit])
            body = (f'{{"kind":"PodList","metadata":{{{following}"resourceVersion":"{self._version()}"}},'
                    f'"items":[{pods}]}}').encode()
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def _watch(self, request, query: dict[str, str]) -> None:
        position = int(query.get("resourceVersion") or self._version()) - 1000
        request.close_connection = True
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        self._watching += 1
        bookmark_at = time.monotonic() + BOOKMARK_SECONDS
        try:
            while not self._closed:
                with self._changed:
                    if position == len(self._events):
                        self._changed.wait(1.0)
                    lines = b"".join(self._events[position:])
                    position = len(self._events)
                if time.monotonic() >= bookmark_at:
                    bookmark_at = time.monotonic() + BOOKMARK_SECONDS
                    lines += (f'{{"type":"BOOKMARK","object":{{"kind":"Pod","metadata":'
                              f'{{"resourceVersion":"{1000 + position}"}}}}}}\n').encode()
                if lines:
                    request.wfile.write(f"{len(lines):x}\r\n".encode() + lines + b"\r\n")
        except OSError:
            pass
        finally:
            self._watching -= 1
