"""The pages that shoppers see: found, read and bought in without JavaScript."""

import concurrent.futures
import http.client
import json
import pathlib
import re
import statistics
import time
import urllib.parse

import pytest
from goods import Owner, drawn
from polling import until
from shopper import ADDRESS, BILLING, Form, Shopper, seen


@pytest.fixture(scope="module")
def store(made):
    store = made()
    store.file["sampleProducts"] = []
    store.setup()
    # The heap that Node.js takes in a container of 1 GiB, the small plan's.
    yield store.start(NODE_OPTIONS="--max-old-space-size=512")
    print(*(line for line in store.messages() if "storefront" in line or "away" in line), sep="\n")


@pytest.fixture(scope="module")
def owner(store):
    return Owner(store)


@pytest.fixture(scope="module")
def goods(store, owner):
    """By title; the shirt is in a category below another and in a collection."""
    above = owner.ask("product-categories", {"name": "Clothes", "is_active": True})["product_category"]
    below = owner.ask("product-categories", {"name": "Shirts", "is_active": True, "parent_category_id": above["id"]})["product_category"]
    collection = owner.ask("collections", {"title": "Summer"})["collection"]
    picture = owner.upload("candle.jpg", drawn("jpeg", 2000, 1500), "image/jpeg")
    made = owner.products(
        {"title": "Blue Shirt", "price": 20, "options": {"Size": ["S", "M"], "Colour": ["Blue", "Red"]}, "description": "Of cotton.\n\nFor warm days.",
         "categories": [{"id": below["id"]}], "collection_id": collection["id"]},
        {"title": "Crème brûlée", "price": 4.5, "description": "Sweet"},
        {"title": "Sold out lamp", "price": 80, "stock": 0},
        *({"title": f"Candle {number:02}", "price": 5 + number, "thumbnail": picture} for number in range(1, 27)),
    )
    seen(store, "/products", "29 products")
    return {it["title"]: it for it in made}


@pytest.fixture
def shopper(store):
    return Shopper(store.port)


def orders(store) -> int:
    return store.database.query('SELECT count(*) FROM "order"')[0][0]


def variant(product: dict, title: str) -> str:
    return next(it["id"] for it in product["variants"] if it["title"] == title)


def tiles(page) -> list[str]:
    return re.findall(r'<h3><a href="/products/([^"]*)"', page.text)


def data(page) -> dict:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.S).group(1))


def test_a_guest_buys(goods, store, shopper):
    before = orders(store)
    cart = shopper.add("blue-shirt", variant=variant(goods["Blue Shirt"], "S / Red"), quantity="2")
    assert cart.path == "/cart?notice=added" and "$42.00" in cart.text and "Cart (2)" in cart.text
    [line] = [action for action, _, _ in Form(cart.text).forms if action.startswith("/cart/items/")][:1]
    assert "$63.00" in shopper.post(line, quantity="3").text
    summary = shopper.check_out()
    assert "12 St James&#39;s Square" in summary.text and "$68.00" in summary.text
    order = shopper.order(summary)
    assert re.fullmatch(r"/orders/order_[0-9A-Z]{26}/[\w-]{26}", order.path) and "$68.00" in order.text
    assert orders(store) == before + 1
    assert "Your cart is empty" in shopper.get("/cart").text
    # Whoever has the link sees the order; whoever has its number alone does not.
    assert "$68.00" in Shopper(store.port).get(order.path).text
    assert Shopper(store.port).get(order.path[:-1] + ("A" if order.path[-1] != "A" else "B")).status == 404
    assert Shopper(store.port).get("/orders/" + order.path.split("/")[2] + "/x").status == 404


