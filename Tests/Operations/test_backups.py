"""Backups under the operator's hand, on an installation without workers: what storectl accepts, refuses, shows and writes down."""

import base64
import json
import stat

import pytest
from operating import Operating
from sealing import sealed

KEYS = {name: f"{name}:{base64.b64encode(name.encode() * 16).decode()}" for name in ("k1", "k2")}


@pytest.fixture
def store(quiet: Operating) -> str:
    """A store as a worker leaves it, in an installation whose worker keeps backups."""
    made, _ = quiet.create("Saved")
    quiet.sql("UPDATE jobs SET state = 'succeeded' WHERE store_id = %s", made)
    quiet.sql(
        "UPDATE stores SET status = 'ready', first_ready_at = now(), ready_at = now(), applied_generation = 1, version = '1.1.0', database_mib = 5120,"
        " uploads_mib = 6144, host = 'saved.localhost' WHERE id = %s", made,
    )
    quiet.sql("INSERT INTO worker_reports (worker, version, slots, busy, kubernetes, helm, keeps_backups) VALUES ('w', '4', 1, 0, true, true, true)")
    return made


def work(quiet: Operating, store: str) -> None:
    """The worker's part of the store's queued job, whatever that is."""
    [(job, kind, backup)] = quiet.sql("SELECT id, kind, backup_id FROM jobs WHERE store_id = %s AND state = 'queued'", store)
    if kind == "backup":
        quiet.sql(
            "UPDATE backups SET status = 'done', finished_at = now(), snapshot = repeat('a', 64), database_bytes = 1000, file_bytes = 24, added_bytes = 10,"
            " products = 3, orders = 2 WHERE id = %s", backup,
        )
    quiet.sql("SELECT claim_job(%s, 'w', 'attempt', 60, 9, 9)", job)
    quiet.sql(
        "SELECT settle_job(j.id, j.namespace, j.fence, 'attempt', %s, 'http://saved.localhost', NULL, NULL, false, 0, NULL) FROM jobs j WHERE j.id = %s",
        {"backup": "done", "delete": "gone"}.get(kind, "ready"), job,
    )


def taken(quiet: Operating, store: str) -> str:
    backup = quiet("backups", "take", store, "--json").json["backup"]
    work(quiet, store)
    return backup


def test_a_backup_is_taken_listed_and_restored(quiet, store):
    assert quiet("backups", "list", store).out == "The store has no backups.\n"
    asked = quiet("backups", "take", store, "--json").json
    assert quiet.sql("SELECT kind, class FROM jobs WHERE id = %s", asked["job"]) == [("backup", 1)]
    assert f"Backup {asked['backup']} of the store is running" in quiet("backups", "take", store, code=2).err
    assert "is not done" in quiet("backups", "restore", store, asked["backup"], code=2).err
    work(quiet, store)
    [row] = quiet("backups", "list", store, "--json").json
    assert row | {"id": asked["backup"], "kind": "manual", "status": "done", "databaseBytes": 1000, "orders": 2, "version": "1.1.0", "error": None} == row
    assert all(text in quiet("backups", "list", store).out for text in ("BACKUP", "ORDERS", asked["backup"], "manual"))
    restored = quiet("backups", "restore", store, asked["backup"], "--json").json
    assert quiet.sql("SELECT kind, backup_id FROM jobs WHERE id = %s", restored["job"]) == [("restore", asked["backup"])]
    assert "is being changed" in quiet("backups", "restore", store, asked["backup"], code=2).err
    assert "There is no backup" in quiet("backups", "restore", store, "0123456789ab", code=2).err
    entries = [(it["action"], it["target"], it["outcome"]) for it in reversed(quiet("audit", "--json").json)]
    assert entries == [
        ("store.backup", store, "done"), ("store.backup", store, "refused"), ("store.restore", store, "refused"), ("store.restore", store, "done"),
        ("store.restore", store, "refused"), ("store.restore", store, "refused"),
    ]


