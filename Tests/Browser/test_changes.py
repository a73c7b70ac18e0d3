"""What a store is to be is changed while it serves: its plan and volumes, and whether it sleeps."""

import re

from conftest import row
from playwright.sync_api import expect
from stack import until


def unchanging(stack, store: dict) -> dict:
    """Once nothing is being changed of it any more."""
    return until(lambda: (now := stack.store(store["id"]))["activity"] is None and now or None, "the change to end")


def test_a_plan_is_chosen_then_changed_and_what_is_not_made_is_asked_for_again(open_page, stack, user, shoot):
    page = open_page("/?dialog=new")
    dialog = page.get_by_role("dialog", name="New store")
    dialog.get_by_label("Name").fill("Planned")
    plans = dialog.get_by_role("group", name="Plan")
    expect(plans.get_by_role("radio", name="Small")).to_be_checked()
    expect(plans).to_contain_text("512 MiB memory")
    plans.get_by_role("radio", name="Medium").check()
    shoot(page, "new-plan")
    dialog.get_by_role("button", name="Create store").click()
    panel = page.get_by_role("complementary")
    expect(panel.locator(".panel-actions .badge")).to_have_text("Ready")
    store = stack.request("GET", "/api/stores", user=user).body["stores"][0]
    assert store["plan"] == "medium"

    panel.get_by_role("button", name="Change plan or storage").click()
    dialog = page.get_by_role("dialog", name="Change Planned")
    button = dialog.get_by_role("button", name="Change", exact=True)
    expect(button).to_be_disabled()
    expect(dialog.get_by_role("radio", name="Medium")).to_be_checked()
    uploads = dialog.get_by_label(re.compile("^Uploads"))
    uploads.fill("0")
    expect(dialog).to_contain_text("a volume cannot shrink")
    expect(button).to_be_disabled()
    uploads.fill("2")
    dialog.get_by_role("radio", name="Large").check()
    shoot(page, "change-plan")
    button.click()
    expect(dialog).to_have_count(0)
    # The class of the volumes cannot make them larger: nothing is changed.
    trouble = panel.get_by_role("region", name="A change was not made")
    expect(trouble).to_contain_text("cannot make volumes larger")
    expect(page.get_by_role("alert").filter(has_text="Planned was not changed and serves as before.")).to_be_visible()
    expect(panel.locator(".panel-actions .badge")).to_have_text("Ready")
    facts = panel.locator(".facts").first
    expect(facts).to_contain_text("Medium")
    shoot(page, "kept")
    stack.kubectl("patch", "storageclass", "local-path", "--patch", '{"allowVolumeExpansion": true}')
    trouble.get_by_role("button", name="Retry").click()
    # The end of it is told, also to who does not look.
    expect(page.get_by_role("status").filter(has_text="Planned has its new size.")).to_be_visible()
    expect(trouble).to_have_count(0)
    expect(panel.locator(".panel-actions .badge")).to_have_text("Ready")
    expect(facts).to_contain_text("Large")
    expect(facts).to_contain_text("2 GiB")
    after = unchanging(stack, store)
    assert after["appliedGeneration"] == after["generation"] == 3
    shoot(page, "plan")
    stack.delete(store["id"])


def test_stores_sleep_and_wake_one_by_one_and_together(open_page, stack, user, shoot):
    page = open_page()
    stores = [stack.create(f"Sleeper {number}", user=user) for number in (1, 2)]
    for store in stores:
        expect(row(page, store).locator(".badge")).to_have_text("Ready")
    page.get_by_role("checkbox", name="Select all on this page").check()
    page.get_by_role("button", name="Sleep 2").click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("2 stores are falling asleep.")
    for store in stores:
        expect(row(page, store).locator(".badge")).to_have_text("Asleep")
        expect(row(page, store).locator(".chip")).to_have_count(0)
    tile = page.get_by_role("button", name=re.compile("^Asleep"))
    expect(tile).to_contain_text("2")
    shoot(page, "asleep")
    page.get_by_role("button", name="Clear selection").click()
    row(page, stores[0]).get_by_role("link", name="Sleeper 1", exact=True).click()
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("region", name="Asleep")).to_be_visible()
    expect(panel.get_by_role("link", name="Open")).to_have_count(0)
    panel.get_by_role("button", name="Wake").click()
    expect(panel.locator(".panel-actions .badge")).to_have_text("Ready")
    expect(page.get_by_role("status").filter(has_text="Sleeper 1 is awake.")).to_be_visible()
    tile.click()
    expect(page.locator("tr[data-store]")).to_have_count(1)
    assert not unchanging(stack, stores[0])["asleep"]
    stack.delete(*(store["id"] for store in stores))
