"""A domain of one's own: what the page says is left to do, step by step."""

import re

from conftest import address
from playwright.sync_api import expect

HOST = "boutique.example.com"


def test_an_owner_brings_a_domain_along(open_page, stack, dns, user, shoot):
    store = stack.settled(stack.create("Boutique", user=user)["id"], "ready")
    page = open_page(address(store, "domains"))
    expect(page.get_by_role("heading", name="No domain of your own yet")).to_be_visible()
    page.get_by_role("button", name="Add a domain").click()
    dialog = page.get_by_role("dialog", name="Add a domain")
    dialog.get_by_label("Your domain").fill("shop.localhost")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text(".localhost")
    # As it is copied from a browser.
    dialog.get_by_label("Your domain").fill(f"https://{HOST}/")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog).to_have_count(0)

    item = page.get_by_role("list", name="Domains").get_by_role("listitem").filter(has_text=HOST).first
    steps = item.get_by_role("list", name=f"Steps for {HOST}").get_by_role("listitem")
    expect(steps).to_have_text([re.compile(".*not yet$")] * 3)
    expect(item).to_contain_text("is not in the DNS yet")
    name, proof = item.locator("tr", has_text="TXT").locator("code").all_text_contents()
    assert name == f"_store-weaver.{HOST}" and proof.startswith("sw-verify=")
    expect(item.get_by_role("button", name="Copy the value of the TXT record")).to_be_visible()
    expect(item).to_contain_text(store["spec"]["host"])
    shoot(page, "domains")
    page.set_viewport_size({"width": 390, "height": 844})
    shoot(page, "domains-phone")
    page.set_viewport_size({"width": 1440, "height": 900})

    dns.set("TXT", name, proof)
    dns.set("CNAME", HOST, store["spec"]["host"])
    dns.set("A", store["spec"]["host"], "127.0.0.1")
    # What changes is pushed.
    item.get_by_role("button", name="Check now").click()
    expect(item).to_contain_text(f"{HOST} · Active")
    expect(item.get_by_role("list", name=f"Steps for {HOST}")).to_have_count(0)
    item.get_by_role("button", name="Make it the store’s address").click()
    expect(page.get_by_text(f"The store’s address is {HOST}")).to_be_visible()
    expect(item.get_by_role("button", name="Remove")).to_be_disabled()
    page.get_by_role("button", name=f"Go back to {store['spec']['host']}").click()
    expect(page.get_by_text(f"The store’s address is {store['spec']['host']}")).to_be_visible()
    item.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="No domain of your own yet")).to_be_visible()
