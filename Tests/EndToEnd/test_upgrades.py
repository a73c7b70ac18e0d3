"""Other versions of a store's chart: what is sold is kept, whether the new version proves itself or not."""

import json
import os
import signal

import pytest
from polling import until
from test_backups import at_rest, backups, host, order, orders


@pytest.fixture(scope="module")
def store(stack):
    with stack.live_store("Upgraded") as store:
        yield stack.settled(store["id"], "ready")


def upgrade(stack, store: dict, version: str) -> dict:
    answer = stack.request("PATCH", f"/api/stores/{store['id']}", {"version": version})
    assert (answer.status, answer.body["store"]["activity"]) == (202, "upgrading"), answer
    return at_rest(stack, store)


def test_a_version_that_does_not_sell_gives_the_store_back_and_is_not_tried_again(stack, store):
    order(stack, store)
    before = stack.store(store["id"])
    after = upgrade(stack, store, "99.1.0")
    assert (after["status"], after["version"], after["health"]) == ("ready", before["version"], "healthy")
    assert (after["changeError"]["code"], "was not proved" in after["changeError"]["message"]) == ("missing-reference", True), after["changeError"]
    assert stack.visit(host(store)).status == 200
    assert [it["orders"] for it in backups(stack, store) if it["kind"] == "pre-change"] == [1]
    refused = stack.request("PATCH", f"/api/stores/{store['id']}", {"version": "99.1.0"})
    assert (refused.status, refused.body["code"], refused.body["field"]) == (409, "version-blocked", "version")
    order(stack, store)
    assert orders(stack, store) == 2


def test_an_upgrade_keeps_what_was_sold_and_nobody_is_let_in_meanwhile(stack, store):
    answer = stack.request("PATCH", f"/api/stores/{store['id']}", {"version": "99.0.0"})
    assert answer.status == 202, answer
    told = until(lambda: (lambda it: it if it.status == 503 else None)(stack.visit(host(store), Accept="application/json")), "the gate to answer")
    assert json.loads(told.text)["state"] == "changing", told
    busy = stack.request("PATCH", f"/api/stores/{store['id']}", {"plan": "large"})
    after = at_rest(stack, store)
    assert (busy.status, busy.body["code"]) == (409, "not-ready"), busy
    assert (after["status"], after["version"], after["changeError"], after["plan"]) == ("ready", "99.0.0", None, "small")
    assert stack.visit(host(store)).status == 200
    assert orders(stack, store) == 2


def test_a_worker_without_the_chart_leaves_an_upgrade_to_another(stack, tmp_path):
    with stack.live_store("Left To Another") as made:
        store = stack.settled(made["id"], "ready")
        stack.lib(f"end_processes 40 store-worker-1; HELM_CHART_ARCHIVE={tmp_path} launch_worker 1")
        other = stack.pid("store-worker-2")

        def job():
            return stack.admin("GET", f"/api/admin/jobs?store={store['id']}").body["jobs"][0]

        try:
            # The one that has the chart was there a moment ago, and does nothing.
            os.kill(other, signal.SIGSTOP)
            assert stack.request("PATCH", f"/api/stores/{store['id']}", {"version": "99.0.0"}).status == 202
            until(lambda: "another one does" in (job()["error"] or ""), "the worker to leave it")
            os.kill(other, signal.SIGCONT)
            after = at_rest(stack, store)
            assert (after["version"], after["changeError"], job()["attempt"]) == ("99.0.0", None, 1)
        finally:
            os.kill(other, signal.SIGCONT)
            stack.lib("end_processes 40 store-worker-1; launch_worker 1")
