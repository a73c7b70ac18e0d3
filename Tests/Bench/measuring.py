"""What every benchmark shares: private servers with default durability, CPU times of processes, interleaved rounds, medians and verdicts."""

import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import tempfile

import psycopg
import redis
from private_servers import Server

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
BIN = pathlib.Path(os.environ.get("BIN", ROOT / ".build/release"))
TICK = os.sysconf("SC_CLK_TCK")


class Servers:
    """A PostgreSQL and a Redis of their own, as scripts/up starts them; gone with the folder."""

    def __init__(self, postgres: bool = True, options: tuple[str, ...] = ()) -> None:
        """`options`: PostgreSQL's settings beside its defaults, as name=value."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sw-bench-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.servers = [Server("redis", self.folder / "redis")]
        self.redis_port, self.redis_url = self.servers[0].port, self.servers[0].url + "/0"
        self.redis = redis.Redis(port=self.redis_port, decode_responses=True)
        self.database_url = ""
        if postgres:
            self.servers.append(Server("postgres", self.folder / "postgres", "", *(word for option in options for word in ("-c", option))))
            self.database_url = self.database("bench")

    def database(self, name: str) -> str:
        """A new database's address."""
        return self.servers[1].database(name)

    def sql(self, text: str, *values):
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(text, values)
            return cursor.fetchall() if cursor.description else []

    def redis_cpu(self) -> float:
        """In seconds."""
        info = self.redis.info("cpu")
        return info["used_cpu_user"] + info["used_cpu_sys"]

    def postgres_cpu(self) -> float:
        return tree_cpu(self.servers[1].process())

    def environment(self, **more: str) -> dict[str, str]:
        return {**os.environ, "REDIS_URL": self.redis_url, "DATABASE_URL": self.database_url, **more}

    def __enter__(self) -> "Servers":
        return self

    def __exit__(self, *_) -> None:
        for server in self.servers:
            server.library("kill")
        shutil.rmtree(self.folder, ignore_errors=True)


def tree(pid: int) -> list[int]:
    """The process and all that descend from it."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in pathlib.Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def tree_cpu(pid: int) -> float:
    """User and system seconds of a process, of all that descend from it, and of those of them that ended."""
    ticks = 0
    for member in tree(pid):
        with contextlib.suppress(OSError):
            ticks += sum(int(field) for field in pathlib.Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()[11:15])
    return ticks / TICK


def memory_mib(pid: int, peak: bool = False) -> float:
    """Resident memory of a process and all that descend from it."""
    total = 0
    for member in tree(pid):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{member}/status").read_text().splitlines():
                if line.startswith("VmHWM:" if peak else "VmRSS:"):
                    total += int(line.split()[1])
    return total / 1024


def run_json(command: list, environment: dict[str, str], timeout: float = 300) -> dict:
    """Runs a program that prints one line of JSON at its end."""
    done = subprocess.run(
        [str(part) for part in command], env=environment, check=True, timeout=timeout, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout.splitlines()[-1])


@contextlib.contextmanager
def process(command: list, environment: dict[str, str], log: pathlib.Path, cwd: pathlib.Path = ROOT):
    """A program that runs for the length of the block."""
    with log.open("ab") as sink:
        child = subprocess.Popen(
            [str(part) for part in command], env=environment, cwd=cwd, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


class Rounds:
    """Every contender once a round, in turn, so that a noisy moment meets them all."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.figures: dict[str, dict[str, list[float]]] = {}

    def run(self, contenders: dict) -> None:
        """`contenders`: by name what measures it once and gives figures by name."""
        for number in range(self.count):
            for name, measure in contenders.items():
                print(f"  round {number + 1} of {self.count}: {name}", flush=True)
                for figure, value in measure().items():
                    self.figures.setdefault(name, {}).setdefault(figure, []).append(value)

    def median(self, name: str, figure: str) -> float:
        return statistics.median(self.figures[name][figure])

    def ratio(self, name: str, other: str, figure: str) -> float:
        """The median of the rounds' ratios."""
        pairs = zip(self.figures[name][figure], self.figures[other][figure])
        return statistics.median(value / reference for value, reference in pairs)

    def table(self, columns: dict[str, str]) -> None:
        """`columns`: by figure its heading; what a contender does not have is left blank."""
        width = max(len(name) for name in self.figures)
        print("\n" + " " * width + "".join(f"{heading:>{max(12, len(heading) + 2)}}" for heading in columns.values()))
        for name, figures in self.figures.items():
            cells = []
            for figure, heading in columns.items():
                text = f"{statistics.median(figures[figure]):,.2f}".removesuffix(".00") if figure in figures else ""
                cells.append(f"{text:>{max(12, len(heading) + 2)}}")
            print(f"{name:<{width}}" + "".join(cells))


@dataclasses.dataclass
class Verdict:
    target: str
    value: float
    bound: float
    is_minimum: bool

    @property
    def is_met(self) -> bool:
        return self.value >= self.bound if self.is_minimum else self.value <= self.bound


class Verdicts:
    def __init__(self) -> None:
        self.all: list[Verdict] = []

    def at_least(self, target: str, value: float, bound: float) -> None:
        self.all.append(Verdict(target, value, bound, True))

    def at_most(self, target: str, value: float, bound: float) -> None:
        self.all.append(Verdict(target, value, bound, False))

    def end(self, figures, path: str | None) -> int:
        """Prints every verdict, writes the JSON file, and gives the exit status."""
        print()
        for verdict in self.all:
            print(
                f"{'met   ' if verdict.is_met else 'MISSED'}  {verdict.target}: {verdict.value:,.2f}"
                f" ({'at least' if verdict.is_minimum else 'at most'} {verdict.bound:,.2f})"
            )
        if path:
            report = {"figures": figures, "verdicts": [{**dataclasses.asdict(each), "met": each.is_met} for each in self.all]}
            pathlib.Path(path).write_text(json.dumps(report, indent=1) + "\n")
        return 0 if all(verdict.is_met for verdict in self.all) else 1


def arguments(description: str, rounds: int = 3) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--json", help="a file for all figures")
    return parser
