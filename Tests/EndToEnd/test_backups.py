"""Backups of stores on the simulated cluster, whose stores keep a ledger of orders: what is ordered, kept, lost and brought back. Copies are made by the
suites browser and chaos."""

import http.client
import io
import json
import tarfile
import urllib.parse

import pytest
from asking import ask
from polling import until
from stack import PATIENCE


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
    until(lambda: stack.store(store["id"])["activity"] is None, "the store to be at rest")
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


def export(stack, store: dict, backup: dict | None = None) -> dict:
    answer = stack.request("POST", f"/api/stores/{store['id']}/export", {"backup": backup["id"]} if backup else None)
    assert answer.status == 202, answer
    place = answer.headers["Location"]
    made = until(lambda: (lambda it: it if it["status"] != "running" else None)(stack.request("GET", place).body["export"]), "the export to end")
    assert (made["status"], made["error"]) == ("done", None), made
    at_rest(stack, store)
    return made


def fetch(stack, link: str, method: str = "GET", **headers: str):
    """Status, headers and content."""
    answer = ask(stack.url + link, method, headers=headers, timeout=30)
    return answer.status, answer.headers, answer.content


def test_an_export_is_fetched_once_by_its_link_and_gone_on_with(stack, store):
    made = export(stack, store)
    link = made["link"]
    status, headers, _ = fetch(stack, link, "HEAD")
    assert (status, int(headers["Content-Length"])) == (200, made["size"])
    # The beginning is known; the rest is fetched as who was cut off does.
    whole = fetch(stack, stack.request("GET", f"/api/stores/{store['id']}/exports/{made['id']}").body["export"]["link"])
    assert whole[0] == 200 and len(whole[2]) == made["size"] and whole[1]["ETag"] == f'"{made["sha256"]}"'
    assert whole[1]["Content-Disposition"].startswith(f'attachment; filename="{store["namespace"].removeprefix("store-")}-')
    with tarfile.open(fileobj=io.BytesIO(whole[2])) as tar:
        assert tar.getnames()[:3] == ["README.txt", "manifest.json", "database.sql"]
    status, headers, rest = fetch(stack, link, Range="bytes=1000-", **{"If-Range": whole[1]["ETag"]})
    assert (status, rest) == (206, whole[2][1000:]) and headers["Content-Range"] == f"bytes 1000-{made['size'] - 1}/{made['size']}"
    # Of another file it would be no continuation. It is the whole, and with that the link has done its work.
    status, _, content = fetch(stack, link, Range="bytes=1000-", **{"If-Range": '"another"'})
    assert (status, content) == (200, whole[2])
    until(lambda: fetch(stack, link)[0] == 410, "the link to be used up")
    assert fetch(stack, "/api/exports/swx_0123456789abcdef_" + "0" * 64)[0] == 404
    said = [(it["action"], it["outcome"]) for it in stack.admin("GET", f"/api/admin/audit?target={store['id']}").body["entries"]]
    assert ("store.export", "done") in said and said.count(("store.download", "done")) == 2
    assert link.split("/")[-1] not in "".join(stack.logs().values())


def send(stack, content: bytes, **headers: str):
    return stack.request("POST", "/api/imports", content, headers={"Content-Type": "application/x-tar", **headers})


def test_an_imported_store_has_what_was_sold(stack, store):
    order(stack, store)
    taken = back_up(stack, store)
    order(stack, store)
    archive = fetch(stack, export(stack, store, taken)["link"])[2]
    answer = send(stack, archive)
    assert answer.status == 201, answer
    sent = answer.body["import"]
    assert (sent["engine"], sent["orders"], sent["size"]) == (store["engine"], taken["orders"], len(archive))
    assert sent["id"] in [it["id"] for it in stack.request("GET", "/api/imports").body["imports"]]

    wrong = stack.request("POST", "/api/stores", {"name": "Elsewhere", "engine": "medusa", "from": {"import": sent["id"]}})
    assert (wrong.status, wrong.body["field"]) == (400, "from.import")
    made = stack.request("POST", "/api/stores", {"name": "Imported", "engine": store["engine"], "from": {"import": sent["id"]}})
    assert made.status == 202, made
    imported = stack.settled(made.body["store"]["id"], "ready")
    try:
        assert orders(stack, imported) == taken["orders"] and imported["url"] != store["url"]
        order(stack, imported)
        assert orders(stack, imported) == taken["orders"] + 1
    finally:
        stack.delete(imported["id"])

    for content in (b"PK" + bytes(2000), bytes(1024), archive[:600]):
        refused = send(stack, content)
        assert (refused.status, refused.body["code"]) == (400, "bad-archive"), refused
    # What is cut behind its manifest is found when it is read: the store fails with that, and serves nothing.
    cut = send(stack, archive[: archive.index(b"database.sql") + 600])
    assert cut.status == 201, cut
    made = stack.request("POST", "/api/stores", {"name": "Cut", "engine": store["engine"], "from": {"import": cut.body["import"]["id"]}})
    failed = stack.settled(made.body["store"]["id"], "failed")
    assert "archive could not be loaded" in failed["errorMessage"], failed
    stack.delete(failed["id"])


