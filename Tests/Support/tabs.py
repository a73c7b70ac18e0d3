"""Chromium with real tabs, of which all but one are hidden: what Playwright opens is always said to be looked at. Driven by the DevTools protocol."""

import base64
import contextlib
import itertools
import json
import os
import pathlib
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator

from asking import ask
from chromium import FLAGS
from polling import until


class Tabs:
    """The browser's end of one WebSocket (RFC 6455), and what is asked over it."""

    def __init__(self, port: int) -> None:
        path = ask(f"http://127.0.0.1:{port}/json/version").body["webSocketDebuggerUrl"].split("/", 3)[3]
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.stream = self.socket.makefile("rb")
        assert b" 101 " in self.stream.readline()
        while self.stream.readline() != b"\r\n":
            pass
        self.numbers = itertools.count(1)

    def close(self) -> None:
        self.stream.close()
        self.socket.close()

    def send(self, method: str, session: str | None = None, **parameters):
        number = next(self.numbers)
        message = json.dumps({"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})).encode()
        mask = os.urandom(4)
        length = bytes([0x80 | len(message)]) if len(message) < 126 else b"\xfe" + struct.pack(">H", len(message))
        self.socket.sendall(b"\x81" + length + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(message)))
        while True:
            answer = json.loads(self.receive())
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def receive(self) -> bytes:
        """A message, of as many frames as it has."""
        message = b""
        while True:
            first, second = self.stream.read(2)
            length = second & 0x7F
            if length > 125:
                length = int.from_bytes(self.stream.read(2 if length == 126 else 8))
            message += self.stream.read(length)
            if first & 0x80:
                return message

    def open(self, address: str, background: bool = True) -> str:
        """A new tab; what is returned names it from now on."""
        target = self.send("Target.createTarget", url=address, background=background)["targetId"]
        return self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def ask(self, tab: str, expression: str):
        """What an expression, or its promise, is in that tab."""
        result = self.send("Runtime.evaluate", session=tab, expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")


@contextlib.contextmanager
def tabs() -> Iterator[Tabs]:
    with tempfile.TemporaryDirectory(prefix="tabs-", ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            [os.environ["BROWSER_PATH"], "--headless=new", *FLAGS, "--no-first-run", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        try:
            told = pathlib.Path(profile) / "DevToolsActivePort"
            until(lambda: browser.poll() is not None or (told.exists() and "\n" in told.read_text()), "Chromium to start", 60, 0.05)
            assert browser.poll() is None, "Chromium ended"
            with contextlib.closing(Tabs(int(told.read_text().split()[0]))) as it:
                yield it
        finally:
            browser.terminate()
            browser.wait(30)
