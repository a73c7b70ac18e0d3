"""helm/platform by both Helms: installed, upgraded, uninstalled. Nothing of it runs here: Tests/Images runs the programs' images."""

import os

import pytest
from clusters import refused
from platforms import Platform


@pytest.fixture(params=["helm", "helm3"])
def platform(cluster, request):
    with Platform(cluster, request.param) as it:
        yield it


def test_it_installs_and_nothing_is_rejected(platform):
    platform.install()
    assert refused(platform.items("events")) == []
    pods = platform.items("pods")
    assert {it["status"]["phase"] for it in pods} == {"Running"}
    # API, workers and gate twice each, vault, PostgreSQL and Redis.
    assert len(pods) == 2 + 2 + 2 + 1 + 1 + 1
    roles = {it["metadata"]["name"] for it in platform.cluster.get("clusterroles")["items"]}
    assert {f"{platform.release}-worker", f"{platform.release}-store"} <= roles


def test_an_upgrade_keeps_the_volumes_and_restarts_no_database(platform):
    platform.install()
    kept = "persistentvolumeclaims,services,statefulsets,deployments,serviceaccounts"
    before = platform.uids(kept)
    generations = {it["metadata"]["name"]: it["metadata"]["generation"] for it in platform.items("statefulsets")}
    platform.install(worker={"slots": 7}, settings={"MAX_STORES": "900"})
    assert platform.uids(kept) == before
    assert {it["metadata"]["name"]: it["metadata"]["generation"] for it in platform.items("statefulsets")} == generations
    worker = next(it for it in platform.items("deployments") if it["metadata"]["name"].endswith("-worker"))
    assert {"name": "WORKER_SLOTS", "value": "7"} in worker["spec"]["template"]["spec"]["containers"][0]["env"]


def test_an_uninstall_leaves_the_volumes_and_the_secret_and_nothing_of_the_clusters(platform):
    platform.install()
    volumes = platform.uids("persistentvolumeclaims")
    platform.run("uninstall", platform.release, "--wait", "--timeout", "90s")
    assert platform.items("deployments,statefulsets,services,ingresses,networkpolicies") == []
    assert platform.uids("persistentvolumeclaims") == volumes
    assert "Secret/store-weaver" in platform.uids("secrets")
    wide = platform.cluster.get("clusterroles,clusterrolebindings")["items"]
    assert [it["metadata"]["name"] for it in wide if it["metadata"]["name"].startswith(platform.release)] == []
    platform.install()
    assert platform.uids("persistentvolumeclaims") == volumes


def test_helm_test_is_admitted_and_passes(platform):
    platform.install()
    assert "Succeeded" in platform.run("test", platform.release, "--timeout", "90s").stdout


if os.environ.get("RELEASES_ON", "sim") == "sim":
    # The API server of the conformance suite is older than these kinds' versions.
    def test_budgets_backups_and_scaling_are_taken_too(platform):
        scaled = {"enabled": True}
        platform.install(podDisruptionBudget={"enabled": True}, backup={"enabled": True}, vault={"platform": {"enabled": True}},
                         api={"autoscaling": scaled}, worker={"autoscaling": scaled})
        assert len(platform.items("poddisruptionbudgets")) == 3
        assert len(platform.items("cronjobs")) == 4
        assert len(platform.items("horizontalpodautoscalers")) == 2
