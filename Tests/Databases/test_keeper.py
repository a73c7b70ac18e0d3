"""A store's data goes through dump, pipe, restic, vault and storage, and comes back; and what is not whole never counts."""

import errno
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess

import pytest
from keepers import Keeper, StoreData
from polling import until
from servers import ENGINES, MySQL, PostgreSQL, own
from vaults import Vault


@pytest.fixture(scope="module")
def vault():
    it = Vault()
    yield it
    it.close()


@pytest.fixture(scope="module", params=ENGINES, ids=lambda it: it.__name__)
def server(request):
    it = request.param()
    it.start()
    it.until_usable()
    yield it
    it.close()


@pytest.fixture
def data(server):
    it = StoreData(server)
    it.make()
    return it


@pytest.fixture
def uploads(tmp_path):
    it = pathlib.Path(tmp_path) / "uploads"
    (it / "2026/11").mkdir(parents=True)
    (it / "2026/11/tee.jpg").write_bytes(os.urandom(300_000))
    (it / "Zoë's.txt").write_text("kept")
    for folder in (it, *it.parents[:3]):
        folder.chmod(0o755)
    own(it, *it.rglob("*"))
    return it


@pytest.fixture
def keeper(vault, server, data, uploads):
    it = Keeper(vault, server, f"a{random.getrandbits(44):011x}", uploads)
    yield it
    it.close()


def test_the_first_order_comes_back_and_the_second_is_gone(keeper, data, uploads):
    text = data.text()
    data.order()
    taken = keeper.backup()
    assert (taken["products"], taken["orders"]) == (2, 1)
    assert taken["databaseBytes"] > 500 and taken["fileBytes"] == 300_004 and taken["addedBytes"] > 300_000
    assert [it["tags"] for it in keeper.snapshots()] == [["backup=b00000000001"]] * 2

    data.order()
    data.say("CREATE TABLE made_since (id int)")
    picture = (uploads / "2026/11/tee.jpg").read_bytes()
    (uploads / "2026/11/tee.jpg").write_bytes(b"defaced")
    (uploads / "Zoë's.txt").unlink()
    (uploads / "surplus/deep").mkdir(parents=True)
    (uploads / "surplus/deep/file").write_text("x")
    own(*uploads.rglob("*"))
    for _ in range(2):
        assert keeper.restore(taken) == (0, {"restored": True, "products": taken["products"], "orders": taken["orders"]}), keeper.said()
        assert data.orders() == 1 and data.text() == text
        assert data.server.client("SELECT * FROM made_since").returncode != 0
        assert (uploads / "2026/11/tee.jpg").read_bytes() == picture
        assert sorted(it.name for it in uploads.rglob("*")) == ["11", "2026", "Zoë's.txt", "tee.jpg"]
        data.order()

    again = keeper.backup("b00000000002")
    assert again["orders"] == 2 and again["addedBytes"] < 50_000


def test_nothing_secret_is_an_argument_in_an_environment_or_said(keeper, server):
    keeper.begin("backup", "append", KEEPER_BACKUP="b00000000001")
    repository = (keeper.folder / "secrets/repository").read_text()
    secrets = [keeper.password, repository.split(":")[2].split("@")[0], *(it.read_text() for it in server.secrets.iterdir())]
    sessions, seen = {it.pid for it in keeper.halves.values()}, set()
    while any(it.poll() is None for it in keeper.halves.values()):
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.getsid(int(folder.name)) in sessions:
                    seen.add((folder / "cmdline").read_bytes() + (folder / "environ").read_bytes())
            except (OSError, ProcessLookupError):
                pass  # it ended meanwhile
    code, result = keeper.end()
    assert code == 0
    assert any(b"restic\0" in it for it in seen) and any(b"dump\0" in it for it in seen) and any(b"curl\0" in it for it in seen)
    said = keeper.said() + str(result) + keeper.vault.said()
    for secret in secrets:
        assert not [it for it in seen if secret.encode() in it]
        assert secret not in said
    # What the database's half needs for itself is gone with it.
    assert not list((keeper.folder / "work").glob("database.*/*"))