def test_the_bill_goes_to_another_address(goods, store, shopper):
    shopper.add("candle-01")
    plain = shopper.check_out()
    assert "Bill to" not in plain.text
    missing = shopper.post("/checkout", **{**shopper.get("/checkout").form("/checkout"), **ADDRESS, "billing": "1", **BILLING, "billing_city": ""})
    assert "every field of the billing address" in missing.text
    summary = shopper.check_out(billing="1", **BILLING)
    assert re.search("<h2>Deliver to</h2>.*Lovelace.*<h2>Bill to</h2><address>Charles Babbage<br>1 Dorset Street", summary.text, re.S)
    # It is there again when the address is changed.
    form = shopper.get("/checkout").form("/checkout")
    assert (form["billing"], form["billing_last_name"], form["last_name"]) == ("1", "Babbage", "Lovelace")
    order = shopper.order(summary)
    assert "<h2>Bill to</h2><address>Charles Babbage" in order.text
    [(billed, delivered)] = store.database.query(
        'SELECT b.last_name, s.last_name FROM "order" o JOIN order_address b ON b.id = o.billing_address_id JOIN order_address s ON s.id = o.shipping_address_id'
        " WHERE o.id = %s", order.path.split("/")[2])
    assert (billed, delivered) == ("Babbage", "Lovelace")


def test_order_sent_again_and_again_is_one_order(goods, store, shopper):
    shopper.add("candle-01")
    form = shopper.check_out().form("/checkout/order")
    before = orders(store)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda _: Shopper(store.port, Cookie=f"store_cart={shopper.cookies['store_cart']}").post("/checkout/order", **form), range(8)))
    again = shopper.post("/checkout/order", **form)
    assert {page.path for page in [*pages, again]} == {again.path} and again.path.startswith("/orders/") and again.status == 200
    assert orders(store) == before + 1


def test_the_last_piece_is_sold_once(store, owner):
    product = owner.product("Last one", 30, stock=1)
    seen(store, "/products/last-one", "Only 1 left")
    buyers = [Shopper(store.port, patient=True) for _ in range(20)]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        def prepare(number: int):
            buyers[number].add("last-one")
            return buyers[number].check_out(email=f"buyer{number}@example.com")

        summaries = list(pool.map(prepare, range(20)))
        before = orders(store)
        ends = list(pool.map(lambda buyer, summary: buyer.order(summary), buyers, summaries))
    # On a machine too busy for that many, some are told to send it again.
    for number, page in enumerate(ends):
        if "not confirmed yet" in page.text:
            ends[number] = until(lambda: "not confirmed yet" not in (again := buyers[number].order(summaries[number])).text and again, "an answer")
    paths = [page.path.split("/")[1] for page in ends]
    assert paths.count("orders") == 1 and orders(store) == before + 1, [page.path for page in ends]
    for page in ends:
        assert page.path.startswith("/orders/") or "not that many left" in page.text, (page.path, page.status)
    assert store.database.query(
        "SELECT reserved_quantity FROM inventory_level l JOIN product_variant_inventory_item v USING (inventory_item_id) WHERE v.variant_id = %s",
        product["variants"][0]["id"],
    ) == [(1,)]
    seen(store, "/products/last-one", "Sold out")


def test_an_order_without_an_answer_is_said_to_be_unconfirmed(store, owner, shopper):
    """What the order has to write to is locked until the statement's time is over; sent again, it is placed once."""
    owner.product("Slow one", 30, stock=5)
    seen(store, "/products/slow-one", "Only 5 left")
    shopper.add("slow-one")
    summary = shopper.check_out()
    before = orders(store)
    with store.database.connect() as connection:
        connection.execute("LOCK TABLE reservation_item IN EXCLUSIVE MODE")
        told = shopper.order(summary)
    assert told.status == 500 and "not confirmed yet" in told.text
    assert orders(store) == before
    order = shopper.post("/checkout/order", **told.form("/checkout/order"))
    assert order.path.startswith("/orders/") and orders(store) == before + 1


def test_a_price_that_changed_is_told_before_the_order(store, owner, shopper):
    product = owner.product("Moving price", 10)
    seen(store, "/products/moving-price", "$10.00")
    shopper.add("moving-price")
    summary = shopper.check_out()
    assert "$15.00" in summary.text
    owner.reprice(product, 12)
    before = orders(store)
    told = shopper.order(summary)
    assert told.path == "/checkout/summary?notice=changed" and "Prices have changed" in told.text and "$17.00" in told.text
    assert orders(store) == before
    assert "$17.00" in shopper.order(told).text and orders(store) == before + 1


def test_more_than_there_is_cannot_be_put_into_the_cart(store, owner, shopper):
    owner.product("Rare", 10, stock=2)
    seen(store, "/products/rare", "Only 2 left")
    assert "not that many left" in shopper.add("rare", quantity="3").text
    assert "$20.00" in shopper.add("rare", quantity="2").text


