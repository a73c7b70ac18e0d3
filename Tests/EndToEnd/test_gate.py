"""Hosts whose store does not serve now: the ingress falls through to the gate."""

import json

import pytest
from polling import until


@pytest.fixture(scope="module")
def store(stack):
    with stack.live_store("Sleepy & Sons") as made:
        yield stack.settled(made["id"], "ready")


def host(store: dict) -> str:
    return store["url"].split("/")[2].split(":")[0]


def comes(stack, store: dict, status: int, words: str) -> None:
    until(lambda: (lambda it: it.status == status and words in it.text)(stack.visit(host(store))), f"{status} with {words}")


def test_a_store_that_falls_asleep_has_a_page_and_serves_again_once_it_is_awake(stack, store):
    assert stack.visit(host(store)).status == 200
    assert stack.request("PATCH", f"/api/stores/{store['id']}", {"asleep": True}).status == 202
    comes(stack, store, 503, "Closed for now")
    until(lambda: stack.store(store["id"])["activity"] is None, "the store to be asleep")
    page = stack.visit(host(store), Accept="text/html")
    assert "<strong>Sleepy &amp; Sons</strong> is asleep" in page.text
    assert (page.headers["Retry-After"], page.headers["Cache-Control"]) == ("3600", "no-store")
    told = stack.visit(host(store), "POST", "/wp-json/wc/v3/orders", Accept="application/json")
    assert (told.status, json.loads(told.text)) == (503, {"error": "This store is asleep", "state": "asleep"})
    head = stack.visit(host(store), "HEAD")
    assert (head.status, head.text) == (503, "")
    assert stack.store(store["id"])["status"] == "ready"

    assert stack.request("PATCH", f"/api/stores/{store['id']}", {"asleep": False}).status == 202
    comes(stack, store, 503, "Opening soon")
    comes(stack, store, 200, "")


def test_a_store_that_lost_its_pods_is_not_available_for_the_moment(stack, store):
    until(lambda: stack.store(store["id"])["activity"] is None, "the store to be awake")
    stack.kubectl("--namespace", store["namespace"], "scale", "deployment/wordpress", "--replicas=0")
    comes(stack, store, 503, "Not available at the moment")
    stack.kubectl("--namespace", store["namespace"], "scale", "deployment/wordpress", "--replicas=1")
    comes(stack, store, 200, "")


def test_a_store_has_its_address_before_any_worker_has_taken_it(stack):
    stack.admin("POST", "/api/admin/queue/pause", {"reason": "a test looks at what waits"})
    try:
        made = stack.create("Early Bird")
        assert stack.store(made["id"])["spec"]["host"] == "early-bird.localhost"
        comes(stack, {"url": "http://early-bird.localhost"}, 503, "Opening soon")
    finally:
        stack.admin("POST", "/api/admin/queue/resume")
    stack.settled(made["id"], "ready")
    stack.delete(made["id"])


def test_an_unknown_host_is_404(stack):
    assert stack.visit("nobody.localhost").status == 404
    told = stack.visit("nobody.localhost", Accept="application/json")
    assert (told.status, json.loads(told.text)["state"]) == (404, "unknown")
