"""A store's whole life, by mouse and keyboard, without a reload."""

import re

import zxingcpp
from conftest import badge, row
from playwright.sync_api import expect
from polling import until


def typed_delete(page, name: str) -> None:
    dialog = page.get_by_role("dialog")
    button = dialog.get_by_role("button", name="Delete", exact=True)
    expect(button).to_be_disabled()
    dialog.get_by_role("textbox").fill(name)
    button.click()


def read_by_a_camera(code) -> list[str]:
    """What another's decoder makes of a drawn QR code, four pixels a module."""
    side = int(code.get_attribute("viewBox").split()[2])
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", code.locator("path").get_attribute("d"))}
    pixels = bytes(0 if (x // 4, y // 4) in dark else 255 for y in range(4 * side) for x in range(4 * side))
    return [it.text for it in zxingcpp.read_barcodes(memoryview(pixels).cast("B", shape=[4 * side, 4 * side]))]


def test_from_create_to_ready_to_gone(open_page, stack, user, shoot):
    page = open_page()
    expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()
    shoot(page, "empty")
    page.evaluate("window.wasReloaded = false")

    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="New store")
    name, slug = dialog.get_by_label("Name"), dialog.get_by_label("Address")
    expect(name).to_be_focused()
    name.fill("Café Zürich")
    expect(slug).to_have_value("cafe-zurich")
    expect(dialog.get_by_text(re.compile(r"^cafe-zurich\.localhost(:\d+)? is free$"))).to_be_visible()
    name.fill("   ")
    expect(dialog).to_contain_text("Store name is required")
    name.fill("Browser Store")
    expect(slug).to_have_value("browser-store")
    # A click beside it does not take away what was typed.
    page.mouse.click(5, 5)
    expect(name).to_have_value("Browser Store")
    dialog.get_by_text("Medusa", exact=True).click()
    shoot(page, "new")
    name.press("Enter")

    panel = page.get_by_role("main")
    expect(panel.get_by_role("heading", name="Browser Store")).to_be_focused()
    expect(panel.get_by_role("log", name="Build log")).to_contain_text("Namespace created")
    expect(panel.get_by_role("progressbar")).to_be_visible()
    expect(badge(page)).to_have_text("Ready")
    expect(page.get_by_role("status").filter(has_text="Browser Store is ready.")).to_be_visible()
    moment = panel.get_by_role("region", name="It is ready")
    expect(moment).to_contain_text("Browser Store is open")
    shoot(page, "ready")
    moment.get_by_role("button", name="Close this note").click()
    expect(moment).to_have_count(0)
    # What is over does not stand before what the store is.
    expect(panel.get_by_role("progressbar")).to_have_count(0)
    panel.get_by_role("tab", name="History").click()
    expect(panel.locator(".steps .done")).to_have_count(5)
    panel.get_by_role("tab", name="Overview").click()
    store = stack.request("GET", "/api/stores", user=user).body["stores"][0]
    assert store["engine"] == "medusa" and store["namespace"] == "store-browser-store"
    expect(panel.get_by_role("link", name=store["adminUrl"])).to_be_visible()
    expect(panel.get_by_role("link", name="Visit")).to_have_attribute("href", store["url"])
    expect(panel.get_by_role("link", name="Open admin")).to_have_attribute("href", store["adminUrl"])
    expect(panel.get_by_role("list", name="Activity, newest first")).to_contain_text("You created the store")

    # What it really uses, beside what is reserved, and how fast it answers: the simulated cluster measures.
    def known() -> bool:
        days = stack.request("GET", f"/api/stores/{store['id']}/use", user=user).body["days"]
        return all(any(it is not None for day in days for it in day[what]) for what in ("cpuMillis", "memoryBytes", "responseMillis"))

    until(known, "what the store uses to be noted", 120)
    over_time = panel.get_by_role("region", name="Over time")
    over_time.get_by_role("button", name="7 days").click()
    for chart, words in (("CPU", r"\d+ m of \d+ m reserved"), ("Memory", r"\d[\d.]* [MG]iB of \d[\d.]* [MG]iB reserved"), ("Response time", r"\d[\d.]* m?s")):
        expect(over_time.get_by_role("img", name=re.compile(f"^{chart} over time: {words}$"))).to_be_visible()
    over_time.scroll_into_view_if_needed()
    shoot(page, "over-time")

    panel.get_by_role("button", name="QR code").click()
    dialog = page.get_by_role("dialog", name="QR code")
    assert read_by_a_camera(dialog.locator("svg.qr")) == [store["url"]]
    shoot(page, "qr")
    with page.expect_download() as kept:
        dialog.get_by_role("button", name="Download").click()
    assert kept.value.suggested_filename == "browser-store.svg"
    dialog.get_by_role("button", name="Close", exact=True).last.click()

    # Another name; the address stays.
    panel.get_by_role("button", name="Rename the store").click()
    dialog = page.get_by_role("dialog", name="Rename Browser Store")
    dialog.get_by_label("Name").fill(" ")
    expect(dialog).to_contain_text("Store name is required")
    dialog.get_by_label("Name").fill("Renamed Store")
    dialog.get_by_role("button", name="Rename", exact=True).click()
    expect(panel.get_by_role("heading", level=1)).to_have_text("Renamed Store")
    expect(page.get_by_role("status").filter(has_text="Renamed Store has its new name.")).to_be_visible()
    expect(panel.get_by_role("list", name="Activity, newest first")).to_contain_text("You changed it: name Renamed Store")
    assert stack.store(store["id"])["url"] == store["url"]

    panel.get_by_role("button", name="Delete").click()
    typed_delete(page, "Renamed Store")
    expect(panel.get_by_role("heading", name="Renamed Store is deleted")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()
    assert page.evaluate("window.wasReloaded") is False


def test_an_address_of_ones_own_and_what_a_store_begins_with(open_page, stack, user, shoot):
    with stack.live_store("Taken Name", user=user) as store:
        stack.settled(store["id"], "ready")
        page = open_page("/?dialog=new")
        dialog = page.get_by_role("dialog", name="New store")
        # Nothing was typed: a click beside it closes it.
        expect(dialog).to_be_visible()
        page.mouse.click(5, 5)
        expect(dialog).to_have_count(0)
        page.keyboard.press("n")
        expect(dialog.get_by_role("radio", name="A backup")).to_be_disabled()
        dialog.get_by_label("Name").fill("Taken Name")
        expect(dialog).to_contain_text("is taken, so six characters are added to it")
        slug = dialog.get_by_label("Address")
        slug.fill("taken name")
        expect(dialog).to_contain_text("taken-name is taken, or kept for the platform: choose another")
        slug.fill("Größe & Höhe")
        expect(dialog).to_contain_text("grosse-hohe")
        dialog.get_by_role("radio", name="An archive").check()
        dialog.get_by_role("button", name="Create store").click()
        expect(dialog.get_by_role("alert")).to_have_text("Choose the archive that the store begins with")
        dialog.get_by_role("radio", name="New").check()
        dialog.get_by_role("radio", name="Medusa").check()
        shoot(page, "new-address")
        dialog.get_by_role("button", name="Create store").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Taken Name")
        expect(page).to_have_url(re.compile("/stores/grosse-hohe$"))
        made = stack.request("GET", "/api/stores?slug=grosse-hohe", user=user).body["stores"][0]
        stack.delete(made["id"])


def test_failure_cause_retry_ready(open_page, stack, user, shoot):
    page = open_page()
    with stack.fault("store-broken-lamp", "imagePullFailure"):
        store = stack.create("Broken Lamp", user=user)
        expect(page.get_by_role("button", name=re.compile("^Failed"))).to_contain_text("1")
        row(page, store).get_by_role("link", name="Broken Lamp").click()
        panel = page.get_by_role("main")
        trouble = panel.get_by_role("region", name="What went wrong")
        expect(trouble.get_by_role("heading")).to_have_text("An image could not be pulled")
        expect(trouble).to_contain_text("then retry")
        shoot(page, "failed")
        panel.get_by_role("tab", name="History").click()
        panel.get_by_role("button", name="What the cluster said").click()
        said = panel.get_by_role("group", name="What the cluster said")
        expect(said.get_by_label("Pods")).to_contain_text("waiting: ImagePull")
        expect(said).not_to_contain_text("{")
    panel.get_by_role("button", name="Retry", exact=True).click()
    expect(badge(page)).to_have_text("Ready")
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
    panel = page.get_by_role("main")
    trouble = panel.get_by_role("region", name="A change was not made")
    expect(trouble).to_contain_text("kubectl-set has set .metadata.labels")
    expect(badge(page)).to_have_text("Ready")
    # The conflict is still there.
    trouble.get_by_role("button", name="Take over and apply the change").click()
    expect(trouble).to_have_count(0)
    expect(badge(page)).to_have_text("Ready")
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
