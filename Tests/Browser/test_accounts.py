"""An installation that keeps accounts: people sign up in browsers of their own."""

import base64
import json
import re

import pytest
from conftest import address, badge, row, to_list
from operating import Operating
from playwright.sync_api import expect
from stack import running
from test_access import faults_of as faults

PASSWORD = "a long sentence of mine"


@pytest.fixture(scope="module")
def stack(request, mail):
    letters = {"DASHBOARD_URL": "https://weaver.example", **mail.settings}
    with running(request, AUTH_MODE="accounts", MAX_STORES_PER_USER="3", **letters) as stack:
        yield stack


@pytest.fixture
def person(open_page):
    """Somebody in a browser of their own, at the door."""
    return lambda path="/", **how: open_page(path, who=None, **how)


def sign(page, what: str, email: str, password: str = PASSWORD) -> None:
    if what == "Sign up":
        page.get_by_role("button", name="Sign up").click()
        expect(page.get_by_role("heading", name="Sign up")).to_be_visible()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.locator("form button.primary").click()


def make(page, name: str) -> dict:
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="New store")
    dialog.get_by_label("Name").fill(name)
    with page.expect_response(lambda response: response.url.endswith("/api/stores") and response.status == 202) as created:
        dialog.get_by_label("Name").press("Enter")
    return created.value.json()["store"]


def test_two_people_in_two_browsers(person, stack, shoot):
    ada, eve = person(), person()
    expect(ada.get_by_role("heading", name="Sign in")).to_be_visible()
    sign(ada, "Sign up", "ada@example.org")
    sign(eve, "Sign up", "eve@example.org")
    for page in (ada, eve):
        expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()
    store = make(ada, "Ada's Books")
    expect(badge(ada)).to_have_text("Ready")

    # Neither in the list, nor by the address, nor by asking.
    expect(row(eve, store)).to_have_count(0)
    eve.goto(address(store))
    expect(eve.get_by_role("heading", name="This store is not there")).to_be_visible()
    status = eve.evaluate(f"fetch('/api/stores/{store['id']}', {{method: 'DELETE'}}).then((answer) => answer.status)")
    assert status == 403, "without the page's token nothing is changed"
    assert eve.evaluate(f"fetch('/api/stores/{store['id']}').then((answer) => answer.status)") == 404
    expect(eve.get_by_role("link", name="Operator")).to_have_count(0)

    # What opens the store is the cluster's own, shown when it is asked for and hidden again.
    panel = ada.get_by_role("main")
    secret = json.loads(stack.kubectl("--namespace", store["namespace"], "get", "secret", "wordpress-secret", "--output", "json"))
    password = base64.b64decode(secret["data"]["admin-password"]).decode()
    expect(panel).not_to_contain_text(password)
    panel.get_by_role("button", name="Show the admin’s password").click()
    expect(panel).to_contain_text(password)
    assert faults(ada) == []
    # No label runs into what it is of.
    rows = panel.locator(".credentials .addresses > div")
    assert all(row.evaluate("(it) => it.children[0].getBoundingClientRect().right <= it.children[1].getBoundingClientRect().left") for row in rows.all()) and rows.count() == 2
    panel.get_by_role("button", name="Hide").click()
    expect(panel).not_to_contain_text(password)


def test_a_forgotten_password_is_set_anew_by_a_link(person, mail, shoot):
    page = person()
    sign(page, "Sign up", "may@example.org")
    expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()
    other = person()
    other.get_by_label("E-mail").fill("may@example.org")
    other.get_by_role("button", name="Forgot your password?").click()
    dialog = other.get_by_role("dialog", name="A new password")
    assert faults(other) == []
    dialog.get_by_role("button", name="Send a link").click()
    expect(dialog.get_by_role("status")).to_contain_text("a mail with a link is on its way")
    dialog.get_by_text("Close", exact=True).click()
    link = re.search(r"#(reset=swp_\S+)", mail.newest("may@example.org", "Set a new password").get_content())[1]
    other.goto("/#" + link)
    dialog.get_by_label("New password").fill("short")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("at least 6")
    assert faults(other) == []
    dialog.get_by_label("New password").fill("another sentence of mine")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("status")).to_contain_text("The password is set")
    dialog.get_by_text("Close", exact=True).click()
    sign(other, "Sign in", "may@example.org", "another sentence of mine")
    expect(other.get_by_role("heading", name="No stores yet")).to_be_visible()
    # Where the old password was used, the session is not renewed any more.
    assert page.evaluate("fetch('/api/auth/refresh', {method: 'POST'}).then((answer) => answer.status)") == 401