def test_a_deleted_store_is_brought_back_and_a_purged_one_is_forgotten(stack):
    store = stack.settled(stack.create("Gone And Back")["id"], "ready")
    order(stack, store)
    # A final backup that cannot be made leaves the choice to the owner.
    with stack.fault(store["namespace"], "vaultAway"):
        assert stack.request("DELETE", f"/api/stores/{store['id']}").status == 202
        until(lambda: stack.store(store["id"])["status"] == "failed", "the deletion to be given up", 500)
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
    until(lambda: back["id"] not in vault(stack), "the vault to forget it", PATIENCE)
    assert store["id"] in vault(stack)


def purge(stack, store: dict) -> None:
    assert stack.request("DELETE", f"/api/stores/{store['id']}?purge=true").status == 202
    gone(stack, store)


def gone(stack, store: dict) -> None:
    until(lambda: stack.request("GET", f"/api/stores/{store['id']}").status == 404, "the store to be gone")


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


def test_each_plan_keeps_its_own_number_of_days(stack):
    plans = {plan["name"]: plan["backupKeep"] for plan in stack.request("GET", "/api/plans").body["plans"]}
    assert plans == {"small": "3d", "medium": "1d", "large": "3d"}
    with stack.live_store("Three Days") as three, stack.live_store("One Day") as one:
        for store in (three, one):
            stack.settled(store["id"], "ready")
        assert stack.request("PATCH", f"/api/stores/{one['id']}", {"plan": "medium"}).status == 202
        at_rest(stack, one)
        old = {store["id"]: [back_up(stack, store)["id"] for _ in range(2)] for store in (three, one)}
        # Nights have passed, and the next one is due.
        for number, taken in enumerate(zip(*old.values(), strict=True)):
            moment = f"now() - interval '{2 - number} days'"
            sql(stack, f"UPDATE backups SET kind = 'nightly', created_at = {moment}, finished_at = {moment} WHERE id IN {taken}")
        sql(stack, f"UPDATE stores SET next_backup_at = now(), pruned_at = NULL WHERE id IN {tuple(old)}")
        kept = {store["id"]: lambda store=store: {it["id"] for it in backups(stack, store) if it["status"] == "done"} for store in (three, one)}
        until(lambda: all(found() - set(old[store]) for store, found in kept.items()), "the nightly backups", PATIENCE)
        until(lambda: not kept[one["id"]]() & set(old[one["id"]]), "what one day keeps", PATIENCE)
        assert set(old[three["id"]]) < kept[three["id"]]()
        until(lambda: not {it["backup"] for it in vault(stack)[one["id"]]} & set(old[one["id"]]), "the vault to have no more", PATIENCE)
        assert set(old[three["id"]]) < {it["backup"] for it in vault(stack)[three["id"]]}
        for store in (three, one):
            at_rest(stack, store)


def sql(stack, statement: str) -> None:
    stack.lib(f'psql --quiet --set ON_ERROR_STOP=1 "$DATABASE_URL" --command "{statement}"')


def test_a_backup_is_restored_as_a_test_into_a_hidden_store_that_goes_again(stack, store):
    backup = back_up(stack, store)
    listed = {it["id"] for it in stack.request("GET", "/api/stores").body["stores"]}
    stack.lib(f'"$BIN/storectl" backups verify {backup["id"]}')

    def tested():
        found = next(it for it in backups(stack, store) if it["id"] == backup["id"])
        return found if found["verifiedAt"] or found["verifyError"] else None

    assert {it["id"] for it in stack.request("GET", "/api/stores").body["stores"]} == listed
    found = until(tested, "the backup to be tested", 120)
    assert found["verifyError"] is None, found
    until(lambda: not any("test-restore" in it for it in stack.namespaces()), "the hidden store to be gone", 60)
