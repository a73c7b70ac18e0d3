"""An owner adds a webhook or a mailbox, tries it, and sees why one is paused."""

import pytest
from mailbox_server import link
from playwright.sync_api import expect
from receiver import Receiver
from test_access import checked


@pytest.fixture
def receiver():
    with Receiver() as server:
        yield server


def opened(page):
    page.get_by_role("button", name="Profile").click()
    page.get_by_role("button", name="Notifications").click()
    return page.get_by_role("dialog", name="Notifications")


def test_a_webhook_is_added_tried_paused_and_deleted(open_page, receiver, shoot):
    page = open_page("/")
    dialog = opened(page)
    dialog.get_by_role("combobox").select_option("webhook")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("Give the address")
    dialog.get_by_label("Address", exact=True).fill("http://10.0.0.1/")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("not on the public internet")
    dialog.get_by_label("Address", exact=True).fill(receiver.url)
    dialog.get_by_label("A store is deleted").check()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("status")).to_contain_text("whsec_")
    webhooks = dialog.get_by_role("list", name="Where you are told")
    expect(webhooks).to_contain_text("Active")
    expect(webhooks).not_to_contain_text("s3cret")

    webhooks.get_by_role("button", name="Send a test").click()
    sent = webhooks.get_by_role("list", name="What was sent")
    expect(sent).to_contain_text("Delivered; the answer was 204")
    expect(webhooks.get_by_label("A store is deleted")).to_be_checked()
    assert checked(page, "notifications", shoot) == []

    receiver.status = 410
    webhooks.get_by_role("button", name="Send a test").click()
    expect(sent).to_contain_text("It answered 410")
    page.reload()
    expect(webhooks).to_contain_text("The address answered 410")
    assert checked(page, "notifications-paused", shoot) == []
    webhooks.get_by_role("button", name="Resume").click()
    expect(webhooks).to_contain_text("Active")
    webhooks.get_by_role("button", name="Delete").click()
    expect(webhooks.get_by_role("listitem")).to_have_count(0)


def test_a_mailbox_is_confirmed_by_its_link_and_ended_by_one(open_page, mail, user, shoot):
    page = open_page("/")
    dialog = opened(page)
    dialog.get_by_label("Address", exact=True).fill("nobody")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("Give an e-mail address")
    dialog.get_by_label("Address", exact=True).fill(user)
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("status")).to_contain_text(f"A mail is on its way to {user}")
    boxes = dialog.get_by_role("list", name="Where you are told")
    expect(boxes).to_contain_text("Not confirmed")
    assert checked(page, "notifications-unconfirmed", shoot) == []
    # Whoever reads the mailbox need not be signed in.
    reader = open_page("/#" + link(mail.newest(user, "Confirm"), "confirm"), who=None)
    asked = reader.get_by_role("dialog", name="Notifications by e-mail")
    expect(asked).to_contain_text("if that was you")
    assert checked(reader, "mailbox", shoot) == []
    asked.get_by_role("button", name="Confirm").click()
    expect(asked.get_by_role("status")).to_contain_text("is told from now on")
    page.reload()
    expect(boxes).to_contain_text("Active")
    boxes.get_by_role("button", name="Send a test").click()
    expect(boxes.get_by_role("list", name="What was sent")).to_contain_text("A test")
    told = mail.newest(user, "A test")
    reader.goto("/#" + link(told, "stop"))
    asked.get_by_role("button", name="Send nothing more").click()
    expect(asked.get_by_role("status")).to_contain_text("Nothing more is sent")
    page.reload()
    expect(boxes.get_by_role("listitem")).to_have_count(0)


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("middle", "light")])
def test_the_window_fits_every_screen(open_page, shoot, size, scheme):
    page = open_page("/", size, scheme)
    opened(page)
    expect(page.get_by_role("heading", name="Add an address")).to_be_visible()
    assert checked(page, f"notifications-{size}-{scheme}", shoot) == []