def test_a_store_is_copied_for_its_owner(quiet, store):
    quiet.sql("UPDATE stores SET owner = 'ada' WHERE id = %s", store)
    quiet.sql("INSERT INTO store_usage VALUES ('user:ada', 1, 2)")
    copy = quiet("stores", "clone", store, "Saved Copy", "--staging", "--json").json["store"]
    [(owner, namespace, staging, source)] = quiet.sql("SELECT owner, namespace, staging, restored_from FROM stores WHERE id = %s", copy)
    assert (owner, namespace, staging) == ("ada", "store-saved-copy", True)
    assert quiet.sql("SELECT kind FROM backups WHERE id = %s AND store_id = %s", source, store) == [("manual",)]
    work(quiet, store)
    assert "taken" in quiet("stores", "clone", store, "Other", "--slug", "saved", "--backup", source, code=2).err
    quiet("users", "set-quota", "--user", "ada", "2")
    assert "The owner has 2 of 2 stores" in quiet("stores", "clone", store, "Third", code=2).err
    assert quiet.sql("SELECT count(*) FROM backups") == [(1,)], "what was queued for a copy that is refused is withdrawn"
    assert "no such backup" in quiet("stores", "clone", store, "Other", "--backup", "0123456789ab", code=2).err


def test_a_deleted_store_is_listed_and_brought_back_once(quiet, store):
    backup = taken(quiet, store)
    assert quiet("stores", "deleted").out == "Nothing is kept of deleted stores.\n"
    quiet("stores", "delete", store, KEEP_DELETED_DAYS="3")
    assert quiet.sql("SELECT wants_final, keep_days FROM jobs WHERE kind = 'delete'") == [(True, 3)]
    work(quiet, store)
    [deleted] = quiet("stores", "deleted", "--json").json
    assert deleted | {"id": store, "name": "Saved", "backup": backup, "namespace": "store-saved"} == deleted
    assert quiet("stores", "deleted", "--user", "eve", "--json").json == []
    assert [row["id"] for row in quiet("backups", "list", store, "--json").json] == [backup]
    back = quiet("stores", "undelete", store, "--json").json["store"]
    assert quiet.sql("SELECT namespace, restored_from FROM stores WHERE id = %s", back) == [("store-saved", backup)]
    assert f"It was brought back as store {back}" in quiet("stores", "undelete", store).out
    assert "is removed" in quiet("stores", "delete", store, "--purge").out
    assert quiet("stores", "deleted", "--json").json == []
    quiet("stores", "delete", store, "--purge", code=2)
    assert [it["action"] for it in quiet("audit", "--json").json if it["target"] in (store, back)][:2] == ["store.purge", "store.purge"]


def test_what_a_deletion_was_to_keep_can_be_given_up(quiet, store):
    taken(quiet, store)
    quiet("stores", "delete", store)
    assert "is being deleted already" in quiet("stores", "delete", store, "--purge").out
    assert quiet.sql("SELECT wants_final, keep_days FROM jobs WHERE kind = 'delete'") == [(False, 0)]
    work(quiet, store)
    assert quiet("stores", "deleted", "--json").json == []
    assert "Nothing is kept" in quiet("stores", "undelete", store, code=2).err


def test_without_a_worker_that_keeps_backups_none_is_taken(quiet, store):
    quiet.sql("UPDATE worker_reports SET keeps_backups = false")
    assert quiet("workers", "--json").json[0]["keepsBackups"] is False
    for command in (["backups", "take", store], ["backups", "restore", store, "0123456789ab"], ["stores", "clone", store, "Copy"], ["stores", "undelete", store]):
        assert "No worker keeps backups" in quiet(*command, code=2).err
    quiet("stores", "delete", store)
    assert quiet.sql("SELECT wants_final FROM jobs WHERE kind = 'delete'") == [(False,)]


def test_the_repositorys_password_is_printed_for_an_operator_and_written_down(quiet, store):
    both = f"{KEYS['k2']},{KEYS['k1']}"
    assert "has no repository" in quiet("backups", "key", store, code=2, CREDENTIALS_KEYS=both).err
    quiet.sql("INSERT INTO backup_keys (store_id, key_id, sealed) VALUES (%s, %s, %s)", store, *sealed("s3cret word", f"backup-key:{store}", KEYS["k1"]))
    assert "CREDENTIALS_KEYS is not set" in quiet("backups", "key", store, code=2, CREDENTIALS_KEYS="").err
    assert quiet("backups", "key", store, CREDENTIALS_KEYS=both).out == "s3cret word\n"
    assert quiet("backups", "key", store, "--json", CREDENTIALS_KEYS=both).json == {"store": store, "password": "s3cret word"}
    refused = quiet("backups", "key", store, code=2, CREDENTIALS_KEYS=KEYS["k2"])
    assert "cannot be opened" in refused.err and "s3cret" not in refused.err
    outcomes = [it["outcome"] for it in quiet("audit", "--json").json if it["action"] == "backups.key" and it["target"] == store]
    assert outcomes == ["refused", "done", "done"]


