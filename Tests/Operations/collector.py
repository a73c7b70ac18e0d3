"""A trace collector that keeps what it is sent."""

import http.server
import json
import threading


class Collector:
    def __init__(self) -> None:
        self.spans: list[dict] = []
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json"
                for resource in document["resourceSpans"]:
                    service = {it["key"]: it["value"]["stringValue"] for it in resource["resource"]["attributes"]}["service.name"]
                    for scope in resource["scopeSpans"]:
                        collector.spans += [{"service": service, **span} for span in scope["spans"]]
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "Collector":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()

    def of(self, trace: str) -> list[dict]:
        return [span for span in self.spans if span["traceId"] == trace]
