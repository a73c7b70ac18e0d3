"""What things cost with 100 to 10,000 stores, 100 to 100,000 queued jobs, 100 and 1,000 clients that watch, and 1 to 50 workers: CPU time of all
processes for each operation; and how many rows PostgreSQL looks at for each statement."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time

import psycopg
from measuring import BIN, ROOT, Rounds, Servers, Verdicts, arguments, memory_mib, process, run_json, tree
from plans import log_plans, scans
from polling import until
from ports import free_port

STORES = (100, 1_000, 10_000)
QUEUED = (100, 10_000, 100_000)
CROWDS = (100, 1_000)
WORKERS = (1, 10, 50)
# Jobs that they share.
SHARED = 30_000
OPERATIONS = ("list", "get", "create", "sweep", "watch")
# Stores as an installation has them: ready, each with the job that made it. The one who asks owns 60 of them.
SEED = """
INSERT INTO stores (id, name, engine, status, namespace, owner, url, created_at)
SELECT 'a' || lpad(to_hex(n), 11, '0'), 'Store ' || n, 'woocommerce', 'provisioning', 'store-n' || n, CASE WHEN n <= 60 THEN 'user7' ELSE 'other' || n %% 100 END, 'http://localhost',
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

    def __init__(self, servers: Servers, count: int, place: int, name: str | None = None) -> None:
        self.servers, self.count, self.port = servers, count, free_port()
        self.environment = servers.environment(
            DATABASE_URL=servers.database(name or f"stores{count}"), REDIS_URL=servers.redis_url.replace("/0", f"/{place}"),
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
            except AssertionError:
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
        for operation, times in (("list", 300), ("get", 600), ("create", 100)):
            figures[operation] = self.cost(getattr(self, operation), times)
        figures["sweep"] = sweep(self.servers, self.environment)
        figures["watch"] = self.watch(clients=50, changes=40)
        return figures

    def cost(self, call, times: int) -> float:
        before = self.cpu_us()
        for _ in range(times):
            call()
        return (self.cpu_us() - before) / times

    def cpu_us(self) -> float:
        return sum(servers_us(self.servers)) + sum(run_time_us(pid) for pid in tree(self.api.pid))

    def watch(self, clients: int, changes: int) -> float:
        """For each change and each client that is told of it."""
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(socket.create_connection(("127.0.0.1", self.port))) for _ in range(clients)]
            for stream in streams:
                stream.sendall(b"GET /api/stores/events HTTP/1.1\r\nHost: localhost\r\nX-User-Id: user7\r\n\r\n")
            for stream in streams:
                receive(stream, b"hello")
            self.watched_mib = memory_mib(self.api.pid)
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


def servers_us(servers: Servers) -> tuple[float, float]:
    """Of PostgreSQL and Redis, to the microsecond."""
    redis, postgres = (server.process() for server in servers.servers)
    return sum(run_time_us(pid) for pid in tree(postgres)), sum(run_time_us(pid) for pid in tree(redis))


def sweep(servers: Servers, environment: dict[str, str], passes: int = 300) -> float:
    """A pass over an installation in which nothing is amiss. Enough of them for clocks that tick a hundred times a second."""
    before = servers.postgres_cpu() + servers.redis_cpu()
    figures = run_json([BIN / "queue-bench", "sweep", passes], environment)
    # The first pass, which the program does not count, costs the servers as much as the others.
    return figures["cpu_us"] + (servers.postgres_cpu() + servers.redis_cpu() - before) * 1e6 / (passes + 1)


def run_time_us(pid: int) -> float:
    """What the kernel's scheduler gave all threads of a process."""
    total = 0
    with contextlib.suppress(OSError):
        for task in os.scandir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"{task.path}/schedstat") as file:
                total += int(file.read().split()[0])
    return total / 1000


def crowd(installation: Installation, clients: int) -> dict[str, float]:
    alone = memory_mib(installation.api.pid)
    cost = installation.watch(clients, changes=20)
    return {"watch_us": cost, "mib": installation.watched_mib, "kib_each": (installation.watched_mib - alone) * 1024 / clients}


class Line:
    """A database with `queued` jobs that wait, which Redis knows."""

    def __init__(self, servers: Servers, queued: int, place: int) -> None:
        self.servers = servers
        self.environment = servers.environment(
            DATABASE_URL=servers.database(f"queued{queued}"), REDIS_URL=servers.redis_url.replace("/0", f"/{place}")
        )
        run_json([BIN / "queue-bench", "fill", queued], self.environment)
        run_json([BIN / "queue-bench", "sweep", 1], self.environment)

    def sweep(self) -> dict[str, float]:
        return {"sweep_us": sweep(self.servers, self.environment)}


