"""The programs behind a real pgbouncer: one that pools sessions serves them, one that pools less stops their start with the reason."""

import contextlib
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile

import pytest
from asking import ask
from charts import ROOT
from ports import await_port, free_port
from private_servers import Server

PROGRAMS = ROOT / ".build/debug"
# pgbouncer refuses to run as root.
USER = "nobody" if os.geteuid() == 0 else None


class Servers:
    def __init__(self, folder: pathlib.Path):
        folder.chmod(0o755)
        self.folder, self.password = folder, secrets.token_hex(12)
        self.postgres, self.redis = Server("postgres", folder / "postgres", self.password), Server("redis", folder / "redis")
        self.postgres.database("storeweaver")

    def stop(self) -> None:
        self.redis.stop()
        self.postgres.stop()

    @contextlib.contextmanager
    def pooler(self, mode: str):
        """Yields the environment of a program whose database is behind a pgbouncer of this mode."""
        port, folder = free_port(), pathlib.Path(tempfile.mkdtemp(prefix="pooler-", dir=self.folder))
        (folder / "users").write_text(f'"storeweaver" "{self.password}"\n')
        (folder / "pgbouncer.ini").write_text(f"""
[databases]
storeweaver = host=127.0.0.1 port={self.postgres.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = {mode}
""")
        if USER:
            shutil.chown(folder, USER)
            for file in folder.iterdir():
                shutil.chown(file, USER)
        with (folder / "log").open("wb") as log:
            command = [shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin"), folder / "pgbouncer.ini"]
            process = subprocess.Popen(command, user=USER, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        given = folder / "secrets"
        given.mkdir()
        (given / "database-url").write_text(f"postgresql://storeweaver:{self.password}@127.0.0.1:{port}/storeweaver\n")
        (given / "redis-url").write_text(f"{self.redis.url}\n")
        try:
            await_port(port, process, folder / "log")
            yield {"PATH": os.environ["PATH"], "HOME": str(self.folder), "SECRETS_DIR": str(given)}
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def servers():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sw-pooler-", dir="/tmp"))
    it = Servers(folder)
    yield it
    it.stop()
    shutil.rmtree(folder, ignore_errors=True)


def storectl(environment: dict, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run([PROGRAMS / "storectl", *words], env=environment, capture_output=True, text=True, timeout=120)


def test_a_pooler_of_sessions_serves_the_migrator_and_the_api(servers):
    with servers.pooler("session") as environment:
        migrated = storectl(environment, "migrate", "--wait", "30")
        assert migrated.returncode == 0, migrated.stderr
        # Nothing is left to do: its lock was given back with its session.
        assert storectl(environment, "migrate", "--wait", "30").returncode == 0
        port = free_port()
        said = servers.folder / "api.log"
        with said.open("wb") as log:
            api = subprocess.Popen([PROGRAMS / "store-api"], env=environment | {"HOST": "127.0.0.1", "PORT": str(port)}, stdout=log, stderr=log)
        try:
            await_port(port, api, said)
            made = ask(f"http://127.0.0.1:{port}/api/stores", body={"name": "Pooled", "engine": "woocommerce"}).good().body["store"]
            listed = ask(f"http://127.0.0.1:{port}/api/stores").good().body["stores"]
            assert [it["id"] for it in listed] == [made["id"]]
        finally:
            api.terminate()
            api.wait(30)
        assert api.returncode == 0, said.read_text()


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize("program", [["storectl", "migrate"], ["store-api"]], ids=["storectl", "store-api"])
def test_a_pooler_of_less_stops_the_start_with_the_reason(servers, mode, program):
    with servers.pooler(mode) as environment:
        ended = subprocess.run([PROGRAMS / program[0], *program[1:]], env=environment | {"HOST": "127.0.0.1", "PORT": str(free_port())},
                               capture_output=True, text=True, timeout=60)
    assert ended.returncode != 0 and "pool_mode" in ended.stdout + ended.stderr, ended.stdout + ended.stderr


def test_doctor_names_a_pooler_of_less(servers):
    with servers.pooler("transaction") as environment:
        ended = storectl(environment, "doctor")
    assert ended.returncode != 0 and "pool_mode" in ended.stdout, ended.stdout + ended.stderr
