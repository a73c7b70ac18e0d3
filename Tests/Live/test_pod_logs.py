"""What containers write, read through the API, which has no rights in the cluster."""

import os
import signal

import pytest
from events import Events
from polling import until


@pytest.fixture(scope="module")
def store(stack):
    with stack.live_store("Talkative", user="ada") as store:
        stack.settled(store["id"], "ready")
        yield store


def test_the_stores_own_log_is_read_by_its_owner_alone(stack, store):
    answer = stack.request("GET", f"/api/stores/{store['id']}/logs", user="ada")
    assert answer.status == 200, answer
    assert answer.body["container"] == "wordpress" and answer.body["pod"].startswith("wordpress-")
    assert any("ready to serve" in line for line in answer.body["lines"])
    # The first of the specification, though a kubelet lists "cron" before it.
    assert [it["container"] for it in answer.body["containers"] if it["pod"] == answer.body["pod"]] == ["setup", "wordpress", "cron"]
    assert "mysql" in {it["container"] for it in answer.body["containers"]}
    assert stack.request("GET", f"/api/stores/{store['id']}/logs", user="eve").status == 404
    assert len(stack.request("GET", f"/api/stores/{store['id']}/logs?tail=1", user="ada").body["lines"]) == 1


def test_while_the_set_up_runs_its_log_is_read(stack):
    with stack.fault("store-being-set-up", "slow", seconds=3), stack.live_store("Being Set Up") as store:
        def container():
            answer = stack.request("GET", f"/api/stores/{store['id']}/logs")
            return answer.body["container"] if answer.status == 200 else None

        assert until(container, "a log") == "setup"
        stack.clear_fault(store["namespace"])


def test_any_container_can_be_named(stack, store):
    database = stack.request("GET", f"/api/stores/{store['id']}/logs?container=mysql", user="ada")
    assert (database.status, database.body["pod"]) == (200, "mysql-0")
    exact = stack.request("GET", f"/api/stores/{store['id']}/logs?container=mysql-0/mysql", user="ada")
    # The container may have said more meanwhile.
    assert exact.body["lines"][: len(database.body["lines"])] == database.body["lines"]
    unknown = stack.request("GET", f"/api/stores/{store['id']}/logs?container=nothing", user="ada")
    assert (unknown.status, unknown.body["error"]) == (404, "The store has no such container.")


@pytest.mark.parametrize("query", ["tail=x", "tail=-1", "tail=5001", "follow=perhaps", "container=" + "c" * 321])
def test_bad_questions_are_told_so(stack, store, query):
    assert stack.request("GET", f"/api/stores/{store['id']}/logs?{query}", user="ada").status == 400


def test_a_log_is_followed_to_its_end(stack, store):
    client = Events(stack.url, f"/api/stores/{store['id']}/logs?follow=true", "ada")
    assert client.wait(lambda it: it.name == "source", "its source").data["container"] == "wordpress"
    assert client.wait(lambda it: it.name == "lines", "its lines").data["lines"]
    stack.kubectl("delete", "pod", client.heard[0].data["pod"], "-n", store["namespace"], "--wait=false")
    assert client.wait(lambda it: it.name == "end", "its end").data == {"error": None}
    assert client.ended.wait(30) and not client.failure


def test_without_a_worker_it_says_so_and_leaves_nothing(stack, store):
    workers = [stack.pid(name) for name in ("store-worker-1", "store-worker-2")]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        answer = stack.request("GET", f"/api/stores/{store['id']}/logs", user="ada")
        assert (answer.status, answer.body["error"]) == (503, "No worker available; try again")
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    until(lambda: stack.request("GET", f"/api/stores/{store['id']}/logs", user="ada").status == 200, "the workers")
