"""storectl on the live stack: what it shows, what it does, and how it ends."""

import json
import subprocess

import pytest
from stack import until


@pytest.fixture(scope="module")
def store(stack):
    with stack.live_store("Operated", user="ada") as store:
        yield stack.settled(store["id"], "ready")


def test_everything_is_shown_as_a_table_and_as_json(storectl, store):
    for command in (["queue"], ["jobs", "list"], ["locks"], ["workers"], ["stores", "list"], ["orphans", "list"], ["audit"], ["doctor"], ["fsck"]):
        assert storectl(*command).out.strip()
        json.loads(storectl(*command, "--json").out)
    job = storectl("jobs", "list", "--store", store["id"], "--json").json[0]
    assert (job["kind"], job["state"], job["user"], job["storeName"]) == ("provision", "succeeded", "ada", "Operated")
    explained = storectl("jobs", "show", str(job["id"]), "--json").json
    assert [change["to"] for change in explained["history"]] == ["queued", "running", "succeeded"]
    assert {worker["worker"] for worker in storectl("workers", "--json").json} >= {job["worker"]}
    listed = storectl("stores", "list", "--user", "ada", "--json").json
    assert [store["id"] for store in listed] == [store["id"]]
    attempts = storectl("stores", "show", store["id"], "--json").json["attempts"]
    assert [attempt["outcome"] for attempt in attempts] == ["succeeded"]


def test_a_build_log_is_printed_whole_and_by_attempt(storectl, store):
    text = storectl("stores", "logs", store["id"]).out
    assert "Installing the chart" in text and "helm: " in text
    attempt = storectl("stores", "show", store["id"], "--json").json["attempts"][0]["attempt"]
    lines = [json.loads(line) for line in storectl("stores", "logs", store["id"], "--attempt", str(attempt), "--json").out.splitlines()]
    assert lines and {line["attempt"] for line in lines} == {attempt}
    assert storectl("stores", "logs", store["id"], "--attempt", "999999").out == ""


def test_a_containers_log_is_read_by_a_worker(storectl, store):
    text = storectl("stores", "pod-logs", store["id"], "--tail", "5").out
    assert text.strip() and len(text.splitlines()) <= 5
    assert json.loads(storectl("stores", "pod-logs", store["id"], "--container", "mysql", "--json").out.splitlines()[0])["line"]
    storectl("stores", "pod-logs", store["id"], "--container", "nothing", code=2)
    storectl("stores", "pod-logs", "abcdefabcdef", code=2)


def test_a_pause_holds_jobs_back_until_it_is_resumed(stack, storectl):
    storectl("pause", "--reason", "new kernel")
    try:
        with stack.live_store("Held Back", user="ada") as store:
            queue = storectl("queue", "--json").json
            assert (queue["paused"]["by"], queue["paused"]["reason"]) == ("grace", "new kernel")
            assert [(line["kind"], line["state"]) for line in queue["living"]] == [("provision", "queued")]
            assert "PAUSED" in storectl("queue").out
            watched = [json.loads(line) for line in storectl("queue", "watch", "--times", "2", "--json").out.splitlines()]
            assert [look["redis"]["ready"] for look in watched] == [1, 1]
            job = storectl("jobs", "list", "--state", "queued", "--json").json[0]
            assert job["storeId"] == store["id"]
            assert storectl("jobs", "cancel", str(job["id"]), "--reason", "wrong plan").out == f"Job {job['id']} is cancelled.\n"
            assert stack.store(store["id"])["errorMessage"] == "Cancelled by grace: wrong plan"
            storectl("jobs", "cancel", str(job["id"]), "--reason", "again", code=2)
            storectl("resume")
            storectl("resume", code=2)
            assert "as job" in storectl("jobs", "replay", str(job["id"])).out
            stack.settled(store["id"], "ready")
            storectl("jobs", "replay", str(job["id"]), code=2)
    finally:
        storectl("resume", code=None)


def test_a_drained_worker_ends_what_it_runs_and_takes_nothing(stack, storectl):
    names = [worker["worker"] for worker in storectl("workers", "--json").json]
    drained, other = names
    assert "Nothing runs" in storectl("drain", drained, "--wait").out
    try:
        created = [stack.create(f"Undrained {number}") for number in range(3)]
        for store in created:
            stack.settled(store["id"], "ready")
            assert {job["worker"] for job in storectl("jobs", "list", "--store", store["id"], "--json").json} == {other}
        stack.delete(*(store["id"] for store in created))
        assert {worker["worker"]: worker["draining"] for worker in storectl("workers", "--json").json} == {drained: True, other: False}
    finally:
        storectl("drain", drained, "--undo")
    storectl("drain", drained, "--undo", code=2)
    storectl("drain", "nobody", code=2)


def test_stores_are_retried_and_deleted_by_the_operator(stack, storectl):
    with stack.fault("store-by-hand", "crashLoop", podPrefix="wordpress"):
        store = stack.create("By Hand", user="ada")
        stack.settled(store["id"], "failed")
    storectl("stores", "retry", store["id"])
    stack.settled(store["id"], "ready")
    storectl("stores", "retry", store["id"], code=2)
    storectl("stores", "delete", store["id"])
    until(lambda: stack.request("GET", f"/api/stores/{store['id']}").status == 404 or None, "the store to be gone")
    storectl("stores", "delete", store["id"], code=2)


