"""What stands between each program and each of its servers: a proxy that can be made to lose, hold, delay or forge what goes through it."""

import asyncio
import dataclasses
import random
import threading

FORGED = {
    # As a load balancer or an API server under load answers; a client that heeded the header would wait for an hour.
    "429": (b"429 Too Many Requests", b'{"kind":"Status","code":429,"message":"too many requests"}', b"Retry-After: 3600\r\nContent-Type: application/json\r\n"),
    "502": (b"502 Bad Gateway", b"<html><body><h1>502 Bad Gateway</h1></body></html>", b"Content-Type: text/html\r\n"),
    "short watches": (b"200 OK", b"", b"Content-Type: application/json\r\n"),
}


@dataclasses.dataclass
class Wire:
    """From one program to one server. `mode`: pass, silent (nothing gets through, connections stay), mute (new connections are taken and never
    answered), slow, drip (a byte at a time), cut (some exchanges end in the middle of a piece), or one of FORGED."""

    program: str
    server: str
    target: int
    port: int = 0
    mode: str = "pass"
    # Of the exchanges, how many are cut.
    chance: float = 0.02
    cuts: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while self.mode == "mute":
                await asyncio.sleep(0.05)
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        both = (writer, back)
        await asyncio.gather(self.pump(reader, back, both, True), self.pump(there, writer, both, False), return_exceptions=True)

    async def pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, both: tuple, asks: bool) -> None:
        try:
            while data := await source.read(1 << 16):
                while self.mode == "silent":
                    await asyncio.sleep(0.05)
                if asks and (forged := self.forged(data)):
                    both[0].write(forged)
                    await both[0].drain()
                    break
                if self.mode == "slow":
                    await asyncio.sleep(random.uniform(0.05, 0.5))
                if self.mode == "cut" and random.random() < self.chance:
                    self.cuts += 1
                    sink.write(data[:random.randrange(len(data))])
                    await asyncio.sleep(0.01)
                    for writer in both:
                        writer.transport.abort()
                    return
                # The mode may change while a piece drips.
                size = 1 if self.mode == "drip" else len(data)
                for start in range(0, len(data), size):
                    sink.write(data[start:start + size])
                    await sink.drain()
        except OSError:
            pass
        for writer in both:
            writer.close()

    def forged(self, data: bytes) -> bytes:
        """The answer to a request over HTTP in the server's place; empty for what goes through."""
        if self.mode not in FORGED or b" HTTP/1.1\r\n" not in data or self.mode == "short watches" and b"watch=true" not in data.split(b"\r\n", 1)[0]:
            return b""
        status, body, headers = FORGED[self.mode]
        return b"HTTP/1.1 " + status + b"\r\n" + headers + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body


class Wires:
    """All of them, on one thread."""

    def __init__(self) -> None:
        self.all: list[Wire] = []
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="wires", daemon=True).start()

    def add(self, program: str, server: str, target: int) -> Wire:
        wire = Wire(program, server, target)

        async def listen() -> None:
            listener = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
            wire.port = listener.sockets[0].getsockname()[1]

        asyncio.run_coroutine_threadsafe(listen(), self._loop).result(10)
        self.all.append(wire)
        return wire

    def to(self, server: str) -> list[Wire]:
        return [wire for wire in self.all if wire.server == server]
