"""What visitors, the API and the owner are told when a part of a store is away, and how it comes back."""

import time

from polling import until
from visits import Outage


def scale(cluster, store, replicas: int) -> None:
    cluster.kubectl("scale", "statefulset/mysql", "--namespace", store["namespace"], f"--replicas={replicas}")


def healthy(installation, store, seconds: float = 120) -> None:
    until(lambda: installation.store(store)["health"] == "healthy", "the store to be healthy", seconds)


def test_without_its_database_a_store_is_degraded_and_says_when_to_come_back(cluster, installation, store, storefront, note):
    healthy(installation, store)
    app = cluster.pod(store["namespace"], "app")["status"]["podIP"]
    began = time.monotonic()
    scale(cluster, store, 0)
    try:
        until(lambda: installation.store(store)["health"] == "degraded", "the store to be degraded", 90)
        note("database stopped: degraded after", time.monotonic() - began, "(aim: 20 s)")
        answer = storefront.get("/")
        assert answer.status == 503, answer
        if cluster.own:
            # The node's ingress falls through to the gate, which goes by what is ready.
            gate = until(lambda: (lambda it: it if it.headers.get("X-Robots-Tag") == "noindex" else None)(storefront.get("/")), "the gate's page", 60)
            assert (gate.status, gate.headers["Retry-After"]) == (503, "30")
            # Past the ingress, which has nobody to ask any more.
            page = cluster.head(app, 8080, storefront.host)
            assert (page.status, int(page.headers.get("Retry-After", 0)) > 0) == (503, True)
    finally:
        scale(cluster, store, 1)
    began = time.monotonic()
    healthy(installation, store)
    note("database started: healthy after", time.monotonic() - began)
    assert until(lambda: storefront.get("/").status == 200, "the storefront", 60)


def test_a_pod_that_is_removed_comes_back(cluster, installation, store, storefront, note):
    for component in ("app", "database"):
        old = cluster.pod(store["namespace"], component)["metadata"]
        with Outage(storefront) as outage:
            cluster.kubectl("delete", "pod", old["name"], "--namespace", store["namespace"])
            until(lambda component=component, old=old: cluster.pod(store["namespace"], component)["metadata"]["uid"] != old["uid"], "a new pod", 60)
            until(lambda: storefront.get("/").status == 200, "the storefront", 120)
            time.sleep(1)
        note(f"pod of {component} removed: outage", outage.seconds)
    healthy(installation, store)
    assert storefront.order("woocommerce")
