"""The doctor finds nothing on a healthy stack, and each fault that is planted, by name and with a remedy."""

import contextlib

import fakes
from polling import until

HEALTHY = {
    "database", "migrations", "database-clock", "redis", "redis-version", "redis-eviction", "redis-persistence", "redis-clock", "workers",
    "queue", "leases", "dead-letters", "records", "orphans", "capacity", "backup-workers", "backup-age", "backup-check", "backup-verify", "backup-purge", "backup-escrow",
    "platform-backup", "setting-names", "common-settings", "api-settings",
    "settings", "cluster", "cluster-rights", "helm", "helm-guard", "charts",
}


def diagnose(storectl, check: str, grade: str, words: str, **changes: str) -> None:
    """One finding of this check and grade, with these words and a remedy; an error makes the exit code 3."""
    result = storectl("doctor", "--json", code=None, **changes)
    found = {it["check"]: it for it in result.json}
    assert set(found) == HEALTHY
    assert (found[check]["grade"], words in found[check]["message"]) == (grade, True), found[check]
    assert found[check]["remedy"]
    assert result.code == (3 if any(it["grade"] == "error" for it in result.json) else 0)
    assert storectl("doctor", "--strict", code=3, **changes).out


def test_a_healthy_stack_has_no_complaint(storectl):
    found = storectl("doctor", "--json").json
    assert {it["check"] for it in found if it["grade"] == "ok"} == HEALTHY, found


def test_a_cluster_without_room(stack, storectl):
    nodes = stack.kubectl("get", "nodes", "--output", "name").split()
    stack.kubectl("cordon", *nodes)
    try:
        until(lambda: "room for 0 " in found(storectl, "capacity")[1], "the nodes to be seen", 90)
        assert found(storectl, "capacity")[0] == "warning"
    finally:
        stack.kubectl("uncordon", *nodes)


def test_backups_without_escrow_and_a_platform_that_is_not_saved(storectl):
    """As in a worker's pod; of a vault there is none at this address."""
    told = {"VAULT_URL": "http://127.0.0.1:9", "VAULT_KEYS": "k1:" + "A" * 43 + "="}
    diagnose(storectl, "backup-escrow", "warning", "there is no escrow", **told)
    diagnose(storectl, "backup-escrow", "error", "BACKUP_ESCROW_KEY is the private half", BACKUP_ESCROW_KEY="escrow-private:AAAA", **told)
    diagnose(storectl, "platform-backup", "warning", "is not in the vault", **told)
    diagnose(storectl, "platform-backup", "warning", "cannot be reached", PLATFORM_BACKUP_PASSWORD="x", **told)


