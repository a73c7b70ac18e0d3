"""A store's whole life, by mouse and keyboard, without a reload."""

import re

from conftest import row
from playwright.sync_api import expect


def typed_delete(page, name: str) -> None:
    dialog = page.get_by_role("dialog")
    button = dialog.get_by_role("button", name="Delete", exact=True)
    expect(button).to_be_disabled()
    dialog.get_by_role("textbox").fill(name)
    button.click()


def test_from_create_to_ready_to_gone(open_page, stack, user, shoot):
    page = open_page()
    expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()
    shoot(page, "empty")
    page.evaluate("window.wasReloaded = false")

    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="New store")
    name = dialog.get_by_label("Name")
    expect(name).to_be_focused()
    name.fill("Café Zürich")
    expect(dialog).to_contain_text("store-cafe-zurich")
    name.fill("   ")
    expect(dialog).to_contain_text("Store name is required")
    name.fill("Browser Store")
    expect(dialog).to_contain_text("store-browser-store")
    dialog.get_by_text("Medusa", exact=True).click()
    shoot(page, "new")
    name.press("Enter")

    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading", name="Browser Store")).to_be_focused()
    expect(panel.get_by_role("log", name="Build log")).to_contain_text("Namespace created")
    expect(panel.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "5")
    expect(panel.locator(".panel-actions .badge")).to_have_text("Ready")
    expect(panel.locator(".steps .done")).to_have_count(5)
    store = stack.request("GET", "/api/stores", user=user).body["stores"][0]
    assert store["engine"] == "medusa" and store["namespace"] == "store-browser-store"
    expect(panel.get_by_role("link", name=store["adminUrl"])).to_be_visible()

    panel.get_by_role("button", name="Delete").click()
    typed_delete(page, "Browser Store")
    expect(panel.get_by_role("heading", name="Browser Store is deleted")).to_be_visible()
    expect(row(page, store)).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()
    assert page.evaluate("window.wasReloaded") is False


def test_failure_cause_retry_ready(open_page, stack, user, shoot):
    page = open_page()
    with stack.fault("store-broken-lamp", "imagePullFailure"):
        store = stack.create("Broken Lamp", user=user)
        row(page, store).get_by_role("link", name="Broken Lamp").click()
        panel = page.get_by_role("complementary")
        trouble = panel.get_by_role("region", name="What went wrong")
        expect(trouble.get_by_role("heading")).to_have_text("An image could not be pulled")
        expect(trouble).to_contain_text("then retry")
        expect(page.get_by_role("button", name=re.compile("^Failed"))).to_contain_text("1")
        shoot(page, "failed")
        panel.get_by_role("tab", name="History").click()
        panel.get_by_role("button", name="What the cluster said").click()
        expect(panel.get_by_label("What the cluster said")).to_contain_text("ImagePull")
    panel.get_by_role("button", name="Retry", exact=True).click()
    expect(panel.locator(".panel-actions .badge")).to_have_text("Ready")
    expect(trouble).to_have_count(0)
    # What was tried is told, newest first, without asking for it again.
    expect(panel.locator(".attempts li").first).to_contain_text("Retry succeeded")
    stack.delete(store["id"])


def test_a_change_that_was_not_made_can_be_forced(open_page, stack, user):
    page = open_page()
    store = stack.settled(stack.create("Held Field", user=user)["id"], "ready")
    stack.faults("PUT", store["namespace"], {"faults": [{"kind": "helmConflict", "message": "kubectl-set"}]})
    assert stack.request("POST", f"/api/stores/{store['id']}/credentials/regenerate", user=user).status == 202
    row(page, store).get_by_role("link", name="Held Field", exact=True).click()
    panel = page.get_by_role("complementary")
    trouble = panel.get_by_role("region", name="A change was not made")
    expect(trouble).to_contain_text("kubectl-set has set .metadata.labels")
    expect(panel.locator(".panel-actions .badge")).to_have_text("Ready")
    # The conflict is still there.
    trouble.get_by_role("button", name="Take over and apply the change").click()
    expect(trouble).to_have_count(0)
    expect(panel.locator(".panel-actions .badge")).to_have_text("Ready")
    assert stack.store(store["id"])["changeError"] is None
    stack.delete(store["id"])


def test_bulk_retry_and_delete_with_a_result_for_each(open_page, stack, user):
    names = ["Bulk One", "Bulk Two", "Bulk Three"]
    page = open_page()
    for name in names:
        stack.faults("PUT", f"store-{name.lower().replace(' ', '-')}", {"faults": [{"kind": "imagePullFailure"}]})
    stores = [stack.create(name, user=user) for name in names]
    expect(page.get_by_role("button", name=re.compile("^Failed"))).to_contain_text("3")
    for store in stores:
        stack.clear_fault(store["namespace"])
    page.get_by_role("button", name="Retry all 3 failed").click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("3 stores are tried again.")
    expect(page.get_by_role("button", name=re.compile("^Ready"))).to_contain_text("3")

    # One is taken away by another hand before all are asked for: its result differs, the others are done.
    page.get_by_role("checkbox", name="Select all on this page").check()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.route(f"**/api/stores/{stores[0]['id']}", lambda route: route.fulfill(status=503, json={"error": "not now"}) if route.request.method == "DELETE" else route.continue_())
    page.get_by_role("button", name="Delete 3").click()
    typed_delete(page, "delete 3 stores")
    message = page.get_by_role("alert")
    expect(message).to_contain_text("2 of 3 stores are being deleted")
    expect(message).to_contain_text("Bulk One: not now")
    for store in stores[1:]:
        expect(row(page, store)).to_have_count(0)
    expect(row(page, stores[0])).to_be_visible()
    stack.delete(stores[0]["id"])
    expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()


def test_at_the_quota_there_is_no_new_store_and_it_says_why(open_page, stack, user):
    page = open_page()
    stores = [stack.create(f"Full {number}", user=user) for number in range(3)]
    button = page.get_by_role("button", name="New store")
    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description("You have 3 of 3 stores. Delete one to create another.")
    page.keyboard.press("n")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name=f"Profile of {user}").click()
    expect(page.get_by_role("meter", name="Your stores")).to_have_attribute("aria-valuetext", "3 of 3")
    # A page that does not know yet is refused by the API, in its words.
    page.goto("/?dialog=new")
    expect(page.get_by_role("dialog")).to_contain_text("Delete one to create another")
    stack.delete(*[store["id"] for store in stores])
    expect(page.get_by_role("dialog").get_by_role("button", name="Create store")).to_be_enabled()
