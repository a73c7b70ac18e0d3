"""Stores that are deleted at five moments of their lives, and what is left of them: nothing."""

import time

import pytest
from polling import until
from test_faults import setup_runs


def database_runs(cluster, store) -> bool:
    pods = cluster.pods(store["namespace"], "database")
    return any("running" in it["state"] for pod in pods for it in pod.get("status", {}).get("containerStatuses", []))


MOMENTS = {
    "it was accepted": lambda cluster, installation, store: True,
    "it has a namespace": lambda cluster, installation, store: cluster.get("namespace", store["namespace"]) != [],
    "its database starts": lambda cluster, installation, store: database_runs(cluster, store),
    "its set-up runs": lambda cluster, installation, store: setup_runs(cluster, store),
    "it is ready": lambda cluster, installation, store: installation.store(store)["status"] == "ready",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_store_is_deleted_when(cluster, installation, note, moment):
    store = installation.create("Short Lived")
    until(lambda: MOMENTS[moment](cluster, installation, store), moment, 240)
    began = time.monotonic()
    installation.delete(store)
    installation.gone(store)
    note(f"deleted when {moment}: gone after", time.monotonic() - began)
    assert cluster.get("namespace", store["namespace"]) == []
    assert volumes_of(cluster, store["namespace"]) == []


def volumes_of(cluster, namespace: str) -> list[str]:
    return [it["metadata"]["name"] for it in cluster.get("persistentvolumes") if it["spec"]["claimRef"]["namespace"] == namespace]