def test_open_admin_leads_in_signed_in_and_says_why_where_it_does_not(person, stack):
    page = person()
    sign(page, "Sign up", "ida@example.org")
    expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()
    store = make(page, "Ida's Books")
    expect(badge(page)).to_have_text("Ready")
    link = page.get_by_role("link", name="Open admin")
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_url(re.compile(re.escape(store["namespace"].removeprefix("store-")) + r"\.localhost(:\d+)?/-/admin-session#v1\.\d+\.[0-9a-f]{32}\."))
    assert opened.value.evaluate("window.opener") is None
    opened.value.close()

    refusal = {"error": "The store is asleep: wake it to open its admin", "code": "asleep"}
    page.route("**/admin-session", lambda route: route.fulfill(status=409, json=refusal))
    link.click()
    expect(page.get_by_role("alert")).to_contain_text("The admin of Ida's Books was not opened. The store is asleep: wake it to open its admin")
    # One whose image takes no link is opened as it always was.
    page.unroute("**/admin-session")
    page.route("**/admin-session", lambda route: route.fulfill(status=409, json={"error": "…", "code": "no-sign-in"}))
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_url(re.compile(r"/wp-admin/?$"))


def test_the_session_outlives_a_reload_and_ends_everywhere_with_signing_out(person):
    page = person()
    sign(page, "Sign up", "zoe@example.org")
    expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()
    # The access token is over, as after a night: the refresh token gets a new one.
    page.context.clear_cookies(name="sw_access")
    page.reload()
    expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()
    other = page.context.new_page()
    other.goto("/")
    expect(other.get_by_role("heading", name="No stores yet")).to_be_visible()
    page.get_by_role("button", name="Profile of zoe@example.org").click()
    page.get_by_role("button", name="Sign out").click()
    for tab in (page, other):
        expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_cookie_that_was_taken_away_in_the_middle_is_noticed_by_the_next_click(person):
    page = person()
    sign(page, "Sign up", "max@example.org")
    expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()
    page.context.clear_cookies(name="sw_access")
    store = make(page, "Max's Lamps")
    to_list(page)
    expect(row(page, store)).to_have_count(1)


def test_the_door_says_what_is_wrong(person, shoot):
    page = person(size="phone", scheme="dark")
    shoot(page, "sign-in-phone-dark")
    sign(page, "Sign in", "nobody@example.org")
    expect(page.get_by_role("alert")).to_have_text("The e-mail address or the password is not right")
    page.get_by_role("button", name="Sign up").click()
    sign(page, "Sign in", "not an address")
    expect(page.get_by_role("alert")).to_have_text("A valid e-mail address is needed.")
    sign(page, "Sign in", "kim@example.org", "short")
    expect(page.get_by_role("alert")).to_contain_text("at least 6 characters")
    assert faults(page) == []


def test_the_account_changes_its_password_and_makes_a_token(person, stack, shoot):
    page = person()
    sign(page, "Sign up", "pat@example.org")
    expect(page.get_by_role("heading", name="No stores yet")).to_be_visible()
    page.goto("/?dialog=account")
    dialog = page.get_by_role("dialog", name="Account")
    dialog.get_by_label("Name of a new token").fill("backup")
    dialog.get_by_role("button", name="Make").click()
    secret = dialog.locator(".secret code").inner_text()
    assert stack.request("GET", "/api/stores", headers={"Authorization": f"Bearer {secret}"}).status == 200
    shoot(page, "account")
    assert faults(page) == []
    dialog.get_by_role("button", name="Revoke backup").click()
    expect(dialog.get_by_text("None. A script")).to_be_visible()
    assert stack.request("GET", "/api/stores", headers={"Authorization": f"Bearer {secret}"}).status == 401
    dialog.get_by_label("Current password").fill(PASSWORD)
    dialog.get_by_label("New password").fill("another long sentence")
    dialog.get_by_role("button", name="Change the password").click()
    expect(dialog).to_have_count(0)
    elsewhere = person()
    sign(elsewhere, "Sign in", "pat@example.org")
    expect(elsewhere.get_by_role("alert")).to_have_text("The e-mail address or the password is not right")
    sign(elsewhere, "Sign in", "pat@example.org", "another long sentence")
    expect(elsewhere.get_by_role("heading", name="No stores yet")).to_be_visible()