def test_a_change_that_was_not_made_is_shown_and_can_be_forced(quiet):
    store, _ = quiet.create("Conflicted")
    quiet.sql("UPDATE jobs SET state = 'succeeded' WHERE store_id = %s", store)
    quiet.sql(
        "UPDATE stores SET status = 'ready', change_error_code = 'helm-conflict', change_error = %s, change_error_at = now() WHERE id = %s",
        "kubectl-set has set .spec.replicas", store,
    )
    assert "kubectl-set has set .spec.replicas" in quiet("stores", "show", store).out
    assert quiet("stores", "show", store, "--json").json["store"]["changeErrorCode"] == "helm-conflict"
    quiet("stores", "retry", "--take-over", store)
    assert quiet.sql("SELECT kind FROM jobs WHERE store_id = %s ORDER BY id", store) == [("provision",), ("apply",)]
    assert quiet.sql("SELECT takes_over FROM store_specs WHERE store_id = %s ORDER BY generation", store) == [(False,), (True,)]
    assert quiet("audit", "--json").json[0]["action"] == "store.take-over"
    quiet("stores", "retry", "--take-over", store, code=2)


def ready_store(quiet, name: str) -> str:
    """A store as a worker leaves it, with the charts that a worker reported."""
    store, _ = quiet.create(name)
    quiet.sql("UPDATE jobs SET state = 'succeeded' WHERE store_id = %s", store)
    quiet.sql(
        "UPDATE stores SET status = 'ready', applied_generation = 1, version = '1.1.0', database_mib = 5120, uploads_mib = 5120, owner = 'ada'"
        " WHERE id = %s", store,
    )
    quiet.sql("INSERT INTO worker_reports (worker, version, slots, busy, kubernetes, helm) VALUES ('w', '4', 1, 0, true, true)")
    for version in ("1.1.0", "1.2.0"):
        quiet.sql(
            "INSERT INTO worker_charts VALUES ('w', 'woocommerce', %s, '11.2.0', true, 'small', '{}', '{\"database\": \"5Gi\", \"uploads\": \"5Gi\"}')", version,
        )
    return store


def applied(quiet, store: str) -> None:
    quiet.sql("UPDATE jobs SET state = 'succeeded' WHERE store_id = %s", store)
    quiet.sql("UPDATE stores SET applied_generation = generation, activity = NULL WHERE id = %s", store)


def test_a_store_is_put_to_sleep_resized_and_upgraded(quiet):
    store = ready_store(quiet, "Changing")

    def row() -> dict:
        return next(one for one in quiet("stores", "list", "--json").json if one["id"] == store)

    slept = quiet("stores", "sleep", store, "--json").json
    assert (slept["store"], slept["generation"]) == (store, 2)
    assert row() | {"asleep": True, "activity": "falling-asleep", "generation": 2, "appliedGeneration": 1, "status": "ready"} == row()
    assert quiet.sql("SELECT kind, class FROM jobs WHERE id = %s", slept["job"]) == [("apply", 1)]
    wide = quiet("stores", "list", "-o", "wide", "--asleep").out
    assert all(text in wide for text in ("PLAN", "VERSION", "GENERATION", "APPLIED", "ASLEEP", "falling-asleep", "1.1.0"))
    assert "PLAN" not in quiet("stores", "list").out
    assert "is so already" in quiet("stores", "sleep", store).out
    applied(quiet, store)
    quiet("stores", "wake", store)
    assert row()["activity"] == "waking"
    applied(quiet, store)
    quiet("stores", "resize", store, "--plan", "medium", "--database", "20Gi")
    assert row() | {"plan": "medium", "database": "20Gi", "uploads": "5Gi", "activity": "resizing"} == row()
    assert "storage.database is 20Gi now" in quiet("stores", "resize", store, "--database", "10Gi", code=2).err
    applied(quiet, store)
    assert "there are 1.2.0, 1.1.0" in quiet("stores", "upgrade", store, "--to", "9.9.9", code=2).err
    quiet("stores", "upgrade", store, "--to", "1.2.0")
    assert row() | {"version": "1.2.0", "activity": "upgrading", "generation": 5} == row()
    applied(quiet, store)
    assert "is so already" in quiet("stores", "upgrade", store, "--to", "1.2.0").out
    quiet("stores", "upgrade", store, "--refresh")
    assert quiet.sql("SELECT generation, from_files, changed_by FROM store_specs ORDER BY generation DESC LIMIT 1") == [(6, True, "grace")]
    assert {entry["action"] for entry in quiet("audit", "--json").json} == {"store.change"}
    assert "20Gi" in quiet("stores", "show", store).out
    for wrong in (["sleep", "abcdefabcdef"], ["wake", "abcdefabcdef"]):
        assert "There is no store" in quiet("stores", *wrong, code=2).err
    for wrong in (["resize", store], ["upgrade", store], ["resize", store, "--database", "10G"], ["resize", store, "--plan", "huge"]):
        assert quiet("stores", *wrong, code=64).err


