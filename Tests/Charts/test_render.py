"""Lint, schemas (the charts' own and Kubernetes'), both Helms, and values one by one."""

import copy
import re
import shutil
import subprocess

import kubernetes_validate
import pytest
import yaml
from charts import CHARTS, ENVIRONMENTS, MEDUSA, PLANS, WOOCOMMERCE, containers, pod_specs, render, run_helm, store_file, template, worker_values
from rules import app, label

EITHER = pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.engine)
BOTH_FILES = pytest.mark.parametrize("environment", ENVIRONMENTS)
EACH_PLAN = pytest.mark.parametrize("plan", PLANS)
BOTH_SCHEMES = pytest.mark.parametrize("scheme", ["http", "https"])
BOTH_HELMS = pytest.mark.parametrize("helm", ["helm", "helm3"])


@EITHER
@BOTH_FILES
@EACH_PLAN
@BOTH_SCHEMES
@BOTH_HELMS
def test_lint_is_clean(chart, environment, plan, scheme, helm):
    values = worker_values("012345678901", plan=plan, scheme=scheme)
    done = run_helm(helm, ["lint", "--strict", str(chart.path), "-f", str(chart.path / f"values-{environment}.yaml"), "-f", "-"], values)
    assert done.returncode == 0, done.stdout
    assert "[WARNING]" not in done.stdout and "[ERROR]" not in done.stdout


@EITHER
def test_lint_without_values_is_clean(chart):
    assert run_helm("helm", ["lint", "--strict", str(chart.path)]).returncode == 0


def test_lint_notices_a_broken_template(tmp_path):
    broken = tmp_path / "store"
    shutil.copytree(WOOCOMMERCE.path, broken)
    (broken / "templates/quota.yaml").write_text("kind: {{ .Values.nothing.here }}\n")
    assert run_helm("helm", ["lint", "--strict", str(broken)]).returncode != 0


@EITHER
@BOTH_FILES
def test_both_helms_render_the_same(chart, environment):
    assert render(chart, environment, worker_values()) == render(chart, environment, worker_values(), helm="helm3")


@EITHER
@BOTH_FILES
@pytest.mark.parametrize("version", ["1.28", "1.37"])
@EACH_PLAN
@BOTH_SCHEMES
def test_objects_are_valid(chart, environment, version, plan, scheme):
    for it in render(chart, environment, worker_values(plan=plan, scheme=scheme)):
        kubernetes_validate.validate(it, version, strict=True)


