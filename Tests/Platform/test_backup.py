"""The chart's backup and restore, run against a real PostgreSQL: what the CronJob's pod and deploy/k3s/restore's do."""

import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile

import psycopg
import pytest
from charts import ROOT
from platform_chart import RELEASE, render
from private_servers import Server

FILES = ROOT / "helm/platform/files"


class Database(Server):
    def __init__(self, place: pathlib.Path):
        place.chmod(0o755)
        super().__init__("postgres", place / "server", secrets.token_hex(12))
        self.place, self.address = place, self.database("storeweaver")

    def query(self, text: str) -> list:
        with psycopg.connect(self.address, autocommit=True) as connection:
            cursor = connection.execute(text)
            return cursor.fetchall() if cursor.description else []

    def run(self, script: str, *words: str, **told) -> subprocess.CompletedProcess:
        process = self.begin(script, *words, **told)
        said, complained = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, said, complained)

    def begin(self, script: str, *words: str, keep: int = 3, password: str | None = None, patience: int = 30) -> subprocess.Popen:
        file = self.place / "given"
        file.write_text(password or self.password)
        environment = {"PATH": os.environ["PATH"], "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "storeweaver", "PGDATABASE": "storeweaver",
                       "PASSWORD_FILE": str(file), "BACKUPS": str(self.backups), "KEEP": str(keep), "TMPDIR": str(self.temporary),
                       "AWAIT_SECONDS": str(patience)}
        return subprocess.Popen(["sh", FILES / script, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    @property
    def backups(self) -> pathlib.Path:
        return self.place / "backups"

    @property
    def temporary(self) -> pathlib.Path:
        return self.place / "temporary"

    def dumps(self) -> list[str]:
        return sorted(it.name for it in self.backups.iterdir())


@pytest.fixture(scope="module")
def server():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sw-backup-", dir="/tmp"))
    it = Database(folder)
    yield it
    it.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server):
    server.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE stores (name text PRIMARY KEY); INSERT INTO stores VALUES ('acme')")
    for folder in (server.backups, server.temporary):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    return server


def dump(database) -> str:
    done = database.run("backup")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[1].rstrip(",")


def test_what_was_dumped_comes_back_and_what_came_later_goes(database):
    name = dump(database)
    assert database.dumps() == [name]
    database.query("DELETE FROM stores; CREATE TABLE later (id int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    done = database.run("restore", name)
    assert done.returncode == 0, done.stderr
    assert database.query("SELECT name FROM stores") == [("acme",)]
    assert database.query("SELECT to_regclass('later') IS NULL AND to_regproc('f') IS NULL") == [(True,)]
    assert database.query("SELECT count(*) FROM pg_constraint WHERE conname = 'stores_pkey'") == [(1,)]


def test_the_newest_are_kept(database):
    for day in range(1, 6):
        (database.backups / f"storeweaver-2020010{day}T000000Z.dump").write_text("old")
    (database.backups / "somebody-elses.dump").write_text("x")
    done = database.run("backup", keep=3)
    assert done.returncode == 0, done.stderr
    assert [it for it in database.dumps() if it.startswith("storeweaver-2020")] == [f"storeweaver-2020010{day}T000000Z.dump" for day in (4, 5)]
    assert "somebody-elses.dump" in database.dumps() and len(database.dumps()) == 4


def test_a_backup_that_fails_says_so_and_removes_nothing(database):
    old = [f"storeweaver-2020010{day}T000000Z.dump" for day in range(1, 6)]
    for name in old:
        (database.backups / name).write_text("old")
    done = database.run("backup", keep=1, password="wrong")
    assert done.returncode != 0 and "password authentication failed" in done.stderr
    assert database.dumps() == old


@pytest.mark.parametrize("kept", [0, 0.5, 0.95])
def test_a_broken_dump_changes_nothing(database, kept):
    database.query("INSERT INTO stores SELECT 'store-' || n FROM generate_series(1, 5000) AS n")
    name = dump(database)
    path = database.backups / name
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    database.query("DELETE FROM stores WHERE name <> 'acme'")
    assert database.run("restore", name).returncode != 0
    assert database.query("SELECT name FROM stores") == [("acme",)]


@pytest.mark.parametrize("script", ["backup", "restore"])
def test_it_waits_for_a_server_that_is_not_there_yet(database, script):
    name = dump(database)
    database.stop()
    process = database.begin(script, *([name] if script == "restore" else []))
    try:
        # Nobody answers: it has gone on to ask again.
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=2)
    finally:
        database.start()
    _, complained = process.communicate(timeout=60)
    assert process.returncode == 0, complained


def test_it_does_not_wait_for_ever(database):
    database.stop()
    try:
        done = database.run("backup", patience=1)
    finally:
        database.start()
    assert done.returncode == 1 and "no PostgreSQL at 127.0.0.1 within 1 s" in done.stderr
    assert database.dumps() == []


def test_nothing_is_left_lying_about(database):
    name = dump(database)
    assert database.run("restore", name).returncode == 0
    assert list(database.temporary.iterdir()) == []
    assert (database.backups / name).stat().st_mode & 0o077 == 0


def test_the_pod_gives_the_scripts_what_they_ask_for():
    objects = render()
    container = objects.find("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    assert {it["name"] for it in container["env"]} == {"PGHOST", "PGUSER", "PGDATABASE", "PASSWORD_FILE", "BACKUPS", "KEEP"}
    for name in ("backup", "restore", "await-postgres"):
        assert objects.find("ConfigMap", f"{RELEASE}-backup")["data"][name] == (FILES / name).read_text()
