"""What changes is pushed: to whom it concerns, without a gap, through whichever API."""

import os
import signal
import statistics
import time

import pytest
from events import Events
from polling import until
from replica import replica
from stack import STEPS


def test_a_stores_whole_life_is_pushed_to_its_owner_and_to_nobody_else(stack):
    ada = Events(stack.url, "/api/stores/events", "ada")
    eve = Events(stack.url, "/api/stores/events", "eve")
    for client in (ada, eve):
        client.wait(lambda it: it.name == "hello", "hello")
    store = stack.create("Pushed", user="ada")
    ada.status_of(store["id"], "provisioning")
    ready = ada.status_of(store["id"], "ready")
    assert ready.data["url"].startswith("http://pushed.localhost")
    assert ready.data["health"] == "healthy"
    ada.wait(lambda it: it.name == "store" and it.data["id"] == store["id"] and it.data["podsRunning"] == 2, "its pods")
    steps = [sum(step["completed"] for step in it.data["provisioningSteps"]) for it in ada.heard if it.name == "store"]
    assert steps == sorted(steps) and steps[-1] == len(STEPS)
    stack.delete(store["id"])
    ada.status_of(store["id"], "deleting")
    ada.wait(lambda it: it.name == "deleted" and it.data["id"] == store["id"], "its end")
    assert [it.name for it in eve.heard] == ["hello"]
    ada.close(), eve.close()


def test_who_was_away_misses_nothing(stack):
    first = Events(stack.url, "/api/stores/events", "ada")
    hello = first.wait(lambda it: it.name == "hello", "hello")
    assert hello.data == {"resumed": False}
    first.close()
    kept, gone = stack.create("Kept", user="ada"), stack.create("Gone", user="ada")
    foreign = stack.create("Foreign", user="eve")
    stack.settled(kept["id"], "ready")
    stack.delete(gone["id"])
    again = Events(stack.url, "/api/stores/events", "ada", last=hello.id)
    assert again.wait(lambda it: it.name == "hello", "hello").data == {"resumed": True}
    again.status_of(kept["id"], "ready")
    again.wait(lambda it: it.name == "deleted" and it.data["id"] == gone["id"], "the deletion")
    assert foreign["id"] not in {it.data.get("id") for it in again.heard}
    again.close()
    assert Events(stack.url, "/api/stores/events", last="nonsense").status == 400
    stack.delete(kept["id"], foreign["id"])


def test_a_single_store_is_followed_with_its_steps_and_its_build_log(stack):
    store = stack.create("Followed", user="ada")
    assert Events(stack.url, f"/api/stores/{store['id']}/events", "eve").status == 404
    client = Events(stack.url, f"/api/stores/{store['id']}/events", "ada")
    client.status_of(store["id"], "ready")
    client.wait(lambda it: it.name == "store" and {"Pod", "Secret", "PVC"} <= {row["kind"] for row in it.data["resources"]}, "what it consists of")
    client.wait(lambda it: it.name == "log" and it.data["text"] == STEPS[-1], "its last step")
    lines = [it.data for it in client.heard if it.name == "log"]
    assert any(line["source"] == "helm" and "STATUS: deployed" in line["text"] for line in lines)
    told = [line["text"] for line in lines if line["source"] == "worker" and line["text"] in STEPS]
    assert told == STEPS, told
    assert [line["id"] for line in lines] == sorted({line["id"] for line in lines})
    last = client.heard[-1].id
    client.close()
    # Afterwards it is read.
    attempts = stack.request("GET", f"/api/stores/{store['id']}/attempts").body["attempts"]
    assert [(it["kind"], it["number"], it["outcome"]) for it in attempts] == [("provision", 1, "succeeded")]
    read = stack.request("GET", f"/api/stores/{store['id']}/log?attempt={attempts[0]['id']}").body
    assert [line["text"] for line in lines] == [line["text"] for line in read["lines"]][: len(lines)]
    assert stack.request("GET", f"/api/stores/{store['id']}/log?limit=0").status == 400
    assert stack.request("GET", f"/api/stores/{store['id']}/log", user="eve").status == 404
    # Whoever resumes is not told the same lines again.
    again = Events(stack.url, f"/api/stores/{store['id']}/events", "ada", last=last)
    stack.delete(store["id"])
    again.wait(lambda it: it.name == "deleted", "its end")
    assert not {it.data["id"] for it in again.heard if it.name == "log"} & {line["id"] for line in lines}
    assert again.ended.wait(30)