def test_repositories_keys_are_sealed_anew_with_credentials(quiet, store):
    quiet.sql("INSERT INTO backup_keys (store_id, key_id, sealed) VALUES (%s, %s, %s)", store, *sealed("s3cret word", f"backup-key:{store}", KEYS["k1"]))
    said = quiet("credentials", "rekey", "--json", CREDENTIALS_KEYS=f"{KEYS['k2']},{KEYS['k1']}").json
    assert (said["changed"], said["failed"]) == (1, [])
    assert quiet.sql("SELECT key_id FROM backup_keys") == [("k2",)]
    assert quiet("backups", "key", store, CREDENTIALS_KEYS=KEYS["k2"]).out == "s3cret word\n"
    assert store in quiet("credentials", "rekey", "--json", code=3, CREDENTIALS_KEYS=f"k3:{KEYS['k1'].split(':')[1]}").out


# A pair that was made for this test, and an entry of version 1, which has to stay readable.
ESCROW_KEY = "escrow-private:aDGxHnAnmbRb5wNaMgID0RaX66BA2V8nj1TJ+akIrnY="
ESCROW_ENTRY = {
    "digest": "7cf0a0b6811d6c163c458be22449c01c462cd7d4e37a033562f944f445a8d97f", "encapsulated": "HdLVqwlMZhgzxSOcQfeTBrP2gXsMzKT6bE90OeGLtkY=",
    "format": "store-weaver escrow 1", "key": "8ae39692c58c", "repository": "a00000000001",
    "sealed": "nK+kKEctptOf8v7t6ODDhECqQdYiOh/sWeZAC2OZYLcuANET+lBbW7ANHKE=",
}


def test_the_escrow_is_opened_without_a_server_and_only_by_its_key(storectl, tmp_path):
    offline = storectl.with_changes(DATABASE_URL="", REDIS_URL="", SECRETS_DIR="", KUBECONFIG="/nonexistent")
    key, other, entry = (tmp_path / name for name in ("key", "other", "entry"))
    key.write_text(ESCROW_KEY + "\n")
    entry.write_text(json.dumps(ESCROW_ENTRY))
    assert offline("escrow", "open", "--key", key, entry).out == "PASSWORD=s3cret = word\n"
    assert offline("escrow", "open", "--key", key, entry, "--json").json == {"repository": "a00000000001", "secrets": {"PASSWORD": "s3cret = word"}}
    public = offline("escrow", "new", other).out
    assert public.startswith("escrow-public:") and stat.S_IMODE(other.stat().st_mode) == 0o600
    assert "cannot be made" in offline("escrow", "new", other, code=2).err
    assert "is sealed to key 8ae39692c58c" in offline("escrow", "open", "--key", other, entry, code=2).err
    entry.write_text(json.dumps(ESCROW_ENTRY | {"repository": "a00000000002"}))
    assert "was changed" in offline("escrow", "open", "--key", key, entry, code=2).err
    assert "is no private half" in offline("escrow", "open", "--key", entry, entry, code=2).err
    assert "is no entry" in offline("escrow", "open", "--key", key, key, code=2).err


def lost(quiet: Operating, name: str, *, backup: bool = True, **columns) -> str:
    """A store that was ready once; its namespace is in no cluster."""
    made, _ = quiet.create(name)
    quiet.sql("UPDATE jobs SET state = 'succeeded' WHERE store_id = %s", made)
    quiet.sql("UPDATE stores SET status = 'ready', first_ready_at = now(), ready_at = now(), applied_generation = 1, version = '1.2.0' WHERE id = %s", made)
    for column, value in columns.items():
        quiet.sql(f"UPDATE stores SET {column} = %s WHERE id = %s", value, made)
    if backup:
        for age, identifier in ((2, "0"), (1, "1")):
            quiet.sql(
                "INSERT INTO backups (id, store_id, kind, status, created_at, finished_at, snapshot, database_bytes, file_bytes, added_bytes, products, orders)"
                " VALUES (%s, %s, 'nightly', 'done', now() - %s * interval '1 hour', now(), repeat('a', 64), 1, 1, 1, 1, 7)",
                made[:11] + identifier, made, age,
            )
    return made


def queue(quiet: Operating, store: str, kind: str, state: str = "queued") -> int:
    return quiet.sql(
        "INSERT INTO jobs (store_id, kind, namespace, state) SELECT id, %s, namespace, %s FROM stores WHERE id = %s RETURNING id", kind, state, store
    )[0][0]


