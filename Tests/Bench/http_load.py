"""Requests by wrk as fast as they are answered, and by ourselves at a steady rate; PostgreSQL's own bound by pgbench."""

import asyncio
import re
import subprocess
import time

from measuring import Servers, tree_cpu

READER = "owner-7"
CONNECTIONS = 32


class Load:
    """What wrk sends: `path` with GET, or creates with names that nobody had."""

    def __init__(self, servers: Servers, seconds: int) -> None:
        self.servers, self.seconds, self.runs = servers, seconds, 0

    def get(self, port: int, pid: int, path: str) -> dict[str, float]:
        return self.run(pid, ["-H", f"X-User-Id: {READER}", f"http://127.0.0.1:{port}{path}"])

    def post(self, port: int, pid: int) -> dict[str, float]:
        self.runs += 1
        script = self.servers.folder / "post.lua"
        script.write_text(f"""
local threads = 0
function setup(thread) threads = threads + 1; thread:set('id', threads) end
local sent = 0
function request()
    sent = sent + 1
    local name = 'load-{self.runs}-' .. id .. '-' .. sent
    local headers = {{ ['Content-Type'] = 'application/json', ['X-User-Id'] = 'maker-' .. sent % 100 }}
    return wrk.format('POST', '/api/stores', headers, '{{"name":"' .. name .. '","engine":"woocommerce"}}')
end""")
        return self.run(pid, ["-s", str(script), f"http://127.0.0.1:{port}"])

    def run(self, pid: int, what: list[str]) -> dict[str, float]:
        """CPU times are µs of each request: of the server with its children, of PostgreSQL, of Redis, and of all."""

        def spent() -> tuple[float, float, float]:
            return tree_cpu(pid), self.servers.postgres_cpu(), self.servers.redis_cpu()

        before = spent()
        command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{self.seconds}s", "--latency", *what]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        cpu = [after - earlier for after, earlier in zip(spent(), before)]
        if "Non-2xx" in told or "Socket errors" in told:
            raise RuntimeError(f"requests failed:\n{told}")
        count = int(re.search(r"(\d+) requests in", told)[1])
        server, postgres, redis = (seconds * 1e6 / count for seconds in cpu)
        return {
            "per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]),
            "server_us": server, "postgres_us": postgres, "redis_us": redis, "total_us": server + postgres + redis,
        }


def paced_creates(port: int, rate: int, seconds: int, prefix: str) -> dict[str, float]:
    """Creates at a steady rate, whether or not earlier ones were answered: times in ms from when each was due."""
    return asyncio.run(send_paced(port, rate, seconds, prefix))


async def send_paced(port: int, rate: int, seconds: int, prefix: str) -> dict[str, float]:
    idle: asyncio.Queue = asyncio.Queue()
    for _ in range(CONNECTIONS):
        idle.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    times: list[float] = []

    async def create(number: int, due: float) -> None:
        reader, writer = await idle.get()
        body = b'{"name":"%s-%d","engine":"medusa"}' % (prefix.encode(), number)
        writer.write(
            b"POST /api/stores HTTP/1.1\r\nHost: bench\r\nX-User-Id: paced-%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (number % 100, len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 202"), head
        await reader.readexactly(int(re.search(rb"(?i)content-length: *(\d+)", head)[1]))
        times.append((time.monotonic() - due) * 1000)
        idle.put_nowait((reader, writer))

    begin = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(rate * seconds):
            due = begin + number / rate
            await asyncio.sleep(max(0, due - time.monotonic()))
            group.create_task(create(number, due))
    times.sort()
    for _ in range(CONNECTIONS):
        idle.get_nowait()[1].close()
    return {"p50_ms": times[len(times) // 2], "p99_ms": times[len(times) * 99 // 100]}


class PgBench:
    """Connections whose statements do what a request needs of PostgreSQL."""

    def __init__(self, servers: Servers, seconds: int, columns: str, store: str) -> None:
        self.servers, self.seconds, self.runs = servers, seconds, 0
        self.one = f"SELECT {columns} FROM stores WHERE id = '{store}' AND owner = '{READER}' AND deleted_at IS NULL;"
        self.page = f"SELECT {columns} FROM stores WHERE owner = '{READER}' AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 50;"

    @property
    def create(self) -> str:
        """The function that ours calls."""
        self.runs += 1
        return rf"""
\set n :n + 1
SELECT (create_store('a' || lpad(to_hex({self.runs << 32} + :client_id * 1000000 + :n), 11, '0'), 'pgbench', 'woocommerce', 'maker-' || :n % 100,
    'store-pgbench-{self.runs}-' || :client_id || '-' || :n, 'store-pgbench-x-{self.runs}-' || :client_id || '-' || :n,
    10000000, 10000000, NULL, NULL, NULL)).outcome;"""

    def measure(self, statements: str, clients: int = CONNECTIONS) -> dict[str, float]:
        script = self.servers.folder / "pgbench.sql"
        script.write_text(statements)
        before = self.servers.postgres_cpu()
        told = subprocess.run(
            [
                "pgbench", "--no-vacuum", "--protocol", "prepared", "--client", str(clients), "--jobs", "2", "--time", str(self.seconds),
                "-D", "n=0", "--file", str(script), self.servers.database_url,
            ],
            check=True, stdout=subprocess.PIPE, text=True,
        ).stdout
        cpu = (self.servers.postgres_cpu() - before) * 1e6 / int(re.search(r"actually processed: (\d+)", told)[1])
        return {"per_second": float(re.search(r"tps = ([\d.]+)", told)[1]), "postgres_us": cpu, "total_us": cpu}
