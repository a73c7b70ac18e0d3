"""The operator's place: what waits and why, what failed and why, workers, orphans, the audit; and the palette."""

import re

import pytest
from conftest import row, show_halted_rollout
from playwright.sync_api import expect
from stack import ADMIN_TOKEN

# Which the workers have beside today's: conftest.py.
LATER = "99.0.0"


@pytest.fixture
def operators_page(open_page):
    def open_operators(path: str = "/operator", size: str = "wide"):
        page = open_page(path, size)
        page.get_by_label("Operator’s token").fill(ADMIN_TOKEN)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Operator", exact=True)).to_be_visible()
        return page

    return open_operators


def test_what_waits_stands_in_order_and_what_failed_by_cause(operators_page, stack, user, shoot):
    page = operators_page()
    # A cause that no other test of this stack has.
    for name in ("broken-one", "broken-two"):
        stack.faults("PUT", f"store-{name}", {"faults": [{"kind": "podSecurity"}]})
    broken = [stack.create(name, user=user) for name in ("Broken One", "Broken Two")]
    for store in broken:
        stack.settled(store["id"], "failed")
    group = page.locator(".failed-group").filter(has_text="Broken One")
    expect(group).to_contain_text("2 × Pod Security refused a pod")
    shoot(page, "queue-failed")
    for store in broken:
        stack.clear_fault(store["namespace"])

    # One job has an address of its own.
    group.get_by_role("button", name=re.compile(r"^Job \d+, provision$")).first.click()
    job = page.get_by_role("dialog", name=re.compile(r"^Job \d+$"))
    expect(job).to_contain_text("Pod Security refused a pod")
    became = job.get_by_role("group", name="What became of it").get_by_role("row")
    expect(became.nth(1)).to_contain_text("Accepted")
    expect(became.nth(2)).to_contain_text("Attempt 1 began")
    expect(became.last).to_contain_text("Failed for good")
    assert re.search(r"\?job=\d+$", page.url)
    shoot(page, "job")
    page.keyboard.press("Escape")
    expect(job).to_have_count(0)
    assert page.url.endswith("/operator")

    stack.admin("POST", "/api/admin/queue/pause", {"reason": "looking"})
    try:
        group.get_by_role("button", name="Replay all 2").click()
        expect(page.get_by_role("region", name="Messages")).to_contain_text("2 jobs are queued again.")
        waiting = page.get_by_role("group", name="Waiting jobs").get_by_role("row")
        expect(waiting).to_have_count(3)
        expect(waiting.nth(1)).to_contain_text("Broken One")
        expect(waiting.nth(2)).to_contain_text("Broken Two")
        expect(waiting.nth(1)).to_contain_text("The queue is paused: looking")
        shoot(page, "queue-waiting")
    finally:
        stack.admin("POST", "/api/admin/queue/resume")
    for store in broken:
        stack.settled(store["id"], "ready")
    expect(page.get_by_text("Nothing waits.")).to_be_visible()
    stack.delete(*(store["id"] for store in broken))


def test_a_worker_is_drained_and_takes_jobs_again(operators_page, stack):
    page = operators_page("/operator?tab=workers")
    worker = page.locator(".workers li").first
    name = worker.locator("strong").inner_text()
    worker.get_by_role("button", name="Drain…").click()
    dialog = page.get_by_role("dialog", name=f"Drain {name}?")
    expect(dialog.get_by_role("button", name="Drain", exact=True)).to_be_disabled()
    dialog.get_by_label("Reason").fill("its node is replaced")
    page.keyboard.press("Enter")
    expect(worker.locator(".badge")).to_have_text("Drained")
    page.get_by_role("tab", name="Audit").click()
    page.get_by_label("What", exact=True).fill("worker.")
    entry = page.get_by_role("row").filter(has_text="worker.drain").first
    expect(entry).to_contain_text("its node is replaced")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export").click()
    assert "worker.drain" in saved.value.path().read_text()
    page.get_by_role("tab", name="Workers").click()
    worker.get_by_role("button", name="Let it take jobs").click()
    expect(worker.locator(".badge")).to_have_count(0)


def test_the_cluster_shows_its_nodes_and_the_room_for_more_stores(operators_page, shoot):
    page = operators_page()
    page.get_by_role("tab", name="Cluster").click()
    room = page.get_by_role("list", name="Room for more stores").get_by_role("listitem")
    expect(room).to_have_count(2, timeout=60_000)
    expect(room.filter(has_text="WooCommerce")).to_have_text(re.compile(r"WooCommerce\d+ small, \d+ medium, \d+ large"))
    node = page.get_by_role("list", name="Nodes").get_by_role("listitem").first
    expect(node.get_by_role("meter")).to_have_count(3)
    assert float(node.get_by_role("meter", name="Processors reserved").get_attribute("aria-valuemax")) > 0
    shoot(page, "cluster")