def test_stores_without_a_namespace_are_listed_and_brought_back_once(quiet, store):
    quiet.sql("UPDATE stores SET deleted_at = now() WHERE id = %s", store)
    ready, asleep = lost(quiet, "Lost"), lost(quiet, "Lost Asleep", asleep=True)
    failed, bare = lost(quiet, "Lost Failed", status="failed", error_message="x"), lost(quiet, "Lost Bare", backup=False)
    changing, deleting = lost(quiet, "Lost Changing"), lost(quiet, "Lost Deleting", status="deleting")
    new, _ = quiet.create("Never Ready")
    queue(quiet, changing, "apply")
    queue(quiet, deleting, "delete")
    told = {it["id"]: it for it in quiet("recover", "stores", "--json", code=3).json}
    assert told[ready] | {"backup": ready[:11] + "1", "orders": 7, "asleep": False, "outcome": "to be restored"} == told[ready]
    assert 3500 < told[ready]["ageSeconds"] < 3700 and told[asleep]["asleep"] is True
    assert {told[it]["outcome"].split(":")[0] for it in (new, deleting, bare)} == {"never ready", "being deleted", "no backup"}
    assert store not in told and "Nothing was changed" in quiet("recover", "stores", code=3).out
    assert quiet.sql("SELECT count(*) FROM jobs WHERE kind = 'restore'") == [(0,)], "a list changes nothing"

    done = {it["id"]: it["outcome"] for it in quiet("recover", "stores", "--yes", "--json", code=3).json}
    back = {ready, asleep, failed, changing}
    assert {it for it, outcome in done.items() if outcome.startswith("queued as job")} == back
    rows = quiet.sql("SELECT store_id, class, backup_id, state FROM jobs WHERE kind = 'restore'")
    assert {row[0] for row in rows} == back and {(row[1], row[2], row[3]) for row in rows} == {(2, row[0][:11] + "1", "queued") for row in rows}
    assert quiet.sql("SELECT state FROM jobs WHERE kind = 'apply'") == [("cancelled",)], "a change of what is not there would make it empty, or fail"
    assert quiet.sql("SELECT DISTINCT status FROM stores WHERE id = ANY (%s)", [ready, asleep, failed, changing]) == [("provisioning",)]
    assert quiet.sql("SELECT id FROM stores WHERE asleep") == [(asleep,)]
    assert quiet.redis.zcard("sq:{prov}:jobs") or quiet("queue", "--json").json["redis"]["ready"] >= 4

    again = {it["id"]: it["outcome"] for it in quiet("recover", "stores", "--yes", "--json", code=3).json}
    assert {again[it] for it in back} == {"being restored already"} and quiet.sql("SELECT count(*) FROM jobs WHERE kind = 'restore'") == [(4,)]
    entries = [it for it in quiet("audit", "--json").json if it["action"] == "store.recover"]
    assert {it["target"] for it in entries if it["outcome"] == "done"} == back


def test_a_store_at_which_another_job_runs_is_left_for_the_next_time(quiet, store):
    quiet.sql("UPDATE stores SET deleted_at = now() WHERE id = %s", store)
    busy = lost(quiet, "Lost Busy")
    job = queue(quiet, busy, "apply", "running")
    assert [it["outcome"] for it in quiet("recover", "stores", "--yes", "--json").json] == ["another job runs; run this again"]
    quiet.sql("UPDATE jobs SET state = 'failed', error = 'x', finished_at = now() WHERE id = %s", job)
    assert quiet("recover", "stores", "--yes", "--json").json[0]["outcome"].startswith("queued as job")


@pytest.mark.parametrize("arguments", [["backups", "list", "no-id"], ["backups", "restore", "abcdefabcdef", "no-id"], ["stores", "clone", "abcdefabcdef", ""]])
def test_what_cannot_be_an_id_is_wrong_usage(quiet, arguments):
    assert quiet(*arguments, code=64).err


def test_a_store_that_is_not_there_is_said_so(quiet, store):
    for command in (["backups", "list"], ["backups", "take"]):
        assert "There is no store" in quiet(*command, "abcdefabcdef", code=2).err
    assert "There is no store" in quiet("stores", "clone", "abcdefabcdef", "Copy", code=2).err
    assert "Nothing is kept" in quiet("stores", "undelete", "abcdefabcdef", code=2).err
