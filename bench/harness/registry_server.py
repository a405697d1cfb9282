"""What the registries of `discovery` have in common: an HTTP server on a thread for each request."""
import http.server
import socketserver
import threading


class RegistryServer:
    """Serves at `url` from `_serve()` on until `close()`; each GET is answered by `_answer(request)`, a request being a
    BaseHTTPRequestHandler."""

    def _serve(self) -> None:
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                registry._answer(self)

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
