"""Owners are told what happens to their stores, by the real API, workers and courier."""

import json

import pytest
from mailbox_server import link
from polling import until
from receiver import Receiver, signature


@pytest.fixture
def receiver():
    with Receiver() as server:
        yield server


def deliveries(stack, channel: str) -> list[dict]:
    return stack.request("GET", f"/api/channels/{channel}/deliveries", user="listener").body["deliveries"]


def test_an_owner_hears_signed_that_a_store_is_ready_and_deleted_and_a_stranger_does_not(stack, receiver):
    made = stack.request("POST", "/api/channels", {"type": "webhook", "url": receiver.url, "events": ["store.ready", "store.deleted"]}, user="listener")
    assert made.status == 201 and "s3cret" not in json.dumps(made.body["channel"])
    channel = made.body["channel"]["id"]
    store = stack.create("Told & Done", user="listener")
    other = stack.create("Not Mine", user="somebody-else")
    for one in (store, other):
        stack.settled(one["id"], "ready")
    until(lambda: receiver.told("store.ready"), "the owner to hear of the store")
    stack.delete(store["id"], other["id"])
    until(lambda: receiver.told("store.deleted"), "the owner to hear that it is gone")
    assert {body["data"]["store"]["id"] for _, body in ((head, json.loads(body)) for head, body in receiver.messages)} == {store["id"]}
    assert receiver.told("store.ready")[0]["data"]["store"]["name"] == "Told & Done"
    for head, body in receiver.messages:
        assert head["webhook-signature"] == signature(made.body["secret"], head, body)
        assert head["webhook-signature"] != signature(made.body["secret"], head, body + b" ")
    until(lambda: [it["status"] for it in deliveries(stack, channel)] == ["delivered", "delivered"], "both to be noted")
    assert stack.request("DELETE", f"/api/channels/{channel}", user="listener").status == 200


def test_a_receiver_that_is_gone_is_paused_and_an_inner_one_is_never_taken(stack, receiver):
    made = stack.request("POST", "/api/channels", {"type": "webhook", "url": receiver.url, "events": ["store.failed"]}, user="listener").body
    channel = made["channel"]["id"]
    receiver.status = 503
    assert stack.request("POST", f"/api/channels/{channel}/test", user="listener").status == 202
    until(lambda: [it["error"] for it in deliveries(stack, channel)] == ["It answered 503"], "the refusal to be noted")
    receiver.status = 410
    assert stack.request("POST", f"/api/channels/{channel}/test", user="listener").status == 202
    paused = until(lambda: next((it for it in stack.request("GET", "/api/channels", user="listener").body["channels"] if it["state"] == "paused"), None), "the pause")
    assert "410" in paused["pausedReason"]
    for url in ("http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/"):
        refused = stack.request("PATCH", f"/api/channels/{channel}", {"url": url}, user="listener")
        assert (refused.status, refused.body["field"]) == (400, "url")
    assert stack.request("DELETE", f"/api/channels/{channel}", user="listener").status == 200


def answer(stack, word: str, fragment: str):
    _, channel, token = fragment.removeprefix("mail=").split(".")
    return stack.request("POST", f"/api/mailboxes/{word}", {"channel": channel, "token": token})


def test_a_mailbox_is_asked_before_it_is_told_and_ends_it_itself(stack, mail, receiver):
    # What is told to the one is told to the other at the same moment.
    assert stack.request("POST", "/api/channels", {"type": "webhook", "url": receiver.url, "events": ["store.ready"]}, user="reader").status == 201
    wanted = {"type": "email", "address": "Reader@Example.com", "events": ["store.ready"]}
    made = stack.request("POST", "/api/channels", wanted, user="reader")
    assert (made.status, made.body["channel"]["state"], made.body["channel"]["shown"]) == (201, "unconfirmed", "Reader@example.com")
    channel = made.body["channel"]["id"]
    asked = mail.newest("Reader@example.com", "Confirm")
    assert asked["Auto-Submitted"] == "auto-generated" and asked["From"].addresses[0].display_name == "Store Weaver"
    # Before it is confirmed, nothing else comes.
    store = stack.create("Read & \u00dcberblick", user="reader")
    stack.settled(store["id"], "ready")
    until(lambda: receiver.told("store.ready"), "the webhook to hear of the store")
    fragment = link(asked, "confirm")
    wrong = fragment[:-1] + ("0" if fragment[-1] != "0" else "1")
    assert answer(stack, "confirm", wrong).body["code"] == "link-not-valid"
    confirmed = answer(stack, "confirm", fragment)
    assert (confirmed.status, confirmed.body) == (200, {"address": "Reader@example.com", "state": "active"})
    assert answer(stack, "confirm", fragment).body["state"] == "active"
    assert [it["Subject"] for it in mail.of("Reader@example.com")] == [asked["Subject"]]
    assert stack.request("POST", f"/api/channels/{channel}/test", user="reader").status == 202
    assert "This is a test" in mail.newest("Reader@example.com", "A test").get_content()
    second = stack.create("Second", user="reader")
    stack.settled(second["id"], "ready")
    told = mail.newest("Reader@example.com", "Second is ready")
    assert f"https://weaver.example/stores/{second['namespace'].removeprefix('store-')}" in told.get_content() and "Second is ready." in told.get_content()
    # Whoever reads it ends it, and the owner cannot take that back.
    assert f"<https://weaver.example/#{link(told, 'stop')}>" == told["List-Unsubscribe"]
    assert answer(stack, "stop", link(told, "stop")).body["state"] == "stopped"
    [left] = stack.request("GET", "/api/channels", user="reader").body["channels"]
    assert left["type"] == "webhook" and stack.request("DELETE", f"/api/channels/{left['id']}", user="reader").status == 200
    assert stack.request("POST", "/api/channels", wanted, user="reader").body["code"] == "mailbox-limit", "it said no"
    assert answer(stack, "confirm", fragment).status == 404
    stack.delete(store["id"], second["id"])
    actions = {it["action"] for it in stack.admin("GET", f"/api/admin/audit?target={channel}").body["entries"]}
    assert {"channel.create", "channel.confirm", "channel.stop"} <= actions


def test_a_mailbox_that_is_not_there_is_not_asked_again(stack, mail):
    mail.unknown.add("nobody@example.com")
    made = stack.request("POST", "/api/channels", {"type": "email", "address": "nobody@example.com", "events": ["store.ready"]}, user="typo").body
    channel = made["channel"]["id"]

    def paused():
        [one] = stack.request("GET", "/api/channels", user="typo").body["channels"]
        return one if one["state"] == "paused" else None

    assert "No such user here" in until(paused, "the refusal to be noted")["pausedReason"]
    assert stack.request("POST", f"/api/channels/{channel}/test", user="typo").body["code"] == "channel-paused"
    # Resumed, it still has to be confirmed.
    assert stack.request("PATCH", f"/api/channels/{channel}", {"state": "active"}, user="typo").body["channel"]["state"] == "unconfirmed"
    for address, reason in (("nobody", "address must be"), ("a@b", "address must be"), ("a b@example.com", "address must be")):
        refused = stack.request("POST", "/api/channels", {"type": "email", "address": address, "events": ["store.ready"]}, user="typo")
        assert (refused.status, refused.body["field"]) == (400, "address") and reason in refused.body["error"]
    assert stack.request("DELETE", f"/api/channels/{channel}", user="typo").status == 200
