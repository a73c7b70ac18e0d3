"""storectl on the live stack: what it shows, what it does, and how it ends."""

import base64
import json
import subprocess

import pytest
import yaml
from polling import until
from sealing import sealed
from stack import ROOT


@pytest.fixture(scope="module")
def store(stack):
    with stack.live_store("Operated", user="ada") as store:
        yield stack.settled(store["id"], "ready")


def test_everything_is_shown_as_a_table_and_as_json(storectl, store):
    for command in (["queue"], ["jobs", "list"], ["locks"], ["workers"], ["capacity"], ["queue", "hours"], ["incident"], ["stores", "list"], ["orphans", "list"], ["audit"], ["doctor"], ["fsck"]):
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


def small_plan() -> dict:
    return yaml.safe_load((ROOT / "helm/store/values.yaml").read_text())["plans"]["small"]


def test_the_room_for_more_stores_shrinks_with_what_is_reserved(stack, storectl, store):
    def seen() -> dict:
        return storectl("capacity", "--json").json

    def room(of: dict) -> dict:
        return {(it["engine"], it["plan"]): it["stores"] for it in of["room"]}

    def counted():
        it = seen()
        return it if it["nodes"][0]["reservedCpuMillis"] > 0 and it["waitingPods"] == 0 else None

    before = until(counted, "the store's pods to be counted", 90)
    assert all(it["takesPods"] and it["allocatableCpuMillis"] > it["reservedCpuMillis"] for it in before["nodes"])
    [node] = before["nodes"]
    needs = sum(int(it["requests"]["cpu"].removesuffix("m")) for name, it in small_plan().items() if "requests" in it)
    assert room(before)["woocommerce", "small"] == (node["allocatableCpuMillis"] - node["reservedCpuMillis"]) // needs
    for engine in ("woocommerce", "medusa"):
        assert room(before)[engine, "small"] > room(before)[engine, "medium"] > room(before)[engine, "large"] > 0
    with stack.live_store("Another", user="ada") as another:
        stack.settled(another["id"], "ready")
        until(lambda: room(seen())["woocommerce", "small"] < room(before)["woocommerce", "small"], "the other store to be counted", 90)


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


def test_an_incident_is_shown_until_it_is_ended(stack, storectl):
    storectl("incident", "set", "Payments are slow", "--level", "info", "--hours", "2")
    try:
        [shown] = storectl("incident", "--json").json
        assert (shown["level"], shown["text"]) == ("info", "Payments are slow") and shown["endsAt"] > shown["since"]
        assert stack.request("GET", "/api/incident", user="ada").body["incident"]["text"] == "Payments are slow"
    finally:
        storectl("incident", "end")
    assert storectl("incident", "--json").json == []
    assert "No incident was shown" in storectl("incident", "end", code=2).err
    assert storectl("audit", "--action", "incident.", "--json").json[0]["action"] == "incident.end"


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
    until(lambda: stack.request("GET", f"/api/stores/{store['id']}").status == 404, "the store to be gone")
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


def test_usage_is_shown_by_month_owner_and_store(quiet):
    quiet.sql(
        "INSERT INTO usage_periods (store_id, owner, slug, plan, awake, volumes_mib, backup_bytes, begun_at, ended_at) VALUES"
        " ('a00000000001', 'ada', 'one', 'small', true, 10240, 0, '2025-01-31T22:00:00Z', '2025-02-01T03:00:00Z'),"
        " ('b00000000002', 'eve', 'two', 'large', false, 1024, 1073741824, '2025-02-01T00:00:00Z', '2025-02-02T00:00:00Z')",
    )
    rows = quiet("usage", "--from", "2025-01", "--to", "2025-02", "--json").json
    assert [(it["month"], it["owner"], it["awakeHoursSmall"], it["asleepHoursLarge"], it["volumeGiBHours"], it["backupGiBHours"]) for it in rows] == [
        ("2025-01", "ada", 2, 0, 20, 0), ("2025-02", "ada", 3, 0, 30, 0), ("2025-02", "eve", 0, 24, 24, 24),
    ]
    shown = quiet("usage", "--from", "2025-02", "--to", "2025-02", "--owner", "eve", "--by-store").out
    assert all(text in shown for text in ("MONTH", "SLUG", "two", "ASLEEP LARGE")) and "ada" not in shown
    sheet = quiet("usage", "--from", "2025-02", "--to", "2025-02", "--csv").out.splitlines()
    assert sheet[0].startswith("month,owner,store,slug,awake_hours_small") and len(sheet) == 3
    assert "must not be before" in quiet("usage", "--from", "2025-02", "--to", "2025-01", code=64).err
    assert "13 months" in quiet("usage", "--from", "2023-02", "--to", "2025-01", code=64).err


