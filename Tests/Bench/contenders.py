"""Ours, the plain limit and the peers, each with a way to fill a queue and to empty it."""

import os
import pathlib
import statistics
import subprocess
import time

from measuring import BIN, HERE, ROOT, Servers, memory_mib, process, run_json, tree_cpu
from polling import until

PEERS = pathlib.Path(os.environ.get("PEERS", ROOT / ".tools/peers"))
SCRIPTS = ROOT / "Sources/JobQueue/Scripts"
PEER_NAMES = ("celery", "dramatiq", "bullmq", "rq", "sidekiq")


class Ours:
    """`fill` and `drain`: how many jobs a trip enqueues, and how many it takes and finishes."""

    def __init__(self, servers: Servers, count: int, fill: int, drain: int) -> None:
        self.servers, self.count, self.fill, self.drain = servers, count, fill, drain

    def measure(self) -> dict[str, float]:
        self.servers.redis.flushall()
        before = self.servers.redis.info("memory")["used_memory"]
        filled = self.call("enqueue", self.fill)
        filled["bytes_per_job"] = (self.servers.redis.info("memory")["used_memory"] - before) / self.count
        return named("enqueue", filled) | named("drain", self.call("drain", self.drain))

    def call(self, mode: str, size: int) -> dict[str, float]:
        return with_redis_cpu(
            self.servers, self.count, lambda: run_json([BIN / "queue-bench", mode, self.count, size], self.servers.environment())
        )


class Limit:
    """A C program with hiredis: our own scripts, one connection, one trip each."""

    def __init__(self, servers: Servers, count: int) -> None:
        self.servers, self.count = servers, count
        self.program = servers.folder / "limit"
        subprocess.run(["cc", "-O2", "-o", self.program, HERE / "limit.c", "-lhiredis"], check=True)

    def measure(self) -> dict[str, float]:
        self.servers.redis.flushall()
        return named("enqueue", self.call("enqueue")) | named("drain", self.call("drain"))

    def call(self, mode: str) -> dict[str, float]:
        command = [self.program, self.servers.redis_port, SCRIPTS, mode, self.count]
        return with_redis_cpu(self.servers, self.count, lambda: run_json(command, self.servers.environment()))


class Peer:
    def __init__(self, name: str, servers: Servers, count: int) -> None:
        self.name, self.servers, self.count = name, servers, count
        self.environment = servers.environment(PATH=f"{PEERS / 'bin'}:{os.environ['PATH']}", PYTHONPATH=str(HERE / "peers"))
        self.log = servers.folder / f"{name}.log"
        self.stamps = servers.folder / f"{name}.stamps"

    def produce(self, mode: str, count: int) -> dict[str, float]:
        return run_json([*self.producer, mode, count, self.stamps], self.environment, timeout=600)

    @property
    def producer(self) -> list:
        if self.name == "sidekiq":
            return ["ruby", HERE / "peers/sidekiq_peer.rb"]
        return [PEERS / "bin/python", HERE / "peers/produce.py", self.name]

    def worker(self):
        if self.name == "sidekiq":
            return process(["sidekiq", "-q", "default", "-r", "./sidekiq_peer.rb"], self.environment, self.log, HERE / "peers")
        words = subprocess.run(
            [PEERS / "bin/python", "-c", f"import {self.name}_peer; print('\\n'.join({self.name}_peer.WORKER))"],
            env=self.environment, check=True, stdout=subprocess.PIPE, text=True,
        ).stdout.split("\n")
        return process([word for word in words if word], self.environment, self.log, HERE / "peers")

    def begun(self) -> list[tuple[int, int]]:
        """When each job that says so was sent and began, in nanoseconds."""
        lines = [line.split() for line in self.stamps.read_text().splitlines()]
        return [(int(line[0]), int(line[1])) for line in lines if len(line) == 2]

    def measure(self) -> dict[str, float]:
        self.servers.redis.flushall()
        self.stamps.unlink(missing_ok=True)
        figures = named("enqueue", with_redis_cpu(self.servers, self.count, lambda: self.produce("fill", self.count)))
        with self.worker() as worker:
            until(self.begun, f"{self.name}'s first job", pause=0.02)
            cpu = tree_cpu(worker.pid) + self.servers.redis_cpu()
            until(lambda: len(self.begun()) == 2, f"{self.name}'s last job", 300, 0.02)
            cpu = tree_cpu(worker.pid) + self.servers.redis_cpu() - cpu
            seconds = (self.begun()[1][1] - self.begun()[0][1]) / 1e9
            return figures | {
                "drain_per_second": self.count / seconds, "drain_total_us": cpu * 1e6 / self.count, "worker_mib": memory_mib(worker.pid)
            }

    def pickup(self, count: int) -> dict[str, float]:
        """From before a job is sent until it begins, when the worker has nothing to do."""
        self.servers.redis.flushall()
        self.stamps.unlink(missing_ok=True)
        with self.worker():
            self.stamps.touch()
            # The first job waits for the worker to be up.
            self.produce("trickle", 1)
            time.sleep(2)
            self.produce("trickle", count)
            times = sorted((began - sent) / 1e6 for sent, began in self.begun())[:-1]
        return {"p50_ms": statistics.median(times), "p99_ms": times[min(len(times) - 1, len(times) * 99 // 100)]}


def named(prefix: str, figures: dict[str, float]) -> dict[str, float]:
    return {f"{prefix}_{name}": value for name, value in figures.items()}


def with_redis_cpu(servers: Servers, count: int, call) -> dict[str, float]:
    """What `call` gives, with Redis's CPU beside its own and both together, in µs for each of `count`."""
    before = servers.redis_cpu()
    figures = call()
    figures["redis_us"] = (servers.redis_cpu() - before) * 1e6 / count
    figures["total_us"] = figures["cpu_us"] + figures["redis_us"]
    return figures
