"""Each fault that cannot heal fails a store with its true cause; what heals by itself fails none."""

from polling import until

# Fault of the simulated cluster, the cause that programs read, and words that people read.
FATAL = [
    ("imagePullFailure", {}, "image-pull", "cannot be pulled"),
    ("crashLoop", {"podPrefix": "wordpress", "message": "fatal: no database here"}, "crash-loop", "fatal: no database here"),
    ("outOfMemory", {"podPrefix": "wordpress"}, "out-of-memory", "memory"),
    ("pending", {}, "unschedulable", "no place for pod"),
    ("volumeUnbound", {}, "volume-not-bound", "is not bound"),
    ("quotaRejection", {}, "quota", "exceeded quota"),
    ("podSecurity", {}, "pod-security", "violates PodSecurity"),
    ("limitRange", {}, "limit-range", "usage per Container"),
    ("missingSecret", {}, "missing-reference", "secret"),
    (
        "imagePullFailure", {"message": "unexpected status code: 429 Too Many Requests - Server message: toomanyrequests", "podPrefix": "mysql"},
        "registry-limit", "too much was pulled",
    ),
]


def test_each_fault_that_cannot_heal_has_its_cause(stack):
    created = []
    for kind, details, cause, words in FATAL:
        namespace = f"store-fatal-{cause}"
        stack.faults("PUT", namespace, {"faults": [{"kind": kind, **details}]})
        created.append(stack.create(f"Fatal {cause}"))
        assert created[-1]["namespace"] == namespace
    for store, (kind, _, cause, words) in zip(created, FATAL, strict=True):
        failed = stack.settled(store["id"], "failed")
        assert failed["failureCause"] == cause, failed["errorMessage"]
        assert words in failed["errorMessage"], failed["errorMessage"]
        attempt = stack.request("GET", f"/api/stores/{store['id']}/attempts").body["attempts"][0]
        assert (attempt["outcome"], attempt["cause"]) == ("failed", cause)
        evidence = stack.request("GET", f"/api/stores/{store['id']}/attempts/{attempt['id']}").body["attempt"]["evidence"]
        assert evidence["pods"] or evidence["warnings"], evidence
    for store in created:
        stack.clear_fault(store["namespace"])
    stack.delete(*(store["id"] for store in created))


def test_a_release_that_another_hand_holds_says_so(stack):
    """What another hand wrote makes the upgrade that a retry is fail, and the store with it."""
    with stack.fault("store-contested", "crashLoop", podPrefix="wordpress"), stack.live_store("Contested") as store:
        stack.settled(store["id"], "failed")
        stack.kubectl("scale", "deployment", "wordpress", "--replicas=0", "-n", store["namespace"])
        stack.clear_fault(store["namespace"])
        assert stack.request("POST", f"/api/stores/{store['id']}/retry").status == 202
        failed = stack.settled(store["id"], "failed")
        assert (failed["failureCause"], ".spec.replicas" in failed["errorMessage"]) == ("helm-conflict", True), failed["errorMessage"]
        assert "kubectl" in failed["errorMessage"] and "Undo that change and retry" in failed["errorMessage"]
        stack.kubectl("delete", "deployment", "wordpress", "-n", store["namespace"])
        assert stack.request("POST", f"/api/stores/{store['id']}/retry").status == 202
        stack.settled(store["id"], "ready")


def test_a_missing_secret_is_named(stack):
    # Nothing comes of its release before the Secret is gone, however busy the machine is.
    with stack.fault("store-secretless", "slow", seconds=60), stack.live_store("Secretless") as store:
        until(lambda: "mysql-secret" in stack.kubectl("get", "secrets", "-n", store["namespace"], "-o", "name"), "its secrets")
        until(lambda: stack.kubectl("get", "statefulsets", "-n", store["namespace"], "-o", "name"), "its release")
        stack.kubectl("delete", "secret", "mysql-secret", "-n", store["namespace"])
        stack.clear_fault(store["namespace"])
        failed = stack.settled(store["id"], "failed")
        assert failed["failureCause"] == "missing-reference", failed["errorMessage"]
        assert "mysql-secret" in failed["errorMessage"]


def test_a_namespace_that_does_not_end_says_what_keeps_it(stack):
    store = stack.create("Clinging")
    stack.settled(store["id"], "ready")
    with stack.fault(store["namespace"], "stuckTerminating"):
        stack.request("DELETE", f"/api/stores/{store['id']}")
        until(
            lambda: any("being deleted" in row["message"] for row in stack.store(store["id"])["events"]) or None, "its namespace to be deleted"
        )
        assert stack.store(store["id"])["status"] == "deleting"
        until(
            lambda: any("simulated.store-weaver.dev/stuck" in row["message"] for row in stack.store(store["id"])["events"]) or None,
            "what keeps its namespace",
        )
    stack.delete(store["id"])


# Twenty errors in a hundred requests end nearly every Helm; there are as many as one attempt should bear.
HEALING = [("slow", {"seconds": 2}), ("apiErrors", {"probability": 0.2, "status": 503, "count": 8}), ("latency", {"seconds": 0.2})]


def test_what_heals_by_itself_fails_no_store(stack):
    created = []
    for kind, details in HEALING:
        stack.faults("PUT", f"store-slow-{kind.lower()}", {"faults": [{"kind": kind, **details}]})
        created.append(stack.create(f"Slow {kind.lower()}"))
    for store in created:
        ready = stack.settled(store["id"], "ready", seconds=240)
        assert ready["errorMessage"] is None and ready["failureCause"] is None
        attempts = stack.request("GET", f"/api/stores/{store['id']}/attempts").body["attempts"]
        assert [attempt["outcome"] for attempt in attempts] == ["succeeded"]
        stack.clear_fault(store["namespace"])
    stack.delete(*(store["id"] for store in created))
