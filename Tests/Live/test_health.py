"""How a store fares after it became ready: what breaks shows, and what another hand took can be made anew."""

import os
import re
import signal
import time

import pytest
from events import Events
from polling import until


@pytest.fixture(scope="module")
def store(stack):
    with stack.live_store("Healthy", user="ada") as store:
        stack.settled(store["id"], "ready")
        yield stack.store(store["id"])


def health(client: Events, store: str, state: str, since: int = 0):
    return client.wait(
        lambda it: it.name == "store" and it.data["id"] == store and it.data["health"] == state and client.heard.index(it) >= since,
        f"{store} to be {state}", 240,
    )


def test_pods_that_crash_degrade_it_and_it_recovers(stack, store):
    client = Events(stack.url, "/api/stores/events", "ada")
    client.wait(lambda it: it.name == "hello", "hello")
    with stack.fault(store["namespace"], "crashLoop", message="fatal: bit rot"):
        degraded = health(client, store["id"], "degraded").data
        assert degraded["status"] == "ready"
        assert "ends again and again" in degraded["healthCause"] or "not ready" in degraded["healthCause"], degraded["healthCause"]
    mark = len(client.heard)
    healthy = health(client, store["id"], "healthy", mark).data
    assert healthy["healthCause"] is None and healthy["healthSince"] > degraded["healthSince"]
    history = stack.request("GET", f"/api/stores/{store['id']}/health", user="ada").body["history"]
    assert [change["to"] for change in history][:2] == ["healthy", "degraded"]
    assert stack.request("GET", f"/api/stores/{store['id']}/health", user="eve").status == 404
    client.close()


@pytest.mark.parametrize(("fault", "words"), [("unready", "is not ready: Readiness probe failed"), ("evicted", "was evicted"), ("outOfMemory", "memory"), ("nodeLost", "does not answer (NodeLost)")])
def test_what_befalls_running_pods_is_its_cause(stack, store, fault, words):
    client = Events(stack.url, "/api/stores/events", "ada")
    client.wait(lambda it: it.name == "hello", "hello")
    with stack.fault(store["namespace"], fault, podPrefix="wordpress"):
        client.wait(
            lambda it: it.name == "store" and it.data["id"] == store["id"] and it.data["health"] == "degraded" and words in it.data["healthCause"],
            f"it to be degraded, with {words}", 240,
        )
    health(client, store["id"], "healthy", len(client.heard))
    client.close()


def test_a_store_that_answers_with_errors_is_degraded_though_its_pods_are_well(stack, store):
    client = Events(stack.url, "/api/stores/events", "ada")
    with stack.fault(store["namespace"], "brokenStorefront", status=502):
        assert "502" in health(client, store["id"], "degraded").data["healthCause"]
    health(client, store["id"], "healthy", len(client.heard))
    client.close()


@pytest.mark.parametrize("drift", ["release", "namespace"])
def test_what_another_hand_took_is_seen_and_made_anew(stack, store, drift):
    client = Events(stack.url, "/api/stores/events", "ada")
    assert stack.request("POST", f"/api/stores/{store['id']}/retry").status == 400
    if drift == "namespace":
        stack.kubectl("delete", "namespace", store["namespace"], "--wait=false")
    else:
        stack.helm("uninstall", store["id"], "--namespace", store["namespace"])
    seen = client.wait(lambda it: it.name == "store" and it.data["id"] == store["id"] and it.data["drift"] == drift, "the drift", 240).data
    assert (seen["status"], seen["health"]) == ("ready", "degraded")
    assert ("recreate it, empty" if drift == "namespace" else "Retrying") in seen["healthCause"], seen["healthCause"]
    mark = len(client.heard)
    path = f"/api/stores/{store['id']}"
    if drift == "namespace":
        # Its data went with it: an empty store in its place is made by its own name alone.
        refused = stack.request("POST", f"{path}/retry")
        assert (refused.status, refused.body["code"]) == (400, "lost") and "restore" in refused.body["error"] and "recreate" in refused.body["error"]
        slug = store["namespace"].removeprefix("store-")
        assert stack.request("POST", f"{path}/recreate", {"confirm": "another"}).status == 400
        assert stack.request("POST", f"{path}/recreate", {"confirm": slug}).status == 202
    else:
        assert stack.request("POST", f"{path}/recreate", {"confirm": store["namespace"].removeprefix("store-")}).status == 409
        assert stack.request("POST", f"{path}/retry").status == 202
    client.wait(lambda it: it.name == "store" and it.data["status"] == "ready" and client.heard.index(it) >= mark and it.data["drift"] is None, "it to be ready", 120)
    assert stack.releases()[store["id"]]["status"] == "deployed"
    client.close()


