"""A store's data through its life: ordered, backed up, restored, copied, deleted and brought back, with real MySQL, WordPress, restic and the vault.

NODE_LARGE=yes: with 10,000 products and 1 GiB of uploads."""

import io
import os
import re
import tarfile
import time

import pytest
from node_installation import HOST, NAMESPACE, RELEASE, USER
from polling import until
from visits import Outage, Storefront

PRODUCTS, UPLOADS_MIB = (10_000, 1_024) if os.environ.get("NODE_LARGE") else (500, 64)


def mysql(cluster, store: dict, statement: str) -> str:
    """What the store's database answers its root."""
    command = 'MYSQL_PWD=$(cat /run/secrets/store/mysql-root-password) exec mysql --user=root --batch --skip-column-names wordpress'
    return cluster.kubectl("exec", "--stdin", "--namespace", store["namespace"], "mysql-0", "--", "bash", "-c", command, text=statement).strip()


def orders(cluster, store: dict) -> set[str]:
    """The numbers of the orders that the store has."""
    words = "SELECT id FROM wp_wc_orders WHERE type = 'shop_order' AND status NOT IN ('wc-checkout-draft', 'trash', 'auto-draft')"
    return set(mysql(cluster, store, words).split())


def place(storefront: Storefront) -> str:
    return re.fullmatch(r"order (\d+) placed", storefront.order("woocommerce"))[1]


def in_app(cluster, store: dict, command: str) -> str:
    return cluster.kubectl("exec", "--namespace", store["namespace"], "deployment/wordpress", "--container", "wordpress", "--", "sh", "-c", command).strip()


def backups(installation, store: dict) -> list[dict]:
    return installation.asked("GET", f"/api/stores/{store['id']}/backups", 200)["backups"]


def at_rest(installation, store: dict, seconds: float = 900) -> dict:
    def rested():
        found = installation.store(store)
        return None if found["activity"] else found

    return until(rested, f"{store['name']} to be at rest", seconds)


def back_up(installation, store: dict, seconds: float = 900) -> dict:
    made = installation.asked("POST", f"/api/stores/{store['id']}/backups", 202)["backup"]
    at_rest(installation, store, seconds)
    backup = next(it for it in backups(installation, store) if it["id"] == made["id"])
    assert backup["status"] == "done", backup
    return backup


def restore(installation, store: dict, backup: dict) -> None:
    installation.asked("POST", f"/api/stores/{store['id']}/restore", 202, {"backup": backup["id"]})
    found = at_rest(installation, store)
    assert (found["status"], found["changeError"]) == ("ready", None), found


@pytest.fixture(scope="module")
def filled(cluster, installation, store):
    """The store with many products and large uploads."""
    mysql(cluster, store, f"""
        SET SESSION cte_max_recursion_depth = 100000;
        INSERT INTO wp_posts (post_author, post_date, post_date_gmt, post_modified, post_modified_gmt, post_content, post_title, post_excerpt, post_status,
            post_name, post_type, to_ping, pinged, post_content_filtered)
        WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < {PRODUCTS})
        SELECT 1, now(), utc_timestamp(), now(), utc_timestamp(), repeat('Made by a script. ', 40), concat('Made product ', i), '', 'publish',
            concat('made-product-', i), 'product', '', '', '' FROM n;
        INSERT INTO wp_postmeta (post_id, meta_key, meta_value)
        SELECT p.ID, m.name, m.value FROM wp_posts p JOIN (SELECT '_price' AS name, '9.00' AS value UNION ALL SELECT '_regular_price', '9.00'
            UNION ALL SELECT '_stock_status', 'instock' UNION ALL SELECT '_manage_stock', 'no') m WHERE p.post_name LIKE 'made-product-%';
        INSERT INTO wp_wc_product_meta_lookup (product_id, min_price, max_price, stock_status)
        SELECT ID, 9, 9, 'instock' FROM wp_posts WHERE post_name LIKE 'made-product-%';""")
    in_app(cluster, store, f"cd /srv/uploads/files && mkdir -p made && for i in $(seq {UPLOADS_MIB // 8}); do head -c 8M /dev/urandom >made/$i.bin; done")
    return store


def test_a_backup_is_taken_while_the_store_serves(cluster, installation, filled, storefront, note):
    with Outage(storefront) as outage:
        began = time.monotonic()
        backup = back_up(installation, filled)
        took = time.monotonic() - began
    assert outage.seconds == 0
    assert backup["products"] > PRODUCTS and backup["fileBytes"] > UPLOADS_MIB << 20
    assert len(orders(cluster, filled)) == backup["orders"]
    began = time.monotonic()
    second = back_up(installation, filled)
    note("backed up after", took, f"{backup['products']} products, {backup['size'] >> 20} MiB; again after {time.monotonic() - began:.1f} s")
    assert second["size"] >= backup["size"]


