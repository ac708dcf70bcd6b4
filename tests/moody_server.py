"""A web server with moods, on this machine, for tests of downloads."""

import contextlib
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "127.0.0.1"
BODY = bytes(range(256)) * 4000
SHA256 = f"sha256:{hashlib.sha256(BODY).hexdigest()}"


class Moody(BaseHTTPRequestHandler):
    """Serves BODY: whole at /good, cut short at /cut, other bytes, a web page, or nothing.

    The page at /disguised pretends to be data.
    """

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range")))
        start = int((self.headers.get("Range") or "bytes=0-").split("=")[1].rstrip("-"))
        if self.path == "/gone":
            return self.send_error(404)
        if self.path == "/page":
            return self.answer(b"<html>Sign in</html>", kind="text/html")
        if self.path == "/disguised":
            return self.answer(b"\n<!DOCTYPE html><html>Quota exceeded</html>")
        if self.path == "/wrong":
            return self.answer(BODY[::-1])
        body = BODY[start:]
        if self.path == "/cut" or (self.path == "/cut-once" and start == 0):
            return self.answer(body, cut=len(body) // 2)
        return self.answer(body, status=206 if start else 200)

    def answer(self, body, *, status=200, kind="application/octet-stream", cut=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])
        self.close_connection = True

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def running_server():
    """Yield a server; `asked` lists (path, Range) of what was asked for."""
    server = ThreadingHTTPServer((HOST, 0), Moody)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def addresses(server, *pages):
    """The addresses of pages of the server."""
    return tuple(f"http://{HOST}:{server.server_port}/{page}" for page in pages)
