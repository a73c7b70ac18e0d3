"""What things cost with 100, 1,000 and 10,000 stores, and with 100 and 100,000 queued jobs: CPU time of all processes for each operation."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time

import psycopg
from measuring import BIN, ROOT, Rounds, Servers, Verdicts, arguments, free_port, process, run_json, tree, until

STORES = (100, 1_000, 10_000)
QUEUED = (100, 10_000, 100_000)
OPERATIONS = ("list", "get", "create", "sweep", "watch")
# Stores as an installation has them: ready, each with the job that made it. The one who asks owns 60 of them.
SEED = """
INSERT INTO stores (id, name, engine, status, namespace, owner, url, created_at)
SELECT 'a' || lpad(to_hex(n), 11, '0'), 'Shop ' || n, 'woocommerce', 'provisioning', 'store-n' || n, CASE WHEN n <= 60 THEN 'user7' ELSE 'other' || n %% 100 END, 'http://localhost',
       clock_timestamp() - interval '1 day' + n * interval '1 second'
  FROM generate_series(1, %(count)s::integer) n;
INSERT INTO jobs (store_id, kind, namespace, owner) SELECT id, 'provision', namespace, owner FROM stores;
UPDATE jobs SET state = 'running', started_at = clock_timestamp(), fence = nextval('fences'), attempt = 1;
UPDATE stores SET status = 'ready', ready_at = clock_timestamp(), first_ready_at = clock_timestamp(), health = 'healthy';
UPDATE jobs SET state = 'succeeded', finished_at = clock_timestamp();
INSERT INTO store_events (store_id, kind, message, source)
SELECT id, 'Normal', 'Step ' || n, 'worker' FROM stores, generate_series(1, 10) n;
"""


class Installation:
    """An API over a database with `count` stores, and over a Redis database of its own."""

    def __init__(self, servers: Servers, count: int, place: int) -> None:
        self.servers, self.count, self.port = servers, count, free_port()
        self.environment = servers.environment(
            DATABASE_URL=servers.database(f"stores{count}"), REDIS_URL=servers.redis_url.replace("/0", f"/{place}"),
            HOST="127.0.0.1", PORT=str(self.port), MAX_STORES="1000000", MAX_STORES_PER_USER="1000000", ADMIN_TOKEN="a-token-for-benchmarks",
            RATE_LIMIT_PER_USER="0", RATE_LIMIT_PER_ADDRESS="0", MAX_EVENT_STREAMS_PER_USER="0", LOG_LEVEL="error",
        )
        subprocess.run([BIN / "storectl", "migrate"], env=self.environment, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        self.database = psycopg.connect(self.environment["DATABASE_URL"], autocommit=True)
        with psycopg.ClientCursor(self.database) as cursor:
            cursor.execute(SEED, {"count": count})
            cursor.execute("VACUUM ANALYZE")

    @contextlib.contextmanager
    def serving(self):
        log = self.servers.folder / f"api-{self.count}.log"
        with process([BIN / "store-api"], self.environment, log) as api:
            self.api = api
            try:
                until(self.is_up, "the API")
            except TimeoutError:
                sys.exit(f"the API did not start: {log.read_text()}")
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port)
            # Connections, statements and caches.
            for _ in range(30):
                self.list()
                self.get()
            self.create()
            yield

    def is_up(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def ask(self, method: str, path: str, body: str | None = None) -> bytes:
        self.connection.request(method, path, body, {"Content-Type": "application/json", "X-User-Id": "user7"})
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status < 300, (answer.status, text)
        return text

    def list(self) -> None:
        assert len(json.loads(self.ask("GET", "/api/stores?limit=50"))["stores"]) == 50

    def get(self) -> None:
        self.ask("GET", "/api/stores/a00000000007/status")

    def create(self) -> None:
        self.ask("POST", "/api/stores", json.dumps({"name": f"New {time.time_ns()}", "engine": "woocommerce"}))

    def measure(self) -> dict[str, float]:
        figures = {}
        for operation, times in (("list", 300), ("get", 600), ("create", 40)):
            figures[operation] = self.cost(getattr(self, operation), times)
        figures["sweep"] = self.sweep(40)
        figures["watch"] = self.watch(clients=50, changes=40)
        return figures

    def cost(self, call, times: int) -> float:
        before = self.cpu_us()
        for _ in range(times):
            call()
        return (self.cpu_us() - before) / times

    def cpu_us(self) -> float:
        """Of the API and of both servers, to the microsecond."""
        postgres = int((self.servers.folder / "postgres/data/postmaster.pid").read_text().split()[0])
        redis = int((self.servers.folder / "redis/pid").read_text())
        return sum(run_time_us(pid) for root in (self.api.pid, postgres, redis) for pid in tree(root))

    def sweep(self, times: int) -> float:
        environment = self.environment
        before = self.servers.postgres_cpu() + self.servers.redis_cpu()
        figures = run_json([BIN / "queue-bench", "sweep", times], environment)
        return figures["cpu_us"] + (self.servers.postgres_cpu() + self.servers.redis_cpu() - before) * 1e6 / times

    def watch(self, clients: int, changes: int) -> float:
        """For each change and each client that is told of it."""
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(socket.create_connection(("127.0.0.1", self.port))) for _ in range(clients)]
            for stream in streams:
                stream.sendall(b"GET /api/stores/events HTTP/1.1\r\nHost: localhost\r\nX-User-Id: user7\r\n\r\n")
            for stream in streams:
                receive(stream, b"hello")
            before = self.cpu_us()
            for number in range(changes):
                self.database.execute("UPDATE stores SET replicas = %s WHERE id = 'a00000000007'", [time.time_ns() % 1_000_000])
                for stream in streams:
                    receive(stream, b"event: store\n")
            return (self.cpu_us() - before) / changes / clients


def receive(stream: socket.socket, what: bytes) -> None:
    stream.settimeout(20)
    seen = b""
    while what not in seen:
        part = stream.recv(65_536)
        assert part, seen
        seen = seen[-100:] + part


def run_time_us(pid: int) -> float:
    """What the kernel's scheduler gave all threads of a process."""
    total = 0
    with contextlib.suppress(OSError):
        for task in os.scandir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"{task.path}/schedstat") as file:
                total += int(file.read().split()[0])
    return total / 1000


