"""A DNS server on loopback for tests: it answers by UDP and TCP what a test put into its records, and NXDOMAIN for anything else."""

import contextlib
import socket
import socketserver
import struct
import threading

from ports import free_port

A, CNAME, TXT, AAAA = 1, 5, 16, 28
NUMBERS = {"A": A, "CNAME": CNAME, "TXT": TXT, "AAAA": AAAA}
# What fits into an answer by UDP; the rest is asked for by TCP.
LARGEST = 512


def name_bytes(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.strip(".").split(".")) + b"\0"


def record_bytes(kind: int, value: str) -> bytes:
    if kind == A:
        return socket.inet_pton(socket.AF_INET, value)
    if kind == AAAA:
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == CNAME:
        return name_bytes(value)
    data = value.encode()
    return b"".join(bytes([len(data[at : at + 255])]) + data[at : at + 255] for at in range(0, len(data), 255))


class Records:
    """What the server knows; changed by tests while it answers."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, int], list[str]] = {}
        self._lock = threading.Lock()
        self.port = 0

    def set(self, kind: str, name: str, *values: str) -> None:
        with self._lock:
            self._records[name.lower(), NUMBERS[kind]] = list(values)

    def clear(self, kind: str, name: str) -> None:
        with self._lock:
            self._records.pop((name.lower(), NUMBERS[kind]), None)

    def answer(self, query: bytes, largest: int) -> bytes:
        number, flags = struct.unpack("!HH", query[:4])
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii"))
            at += 1 + query[at]
        kind = struct.unpack("!H", query[at + 1 : at + 3])[0]
        question, name = query[12 : at + 5], ".".join(labels).lower()
        with self._lock:
            known = any(owner == name for owner, _ in self._records)
            rows, owner = [], name
            # As a resolver, it follows aliases.
            while (target := self._records.get((owner, CNAME))) and kind != CNAME:
                rows.append((owner, CNAME, target[0]))
                owner = target[0].strip(".").lower()
            rows += [(owner, kind, value) for value in self._records.get((owner, kind), [])]
        body = b"".join(
            name_bytes(owner) + struct.pack("!HHIH", of, 1, 0, len(data)) + data for owner, of, value in rows for data in [record_bytes(of, value)]
        )
        code = 0 if known else 3
        head = struct.pack("!HHHHHH", number, 0x8180 | (flags & 0x0100) | code, 1, len(rows), 0, 0)
        if len(head + question + body) > largest:
            return struct.pack("!HHHHHH", number, 0x8380 | code, 1, 0, 0, 0) + question
        return head + question + body


@contextlib.contextmanager
def dns_server():
    """Lends the records of a server that answers at 127.0.0.1 and the port of its records."""
    records = Records()
    records.port = free_port()

    class ByUDP(socketserver.BaseRequestHandler):
        def handle(self):
            data, by = self.request
            by.sendto(records.answer(data, LARGEST), self.client_address)

    class ByTCP(socketserver.StreamRequestHandler):
        def handle(self):
            length = struct.unpack("!H", self.rfile.read(2))[0]
            answer = records.answer(self.rfile.read(length), 1 << 16)
            self.wfile.write(struct.pack("!H", len(answer)) + answer)

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with contextlib.ExitStack() as stack:
        for kind, handler in ((socketserver.ThreadingUDPServer, ByUDP), (socketserver.ThreadingTCPServer, ByTCP)):
            server = stack.enter_context(kind(("127.0.0.1", records.port), handler))
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
        yield records
