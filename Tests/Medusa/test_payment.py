"""A payment at a page of its provider's, as hosted checkouts are: the order is placed when the customer comes back and has paid."""

import http.server
import json
import os
import re
import shutil
import threading
import urllib.parse

import pytest
from chromium import chromium
from goods import Owner
from medusa import APP
from servers import ROOT
from shopper import ADDRESS, Shopper, seen

HOSTED = "pp_hosted_hosted"


class Provider(http.server.ThreadingHTTPServer):
    """The provider's site: sessions by id, and what their customers did."""

    def __init__(self):
        self.sessions: list[dict] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(handler):
                wanted = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
                it = {"id": str(len(self.sessions)), "status": "pending", **wanted}
                self.sessions.append(it)
                handler.answer({**it, "redirect_url": f"{self.url}/pay/{it['id']}?a=1&b=2"})

            def do_GET(handler):
                _, kind, number = urllib.parse.urlsplit(handler.path).path.split("/")
                it = self.sessions[int(number)]
                if kind == "sessions":
                    handler.answer(it)
                    return
                # The page where a customer pays: this one has done so at once.
                it["status"] = "authorized"
                handler.send_response(302)
                handler.send_header("Location", it["return_url"])
                handler.send_header("Content-Length", "0")
                handler.end_headers()

            def answer(handler, body: dict) -> None:
                text = json.dumps(body).encode()
                handler.send_response(200)
                handler.send_header("Content-Length", str(len(text)))
                handler.end_headers()
                handler.wfile.write(text)

            def log_message(handler, *_) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture(scope="module")
def provider():
    it = Provider()
    thread = threading.Thread(target=it.serve_forever)
    thread.start()
    yield it
    it.shutdown()
    thread.join()
    it.server_close()


@pytest.fixture(scope="module")
def app(folder, seed):
    """The image's files with the provider among its modules, as somebody who builds an image of their own would have it."""
    app = folder / "app"
    shutil.copytree(APP, app, ignore=shutil.ignore_patterns("node_modules", "uploads"), symlinks=True)
    (app / "node_modules").symlink_to(APP / "node_modules")
    (app / "uploads").mkdir(mode=0o777)
    os.chmod(app / "uploads", 0o777)
    shutil.copytree(ROOT / "Tests/Medusa/hosted", app / "src/modules/hosted")
    (app / "src/modules/hosted/migrations").mkdir()
    path = app / "medusa-config.js"
    added = '{ resolve: "@medusajs/medusa/payment", options: { providers: [{ resolve: "./src/modules/hosted", id: "hosted" }] } },'
    text, count = re.subn(r"(modules: \[)", rf"\1{added}", path.read_text())
    assert count == 1
    path.write_text(text)
    return app


@pytest.fixture(scope="module")
def store(made, app, provider):
    store = made(app)
    store.setup()
    store.start(HOSTED_URL=provider.url)
    owner = Owner(store)
    owner.ask(f"regions/{owner.one('regions', 'regions')['id']}", {"payment_providers": [HOSTED, "pp_system_default"]})
    seen(store, "/products/sample-mug", "Add to cart")
    return store


def ordered(store) -> int:
    return store.database.query('SELECT count(*) FROM "order"')[0][0]


def to_pay(store) -> tuple[Shopper, dict, object]:
    """Somebody at the page that leads to the provider's; the form that led there, and the page."""
    shopper = Shopper(store.port)
    shopper.add("sample-mug")
    summary = shopper.check_out(payment=HOSTED)
    assert "hosted" in summary.text
    form = summary.form("/checkout/order")
    return shopper, form, shopper.post("/checkout/order", **form)


def test_who_paid_at_the_providers_page_has_ordered(store, provider):
    before = ordered(store)
    shopper, form, page = to_pay(store)
    session = provider.sessions[-1]
    address = f"{provider.url}/pay/{session['id']}?a=1&#38;b=2"
    assert page.path == "/checkout/payment" and f'<meta http-equiv="refresh" content="0; url={address}">' in page.text and f'href="{address}"' in page.text
    assert (session["amount"], session["currency_code"]) == (17, "usd") and ordered(store) == before
    session["status"] = "authorized"
    back = urllib.parse.urlsplit(session["return_url"])
    assert back.netloc == f"127.0.0.1:{store.port}"
    order = shopper.get(back.path)
    assert re.match("/orders/order_", order.path) and "$17.00" in order.text and ordered(store) == before + 1
    # A reload at either end orders nothing more.
    assert shopper.post("/checkout/order", **form).path == order.path and ordered(store) == before + 1
    assert shopper.get(back.path).path == "/cart"


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_browser_goes_there_and_back(store, script):
    before = ordered(store)
    with chromium() as browser:
        context = browser.new_context(base_url=f"http://127.0.0.1:{store.port}", java_script_enabled=script, locale="en-US")
        context.set_default_timeout(120_000)
        page = context.new_page()
        page.goto("/products/sample-mug")
        page.get_by_role("button", name="Add to cart").click()
        page.get_by_role("link", name="Check out").click()
        for name, value in ADDRESS.items():
            if name != "country_code":
                page.locator(f"#{name}").fill(value)
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("hosted").check()
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Order with obligation to pay").click()
        page.wait_for_url(re.compile("/orders/order_"))
    assert ordered(store) == before + 1


def test_who_comes_back_without_paying_has_not_ordered(store, provider):
    before = ordered(store)
    shopper, form, _ = to_pay(store)
    count = len(provider.sessions)
    back = shopper.get("/checkout/return")
    assert "payment was refused" in back.text, (back.path, back.text, store.messages()[-8:])
    assert ordered(store) == before
    # The payment that was begun goes on: no second one can be paid for the same cart.
    assert f"{provider.url}/pay/{count - 1}" in shopper.post("/checkout/order", **form).text and len(provider.sessions) == count
    provider.sessions[-1]["status"] = "authorized"
    assert shopper.get("/checkout/return").path.startswith("/orders/") and ordered(store) == before + 1


def test_another_way_to_pay_can_be_chosen_instead(store, provider):
    before = ordered(store)
    shopper, _, _ = to_pay(store)
    delivery = shopper.get("/checkout/delivery")
    summary = shopper.post("/checkout/delivery", **{**delivery.form("/checkout/delivery"), "payment": "pp_system_default"})
    assert shopper.order(summary).path.startswith("/orders/") and ordered(store) == before + 1


def test_a_link_to_the_way_back_orders_nothing(store):
    before = ordered(store)
    shopper = Shopper(store.port)
    shopper.add("sample-mug")
    shopper.check_out(payment="pp_system_default")
    assert shopper.get("/checkout/return").path == "/checkout/summary" and ordered(store) == before
    assert Shopper(store.port).get("/checkout/return").path == "/cart"
