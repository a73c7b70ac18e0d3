"""Both charts by both Helms with the production values, quota and all: installed, upgraded, failed, rolled back, uninstalled."""

import shutil

import pytest
from charts import CHARTS, quantity, render, worker_values
from clusters import refused
from releases import STORE, Release


@pytest.fixture(params=["helm", "helm3"])
def helm(request):
    return request.param


@pytest.fixture(params=CHARTS, ids=lambda chart: chart.engine)
def release(cluster, helm, request):
    with Release(cluster, request.param, helm) as it:
        yield it


def test_a_refusal_before_the_pod_was_there_counts():
    done = ("SuccessfulCreate", "create Pod mysql-0 in StatefulSet mysql successful")
    failed = ("FailedCreate", "create Pod mysql-0 in StatefulSet mysql failed error: forbidden: exceeded quota")
    replica = ("FailedCreate", "Error creating: pods is forbidden: exceeded quota")

    def events(*order):
        return [{"metadata": {"resourceVersion": str(9 + n)}, "involvedObject": {"name": "mysql"}, "reason": reason, "message": message}
                for n, (reason, message) in enumerate(order)]
    assert refused(events(done, failed)) == []
    assert refused(events(failed, done)) == [failed[1]]
    assert refused(events(done, replica)) == [replica[1]]


def test_it_installs_with_the_quota_on_and_nothing_is_rejected(release):
    release.install()
    assert release.status() == "deployed"
    assert refused(release.items("events")) == []
    pods = release.items("pods")
    assert {it["status"]["phase"] for it in pods} == {"Running"}
    assert len(pods) == {"woocommerce": 2, "medusa": 4}[release.chart.engine]