def test_the_first_admin_is_made_by_the_operator_and_has_the_operators_place(person, stack, shoot):
    storectl = Operating(stack)
    made = storectl("users", "create", "root@example.org", "--role", "admin", "--json").json
    page = person()
    sign(page, "Sign in", "root@example.org", made["password"])
    page.get_by_role("link", name="Operator").click()
    expect(page.get_by_role("heading", name="Operator", exact=True)).to_be_visible()
    expect(page.get_by_label("Operator’s token")).to_have_count(0)
    assert "root@example.org" in storectl("users", "list").out

    # Who is there, and who is to be.
    page.get_by_role("tab", name="People").click()
    people = page.get_by_role("region", name="People")
    expect(people.get_by_label("Role of root@example.org")).to_be_disabled()
    page.get_by_role("region", name="Invite somebody").get_by_label("E-mail, or empty for anyone").fill("guest@example.org")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.locator(".made code")).to_contain_text("invitation=")
    assert faults(page) == []
    shoot(page, "people")

    # Everybody's stores, by their owners; whose they are, an admin may change.
    owner = person()
    sign(owner, "Sign up", "owner@example.org")
    expect(owner.get_by_role("heading", name="No stores yet")).to_be_visible()
    expect(owner.get_by_role("group", name="Whose stores")).to_have_count(0)
    store = make(owner, "Owned")
    page.get_by_role("link", name="Stores", exact=True).click()
    expect(row(page, store)).to_have_count(0)
    page.get_by_role("group", name="Whose stores").get_by_role("button", name="All").click()
    expect(row(page, store)).to_contain_text("owner@example.org")
    expect(row(page, store).get_by_role("button", name="Delete Owned")).to_be_visible()
    # What an admin changes of an account holds at once.
    page.get_by_role("link", name="Operator").click()
    page.get_by_role("tab", name="People").click()
    quota = people.get_by_label("Quota of owner@example.org")
    quota.fill("1")
    quota.press("Enter")
    expect(page.get_by_role("region", name="Messages")).to_contain_text("owner@example.org")
    account = next(one for one in stack.admin("GET", "/api/admin/accounts").body["accounts"] if one["email"] == "owner@example.org")
    assert account["quota"] == 1
    # Where somebody is signed in, and the end of all of it.
    page.get_by_role("button", name="Sessions… owner@example.org").click()
    sessions = page.get_by_role("dialog", name="Sessions of owner@example.org")
    expect(sessions.get_by_role("list", name="Sessions").get_by_role("listitem")).to_have_count(1)
    shoot(page, "sessions")
    sessions.get_by_role("button", name="End all").click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("owner@example.org: One session is ended.")
    page.get_by_role("button", name="Sessions… owner@example.org").click()
    expect(sessions).to_contain_text("Not signed in anywhere.")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Audit").click()
    page.get_by_label("What", exact=True).fill("account.quota")
    expect(page.get_by_role("row").filter(has_text="account.quota")).to_have_count(1)
    # An operator sees it and cannot change it; nothing is offered that would be refused.
    made = storectl("users", "create", "watch@example.org", "--role", "operator", "--json").json
    watch = person("/?scope=all")
    sign(watch, "Sign in", "watch@example.org", made["password"])
    expect(row(watch, store).locator(".badge")).to_have_text("Ready")
    expect(row(watch, store).get_by_role("button", name="Delete Owned")).to_have_count(0)
    row(watch, store).get_by_role("link", name="Owned", exact=True).click()
    panel = watch.get_by_role("main")
    expect(panel).to_contain_text("you see it and cannot change it")
    # Also by its address alone, which no list has.
    watch.goto(address(store))
    expect(panel).to_contain_text("you see it and cannot change it")
    expect(panel.get_by_role("button", name="Delete")).to_have_count(0)


