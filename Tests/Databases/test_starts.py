"""What a start does with what it finds, and what it tells nobody."""

import os
import pathlib
import signal
import time

import pytest
from servers import DEADLINE, FIRST_STARTS, CopiedMySQL, MySQL, PostgreSQL, own


@pytest.fixture(params=FIRST_STARTS, ids=lambda it: it.__name__)
def server(request):
    it = request.param()
    yield it
    it.close()


@pytest.fixture
def copied():
    it = CopiedMySQL()
    yield it
    it.close()


@pytest.fixture
def mysql():
    it = MySQL()
    yield it
    it.close()


def test_data_that_is_there_is_used_as_it_is(server):
    server.start()
    server.until_usable()
    made = (server.volume / server.data).stat().st_ino
    assert server.stop() == 0
    server.start()
    server.until_usable()
    assert server.orders() == 2
    assert (server.volume / server.data).stat().st_ino == made


def test_two_copies_of_the_images_data_directory_are_two_servers(copied):
    """Each has an id and keys of its own, and lets nobody in without a password."""
    other = CopiedMySQL()
    try:
        for it in (copied, other):
            it.start()
            it.until_usable()
            assert it.as_root("SELECT 1", "").returncode != 0
        for name in ("auto.cnf", "ca-key.pem", "server-key.pem", "private_key.pem"):
            assert (copied.volume / "data" / name).read_bytes() != (other.volume / "data" / name).read_bytes()
    finally:
        other.close()
    assert not list(copied.seed.glob("*.pem"))
    assert "Initializ" not in copied.said()


def test_killed_while_it_serves_it_recovers(server):
    server.start()
    server.until_usable()
    server.kill()
    server.start()
    server.until_usable()
    assert server.orders() == 2


def test_what_a_killed_start_left_is_discarded(server):
    for name in ("scratch.abc", "discarded.abc"):
        (server.volume / name).mkdir()
        (server.volume / name / "ibdata1").write_text("half")
        own(server.volume / name, server.volume / name / "ibdata1")
    # A new volume of a disk of its own has this.
    (server.volume / "lost+found").mkdir()
    server.start()
    server.until_usable()
    assert server.unfinished() == ["lost+found"]


def test_what_is_no_database_is_not_touched(server):
    strange = server.volume / server.data
    strange.mkdir(mode=0o700)
    (strange / "somebody's").write_text("work")
    own(strange, strange / "somebody's")
    assert server.start().wait(timeout=DEADLINE) != 0
    assert (strange / "somebody's").read_text() == "work"


def test_told_to_end_while_it_initialises_it_ends(server):
    server.start()
    server.until(lambda: any(it.name.startswith("scratch.") for it in server.volume.iterdir()), "a scratch directory")
    assert server.stop() in (143, -signal.SIGTERM, -signal.SIGINT)
    server.kill()
    assert not (server.volume / server.data).exists()
    server.start()
    server.until_usable()


@pytest.mark.parametrize("initialised", [False, True])
@pytest.mark.parametrize("moment", [0, 0.5, 1, 2])
def test_as_a_containers_first_process_it_ends_when_it_is_told_to(server, initialised, moment):
    if initialised:
        server.start()
        server.until_usable()
        server.stop()
    first = server.start_as_first_process()
    time.sleep(moment)
    os.kill(first, server.stop_signal)
    # Were the signal lost, it would serve until it is killed.
    server.process.wait(timeout=DEADLINE)


def test_no_password_is_an_argument_or_in_the_environment(server):
    server.start()
    seen = set()

    def served() -> bool:
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.getsid(int(folder.name)) == server.process.pid:
                    seen.add((folder / "cmdline").read_bytes() + (folder / "environ").read_bytes())
            except (OSError, ProcessLookupError):
                pass  # it ended meanwhile
        return server.client("SELECT 1").returncode == 0
    server.until(served, "a database that lets the app in")
    assert len(seen) >= 2
    for secret in server.secrets.iterdir():
        assert not [it for it in seen if secret.read_bytes() in it]


def test_a_secret_that_is_empty_is_said(server):
    for it in server.secrets.iterdir():
        it.write_text("")
    assert server.start().wait(timeout=DEADLINE) != 0
    assert "is empty" in server.said()
    for it in server.secrets.iterdir():
        it.write_text("now there")
    server.start()
    server.until_usable()


def test_a_wrong_password_is_refused(server):
    server.start()
    server.until_usable()
    assert server.client("SELECT 1", password="wrong").returncode != 0


def test_mysql_has_the_secrets_passwords_after_each_start(mysql):
    mysql.start()
    mysql.until_usable()
    mysql.stop()
    old = (mysql.secrets / "mysql-password").read_text()
    mysql.secret("mysql-password", "another")
    mysql.secret("mysql-root-password", "another's root")
    mysql.start()
    mysql.until_usable()
    assert mysql.client("SELECT 1", password=old).returncode != 0
    assert mysql.as_root("SELECT 1", "another's root").returncode == 0


def test_mysql_makes_an_account_and_a_database_that_are_gone_again(mysql):
    mysql.start()
    mysql.until_usable()
    done = mysql.as_root("DROP USER wordpress@'%'; DROP DATABASE wordpress", (mysql.secrets / "mysql-root-password").read_text())
    assert done.returncode == 0, done.stderr
    mysql.stop()
    mysql.start()
    mysql.until_usable()
    assert mysql.orders() == 1


def test_mysqls_root_is_let_in_by_the_socket_with_its_password_alone(mysql):
    mysql.start()
    mysql.until_usable()
    password = (mysql.secrets / "mysql-root-password").read_text()
    assert mysql.as_root("SELECT 1", password).returncode == 0
    assert mysql.as_root("SELECT 1", "").returncode != 0
    assert mysql.client("SELECT 1", user="root", password=password).returncode != 0


def test_a_database_that_postgresql_cannot_make_is_said_and_nothing_is_kept():
    server = PostgreSQL()
    server.name = "postgres"
    try:
        assert server.start().wait(timeout=DEADLINE) != 0
        assert 'database "postgres" already exists' in server.said()
        assert not (server.volume / server.data).exists()
    finally:
        server.close()