def test_a_promotion_code(owner, goods, shopper):
    owner.promotion("TEN", 10)
    shopper.add("candle-05")
    assert "unknown" in shopper.post("/cart/promotion", code="NOTHING").text
    cart = shopper.post("/cart/promotion", code="TEN")
    assert "was applied" in cart.text and "$9.00" in cart.text
    assert "$14.00" in shopper.check_out().text
    assert "$9.00" not in shopper.post("/cart/promotion/remove", code="TEN").text


def test_the_catalogue_is_searched_filtered_sorted_and_paged(goods, shopper):
    pages = [tiles(shopper.get(f"/products?q=candle&page={number}")) for number in (1, 2)]
    assert [len(page) for page in pages] == [24, 2] and len({*pages[0], *pages[1]}) == 26
    assert tiles(shopper.get("/products?q=CREME+brulee")) == [urllib.parse.quote("crème-brûlée")]
    assert tiles(shopper.get("/products?q=cotton")) == ["blue-shirt"]
    for typed in ("blue+shrit", "bleu+shirt", "blu+shirtt", "blue+shurt"):
        page = shopper.get(f"/products?q={typed}")
        assert tiles(page) == ["blue-shirt"] and "Nothing was found for" in page.text, typed
    nothing = shopper.get("/products?q=xylophone")
    assert tiles(nothing) == [] and '<a href="/categories/shirts">Shirts</a>' in nothing.text.partition("<h1>")[2]
    assert tiles(shopper.get("/products?option.Size=M&option.Colour=Red")) == ["blue-shirt"]
    assert tiles(shopper.get("/products?option.Size=XXL")) == []
    assert tiles(shopper.get("/products?least=18&most=19,50&sort=price")) == ["candle-13", "candle-14"]
    assert sorted(tiles(shopper.get("/products?least=20&most=20"))) == ["blue-shirt", "candle-15"]
    assert tiles(shopper.get("/products?sort=-price"))[0] == "sold-out-lamp"
    assert "sold-out-lamp" not in tiles(shopper.get("/products?sort=-price&available=1"))
    assert tiles(shopper.get("/products?sort=title"))[:2] == ["blue-shirt", "candle-01"]
    for path in ("/categories/clothes", "/categories/shirts", "/collections/summer"):
        assert tiles(shopper.get(path)) == ["blue-shirt"], path
    assert shopper.get("/categories/nothing").status == 404


def test_a_list_of_products_is_light(goods, store, shopper):
    times = []
    for _ in range(50):
        began = time.perf_counter()
        page = shopper.get("/products?q=candle")
        times.append((time.perf_counter() - began) * 1000)
    memory = re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{store.process.pid}/status").read_text())
    print(f"a list of 24 products: {len(page.text.encode()) / 1000:.1f} kB, median {statistics.median(times):.1f} ms, longest {max(times):.1f} ms;",
          f"Medusa with it: {int(memory.group(1)) // 1024} MiB" if memory else "")
    assert len(tiles(page)) == 24 and page.text.count(" 1920w") == 24 and len(page.text.encode()) <= 60_000


def test_pages_are_found(goods, store, shopper):
    page = shopper.get("/products/blue-shirt")
    assert "<title>Blue Shirt – Käse &#38; Söhne</title>" in page.text
    assert '<meta name="description" content="Of cotton. For warm days.">' in page.text
    assert f'<link rel="canonical" href="http://127.0.0.1:{store.port}/products/blue-shirt">' in page.text
    assert '<meta property="og:title" content="Blue Shirt">' in page.text
    product = data(page)
    assert product["@type"] == "Product" and len(product["offers"]) == 4
    assert {"price": "20", "priceCurrency": "USD", "availability": "https://schema.org/InStock"}.items() <= next(it for it in product["offers"] if it["name"] == "S / Blue").items()
    assert data(shopper.get("/products/sold-out-lamp"))["offers"][0]["availability"] == "https://schema.org/OutOfStock"
    assert f"Sitemap: http://127.0.0.1:{store.port}/sitemap.xml" in shopper.get("/robots.txt").text
    assert f"<loc>http://127.0.0.1:{store.port}/products/blue-shirt</loc>" in shopper.get("/sitemap.xml").text
    assert ">K</text>" in shopper.get("/favicon.ico").text
    for path in ("/nothing", "/products/nothing", "/pages/terms", "/orders/a/b", "/%ff", "/products/%00"):
        missing = shopper.get(path)
        assert missing.status in (400, 404), path
    assert '<meta name="robots" content="noindex">' in shopper.get("/products?q=x").text


