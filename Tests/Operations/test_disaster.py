"""Disaster recovery as in docs/operations.md, rehearsed: PostgreSQL restored from an older dump, Redis lost, the cluster lost, all of it lost."""

import re
import subprocess

import psycopg
from polling import until
from psycopg import sql

PROGRAMS = "store-api store-worker-1 store-worker-2"


def secret_uid(stack, namespace: str) -> str:
    return stack.kubectl("get", "secret", "wordpress-secret", "-n", namespace, "-o", "jsonpath={.metadata.uid}")


def stop_programs(stack) -> None:
    stack.lib("end_processes 40 store-worker-1 store-worker-2; end_processes 20 store-api")


def start_programs(stack) -> None:
    stack.lib('launch_api "${API_URL##*:}"; launch_worker 1; launch_worker 2')
    until(lambda: healthy(stack), "the stack to be healthy")


def healthy(stack) -> bool:
    try:
        return stack.request("GET", "/api/health").status == 200
    except OSError:
        return False


def restore(storectl, dump) -> None:
    """Puts the dump in the database's place."""
    url, name = storectl.settings["DATABASE_URL"].rsplit("/", 1)
    with psycopg.connect(url + "/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    subprocess.run(["pg_restore", "--exit-on-error", "--dbname", storectl.settings["DATABASE_URL"], dump], check=True)


def test_postgresql_restored_from_an_older_dump(stack, storectl, tmp_path):
    kept, deleted = stack.create("Kept", user="ada"), stack.create("Deleted Since", user="ada")
    for store in (kept, deleted):
        stack.settled(store["id"], "ready")
    subprocess.run(["pg_dump", "--format=custom", "--file", tmp_path / "dump", storectl.settings["DATABASE_URL"]], check=True)
    made = stack.create("Made Since", user="ada")
    stack.settled(made["id"], "ready")
    password = secret_uid(stack, made["namespace"])
    stack.delete(deleted["id"])

    stop_programs(stack)
    restore(storectl, tmp_path / "dump")
    storectl.redis.flushdb()
    start_programs(stack)

    found = {it["subject"]: it["detail"] for it in storectl("fsck", "--json", code=3).json if it["place"] == "cluster"}
    assert found == {
        made["namespace"]: "a namespace of ours that no store has", deleted["namespace"]: "a store is ready there, but it is gone",
    }
    assert stack.store(kept["id"])["status"] == "ready"
    storectl("orphans", "adopt", made["namespace"])
    adopted = stack.settled(made["id"], "ready")
    assert (adopted["name"], adopted["namespace"]) == ("Made Since", made["namespace"])
    assert secret_uid(stack, made["namespace"]) == password, "its data must be left alone"
    storectl("stores", "delete", deleted["id"])
    stack.delete(deleted["id"], kept["id"], made["id"])
    assert storectl("fsck").out == "No inconsistencies.\n"


def test_redis_lost_with_jobs_in_it(stack, storectl):
    storectl("pause", "--reason", "rehearsal")
    try:
        created = [stack.create(f"Unforgotten {number}") for number in range(3)]
        until(lambda: storectl("queue", "--json").json["redis"]["ready"] == 3, "the jobs to be queued")
        storectl.redis.flushall()
        until(lambda: storectl("queue", "--json").json["redis"]["ready"] == 3, "the sweep to put them back")
    finally:
        storectl("resume")
    for store in created:
        stack.settled(store["id"], "ready")
    stack.delete(*(store["id"] for store in created))


def test_the_cluster_lost_with_all_stores(stack, storectl):
    created = [stack.create(f"Refugee {number}", user="ada") for number in range(2)]
    for store in created:
        stack.settled(store["id"], "ready")
    port = re.search(r"server: \S+:(\d+)", (stack.folder / "run" / "kubeconfig").read_text())[1]
    stop_programs(stack)
    stack.lib(f"end_processes 10 cluster-sim; launch_sim {port}")
    start_programs(stack)
    for store in created:
        until(lambda store=store: stack.store(store["id"])["health"] == "degraded", "the loss to be noticed")
        storectl("stores", "recreate", store["id"], "--confirm", store["namespace"].removeprefix("store-"))
    for store in created:
        stack.settled(store["id"], "ready")
    assert {store["namespace"] for store in created} <= stack.namespaces()
    stack.delete(*(store["id"] for store in created))


def backed_up(stack, storectl, store: dict) -> int:
    """How many orders the store has, as a backup of it counts them."""
    taken = storectl("backups", "take", store["id"], "--json").json["backup"]
    def done():
        row = next(it for it in storectl("backups", "list", store["id"], "--json").json if it["id"] == taken)
        return row if row["status"] != "running" else None
    row = until(done, "the backup")
    assert row["status"] == "done", row
    until(lambda: stack.store(store["id"])["activity"] is None, "the store to be at rest")
    return row["orders"]


def empty_cluster(stack, namespaces: set[str]) -> None:
    """But for the vault, which the simulated cluster keeps, too."""
    stack.kubectl("delete", "namespaces", *namespaces, "--wait=false")
    until(lambda: not namespaces & stack.namespaces(), "the namespaces to be gone")


def test_everything_lost_but_the_vault_and_the_dump(stack, storectl, tmp_path):
    """The dump's own way through restic and store-vault is Tests/Databases/test_platform.py's."""
    woo, medusa, asleep, deleted, bare = (
        stack.settled(stack.create(name, engine)["id"], "ready")
        for name, engine in (("Sold Much", "woocommerce"), ("Sold Some", "medusa"), ("Sold And Slept", "woocommerce"), ("Sold And Left", "woocommerce"),
                             ("Never Saved", "woocommerce"))
    )
    for store, number in ((woo, 2), (medusa, 1), (asleep, 1), (deleted, 1)):
        for _ in range(number):
            stack.script("place-order", store["url"], "--engine", store["engine"])
    for store in (woo, medusa, asleep):
        backed_up(stack, storectl, store)
    storectl("stores", "sleep", asleep["id"])
    storectl("stores", "delete", deleted["id"], KEEP_DELETED_DAYS="3")
    until(lambda: stack.store(asleep["id"])["asleep"] and stack.store(asleep["id"])["activity"] is None, "the store to sleep")
    until(lambda: stack.request("GET", f"/api/stores/{deleted['id']}").status == 404, "the store to be gone")
    subprocess.run(["pg_dump", "--format=custom", "--file", tmp_path / "dump", storectl.settings["DATABASE_URL"]], check=True)

    stop_programs(stack)
    empty_cluster(stack, {store["namespace"] for store in (woo, medusa, asleep, bare)})
    restore(storectl, tmp_path / "dump")
    storectl.redis.flushall()
    storectl("pause", "--reason", "recovery")
    start_programs(stack)

    ours = {woo["id"], medusa["id"], asleep["id"]}
    told = {it["id"]: it for it in storectl("recover", "stores", "--json", code=3).json}
    assert {identifier: it["outcome"] for identifier, it in told.items() if identifier in ours} == dict.fromkeys(ours, "to be restored")
    assert told[bare["id"]]["backup"] is None and told[woo["id"]]["orders"] == 2 and told[woo["id"]]["ageSeconds"] >= 0
    storectl("recover", "stores", "--yes", code=3)
    # What was queued before Redis is lost is queued again.
    storectl.redis.flushall()
    again = {it["id"]: it["outcome"] for it in storectl("recover", "stores", "--yes", "--json", code=3).json}
    assert {again[it] for it in ours} == {"being restored already"}
    storectl("resume")

    for store in (woo, medusa):
        stack.settled(store["id"], "ready")
    until(lambda: all(stack.store(it)["activity"] is None for it in ours), "the stores to be restored")
    state = stack.store(asleep["id"])
    assert (state["status"], state["asleep"], state["changeError"]) == ("ready", True, None)
    assert {store["namespace"] for store in (woo, medusa, asleep)} <= stack.namespaces() and bare["namespace"] not in stack.namespaces()
    assert [backed_up(stack, storectl, store) for store in (woo, medusa, asleep)] == [2, 1, 1]
    back = storectl("stores", "undelete", deleted["id"], "--json").json["store"]
    assert backed_up(stack, storectl, stack.settled(back, "ready")) == 1
    # Other tests' stores, which were never ready, may be there, too.
    left = [it for it in storectl("recover", "stores", "--json", code=3).json if it["id"] in ours | {bare["id"], back}]
    assert [it["id"] for it in left] == [bare["id"]]
    stack.delete(*ours, bare["id"], back)
