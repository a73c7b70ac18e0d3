"""A real PostgreSQL and Redis for one run, on ports and passwords of their own."""

import os
import pathlib
import secrets
import signal
import subprocess

import private_servers
import psycopg

ROOT = private_servers.ROOT


class Server(private_servers.Server):
    """One with a password, which can be asked and frozen."""

    def __init__(self, kind: str, folder: pathlib.Path):
        # With the characters that an address has to escape.
        super().__init__(kind, folder, secrets.token_hex(8) + "+/%:@")

    def ask(self, *words: str) -> str:
        """What Redis answers to a command."""
        command = ["redis-cli", "-p", str(self.port), "--no-auth-warning", "-a", self.password, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    def processes(self) -> list[int]:
        """The server's own, and those that it forked."""
        parent = self.process()
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
        server.database(name)

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