@pytest.mark.long
@pytest.mark.parametrize("victim", ["the client", "database", "keeper"])
def test_a_dump_that_is_killed_is_no_snapshot(keeper, data, victim):
    data.grow(24)
    whole = keeper.backup()
    keeper.begin("backup", "append", KEEPER_BACKUP="b00000000002")
    keeper.until(lambda: (keeper.folder / "work/pipe.writing").exists(), "a dump that has begun")
    if victim == "the client":
        keeper.until(lambda: client_of(keeper), "the dumping client")
        os.kill(client_of(keeper), signal.SIGKILL)
    else:
        keeper.kill(victim)
    code, result = keeper.end()
    assert code != 0
    if victim == "the client":
        assert result["error"] == "dump-failed" and "the dump failed" in result["message"]
    if victim == "database":
        assert result["error"] == "dump-failed"
    assert {it["id"] for it in keeper.snapshots()} == {whole["snapshot"], whole["files"]}
    # A later one goes on from there.
    assert keeper.backup("b00000000003")["products"] == 2


def client_of(keeper) -> int | None:
    """The process of the database's half that dumps."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            if os.getsid(int(folder.name)) == keeper.halves["database"].pid and (b"mysqldump\0" in words or b"pg_dump\0" in words):
                return int(folder.name)
        except (OSError, ProcessLookupError):
            pass  # it ended meanwhile
    return None


def test_a_store_without_uploads_is_saved_and_has_none_again(keeper, data, uploads):
    """restic makes no snapshot of an empty folder, which every new Medusa store has."""
    for it in uploads.iterdir():
        shutil.rmtree(it) if it.is_dir() else it.unlink()
    taken = keeper.backup()
    assert taken["files"] == "" and taken["fileBytes"] == 0
    (uploads / "later.txt").write_text("x")
    assert keeper.restore(taken)[0] == 0, keeper.said()
    assert list(uploads.iterdir()) == []


def runs(program: pathlib.Path) -> bool:
    """A child that was forked while the file was written has it open for a moment more: shells look for another of that name then."""
    try:
        subprocess.run([program], stdout=subprocess.DEVNULL, check=False)
        return True
    except OSError as error:
        assert error.errno == errno.ETXTBSY, error
        return False


@pytest.mark.parametrize("text, status", [("", 0), ("CREATE TABLE half (", 0), ("-- Dump completed\n-- PostgreSQL database dump complete\n", 1)])
def test_a_dump_that_is_empty_or_cut_or_failed_is_no_snapshot(keeper, tmp_path, text, status):
    """By clients that say nothing is wrong, or that something is."""
    for name in ("mysqldump", "pg_dump"):
        (tmp_path / name).write_text(f"#!/bin/sh\nprintf '%s' '{text}'\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
        until(lambda: runs(tmp_path / name), f"{name} to be closed by all", 30, 0.01)
    own(tmp_path)
    keeper.path = f"{tmp_path}:"
    code, result = keeper.begin("backup", "append", KEEPER_BACKUP="b00000000001").end()
    assert code != 0 and result["error"] == "dump-failed", result
    assert keeper.snapshots() == []


def test_each_way_in_which_a_backup_fails_has_its_own_code(keeper, vault):
    keeper.backup()
    keeper.timeout = 1
    append = {"task": "backup", "right": "append", "KEEPER_BACKUP": "b00000000002"}

    def failure(**changed) -> str:
        code, result = keeper.begin(**{**append, **changed}).end()
        assert code != 0 and result["message"]
        return result["error"]

    keeper.password, right = "another", keeper.password
    assert failure() == "wrong-key"
    keeper.password = right
    keeper.address = vault.address(keeper.store, "append", seconds=-1)
    assert failure() == "vault-refused"
    keeper.address = vault.address("a00000000002", "append").replace("/a00000000002/", f"/{keeper.store}/")
    assert failure() == "vault-refused"
    keeper.address = f"http://{keeper.store}:token@127.0.0.1:1/{keeper.store}/"
    assert failure() == "vault-away"
    keeper.address = None
    assert failure(right="read") == "vault-refused"
    assert failure(KEEPER_DATABASE_PORT="1") == "dump-failed"
    assert failure(KEEPER_BACKUP="../x") == "task-failed"
    assert len(keeper.snapshots()) == 2


@pytest.mark.long
def test_each_way_in_which_a_restore_fails_has_its_own_code_and_harms_nothing(keeper, data):
    data.order()
    taken = keeper.backup()
    keeper.timeout = 2
    strange = "0" * 64
    assert keeper.restore({**taken, "snapshot": strange})[1]["error"] == "no-snapshot"
    assert keeper.restore({**taken, "files": strange})[1]["error"] == "no-snapshot"
    keeper.store, store = "a00000000009", keeper.store
    assert keeper.restore(taken)[1]["error"] == "no-repository"
    keeper.store = store
    keeper.uploads = None
    assert keeper.restore(taken)[1]["error"] == "files-failed"
    assert data.orders() == 1


@pytest.mark.long
@pytest.mark.parametrize("victims", [["database"], ["keeper"], ["database", "keeper"]], ids=" and ".join)
def test_a_restore_that_is_killed_is_done_by_the_next(keeper, data, victims):
    data.grow(24)
    data.order()
    taken = keeper.backup()
    data.order()
    keeper.begin("restore", "read", KEEPER_SNAPSHOT=taken["snapshot"], KEEPER_FILES=taken["files"])
    keeper.until(lambda: (keeper.folder / "work/pipe.writing").exists(), "a load that has begun")
    keeper.kill(*victims)
    if len(victims) == 1:
        code, _ = keeper.end()
        assert code != 0
    assert keeper.restore(taken)[0] == 0, keeper.said()
    assert data.orders() == 1


@pytest.mark.long
def test_a_dump_that_comes_back_cut_is_not_loaded(keeper, data, tmp_path):
    """By a restic that says nothing is wrong; PostgreSQL keeps what it has then."""
    taken = keeper.backup()
    data.order()
    (tmp_path / "restic").write_text(f"#!/bin/sh\ncase \" $* \" in *' dump '*) echo 'CREATE TABLE half (id int);' ;; *) exec {shutil.which('restic')} \"$@\" ;; esac\n")
    (tmp_path / "restic").chmod(0o755)
    own(tmp_path)
    keeper.path = f"{tmp_path}:"
    code, result = keeper.restore(taken)
    assert (code, result["error"]) == (1, "load-failed") and "not whole" in result["message"]
    if data.engine == "medusa":
        assert data.orders() == 1
    keeper.path = ""
    assert keeper.restore(taken)[0] == 0 and data.orders() == 0


@pytest.mark.long
@pytest.mark.parametrize("server", [PostgreSQL], indirect=True)
def test_postgresql_keeps_what_it_has_until_the_whole_dump_has_come(keeper, data):
    data.grow(24)
    taken = keeper.backup()
    data.order()
    keeper.begin("restore", "read", KEEPER_SNAPSHOT=taken["snapshot"], KEEPER_FILES=taken["files"])
    keeper.until(lambda: (keeper.folder / "work/pipe.writing").exists(), "a load that has begun")
    keeper.kill("keeper")
    keeper.end()
    assert data.orders() == 1


def test_prune_checks_the_repository_and_removes_what_is_forgotten(keeper, data, uploads):
    keeper.backup()
    data.order()
    (uploads / "2026/11/tee.jpg").write_bytes(os.urandom(300_000))
    second = keeper.backup("b00000000002")
    size = keeper.vault.size(keeper.store)
    code, result = keeper.prune("b00000000002", forgotten="b00000000001", right="append")
    assert (code, result["error"]) == (1, "vault-refused")
    assert keeper.prune()[1]["error"] == "task-failed", "a list that was lost keeps everything"
    # Of nobody knows what: a database that was brought back from before it was taken does not.
    assert keeper.prune("b00000000002") == (0, {"checked": True, "pruned": True}), keeper.said()
    assert len(keeper.snapshots()) == 4
    for _ in range(2):
        assert keeper.prune("b00000000002", "b00000000003", forgotten="b00000000001") == (0, {"checked": True, "pruned": True}), keeper.said()
    assert keeper.vault.size(keeper.store) < size - 250_000
    assert {it["id"] for it in keeper.snapshots()} == {second["snapshot"], second["files"]}
    assert keeper.restore(second)[0] == 0 and data.orders() == 1


def test_a_damaged_repository_is_told_and_nothing_is_removed_from_it(keeper, vault, uploads):
    keeper.backup()
    (uploads / "2026/11/tee.jpg").write_bytes(os.urandom(300_000))
    keeper.backup("b00000000002")
    pack = max((it for it in (vault.folder / keeper.store).glob("data/*/*")), key=lambda it: it.stat().st_size)
    whole = pack.read_bytes()
    pack.chmod(0o644)
    pack.write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
    code, result = keeper.prune("b00000000002")
    assert (code, result["error"]) == (1, "check-failed"), keeper.said()
    assert len(keeper.snapshots()) == 4
    pack.unlink()
    assert keeper.prune("b00000000002", check="1/12")[1]["error"] == "check-failed"
    pack.write_bytes(whole)
    assert keeper.prune("b00000000002", forgotten="b00000000001")[0] == 0, keeper.said()
    assert len(keeper.snapshots()) == 2


@pytest.mark.long
def test_what_a_killed_maker_of_a_repository_left_is_no_obstacle(keeper, vault):
    key = b"a key that never got its config"
    name = hashlib.sha256(key).hexdigest()
    token = vault.token(keeper.store, "append")
    assert vault.ask("POST", f"/{keeper.store}/?create=true", token)[0] == 200
    assert vault.ask("POST", f"/{keeper.store}/keys/{name}", token, body=key)[0] == 200
    assert keeper.backup()["products"] == 2
    # From then on keys stay.
    keys = json.loads(vault.ask("GET", f"/{keeper.store}/keys/", token)[2])
    assert len(keys) == 1 and keys[0]["name"] != name
    assert vault.ask("DELETE", f"/{keeper.store}/keys/{keys[0]['name']}", token)[0] == 403


def test_products_and_orders_are_counted_without_a_vault_and_nothing_changes(keeper, data):
    data.order()
    saved = keeper.backup()
    data.order()
    assert keeper.count() == (0, {"counted": True, "products": saved["products"], "orders": saved["orders"] + 1})
    data.say("DROP TABLE wp_posts" if data.engine == "woocommerce" else "DROP TABLE product CASCADE")
    assert keeper.count() == (0, {"counted": True, "products": 0, "orders": 0})
    keeper.server.stop()
    keeper.timeout = 2
    code, told = keeper.count()
    keeper.server.start()
    keeper.server.until_usable()
    assert (code, told["error"]) == (1, "count-failed"), told


@pytest.mark.parametrize("server", [MySQL], indirect=True, ids=["MySQL"])
def test_orders_are_counted_where_woocommerce_keeps_them(keeper, data):
    data.order()
    data.say("CREATE TABLE wp_wc_orders (id int, type varchar(20), status varchar(20))")
    data.say("INSERT INTO wp_wc_orders VALUES (1, 'shop_order', 'wc-completed'), (2, 'shop_order', 'wc-processing'), "
             "(3, 'shop_order_refund', 'wc-completed'), (4, 'shop_order', 'trash')")
    assert keeper.backup()["orders"] == 1
    data.say("INSERT INTO wp_options VALUES ('woocommerce_custom_orders_table_enabled', 'yes')")
    assert keeper.backup("b00000000002")["orders"] == 2


@pytest.mark.long
def test_a_restic_that_tries_a_full_storage_again_and_again_is_stopped(keeper, tmp_path):
    """As restic 0.18.0 does, for a quarter of an hour."""
    keeper.backup()
    (tmp_path / "restic").write_text('#!/bin/sh\necho "Save(<data/1>) returned error, retrying after 1s: unexpected HTTP response (507)" >&2\nexec sleep 900\n')
    (tmp_path / "restic").chmod(0o755)
    own(tmp_path)
    keeper.path = f"{tmp_path}:"
    code, result = keeper.begin("backup", "append", KEEPER_BACKUP="b00000000002").end()
    assert (code, result["error"]) == (1, "vault-full")
