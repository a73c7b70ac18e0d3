"""What visitors and the owner meet."""

import re
import subprocess

import pytest
from medusa import APP


def test_twenty_orders_at_once(store):
    stock = "SELECT sum(reserved_quantity) FROM inventory_level"
    [(before,)] = store.database.query(stock)
    orders = [store.order() for _ in range(20)]
    said = [order.communicate(timeout=180)[0] for order in orders]
    assert [order.returncode for order in orders] == [0] * 20, said
    [(after,)] = store.database.query(stock)
    assert after - before == 20


def test_the_admins_page_asks_the_address_it_came_from(store):
    page = store.ask("/app")
    assert page.status == 200 and page.headers.get_content_type() == "text/html"
    scripts = "".join(path.read_text() for path in (APP / "public/admin").rglob("*.js"))
    assert "localhost:9000" not in scripts


@pytest.mark.parametrize("told", [None, "http", "https", "https,http"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_admins_session_follows_the_configured_scheme(schemes, scheme, told):
    store = schemes(scheme)
    headers = {**store.as_owner(), **({"X-Forwarded-Proto": told} if told else {})}
    answer = store.ask("/auth/session", {}, headers=headers)
    cookie = answer.headers.get("Set-Cookie") or ""
    assert answer.status == 200 and cookie.startswith("connect.sid=")
    assert ("Secure" in cookie) == (scheme == "https")
    me = store.ask("/admin/users/me", headers={"Cookie": cookie.split(";")[0], **({"X-Forwarded-Proto": told} if told else {})})
    assert me.status == 200 and me.body["user"]["email"] == "owner@example.com"


@pytest.fixture(scope="module")
def schemes(store, made):
    """The shared store, or one whose address is https."""
    made_for = {"http": store}

    def of(scheme: str):
        if scheme not in made_for:
            made_for[scheme] = made()
            made_for[scheme].setup()
            made_for[scheme].start(STORE_URL="https://store.example")
        return made_for[scheme]

    return of


@pytest.mark.parametrize(("name", "media", "shown"), [
    ("pixel.png", "image/png", True), ("film.mp4", "video/mp4", True), ("terms.pdf", "application/pdf", True),
    ("page.html", "text/html", False), ("drawing.svg", "image/svg+xml", False), ("data.xml", "application/xml", False), ("song.PNG.htm", "text/html", False),
])
def test_only_pictures_films_and_pdfs_are_shown(store, name, media, shown):
    boundary = "boundary0123456789"
    body = (f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: {media}\r\n\r\n'
            f"<script>1</script>\r\n--{boundary}--\r\n").encode()
    headers = {**store.as_owner(), "Content-Type": f"multipart/form-data; boundary={boundary}"}
    uploaded = store.ask("/admin/uploads", raw=body, headers=headers)
    assert uploaded.status == 200, uploaded.text
    answer = store.ask(re.sub(r"^https?://[^/]*", "", uploaded.body["files"][0]["url"]))
    assert answer.status == 200 and answer.text == "<script>1</script>"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (answer.headers["Content-Disposition"] == "attachment") == (not shown)
    assert ("sandbox" in (answer.headers["Content-Security-Policy"] or "")) == (not shown)


def upload(store, size: int):
    boundary = "boundary0123456789"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    headers = {**store.as_owner(), "Content-Type": f"multipart/form-data; boundary={boundary}"}
    return store.ask("/admin/uploads", raw=head.encode() + b"x" * size + f"\r\n--{boundary}--\r\n".encode(), headers=headers)


def test_uploads_beyond_the_volumes_size_are_refused_with_the_reason_and_the_store_sells_on(made):
    with made() as store:
        store.setup()
        used = int(subprocess.run(["du", "-s", "-D", "-B1", APP / "static"], capture_output=True, text=True, check=True).stdout.split()[0])
        store.start(STORE_UPLOADS_BYTES=str(used + 30_000), STORE_DATABASE_BYTES=str(2**30), STORE_CACHE_BYTES=str(2**30))
        assert upload(store, 20_000).status == 200
        refused = upload(store, 20_000)
        assert refused.status == 400 and refused.body["type"] == "not_allowed" and "no room for this upload" in refused.body["message"]
        order = store.order()
        assert order.wait(timeout=180) == 0, order.stdout.read()
        # The platform comes by another host name than visitors.
        volumes = {it["name"]: it for it in store.ask("/-/storage", headers={"Host": "10.0.0.1:6443"}).body["volumes"]}
        assert volumes["uploads"]["sizeBytes"] == used + 30_000 and volumes["uploads"]["usedBytes"] >= used + 20_000
        assert 2**20 < volumes["database"]["usedBytes"] < 2**30
        assert store.ask("/-/storage").status == 404
        # Under a domain of the owner's, as the ingress controller hands it on.
        assert store.ask("/-/storage", headers={"Host": "www.example.com", "X-Real-Ip": "203.0.113.9"}).status == 404


def test_store_check_is_content_with_a_store_that_sells(store, check):
    done = check(store)
    assert done.returncode == 0 and done.stdout.startswith("ok"), done.stdout


def test_store_check_notices_a_store_that_cannot_deliver(made, check):
    with made() as store:
        store.setup()
        store.start()
        store.database.query("UPDATE shipping_option SET deleted_at = now()")
        done = check(store)
        assert done.returncode == 1 and "there is no delivery" in done.stdout


@pytest.fixture
def check():
    import subprocess

    from servers import ROOT

    def run(store):
        return subprocess.run(
            ["node", ROOT / "docker/medusa-backend/bin/store-check"], env={**store.environment, "MEDUSA_SERVICE": f"http://127.0.0.1:{store.port}"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
        )

    return run