def test_an_operator_is_held_to_the_units_that_the_owner_was_given(quiet):
    store = ready_store(quiet, "Growing")
    quiet("users", "set-quota", "--user", "ada", "--units", "2")
    assert "of 2 units" in quiet("stores", "resize", store, "--plan", "large", code=2).err
    quiet("users", "quota", "--user", "ada", "--units", "4", "7")
    quiet("stores", "resize", store, "--plan", "large")
    assert quiet.sql("SELECT stores, units FROM user_quotas") == [(7, 4)]
    quiet("users", "quota", "--user", "ada", "default")
    assert quiet.sql("SELECT stores, units FROM user_quotas") == [(None, 4)]


def test_a_stray_namespace_is_removed_and_a_stores_own_is_not(stack, storectl, store):
    stack.kubectl("create", "namespace", "store-orphan")
    stack.kubectl("label", "namespace", "store-orphan", "app.kubernetes.io/managed-by=store-weaver", "store-weaver.dev/store-id=abcdefabcdef")
    assert storectl("fsck", "--json", code=3).json == [
        {"place": "cluster", "subject": "store-orphan", "repaired": False, "detail": "a namespace of ours that no store has"}
    ]
    storectl("orphans", "delete", store["namespace"], code=2)
    stack.kubectl("create", "namespace", "store-foreign")
    assert "not ours" in storectl("orphans", "delete", "store-foreign", code=2).err
    assert "is gone" in storectl("orphans", "delete", "store-orphan").out
    assert {"store-foreign", store["namespace"]} <= stack.namespaces() and "store-orphan" not in stack.namespaces()
    stack.kubectl("delete", "namespace", "store-foreign")
    assert storectl("locks", "--json").json == []


def test_a_store_that_only_the_cluster_knows_is_adopted(stack, store, quiet):
    assert "is in the records again" in quiet("orphans", "adopt", store["namespace"]).out
    adopted = quiet("stores", "list", "--json").json[0]
    assert {key: adopted[key] for key in ("id", "name", "engine", "namespace", "owner", "status")} == {
        "id": store["id"], "name": "Operated", "engine": "woocommerce", "namespace": store["namespace"], "owner": "ada", "status": "provisioning",
    }
    quiet("orphans", "adopt", store["namespace"], code=2)
    quiet("orphans", "adopt", "store-nowhere", code=2)


def test_a_job_in_its_backoff_is_hastened(quiet):
    _, job = quiet.create("Waiting")
    quiet("fsck", "--repair", "--no-cluster", code=3)
    quiet.sql("UPDATE jobs SET run_after = clock_timestamp() + interval '1 hour' WHERE id = %s", job)
    assert quiet("jobs", "retry", str(job)).out == f"Job {job} may run now.\n"
    quiet("jobs", "retry", str(job), code=2)
    assert quiet.redis.zrange("sq:{prov}:ready", 0, -1) == [str(job)]


def test_old_jobs_are_purged(quiet):
    store, job = quiet.create("Old")
    quiet.sql("UPDATE jobs SET state = 'cancelled', finished_at = now() - interval '3 hours' WHERE id = %s", job)
    quiet.sql("UPDATE stores SET status = 'failed' WHERE id = %s", store)
    quiet.sql("SELECT retry_store(%s, NULL, NULL)", store)
    assert quiet("jobs", "purge", "--older-than-hours", "4").out == "0 jobs are forgotten.\n"
    assert quiet("jobs", "purge", "--older-than-hours", "2", "--json").json == {"purged": 1, "message": "1 jobs are forgotten."}


def test_what_was_done_is_in_the_audit(storectl, quiet):
    assert quiet("migrate", "--json").json["applied"] == []
    assert quiet("pause", "--reason", "a", "--operator", "ada", "--json").json["paused"] is True
    quiet("resume")
    quiet("jobs", "cancel", "7", "--reason", "b", code=2)
    entries = quiet("audit", "--json").json
    assert [(it["actor"], it["source"], it["action"], it["target"], it["detail"]) for it in entries] == [
        ("grace", "storectl", "job.cancel", "7", "b"), ("grace", "storectl", "queue.resume", None, None),
        ("ada", "storectl", "queue.pause", None, "a"),
    ]


@pytest.mark.parametrize(
    ("arguments", "changes", "code"),
    [
        (["jobs", "show", "999999"], {}, 2),
        (["jobs", "show", "first"], {}, 64),
        (["jobs", "list", "--state", "lost"], {}, 64),
        (["pause"], {}, 64),
        (["stores", "show", "no-id"], {}, 64),
        (["queue"], {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}, 1),
        (["queue"], {"DATABASE_URL": "nonsense"}, 1),
        (["audit", "--operator"], {}, 64),
    ],
)
def test_the_exit_code_tells_what_was_wrong(storectl, arguments, changes, code):
    result = storectl(*arguments, code=code, **changes)
    assert result.err and not result.out


def test_shells_complete_its_commands(storectl):
    script = storectl("--generate-completion-script", "bash").out
    assert "orphans" in script
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
