"""What happens elsewhere is on the screen without asking."""

import re
import time

from asking import ask
from conftest import address, row, to_list
from playwright.sync_api import expect
from polling import until
from tabs import tabs


def test_two_browsers_see_each_other(open_page, stack, user, capsys):
    one, other = open_page(), open_page()
    expect(other.get_by_role("heading", name="No stores yet")).to_be_visible()
    one.keyboard.press("n")
    one.get_by_role("dialog").get_by_label("Name").fill("Seen By Both")
    began = time.monotonic()
    one.keyboard.press("Enter")
    expect(other.get_by_role("link", name="Seen By Both")).to_be_visible()
    took = time.monotonic() - began
    store = stack.request("GET", "/api/stores", user=user).body["stores"][0]
    expect(row(other, store)).to_have_attribute("data-status", "ready")
    # Somebody else's page does not.
    stranger = open_page(who="eve@example.org")
    expect(stranger.get_by_role("heading", name="No stores yet")).to_be_visible()
    other.get_by_role("button", name="Delete Seen By Both").click()
    other.get_by_role("dialog").get_by_role("textbox").fill("Seen By Both")
    other.keyboard.press("Enter")
    expect(one.get_by_role("heading", name="Seen By Both is deleted")).to_be_visible()
    with capsys.disabled():
        print(f"\nFrom Enter in one browser to the row in the other: {took * 1000:.0f} ms; the aim is 1000 ms")


def test_a_change_in_the_cluster_is_on_the_screen(open_page, stack, user, capsys):
    with stack.live_store("Watched", user=user) as store:
        stack.settled(store["id"], "ready")
        page = open_page(address(store, "resources"))
        objects = page.get_by_role("table", name="Objects of this store in the cluster")
        expect(objects.get_by_text("wordpress-ingress")).to_be_visible()
        service = {"metadata": {"name": "probe", "labels": {"store-weaver.dev/store-id": store["id"]}}, "spec": {"ports": [{"port": 80}]}}
        began = time.monotonic()
        stack.cluster("POST", f"/api/v1/namespaces/{store['namespace']}/services", service)
        expect(objects.get_by_text("probe")).to_be_visible()
        took = time.monotonic() - began
        with capsys.disabled():
            print(f"\nFrom the cluster to the screen: {took * 1000:.0f} ms; the aim is 1000 ms")


def test_an_api_that_restarts_under_an_open_page(open_page, stack, user):
    with stack.live_store("Patient", user=user) as store:
        page, other = open_page(), open_page(address(store))
        stack.settled(store["id"], "ready")
        link = page.locator("header.top .link")
        expect(link).to_have_text("Live")
        page.evaluate("window.wasReloaded = false")
        stack.lib("end_processes 20 store-api")
        try:
            expect(link).to_have_text("Offline")
            # The header's word has not the look of the bar below it, which has a class of another name.
            assert link.evaluate("(it) => getComputedStyle(it).padding + getComputedStyle(it).borderBottomWidth") == "0px0px"
            expect(page.get_by_text("What you see may be old")).to_be_visible()
            expect(row(page, store)).to_be_visible()
            # What cannot be asked for is said, and not shown as done.
            page.get_by_role("button", name="Delete Patient").click()
            page.get_by_role("dialog").get_by_role("textbox").fill("Patient")
            page.keyboard.press("Enter")
            expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
            expect(row(page, store)).to_have_attribute("data-status", "ready")
        finally:
            stack.lib('launch_api "${API_URL##*:}"')
        expect(link).to_have_text("Live")
        expect(other.locator(".store-actions .link")).to_have_text("Live")
        # What happened meanwhile and what happens now both arrive.
        added = stack.create("Came Later", user=user)
        expect(row(page, added)).to_have_attribute("data-status", "ready")
        assert page.evaluate("window.wasReloaded") is False
        stack.delete(added["id"])


def test_why_a_store_waits(open_page, stack, user):
    stack.admin("POST", "/api/admin/queue/pause", {"reason": "the cluster is upgraded"})
    try:
        page = open_page()
        store = stack.create("Waiting", user=user)
        row(page, store).get_by_role("link", name="Waiting").click()
        expect(page.get_by_role("region", name="Why it waits")).to_contain_text("the cluster is upgraded")
    finally:
        stack.admin("POST", "/api/admin/queue/resume")
    expect(page.get_by_role("region", name="Why it waits")).to_have_count(0)
    to_list(page)
    expect(row(page, store)).to_have_attribute("data-status", "ready")
    row(page, store).get_by_role("link", name="Waiting", exact=True).click()
    page.get_by_role("tab", name="Logs").click()
    page.get_by_role("button", name="Containers").click()
    expect(page.get_by_label("Container’s log")).not_to_be_empty()
    stack.delete(store["id"])


def test_a_list_that_cannot_be_read_at_first(open_page, stack, user):
    with stack.live_store("Late Comer", user=user) as store:
        page = open_page("/operator")
        refusals = iter([503, 503])
        page.route("**/api/stores?limit=*", lambda route: route.fulfill(status=code, json={"error": "The database is away."}) if (code := next(refusals, None)) else route.continue_())
        page.goto("/")
        expect(page.get_by_role("heading", name="The stores could not be read")).to_be_visible()
        expect(row(page, store)).to_be_visible()
        expect(page.get_by_role("heading", name="The stores could not be read")).to_have_count(0)


def test_ten_tabs_in_the_background_leave_the_one_in_front_its_connections(stack, user):
    """Over HTTP/1.1 a browser has six connections to a server, for all its tabs together."""
    with stack.live_store("Tabbed", user=user) as store, tabs() as browser:
        stack.settled(store["id"], "ready")
        front = browser.open(stack.url, background=False)
        until(lambda: browser.ask(front, "document.readyState") == "complete", "the page")
        browser.ask(front, f"localStorage.setItem('user', {user!r})")
        hidden = [browser.open(stack.url + address(store, "logs")) for _ in range(10)]
        assert browser.ask(front, "document.visibilityState") == "visible"
        assert {browser.ask(tab, "document.visibilityState") for tab in hidden} == {"hidden"}
        browser.send("Page.navigate", session=front, url=stack.url + address(store))
        # The tab in front has its store's stream, and gets answers.
        until(lambda: browser.ask(front, "document.querySelector('.store-actions .link.live') !== null"), "the store's page to be live")
        assert browser.ask(front, "Promise.race([fetch('/api/health').then((answer) => answer.status), new Promise((end) => setTimeout(end, 20000))])") == 200
        # Those behind it have no connection of their own, and know what happens all the same: all share one.
        added = stack.create("Seen Behind", user=user)
        until(lambda: browser.ask(front, "document.body.textContent.includes('Seen Behind is ready.')"), "the tab in front to say so")
        # Whoever looks at another tab sees in the title that it is ready.
        for tab in hidden:
            until(lambda tab=tab: browser.ask(tab, "document.title").startswith("✓ Seen Behind is ready"), "the title to say so")
        assert all(browser.ask(tab, "document.querySelector('.store-actions .link.live') === null") for tab in hidden)
        # One for all tabs, and the store's in front. Those of other tests' browsers are ended by and by.
        metrics = stack.script("status", "--metrics").stdout.split()[0]

        def streams() -> int:
            return int(re.search(r"^storeweaver_event_streams (\d+)", ask(metrics).text, re.MULTILINE)[1])

        until(lambda: streams() == 2, "two event streams")
        stack.delete(added["id"])
