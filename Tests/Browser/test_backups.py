"""Nothing that was sold is lost by accident: backups, going back, copies, and deleted stores that come back."""

import re

from conftest import address, badge, row, to_list
from playwright.sync_api import expect


def place_order(stack, store: dict) -> None:
    stack.script("place-order", store["url"])


def backups(page):
    """The tab's rows, newest first."""
    return page.get_by_role("list", name="Backups, newest first").get_by_role("listitem")


def back_up(page, contents: str) -> None:
    """Takes a backup and waits for its row."""
    page.get_by_role("button", name="Back up now").click()
    expect(backups(page).first).to_contain_text("By hand · ")
    expect(backups(page).first).to_contain_text(contents)
    expect(page.get_by_role("status").filter(has_text="is backed up.")).to_be_visible()


def test_a_store_goes_back_is_copied_and_comes_back_from_its_backup(open_page, stack, user, shoot):
    store = stack.settled(stack.create("Seller", user=user)["id"], "ready")
    place_order(stack, store)
    page = open_page(address(store, "backups"))
    panel = page.get_by_role("main")
    expect(panel.get_by_role("heading", name="No backup yet")).to_be_visible()
    back_up(page, "1 order")
    shoot(page, "backups")
    place_order(stack, store)

    backups(page).first.get_by_role("button", name="Restore…").click()
    dialog = page.get_by_role("dialog", name="Restore Seller?")
    expect(dialog).to_contain_text("What was sold or changed since then is lost")
    button = dialog.get_by_role("button", name="Restore this backup")
    expect(button).to_be_disabled()
    dialog.get_by_role("textbox").fill("Seller")
    shoot(page, "restore")
    button.click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".store-actions .chip")).to_have_text("Restoring…")
    expect(page.get_by_role("status").filter(has_text="Seller is restored.")).to_be_visible()
    # What was there before the restore can be gone back to, too.
    expect(backups(page).first).to_contain_text("Before a change")
    expect(backups(page).first).to_contain_text("2 orders")
    back_up(page, "1 order")

    backups(page).nth(1).get_by_role("button", name="Copy to a new store…").click()
    dialog = page.get_by_role("dialog", name="Copy Seller")
    expect(dialog.get_by_label("Address")).to_have_value("seller-copy")
    dialog.get_by_role("checkbox", name="Staging copy").check()
    shoot(page, "copy")
    dialog.get_by_role("button", name="Create the copy").click()
    expect(panel.get_by_role("heading", name="Seller copy")).to_be_visible()
    expect(panel.locator(".store-head")).to_contain_text("staging copy")
    expect(badge(page)).to_have_text("Ready")

    # What is lost comes back from its newest backup, and is not made anew, empty, in passing.
    to_list(page)
    row(page, store).get_by_role("link", name="Seller", exact=True).click()
    stack.kubectl("delete", "namespace", store["namespace"])
    trouble = panel.get_by_role("region", name="What changed")
    expect(trouble.get_by_role("heading", name="This store is lost")).to_be_visible()
    expect(badge(page)).to_have_text("Lost")
    expect(panel.get_by_role("button", name="Retry", exact=True)).to_have_count(0)
    to_list(page)
    lost = page.get_by_role("button", name=re.compile("^Lost"))
    expect(lost).to_contain_text("1")
    expect(page.get_by_role("button", name=re.compile("^Ready"))).to_contain_text("1")
    # Neither a key, nor the row, nor many at once makes an empty store of it.
    expect(row(page, store).get_by_role("button", name="Retry Seller")).to_have_count(0)
    row(page, store).get_by_role("link", name="Seller", exact=True).focus()
    page.keyboard.press("r")
    page.get_by_role("checkbox", name="Select all on this page").check()
    toolbar = page.get_by_role("toolbar", name="Several stores at once")
    expect(toolbar).to_contain_text("1 lost: restore or recreate it on its page")
    expect(toolbar.get_by_role("button", name=re.compile("^Retry"))).to_have_count(0)
    # What is selected and not on the page is said.
    lost.click()
    expect(page.locator("tr[data-store]")).to_have_count(1)
    expect(toolbar).to_contain_text("1 of them not on this page")
    expect(toolbar.get_by_role("button", name="Sleep 1 of 2")).to_be_visible()
    shoot(page, "lost")
    lost.click()
    page.get_by_role("button", name="Clear selection").click()
    row(page, store).get_by_role("link", name="Seller", exact=True).click()
    trouble.get_by_role("button", name="Recreate it empty…").click()
    dialog = page.get_by_role("dialog", name="Recreate Seller, empty?")
    expect(dialog).to_contain_text("restore it to have all of that back")
    expect(dialog.get_by_role("button", name="Recreate, empty")).to_be_disabled()
    shoot(page, "recreate")
    page.keyboard.press("Escape")
    assert stack.store(store["id"])["drift"] == "namespace"
    trouble.get_by_role("button", name="Restore from backup…").click()
    dialog = page.get_by_role("dialog", name="Restore Seller?")
    expect(dialog).to_contain_text("what was sold since this backup is lost already")
    dialog.get_by_role("textbox").fill("Seller")
    dialog.get_by_role("button", name="Restore this backup").click()
    expect(trouble).to_have_count(0)
    expect(badge(page)).to_have_text("Ready")
    stack.delete(*(one["id"] for one in stack.request("GET", "/api/stores", user=user).body["stores"]))


def test_a_deleted_store_comes_back_unless_keeping_nothing_was_said_twice(open_page, stack, user, shoot):
    store = stack.settled(stack.create("Phoenix", user=user)["id"], "ready")
    page = open_page(address(store))
    panel = page.get_by_role("main")
    panel.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete this store?")
    expect(dialog).to_contain_text("for 7 days you can bring it back")
    dialog.get_by_role("textbox").fill("Phoenix")
    shoot(page, "delete")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(panel.get_by_role("heading", name="Phoenix is deleted")).to_be_visible()
    panel.get_by_role("button", name="Deleted stores").click()
    deleted = page.get_by_role("list", name="Deleted stores").get_by_role("listitem")
    expect(deleted).to_contain_text("Phoenix")
    shoot(page, "deleted")
    deleted.get_by_role("button", name="Bring back").click()
    expect(panel.get_by_role("heading", name="Phoenix")).to_be_visible()
    expect(badge(page)).to_have_text("Ready")
    assert stack.request("GET", "/api/stores/deleted", user=user).body["stores"] == []

    panel.get_by_role("button", name="Delete").click()
    dialog.get_by_role("textbox").fill("Phoenix")
    button = dialog.get_by_role("button", name="Delete for good")
    dialog.get_by_role("checkbox", name="Delete for good, keep nothing").check()
    # What was typed for the other way does not count.
    expect(button).to_be_disabled()
    expect(dialog).to_contain_text("Nobody can bring it back")
    dialog.get_by_role("textbox").fill("Phoenix")
    shoot(page, "purge")
    button.click()
    expect(panel.get_by_role("heading", name="Phoenix is deleted")).to_be_visible()
    # What is kept is what was kept of it the first time.
    panel.get_by_role("button", name="Deleted stores").click()
    deleted.get_by_role("button", name="Delete for good").click()
    dialog = page.get_by_role("dialog", name="Delete what is kept?")
    dialog.get_by_role("textbox").fill("Phoenix")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="No deleted stores")).to_be_visible()