def test_a_store_that_sleeps_is_lost_with_its_namespace_too(stack):
    client = Events(stack.url, "/api/stores/events", "ada")
    client.wait(lambda it: it.name == "hello", "hello")
    with stack.live_store("Lost Asleep", user="ada") as made:
        store = stack.settled(made["id"], "ready")
        path = f"/api/stores/{store['id']}"
        assert stack.request("PATCH", path, {"asleep": True}).status == 202
        until(lambda: (lambda it: it["asleep"] and it["activity"] is None)(stack.store(store["id"])), "it to be asleep")
        assert stack.store(store["id"])["health"] is None
        stack.kubectl("delete", "namespace", store["namespace"], "--wait=false")
        seen = client.wait(lambda it: it.name == "store" and it.data["id"] == store["id"] and it.data["drift"] == "namespace", "the drift", 240).data
        assert (seen["status"], seen["asleep"], seen["health"]) == ("ready", True, "degraded") and "recreate it, empty" in seen["healthCause"]
        listed = next(it for it in stack.request("GET", "/api/stores", user="ada").body["stores"] if it["id"] == store["id"])
        assert listed["drift"] == stack.store(store["id"])["drift"] == "namespace"
        assert (refused := stack.request("POST", f"{path}/retry")).status == 400 and refused.body["code"] == "lost"
        assert stack.request("PATCH", path, {"asleep": False}).status == 409
        assert stack.request("POST", f"{path}/recreate", {"confirm": store["namespace"].removeprefix("store-")}).status == 202
        until(lambda: (lambda it: it["status"] == "ready" and it["drift"] is None)(stack.store(store["id"])), "it to be there again", 120)
        assert stack.store(store["id"])["asleep"] is True
    client.close()


def watching(stack) -> str | None:
    """The worker that watches now, by its own last word on it."""
    last = {}
    for name, text in stack.logs().items():
        for line in text.splitlines():
            if match := re.search(r'"time":"([^"]+)".*This worker (watches|no longer watches)|This worker (watches|no longer watches).*"time":"([^"]+)"', line):
                last[name] = (match[1] or match[4], match[2] or match[3])
    watchers = {name: when for name, (when, word) in last.items() if word == "watches"}
    return max(watchers, key=watchers.get).removesuffix(".log") if watchers else None


def test_a_cluster_that_is_out_of_sight_is_said_and_healthy_when_it_is_back(stack, store):
    client = Events(stack.url, "/api/stores/events", "ada")
    client.wait(lambda it: it.name == "hello", "hello")
    os.kill(stack.pid("cluster-sim"), signal.SIGSTOP)
    try:
        lost = health(client, store["id"], "unknown").data
        assert "cluster unreachable" in lost["healthCause"] and lost["status"] == "ready"
    finally:
        mark = len(client.heard)
        os.kill(stack.pid("cluster-sim"), signal.SIGCONT)
    assert health(client, store["id"], "healthy", mark).data["healthCause"] is None
    client.close()


def test_when_the_watching_worker_is_killed_another_watches(stack, store, capsys):
    watcher = until(lambda: watching(stack), "a watcher")
    client = Events(stack.url, "/api/stores/events", "ada")
    os.kill(stack.pid(watcher), signal.SIGKILL)
    killed = time.monotonic()
    try:
        until(lambda: watching(stack) != watcher, "another watcher")
        with capsys.disabled():
            print(f"\nAnother worker watches {time.monotonic() - killed:.1f} s after the kill; the aim is 20 s")
        with stack.fault(store["namespace"], "crashLoop"):
            health(client, store["id"], "degraded")
        assert watching(stack) != watcher
        health(client, store["id"], "healthy", len(client.heard))
        assert stack.store(store["id"])["podsRunning"] == 2
    finally:
        stack.lib(f"launch_worker {watcher[-1]}")
    client.close()


def test_a_watcher_that_thaws_overwrites_nothing(stack, store):
    watcher = until(lambda: watching(stack), "a watcher")
    os.kill(stack.pid(watcher), signal.SIGSTOP)
    client = Events(stack.url, "/api/stores/events", "ada")
    try:
        with stack.fault(store["namespace"], "crashLoop"):
            degraded = health(client, store["id"], "degraded")
            assert degraded
            os.kill(stack.pid(watcher), signal.SIGCONT)
            until(lambda: "no longer watches" in stack.logs()[watcher + ".log"].splitlines()[-1] or watching(stack) != watcher, "it to notice")
            assert stack.store(store["id"])["health"] == "degraded"
    finally:
        os.kill(stack.pid(watcher), signal.SIGCONT)
    health(client, store["id"], "healthy", len(client.heard))
    client.close()
