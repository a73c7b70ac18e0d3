"""What a store is to be is changed while it serves: its plan and volumes, and whether it sleeps."""

import re

from conftest import badge, row, to_list
from playwright.sync_api import expect
from polling import until


def unchanging(stack, store: dict) -> dict:
    """Once nothing is being changed of it any more."""
    return until(lambda: (now := stack.store(store["id"]))["activity"] is None and now, "the change to end")


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
    panel = page.get_by_role("main")
    expect(badge(page)).to_have_text("Ready")
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
    expect(badge(page)).to_have_text("Ready")
    facts = panel.get_by_role("region", name="Plan and version")
    expect(facts).to_contain_text("Medium")
    shoot(page, "kept")
    stack.kubectl("patch", "storageclass", "local-path", "--patch", '{"allowVolumeExpansion": true}')
    trouble.get_by_role("button", name="Retry").click()
    # The end of it is told, also to who does not look.
    expect(page.get_by_role("status").filter(has_text="Planned has its new size.")).to_be_visible()
    expect(trouble).to_have_count(0)
    expect(badge(page)).to_have_text("Ready")
    expect(facts).to_contain_text("Large")
    expect(facts).to_contain_text("2 GiB")
    after = unchanging(stack, store)
    assert after["appliedGeneration"] == after["generation"] == 3
    shoot(page, "plan")

    # Another version, after a backup.
    assert after["version"] != "99.0.0"
    expect(facts).to_contain_text("99.0.0 is offered")
    panel.get_by_role("button", name="Upgrade…").click()
    dialog = page.get_by_role("dialog", name="Upgrade Planned")
    expect(dialog).to_contain_text(f"It runs version {after['version']}")
    expect(dialog).to_contain_text("A backup is taken first.")
    shoot(page, "upgrade")
    dialog.get_by_role("button", name="Upgrade to 99.0.0").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".store-actions .chip")).to_have_text("Upgrading…")
    expect(page.get_by_role("status").filter(has_text="Planned is upgraded.")).to_be_visible()
    expect(facts).to_contain_text("99.0.0")
    expect(facts).not_to_contain_text("is offered")
    expect(panel.get_by_role("button", name="Upgrade…")).to_have_count(0)
    taken = stack.request("GET", f"/api/stores/{store['id']}/backups", user=user).body["backups"]
    assert [backup["kind"] for backup in taken if backup["version"] == after["version"]] == ["pre-change"]

    # Its version is kept for a while, and then goes with the others' again.
    panel.get_by_role("button", name="Keep this version…").click()
    dialog = page.get_by_role("dialog", name="Keep the version of Planned")
    dialog.get_by_role("radio", name="90 days").check()
    dialog.get_by_role("button", name="Keep it for 90 days").click()
    expect(page.get_by_role("status").filter(has_text="Planned keeps its version for 90 days.")).to_be_visible()
    expect(facts).to_contain_text("Kept until")
    assert stack.store(store["id"])["spec"]["pinned"] is True
    panel.get_by_role("button", name="Keep this version…").click()
    dialog.get_by_role("button", name="Upgrade it with the others").click()
    expect(facts).not_to_contain_text("Kept until")
    assert stack.store(store["id"])["spec"]["pinnedUntil"] is None

    # When it is awake.
    panel.get_by_role("button", name="Set a schedule").click()
    dialog = page.get_by_role("dialog", name="Sleep schedule of Planned")
    expect(dialog.get_by_role("checkbox", name="Friday")).to_be_checked()
    dialog.get_by_role("checkbox", name="Saturday").check()
    dialog.get_by_label("From").fill("07:30")
    zone = dialog.get_by_label("Time zone")
    zone.fill("Nowhere")
    expect(dialog.get_by_role("button", name="Set the schedule")).to_be_disabled()
    zone.fill("Europe/Nowhere")
    dialog.get_by_role("button", name="Set the schedule").click()
    expect(dialog.get_by_role("alert")).to_contain_text("awakeSchedule")
    zone.fill("Europe/Berlin")
    shoot(page, "schedule")
    dialog.get_by_role("button", name="Set the schedule").click()
    expect(panel).to_contain_text("Awake Mo-Sa 07:30-20:00 Europe/Berlin, asleep at other times.")
    assert stack.store(store["id"])["spec"]["awakeSchedule"] == "Mo-Sa 07:30-20:00 Europe/Berlin"
    panel.get_by_role("button", name="Change the schedule").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove the schedule").click()
    expect(panel).to_contain_text("It sleeps and wakes by hand alone.")
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
    panel = page.get_by_role("main")
    expect(panel.get_by_role("region", name="Asleep")).to_be_visible()
    expect(panel.get_by_role("link", name="Visit")).to_have_count(0)
    panel.get_by_role("button", name="Wake").click()
    expect(badge(page)).to_have_text("Ready")
    expect(page.get_by_role("status").filter(has_text="Sleeper 1 is awake.")).to_be_visible()
    to_list(page)
    tile.click()
    expect(page.locator("tr[data-store]")).to_have_count(1)
    assert not unchanging(stack, stores[0])["asleep"]
    stack.delete(*(store["id"] for store in stores))
