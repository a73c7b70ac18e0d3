"""The last store is deleted; then nothing of any store is on the cluster, and on a node of our own nothing on its disk and in its control groups."""

import os
import time

import pytest
from node_installation import NAMESPACE
from polling import until


@pytest.mark.skipif(not os.environ.get("NODE_SELLS", "yes"), reason="there is none without WooCommerce")
def test_the_store_that_lived_longest_is_deleted(cluster, installation, store, note):
    began = time.monotonic()
    installation.delete(store)
    installation.gone(store)
    note("the store that lived longest is deleted after", time.monotonic() - began)


def test_nothing_of_stores_is_left(cluster, installation):
    left = [it["metadata"]["name"] for it in cluster.get("namespaces") if "store" in it["metadata"]["name"] and it["metadata"]["name"] != NAMESPACE]
    assert left == []
    until(lambda: {it["spec"]["claimRef"]["namespace"] for it in cluster.get("persistentvolumes")} <= {NAMESPACE}, "stores' volumes to be removed", 60)
    assert installation.asked("GET", "/api/stores", 200)["stores"] == []


def test_nothing_is_left_on_the_nodes_disk(node, installation):
    def others() -> list[str]:
        return [it.name for it in node.volumes.iterdir() if f"_{NAMESPACE}_" not in it.name]

    until(lambda: others() == [], "folders of stores' volumes to be removed", 60)


def test_no_control_group_is_left_without_its_pod(node, installation):
    def orphans() -> set[str]:
        return node.pod_cgroups() - {it["metadata"]["uid"] for it in node.get("pods", "--all-namespaces")}

    until(lambda: orphans() == set(), "control groups of pods that are gone", 120)