def test_a_rollout_is_made_shown_and_steered(quiet):
    store = ready_store(quiet, "Rolled Out")
    quiet.sql("UPDATE stores SET first_ready_at = now()")
    assert quiet("rollouts").out == "No rollouts.\n"
    pinned = quiet("stores", "pin", store, "--days", "30", "--json").json
    assert pinned["pinnedUntil"] and quiet("stores", "show", store, "--json").json["store"]["pinnedUntil"] == pinned["pinnedUntil"]
    assert "may upgrade" in quiet("stores", "unpin", store).out
    assert "There is no store" in quiet("stores", "unpin", "abcdefabcdef", code=2).err and quiet("stores", "pin", store, "--days", "91", code=64).err
    made = quiet(
        "rollouts", "create", "--engine", "woocommerce", "--to", "1.2.0", "--canary", store, "--waves", "1,100%", "--batch", "2", "--max-failures", "0",
        "--soak", "60", "--sleeping", "skip", "--any-hour", "--urgent", "--reason", "A fix", "--json",
    ).json
    assert made["stores"] == 1
    number = made["rollout"]
    shown = quiet("rollouts", "show", number, "--json").json
    wanted = {"to": "1.2.0", "state": "planned", "waves": "1,100%", "batch": 2, "maxFailures": 0, "soakSeconds": 60, "respectWindows": False, "urgent": True}
    assert shown | wanted | {"sleeping": "skip", "reason": "A fix", "createdBy": "grace", "total": 1, "waiting": 1, "wrong": []} == shown
    assert [(it["wave"], it["total"]) for it in shown["byWave"]] == [(0, 1)]
    assert "A fix" in quiet("rollouts", "show", number).out and number in quiet("rollouts", "list").out
    assert [it["storeId"] for it in quiet("rollouts", "stores", number, "--state", "waiting", "--json").json] == [store]
    assert "is not over" in quiet("rollouts", "create", "--engine", "woocommerce", "--to", "1.2.0", code=2).err
    for verb, state in (("pause", "paused"), ("resume", "running")):
        assert quiet("rollouts", verb, number, "--json").json["state"] == state
    quiet.sql("UPDATE rollout_stores SET state = 'failed', reason = 'The cart answered 500.'")
    assert "The cart answered 500." in quiet("rollouts", "show", number).out
    assert "tries again" in quiet("rollouts", "retry", number).out
    assert "is cancelled" in quiet("rollouts", "cancel", number).out
    assert "cancelled" in quiet("rollouts", "watch", number).out, "it ends with the rollout"
    assert "is cancelled" in quiet("rollouts", "pause", number, code=2).err
    assert "there are 1.2.0, 1.1.0" in quiet("rollouts", "create", "--engine", "woocommerce", "--to", "9.9.9", code=2).err
    assert "There is no rollout" in quiet("rollouts", "show", "0123456789ab", code=2).err
    wrong = (["--waves", "3,50%"], ["--batch", "0"], ["--max-failures", "-1"], ["--soak", "604801"], ["--sleeping", "wake"], ["--reason", " "])
    for option in wrong:
        assert quiet("rollouts", "create", "--engine", "woocommerce", "--to", "1.2.0", *option, code=64).err


