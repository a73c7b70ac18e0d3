"""What must not matter to anybody's store: a frozen worker, a rollout of workers, a database that is away, an operator's cancel."""

import os
import signal

from polling import until

WORKERS = ("store-worker-1", "store-worker-2")


def worker_of(stack, store: str) -> str | None:
    """The program that runs the store's job now."""
    running = stack.admin("GET", f"/api/admin/jobs?state=running&store={store}").body["jobs"]
    return f"store-worker-{running[0]['worker'].rsplit('-', 1)[1]}" if running else None


def reported(stack, program: str) -> str | None:
    """When the worker last told how it is."""
    for worker in stack.admin("GET", "/api/admin/workers").body["workers"]:
        if worker["worker"].endswith(program.removeprefix("store-worker")):
            return worker["reportedAt"]
    return None


def test_a_store_of_the_same_name_keeps_its_namespace_when_the_old_ones_worker_thaws(stack):
    # Slow enough for its worker to be frozen in the middle.
    with stack.fault("store-phoenix", "latency", seconds=1):
        old = stack.create("Phoenix")
        assert old["namespace"] == "store-phoenix"
        frozen = until(lambda: worker_of(stack, old["id"]), "its worker")
        until(lambda: "store-phoenix" in stack.namespaces(), "its namespace")
        os.kill(stack.pid(frozen), signal.SIGSTOP)
    try:
        # The other worker takes over once the lease has lapsed.
        stack.delete(old["id"])
        new = stack.create("Phoenix")
        assert new["namespace"] == "store-phoenix"
        stack.settled(new["id"], "ready")
        before, silent_since = stack.job_numbers(new["id"]), reported(stack, frozen)
    finally:
        os.kill(stack.pid(frozen), signal.SIGCONT)
    # What the thawed worker does first is to notice that its time is over; it reports only while it lives.
    until(lambda: reported(stack, frozen) not in (None, silent_since), "a report of the thawed worker")
    owner = stack.kubectl("get", "namespace", "store-phoenix", "--output", r"jsonpath={.metadata.labels.store-weaver\.dev/store-id}")
    assert owner == new["id"]
    assert stack.releases()[new["id"]]["status"] == "deployed"
    assert old["id"] not in stack.releases()
    assert stack.store(new["id"])["status"] == "ready"
    assert stack.job_numbers(new["id"]) == before
    stack.delete(new["id"])


def test_a_rollout_of_the_workers_in_the_middle_fails_no_store_and_costs_no_attempt(stack):
    created = [stack.create(f"Rollout {number}") for number in range(8)]
    for number, worker in enumerate(WORKERS, 1):
        until(lambda: worker_of_any(stack), "a provision at work")
        stack.lib(f"end_processes 60 {worker}; launch_worker {number}")
    for store in created:
        stack.settled(store["id"], "ready", seconds=180)
        jobs = stack.admin("GET", f"/api/admin/jobs?store={store['id']}").body["jobs"]
        assert [(job["state"], job["attempt"], job["reclaims"]) for job in jobs] == [("succeeded", 1, 0)]
    stack.delete(*(store["id"] for store in created))


def worker_of_any(stack):
    running = stack.admin("GET", "/api/admin/jobs?state=running").body["jobs"]
    unfinished = stack.admin("GET", "/api/admin/jobs?state=queued").body["jobs"]
    return running or (None if unfinished else "all are done")


def test_without_postgresql_the_api_says_so_and_recovers_by_itself(stack):
    stack.lib('"$ROOT/scripts/lib/postgres" stop "$SERVERS/postgres"')
    try:
        for method, path, body in (
            ("GET", "/api/stores", None), ("POST", "/api/stores", {"name": "Nowhere", "engine": "medusa"}), ("GET", "/readyz", None),
        ):
            answer = stack.request(method, path, body)
            assert answer.status == 503, answer
            assert int(answer.headers["Retry-After"]) > 0
            assert "error" in answer.body
        assert stack.request("GET", "/livez").status == 200
    finally:
        stack.lib("start_postgres")
    until(lambda: stack.request("GET", "/api/stores").status == 200, "the API's recovery")
    with stack.live_store("Back Again") as store:
        stack.settled(store["id"], "ready")


def test_an_operator_cancels_a_provision_at_work_and_replays_it(stack):
    with stack.fault("store-second-thoughts", "latency", seconds=1), stack.live_store("Second Thoughts") as store:
        until(lambda: worker_of(stack, store["id"]), "its worker")
        job = stack.admin("GET", f"/api/admin/jobs?store={store['id']}").body["jobs"][0]["id"]
        assert stack.admin("POST", f"/api/admin/jobs/{job}/cancel", {"reason": "wrong plan"}).status in (200, 202)
        failed = stack.settled(store["id"], "failed")
        assert failed["errorMessage"] == "Cancelled by operator: wrong plan"
        stack.clear_fault("store-second-thoughts")
        assert stack.admin("POST", f"/api/admin/jobs/{job}/replay").status == 202
        stack.settled(store["id"], "ready")