def take_behind(servers: Servers, queued: int) -> dict[str, float]:
    """CPU for taking and ending a job in Redis while so many wait, and what each of them takes of Redis's memory."""
    servers.redis.flushall()
    empty = servers.redis.info("memory")["used_memory"]
    run_json([BIN / "queue-bench", "enqueue", queued + 4_000, 100], servers.environment())
    # Laying its file anew makes every write dearer for a while.
    until(lambda: not servers.redis.info("persistence")["aof_rewrite_in_progress"], "Redis to have written its file anew")
    each = (servers.redis.info("memory")["used_memory"] - empty) / (queued + 4_000)
    before = servers.redis_cpu()
    figures = run_json([BIN / "queue-bench", "drain", 4_000, 20], servers.environment())
    return {"take_us": figures["cpu_us"] + (servers.redis_cpu() - before) * 1e6 / 4_000, "bytes_per_job": each}


def main() -> int:
    options = arguments(__doc__).parse_args()
    verdicts = Verdicts()
    rounds, takes = Rounds(options.rounds), Rounds(options.rounds)
    with Servers() as servers, contextlib.ExitStack() as stack:
        sizes = [Installation(servers, count, place) for place, count in enumerate(STORES, 1)]
        for size in sizes:
            stack.enter_context(size.serving())
        rounds.run({f"{size.count} stores": size.measure for size in sizes})
        rounds.table({operation: f"{operation}, us" for operation in OPERATIONS})
        for size in sizes:
            size.database.close()
    with Servers(postgres=False) as servers:
        takes.run({f"{queued} queued": lambda queued=queued: take_behind(servers, queued) for queued in QUEUED})
        takes.table({"take_us": "take and end, us", "bytes_per_job": "Redis B/job"})
    for operation in OPERATIONS:
        ratio = rounds.ratio(f"{STORES[-1]} stores", f"{STORES[0]} stores", operation)
        verdicts.at_most(f"{operation}: cost with 10,000 stores over that with 100", ratio, 1.15)
    verdicts.at_most(
        "take: cost with 100,000 queued over that with 100", takes.ratio(f"{QUEUED[-1]} queued", f"{QUEUED[0]} queued", "take_us"), 1.15
    )
    verdicts.at_most("Redis bytes per queued job", takes.median(f"{QUEUED[-1]} queued", "bytes_per_job"), 1024)
    return verdicts.end(rounds.figures | takes.figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