def test_members_are_set_and_removed_and_a_store_is_given_away(quiet):
    store = ready_store(quiet, "Shared")
    quiet.sql("UPDATE stores SET first_ready_at = now()")
    assert quiet("members", "set", store, "bob", "manager").out == f"bob is a manager of store {store}.\n"
    shown = quiet("members", "list", store, "--json").json
    assert [(it["user"], it["role"], it["addedBy"]) for it in shown] == [("ada", "owner", None), ("bob", "manager", "grace")]
    assert "bob" in quiet("members", "list", store).out
    assert [it["id"] for it in quiet("stores", "list", "--user", "bob", "--json").json] == [], "those of an owner are the owner's alone"
    assert "is ada's" in quiet("members", "set", store, "ada", "viewer", code=2).err
    assert "transfer" in quiet("members", "set", store, "bob", "owner", code=2).err
    assert "no member of store" in quiet("members", "remove", store, "eve", code=2).err
    assert "any more" in quiet("members", "remove", store, "bob").out

    quiet("users", "quota", "--user", "bob", "0")
    assert "bob has 0 of 0 stores" in quiet("members", "transfer", store, "bob", code=2).err
    assert quiet.sql("SELECT count(*) FROM store_invitations") == [(0,)], "what was refused leaves no offer behind"
    given = quiet("members", "transfer", store, "eve", "--leaves-as", "viewer", "--json").json
    assert quiet.sql("SELECT kind, owner FROM jobs WHERE id = %s", given["job"]) == [("apply", "eve")]
    assert [(it["user"], it["role"]) for it in quiet("members", "list", store, "--json").json] == [("eve", "owner"), ("ada", "viewer")]
    assert "already" in quiet("members", "transfer", store, "eve", code=2).err
    told = quiet.sql("SELECT action, detail, outcome FROM audit WHERE target = %s", store)
    assert ("member.accept", "eve as owner", "done") in told, told
    for wrong in (["list", "abcdefabcdef"], ["set", "abcdefabcdef", "bob", "viewer"], ["transfer", "abcdefabcdef", "bob"]):
        assert "There is no store" in quiet("members", *wrong, code=2).err

    # Where accounts are kept, a typing error is nobody.
    quiet("users", "create", "dan@example.org")
    for name in ("dan@exmaple.org", "bob"):
        assert "has no account" in quiet("members", "transfer", store, name, code=2).err
    applied(quiet, store)
    assert "is dan@example.org's now" in quiet("members", "transfer", store, "dan@example.org").out


def test_channels_are_shown_with_what_was_sent_and_resumed(quiet):
    quiet.sql("INSERT INTO channels (id, owner, type, shown, key_id, sealed, events, state, paused_reason) VALUES"
              " ('0123456789ab', 'ada', 'webhook', 'https://hooks.example.com', 'k1', 'sealed', '{store.failed}', 'paused', 'It answered 410')")
    quiet.sql("INSERT INTO notices (id, kind, subject, owner, body, due_at, told_at)"
              " VALUES ('00000000-0000-4000-8000-000000000001', 'store.failed', 'a00000000001', 'ada', '{}', now(), now())")
    quiet.sql("INSERT INTO deliveries (notice_id, channel_id, status, attempt, code, error, finished_at)"
              " VALUES ('00000000-0000-4000-8000-000000000001', '0123456789ab', 'failed', 1, 410, 'It answered 410', now())")
    shown = quiet("channels").out
    assert "https://hooks.example.com" in shown and "It answered 410" in shown and "sealed" not in shown
    assert quiet("channels", "list", "--owner", "eve").out == "There are no channels.\n"
    [sent] = quiet("channels", "deliveries", "0123456789ab", "--json").json
    assert (sent["event"], sent["store"], sent["status"], sent["code"]) == ("store.failed", "a00000000001", "failed", 410)
    assert quiet("channels", "resume", "0123456789ab").out == "Channel 0123456789ab is active.\n"
    assert quiet("channels", "--json").json[0]["state"] == "active"
    assert quiet.sql("SELECT actor, action, detail FROM audit WHERE target = '0123456789ab'") == [("grace", "channel.change", "active")]
    assert "There is no channel" in quiet("channels", "resume", "0123456789ac", code=2).err
    quiet("channels", "resume", "nothing", code=64)


def test_channels_are_sealed_anew_and_one_that_cannot_be_opened_is_named(quiet):
    old, new = (f"{name}:{base64.b64encode(bytes([number]) * 32).decode()}" for number, name in enumerate(("old", "new"), 1))
    text = json.dumps({"url": "https://hooks.example.com/s3cret", "secret": "whsec_" + base64.b64encode(b"x" * 32).decode()})
    for channel, context in (("0123456789ab", "channel:0123456789ab"), ("0123456789ac", "channel:0123456789ad")):
        quiet.sql("INSERT INTO channels (id, type, shown, key_id, sealed, events) VALUES (%s, 'webhook', 'https://hooks.example.com', %s, %s, '{store.lost}')",
                  channel, *sealed(text, context, old, "channels"))
    assert "CHANNEL_KEYS is not set" in quiet("channels", "rekey", code=2, CHANNEL_KEYS="").err
    said = quiet("channels", "rekey", "--json", code=3, CHANNEL_KEYS=f"{new},{old}").json
    assert said["changed"] == 1 and "0123456789ac" in said["failed"][0]
    assert dict(quiet.sql("SELECT id, key_id FROM channels")) == {"0123456789ab": "new", "0123456789ac": "old"}
    assert quiet("channels", "rekey", "--json", code=3, CHANNEL_KEYS=new).json["changed"] == 0
    assert quiet.sql("SELECT detail FROM audit WHERE action = 'channels.rekey'") == [("to key new",)] * 2
