"""How many jobs a second the queue takes in and gives out, what each costs, and how many PostgreSQL lets through."""

import sys

from contenders import PEER_NAMES, Limit, Ours, Peer
from measuring import BIN, Rounds, Servers, Verdicts, arguments, run_json
from platform_limit import PgBench

TOGETHER = "ours, 50 jobs a trip"
SINGLY = "ours, a job a trip"
LIMIT = "limit: hiredis, a script a trip"
PLATFORM = "ours with PostgreSQL"
PGBENCH = "limit: pgbench, the same statements"


class Platform:
    """One worker of 128 slots whose work takes no time: claims, fences and settlements in PostgreSQL."""

    def __init__(self, servers: Servers, count: int) -> None:
        self.servers, self.count = servers, count

    def measure(self) -> dict[str, float]:
        self.servers.redis.flushall()
        before = self.servers.postgres_cpu() + self.servers.redis_cpu()
        figures = run_json([BIN / "queue-bench", "dispatch", self.count, 128], self.servers.environment())
        assert figures["open"] == self.servers.sql("SELECT count(*) FROM jobs WHERE state = 'queued'")[0][0], figures
        cpu = self.servers.postgres_cpu() + self.servers.redis_cpu() - before
        return {"drain_per_second": figures["per_second"], "drain_total_us": figures["cpu_us"] + cpu * 1e6 / self.count}


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--without-peers", action="store_true")
    options = parser.parse_args()
    verdicts = Verdicts()
    rounds = Rounds(options.rounds)
    with Servers() as servers:
        with_postgres = options.jobs // 4
        run_json([BIN / "queue-bench", "fill", 2 * with_postgres * options.rounds], servers.environment())
        contenders = {
            LIMIT: Limit(servers, options.jobs).measure,
            TOGETHER: Ours(servers, options.jobs, 50, 50).measure,
            SINGLY: Ours(servers, options.jobs, 1, 1).measure,
            PGBENCH: PgBench(servers, with_postgres).measure,
            PLATFORM: Platform(servers, with_postgres).measure,
        }
        if not options.without_peers:
            contenders |= {
                name: Peer(name, servers, 400 if name == "rq" else options.jobs // 10).measure for name in PEER_NAMES
            }
        rounds.run(contenders)
    rounds.table({
        "enqueue_per_second": "enqueue/s", "enqueue_total_us": "CPU us", "drain_per_second": "drain/s", "drain_total_us": "CPU us ",
        "enqueue_bytes_per_job": "Redis B/job", "worker_mib": "worker MiB",
    })
    verdicts.at_least("drain: ours over the plain limit", rounds.ratio(TOGETHER, LIMIT, "drain_per_second"), 1)
    verdicts.at_most("drain: CPU us per job, worker and Redis", rounds.median(TOGETHER, "drain_total_us"), 90)
    verdicts.at_least("enqueue: ours over the plain limit", rounds.ratio(TOGETHER, LIMIT, "enqueue_per_second"), 0.8)
    verdicts.at_most("Redis bytes per queued job", rounds.median(TOGETHER, "enqueue_bytes_per_job"), 1024)
    verdicts.at_least("with PostgreSQL: jobs per second", rounds.median(PLATFORM, "drain_per_second"), 2_000)
    verdicts.at_least("with PostgreSQL: ours over pgbench", rounds.ratio(PLATFORM, PGBENCH, "drain_per_second"), 0.5)
    if not options.without_peers:
        for name in PEER_NAMES:
            verdicts.at_least(f"drain: ours over {name}", rounds.ratio(TOGETHER, name, "drain_per_second"), 1)
    return verdicts.end(rounds.figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
