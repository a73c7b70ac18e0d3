"""Too much, too long, too slow: from outside, over a socket."""

import http.client
import socket
import time
import urllib.parse
import uuid

import pytest
from conftest import PER_USER, STREAMS
from stack import ROOT


@pytest.fixture
def address(stack):
    parts = urllib.parse.urlsplit(stack.url)
    return parts.hostname, parts.port


def test_a_user_who_asks_too_often_is_told_to_wait(stack):
    user = f"hasty-{uuid.uuid4().hex[:6]}"
    answers = [stack.request("GET", "/api/me", user=user) for _ in range(PER_USER + 10)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused and [answer.status for answer in answers[:PER_USER]] == [200] * PER_USER
    assert int(refused[0].headers["Retry-After"]) >= 1
    assert stack.request("GET", "/api/me", user="patient").status == 200


def test_one_user_gets_so_many_streams_and_a_place_again_when_one_ends(address):
    def follow():
        connection = http.client.HTTPConnection(*address, timeout=10)
        connection.request("GET", "/api/stores/events", headers={"X-User-Id": "watcher"})
        response = connection.getresponse()
        if response.status == 200:
            # Counted once it has begun.
            assert response.read(1)
        return connection, response

    open_ones = [follow() for _ in range(STREAMS)]
    try:
        assert [response.status for _, response in open_ones] == [200] * STREAMS
        connection, response = follow()
        assert response.status == 429
        assert b"Too many event streams" in response.read()
        connection.close()
    finally:
        for connection, response in open_ones:
            response.close()
            connection.close()
    deadline = time.monotonic() + 240
    while True:
        connection, response = follow()
        status = response.status
        response.close()
        connection.close()
        if status == 200:
            break
        assert time.monotonic() < deadline, "the places of the closed streams are not given back"
        time.sleep(0.5)


@pytest.mark.parametrize("beginning", [b"", b"GET /api/me HT", b"POST /api/stores HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{"],
                         ids=["nothing", "half a head", "half a body"])
def test_who_does_not_come_to_an_end_is_hung_up_on(address, beginning):
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(beginning)
        # Ends: the server closes. A server that waited forever would let recv time out.
        while connection.recv(4096):
            pass


def test_a_huge_head_is_refused(address):
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(b"GET /api/me HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 200_000)
        try:
            answer = connection.recv(4096)
        except ConnectionResetError:
            answer = b""
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400 "), answer[:100]


def test_a_chunked_body_without_end_is_refused(address):
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(b"POST /api/stores HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(200):
                connection.sendall(b"1000\r\n" + b" " * 4096 + b"\r\n")
            answer = connection.recv(4096)
        except OSError:
            return
        assert answer == b"" or b" 413 " in answer.splitlines()[0], answer[:100]


def test_errors_tell_nothing_of_the_inside(stack):
    for method, path, body in [
        ("GET", "/api/stores/%27%3B", None), ("POST", "/api/stores", b"\xff\xfe"), ("GET", "/api/stores?cursor=%00", None),
        ("GET", "/api/stores?limit=99999999999999999999", None), ("POST", "/api/stores", {"name": "a\u0000b", "engine": "medusa"}),
    ]:
        answer = stack.request(method, path, body)
        assert 400 <= answer.status < 500, (path, answer)
        for word in ("postgres", "sql", "swift", "sources/", str(ROOT).lower(), "error(", "redis"):
            assert word not in answer.body["error"].lower(), answer
