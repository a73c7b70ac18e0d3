"""Backups of stores on the simulated cluster, whose stores keep a ledger of orders: what is ordered, kept, lost and brought back. Copies are made by the
suites browser and chaos."""

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


@pytest.fixture(scope="module")
def store(stack):
    with stack.live_store("Kept In The Vault") as store:
        yield stack.settled(store["id"], "ready")


def restore(stack, store: dict, backup: dict) -> None:
    answer = stack.request("POST", f"/api/stores/{store['id']}/restore", {"backup": backup["id"]})
    assert (answer.status, answer.body["store"]["activity"], answer.body["store"]["status"]) == (202, "restoring", "ready")


def test_a_restore_gives_back_the_first_order_and_not_the_second(stack, store):
    order(stack, store)
    first = back_up(stack, store)
    assert (first["kind"], first["orders"], first["error"]) == ("manual", 1, None)
    assert first["size"] == first["databaseBytes"] + first["fileBytes"] > 0
    assert stack.store(store["id"])["lastBackupAt"] is not None
    order(stack, store)
    restore(stack, store, first)
    told = until(
        lambda: (lambda it: it if it.status == 503 else None)(stack.visit(host(store), Accept="application/json")), "the gate to answer"
    )
    assert json.loads(told.text)["state"] == "restoring", told
    after = at_rest(stack, store)
    assert (after["status"], after["changeError"]) == ("ready", None)
    assert [it["orders"] for it in backups(stack, store) if it["kind"] == "pre-change"] == [2]
    assert orders(stack, store) == 1


def test_a_medusa_store_is_restored_too(stack):
    with stack.live_store("Kept Medusa", "medusa") as made:
        store = stack.settled(made["id"], "ready")
        order(stack, store)
        first = back_up(stack, store)
        order(stack, store)
        restore(stack, store, first)
        assert at_rest(stack, store)["changeError"] is None
        assert orders(stack, store) == 1


def test_a_deleted_store_is_brought_back_and_a_purged_one_is_forgotten(stack):
    store = stack.settled(stack.create("Gone And Back")["id"], "ready")
    order(stack, store)
    # A final backup that cannot be made leaves the choice to the owner.
    with stack.fault(store["namespace"], "vaultAway"):
        assert stack.request("DELETE", f"/api/stores/{store['id']}").status == 202
        until(lambda: stack.store(store["id"])["status"] == "failed" or None, "the deletion to be given up", 180)
        assert "final backup" in stack.store(store["id"])["errorMessage"] and store["namespace"] in stack.namespaces()
    assert stack.request("POST", f"/api/stores/{store['id']}/retry").status == 202
    gone(stack, store)
    kept = next(it for it in stack.request("GET", "/api/stores/deleted").body["stores"] if it["id"] == store["id"])
    assert kept["name"] == "Gone And Back" and kept["keptUntil"] > kept["deletedAt"]
    assert store["namespace"] not in stack.namespaces()

    answer = stack.request("POST", f"/api/stores/{store['id']}/undelete")
    assert answer.status == 202, answer
    back = stack.settled(answer.body["store"]["id"], "ready")
    assert (back["name"], back["url"]) == (store["name"], store["url"])
    assert orders(stack, back) == 1

    purge(stack, back)
    assert back["id"] not in [it["id"] for it in stack.request("GET", "/api/stores/deleted").body["stores"]]
    assert stack.request("POST", f"/api/stores/{back['id']}/undelete").status == 404
    until(lambda: back["id"] not in vault(stack) or None, "the vault to forget it", PATIENCE)
    assert store["id"] in vault(stack)


def purge(stack, store: dict) -> None:
    assert stack.request("DELETE", f"/api/stores/{store['id']}?purge=true").status == 202
    gone(stack, store)


def gone(stack, store: dict) -> None:
    until(lambda: stack.request("GET", f"/api/stores/{store['id']}").status == 404 or None, "the store to be gone")


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
