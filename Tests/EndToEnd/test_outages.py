"""What breaks while stores are being made: an image, Redis, a worker."""

import os
import signal

from polling import until


def test_an_image_that_cannot_be_pulled_fails_fast_and_a_retry_mends_it(stack):
    with stack.fault("store-no-image", "imagePullFailure"), stack.live_store("No Image") as created:
        # Well before the engine's time limit of five minutes.
        failed = stack.settled(created["id"], "failed", seconds=240)
        assert "image" in failed["errorMessage"].lower()
        assert any("error" in step and step["error"] for step in failed["provisioningSteps"])
        assert any(event["type"] in ("Warning", "Error") for event in failed["events"])
        status = stack.request("GET", f"/api/stores/{created['id']}/status").body
        assert (status["status"], status["error_message"]) == ("failed", failed["errorMessage"])

        stack.clear_fault("store-no-image")
        answer = stack.request("POST", f"/api/stores/{created['id']}/retry")
        assert (answer.status, answer.body["message"]) == (202, "Store retry started")
        ready = stack.settled(created["id"], "ready")
        assert ready["errorMessage"] is None
        assert stack.releases()[created["id"]]["status"] == "deployed"


def test_without_redis_a_store_is_accepted_and_made_later(stack):
    stack.lib('"$ROOT/scripts/lib/redis" stop "$SERVERS/redis"')
    try:
        created = stack.create("GracePeriods")
        health = stack.request("GET", "/api/health")
        assert (health.status, health.body["checks"]["redis"]) == (503, False)
        assert stack.store(created["id"])["status"] == "provisioning"
    finally:
        stack.lib('''"$ROOT/scripts/lib/redis" start "$SERVERS/redis" --port "$(sed -n 's/^port //p' "$SERVERS/redis/redis.conf")"''')
    stack.settled(created["id"], "ready")
    stack.delete(created["id"])
    until(lambda: stack.request("GET", "/api/health").status == 200, "health")


def test_what_redis_forgot_is_made_all_the_same(stack):
    created = [stack.create(f"Forgotten {number}") for number in range(4)]
    stack.lib('''redis-cli -u "$REDIS_URL" --no-auth-warning FLUSHALL >/dev/null''')
    for store in created:
        stack.settled(store["id"], "ready", seconds=180)
    assert {store["id"] for store in created} <= set(stack.releases())
    stack.delete(*(store["id"] for store in created))


def test_the_stores_of_a_killed_worker_become_ready_elsewhere(stack):
    # More than one worker may have: whichever is killed is at work.
    created = [stack.create(f"Survivor {number}") for number in range(3)]
    until(lambda: {store["namespace"] for store in created} <= stack.namespaces(), "their namespaces")
    os.kill(stack.pid("store-worker-1"), signal.SIGKILL)
    try:
        for store in created:
            ready = stack.settled(store["id"], "ready", seconds=180)
            assert stack.releases()[ready["id"]]["status"] == "deployed"
    finally:
        stack.lib("launch_worker 1")
    stack.delete(*(store["id"] for store in created))
