"""A database as a chart starts it: by the chart's own script, with its volume, run and secrets folders below one of ours, on the loopback."""

import atexit
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from polling import until
from ports import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Neither server runs as root.
USER = 65534 if os.geteuid() == 0 else None
DEADLINE = 120


def own(*paths: pathlib.Path) -> None:
    for path in paths:
        if USER is not None:
            os.chown(path, USER, USER)


class Server:
    """`data` is what the volume holds when the database is made."""

    script: pathlib.Path
    data: str
    stop_signal = signal.SIGTERM

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sw-db-", dir="/tmp"))
        self.volume, self.run, self.secrets = (self.folder / name for name in ("volume", "run", "secrets"))
        for it in (self.volume, self.run, self.secrets):
            it.mkdir()
        own(self.folder, self.volume, self.run, self.secrets)
        self.port, self.process = free_port(), None
        self.log = (self.folder / "log").open("w+b")

    def secret(self, name: str, text: str) -> None:
        (self.secrets / name).write_text(text)
        own(self.secrets / name)

    def environment(self) -> dict:
        return {"PATH": os.environ["PATH"], "VOLUME": str(self.volume), "RUN": str(self.run), "TMPDIR": str(self.folder)}

    def arguments(self) -> list:
        raise NotImplementedError

    def client(self, statement: str, user: str | None = None, password: str | None = None) -> subprocess.CompletedProcess:
        """Over TCP, as the app does."""
        raise NotImplementedError

    def start(self, *wrapper: str) -> subprocess.Popen:
        # A session of its own: what is killed is killed with all its children, as a container is.
        self.process = subprocess.Popen([*wrapper, "bash", self.script, *self.arguments()], env=self.environment(), user=USER, group=USER,
                                        extra_groups=None if USER is None else [], start_new_session=True, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, preexec_fn=self.take_signals)
        return self.process

    def take_signals(self) -> None:
        """As in a container: a shell in the background starts what it runs with SIGINT ignored, and no script can trap it again."""
        signal.signal(self.stop_signal, signal.SIG_DFL)

    def start_as_first_process(self) -> int:
        """In a namespace of its own, as in a container: the kernel keeps from it every signal that it does not handle. Its id, once it
        handles the one that ends it; the moment before, which a shell needs to read its first line, nobody can take from it."""
        self.start("unshare", "--user", "--map-current-user", "--pid", "--fork", "--kill-child")
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.until(lambda: children.read_text().split(), "a first process")
        first = int(children.read_text().split()[0])

        def handles() -> bool:
            # Before it is the script it is unshare's child, with the signal blocked for a moment and nobody to handle it then.
            if pathlib.Path(f"/proc/{first}/cmdline").read_bytes().startswith(b"unshare\0"):
                return False
            masks = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{first}/status").read_text().splitlines() if line.startswith("Sig"))
            return bool((int(masks["SigCgt"], 16) | int(masks["SigBlk"], 16)) >> (self.stop_signal - 1) & 1)
        self.until(handles, f"a first process that handles {self.stop_signal!r}")
        return first

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=DEADLINE)
        deadline = time.monotonic() + DEADLINE
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < deadline:
                os.killpg(self.process.pid, 0)
                time.sleep(0.02)

    def stop(self) -> int:
        self.process.send_signal(self.stop_signal)
        return self.process.wait(timeout=DEADLINE)

    def close(self) -> None:
        if self.process:
            self.kill()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def said(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def until(self, holds, what: str) -> None:
        until(holds, what, DEADLINE, 0.02, ended=lambda: self.process.poll() is not None, said=lambda: self.said()[-3000:])

    def until_usable(self) -> None:
        """Until the app's account can write and read, in the database that the app uses."""
        self.until(lambda: self.client("SELECT 1").returncode == 0, "a database that lets the app in")
        for statement in ("CREATE TABLE IF NOT EXISTS orders (id int)", "INSERT INTO orders VALUES (1)"):
            done = self.client(statement)
            assert done.returncode == 0, done.stderr

    def orders(self) -> int:
        return int(self.client("SELECT count(*) FROM orders").stdout)

    def unfinished(self) -> list[str]:
        return sorted(it.name for it in self.volume.iterdir() if it.name != self.data)


class MySQL(Server):
    script, data = ROOT / "helm/store/files/mysql-start", "data"

    def __init__(self):
        super().__init__()
        self.secret("mysql-root-password", "root's \\ password")
        self.secret("mysql-password", "p'w\\\"/+")

    def environment(self) -> dict:
        given = os.environ.get("MYSQL_BIN")
        path = f"{given}:{os.environ['PATH']}" if given else os.environ["PATH"]
        return {**super().environment(), "PATH": path, "SECRETS": str(self.secrets)}

    def arguments(self) -> list:
        return [f"--port={self.port}", "--bind-address=127.0.0.1", "--mysqlx=OFF", "--skip-log-bin", "--secure-file-priv=NULL",
                "--performance-schema=OFF", "--innodb-buffer-pool-size=64M", "--skip-name-resolve"]

    def client(self, statement, user=None, password=None):
        password = password or (self.secrets / "mysql-password").read_text()
        return self.mysql(["--protocol=tcp", "--host=127.0.0.1", f"--port={self.port}", f"--user={user or 'wordpress'}"], statement, password)

    def as_root(self, statement: str, password: str) -> subprocess.CompletedProcess:
        """By the socket, as in the pod."""
        return self.mysql([f"--socket={self.run}/mysqld.sock", "--user=root"], statement, password)

    def mysql(self, where: list, statement: str, password: str) -> subprocess.CompletedProcess:
        environment = {"PATH": self.environment()["PATH"], "MYSQL_PWD": password}
        return subprocess.run(["mysql", *where, "--batch", "--skip-column-names", f"--execute={statement}", "wordpress"], env=environment,
                              capture_output=True, text=True, timeout=60, check=False)


class CopiedMySQL(MySQL):
    """From an image that has an initialised data directory (docker/store-mysql), which is made once for all."""

    seed: pathlib.Path | None = None

    def __init__(self):
        super().__init__()
        if CopiedMySQL.seed is None:
            CopiedMySQL.seed = self.make_seed()

    def make_seed(self) -> pathlib.Path:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sw-mysql-seed-", dir="/tmp"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        own(folder)
        subprocess.run(["mysqld", "--initialize-insecure", f"--datadir={folder}/data", "--innodb-redo-log-capacity=8M", "--performance-schema=OFF", "--skip-log-bin"],
                       env={"PATH": super().environment()["PATH"]}, user=USER, group=USER, extra_groups=None if USER is None else [], check=True, capture_output=True)
        for it in [folder / "data/auto.cnf", *folder.glob("data/*.pem")]:
            it.unlink()
        return folder / "data"

    def environment(self) -> dict:
        return {**super().environment(), "SEED": str(self.seed)}


class PostgreSQL(Server):
    script, data = ROOT / "helm/medusa-store/files/postgres-start", "pgdata"
    # The official image's stop signal: end sessions, then the server.
    stop_signal = signal.SIGINT
    name = "medusa"

    def __init__(self):
        super().__init__()
        self.secret("postgres-password", "p'w\\\"/+")

    def environment(self) -> dict:
        programs = shutil.which("initdb") or max(map(str, pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")), default="")
        assert programs, "PostgreSQL's initdb is not installed"
        return {**super().environment(), "PATH": f"{pathlib.Path(programs).parent}:{os.environ['PATH']}", "NAME": self.name,
                "PASSWORD_FILE": str(self.secrets / "postgres-password")}

    def arguments(self) -> list:
        return ["-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=64MB"]

    def client(self, statement, user=None, password=None):
        environment = {"PATH": self.environment()["PATH"], "PGPASSWORD": password or (self.secrets / "postgres-password").read_text()}
        return subprocess.run(["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", user or "medusa", "-d", "medusa", "-X", "-q", "-A", "-t", "-w", "-c", statement],
                              env=environment, capture_output=True, text=True, timeout=60, check=False)


ENGINES = (MySQL, PostgreSQL)
# The ways in which a volume is filled at its first start.
FIRST_STARTS = (MySQL, CopiedMySQL, PostgreSQL)