def test_a_restore_gives_back_what_was_and_nothing_later(cluster, installation, filled, storefront, note):
    first = place(storefront)
    in_app(cluster, filled, "echo kept >/srv/uploads/files/made/kept.txt")
    backup = back_up(installation, filled)
    second = place(storefront)
    in_app(cluster, filled, "cd /srv/uploads/files/made && echo later >later.txt && rm kept.txt && echo broken >1.bin")
    with Outage(storefront) as outage:
        began = time.monotonic()
        installation.asked("POST", f"/api/stores/{filled['id']}/restore", 202, {"backup": backup["id"]})
        told = storefront.gate_says("restoring")
        assert told.headers["Retry-After"]
        found = at_rest(installation, filled)
        took = time.monotonic() - began
    assert (found["status"], found["changeError"]) == ("ready", None), found
    note("restored in place: outage", outage.seconds, f"{backup['size'] >> 20} MiB; the whole restore with the backup before it took {took:.1f} s")
    there = orders(cluster, filled)
    assert first in there and second not in there
    listing = in_app(cluster, filled, "cd /srv/uploads/files/made && ls && wc -c <1.bin").split()
    assert "kept.txt" in listing and "later.txt" not in listing and listing[-1] == str(8 << 20)
    assert int(mysql(cluster, filled, "SELECT count(*) FROM wp_posts WHERE post_name LIKE 'made-product-%'")) == PRODUCTS
    assert place(storefront)
    until(lambda: installation.store(filled)["health"] == "healthy", "the store to be healthy", 120)


def test_nothing_of_a_task_is_left_in_the_namespace(cluster, filled):
    for kind in ("jobs", "secrets", "networkpolicies", "pods"):
        def left(kind=kind):
            names = [it["metadata"]["name"] for it in cluster.get(kind, "--namespace", filled["namespace"])]
            return not [name for name in names if name.startswith("keeper")]

        until(left, f"the keeper's {kind} to be gone", 60)


def test_a_copy_is_a_store_of_its_own(cluster, installation, filled, storefront, note):
    first = place(storefront)
    began = time.monotonic()
    made = installation.asked("POST", f"/api/stores/{filled['id']}/clone", 202, {"name": "Acme Two", "staging": True})["store"]
    copy = installation.ready(made, 900)
    note("a copy is ready after", time.monotonic() - began, "with the backup that it is made of")
    try:
        other = Storefront(cluster, copy)
        page = other.get("/")
        assert page.status == 200 and storefront.host not in page.text
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert first in orders(cluster, copy)
        theirs, ours = installation.credentials(filled), installation.credentials(copy)
        assert theirs["password"] != ours["password"]
        assert other.log_in(ours["user"], ours["password"]) is not None and other.log_in(theirs["user"], theirs["password"]) is None
        placed = place(other)
        assert placed in orders(cluster, copy)
        assert storefront.get("/").status == 200
    finally:
        installation.asked("DELETE", f"/api/stores/{copy['id']}?purge=true", 202)
        installation.gone(copy)


def test_a_deleted_store_is_brought_back(cluster, installation, note):
    made = installation.ready(installation.create("Comes Back"))
    number = place(Storefront(cluster, made))
    began = time.monotonic()
    installation.delete(made)
    installation.gone(made)
    note("deleted with a final backup after", time.monotonic() - began)
    assert made["id"] in [it["id"] for it in installation.asked("GET", "/api/stores/deleted", 200)["stores"]]
    began = time.monotonic()
    back = installation.ready(installation.asked("POST", f"/api/stores/{made['id']}/undelete", 202)["store"])
    note("brought back after", time.monotonic() - began)
    assert back["url"] == made["url"]
    assert number in orders(cluster, back) and place(Storefront(cluster, back))
    installation.asked("DELETE", f"/api/stores/{back['id']}?purge=true", 202)
    installation.gone(back)