@pytest.mark.parametrize("path", ["/", "/products", "/products/blue-shirt", "/cart", "/account/sign-in", "/nothing"])
def test_pages_ask_this_store_alone(goods, store, shopper, path):
    page = shopper.get(path)
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy and page.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! type=\"(?:module\" src=\"/|application/ld\+json))", page.text)
    asked = re.findall(r'(?:src|href|action)="([^"]*)"', page.text)
    assert asked and all(it.startswith(("/", "#", f"http://127.0.0.1:{store.port}/")) and not it.startswith("//") for it in asked)


HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</script><script>alert(1)</script>", "' onmouseover='alert(1)", "`${alert(1)}`",
    "javascript:alert(1)", "\u2028\u202e<b>", "&lt;script&gt;", "]]><x>", "{{7*7}}", "\\'-alert(1)//", "%3Cscript%3E", "a" * 250 + "<i>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_and_queries_are_text(goods, store, owner, text):
    number = HOSTILE.index(text)
    owner.product(text, 10, handle=f"hostile-{number}", subtitle=text, description=text, options={text[:100]: [text[:100], "other"]})
    product = seen(store, f"/products/hostile-{number}", "<h1>")
    query = urllib.parse.quote(text)
    shopper = Shopper(store.port)
    asked = [f"/products?q={query}", f"/products?option.{query}={query}", f"/products?sort={query}&page={query}&least={query}", f"/cart?notice={query}", f"/{query}"]
    seen(store, f"/products?q=hostile&sort={query}", "<h1>")
    cart = shopper.add(f"hostile-{number}", variant=re.search(r'<option value="(variant_\w+)"', product.text).group(1))
    for page in (product, cart, shopper.get("/products"), *map(shopper.get, asked)):
        assert page.status in (200, 404), page.path
        outline(page.text)
    assert data(product)["name"] == text


def outline(text: str) -> None:
    """Fails when a page has an element or an attribute that no template writes."""
    import html.parser

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag, attributes):
            assert tag not in ("i", "b", "x", "iframe", "object"), tag
            for name, value in attributes:
                assert not name.startswith("on"), (tag, name, value)
                assert name not in ("href", "src", "action") or value.startswith(("/", "#", "http://127.0.0.1:")), (tag, name, value)
            if tag == "img":
                assert dict(attributes)["src"].startswith("/"), attributes

    Reader().feed(text)
    assert len(re.findall("<script", text)) == len(re.findall("</script>", text)) <= 2


def test_a_form_from_another_site_is_refused(goods, shopper):
    shopper.add("candle-01")
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}):
        answer = shopper.ask("/cart/promotion", {"code": "X"}, **headers)
        assert answer.status == 403 and "not sent from this store" in answer.text, headers
    assert shopper.ask("/preferences", {"back": "//evil.example", "language": "de"}).headers["Location"] == "/"
    assert shopper.ask("/preferences", {"back": "/\\evil.example"}).headers["Location"] == "/"


def test_what_is_sent_is_checked(goods, shopper):
    shopper.add("candle-02")
    form = {**shopper.get("/checkout").form("/checkout"), **ADDRESS}
    assert "valid e-mail" in shopper.post("/checkout", **{**form, "email": "nobody"}).text
    assert "every field" in shopper.post("/checkout", **{**form, "city": " "}).text
    assert "do not deliver" in shopper.post("/checkout", **{**form, "country_code": "xx"}).text
    assert shopper.get("/checkout/summary").path == "/checkout"
    assert "Choose a variant" in shopper.post("/cart/items", quantity="1").text
    assert "not for sale" in shopper.post("/cart/items", variant="variant_nothing", quantity="1").text
    assert shopper.get("/checkout/order").path == "/checkout" and shopper.get("/cart/items").path == "/cart"
    assert shopper.post("/checkout/order", cart="cart_" + "0" * 26, seal="1").path == "/cart?notice=cartGone"


