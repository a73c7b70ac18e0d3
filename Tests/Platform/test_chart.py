"""helm/platform: lint, schemas (the chart's own and Kubernetes'), both Helms, the table of rules, and values one by one."""

import json
import re

import kubernetes_validate
import pytest
from charts import CHARTS, ROOT, containers, pod_specs, run_helm, worker_values
from charts import render as render_store
from platform_chart import EXTERNAL, NAMESPACE, PATH, S3, VARIANTS, render, template
from platform_rules import PROGRAMS, RULES, environment, of_component, platform_tasks, program, reaches

EACH_VARIANT = pytest.mark.parametrize(("values", "file"), VARIANTS.values(), ids=VARIANTS.keys())


def complaints(objects):
    return [f"{rule.name}: {text}" for rule in RULES for text in rule.check(objects)]


@EACH_VARIANT
def test_rules_hold(values, file):
    assert complaints(render(values, file)) == []


def test_rules_hold_for_a_long_release_name():
    assert complaints(render(release="a-release-with-a-name-as-long-as-helm-takes-it-be-53")) == []


@pytest.mark.parametrize("variant", ["as it is", "external", "scaled"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_can_fail(rule, variant):
    objects = render(*VARIANTS[variant])
    rule.spoil(objects)
    assert list(rule.check(objects)), f"{rule.name} does not notice what it is there for"


def test_the_documented_table_is_this_one():
    page = (ROOT / "docs/charts.md").read_text(encoding="utf-8")
    table = page.partition("\n## Rules of helm/platform\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(cells))) == sorted(rule.name for rule in RULES)


@EACH_VARIANT
@pytest.mark.parametrize("helm", ["helm", "helm3"])
def test_lint_is_clean(values, file, helm):
    files = ["-f", str(PATH / file)] if file else []
    done = run_helm(helm, ["lint", "--strict", str(PATH), *files, "-f", "-"], values)
    assert done.returncode == 0, done.stdout
    assert "[WARNING]" not in done.stdout and "[ERROR]" not in done.stdout


@EACH_VARIANT
@pytest.mark.parametrize("version", ["1.30", "1.37"])
def test_objects_are_valid(values, file, version):
    for it in render(values, file):
        kubernetes_validate.validate(it, version, strict=True)


def test_the_oldest_supported_server_needs_the_admission_policies_off():
    for it in render({"admissionPolicy": {"enabled": False}}):
        kubernetes_validate.validate(it, "1.28", strict=True)
        assert "Admission" not in it["kind"]


def test_both_helms_render_the_same():
    assert render() == render(helm="helm3")


REFUSED = {
    "a host with a scheme": {"host": "https://weaver.example.com"},
    "a suffix without a dot": {"storeSuffix": "example.com"},
    "another environment": {"environment": "staging"},
    "a number as a setting": {"settings": {"MAX_STORES": 10}},
    "a setting in lower case": {"worker": {"settings": {"max_stores": "10"}}},
    "a setting that is none": {"settings": {"MAX_STORE": "10"}},
    "a setting of the workers for the API": {"api": {"settings": {"STORAGE_CLASS": "fast"}}},
    "a secret among the values": {"worker": {"settings": {"SMTP_PASSWORD": "x"}}},
    "a key that is no setting": {"secretSettings": ["ADMIN_TOKEN"]},
    "a key that is the API's for the workers": {"worker": {"secretSettings": ["admin-token"]}},
    "no slots": {"worker": {"slots": 0}},
    "an unknown way to scale": {"worker": {"autoscaling": {"by": "moon"}}},
    "a backup that keeps nothing": {"backup": {"keep": 0}},
    "a network that is none": {"networkPolicy": {"apiServer": {"cidrs": ["everywhere"]}}},
    "a way out to anywhere": {"networkPolicy": {"egress": [{"ports": [{"port": 443}]}]}},
    "a bucket with a scheme": {"vault": {"s3": {"bucket": "s3://backups"}}},
    "a retention that is none": {"vault": {"platform": {"keep": "7 days"}}},
    "a storage that takes in less than nothing": {"vault": {"reservedMiB": -1}},
    "a key of the Secret that none can have": {"gate": {"databaseKey": "a key"}},
    "an image of stores without a tag": {"storeImages": {"images": {"woocommerce": "own/wp"}}},
    "an unknown value": {"password": "x"},
    "an unknown value inside": {"ingress": {"classname": "x"}},
}


@pytest.mark.parametrize("values", REFUSED.values(), ids=REFUSED.keys())
def test_wrong_values_are_refused(values):
    done = template(values)
    assert done.returncode != 0 and "Error" in done.stderr


def test_settings_reach_the_program_they_are_for_and_its_own_count_more():
    objects = render({"settings": {"LOG_LEVEL": "debug", "MAX_STORES": "7"}, "api": {"settings": {"LOG_LEVEL": "trace"}}, "worker": {"settings": {"WORKER_SLOTS": "9"}}})
    api, worker = (environment(program(objects, name)) for name in ("api", "worker"))
    assert (api["LOG_LEVEL"], api["MAX_STORES"], worker["LOG_LEVEL"], worker["WORKER_SLOTS"]) == ("trace", "7", "debug", "9")


SECRET = {"DATABASE_URL", "REDIS_URL", "AUTH_KEYS", "CREDENTIALS_KEYS", "ADMIN_TOKEN", "IMAGE_PULL_CONFIG", "SMTP_PASSWORD", "VAULT_KEYS",
          "ARCHIVE_KEYS", "CHANNEL_KEYS", "PLATFORM_BACKUP_PASSWORD"}


READERS = {"All programs": {"api", "worker", "storectl"}, "API": {"api"}, "Worker": {"worker"}, "Courier": {"courier"}, "Vault": {"vault"}}
# Words that a setting's meaning begins with where its section does not say who reads it; during development nothing runs in a cluster.
READERS_BY_MEANING = {"storectl only": {"storectl"}, "development only": set()}


def documented() -> dict:
    """The programs that read each setting, by the sections of docs/settings.md."""
    readers, section = {}, None
    for line in (ROOT / "docs/settings.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = READERS[line[3:]]
        elif line.startswith("| `"):
            cells = [cell.strip() for cell in line.split("|")]
            who = next((who for words, who in READERS_BY_MEANING.items() if cells[3].startswith(words)), section)
            for name in re.findall(r"`([A-Z_]+)`", cells[1]):
                readers[name] = readers.get(name, set()) | who
    return readers


@pytest.mark.parametrize(("prefix", "programs"), [("", {"api", "worker"}), ("api", {"api"}), ("worker", {"worker"})])
def test_every_setting_of_a_program_is_a_value(prefix, programs):
    """Text in the values, or a key of the Secret: helm/platform/values.schema.json names them all, and no other."""
    definitions = json.loads((PATH / "values.schema.json").read_text(encoding="utf-8"))["definitions"]
    settings = definitions[f"{prefix}Settings" if prefix else "settings"]["propertyNames"]["anyOf"][0]["enum"]
    keys = definitions[f"{prefix}Keys" if prefix else "keys"]["items"]["enum"]
    read = {name for name, who in documented().items() if who & programs}
    assert settings == sorted(read - SECRET)
    assert keys == sorted(name.lower().replace("_", "-") for name in read - {"DATABASE_URL", "REDIS_URL"})


def test_workers_are_told_what_all_stores_have_in_common():
    told = {"STORAGE_CLASS": "fast", "INGRESS_ADDRESS_REQUIRED": "false", "HTTPS_PROXY": "http://proxy:3128"}
    objects = render({"worker": {"settings": told}})
    assert told.items() <= environment(program(objects, "worker")).items()
    assert not told.keys() & environment(program(objects, "api")).keys()


def test_official_images_may_lie_elsewhere():
    objects = render({"imageRegistry": "harbor.example.com/own", "officialImageRegistry": "harbor.example.com/hub/library"})
    for it, _, spec in pod_specs(objects):
        official = it["metadata"]["labels"]["app.kubernetes.io/component"] in ("postgres", "redis", "backup")
        assert spec["containers"][0]["image"].startswith("harbor.example.com/" + ("hub/library/" if official else "own/storeplatform/"))
    images = {it["name"]: it["image"].split(":")[0] for it in platform_tasks(objects)["backup"]["containers"]}
    assert images == {"keeper": "harbor.example.com/own/storeplatform/store-keeper", "database": "harbor.example.com/hub/library/postgres"}


def test_programs_listen_at_every_address_of_their_pods():
    told = {component: environment(program(render(), component)) for component in PROGRAMS}
    assert {it["OPERATOR_HOST"] for it in told.values()} == {told["api"]["HOST"], told["gate"]["HOST"]} == {"::"}


def test_stores_are_called_after_the_suffix():
    assert environment(program(render({"storeSuffix": ".stores.example.org"}), "worker"))["PROD_INGRESS_SUFFIX"] == ".stores.example.org"
    local = environment(program(render({"environment": "local", "storeSuffix": ".localhost"}), "worker"))
    assert local["LOCAL_INGRESS_SUFFIX"] == ".localhost" and "PROD_INGRESS_SUFFIX" not in local


def test_no_store_gets_the_dashboards_host():
    swift = re.search(r'reservedNames = "([^"]+)"', (ROOT / "Sources/StoreDomain/PlatformDefaults.swift").read_text())[1]
    def reserved(**values):
        return environment(program(render(values), "api"))["RESERVED_NAMES"]
    assert reserved(host="stores.example.com", storeSuffix=".example.com") == swift + ",stores"
    assert reserved(host="weaver.example.org", storeSuffix=".example.com") == swift


def test_external_servers_are_reached_and_none_is_bundled():
    objects = render(EXTERNAL)
    assert not objects.of("StatefulSet") and "weaver-backup" not in [it["metadata"]["name"] for it in objects.of("CronJob")]
    assert [it["metadata"]["name"] for it in objects.of("PersistentVolumeClaim")] == ["weaver-repositories"]
    for component in ("api", "worker"):
        assert {5433, 6380} <= reaches(objects, component) and not {5432, 6379} & reaches(objects, component)
        peers = [p for r in of_component(objects, "NetworkPolicy", component)["spec"]["egress"] for p in r["to"]]
        assert {"ipBlock": {"cidr": "10.1.2.3/32"}} in peers and {"ipBlock": {"cidr": "10.1.2.4/32"}} in peers


def test_without_a_cluster_the_api_server_must_be_named():
    done = template({"networkPolicy": {"apiServer": {"cidrs": [], "ports": []}}})
    assert done.returncode != 0 and "name the API server's addresses" in done.stderr


@pytest.mark.parametrize("server", ["postgres", "redis"])
def test_a_server_elsewhere_must_be_named(server):
    done = template({server: {"bundled": False}})
    assert done.returncode != 0 and f"{server}.external.cidrs: where is it?" in done.stderr


def test_the_gate_may_have_a_role_of_its_own_and_goes_where_the_ingress_goes():
    objects = render({"gate": {"databaseKey": "gate-database-url"}, "ingress": {"className": "other", "annotations": {"a/b": "c"}}})
    secret = program(objects, "gate")["volumes"][0]["projected"]["sources"][0]["secret"]
    assert secret["items"] == [{"key": "gate-database-url", "path": "database-url"}]
    ingress = of_component(objects, "Ingress", "gate")
    assert ingress["spec"]["ingressClassName"] == "other" and ingress["metadata"]["annotations"]["a/b"] == "c"


def test_without_the_gate_nothing_of_it_is_there():
    objects = render({"gate": {"enabled": False}})
    assert not [it for it in objects if it["metadata"]["labels"]["app.kubernetes.io/component"] == "gate"]
    peers = [peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"]
             for peer in of_component(objects, "NetworkPolicy", "postgres")["spec"]["ingress"][0]["from"]]
    assert peers == ["api", "worker", "backup", "platform-backup"]
    assert not [it for it in render({"ingress": {"enabled": False}}).of("Ingress")]


def test_the_vault_keeps_backups_on_a_volume_or_in_a_bucket():
    volume = program(render(), "vault")["containers"]
    assert [it["command"] for it in volume if it["name"] == "storage"] == [
        ["restic-rest-server", "--no-auth", "--path", "/repositories", "--listen", "127.0.0.1:8001"]]
    assert environment(program(render(), "vault"))["VAULT_VOLUME"] == "/repositories"
    objects = render(S3)
    assert "weaver-repositories" not in [it["metadata"]["name"] for it in objects.of("PersistentVolumeClaim")]
    storage = program(objects, "vault")["containers"][1]
    assert storage["command"] == ["rclone", "serve", "restic", "vault:backups/weaver", "--addr", "127.0.0.1:8001"]
    assert "VAULT_VOLUME" not in environment(program(objects, "vault"))
    assert reaches(objects, "vault") == {53, 9000} and reaches(render(), "vault") == set()
    done = template({"vault": {"s3": {"bucket": "backups"}}})
    assert done.returncode != 0 and "vault.s3.cidrs: where is it?" in done.stderr


def test_workers_know_the_vault_and_the_keepers_image():
    told = environment(program(render({"imageRegistry": "registry.example.com", "vault": {"keeperImage": {"tag": "7"}}}), "worker"))
    assert told["VAULT_URL"] == f"http://weaver-vault.{NAMESPACE}.svc:3000"
    assert told["KEEPER_IMAGE"] == "registry.example.com/storeplatform/store-keeper:7"
    without = render({"vault": {"enabled": False}})
    assert not {"VAULT_URL", "KEEPER_IMAGE"} & environment(program(without, "worker")).keys()
    assert not [it for it in without if it["metadata"]["labels"]["app.kubernetes.io/component"] == "vault"]


def test_a_dump_is_made_at_once_by_the_pod_of_the_schedule():
    objects = render()
    job, schedule = objects.find("Job"), next(it for it in objects.of("CronJob") if it["metadata"]["name"] == "weaver-backup")
    assert job["spec"]["template"] == schedule["spec"]["jobTemplate"]["spec"]["template"]
    # A Job cannot be changed: what it runs changes its name.
    assert job["metadata"]["name"] == render({"api": {"replicas": 3}}).find("Job")["metadata"]["name"]
    assert job["metadata"]["name"] != render({"backup": {"keep": 3}}).find("Job")["metadata"]["name"]


def test_the_platforms_database_is_saved_by_schedule_and_loaded_only_when_somebody_says_so():
    objects = render({"vault": {"platform": {"keep": "3d", "schedule": "1 2 * * *"}}})
    jobs = {it["metadata"]["name"]: it["spec"] for it in objects.of("CronJob")}
    assert {name: (it["schedule"], it["suspend"]) for name, it in jobs.items() if "platform" in name} == {
        "weaver-platform-backup": ("1 2 * * *", False), "weaver-platform-prune": ("53 4 * * *", False), "weaver-platform-restore": ("0 0 1 1 *", True)}
    tasks = platform_tasks(objects)
    for task, own in {"backup": {"KEEPER_BACKUP": "0" * 12}, "prune": {"KEEPER_POLICY": "3d", "KEEPER_CHECK": "1/1"}, "restore": {"KEEPER_SNAPSHOT": "latest"}}.items():
        told = {"KEEPER_TASK": task, "KEEPER_ENGINE": "platform", "KEEPER_STORE": "platform", "KEEPER_TIMEOUT": "120", **own}
        assert [environment({"containers": [it]}) for it in tasks[task]["initContainers"][1:] + tasks[task]["containers"]] == [told] * (2 if task == "prune" else 3)
        keys = tasks[task]["initContainers"][0]
        assert keys["command"][:4] == ["storectl", "platform", "keys", task] and ("--database" in keys["command"]) is (task != "prune")
    for values in ({"vault": {"platform": {"enabled": False}}}, {"vault": {"enabled": False}}):
        assert not platform_tasks(render(values))


def test_prometheus_is_let_in_and_programs_out_where_it_is_said():
    rule = {"to": [{"ipBlock": {"cidr": "203.0.113.9/32"}}], "ports": [{"port": 4318, "protocol": "TCP"}]}
    objects = render({"networkPolicy": {"metricsNamespace": "monitoring", "egress": [rule]}})
    for component in ("api", "worker"):
        policy = of_component(objects, "NetworkPolicy", component)["spec"]
        assert rule in policy["egress"]
        assert {"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}], "ports": [{"port": 9464, "protocol": "TCP"}]} in policy["ingress"]


def test_workers_scale_by_the_age_of_the_queue_or_by_cpu():
    metric = of_component(render(*VARIANTS["by queue"]), "HorizontalPodAutoscaler", "worker")["spec"]["metrics"][0]["external"]
    assert metric["target"] == {"type": "Value", "value": "20"} and metric["metric"]["selector"]["matchLabels"] == {"kind": "provision"}
    for component in ("api", "worker"):
        assert of_component(render(*VARIANTS["scaled"]), "HorizontalPodAutoscaler", component)["spec"]["metrics"][0]["resource"]["name"] == "cpu"


def test_the_secrets_keys_are_files_and_settings_by_secret_may_be_absent():
    own = {"api": ["admin-token", "auth-keys", "archive-keys", "channel-keys"],
           "worker": ["image-pull-config", "smtp-password", "vault-keys", "archive-keys", "platform-backup-password"]}
    for component in ("api", "worker"):
        volume = next(v for v in program(render({"secretSettings": ["cors-origin"]}), component)["volumes"] if v["name"] == "secrets")
        always, maybe = (source["secret"] for source in volume["projected"]["sources"])
        assert [it["key"] for it in always["items"]] == ["database-url", "redis-url"] and "optional" not in always
        assert [it["path"] for it in maybe["items"]] == ["cors-origin"] + own[component]
        assert maybe["optional"]


def test_images_registry_pull_secrets_and_scheduling_are_values():
    digest = "sha256:" + "a" * 64
    objects = render({"imageRegistry": "registry.example.com:5000/", "imagePullSecrets": ["pull"], "worker": {"image": {"digest": digest}},
                      "nodeSelector": {"disk": "ssd"}, "priorityClassName": "platform", "tolerations": [{"operator": "Exists"}]})
    for _, _, spec in pod_specs(objects):
        assert spec["containers"][0]["image"].startswith("registry.example.com:5000/")
        assert (spec["imagePullSecrets"], spec["nodeSelector"], spec["priorityClassName"]) == ([{"name": "pull"}], {"disk": "ssd"}, "platform")
    assert program(objects, "worker")["containers"][0]["image"].endswith("store-worker@" + digest)


def test_a_namespace_of_the_platforms_may_be_restricted():
    assert render().find("Deployment")["metadata"]["namespace"] == NAMESPACE


def pulled_first(values: dict) -> dict[str, str]:
    """The images by name, of those that `values` pull to each node."""
    spec = of_component(render({**values, "storeImages": {"prePull": True, **values.get("storeImages", {})}}), "DaemonSet", "store-images")["spec"]["template"]["spec"]
    images = {it["name"]: it["image"] for it in spec["initContainers"]}
    assert spec["containers"][0]["image"] in images.values()
    return images


def test_the_images_that_are_pulled_first_are_those_that_stores_run():
    run = {c["image"] for chart in CHARTS for _, _, spec in pod_specs(render_store(chart, "prod", worker_values())) for c in containers(spec)}
    assert len(run) == 6
    images = set(pulled_first({}).values())
    assert images == run | {environment(program(render(), "worker"))["KEEPER_IMAGE"]}
    assert set(pulled_first({"vault": {"enabled": False}}).values()) == run


def test_the_images_that_are_pulled_first_follow_the_workers_settings():
    told = {"IMAGE_REGISTRY": "r.example.com:5000", "IMAGE_REGISTRY_OFFICIAL": "r.example.com:5000/hub/", "WOOCOMMERCE_IMAGE": "own/wp@sha256:" + "a" * 64,
            "KEEPER_IMAGE": "elsewhere.example.com/keeper:2"}
    images = pulled_first({"worker": {"settings": told}, "settings": {"IMAGE_REGISTRY": "other.example.com"}, "storeImages": {"images": {"medusa": None}}})
    assert images == {
        "woocommerce": "r.example.com:5000/own/wp@sha256:" + "a" * 64, "medusa-storefront": "r.example.com:5000/storeplatform/medusa-storefront:2.21.2",
        "keeper": "elsewhere.example.com/keeper:2", "mysql": "r.example.com:5000/storeplatform/store-mysql:8.4", "postgres": "r.example.com:5000/hub/postgres:17-alpine",
        "redis": "r.example.com:5000/hub/redis:7-alpine",
    }


def test_no_image_is_pulled_first_where_nobody_asked_for_it():
    assert not render().of("DaemonSet")
