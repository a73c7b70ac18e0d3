"""Chromium buys through the storefront's container, with and without JavaScript, on a phone and on a desk; axe-core looks at every page."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import chromium as open_chromium
from front import Front
from goods import Owner, drawn
from playwright.sync_api import Page, expect
from polling import until
from ports import free_port
from servers import ROOT
from shopper import ADDRESS, BILLING, Shopper

# For a busy machine; nothing is expected to come near it.
expect.set_options(timeout=120_000)
SCREENSHOTS = ROOT / ".run/screenshots"
WIDTHS = {"phone": 320, "desk": 1440}


@pytest.fixture(scope="module")
def front(made, folder):
    store = made()
    store.file |= {"sampleProducts": [], "countries": ["us", "de"]}
    store.setup()
    store.start()
    owner = Owner(store)
    category = owner.ask("product-categories", {"name": "Shirts", "is_active": True})["product_category"]
    picture = owner.upload("shirt.jpg", drawn("jpeg", 1600, 1200), "image/jpeg")
    owner.products(
        {"title": "Shirt", "price": 20, "thumbnail": picture, "images": [{"url": picture}], "options": {"Size": ["S", "M"], "Colour": ["Blue", "Red"]}, "categories": [{"id": category["id"]}], "description": "Soft."},
        {"title": "Mug", "price": 12, "categories": [{"id": category["id"]}]}, {"title": "Lamp", "price": 80, "stock": 0},
    )
    owner.settings(banner="Free returns", terms="Terms.", privacy="Privacy.", contact="Contact.", description="Things for your home")
    until(lambda: "Free returns" in (it := Shopper(store.port).get("/")).text and "/products/shirt" in it.text, "the catalogue")
    front = Front(folder / "front", f"127.0.0.1:{store.port}")
    yield front
    front.stop()


@pytest.fixture(scope="module")
def chromium():
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def visitor(chromium, front):
    """A browser's page by width, script and colours; what it complains of, and what it asks of others, fails the test."""
    contexts, complaints = [], []

    def visitor(width: str, script: bool, scheme: str = "light") -> Page:
        context = chromium.new_context(
            base_url=f"http://127.0.0.1:{front.port}", viewport={"width": WIDTHS[width], "height": 900}, java_script_enabled=script, color_scheme=scheme,
            locale="en-US", reduced_motion="reduce",
        )
        context.set_default_timeout(120_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda it: it.type == "error" and not re.search("status of (40|503)|net::ERR_", it.text) and complaints.append(it.text))
        page.on("request", lambda it: it.url.startswith(f"http://127.0.0.1:{front.port}/") or complaints.append(it.url))
        return page

    yield visitor
    for context in contexts:
        context.close()
    assert complaints == []


