"""Backups of stores on the simulated cluster, whose stores keep a ledger of orders: what is ordered, kept, lost and brought back."""

import http.client
import json
import urllib.parse

import pytest
from stack import PATIENCE, until


def host(store: dict) -> str:
    return store["url"].split("/")[2].split(":")[0]


def order(stack, store: dict) -> str:
    """Places one and returns its number."""
    said = stack.script("place-order", store["url"], "--engine", store["engine"]).stdout
    return said.split()[1]


def orders(stack, store: dict) -> int:
    """How many the store has, as the next backup counts them."""
    return back_up(stack, store)["orders"]


def back_up(stack, store: dict) -> dict:
    answer = stack.request("POST", f"/api/stores/{store['id']}/backups")
    assert answer.status == 202, answer
    identifier = answer.body["backup"]["id"]
    backup = until(
        lambda: next((it for it in backups(stack, store) if it["id"] == identifier and it["status"] != "running"), None), "the backup to end"
    )
    assert backup["status"] == "done", backup
    at_rest(stack, store)
    return backup


def backups(stack, store: dict) -> list[dict]:
    return stack.request("GET", f"/api/stores/{store['id']}/backups").body["backups"]


def at_rest(stack, store: dict) -> dict:
    until(lambda: stack.store(store["id"])["activity"] is None or None, "the store to be at rest")
    return stack.store(store["id"])


@pytest.fixture(scope="module", params=["woocommerce", "medusa"])
def store(stack, request):
    with stack.live_store(f"Kept {request.param}", request.param) as store:
        yield stack.settled(store["id"], "ready")


def test_a_restore_gives_back_the_first_order_and_not_the_second(stack, store):
    order(stack, store)
    first = back_up(stack, store)
    assert (first["kind"], first["orders"], first["error"]) == ("manual", 1, None)
    assert first["size"] == first["databaseBytes"] + first["fileBytes"] > 0
    assert stack.store(store["id"])["lastBackupAt"] is not None
    order(stack, store)
    answer = stack.request("POST", f"/api/stores/{store['id']}/restore", {"backup": first["id"]})
    assert (answer.status, answer.body["store"]["activity"], answer.body["store"]["status"]) == (202, "restoring", "ready")
    after = at_rest(stack, store)
    assert (after["status"], after["changeError"]) == ("ready", None)
    kept = [it for it in backups(stack, store) if it["kind"] == "pre-change"]
    assert [it["orders"] for it in kept] == [2]
    assert orders(stack, store) == 1


def test_while_it_is_restored_visitors_are_told_so(stack, store):
    newest = next(it for it in backups(stack, store) if it["status"] == "done")
    assert stack.request("POST", f"/api/stores/{store['id']}/restore", {"backup": newest["id"]}).status == 202
    told = until(
        lambda: (lambda it: it if it.status == 503 else None)(stack.visit(host(store), Accept="application/json")), "the gate to answer"
    )
    assert json.loads(told.text)["state"] == "restoring", told
    assert at_rest(stack, store)["changeError"] is None


def test_a_copy_has_the_orders_of_its_source_and_an_address_and_a_password_of_its_own(stack, store):
    before = orders(stack, store)
    answer = stack.request("POST", f"/api/stores/{store['id']}/clone", {"name": f"Copy {store['engine']}"})
    assert answer.status == 202, answer
    copy = stack.settled(answer.body["store"]["id"], "ready")
    try:
        assert copy["url"] != store["url"] and copy["id"] != store["id"]
        assert orders(stack, copy) == before
        order(stack, copy)
        assert orders(stack, store) == before
        passwords = [stack.request("POST", f"/api/stores/{it['id']}/credentials/reveal").body["password"] for it in (store, copy)]
        assert passwords[0] != passwords[1]
    finally:
        stack.delete(copy["id"])


def test_a_deleted_store_is_brought_back_with_all_that_was_ordered(stack):
    with stack.live_store("Gone And Back") as made:
        store = stack.settled(made["id"], "ready")
        order(stack, store)
        stack.delete(store["id"])
        gone = next(it for it in stack.request("GET", "/api/stores/deleted").body["stores"] if it["id"] == store["id"])
        assert gone["name"] == "Gone And Back" and gone["keptUntil"] > gone["deletedAt"]
        assert store["namespace"] not in stack.namespaces()
        answer = stack.request("POST", f"/api/stores/{store['id']}/undelete")
        assert answer.status == 202, answer
        back = stack.settled(answer.body["store"]["id"], "ready")
        try:
            assert (back["name"], back["url"]) == (store["name"], store["url"])
            assert orders(stack, back) == 1
        finally:
            stack.delete(back["id"])


def test_a_purged_store_cannot_be_brought_back_and_the_vault_forgets_it(stack):
    with stack.live_store("Gone For Good") as made:
        store = stack.settled(made["id"], "ready")
        back_up(stack, store)
        assert stack.request("DELETE", f"/api/stores/{store['id']}?purge=true").status == 202
        until(lambda: stack.request("GET", f"/api/stores/{store['id']}").status == 404 or None, "the store to be gone")
        assert store["id"] not in [it["id"] for it in stack.request("GET", "/api/stores/deleted").body["stores"]]
        assert stack.request("POST", f"/api/stores/{store['id']}/undelete").status in (404, 410)
        until(lambda: store["id"] not in vault(stack) or None, "the vault to forget it", PATIENCE)


def test_a_final_backup_that_cannot_be_made_leaves_the_choice_to_the_owner(stack):
    with stack.live_store("Not Yet Gone") as made:
        store = stack.settled(made["id"], "ready")
        with stack.fault(store["namespace"], "vaultAway"):
            assert stack.request("DELETE", f"/api/stores/{store['id']}").status == 202
            until(lambda: stack.store(store["id"])["status"] == "failed" or None, "the deletion to be given up", 180)
            failed = stack.store(store["id"])
            assert "final backup" in failed["errorMessage"] and store["namespace"] in stack.namespaces()
        assert stack.request("POST", f"/api/stores/{store['id']}/retry").status == 202
        until(lambda: stack.request("GET", f"/api/stores/{store['id']}").status == 404 or None, "the store to be gone")
        assert store["id"] in [it["id"] for it in stack.request("GET", "/api/stores/deleted").body["stores"]]


def vault(stack) -> dict:
    """The repositories of the simulated vault."""
    server = next(line.split()[1] for line in open(stack.kubeconfig) if "server:" in line)
    parts = urllib.parse.urlsplit(server)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    try:
        connection.request("GET", parts.path + "/simulator/vault")
        return json.loads(connection.getresponse().read())["repositories"]
    finally:
        connection.close()
