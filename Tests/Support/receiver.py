"""Somebody's webhook on this machine, and how its messages are signed."""

import base64
import hashlib
import hmac
import http.server
import json
import threading


class Receiver(http.server.ThreadingHTTPServer):
    """Somebody's webhook on this machine. Keeps what it is sent; `status` is what it answers."""

    def __init__(self) -> None:
        self.messages: list[tuple[dict, bytes]] = []
        self.status = 204
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *raised) -> None:
        self.shutdown()
        super().__exit__(*raised)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?key=s3cret"

    def told(self, event: str) -> list[dict]:
        return [body for body in (json.loads(body) for _, body in list(self.messages)) if body["type"] == event]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.messages.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def signature(secret: str, head: dict, body: bytes) -> str:
    """As standardwebhooks.com says it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