def test_a_change_in_the_cluster_reaches_who_looks(stack, capsys):
    """From the API server's answer to the event in the client's hands, twenty times."""
    with stack.live_store("Prompt", user="ada") as store:
        stack.settled(store["id"], "ready")
        client = Events(stack.url, f"/api/stores/{store['id']}/events", "ada")
        client.wait(lambda it: it.name == "store" and it.data["podsRunning"] == 2, "its pods")
        services = f"/api/v1/namespaces/{store['namespace']}/services"

        def ask(method: str, path: str = "", body: dict | None = None) -> float:
            stack.cluster(method, services + path, body)
            return time.monotonic()

        took = []
        for number in range(20):
            name = f"probe-{number}"
            service = {"metadata": {"name": name, "labels": {"store-weaver.dev/store-id": store["id"]}}, "spec": {"ports": [{"port": 80}]}}
            made = ask("POST", body=service)
            heard = client.wait(lambda it, name=name: it.name == "store" and name in {row["name"] for row in it.data["resources"]}, name)
            ask("DELETE", f"/{name}")
            took.append((heard.at - made) * 1000)
        client.close()
    with capsys.disabled():
        print(f"\nCluster to client: median {statistics.median(took):.0f} ms, longest {max(took):.0f} ms of {len(took)}; the aim is 500 ms")


def test_a_queued_store_says_why_it_waits(stack):
    assert stack.admin("POST", "/api/admin/queue/pause", {"reason": "maintenance"}).status == 200
    try:
        store = stack.create("Waiting")
        client = Events(stack.url, f"/api/stores/{store['id']}/events")
        job = client.wait(lambda it: it.name == "store" and it.data["job"].get("waiting"), "the reason").data["job"]
        assert job["waiting"]["reason"] == "paused" and "maintenance" in job["waiting"]["text"]
        client.close()
    finally:
        stack.admin("POST", "/api/admin/queue/resume")
    stack.settled(store["id"], "ready")
    stack.delete(store["id"])


@pytest.fixture
def second_api(stack):
    """Another replica, on a port of its own."""
    with replica(stack) as (port, program):
        yield f"http://127.0.0.1:{port}", program


def test_through_two_apis_and_the_end_of_one(stack, second_api):
    url, program = second_api
    there = Events(url, "/api/stores/events")
    there.wait(lambda it: it.name == "hello", "hello")
    store = stack.create("Both")
    there.status_of(store["id"], "provisioning")
    os.kill(program.pid, signal.SIGTERM)
    # The stream ends in order, and the API with it.
    assert there.ended.wait(30) and not there.failure
    assert program.wait(30) == 0
    here = Events(stack.url, "/api/stores/events", last=there.heard[-1].id)
    here.status_of(store["id"], "ready")
    here.close()
    stack.delete(store["id"])


def test_postgresql_may_restart_under_an_open_stream(stack):
    store = stack.create("Restarted")
    stack.settled(store["id"], "ready")
    client = Events(stack.url, "/api/stores/events")
    client.wait(lambda it: it.name == "hello", "hello")
    stack.lib('"$ROOT/scripts/lib/postgres" restart "$SERVERS/postgres"')
    until(lambda: stack.request("DELETE", f"/api/stores/{store['id']}").status == 202, "PostgreSQL to be back")
    client.wait(lambda it: it.name == "deleted" and it.data["id"] == store["id"], "its end", 90)
    client.close()