def test_an_export_is_a_file_that_another_store_is_made_of(cluster, installation, filled, storefront, note):
    number = place(storefront)
    backup = back_up(installation, filled)
    began = time.monotonic()
    made = installation.asked("POST", f"/api/stores/{filled['id']}/export", 202, {"backup": backup["id"]})["export"]

    def done():
        found = installation.asked("GET", f"/api/stores/{filled['id']}/exports/{made['id']}", 200)["export"]
        assert found["status"] != "failed", found
        return found if found["status"] == "done" else None

    export = until(done, "the export", 600)
    exported = time.monotonic() - began
    began = time.monotonic()
    archive = installation.api("GET", export["link"])
    assert archive.status == 200 and len(archive.content) == export["size"] > UPLOADS_MIB << 20
    fetched = time.monotonic() - began
    with tarfile.open(fileobj=io.BytesIO(archive.content)) as tar:
        names = tar.getnames()
    assert names[:3] == ["README.txt", "manifest.json", "database.sql"] and "uploads/files/made/1.bin" in names
    sent = cluster.visit(HOST, "POST", "/api/imports", body=archive.content, headers={"X-User-Id": USER, "Content-Type": "application/x-tar"}, timeout=300)
    assert sent.status == 201, sent
    began = time.monotonic()
    asked = {"name": "From A File", "engine": "woocommerce", "from": {"import": sent.body["import"]["id"]}}
    imported = installation.ready(installation.asked("POST", "/api/stores", 202, asked)["store"], 900)
    note("exported after", exported, f"{export['size'] >> 20} MiB, fetched in {fetched:.1f} s; a store of it is ready after {time.monotonic() - began:.1f} s")
    try:
        assert number in orders(cluster, imported) and place(Storefront(cluster, imported))
        assert in_app(cluster, imported, "cd /srv/uploads/files/made && wc -c <1.bin") == str(8 << 20)
        assert storefront.host not in Storefront(cluster, imported).get("/").text
        assert installation.credentials(imported)["password"] != installation.credentials(filled)["password"]
    finally:
        installation.asked("DELETE", f"/api/stores/{imported['id']}?purge=true", 202)
        installation.gone(imported)


def test_a_store_that_sleeps_is_backed_up_and_sleeps_on(cluster, installation, filled, storefront):
    installation.change(filled, {"asleep": True})
    back_up(installation, filled)
    until(lambda: not cluster.pods(filled["namespace"]), "its pods to be gone", 60)
    assert installation.store(filled)["asleep"]
    installation.change(filled, {"asleep": False})
    until(lambda: storefront.get("/").status == 200, "the storefront", 60)


def test_with_the_vault_away_a_backup_fails_with_the_reason_and_the_store_serves(cluster, installation, filled, storefront):
    cluster.kubectl("scale", "--namespace", NAMESPACE, f"deployment/{RELEASE}-vault", "--replicas=0")
    try:
        with Outage(storefront) as outage:
            made = installation.asked("POST", f"/api/stores/{filled['id']}/backups", 202)["backup"]
            at_rest(installation, filled, 600)
        backup = next(it for it in backups(installation, filled) if it["id"] == made["id"])
        assert backup["status"] == "failed" and "vault" in backup["error"], backup
        assert outage.seconds == 0 and installation.store(filled)["status"] == "ready"
    finally:
        cluster.kubectl("scale", "--namespace", NAMESPACE, f"deployment/{RELEASE}-vault", "--replicas=1")
        cluster.kubectl("rollout", "status", "--namespace", NAMESPACE, f"deployment/{RELEASE}-vault", "--timeout=120s")
    assert back_up(installation, filled)["error"] is None


def test_a_backup_is_restored_as_a_test_and_the_hidden_store_is_gone(cluster, installation, filled, storefront, note):
    backup = back_up(installation, filled)
    began = time.monotonic()
    program = ("exec", "--namespace", NAMESPACE, f"deployment/{RELEASE}-worker", "--", "/opt/store-weaver/bin/storectl")
    cluster.kubectl(*program, "backups", "verify", backup["id"])

    def hidden() -> list[str]:
        return [it["metadata"]["name"] for it in cluster.get("namespaces") if it["metadata"]["name"].startswith("store-test-restore-")]

    [namespace] = until(hidden, "the hidden store's namespace", 120)

    def tested():
        found = next(it for it in backups(installation, filled) if it["id"] == backup["id"])
        return found if found["verifiedAt"] or found["verifyError"] else None

    with Outage(storefront) as outage:
        found = until(tested, "the backup to be tested", 900)
    assert found["verifyError"] is None, found
    note("restored as a test after", time.monotonic() - began, f"{backup['size'] >> 20} MiB, {backup['products']} products")
    assert outage.seconds == 0
    until(lambda: not hidden(), f"{namespace} to be gone", 300)
