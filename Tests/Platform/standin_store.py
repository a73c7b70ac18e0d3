"""What a store's pod would answer, on an address of this machine that the API server may proxy to: it refuses loopback ones."""

import contextlib
import http.server
import json
import subprocess
import threading
import urllib.parse

# TEST-NET-1: nobody else's. It is put on the loopback interface for the length of a test.
ADDRESS = "192.0.2.10"


# What a worker asks until it knows that an order can begin: method and route below WooCommerce's Store API, and the answer.
ANSWERS = {
    ("GET", "products"): (200, [{"id": 1, "name": "Sample Mug"}]),
    ("GET", "cart"): (200, {"items_count": 0}),
    ("POST", "cart/add-item"): (201, {"items_count": 1}),
    ("GET", "checkout"): (200, {"order_id": 7, "status": "checkout-draft"}),
}


class Store(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802  (the library's name)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        route = query.get("rest_route", [""])[0].removeprefix("/wc/store/v1/")
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, answer = ANSWERS.get((self.command, route), (404, {"message": "No route was found."}))
        if route in ("cart/add-item", "checkout") and self.headers.get("Cart-Token") != "it":
            status, answer = 401, {"message": "Missing the Nonce header."}
        body = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), "Cart-Token": "it"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  (the library's name)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def open_store(port: int):
    """Serves a catalogue, carts and drafts of orders on ADDRESS until the end of the block."""
    subprocess.run(["ip", "address", "replace", f"{ADDRESS}/32", "dev", "lo"], check=True)
    try:
        with http.server.ThreadingHTTPServer((ADDRESS, port), Store) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield
            server.shutdown()
    finally:
        subprocess.run(["ip", "address", "delete", f"{ADDRESS}/32", "dev", "lo"], check=True)
