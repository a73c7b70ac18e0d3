"""Disaster recovery as in docs/operations.md, rehearsed: PostgreSQL restored from an older dump, Redis lost, the cluster lost."""

import re
import subprocess

import psycopg
from psycopg import sql
from stack import until

PROGRAMS = "store-api store-worker-1 store-worker-2"


def secret_uid(stack, namespace: str) -> str:
    return stack.kubectl("get", "secret", "wordpress-secret", "-n", namespace, "-o", "jsonpath={.metadata.uid}")


def stop_programs(stack) -> None:
    stack.lib("end_processes 40 store-worker-1 store-worker-2; end_processes 20 store-api")


def start_programs(stack) -> None:
    stack.lib('launch_api "${API_URL##*:}"; launch_worker 1; launch_worker 2')
    until(lambda: healthy(stack) or None, "the stack to be healthy")


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
        until(lambda: storectl("queue", "--json").json["redis"]["ready"] == 3 or None, "the jobs to be queued")
        storectl.redis.flushall()
        until(lambda: storectl("queue", "--json").json["redis"]["ready"] == 3 or None, "the sweep to put them back")
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
        until(lambda store=store: stack.store(store["id"])["health"] == "degraded" or None, "the loss to be noticed")
        storectl("stores", "retry", store["id"])
    for store in created:
        stack.settled(store["id"], "ready")
    assert {store["namespace"] for store in created} <= stack.namespaces()
    stack.delete(*(store["id"] for store in created))
