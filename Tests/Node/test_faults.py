"""Crashes in the middle of a provision: of a worker, of the kubelet, of the whole node. Every store takes an order afterwards."""

import time

import pytest
from node_installation import NAMESPACE
from polling import until
from visits import Outage, Storefront


def setup_runs(cluster, store) -> bool:
    """Whether the store's set-up is at work, which is the middle of its provision."""
    pods = cluster.pods(store["namespace"], "app")
    return any("running" in it["state"] for pod in pods for it in pod.get("status", {}).get("initContainerStatuses", []))


@pytest.fixture
def begun(cluster, installation):
    """A store in the middle of its provision; it is deleted in the end."""
    store = installation.create("Begun")
    until(lambda: setup_runs(cluster, store), "the store's set-up to run", 180)
    yield store
    installation.delete(store)
    installation.gone(store)


def takes_an_order(cluster, installation, store) -> None:
    ready = installation.ready(store)
    assert Storefront(cluster, ready).order("woocommerce")


def test_a_worker_is_killed(node, installation, begun, note):
    began = time.monotonic()
    node.kill_container(node.pod(NAMESPACE, "worker"), "worker")
    takes_an_order(node, installation, begun)
    note("worker killed in a provision: ready and sold after", time.monotonic() - began)


def test_the_kubelet_restarts(node, installation, begun, storefront, note):
    began = time.monotonic()
    with Outage(storefront) as outage:
        node.control("crash", "kubelet")
        node.up()
    takes_an_order(node, installation, begun)
    note("kubelet killed in a provision: ready and sold after", time.monotonic() - began, f"outage of a live store {outage.seconds:.1f} s")


def test_the_whole_node_restarts(node, installation, store, begun, storefront, note):
    node.down()
    assert node.remains() == []
    began = time.monotonic()
    node.up()
    note("node restarted: up after", time.monotonic() - began)
    until(lambda: storefront.get("/").status == 200, "the live store", 180)
    note("node restarted: the live store sells after", time.monotonic() - began)
    takes_an_order(node, installation, begun)
    note("node restarted in a provision: ready and sold after", time.monotonic() - began)
    assert storefront.order("woocommerce")