def test_the_queue_shows_its_caps_and_its_last_seven_days(operators_page, shoot):
    page = operators_page()
    queue = page.get_by_role("region", name="Queue", exact=True)
    # MAX_CONCURRENT_PROVISIONS of this stack.
    expect(queue).to_contain_text(re.compile(r"Provisions, of the cap\d+ of 6"))
    expect(queue).to_contain_text(re.compile(r"Background, of the cap\d+ of 3"))
    week = page.get_by_role("region", name="Last seven days")
    expect(week.get_by_role("img")).to_have_attribute("aria-label", re.compile(r"^Jobs by the hour: \d+ succeeded and \d+ failed for good in seven days"), timeout=120_000)
    shoot(page, "queue-week")


def test_an_incident_stands_above_each_view_of_everybody_until_it_is_ended(operators_page, open_page, shoot):
    page = operators_page()
    page.get_by_role("button", name="Incident…").click()
    dialog = page.get_by_role("dialog", name="Incident")
    expect(dialog.get_by_role("button", name="Show it")).to_be_disabled()
    dialog.get_by_label("Text").fill("Payments are slow. <b>We look into it.</b>")
    dialog.get_by_label("It ends").select_option(label="In 4 hours")
    shoot(page, "incident-dialog")
    page.keyboard.press("Enter")
    shown = page.get_by_role("status", name="Incident")
    expect(shown).to_contain_text("Incident. Payments are slow. <b>We look into it.</b> Since")
    shoot(page, "incident")
    others = open_page("/", "phone")
    expect(others.get_by_role("status", name="Incident")).to_contain_text("Payments are slow.")
    shoot(others, "incident-phone")
    page.get_by_role("button", name="Incident…").click()
    # Its end is kept where only the level is another.
    dialog.get_by_label("Level").select_option(label="Notice")
    dialog.get_by_role("button", name="Show it").click()
    expect(shown).to_contain_text(re.compile(r"Notice\. Payments .*, until "))
    page.get_by_role("button", name="Incident…").click()
    dialog.get_by_role("button", name="End it").click()
    expect(shown).to_have_text("")


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_nine_hundred_orphans_are_a_page(operators_page, size):
    page = operators_page(size=size)
    orphans = [{"kind": "namespace" if n % 3 else "store", "name": f"store-lost-{n}", "detail": "nobody has it", "firstSeen": "2026-01-31T12:00:00Z"} for n in range(900)]
    page.route("**/api/admin/orphans", lambda route: route.fulfill(json={"orphans": orphans}))
    page.get_by_role("tab", name="Orphans").click()
    items = page.get_by_role("list", name="Orphans").get_by_role("listitem")
    expect(items).to_have_count(25)
    assert page.evaluate("document.documentElement.scrollHeight") < 3_000
    expect(page.get_by_text("Page 1 of 36")).to_be_visible()
    page.get_by_role("button", name="Next page").click()
    expect(items.first).to_contain_text("store-lost-25")
    page.get_by_role("button", name="Without a namespace").click()
    expect(page.get_by_text("Page 1 of 12")).to_be_visible()


def test_a_halted_rollout_says_where_it_is_and_why(operators_page, shoot):
    page = operators_page()
    show_halted_rollout(page)
    page.get_by_role("tab", name="Rollouts").click()
    block = page.get_by_role("region", name="WooCommerce 1.4.0")
    expect(block.get_by_text("The cart answered 500. No store begins until it is resumed.")).to_be_visible()
    expect(block.get_by_role("img", name="Canaries: 1 of 1 done", exact=True)).to_be_visible()
    expect(block.get_by_role("img", name="Wave 1: 1 of 4 done, 1 watched, 1 kept, 1 failed", exact=True)).to_be_visible()
    expect(block.get_by_role("img", name="Wave 2: 0 of 10 done, 1 being upgraded, 1 skipped, 8 waiting", exact=True)).to_be_visible()
    expect(block.get_by_role("row").filter(has_text="Wave Books")).to_contain_text("The image cannot be pulled.")
    expect(block.get_by_role("row")).to_have_count(4)
    for name in ("Resume", "Retry failed", "Cancel…"):
        expect(block.get_by_role("button", name=name)).to_be_visible()
    expect(block.get_by_role("button", name="Pause")).to_have_count(0)
    shoot(page, "rollouts")


