"""Owners are told what happens to their stores, by the real API, workers and courier."""

import json

import pytest
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