def test_somebody_is_invited_works_on_the_store_and_gets_it(person, stack, shoot):
    ada, bob = person(), person()
    sign(ada, "Sign up", "sharing@example.org")
    expect(ada.get_by_role("heading", name="No stores yet")).to_be_visible()
    store = make(ada, "Shared Books")
    expect(badge(ada)).to_have_text("Ready")
    ada.get_by_role("tab", name="Members").click()
    expect(ada.get_by_text("Nobody else works on this store.")).to_be_visible()

    def link(button: str, choice: str, make: str) -> str:
        ada.get_by_role("button", name=button).click()
        dialog = ada.get_by_role("dialog")
        dialog.get_by_role("radio", name=choice).check()
        shoot(ada, f"{make.lower().replace(' ', '-')}")
        dialog.get_by_role("button", name=make).click()
        told = dialog.locator("code").inner_text()
        dialog.get_by_role("button", name="Done").click()
        return told

    # The link leads through the sign-in to what it is for, and stands in no address any more.
    bob.goto(link("Invite somebody…", "Viewer", "Make a link").removeprefix(stack.url))
    expect(ada.get_by_text("Whoever has the link can join as viewer", exact=True)).to_be_visible()
    sign(bob, "Sign up", "invited@example.org")
    invitation = bob.get_by_role("dialog", name="An invitation")
    expect(invitation).to_contain_text("sharing@example.org invites you to the store Shared Books as viewer")
    assert "join" not in bob.url and faults(bob) == []
    invitation.get_by_role("button", name="Join").click()
    expect(bob.get_by_role("heading", name="Shared Books")).to_be_visible()
    expect(bob.get_by_text("Another person’s store: you see it and cannot change it.")).to_be_visible()
    expect(bob.get_by_role("button", name="Sleep", exact=True)).to_have_count(0)
    expect(bob.get_by_role("button", name="Show the admin’s password")).to_have_count(0)

    # What changes is seen on both pages as it happens.
    expect(ada.get_by_text("invited@example.org · Viewer")).to_be_visible()
    assert faults(ada) == []
    ada.get_by_role("button", name="Make manager").click()
    expect(bob.get_by_role("button", name="Sleep", exact=True)).to_be_visible()
    expect(bob.get_by_role("button", name="Show the admin’s password")).to_have_count(0)
    ada.get_by_role("button", name="Remove invited@example.org").click()
    expect(bob.get_by_role("heading", name="Shared Books is gone")).to_be_visible()

    # The store itself, with a new password.
    bob.goto(link("Give the store to somebody…", "I stay as viewer", "Make the offer").removeprefix(stack.url))
    offer = bob.get_by_role("dialog", name="An invitation")
    expect(offer).to_contain_text("It counts toward your quota then")
    offer.get_by_role("button", name="Take the store").click()
    expect(bob.get_by_role("button", name="Show the admin’s password")).to_be_visible()
    expect(ada.get_by_text("Another person’s store: you see it and cannot change it.")).to_be_visible()
    ada.get_by_role("tab", name="Members").click()
    ada.get_by_role("button", name="Leave the store").click()
    expect(row(ada, store)).to_have_count(0)
    expect(ada.get_by_role("heading", name="No stores yet")).to_be_visible()


def test_somebody_sees_where_they_are_signed_in_and_ends_it(person):
    here, there = person(), person()
    sign(here, "Sign up", "everywhere@example.org")
    expect(here.get_by_role("heading", name="No stores yet")).to_be_visible()
    sign(there, "Sign in", "everywhere@example.org")
    expect(there.get_by_role("heading", name="No stores yet")).to_be_visible()
    here.goto("/?dialog=account")
    places = here.get_by_role("region", name="Where you are signed in")
    expect(places.get_by_role("listitem")).to_have_count(2)
    expect(places.get_by_role("listitem").filter(has_text="this browser")).to_contain_text("Chrome on Linux")
    assert faults(here) == []
    places.get_by_role("button", name="Sign out everywhere else").click()
    expect(places.get_by_role("listitem")).to_have_count(1)
    expect(here.get_by_text("One other session is ended.")).to_be_visible()
    # It is asked to sign in once its page has to renew what it has.
    assert there.evaluate("fetch('/api/auth/refresh', {method: 'POST'}).then((answer) => answer.status)") == 401