def test_a_customer_has_an_account(goods, store, shopper):
    fields = {"first_name": "Grace", "last_name": "Hopper", "email": "Grace@example.com", "password": "correct horse"}
    assert "at least 8" in shopper.post("/account/sign-up", **{**fields, "password": "short"}).text
    shopper.add("candle-03")
    account = shopper.post("/account/sign-up", **fields)
    assert account.path == "/account" and "Hello, Grace" in account.text
    address = {key: value for key, value in ADDRESS.items() if key != "email"}
    assert "12 St James" in shopper.post("/account/addresses", **address).text
    checkout = shopper.get("/checkout")
    assert "Saved address" in checkout.text and "grace@example.com" in checkout.text
    shopper.order(shopper.check_out(email="grace@example.com"))
    assert re.search(r'<a href="/orders/order_\w+/[\w-]+">Order \d+</a>', shopper.get("/account").text)
    assert "signed out" in shopper.post("/account/sign-out").text
    assert shopper.get("/account").path == "/account/sign-in"
    other = Shopper(store.port)
    assert "is wrong" in other.post("/account/sign-in", email="grace@example.com", password="wrong").text
    assert "cannot be created" in other.post("/account/sign-up", **fields).text
    assert "Hello, Grace" in other.post("/account/sign-in", email="grace@example.com", password="correct horse").text
    # What is put into the cart here is there on another device, too.
    other.add("candle-04")
    other.post("/account/sign-out")
    assert "Your cart is empty" in other.get("/cart").text
    third = Shopper(store.port)
    third.post("/account/sign-in", email="grace@example.com", password="correct horse")
    assert "Candle 04" in third.get("/cart").text


def test_the_owners_settings_are_shown(goods, store, owner):
    owner.settings(banner="Free <b>delivery</b>", terms="First.\\n\\nSecond & last.", colour="#ffcc00", logo=f"http://127.0.0.1:{store.port}/static/logo.png")
    page = until(lambda: "/pages/terms" in (it := Shopper(store.port).get("/")).text and it, "the settings")
    assert "Free &#60;b&#62;delivery" in page.text and 'src="/static/logo.png"' in page.text
    terms = Shopper(store.port).get("/pages/terms")
    assert "<p>First.</p><p>Second &#38; last.</p>" in terms.text
    assert Shopper(store.port).get("/theme.css").text == ":root { --accent: #ffcc00; --on-accent: #000000; }\n"


def test_it_speaks_the_shoppers_language(goods, store):
    german = Shopper(store.port, Accept_Language="de-AT,de;q=0.9,en;q=0.5")
    page = german.get("/products/candle-01")
    assert '<html lang="de">' in page.text and "In den Warenkorb" in page.text and "6,00\xa0$" in page.text
    english = german.post("/preferences", back="/products/candle-01", language="en")
    assert english.path == "/products/candle-01" and "Add to cart" in english.text


def test_visitors_of_another_host_are_sent_to_the_stores_address(store):
    def ask(host: str, path: str, method: str = "GET"):
        connection = http.client.HTTPConnection("127.0.0.1", store.port, timeout=60)
        connection.request(method, path, headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    address = store.environment["STORE_URL"]
    assert ask("shop.example.com", "/products").status == 200
    # With its own host among them, as a pod reads it that is being replaced.
    (store.folder / "hosts").write_text("shop.example.com\nwww.example.com\n127.0.0.1")
    try:
        # It is read again while the store runs, as a mounted ConfigMap is.
        until(lambda: ask("shop.example.com", "/products").status == 301, "the hosts to be known")
        for method in ("GET", "HEAD"):
            sent = ask("WWW.example.com:8080", "/products?q=a%20b&page=2", method)
            assert (sent.status, sent.headers["Location"]) == (301, f"{address}/products?q=a%20b&page=2") and "max-age=300" in sent.headers["Cache-Control"]
        # Probes, the platform and browsers' calls come by any name; so does who is nobody's alias.
        for host, path in (("shop.example.com", "/-/ready"), ("shop.example.com", "/storefront/config"), ("elsewhere.example.net", "/"), ("127.0.0.1", "/")):
            assert ask(host, path).status == 200
        assert ask("shop.example.com", "/cart/items", "POST").status not in (301, 302, 307, 308)
    finally:
        (store.folder / "hosts").unlink()
