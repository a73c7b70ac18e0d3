"""PostgreSQL or Redis goes away and comes back; and the store is ended meanwhile."""

import http.client
import signal
import socket

import pytest
from polling import until

AWAY = {"postgres": "PostgreSQL", "redis": "Redis"}


@pytest.fixture(scope="module")
def pair(folder, seed):
    """A store with both servers of its own, to stop and to freeze."""
    from medusa import Store
    from servers import Server

    servers = {kind: Server(kind, folder / f"outage-{kind}") for kind in AWAY}
    with Store(folder / "outage", servers["postgres"], servers["redis"], "outage") as store:
        store.setup()
        store.start()
        yield store, servers
    for server in servers.values():
        server.stop()


def refusals(store, name: str) -> list[str]:
    return [line for line in store.messages() if line.startswith(f"{name} is away")]


@pytest.mark.parametrize("kind", AWAY)
def test_a_server_that_stops_makes_it_unready_until_it_is_back(pair, kind):
    store, servers = pair
    before, lines = len(refusals(store, AWAY[kind])), len(store.messages())
    servers[kind].stop()
    unready = until(lambda: (it := store.ask("/-/ready")).status == 503 and it, "not ready")
    assert unready.headers["Retry-After"] == "5" and AWAY[kind] in unready.body["message"]
    for path in ("/store/regions", "/storefront/config", "/app", "/", "/products"):
        answer = store.ask(path)
        assert answer.status == 503 and answer.headers["Retry-After"], path
    # A store that is away from its database is not restarted for it.
    assert store.ask("/-/live").status == store.ask("/health").status == 200
    servers[kind].start()
    until(store.is_ready, "ready again")
    store.place_order()
    assert len(refusals(store, AWAY[kind])) == before + 1
    assert len(store.messages()) - lines < 60


@pytest.mark.parametrize("kind", AWAY)
def test_a_server_that_hangs_makes_it_unready_until_it_answers(pair, kind):
    store, servers = pair
    with servers[kind].freeze():
        answer = until(lambda: (it := store.ask("/-/ready")).status == 503 and it, "not ready")
        assert AWAY[kind] in answer.body["message"]
        assert store.ask("/store/regions").status == 503
    until(store.is_ready, "ready again")
    store.place_order()


def test_term_ends_it(pair):
    store, _ = pair
    assert store.stop() == 0
    store.start()


def test_term_ends_a_connection_with_the_answer_that_is_due_on_it(pair):
    """A proxy keeps its connections and sends one request after the other; the stop does not wait for it."""
    store, _ = pair
    with socket.create_connection(("127.0.0.1", store.port), timeout=60) as proxy:
        proxy.sendall(b"POST /store/carts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{")
        until(lambda: store.ask("/-/live").status == 200, "the server to have seen the request before")
        store.process.send_signal(signal.SIGTERM)
        until(lambda: any("stopping" in line for line in store.messages()), "the signal to be seen")
        proxy.sendall(b"}")
        answer = http.client.HTTPResponse(proxy)
        answer.begin()
        assert answer.headers["Connection"] == "close"
        answer.read()
        assert store.process.wait(timeout=60) == 0
    store.start()


@pytest.mark.parametrize("kind", AWAY)
def test_term_ends_it_while_a_server_hangs(pair, kind):
    store, servers = pair
    with servers[kind].freeze():
        assert store.stop() == 0
    store.start()


def test_term_ends_a_set_up_that_waits(made):
    import subprocess

    with made() as store:
        process = subprocess.Popen(store.command("setup", {"DATABASE_PORT": "1"}), cwd=store.app, stdout=subprocess.PIPE, text=True)
        assert "waiting for the database" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 143
