"""A whole installation in a folder of its own: servers, the simulated cluster, two APIs and three workers, each to be hurt alone."""

import base64
import dataclasses
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import tempfile
import time

import psycopg
import redis
from asking import ask
from polling import until
from ports import free_port
from private_servers import library
from wires import Wires

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
FAKETIME = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))

# How far the clock of the last worker is off.
SKEW = "+90s"


@dataclasses.dataclass(frozen=True)
class Lease:
    """The workers' lease times in seconds; as they are when nothing is set."""

    renewal: int = 3
    term: int = 7
    kill: int = 10
    lease: int = 12
    settle: int = 2

    @property
    def environment(self) -> dict[str, str]:
        names = {
            "LEASE_RENEW_SECONDS": self.renewal, "LEASE_TERMINATE_SECONDS": self.term, "LEASE_KILL_SECONDS": self.kill, "LEASE_SECONDS": self.lease,
            "LEASE_TAKEOVER_SECONDS": self.settle,
        }
        return {name: str(seconds) for name, seconds in names.items()}


@dataclasses.dataclass
class Program:
    name: str
    command: list[str]
    environment: dict[str, str]
    log: pathlib.Path
    process: subprocess.Popen | None = None
    frozen: bool = False

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: int) -> None:
        if self.runs:
            self.process.send_signal(number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def freeze(self) -> None:
        self.frozen = True
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.frozen = False
        self.send(signal.SIGCONT)

    def end(self, patience: float = 60) -> None:
        """SIGTERM, a second one when the patience is over, and SIGKILL at last."""
        self.thaw()
        for number, wait in ((signal.SIGTERM, patience), (signal.SIGTERM, 15), (signal.SIGKILL, 10)):
            self.send(number)
            try:
                if self.process:
                    self.process.wait(wait)
                return
            except subprocess.TimeoutExpired:
                continue


class Installation:
    """`limits`: stores in all and for each user. `slots`: of each worker. `cap`: on provisions. `speed`: of the cluster.
    `skewed`: whether the last worker's clock is off. `stub`: what stands in for Helm.
    `switched_off`: what a program built with fault switches is to leave out."""

    def __init__(
        self, binaries: pathlib.Path, limits: tuple[int, int], workers: int = 3, slots: int = 4, cap: int = 6, lease: Lease = Lease(),
        speed: float = 1, skewed: bool = True, stub: pathlib.Path | None = None, switched_off: str = "",
    ) -> None:
        # A short path: a socket's name may have 107 characters.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sw-chaos-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.binaries = binaries
        self.limits = limits
        self.slots, self.cap = slots, cap
        self.lease = lease
        self.stub = stub
        self.switched_off = switched_off
        self.speed = speed
        self.record = self.folder / "helm.record"
        self.record.touch()
        # Every request that changed the cluster, a line of JSON each.
        self.changes = self.folder / "changes.jsonl"
        # How much longer a Helm that begins now takes, in seconds; there only while one shall.
        self.slow = self.folder / "slow"
        (self.folder / "locks").mkdir()
        (self.folder / "log").mkdir()
        self.postgres_port, self.redis_port = free_port(), free_port()
        self.cluster_port, self.ingress_port = free_port(), free_port()
        # They seal the passwords of stores and of their backups, and sign what the vault lets in.
        self.keys = {name: "k1:" + base64.b64encode(secrets.token_bytes(32)).decode() for name in ("CREDENTIALS_KEYS", "VAULT_KEYS", "ARCHIVE_KEYS")}
        self.password = secrets.token_hex(16)
        self.admin_token = secrets.token_hex(16)
        self.database_url = f"postgresql://storeweaver:{self.password}@127.0.0.1:{self.postgres_port}/storeweaver"
        self.redis_url = f"redis://default:{self.password}@127.0.0.1:{self.redis_port}"
        self.wires = Wires()
        self.kubeconfig = self.folder / "kubeconfig"
        self.api_ports = [free_port(), free_port()]
        self.cluster_server = ""
        self.apis = [self.api(number) for number in range(2)]
        self.workers = [self.worker(number, skewed=skewed and number == workers - 1) for number in range(workers)]
        self.cluster = self.program("cluster-sim", ["--port", str(self.cluster_port), "--ingress-port", str(self.ingress_port),
                                                    "--kubeconfig-out", str(self.kubeconfig), "--speed", str(speed), "--changes-out", str(self.changes)])

    # What runs

    def program(self, name: str, arguments: list[str] = [], program: str = "", **environment: str) -> Program:
        return Program(name, [str(self.binaries / (program or name)), *arguments], self.environment | environment, self.folder / "log" / f"{name}.log")

    def wired(self, name: str) -> dict[str, str]:
        """The addresses of PostgreSQL and Redis over wires of the program's own."""
        postgres = self.wires.add(name, "PostgreSQL", self.postgres_port)
        redis = self.wires.add(name, "Redis", self.redis_port)
        return {
            "DATABASE_URL": self.database_url.replace(f":{self.postgres_port}/", f":{postgres.port}/"),
            "REDIS_URL": self.redis_url.replace(f":{self.redis_port}", f":{redis.port}"),
        }

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        return inherited | {
            "DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "KUBECONFIG": str(self.kubeconfig),
            "MAX_STORES": str(self.limits[0]), "MAX_STORES_PER_USER": str(self.limits[1]), "ADMIN_TOKEN": self.admin_token,
            "FAULT_SWITCH_OFF": self.switched_off, "LOG_LEVEL": "info", **self.keys,
            "RATE_LIMIT_PER_USER": "0", "RATE_LIMIT_PER_ADDRESS": "0", "MAX_EVENT_STREAMS_PER_USER": "0",
        }

    def api(self, number: int) -> Program:
        name = f"store-api-{number}"
        vault = self.wires.add(name, "vault", self.cluster_port)
        environment = self.wired(name) | {"HOST": "127.0.0.1", "PORT": str(self.api_ports[number]), "VAULT_URL": f"http://127.0.0.1:{vault.port}"}
        return self.program(name, program="store-api", **environment)

    def worker(self, number: int, skewed: bool) -> Program:
        name = f"worker-{number}"
        environment = {
            "WORKER_NAME": name, "WORKER_SLOTS": str(self.slots), "MAX_CONCURRENT_PROVISIONS": str(self.cap), "DRAIN_SECONDS": "10", **self.lease.environment,
            **self.wired(name), "KUBECONFIG": str(self.folder / f"kubeconfig-{name}"),
            "HELM_PATH": str(self.folder / "helm"), "HELM_GUARD_PATH": str(self.binaries / "helm-guard"),
            "HELM_CHART_PATH": str(ROOT / "helm/store"), "HELM_CHART_PATH_MEDUSA": str(ROOT / "helm/medusa-store"),
        }
        if not self.stub:
            # What a stub installs has no data to keep.
            environment["VAULT_URL"] = f"http://127.0.0.1:{self.cluster_port}"
        if skewed:
            assert FAKETIME, "libfaketime is missing (Debian: apt-get install faketime)"
            # The wall clock alone: leases are judged by the monotonic one, which no administrator can set.
            environment |= {"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": SKEW, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        return self.program(name, program="store-worker", **environment)

    def start(self) -> None:
        recorder = (HERE / "helm_recorder.sh").read_text()
        for name, value in (("HELM", self.stub or os.environ["HELM_PATH"]), ("RECORD", self.record), ("LOCKS", self.folder / "locks"), ("SLOW", self.slow)):
            recorder = recorder.replace(f"@{name}@", str(value))
        (self.folder / "helm").write_text(recorder)
        (self.folder / "helm").chmod(0o755)
        for server in ("postgres", "redis"):
            (self.folder / server).mkdir()
            (self.folder / server / "password").write_text(self.password)
        self.server("postgres", "start", "--port", str(self.postgres_port), "--guard", str(os.getpid()), "-c", "max_connections=200")
        self.server("postgres", "database", "storeweaver", "--port", str(self.postgres_port))
        self.server("redis", "start", "--port", str(self.redis_port), "--guard", str(os.getpid()))
        subprocess.run([self.binaries / "storectl", "migrate"], env=self.environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        self.cluster.start()
        until(lambda: self.kubeconfig.exists() and self.kubeconfig.stat().st_size > 0, "the simulated cluster")
        # It carries the token.
        self.cluster_server = self.kubeconfig.read_text().split("server: ")[1].split()[0]
        for worker in self.workers:
            wire = self.wires.add(worker.name, "Kubernetes", int(self.cluster_server.rsplit(":", 1)[1].split("/")[0]))
            kubeconfig = self.kubeconfig.read_text().replace(f":{wire.target}", f":{wire.port}")
            pathlib.Path(worker.environment["KUBECONFIG"]).write_text(kubeconfig)
        for program in (*self.apis, *self.workers):
            program.start()
        until(lambda: self.healthy(), "the installation's health")

    def expect_running(self, *programs: Program) -> None:
        for program in programs:
            if not program.runs:
                raise RuntimeError(f"{program.name} ended while it started: {program.log.read_text()[-1000:]}")

    def healthy(self) -> bool:
        """That the first API says so; an error once a program ended instead."""
        self.expect_running(*self.apis, *self.workers)
        try:
            return ask(f"http://127.0.0.1:{self.api_ports[0]}/api/health", timeout=5).status == 200
        except OSError:
            return False

    def stop(self) -> None:
        for program in (*self.workers, *self.apis, self.cluster):
            program.thaw()
            program.send(signal.SIGTERM)
        for program in (*self.workers, *self.apis, self.cluster):
            program.end(30)
        for server in ("redis", "postgres"):
            self.server(server, "kill", check=False)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def server(self, server: str, command: str, *arguments: str, check: bool = True) -> None:
        library(server, self.folder / server, command, *arguments, check=check)

    # What is asked

    def sql(self, query: str, *values) -> list[tuple]:
        """Tries again while PostgreSQL is away: it is one of the things that are hurt."""
        deadline = time.monotonic() + 60
        while True:
            try:
                with psycopg.connect(self.database_url, autocommit=True, connect_timeout=5) as connection:
                    cursor = connection.execute(query, values)
                    return cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def helm_namespaces(self, since: float = 0) -> set[str]:
        """Where a Helm that changes something and began after `since` (seconds of the boot clock) runs now, by the record."""
        running: dict[str, str] = {}
        for line in self.record.read_text().splitlines():
            event, moment, pid, namespace, _ = line.split(" ", 4)
            if event == "begin" and int(moment) / 1000 > since:
                running[pid] = namespace
            elif event == "end":
                running.pop(pid, None)
        return set(running.values())

    @property
    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.redis_url, decode_responses=True, socket_timeout=5)

    def kubernetes(self, method: str, path: str, body=None) -> dict:
        return ask(self.cluster_server + path, method, body).good().body or {}

    def ask(self, method: str, path: str, body=None) -> dict:
        """What the first API answers; fails for a refusal."""
        return ask(f"http://127.0.0.1:{self.api_ports[0]}{path}", method, body).good().body
