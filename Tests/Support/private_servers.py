"""A PostgreSQL and a Redis of a test's own, as scripts/lib starts them. PYTHONPATH has this folder."""

import os
import pathlib
import subprocess
import urllib.parse

from ports import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]


def library(kind: str, folder: pathlib.Path, command: str, *words, check: bool = True) -> None:
    """`kind`: postgres or redis, whose script in scripts/lib tells the commands."""
    command = [ROOT / "scripts/lib" / kind, command, folder, *map(str, words)]
    subprocess.run(command, check=check, timeout=120, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


class Server:
    """One that runs, in a folder and on a port of its own. `options`: more words for its start."""

    def __init__(self, kind: str, folder: pathlib.Path, password: str = "", *options: str):
        self.kind, self.folder, self.port, self.password = kind, folder, free_port(), password
        folder.mkdir(mode=0o755)
        if password:
            (folder / "password").write_text(password)
        self.start(*options)

    def library(self, command: str, *words) -> None:
        library(self.kind, self.folder, command, *words)

    def start(self, *options: str) -> None:
        # With this process it ends, however that ends.
        self.library("start", "--port", self.port, "--guard", os.getpid(), *options)

    def stop(self) -> None:
        self.library("stop")

    def database(self, name: str) -> str:
        """The address of a new one, for `storeweaver`."""
        self.library("database", name, "--port", self.port)
        return f"postgresql://{self.account('storeweaver')}127.0.0.1:{self.port}/{name}"

    @property
    def url(self) -> str:
        """Redis's."""
        return f"redis://{self.account('default') if self.password else ''}127.0.0.1:{self.port}"

    def account(self, user: str) -> str:
        return f"{user}:{urllib.parse.quote(self.password, safe='')}@" if self.password else f"{user}@"

    def process(self) -> int:
        file = self.folder / ("data/postmaster.pid" if self.kind == "postgres" else "pid")
        return int(file.read_text().split()[0])
