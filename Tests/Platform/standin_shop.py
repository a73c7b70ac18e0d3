"""What a shop's pod would answer, on an address of this machine that the API server may proxy to: it refuses loopback ones."""

import contextlib
import http.server
import json
import subprocess
import threading

# TEST-NET-1: nobody else's. It is put on the loopback interface for the length of a test.
ADDRESS = "192.0.2.10"


class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802  (the library's name)
        body = json.dumps([{"id": 1, "name": "Sample Mug"}]).encode()
        self.send_response(200 if "/wc/store/v1/products" in self.path else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def open_shop(port: int):
    """Serves a catalogue on ADDRESS until the end of the block."""
    subprocess.run(["ip", "address", "replace", f"{ADDRESS}/32", "dev", "lo"], check=True)
    try:
        with http.server.ThreadingHTTPServer((ADDRESS, port), Shop) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield
            server.shutdown()
    finally:
        subprocess.run(["ip", "address", "delete", f"{ADDRESS}/32", "dev", "lo"], check=True)
