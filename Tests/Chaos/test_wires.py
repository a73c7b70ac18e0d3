"""The proxy itself: that each of its modes does to a connection what its name says."""

import os
import socket
import threading

import pytest
from wires import Wires


@pytest.fixture
def echo():
    """The port of a server that answers with what it gets."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve(client: socket.socket) -> None:
            with client:
                while data := client.recv(1 << 16):
                    client.sendall(data)

        def accept() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=2)


def read(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (piece := client.recv(count - len(data))):
        data += piece
    return data


@pytest.mark.parametrize("mode", ["pass", "slow", "drip"])
def test_what_goes_through_arrives_whole(echo, mode):
    wire = Wires().add("program", "server", echo)
    wire.mode = mode
    with connect(wire.port) as client:
        client.sendall(b"x" * 100)
        assert read(client, 100) == b"x" * 100


@pytest.mark.parametrize("mode", ["silent", "mute"])
def test_nothing_comes_before_the_fault_is_over(echo, mode):
    wire = Wires().add("program", "server", echo)
    wire.mode = mode
    with connect(wire.port) as client:
        client.sendall(b"hello")
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.recv(1)
        wire.mode = "pass"
        client.settimeout(5)
        assert read(client, 5) == b"hello"


def test_a_cut_ends_both_sides_within_the_message(echo):
    wire = Wires().add("program", "server", echo)
    wire.mode, wire.chance = "cut", 1
    with connect(wire.port) as client:
        client.sendall(b"x" * 1000)
        try:
            assert len(read(client, 1000)) < 1000
        except ConnectionResetError:
            pass
    assert wire.cuts >= 1


@pytest.mark.parametrize(("mode", "path", "status"), [
    ("429", "/api", b"429"), ("502", "/api", b"502"), ("short watches", "/api?watch=true", b"200"), ("short watches", "/api", None),
])
def test_answers_are_forged(echo, mode, path, status):
    wire = Wires().add("program", "server", echo)
    wire.mode = mode
    with connect(wire.port) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        answer = client.recv(1 << 16)
        assert answer.startswith(b"HTTP/1.1 " + status if status else b"GET /api ")


def test_a_piece_arrives_once_though_the_fault_ends_within_it():
    data = os.urandom(1 << 16)
    with socket.create_server(("127.0.0.1", 0)) as server:
        wire = Wires().add("program", "server", server.getsockname()[1])
        wire.mode = "drip"
        with connect(wire.port) as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            there, _ = server.accept()
            with there:
                there.settimeout(20)
                first = there.recv(1)
                wire.mode = "pass"
                assert first + read(there, 1 << 20) == data