def test_a_database_that_does_not_answer(storectl):
    diagnose(storectl, "database", "error", "", DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")


def test_a_schema_that_is_not_migrated(storectl, quiet):
    quiet.sql("DROP SCHEMA public CASCADE")
    quiet.sql("CREATE SCHEMA public")
    diagnose(quiet, "migrations", "error", "tables/0001_baseline")


def test_a_database_from_before_the_first_release(storectl, quiet):
    quiet.sql("ALTER TABLE schema_files RENAME TO schema_migrations")
    diagnose(quiet, "migrations", "error", "Create an empty database")
    assert "Create an empty database" in quiet("migrate", code=1).err


def test_a_redis_that_does_not_answer(storectl):
    diagnose(storectl, "redis", "error", "", REDIS_URL="redis://127.0.0.1:9")


def test_a_redis_that_is_too_old(storectl):
    with fakes.old_redis() as port:
        diagnose(storectl, "redis-version", "error", "5.0.14", REDIS_URL=f"redis://127.0.0.1:{port}")


@contextlib.contextmanager
def configured(storectl, **values: str):
    before = {name: storectl.redis.config_get(name)[name] for name in values}
    try:
        for name, value in values.items():
            storectl.redis.config_set(name, value)
        yield
    finally:
        for name, value in before.items():
            storectl.redis.config_set(name, value)


def test_a_redis_that_throws_keys_away(storectl):
    with configured(storectl, **{"maxmemory-policy": "allkeys-lru"}):
        diagnose(storectl, "redis-eviction", "error", "allkeys-lru")


def test_a_redis_that_keeps_nothing(storectl):
    with configured(storectl, appendonly="no", save=""):
        diagnose(storectl, "redis-persistence", "warning", "keeps nothing")


def test_a_clock_that_is_off(storectl):
    late = storectl.with_changes()
    late.launcher = ["faketime", "-f", "+90s"]
    for check in ("database-clock", "redis-clock"):
        diagnose(late, check, "error", "90.")


def test_a_cluster_that_does_not_answer(storectl, tmp_path):
    diagnose(storectl, "cluster", "error", "", KUBECONFIG=fakes.kubeconfig(tmp_path, 9))


def test_rights_that_are_missing(storectl, tmp_path):
    with fakes.weak_cluster() as port:
        diagnose(storectl, "cluster-rights", "error", "create namespaces, get pods/log", KUBECONFIG=fakes.kubeconfig(tmp_path, port))


def test_a_helm_that_is_too_old(storectl, tmp_path):
    helm = tmp_path / "helm"
    helm.write_text("#!/bin/sh\necho v2.17.0\n")
    helm.chmod(0o755)
    diagnose(storectl, "helm", "error", "v2.17.0", HELM_PATH=str(helm))


def test_a_helm_that_knows_no_labels(storectl, tmp_path):
    helm = tmp_path / "helm"
    helm.write_text("#!/bin/sh\necho v3.11.2\n")
    helm.chmod(0o755)
    diagnose(storectl, "helm", "error", "Helm 3.14 or later, or 4, is needed", HELM_PATH=str(helm))


def test_a_guard_that_is_missing(storectl):
    diagnose(storectl, "helm-guard", "error", "/nowhere/helm-guard", HELM_GUARD_PATH="/nowhere/helm-guard")


def test_charts_that_are_missing(storectl, tmp_path):
    diagnose(storectl, "charts", "error", "Chart.yaml", HELM_CHART_PATH=str(tmp_path))


def test_a_setting_out_of_range(storectl):
    diagnose(storectl, "settings", "error", "WORKER_SLOTS must be a number from 1 to 64", WORKER_SLOTS="0")


def test_settings_that_cannot_work(storectl):
    diagnose(storectl, "settings", "error", "ENVIRONMENT must be local or production", ENVIRONMENT="prod")
    diagnose(storectl, "settings", "error", "WORKER_NAME must be", WORKER_NAME="wörker-1")
    diagnose(storectl, "settings", "error", "LOCAL_INGRESS_SUFFIX must be", LOCAL_INGRESS_SUFFIX="http://Stores_example")
    diagnose(storectl, "settings", "error", "IMAGE_REGISTRY must be", IMAGE_REGISTRY="https://registry.example.com")
    diagnose(storectl, "api-settings", "error", "AUTH_MODE must be", AUTH_MODE="none")
    diagnose(storectl, "common-settings", "error", "LOG_LEVEL must be", LOG_LEVEL="loud")


def test_a_name_that_is_no_setting(storectl):
    diagnose(storectl, "setting-names", "warning", "WORKER_SLOTSS is no setting; WORKER_SLOTS is one", WORKER_SLOTSS="2")


def test_a_redis_that_takes_no_writes(storectl):
    with configured(storectl, maxmemory="1"):
        diagnose(storectl, "redis", "error", "its memory is full")


def test_a_database_that_takes_no_writes(quiet):
    quiet.sql("ALTER DATABASE {} SET default_transaction_read_only = on".format(quiet.sql("SELECT current_database()")[0][0]))
    diagnose(quiet, "database", "error", "PostgreSQL is read-only")


def test_a_database_without_room(quiet):
    # Helpers of a query are held to the same limit as its disk.
    quiet.sql("ALTER DATABASE {} SET temp_file_limit = 0".format(quiet.sql("SELECT current_database()")[0][0]))
    diagnose(quiet, "database", "error", "PostgreSQL has reached a limit")


def test_workers_that_are_not_there(quiet):
    diagnose(quiet, "workers", "error", "none reported")


def test_workers_that_see_no_cluster(quiet):
    quiet.sql("INSERT INTO worker_reports (worker, version, slots, busy, kubernetes, helm) VALUES ('w1', 'v4', 4, 0, false, true)")
    diagnose(quiet, "workers", "error", "without Kubernetes or Helm: w1")


def test_a_queue_that_is_paused(quiet):
    quiet("pause", "--reason", "new kernel")
    diagnose(quiet, "queue", "warning", "paused by grace: new kernel")


def test_a_job_that_waits_for_long(quiet):
    _, job = quiet.create("Waiting")
    quiet.sql("UPDATE jobs SET created_at = now() - interval '2 hours' WHERE id = %s", job)
    diagnose(quiet, "queue", "warning", "since 120 minutes")


def test_leases_that_nobody_takes_over(quiet):
    quiet.sql("INSERT INTO namespace_leases (namespace, job_id, worker, expires_at) VALUES ('store-x', 1, 'gone', now() - interval '2 minutes')")
    diagnose(quiet, "leases", "error", "store-x")


def test_jobs_that_failed_for_good(quiet):
    store, job = quiet.create("Broken")
    quiet.sql("UPDATE jobs SET state = 'failed', error = 'no', finished_at = now() WHERE id = %s", job)
    quiet.sql("UPDATE stores SET status = 'failed' WHERE id = %s", store)
    diagnose(quiet, "dead-letters", "warning", "1 jobs")


def test_records_that_contradict_themselves(quiet):
    quiet.sql("UPDATE store_usage SET used = 3")
    diagnose(quiet, "records", "error", "the counter says 3")


def test_orphans(quiet):
    quiet.sql("INSERT INTO orphans (kind, name, detail) VALUES ('namespace', 'store-left', 'nobody has it')")
    diagnose(quiet, "orphans", "warning", "store-left")


def backed_up(quiet, name: str, hours: int) -> str:
    """A store that has been ready for a week, and its only backup, so old."""
    store, job = quiet.create(name)
    quiet.sql("UPDATE jobs SET state = 'succeeded', finished_at = now() - interval '7 days' WHERE id = %s", job)
    quiet.sql(
        "UPDATE stores SET status = 'ready', first_ready_at = now() - interval '7 days', last_backup_at = now() - %s * interval '1 hour' WHERE id = %s",
        hours, store,
    )
    quiet.sql(
        "INSERT INTO backups (id, store_id, kind, status, finished_at, snapshot, database_bytes, file_bytes, added_bytes, products, orders)"
        " VALUES (substr(md5(%s), 1, 12), %s, 'nightly', 'done', now(), repeat('a', 64), 1, 0, 1, 0, 0)", store, store,
    )
    return store


def found(quiet, check: str, **changes: str) -> tuple[str, str]:
    """What the doctor says of that check."""
    [finding] = [it for it in quiet("doctor", "--json", code=None, **changes).json if it["check"] == check]
    return finding["grade"], finding["message"]


def test_backups_that_no_worker_takes_any_more(quiet):
    assert found(quiet, "backup-workers") == ("ok", "this installation keeps no backups")
    diagnose(quiet, "backup-workers", "warning", "VAULT_URL is set here", VAULT_URL="http://127.0.0.1:9")
    backed_up(quiet, "Saved", hours=1)
    diagnose(quiet, "backup-workers", "warning", "though there are some")
    quiet.sql("INSERT INTO worker_reports (worker, version, slots, busy, kubernetes, helm, keeps_backups) VALUES ('w', '4', 1, 0, true, true, true)")
    assert found(quiet, "backup-workers")[0] == "ok"


def test_nodes_that_nobody_has_seen(quiet):
    diagnose(quiet, "capacity", "warning", "no worker has seen the nodes")


def test_stores_that_were_not_backed_up_for_two_nights(quiet):
    backed_up(quiet, "Fresh", hours=47)
    assert found(quiet, "backup-age")[0] == "ok"
    stale = backed_up(quiet, "Stale", hours=50)
    diagnose(quiet, "backup-age", "warning", f"1 without a backup for more than 48 h: {stale} (since 50 h)")
    # One that sleeps and was not changed since needs no other.
    quiet.sql("UPDATE stores SET asleep = true WHERE id = %s", stale)
    assert found(quiet, "backup-age")[0] == "ok"


def test_deleted_stores_that_are_not_purged(quiet):
    store = backed_up(quiet, "Deleted", hours=1)
    quiet.sql("UPDATE stores SET deleted_at = now() - interval '8 days', kept_until = now() - interval '1 minute' WHERE id = %s", store)
    assert found(quiet, "backup-purge")[0] == "ok"
    quiet.sql("UPDATE stores SET kept_until = now() - interval '2 hours' WHERE id = %s", store)
    diagnose(quiet, "backup-purge", "warning", f"1 deleted stores are kept past their time: {store}")


def test_the_table_says_what_to_do(storectl):
    assert "HELM_GUARD_PATH" in storectl("doctor", code=3, HELM_GUARD_PATH="/nowhere").out
