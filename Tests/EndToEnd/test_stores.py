"""A store's whole life: created, ready, seen, deleted, gone."""


import pytest
from asking import ask
from polling import until
from stack import STEPS

WORKLOADS = {
    "woocommerce": {("Deployment", "wordpress"), ("StatefulSet", "mysql"), ("Ingress", "wordpress-ingress")},
    "medusa": {
        ("Deployment", "{id}-medusa"), ("StatefulSet", "{id}-postgres"), ("Deployment", "{id}-redis"), ("Deployment", "{id}-storefront"),
        ("Ingress", "{id}-ingress"),
    },
}
WORKLOAD_COUNT = {"woocommerce": 2, "medusa": 4}
ADMIN = {"woocommerce": "/wp-admin", "medusa": "/app"}


@pytest.mark.parametrize("engine", ["woocommerce", "medusa"])
def test_a_store_becomes_ready_is_seen_and_leaves_nothing_behind(stack, engine):
    created = stack.create(f"Acme Electronics {engine}", engine, user="ada")
    namespace = f"store-acme-electronics-{engine}"
    assert created["namespace"] == namespace
    assert created["status"] == "provisioning"
    assert created["userId"] == "ada"
    assert created["url"] is None

    store = stack.settled(created["id"], "ready")
    identifier = store["id"]
    assert store["url"].startswith(f"http://acme-electronics-{engine}.localhost")
    assert store["adminUrl"] == store["url"] + ADMIN[engine]
    assert store["errorMessage"] is None
    assert [(step["label"], step["completed"]) for step in store["provisioningSteps"]] == [(label, True) for label in STEPS]
    assert store["replicas"] == store["podsRunning"] == WORKLOAD_COUNT[engine]
    seen = {(resource["kind"], resource["name"]) for resource in store["resources"]}
    assert {(kind, name.format(id=identifier)) for kind, name in WORKLOADS[engine]} <= seen
    assert store["events"] and {event["type"] for event in store["events"]} <= {"Normal", "Warning", "Error"}
    assert "kind: " in store["configYaml"]
    assert set(store["quotas"]) == {"cpuUsed", "cpuLimit", "memUsed", "memLimit", "pvcUsed", "pvcLimit"}

    status = stack.request("GET", f"/api/stores/{identifier}/status").body
    assert status == {"id": identifier, "status": "ready", "url": store["url"], "error_message": None}
    detail = stack.request("GET", f"/api/stores/{identifier}/detail").body
    assert {"resources", "events", "podRestarts", "provisioningSteps", "quotas"} <= set(detail)
    assert identifier in [store["id"] for store in stack.request("GET", "/api/stores", user="ada").body["stores"]]
    assert identifier not in [store["id"] for store in stack.request("GET", "/api/stores", user="bob").body["stores"]]
    assert stack.request("GET", f"/api/stores/{identifier}", user="bob").status == 404

    def volumes() -> list | None:
        return stack.request("GET", f"/api/stores/{identifier}").body["store"]["volumes"] or None
    assert [it["name"] for it in until(volumes, "the store's disks to be measured")] == ["database", "uploads"]

    release = stack.releases()[identifier]
    assert (release["namespace"], release["status"]) == (namespace, "deployed")
    # The address answers; a resolver that knows no *.localhost does not matter.
    port = store["url"].rpartition(":")[2]
    host = store["url"].removeprefix("http://")
    assert "simulated" in ask(f"http://127.0.0.1:{port}/", headers={"Host": host}).good().text.lower()

    answer = stack.request("DELETE", f"/api/stores/{identifier}")
    assert (answer.status, answer.body["message"]) == (202, "Store deletion started")
    assert stack.request("DELETE", f"/api/stores/{identifier}").status in (202, 404)
    until(lambda: stack.request("GET", f"/api/stores/{identifier}").status == 404, "the store to be gone")
    assert namespace not in stack.namespaces()
    assert identifier not in stack.releases()
    for kind in ("pods", "persistentvolumeclaims", "persistentvolumes", "secrets", "ingresses"):
        assert namespace not in stack.kubectl("get", kind, "--all-namespaces", "--output", "name", "--ignore-not-found"), kind


def test_a_store_that_is_still_being_made_can_be_deleted(stack):
    store = stack.create("Changed My Mind")
    until(lambda: store["namespace"] in stack.namespaces(), "its namespace")
    stack.delete(store["id"])
    assert store["namespace"] not in stack.namespaces()
    assert store["id"] not in stack.releases()


def test_only_a_failed_store_can_be_retried(stack):
    with stack.live_store("Nothing To Retry") as store:
        answer = stack.request("POST", f"/api/stores/{store['id']}/retry")
        assert (answer.status, answer.body["error"]) == (400, "Only failed stores can be retried")


def test_health_reports_what_the_workers_saw(stack):
    health = stack.request("GET", "/api/health")
    assert health.status == 200
    assert health.body["status"] == "healthy"
    assert health.body["checks"] == {"database": True, "redis": True, "kubernetes": True, "helm": True}
