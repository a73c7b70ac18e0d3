"""A version that breaks some stores: the rollout of it halts, goes on where an operator says so, and leaves each store where it says."""

import hashlib
import json
import os
import signal

import pytest
from polling import until
from stack import PATIENCE

PATIENCE_OF_A_ROLLOUT = 2 * PATIENCE
# Its pods want a Secret that some stores have.
LATER = "99.2.0"


@pytest.fixture(scope="module")
def fleet(stack):
    """Twelve stores, in the order in which a rollout takes them."""
    created = [stack.create(f"Fleet {number}", user=f"fleet{number % 3}") for number in range(12)]
    for store in created:
        stack.settled(store["id"], "ready")
    yield sorted(created, key=lambda store: hashlib.md5(store["id"].encode()).hexdigest())
    stack.delete(*(store["id"] for store in created))


def rollout(stack, number: str) -> dict:
    return stack.admin("GET", f"/api/admin/rollouts/{number}").body["rollout"]


def members(stack, number: str) -> dict[str, dict]:
    return {it["storeId"]: it for it in stack.admin("GET", f"/api/admin/rollouts/{number}/stores").body["stores"]}


def fit(stack, store: dict) -> None:
    """Gives a store what the version wants."""
    secret = json.loads(stack.kubectl("--namespace", store["namespace"], "get", "secret", "wordpress-secret", "--output", "json"))
    told = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "later-secret", "namespace": store["namespace"]}, "data": secret["data"]}
    file = stack.folder / "later-secret.json"
    file.write_text(json.dumps(told))
    stack.kubectl("create", "--filename", str(file))


def test_a_version_that_breaks_stores_is_halted_goes_on_and_is_tried_again(stack, fleet):
    # Both that fail are of the first wave: which of the second had begun by the time of a failure would be chance.
    asleep, unfit, refused = fleet[1], (fleet[0], fleet[2]), fleet[10]
    assert stack.request("PATCH", f"/api/stores/{asleep['id']}", {"asleep": True}).status == 202
    until(lambda: stack.store(asleep["id"])["appliedGeneration"] == 2, "a store to sleep", PATIENCE)
    for store in fleet:
        if store not in unfit:
            fit(stack, store)
    stack.faults("PUT", refused["namespace"], {"faults": [{"kind": "helmConflict"}]})
    wanted = {
        "engine": "woocommerce", "to": LATER, "waves": [{"count": 4}, {"percent": 100}], "batch": 4, "maxFailures": 1, "soakSeconds": 1,
        "sleeping": "skip", "reason": "A test", "canaries": [fleet[11]["id"]],
    }
    made = stack.admin("POST", "/api/admin/rollouts", wanted)
    assert made.status == 201, made
    number = made.body["rollout"]["id"]
    order = [fleet[11], *fleet[:11]]
    assert list(members(stack, number)) == [store["id"] for store in order]

    # Whoever conducts the rollout may be among the killed; the other worker goes on.
    until(lambda: rollout(stack, number)["byWave"][1]["running"], "the first wave to begin", PATIENCE)
    os.kill(stack.pid("store-worker-1"), signal.SIGKILL)
    halted = until(lambda: (now := rollout(stack, number))["state"] == "halted" and now["stores"]["running"] == 0 and now, "a halt", PATIENCE_OF_A_ROLLOUT)
    stack.lib("end_processes 10 store-worker-1; launch_worker 1")
    assert "stores failed or were kept, and 1 may" in halted["haltedReason"]
    assert halted["byWave"][1] | {"waiting": 0, "kept": 2, "skipped": 1} == halted["byWave"][1], halted
    assert halted["byWave"][2]["waiting"] == halted["byWave"][2]["total"] > 0, halted
    found = members(stack, number)
    for store in unfit:
        assert (found[store["id"]]["state"], "later-secret" in found[store["id"]]["reason"]) == ("kept", True), found[store["id"]]
        assert stack.store(store["id"])["status"] == "ready"
    assert found[asleep["id"]] | {"state": "skipped", "reason": "The store sleeps"} == found[asleep["id"]]
    waiting = [identifier for identifier, it in found.items() if it["state"] == "waiting"]
    assert len(waiting) == halted["byWave"][2]["waiting"] and all(stack.store(identifier)["version"] != LATER for identifier in waiting)

    assert stack.admin("POST", f"/api/admin/rollouts/{number}/resume").status == 200
    done = until(lambda: (now := rollout(stack, number))["state"] == "done" and now, "the rollout to end", PATIENCE_OF_A_ROLLOUT)
    assert done["stores"] | {"done": 8, "skipped": 1, "waiting": 0} == done["stores"] and done["endedAt"]
    kept = members(stack, number)[refused["id"]]
    assert kept["state"] == "kept" and kept["reason"]
    assert stack.store(refused["id"])["version"] != LATER and stack.store(refused["id"])["status"] == "ready"

    for store in unfit:
        fit(stack, store)
    stack.clear_fault(refused["namespace"])
    assert stack.admin("POST", f"/api/admin/rollouts/{number}/retry").status == 200
    until(lambda: rollout(stack, number)["stores"]["done"] == 11, "what went wrong to be upgraded", PATIENCE_OF_A_ROLLOUT)
    until(lambda: rollout(stack, number)["state"] == "done", "the rollout to end again", PATIENCE)
    for store in fleet:
        now = stack.store(store["id"])
        assert now["status"] == "ready" and (now["version"] == LATER) == (store is not asleep), now
    jobs = {store["id"]: stack.job_numbers(store["id"]) for store in fleet}
    # One job made each store, and one upgraded it: no conductor began a store twice.
    assert all(len(jobs[store["id"]]) <= (3 if store in (*unfit, refused, asleep) else 2) for store in fleet), jobs