def share(servers: Servers, workers: int) -> dict[str, float]:
    """So many workers empty one queue; what a job costs all processes together, once all sessions have been at work for a while."""
    servers.redis.flushall()
    environment = servers.environment(DATABASE_URL=servers.database(f"shared{time.time_ns()}"))
    run_json([BIN / "queue-bench", "fill", SHARED], environment)
    run_json([BIN / "queue-bench", "sweep", 1], environment)
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as database, contextlib.ExitStack() as stack:
        own = [
            stack.enter_context(process([BIN / "queue-bench", "work", "4"], environment, servers.folder / "work.log")).pid
            for _ in range(workers)
        ]

        def after(share_of_jobs: float) -> tuple[float, ...]:
            def claimed() -> int:
                return database.execute("SELECT last_value FROM fences").fetchone()[0]

            until(lambda: claimed() >= SHARED * share_of_jobs, f"{share_of_jobs:.0%} of the jobs", 300, pause=0.2)
            return *servers_us(servers), sum(run_time_us(pid) for pid in own), time.monotonic(), claimed()

        begin, end = after(0.5), after(0.95)

        def attempts() -> tuple[int, int]:
            return database.execute("SELECT count(*), count(DISTINCT job_id) FROM attempts WHERE outcome = 'succeeded'").fetchone()

        until(lambda: attempts() == (SHARED, SHARED), "every job to have succeeded once", pause=0.5)
        assert database.execute("SELECT count(*) FROM attempts").fetchone() == (SHARED,)
    postgres, redis, workers_us, seconds, jobs = (after - before for before, after in zip(begin, end))
    return {
        "job_us": (postgres + redis + workers_us) / jobs, "postgres_us": postgres / jobs, "redis_us": redis / jobs,
        "workers_us": workers_us / jobs, "per_second": jobs / seconds,
    }


def rows_read(servers: Servers) -> dict[tuple[str, str, str], int]:
    """What PostgreSQL looks at for each statement of an installation with 10,000 stores."""
    log = servers.folder / "postgres/log"
    installation = Installation(servers, STORES[-1], 4, "explained")
    with psycopg.connect(servers.database_url, autocommit=True) as database:
        log_plans(database, "explained")
    begin = len(log.read_text(errors="replace"))
    with installation.serving():
        for _ in range(8):
            installation.list()
            installation.get()
            installation.ask("GET", "/api/stores/a00000000007")
            installation.create()
        run_json([BIN / "queue-bench", "sweep", 8], installation.environment)
        run_json([BIN / "queue-bench", "work", 4], installation.environment)
    installation.database.close()
    return scans(log, begin)


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
    rounds, takes, lines, shares = (Rounds(options.rounds) for _ in range(4))
    # Once: what many clients took of memory is not given back.
    crowds = Rounds(1)
    with Servers() as servers, contextlib.ExitStack() as stack:
        sizes = [Installation(servers, count, place) for place, count in enumerate(STORES, 1)]
        for size in sizes:
            stack.enter_context(size.serving())
        rounds.run({f"{size.count} stores": size.measure for size in sizes})
        rounds.table({operation: f"{operation}, us" for operation in OPERATIONS})
        crowds.run({f"{clients} clients": lambda clients=clients: crowd(sizes[-1], clients) for clients in CROWDS})
        crowds.table({"watch_us": "a change, each client, us", "mib": "API MiB", "kib_each": "KiB each"})
        for size in sizes:
            size.database.close()
    # 50 workers of 4 connections.
    with Servers(options=("max_connections=300",)) as servers:
        waiting = [Line(servers, queued, place) for place, queued in enumerate(QUEUED, 1)]
        lines.run({f"{queued} queued": line.sweep for queued, line in zip(QUEUED, waiting)})
        lines.table({"sweep_us": "a pass of the sweep, us"})
        shares.run({f"{workers} workers": lambda workers=workers: share(servers, workers) for workers in WORKERS})
        shares.table({"job_us": "a job, us", "postgres_us": "PostgreSQL", "redis_us": "Redis", "workers_us": "workers", "per_second": "jobs/s"})
        read = rows_read(servers)
    with Servers(postgres=False) as servers:
        takes.run({f"{queued} queued": lambda queued=queued: take_behind(servers, queued) for queued in QUEUED})
        takes.table({"take_us": "take and end, us", "bytes_per_job": "Redis B/job"})
    print("\nMost rows that one execution looked at, with 10,000 stores")
    for (statement, table, way), count in sorted(read.items(), key=lambda item: -item[1])[:12]:
        print(f"{count:7,} of {table} by {way}: {statement}")

    def flat(what: str, measured: Rounds, figure: str, names: tuple[int, ...], unit: str) -> None:
        ratio = measured.ratio(f"{names[-1]} {unit}", f"{names[0]} {unit}", figure)
        verdicts.at_most(f"{what}: cost with {names[-1]:,} {unit} over that with {names[0]:,}", ratio, 1.15)

    for operation in OPERATIONS:
        flat(operation, rounds, operation, STORES, "stores")
    flat("watch, each client", crowds, "watch_us", CROWDS, "clients")
    flat("take", takes, "take_us", QUEUED, "queued")
    flat("sweep, from where a pass is full", lines, "sweep_us", QUEUED[1:], "queued")
    flat("a job", shares, "job_us", WORKERS, "workers")
    verdicts.at_most("Redis bytes per queued job", takes.median(f"{QUEUED[-1]} queued", "bytes_per_job"), 1024)
    # The sweep's hundred and four hundred are the most that anything asks for.
    verdicts.at_most("rows that a statement looks at in one table", max(read.values()), 500)
    figures = rounds.figures | crowds.figures | {f"sweep, {name}": each for name, each in lines.figures.items()} | shares.figures
    figures |= {f"take, {name}": each for name, each in takes.figures.items()}
    figures["rows"] = {" | ".join(key): [count] for key, count in read.items()}
    return verdicts.end(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
