"""A thousand stores change, again and again, before two hundred clients; each ends with the true state of all that it may see."""

import asyncio
import pathlib
import re
import subprocess
import time

import pytest
from replica import replica, servers_of

STORES, OWNERS, EVERYTHING, STUCK, CLIENTS, ROUNDS = 1_000, 100, 10, 5, 200, 12
# What an API may have, whatever is connected.
MEMORY = 150 * 1024 * 1024

SEED = f"""
INSERT INTO stores (id, name, engine, status, namespace, owner)
SELECT 'a' || lpad(to_hex(i), 11, '0'), 'Load ' || i, 'woocommerce', 'provisioning', 'store-load-' || i, 'owner-' || i % {OWNERS}
FROM generate_series(1, {STORES}) i;
"""
# Each round changes every store once, fifty to a transaction, in another order.
ROUND = """
DO $$
DECLARE ids text[]; part int;
BEGIN
    SELECT array_agg(id ORDER BY md5(id || {0})) INTO ids FROM stores;
    FOR part IN 0..{1} LOOP
        UPDATE stores SET replicas = 2, pods_running = {0} % 3, pod_restarts = {0} WHERE id = ANY (ids[part * 50 + 1:part * 50 + 50]);
        COMMIT;
    END LOOP;
END $$;
"""
LAST = """
UPDATE stores SET status = 'failed', error_message = 'final ' || id WHERE id < 'a00000000200';
UPDATE stores SET status = 'ready', url = 'http://final.localhost/' || id, ready_at = now() WHERE id >= 'a00000000200';
"""


@pytest.fixture
def load(stack):
    """An API with a database of its own, so that nothing else changes the stores."""
    servers = servers_of(stack)
    shared = servers["DATABASE_URL"]
    subprocess.run(["psql", "-qX", shared, "-c", "CREATE DATABASE load"], check=True)
    database = re.sub(r"/[^/?]+(\?|$)", r"/load\1", shared)
    environment = stack.environment | {"DATABASE_URL": database}
    subprocess.run([servers["BIN"] + "/storectl", "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
    with replica(stack, DATABASE_URL=database) as (port, program):
        yield database, port, program
    subprocess.run(["psql", "-qX", shared, "-c", "DROP DATABASE load WITH (FORCE)"], check=True)


def sql(database: str, *commands: str) -> str:
    arguments = [argument for command in commands for argument in ("-c", command)]
    return subprocess.run(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", database, *arguments], check=True, capture_output=True, text=True).stdout


class Client:
    """Knows of each store the state that it heard last, as bytes: what a browser would show."""

    STORE = re.compile(rb'event: store\n(?:id: [^\n]*\n)?data: \{"id":"([^"]+)"[^\n]*?"status":"([^"]+)"')

    def __init__(self, port: int, owner: str | None) -> None:
        self.port, self.owner, self.states, self.events, self.lost = port, owner, {}, 0, False

    async def follow(self) -> None:
        reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        user = f"X-User-Id: {self.owner}\r\n" if self.owner else ""
        self.writer.write(f"GET /api/stores/events HTTP/1.1\r\nHost: localhost\r\n{user}\r\n".encode())
        await reader.readuntil(b"event: hello")
        self.task = asyncio.create_task(self.read(reader))

    async def read(self, reader: asyncio.StreamReader) -> None:
        rest = b""
        while data := await reader.read(1 << 16):
            # A chunk's borders may lie within an event; what is cut off there would be an event missed, which the test would see.
            rest = re.sub(rb"\r\n[0-9a-fA-F]+\r\n", b"", rest + data)
            whole, _, rest = rest.rpartition(b"\n\n")
            for found in self.STORE.finditer(whole):
                self.states[found[1].decode()] = found[2].decode()
                self.events += 1
            self.lost = self.lost or b"event: reset" in whole


def peak(program: subprocess.Popen) -> int:
    return int(re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{program.pid}/status").read_text())[1]) * 1024


def test_a_thousand_stores_and_two_hundred_clients(load, capsys):
    database, port, program = load
    sql(database, SEED)

    async def run() -> list[Client]:
        stuck = [Client(port, None) for _ in range(STUCK)]
        clients = [Client(port, None) for _ in range(EVERYTHING)] + [Client(port, f"owner-{i % OWNERS}") for i in range(CLIENTS - EVERYTHING - STUCK)]
        for client in stuck + clients:
            await client.follow()
        for client in stuck:
            client.task.cancel()
            client.writer.transport.pause_reading()
        changes = asyncio.create_task(asyncio.to_thread(sql, database, *(ROUND.format(i, STORES // 50 - 1) for i in range(ROUNDS)), LAST))
        await changes
        expected = dict(line.split("|") for line in sql(database, "SELECT id, status FROM stores").splitlines())
        owners = dict(line.split("|") for line in sql(database, "SELECT id, owner FROM stores").splitlines())
        wanted = {
            client: {store: status for store, status in expected.items() if client.owner in (None, owners[store])} for client in clients
        }
        deadline = time.monotonic() + 400
        while any(client.states != wanted[client] for client in clients) and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        for client in clients:
            missed = {store for store, status in wanted[client].items() if client.states.get(store) != status}
            assert client.states == wanted[client], f"{client.owner} missed {len(missed)} final states, e.g. {sorted(missed)[:3]}; told to read anew: {client.lost}"
            assert not client.lost
        for client in stuck + clients:
            client.writer.close()
        return clients

    clients = asyncio.run(run())
    used = peak(program)
    with capsys.disabled():
        told = sum(client.events for client in clients)
        print(f"\n{STORES} stores, {CLIENTS} clients, {STORES * (ROUNDS + 1)} changes, {told} events told: the API had at most {used / 1024 / 1024:.0f} MiB")
    assert used < MEMORY
