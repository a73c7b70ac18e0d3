"""What a request costs: one store, a page of 50, a create; ours beside Go, Express and FastAPI, and what PostgreSQL alone lets through."""

import contextlib
import sys
import time

from http_load import Load, PgBench, paced_creates
from measuring import Rounds, Servers, Verdicts, arguments, memory_mib
from web_servers import COLUMNS, EXPRESS, FASTAPI, GO, OURS, RUNNING, STORE, WebServer, fill

PGBENCH = "limit: pgbench"
ONE, RUNS, STATUS, PAGE, POST = "GET one", "GET one that runs", "GET status", "GET list of 50", "POST"
PATHS = {ONE: f"/api/stores/{STORE}", PAGE: "/api/stores?limit=50"}
# CPU µs of each request at most, and how many times as many requests as Express at least.
TARGETS = {ONE: (90, 5), PAGE: (250, 6), POST: (400, 4)}


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    parser.add_argument("--stores", type=int, default=10_000)
    parser.add_argument("--without-peers", action="store_true")
    options = parser.parse_args()
    if options.stores < 5_000:
        parser.error("--stores: 5,000 or more, so that each of a hundred owners has a page of 50")
    names = [OURS] if options.without_peers else [OURS, GO, EXPRESS, FASTAPI]
    verdicts, operations, memory, paced = Verdicts(), {}, Rounds(1), Rounds(1)
    with Servers() as servers, contextlib.ExitStack() as stack:
        fill(servers, options.stores)
        web = {name: WebServer(name, servers, stack) for name in names}
        time.sleep(5)
        idle = {name: memory_mib(server.pid) for name, server in web.items()}
        load = Load(servers, options.seconds)
        bound = PgBench(servers, options.seconds, COLUMNS, STORE)

        def getting(server: WebServer, path: str):
            return lambda: load.get(server.port, server.pid, path)

        def posting(server: WebServer):
            return lambda: load.post(server.port, server.pid)

        limits = {
            ONE: lambda: bound.measure(bound.one),
            PAGE: lambda: bound.measure(bound.page),
            # Creates wait for each other at the total quota's row: more connections give fewer.
            POST: lambda: bound.measure(bound.create, clients=8),
        }
        contenders = {
            operation: {PGBENCH: limits[operation]}
            | {name: getting(server, PATHS[operation]) if operation in PATHS else posting(server) for name, server in web.items()}
            for operation in (ONE, PAGE, POST)
        }
        # The peers know nothing of these.
        contenders[RUNS] = {OURS: getting(web[OURS], f"/api/stores/{RUNNING}")}
        contenders[STATUS] = {OURS: getting(web[OURS], PATHS[ONE] + "/status")}
        for operation in contenders:
            operations[operation] = Rounds(1)
        # A round is every operation of every server, so that a noisy moment meets them all.
        for number in range(options.rounds):
            print(f"Round {number + 1} of {options.rounds}", flush=True)
            for operation, by_name in contenders.items():
                operations[operation].run(by_name)
            paced.run({
                name: lambda server=server: paced_creates(server.port, 200, options.seconds, f"paced-{server.port}-{number}") for name, server in web.items()
            })
        memory.run({
            name: lambda name=name, server=server: {"idle_mib": idle[name], "peak_mib": memory_mib(server.pid, peak=True)}
            for name, server in web.items()
        })
    for operation, rounds in operations.items():
        print(f"\n{operation}")
        rounds.table({
            "per_second": "requests/s", "server_us": "server µs", "postgres_us": "PostgreSQL µs", "redis_us": "Redis µs", "total_us": "CPU µs",
        })
    print("\nPOST at 200 a second")
    paced.table({"p50_ms": "p50 ms", "p99_ms": "p99 ms"})
    print("\nMemory, with 32 connections at most")
    memory.table({"idle_mib": "idle MiB", "peak_mib": "peak MiB"})
    for operation, (most, times) in TARGETS.items():
        verdicts.at_most(f"{operation}, CPU µs", operations[operation].median(OURS, "total_us"), most)
        if not options.without_peers:
            verdicts.at_least(f"{operation}, requests over Express's", operations[operation].ratio(OURS, EXPRESS, "per_second"), times)
    verdicts.at_most("POST at 200 a second, p99 ms", paced.median(OURS, "p99_ms"), 20)
    verdicts.at_most("API, idle, MiB", memory.median(OURS, "idle_mib"), 40)
    verdicts.at_most("API, peak with 32 connections, MiB", memory.median(OURS, "peak_mib"), 120)
    figures = {operation: rounds.figures for operation, rounds in operations.items()}
    return verdicts.end(figures | {"POST at 200 a second": paced.figures, "memory": memory.figures}, options.json)


if __name__ == "__main__":
    sys.exit(main())
