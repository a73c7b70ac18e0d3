"""A real PostgreSQL and Redis for one run, on ports and passwords of their own."""

import os
import pathlib
import secrets
import signal
import subprocess

import psycopg
from ports import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Server:
    """One of scripts/lib/postgres and scripts/lib/redis in a folder."""

    def __init__(self, kind: str, folder: pathlib.Path):
        self.kind, self.folder, self.port = kind, folder, free_port()
        # With the characters that an address has to escape.
        self.password = secrets.token_hex(8) + "+/%:@"
        folder.mkdir(mode=0o755)
        (folder / "password").write_text(self.password)
        self.start()

    def library(self, command: str, *words) -> None:
        subprocess.run([ROOT / "scripts/lib" / self.kind, command, self.folder, *map(str, words)], check=True, timeout=60)

    def start(self) -> None:
        # With this process it ends, however that ends.
        self.library("start", "--port", self.port, "--guard", os.getpid())

    def stop(self) -> None:
        self.library("stop")

    def ask(self, *words: str) -> str:
        """What Redis answers to a command."""
        command = ["redis-cli", "-p", str(self.port), "--no-auth-warning", "-a", self.password, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    def processes(self) -> list[int]:
        """The server's own, and those that it forked."""
        file = self.folder / ("data/postmaster.pid" if self.kind == "postgres" else "pid")
        parent = int(file.read_text().split()[0])
        found = [parent]
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                    found.append(int(path.parent.name))
            except OSError:
                continue
        return found

    def freeze(self):
        """Keeps its port and answers nothing, until the `with` ends."""
        return Frozen(self.processes())


class Frozen:
    def __init__(self, processes: list[int]):
        self.processes = processes

    def __enter__(self):
        for process in self.processes:
            os.kill(process, signal.SIGSTOP)

    def __exit__(self, *_):
        for process in self.processes:
            os.kill(process, signal.SIGCONT)


class Database:
    """A database of its own on the server."""

    def __init__(self, server: Server, name: str):
        self.server, self.name = server, name
        server.library("database", name, "--port", server.port)

    def connect(self, **options) -> psycopg.Connection:
        return psycopg.connect(host="127.0.0.1", port=self.server.port, user="storeweaver", password=self.server.password, dbname=self.name, **options)

    def query(self, text: str, *values) -> list[tuple]:
        with self.connect(autocommit=True) as connection:
            cursor = connection.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []

    def setup(self, name: str) -> dict | None:
        """What the set-up remembers under a name."""
        rows = self.query("SELECT value FROM store_weaver.setup WHERE name = %s", name)
        return rows[0][0] if rows else None

    def dump(self) -> str:
        """All that is in it, without psql's own lines, which are never alike."""
        done = subprocess.run(
            ["pg_dump", "--host=127.0.0.1", f"--port={self.server.port}", "--username=storeweaver", "--inserts", self.name],
            env={**os.environ, "PGPASSWORD": self.server.password}, check=True, capture_output=True, text=True, timeout=60,
        )
        return "\n".join(line for line in done.stdout.splitlines() if not line.startswith("\\"))