def test_a_rollout_is_paused_resumed_and_cancelled(operators_page, stack, user):
    page = operators_page("/operator?tab=rollouts")
    expect(page.get_by_role("heading", name="No rollouts")).to_be_visible()
    with stack.live_store("Rolled Out", user=user) as store:
        stack.settled(store["id"], "ready")
        page.get_by_role("button", name="New rollout…").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("combobox", name="Engine").select_option("WooCommerce")
        dialog.get_by_role("combobox", name="Version").select_option(LATER)
        dialog.get_by_label("Waves").fill("3; 100%")
        expect(dialog.get_by_text("Waves are numbers of stores or percents")).to_be_visible()
        expect(dialog.get_by_role("button", name=f"Begin with {LATER}")).to_be_disabled()
        # What the API refuses is told, and the form stays.
        dialog.get_by_label("Waves").fill("3, 10%")
        dialog.get_by_role("button", name=f"Begin with {LATER}").click()
        expect(dialog.get_by_role("alert")).to_contain_text("100")
        dialog.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("heading", name="No rollouts")).to_be_visible()
        # No other store begins while this one is watched.
        wanted = {"engine": "woocommerce", "to": LATER, "canaries": [store["id"]], "soakSeconds": 3600}
        assert stack.admin("POST", "/api/admin/rollouts", wanted).status == 201
        block = page.get_by_role("region", name=f"WooCommerce {LATER}")
        expect(block.get_by_role("img", name="Canaries: 0 of 1 done, 1 watched", exact=True)).to_be_visible()
        block.get_by_role("button", name="Pause").click()
        expect(block.locator(".badge").first).to_have_text("Paused")
        block.get_by_role("button", name="Resume").click()
        expect(block.locator(".badge").first).to_have_text("Running")
        block.get_by_role("button", name="Cancel…").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel the rollout").click()
        expect(block.locator(".badge").first).to_have_text("Cancelled")
        expect(block.get_by_role("button")).to_have_count(0)
        assert stack.store(store["id"])["version"] == LATER


def test_an_operator_begins_a_rollout_on_the_page(operators_page, stack):
    page = operators_page("/operator?tab=rollouts")
    page.get_by_role("button", name="New rollout…").click()
    dialog = page.get_by_role("dialog")
    # There is no store of this engine.
    dialog.get_by_role("combobox", name="Engine").select_option("Medusa")
    dialog.get_by_label("Stores at once").fill("7")
    dialog.get_by_label("Failures allowed").fill("0")
    dialog.get_by_label("Minutes watched").fill("60")
    dialog.get_by_label("Stores that sleep").select_option("skip")
    dialog.get_by_label("Why").fill("Medusa 3")
    dialog.get_by_label("Urgent").check()
    with page.expect_request("**/api/admin/rollouts") as asked:
        dialog.get_by_role("button", name="Begin with").click()
    # The API takes it for what it is, and says that there is nothing to do.
    expect(dialog.get_by_role("alert")).to_contain_text("Every store of this engine has version")
    wanted = asked.value.post_data_json
    to = wanted.pop("to")
    assert wanted == {
        "engine": "medusa", "waves": [{"count": 3}, {"percent": 10}, {"percent": 100}], "batch": 7, "maxFailures": 0, "soakSeconds": 3600,
        "sleeping": "skip", "urgent": True, "reason": "Medusa 3",
    }
    # An answer as if there were two.
    begun = {"id": "0123456789ab", "engine": "medusa", "to": to, "stores": {"total": 2}}
    page.route("**/api/admin/rollouts", lambda route: route.fulfill(status=201, json={"rollout": begun}))
    dialog.get_by_role("button", name="Begin with").click()
    expect(page.get_by_text(f"A rollout of Medusa {to} has begun, for 2 stores.")).to_be_visible()
    expect(dialog).to_have_count(0)


def test_the_palette_leads_to_stores_and_places(open_page, stack, user):
    with stack.live_store("Palette Books", user=user) as store:
        page = open_page()
        expect(row(page, store)).to_be_visible()
        page.keyboard.press("/")
        page.keyboard.press("Control+k")
        field = page.get_by_role("combobox", name="A store or an action")
        expect(field).to_be_focused()
        page.keyboard.type("new")
        options = page.get_by_role("listbox", name="Found").get_by_role("option")
        expect(options.first).to_contain_text("New store")
        field.fill("books pal")
        expect(options).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Palette Books")
        page.keyboard.press("Control+k")
        field.fill("o")
        expect(options.nth(1)).to_be_visible()
        page.keyboard.press("ArrowDown")
        expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.keyboard.press("Control+k")
        field.fill("deleted")
        options.first.click()
        expect(page).to_have_url(re.compile("show=deleted"))