def test_an_unknown_field_is_noticed():
    it = render(WOOCOMMERCE, "local", worker_values()).find("Deployment", "wordpress")
    it["spec"]["replica"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(it, "1.28", strict=True)


REFUSED = {
    "a numeric id": {"storeId": 12345},
    "an upper case id": {"storeId": "Abc"},
    "no name": {"storeName": ""},
    "a host with a port": {"host": "acme.localhost:8080"},
    "a host with a scheme": {"host": "http://acme.localhost"},
    "another scheme": {"scheme": "ftp"},
    "an unknown plan": {"plan": "huge"},
    "a plan that is no name": {"plan": "Small "},
    "a sleep that is a word": {"asleep": "no"},
    "no sleep at all": {"asleep": None},
    "a closing that is a word": {"closed": "no"},
    "a shutting that is a word": {"shut": "yes"},
    "a copy that is a number": {"staging": 1},
    "a class that is no name": {"persistence": {"storageClass": "Fast SSD"}},
    "a class that is a number": {"persistence": {"storageClass": 7}},
    "a size without a unit": {"persistence": {"uploads": {"size": 5}}},
    "a size of nothing": {"persistence": {"uploads": {"size": "0Gi"}}},
    "a size in decimal": {"persistence": {"database": {"size": "5G"}}},
    "volumes without sizes": {"persistence": {"database": {"size": None}}},
    "an unknown value": {"password": "x"},
    "an unknown value inside": {"ingress": {"classname": "x"}},
    "a size the quota cannot add": {"persistence": {"database": {"size": "500Mi"}}},
    "a price that is a number": {"store": {"sampleProducts": [{"sku": "a", "name": "b", "price": 1.5, "stock": 1}]}},
}


@EITHER
@pytest.mark.parametrize("values", REFUSED.values(), ids=REFUSED.keys())
def test_wrong_values_are_refused(chart, values):
    done = template(chart, "local", {**worker_values(), **values})
    assert done.returncode != 0 and "Error" in done.stderr


def images(objects):
    return {c["image"] for _, _, spec in pod_specs(objects) for c in containers(spec)}


@EITHER
def test_registry_tag_digest_and_pull_secrets_are_values(chart):
    values = worker_values(imageRegistry="registry.example.com:5000/", imagePullSecrets=["pull"], image={"tag": "9.9"})
    objects = render(chart, "prod", values)
    assert all(name.startswith("registry.example.com:5000/") for name in images(objects))
    assert any(name.endswith(":9.9") for name in images(objects))
    assert all(spec["imagePullSecrets"] == [{"name": "pull"}] for _, _, spec in pod_specs(objects))
    digest = "sha256:" + "a" * 64
    assert any(name.endswith("@" + digest) for name in images(render(chart, "prod", worker_values(image={"digest": digest}))))


def test_the_official_mysql_may_take_the_place_of_ours():
    values = worker_values(imageRegistry="harbor.example.com", officialImageRegistry="harbor.example.com/hub/library", mysql={"image": {"repository": "mysql"}})
    assert "harbor.example.com/hub/library/mysql:8.4" in images(render(WOOCOMMERCE, "prod", values))


@EITHER
def test_official_images_may_lie_elsewhere(chart):
    objects = render(chart, "prod", worker_values(imageRegistry="harbor.example.com", officialImageRegistry="harbor.example.com/hub/library"))
    for it, metadata, spec in pod_specs(objects):
        for c in containers(spec):
            official = c["image"].rpartition("/")[2].startswith(("postgres:", "redis:"))
            assert c["image"].startswith("harbor.example.com/" + ("hub/library/" if official else "storeplatform/")), label(it)


@pytest.mark.parametrize(("network", "egress"), [({}, "closed"), ({"internetPorts": [587]}, "closed"), ({"internetPorts": [587, 443]}, "open"),
                                                 ({"enabled": False}, "open")])
def test_wordpress_tries_to_reach_others_only_where_it_can(network, egress):
    """A way to a mail server leads to no web server."""
    for c in containers(render(WOOCOMMERCE, "prod", worker_values(networkPolicy=network)).find("Deployment")["spec"]["template"]["spec"]):
        assert {"name": "STORE_EGRESS", "value": egress} in c["env"]


@EITHER
def test_the_app_is_told_the_sizes_of_the_volumes(chart):
    objects = render(chart, "local", worker_values(persistence={"uploads": {"size": "7Gi"}}))
    for c in containers(objects.find("Deployment", objects.name(chart.app))["spec"]["template"]["spec"]):
        told = {e["name"]: e["value"] for e in c["env"] if e["name"].endswith("_BYTES")}
        assert told["STORE_UPLOADS_BYTES"] == str(7 * 2**30) and told["STORE_DATABASE_BYTES"] == str(2**30), c["name"]


@EITHER
def test_storage_class_and_scheduling_are_values(chart):
    values = worker_values(persistence={"storageClass": "fast"}, nodeSelector={"disk": "ssd", "n": 1}, priorityClassName="stores",
                           tolerations=[{"key": "stores", "operator": "Exists"}])
    objects = render(chart, "prod", values)
    assert all(it["spec"]["storageClassName"] == "fast" for it in objects.of("PersistentVolumeClaim"))
    for _, _, spec in pod_specs(objects):
        assert (spec["nodeSelector"], spec["priorityClassName"]) == ({"disk": "ssd", "n": "1"}, "stores")
        assert spec["tolerations"] == [{"key": "stores", "operator": "Exists"}]


@EITHER
def test_where_a_second_app_may_run_follows_the_volumes_access_mode(chart):
    for mode, strategy, is_tied in (("ReadWriteOnce", "RollingUpdate", True), ("ReadWriteOncePod", "Recreate", False), ("ReadWriteMany", "RollingUpdate", False)):
        spec = app(render(chart, "prod", worker_values(persistence={"uploads": {"accessMode": mode}})))["spec"]
        assert spec["strategy"]["type"] == strategy
        assert ("affinity" in spec["template"]["spec"]) == is_tied


@EITHER
def test_the_worker_passes_plan_class_and_sizes_of_each_store(chart):
    """By the same names in both charts; what is passed wins over the values files."""
    volumes = {"storageClass": "grows", "database": {"size": "7Gi"}, "uploads": {"size": "9Gi"}}
    objects = render(chart, "prod", worker_values(plan="large", persistence=volumes))
    sizes = {it["metadata"]["labels"]["app.kubernetes.io/component"]: it["spec"]["resources"]["requests"]["storage"]
             for it in objects.of("PersistentVolumeClaim")}
    assert (sizes["database"], sizes["app"]) == ("7Gi", "9Gi")
    assert {it["spec"]["storageClassName"] for it in objects.of("PersistentVolumeClaim")} == {"grows"}
    large = yaml.safe_load((chart.path / "values.yaml").read_text())["plans"]["large"]
    assert objects.find("ResourceQuota")["spec"]["hard"]["limits.memory"] == large["quota"]["limits.memory"]


@EITHER
@BOTH_SCHEMES
@pytest.mark.parametrize("away", ["asleep", "closed", "shut"])
def test_what_is_away_loses_its_pods_and_the_host_alone(chart, scheme, away):
    serving, gone = (render(chart, "prod", worker_values(scheme=scheme, **{away: it})) for it in (False, True))
    for before, after in zip(serving, gone, strict=True):
        if before["kind"] in ("Deployment", "StatefulSet"):
            before["spec"].pop("replicas"), after["spec"].pop("replicas")
        elif before["kind"] == "Ingress":
            assert [it.pop("http") and it for it in after["spec"]["rules"]] == [{"host": "acme.localhost"}]
            before["spec"]["rules"][0].pop("http")
        elif before["kind"] == "Pod":
            continue
        assert before == after


@EITHER
@pytest.mark.parametrize("away", ["asleep", "closed", "shut"])
def test_the_test_of_a_store_that_is_away_fails_and_says_why(chart, away):
    check = render(chart, "prod", worker_values(**{away: True})).find("Pod")["spec"]["containers"][0]
    done = subprocess.run(check["command"] + check.get("args", []), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and f"is {away}:" in done.stderr


@EITHER
def test_a_store_that_is_shut_runs_all_its_pods(chart):
    serving, shut = ({it["metadata"]["name"]: it["spec"]["replicas"] for it in render(chart, "prod", worker_values(shut=is_shut))
                      if it["kind"] in ("Deployment", "StatefulSet")} for is_shut in (False, True))
    assert serving == shut and set(shut.values()) == {1}


@EITHER
def test_a_closed_store_sleeps_when_it_is_told_to(chart):
    both, asleep = (render(chart, "prod", worker_values(asleep=True, **it)) for it in ({"closed": True}, {}))
    assert both == asleep


@EITHER
def test_a_staging_copy_is_told_so(chart):
    for staging in (False, True):
        objects = render(chart, "prod", worker_values(staging=staging))
        for c in containers(objects.find("Deployment", objects.name(chart.app))["spec"]["template"]["spec"]):
            assert ({"name": "STORE_STAGING", "value": "1"} in c["env"]) == staging, c["name"]


@EITHER
def test_the_store_file_carries_name_address_and_products(chart):
    name = 'Mu$(HOME)ller & "Söhne" {{ x }}'
    objects = render(chart, "local", worker_values(storeName=name, publicPort=8080, store={"city": "Wien"}))
    store = store_file(objects)
    assert (store["name"], store["url"], store["city"]) == (name, "http://acme.localhost:8080", "Wien")
    assert store["sampleProducts"][0]["sku"] == "sample-mug"


@EITHER
def test_a_changed_store_runs_the_setup_again_and_a_changed_plan_leaves_the_volumes(chart):
    def stamp(objects):
        return objects.find("Deployment", objects.name(chart.app))["spec"]["template"]["metadata"]["annotations"]
    plain, other = (render(chart, "prod", worker_values(store={"city": city})) for city in ("Wien", "Graz"))
    assert stamp(plain) != stamp(other)
    small, large = (render(chart, "prod", worker_values(plan=plan)) for plan in ("small", "large"))
    assert stamp(small) == stamp(large)
    assert small.of("PersistentVolumeClaim") == large.of("PersistentVolumeClaim")


@EITHER
def test_a_new_password_name_or_address_restarts_the_app_alone(chart):
    def templates(**values):
        return {metadata["labels"]["app.kubernetes.io/component"]: (metadata, spec)
                for it, metadata, spec in pod_specs(render(chart, "prod", worker_values(**values))) if it["kind"] != "Pod"}
    before = templates()
    for change in ({"adminRevision": 1}, {"storeName": "Other"}, {"host": "other.localhost"}):
        after = templates(**change)
        assert [component for component in before if after[component] != before[component]] == ["app"], change


@EITHER
def test_a_new_chart_version_changes_no_pod_and_no_immutable_field(chart, tmp_path):
    newer = tmp_path / "chart"
    shutil.copytree(chart.path, newer)
    file = newer / "Chart.yaml"
    file.write_text(re.sub(r"(?m)^version: .*", "version: 9.9.9", file.read_text()))
    before = render(chart, "prod", worker_values())
    done = template(chart, "prod", worker_values(), path=newer)
    assert "-9.9.9" in done.stdout
    import yaml  # noqa: PLC0415  (here alone)
    for old, new in zip(before, [it for it in yaml.safe_load_all(done.stdout) if it], strict=True):
        assert old["metadata"]["labels"].pop("helm.sh/chart") != new["metadata"]["labels"].pop("helm.sh/chart")
        assert old == new


@EITHER
def test_outgoing_connections_are_a_value(chart):
    objects = render(chart, "prod", worker_values(networkPolicy={"internetPorts": [443, 587], "dns": {"cidrs": ["169.254.20.10/32"]}}))
    egress = objects.find("NetworkPolicy", "app")["spec"]["egress"]
    out = [r for r in egress if any(peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0" for peer in r["to"])]
    assert [p["port"] for p in out[0]["ports"]] == [443, 587]
    private = {peer["ipBlock"]["cidr"]: peer["ipBlock"]["except"] for peer in out[0]["to"]}
    assert "10.0.0.0/8" in private["0.0.0.0/0"] and "fc00::/7" in private["::/0"]
    assert any({"ipBlock": {"cidr": "169.254.20.10/32"}} in r["to"] for r in egress)


@EITHER
def test_without_a_node_nobody_is_admitted_by_address(chart):
    objects = render(chart, "prod", worker_values(networkPolicy={"nodeCidrs": []}))
    assert objects.find("NetworkPolicy", "node-access")["spec"]["ingress"] == []
    assert not [it for it in objects.of("NetworkPolicy") for r in it["spec"].get("ingress", []) for peer in r["from"] if "ipBlock" in peer]


def test_medusa_without_storefront_takes_every_path():
    objects = render(MEDUSA, "prod", worker_values(storefront={"enabled": False}))
    paths = objects.find("Ingress")["spec"]["rules"][0]["http"]["paths"]
    assert [(p["path"], p["backend"]["service"]["name"]) for p in paths] == [("/", "a1b2c3d4e5f6-medusa")]
    assert not [it for it in objects if "storefront" in it["metadata"]["name"]]


@pytest.mark.parametrize("enabled", [True, False])
def test_medusas_pages_are_reached_by_its_storefront_alone(enabled):
    objects = render(MEDUSA, "prod", worker_values("012345678901", storefront={"enabled": enabled}))

    def container(part: str) -> dict:
        it = objects.find("Deployment", f"012345678901-{part}")["spec"]["template"]["spec"]["containers"][0]
        return {variable["name"]: variable["value"] for variable in it["env"]}

    assert container("medusa")["STOREFRONT"] == str(enabled).lower()
    let_in = [peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for rule in objects.find("NetworkPolicy", "app")["spec"]["ingress"]
              for peer in rule["from"] if "podSelector" in peer]
    assert ("storefront" in let_in) == enabled
    if enabled:
        assert container("storefront")["MEDUSA_SERVICE"] == "s012345678901-medusa:9000"
        policy = objects.find("NetworkPolicy", "storefront")["spec"]
        to = [(peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"], port["port"]) for rule in policy["egress"] for peer in rule["to"]
              if "app.kubernetes.io/component" in peer.get("podSelector", {}).get("matchLabels", {}) for port in rule["ports"]]
        assert "Egress" in policy["policyTypes"] and to == [("app", 9000)]


def test_medusas_mail_is_a_secret_that_the_server_alone_sees():
    def spec(**values) -> dict:
        return render(MEDUSA, "prod", worker_values(**values)).find("Deployment", "a1b2c3d4e5f6-medusa")["spec"]["template"]["spec"]

    assert not any(it["name"] == "mail" for it in spec()["volumes"])
    mailing = spec(mail={"existingSecret": "store-mail"})
    assert next(it for it in mailing["volumes"] if it["name"] == "mail")["secret"]["secretName"] == "store-mail"
    seeing = [it["name"] for it in mailing["initContainers"] + mailing["containers"] if any(mount["name"] == "mail" for mount in it["volumeMounts"])]
    assert seeing == ["medusa"]


def test_medusa_service_names_begin_with_a_letter_and_the_app_finds_them():
    objects = render(MEDUSA, "prod", worker_values("012345678901"))
    services = {it["metadata"]["name"] for it in objects.of("Service")}
    assert services == {f"s012345678901-{part}" for part in ("medusa", "postgres", "redis", "storefront")}
    env = {e["name"]: e["value"] for e in objects.find("Deployment", "012345678901-medusa")["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert {env["DATABASE_HOST"], env["REDIS_HOST"]} <= services
    assert objects.find("StatefulSet")["spec"]["serviceName"] in services


@EITHER
def test_what_is_off_is_not_there(chart):
    off = {"enabled": False}
    objects = render(chart, "local", worker_values(networkPolicy=off, quota=off, limitRange=off, ingress=off))
    assert not objects.of("NetworkPolicy", "ResourceQuota", "LimitRange", "Ingress")


@EITHER
def test_the_store_file_survives_a_copy(chart):
    """The cache of renderings hands out copies: spoiling one leaves the next alone."""
    objects = render(chart, "local", worker_values())
    before = copy.deepcopy(list(objects))
    objects.clear()
    assert list(render(chart, "local", worker_values())) == before