def test_the_quota_counts_and_has_room_for_the_keeper_and_the_solver(release):
    release.install()
    release.cluster.until(lambda: counted(release), "the quota to count all pods", 30)
    status = release.get("resourcequota", "store-quota")["status"]
    free = {key: quantity(hard) - quantity(status["used"][key]) for key, hard in status["hard"].items()}
    assert all(value >= 0 for value in free.values()), free
    # The pod of a backup, and cert-manager's solver with its default resources: let in. A second store's worth of memory: not.
    def container(name: str, cpu: str, memory: str) -> dict:
        return restricted_container(name, resources={"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"cpu": cpu, "memory": memory}})
    release.create(pod(release, "keeper", container("database", "250m", "256Mi"), container("keeper", "500m", "512Mi")))
    greedy = container("it", "100m", "64Mi")
    release.create(pod(release, "solver", greedy))
    greedy["resources"]["limits"]["memory"] = greedy["resources"]["requests"]["memory"] = status["hard"]["limits.memory"]
    refused = release.create(pod(release, "greedy", greedy), check=False)
    assert refused.returncode != 0 and "exceeded quota: store-quota" in refused.stderr


def restricted_container(name: str, **further) -> dict:
    """As the namespace's Pod Security level asks: servers from 1.25 on refuse any other."""
    return {"name": name, "image": "it:1", "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}, **further}


def pod(release, name: str, *containers: dict) -> dict:
    security = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    return {"kind": "Pod", "metadata": {"name": name, "namespace": release.namespace}, "spec": {"securityContext": security, "containers": list(containers)}}


def counted(release) -> bool:
    used = release.get("resourcequota", "store-quota").get("status", {}).get("used", {})
    return int(used.get("pods", 0)) == len(release.items("pods"))


def test_a_container_that_says_nothing_gets_the_limit_ranges_defaults(release):
    release.install()
    release.create(pod(release, "plain", restricted_container("it")))
    resources = release.get("pod", "plain")["spec"]["containers"][0]["resources"]
    assert resources["limits"]["memory"] == "128Mi" and resources["requests"]["cpu"] == "10m"


def test_every_kind_and_field_is_the_servers_own(release):
    """What was applied is what is stored, kind by kind: no field was dropped."""
    release.install()
    for it in render(release.chart, "prod", worker_values(STORE, scheme="https")):
        if "helm.sh/hook" not in it["metadata"].get("annotations", {}):
            stored = release.get(it["kind"].lower(), it["metadata"]["name"])
            assert missing(it.get("spec", it.get("data")), stored.get("spec", stored.get("data")), it["kind"]) == []


def missing(wanted, stored, path: str) -> list:
    """Paths of what is wanted and not stored alike. Quantities are compared as numbers."""
    if isinstance(wanted, dict) and isinstance(stored, dict):
        return [text for key, value in wanted.items() for text in missing(value, stored.get(key), f"{path}.{key}")]
    if isinstance(wanted, list) and isinstance(stored, list) and len(wanted) == len(stored):
        return [text for index, value in enumerate(wanted) for text in missing(value, stored[index], f"{path}[{index}]")]
    if wanted == stored or (not wanted and not stored):
        return []
    try:
        return [] if quantity(wanted) == quantity(stored) else [f"{path}: {stored!r} instead of {wanted!r}"]
    except ValueError:
        return [f"{path}: {stored!r} instead of {wanted!r}"]


def test_an_upgrade_keeps_volumes_and_services_and_restarts_what_changed_once(release, tmp_path):
    release.install()
    kept = "persistentvolumeclaims,services,secrets,deployments,statefulsets"
    before = {name: uid for name, uid in release.uids(kept).items() if "sh.helm" not in name and "token" not in name}
    generation = release.app()["metadata"]["generation"]
    newer = tmp_path / "chart"
    shutil.copytree(release.chart.path, newer)
    file = newer / "Chart.yaml"
    file.write_text(file.read_text().replace("version: ", "version: 9", 1))
    release.install(newer)
    assert release.app()["metadata"]["generation"] == generation, "a new chart version alone restarts the store"
    release.install(newer, plan="large", store={"city": "Graz"})
    assert release.app()["metadata"]["generation"] == generation + 1
    after = release.uids(kept)
    assert {name: after.get(name) for name in before} == before


def test_a_smaller_plan_has_room_for_what_still_runs(release):
    def hard():
        return {key: quantity(value) for key, value in release.get("resourcequota", "store-quota")["spec"]["hard"].items()}
    release.install(plan="small")
    small = hard()
    release.install(plan="large")
    # Helm does not wait for the end of what was replaced; it counts until then.
    release.cluster.until(lambda: counted(release) and not ending(release), "the quota to count the larger pods alone", 30)
    used = {key: quantity(value) for key, value in release.get("resourcequota", "store-quota")["status"]["used"].items()}
    release.install(plan="small")
    assert refused(release.items("events")) == []
    for key in ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory", "limits.ephemeral-storage"):
        assert hard()[key] == pytest.approx(small[key] + used[key]), key
    # What ran has gone: the next release has the plan's own again.
    release.cluster.until(lambda: counted(release) and not ending(release) and fits(release, small), "the larger pods to be gone", 60)
    release.install(plan="small")
    assert hard() == small


def test_a_changed_app_starts_beside_its_predecessor_unless_that_runs_other_code(release):
    def comes(**values) -> str:
        release.install(**values)
        return release.app()["spec"]["strategy"]["type"]

    assert comes() == "RollingUpdate"
    assert comes(store={"city": "Graz"}) == "RollingUpdate"
    assert comes(image={"tag": "next"}) == "Recreate", "the set-up of another image may change the database under the old code"
    assert comes(image={"tag": "next"}, plan="medium") == "RollingUpdate"
    assert comes(image={"tag": "next"}, imageMigrates=False) == "RollingUpdate"
    assert comes(image={"tag": "anew"}, imageMigrates=False) == "RollingUpdate", "it is known that this image changes no data"
    assert comes(image={"tag": "next"}, imageMigrates=False, host="renamed.localhost") == "Recreate", "the address is another all the same"
    assert comes(image={"tag": "next"}) == "Recreate"
    assert comes(image={"tag": "next"}, plan="medium", host="renamed.localhost") == "Recreate", "the set-up writes the address into the database"
    annotations = release.app()["metadata"]["annotations"]
    assert "next" in annotations["store-weaver.dev/runs"]
    name = f"deployment/{release.app()['metadata']['name']}"
    release.cluster.kubectl("annotate", name, "store-weaver.dev/runs-", "--namespace", release.namespace)
    assert comes(image={"tag": "next"}, host="renamed.localhost") == "Recreate", "nobody knows what it runs"


def ending(release) -> list:
    return [it["metadata"]["name"] for it in release.items("pods") if "deletionTimestamp" in it["metadata"]]


def fits(release, hard: dict) -> bool:
    used = release.get("resourcequota", "store-quota")["status"]["used"]
    return all(quantity(used[key]) <= value for key, value in hard.items())


def test_a_failed_upgrade_leaves_the_volumes_and_is_rolled_back(release):
    release.install()
    volumes = release.uids("persistentvolumeclaims")
    image = release.app()["spec"]["template"]["spec"]["containers"][0]["image"]
    with release.cluster.images_missing(release.namespace):
        failed = release.install(check=False, timeout="8s", image={"tag": "broken"})
        assert failed.returncode != 0
        assert release.status() == "failed"
    release.run("rollback", STORE, "--wait", "--timeout", "90s")
    assert release.status() == "deployed"
    assert release.app()["spec"]["template"]["spec"]["containers"][0]["image"] == image
    assert release.uids("persistentvolumeclaims") == volumes


def test_a_failed_install_is_mended_by_the_next(release):
    with release.cluster.images_missing(release.namespace):
        assert release.install(check=False, timeout="8s").returncode != 0
        volumes = release.uids("persistentvolumeclaims")
    release.install()
    assert release.status() == "deployed"
    assert release.uids("persistentvolumeclaims") == volumes


def test_an_uninstall_leaves_volumes_and_secrets_alone_and_nothing_else(release):
    release.install()
    volumes = release.uids("persistentvolumeclaims")
    release.run("uninstall", STORE, "--wait", "--timeout", "90s")
    assert release.items("deployments,statefulsets,services,ingresses,networkpolicies,resourcequotas,limitranges") == []
    assert release.uids("persistentvolumeclaims") == volumes
    release.install()
    assert release.uids("persistentvolumeclaims") == volumes


def test_helm_test_is_admitted_and_passes(release):
    release.install()
    assert "Succeeded" in release.run("test", STORE, "--timeout", "90s").stdout


def ended(pod) -> bool:
    return pod["status"]["phase"] in ("Succeeded", "Failed")


def test_sleep_takes_the_pods_and_waking_brings_them_back(release):
    kept = "persistentvolumeclaims,services,secrets,ingresses,networkpolicies,resourcequotas,limitranges,deployments,statefulsets"

    def lasting():
        return {name: uid for name, uid in release.uids(kept).items() if "sh.helm" not in name}

    def ingress():
        return release.items("ingresses")[0]["spec"]
    release.install()
    before, awake = lasting(), ingress()
    release.install(asleep=True)
    release.cluster.until(lambda: not release.items("pods"), "the pods to end", 60)
    assert {it["status"].get("replicas", 0) for it in release.items("deployments,statefulsets")} == {0}
    assert lasting() == before
    assert {it["status"]["phase"] for it in release.items("persistentvolumeclaims")} == {"Bound"}
    assert [it["path"] for it in ingress()["rules"][0]["http"]["paths"]] == ["/-/asleep"]
    assert ingress()["tls"] == awake["tls"]
    assert release.run("test", STORE, "--timeout", "60s", check=False).returncode != 0
    release.install(closed=True)
    assert [it["metadata"]["labels"]["app.kubernetes.io/component"] for it in release.items("pods") if not ended(it)] == ["database"]
    assert [it["path"] for it in ingress()["rules"][0]["http"]["paths"]] == ["/-/closed"]
    release.install()
    assert lasting() == before and ingress() == awake
    assert {it["status"]["phase"] for it in release.items("pods") if "helm.sh/hook" not in it["metadata"].get("annotations", {})} == {"Running"}
    assert "Succeeded" in release.run("test", STORE, "--timeout", "90s").stdout