def look(page: Page, name: str) -> None:
    """The page is no wider than the screen, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name
    found = Axe().run(page).response["violations"]
    assert not found, [(it["id"], it["nodes"][0]["html"]) for it in found]


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("width", WIDTHS)
def test_somebody_buys(visitor, width, script):
    page = visitor(width, script)
    shown = []

    def seen(path: str) -> None:
        expect(page).to_have_url(re.compile(path))
        shown.append(page.url)
        # Without scripts axe cannot look; the page is the same.
        if script:
            look(page, path)
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"store-{width}-{len(shown):02}.png", full_page=True)

    page.goto("/")
    seen("/$")
    page.get_by_role("searchbox", name="Search").fill("shirt")
    page.get_by_role("button", name="Search").click()
    seen(r"/products\?q=shirt")
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Shirts").click()
    seen("/categories/shirts")
    page.get_by_role("link", name="Shirt", exact=True).click()
    seen("/products/shirt")
    if script:
        expect(page.locator(".pictures img")).to_have_js_property("complete", True)
        assert page.evaluate("(it => it.naturalWidth > 0 && it.currentSrc)(document.querySelector('.pictures img'))").split("/")[3] == "pictures"
        page.get_by_label("Size").select_option("M")
        page.get_by_label("Colour").select_option("Red")
        expect(page.locator("p[data-price]")).to_have_text("$23.00")
    else:
        page.get_by_label("Variant").select_option(label="Red / M – $23.00 – In stock")
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name="Add to cart").click()
    seen(r"/cart\?notice=added")
    expect(page.get_by_role("status")).to_have_text("Added to your cart.")
    quantity = page.get_by_label("Quantity")
    quantity.fill("3")
    if script:
        quantity.blur()
    else:
        page.get_by_role("button", name="Update").click()
    seen(r"/cart\?notice=updated")
    expect(page.locator(".total dd")).to_have_text("$69.00")
    page.get_by_role("link", name="Check out").click()
    seen("/checkout$")
    for label, name in (("E-mail", "email"), ("First name", "first_name"), ("Last name", "last_name"), ("Street and house number", "address_1"),
                        ("Postcode", "postal_code"), ("City", "city")):
        page.get_by_label(label, exact=True).first.fill(ADDRESS[name])
    page.locator("#country_code").select_option("us")
    bill = page.get_by_role("group", name="Bill to")
    expect(bill).to_be_hidden()
    page.get_by_label("The bill goes to another address").check()
    if script:
        page.get_by_role("button", name="Continue").click()
        expect(bill.get_by_label("First name")).to_be_focused()
        look(page, "billing address")
    for name, value in BILLING.items():
        if name != "billing_country_code":
            bill.locator(f"#{name}").fill(value)
    page.get_by_role("button", name="Continue").click()
    seen("/checkout/delivery")
    page.get_by_role("button", name="Continue").click()
    seen("/checkout/summary")
    expect(page.locator(".total dd")).to_have_text("$74.00")
    expect(page.locator("address").nth(1)).to_contain_text("Charles Babbage")
    page.get_by_role("button", name="Order with obligation to pay").click()
    seen("/orders/order_")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Order ")
    link = page.url
    page.reload()
    expect(page.locator(".total dd")).to_have_text("$74.00")
    page.go_back()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Order ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_other_page_can_be_used_by_everybody(visitor, width, scheme):
    page = visitor(width, True, scheme)
    for path in ("/", "/products", "/products?q=nothing", "/products/lamp", "/cart", "/account/sign-in", "/account/sign-up", "/pages/terms", "/nothing"):
        page.goto(path)
        look(page, path)


def test_the_whole_purchase_by_keyboard(visitor):
    page = visitor("desk", True)
    page.goto("/products/mug")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add to cart").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/cart"))
    page.get_by_role("link", name="Check out").press("Enter")
    expect(page).to_have_url(re.compile("/checkout"))
    for name in ("email", "first_name", "last_name", "address_1", "postal_code", "city"):
        page.locator(f"#{name}").focus()
        page.keyboard.type(ADDRESS[name])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/checkout/delivery"))
    page.get_by_role("button", name="Continue").press("Enter")
    expect(page).to_have_url(re.compile("/checkout/summary"))
    page.get_by_role("button", name="Order with obligation to pay").press("Enter")
    expect(page).to_have_url(re.compile("/orders/"))


def test_another_country_has_its_own_words(visitor):
    page = visitor("desk", True)
    page.goto("/products/mug")
    page.get_by_label("Language").select_option("de")
    expect(page.get_by_role("button", name="In den Warenkorb")).to_be_visible()
    page.get_by_label("Land").select_option("de")
    expect(page.locator("p[data-price]")).to_have_text("12,00\xa0$")
    look(page, "German")


def test_while_medusa_is_away_the_page_says_so_and_comes_back_by_itself(visitor, folder, front):
    page = visitor("phone", True)
    front.lead_to(f"127.0.0.1:{free_port()}")
    answer = page.goto("/products/mug")
    assert answer.status == 503 and answer.headers["retry-after"] == "5"
    expect(page.get_by_role("heading", level=1)).to_have_text("The store will be back in a moment")
    look(page, "away")
    front.lead_to(front.medusa)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mug")
