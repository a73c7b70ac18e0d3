"""A client of server-sent events, as a browser is one."""

import contextlib
import dataclasses
import http.client
import json
import socket
import threading
import time
import urllib.parse


@dataclasses.dataclass
class Event:
    name: str
    id: str
    data: dict
    at: float


class Events(threading.Thread):
    """Follows a stream until `close`, or until the server ends it."""

    def __init__(self, url: str, path: str, user: str | None = None, last: str | None = None) -> None:
        super().__init__(daemon=True)
        self.heard: list[Event] = []
        self.heartbeats = 0
        self.ended = threading.Event()
        self.failure = ""
        self.changed = threading.Condition()
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)
        headers = {"Accept": "text/event-stream"} | ({"X-User-Id": user} if user else {}) | ({"Last-Event-ID": last} if last else {})
        self.connection.request("GET", path, headers=headers)
        self.response = self.connection.getresponse()
        self.status = self.response.status
        if self.status == 200:
            self.start()

    def run(self) -> None:
        name = identifier = data = ""
        try:
            for raw in self.response:
                line = raw.decode().rstrip("\n")
                if line.startswith(":"):
                    self.heartbeats += 1
                elif line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("id: "):
                    identifier = line[4:]
                elif line.startswith("data: "):
                    data = line[6:]
                elif not line and name:
                    with self.changed:
                        self.heard.append(Event(name, identifier, json.loads(data), time.monotonic()))
                        self.changed.notify_all()
                    name = data = ""
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.failure = repr(error)
        self.ended.set()
        with self.changed:
            self.changed.notify_all()

    def wait(self, probe, what: str, seconds: float = 240) -> Event:
        """The first event that the probe takes, heard already or later."""
        deadline = time.monotonic() + seconds
        seen = 0
        with self.changed:
            while True:
                for event in self.heard[seen:]:
                    if probe(event):
                        return event
                seen = len(self.heard)
                left = deadline - time.monotonic()
                assert left > 0, f"waited {seconds} s in vain for {what}; heard {[(it.name, it.data.get('status')) for it in self.heard[-20:]]}"
                assert not self.ended.is_set(), f"the stream ended before {what}: {self.failure}"
                self.changed.wait(min(left, 1))

    def status_of(self, store: str, status: str, seconds: float = 240) -> Event:
        return self.wait(lambda it: it.name == "store" and it.data["id"] == store and it.data["status"] == status, f"{store} to be {status}", seconds)

    def close(self) -> None:
        if self.is_alive():
            with contextlib.suppress(OSError):
                self.connection.sock.shutdown(socket.SHUT_RDWR)
            self.join(10)
        self.connection.close()
