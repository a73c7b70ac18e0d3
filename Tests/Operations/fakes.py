"""Servers that are not as they should be, for the doctor."""

import contextlib
import http.server
import json
import socketserver
import threading


@contextlib.contextmanager
def serving(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class OldRedis(socketserver.StreamRequestHandler):
    """Speaks enough of Redis's protocol to tell that it is version 5."""

    def handle(self):
        while line := self.rfile.readline():
            words = []
            for _ in range(int(line[1:])):
                length = int(self.rfile.readline()[1:])
                words.append(self.rfile.read(length + 2)[:-2].decode().upper())
            match words[0]:
                case "INFO":
                    text = "redis_version:5.0.14\r\nrole:master\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n"
                    answer = f"${len(text)}\r\n{text}\r\n"
                case "TIME":
                    answer = "*2\r\n$10\r\n1700000000\r\n$1\r\n0\r\n"
                case "CONFIG":
                    answer = "*0\r\n"
                case _:
                    answer = "+OK\r\n"
            self.wfile.write(answer.encode())


def old_redis():
    return serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), OldRedis))


class WeakCluster(http.server.BaseHTTPRequestHandler):
    """An API server that lets whoever asks do anything but make namespaces and read pods' logs."""

    def do_GET(self):
        self.answer(200, {"gitVersion": "v1.34.0"})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["spec"]["resourceAttributes"]
        denied = (asked["verb"], asked["resource"]) == ("create", "namespaces") or asked.get("subresource") == "log"
        self.answer(201, {"status": {"allowed": not denied}})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def weak_cluster():
    return serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), WeakCluster))


def kubeconfig(folder, port) -> str:
    path = folder / "kubeconfig"
    path.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
        "contexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n"
        f"clusters: [{{name: c, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\n"
    )
    return str(path)
