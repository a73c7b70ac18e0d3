"""What is on the screen is in the address: links lead to it, back leads back."""

import re

import pytest
from conftest import address, row, to_list
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def stores(stack):
    with stack.fault("store-addressed-lamp", "imagePullFailure"):
        stores = [stack.create(name, engine, "links@example.org") for name, engine in
                  [("Addressed Books", "woocommerce"), ("Addressed Games", "medusa"), ("Addressed Lamp", "woocommerce")]]
        for store, status in zip(stores, ["ready", "ready", "failed"], strict=True):
            stack.settled(store["id"], status)
    yield stores
    stack.delete(*[store["id"] for store in stores])


@pytest.fixture
def user():
    return "links@example.org"


def names(page) -> list[str]:
    return page.locator("a.name").all_inner_texts()


def test_filters_search_and_order(open_page, stores):
    page = open_page()
    expect(page.locator("a.name")).to_have_count(3)
    page.get_by_role("button", name=re.compile("^Failed")).click()
    expect(page).to_have_url(re.compile(r"\?status=failed$"))
    assert names(page) == ["Addressed Lamp"]
    expect(page.get_by_text("1 of 3")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Clear")).click()
    page.keyboard.press("/")
    page.keyboard.type("medusa gam")
    expect(page.locator("a.name")).to_have_text(["Addressed Games"])
    expect(page).to_have_url(re.compile(r"\?q=medusa\+gam$"))
    page.keyboard.press("Escape")
    expect(page.locator("a.name")).to_have_count(3)
    page.get_by_label("Order", exact=True).select_option("name")
    expect(page.locator("a.name")).to_have_text(["Addressed Books", "Addressed Games", "Addressed Lamp"])
    page.get_by_label("Engine", exact=True).select_option("medusa")
    expect(page.locator("a.name")).to_have_text(["Addressed Games"])
    page.get_by_label("Status", exact=True).select_option("failed")
    expect(page.get_by_role("heading", name="No store matches")).to_be_visible()
    page.get_by_role("button", name="Show all stores").click()
    expect(page.locator("a.name")).to_have_count(3)


def test_a_view_is_saved_under_a_name_and_forgotten(open_page, stores):
    page = open_page()
    expect(page.locator("a.name")).to_have_count(3)
    expect(page.get_by_role("button", name="Save view…")).to_have_count(0)
    page.get_by_label("Engine", exact=True).select_option("medusa")
    page.get_by_role("button", name="Save view…").click()
    page.get_by_role("dialog", name="Save this view").get_by_label("Name").fill("Games")
    page.keyboard.press("Enter")
    views = page.get_by_label("Saved views", exact=True)
    expect(views.locator("option:checked")).to_have_text("Games")
    views.select_option("")
    expect(page.locator("a.name")).to_have_count(3)
    page.reload()
    views.select_option(label="Games")
    expect(page.locator("a.name")).to_have_text(["Addressed Games"])
    expect(page).to_have_url(re.compile(r"\?engine=medusa$"))
    page.get_by_role("button", name="Forget view").click()
    expect(views).to_have_count(0)


def test_a_deep_link_shows_what_it_was_copied_from(open_page, stores):
    page = open_page(address(stores[0], "events"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Addressed Books")
    expect(page).to_have_title("Addressed Books · Store Weaver")
    expect(page.get_by_role("tab", name="Events")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("list", name="Events, newest first")).to_contain_text("Namespace created")
    page.reload()
    expect(page.get_by_role("list", name="Events, newest first")).to_contain_text("Namespace created")
    page.goto("/?engine=woocommerce&sort=name")
    expect(page.locator("a.name")).to_have_text(["Addressed Books", "Addressed Lamp"])
    # What makes no sense in an address is as if it were not there.
    page.goto("/?status=broken&page=minus&size=7&tab=nothing&sort=%00")
    expect(page.locator("a.name")).to_have_count(3)


def test_back_and_forward(open_page, stores):
    page = open_page("/?sort=name")
    games, lamp = stores[1], stores[2]
    heading = page.get_by_role("heading", level=1)
    row(page, games).get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/stores/addressed-games$"))
    expect(heading).to_have_text("Addressed Games")
    page.get_by_role("tab", name="Config").click()
    manifest = page.get_by_label("Manifest", exact=True)
    expect(manifest).to_contain_text("kind: NetworkPolicy")
    expect(manifest).not_to_contain_text(re.compile(r"password: [\"']?[A-Za-z0-9+/]{16,}"))
    # The list is as it was left.
    to_list(page)
    expect(page).to_have_url(re.compile(r"/\?sort=name$"))
    row(page, lamp).locator(".name-cell").click(position={"x": 3, "y": 3})
    expect(heading).to_have_text("Addressed Lamp")
    page.go_back()
    page.go_back()
    expect(heading).to_have_text("Addressed Games")
    expect(page.get_by_role("tab", name="Config")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.locator("a.name")).to_have_count(3)
    page.go_forward()
    expect(heading).to_have_text("Addressed Games")


def test_another_persons_store_is_not_there(open_page, stores):
    page = open_page(address(stores[0]), who="eve@example.org")
    expect(page.get_by_role("heading", name="This store is not there")).to_be_visible()


def test_the_whole_by_keyboard(open_page, stores):
    page = open_page("/?sort=name")
    expect(page.locator("a.name")).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Addressed Games", exact=True)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name="Select Addressed Games")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Addressed Games")).to_be_focused()
    page.get_by_role("tab", name="Overview").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Backups")).to_be_focused()
    expect(page).to_have_url(re.compile("tab=backups"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Addressed Games", exact=True)).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("g")
    expect(page).to_have_url(re.compile("/operator$"))
