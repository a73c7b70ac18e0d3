"""What the WooCommerce chart alone has: workers and memory by plan, mail, the way out, owners' plugins."""

import re

import pytest
from charts import PLANS, WOOCOMMERCE, render, worker_values


def deployment(**values) -> dict:
    return render(WOOCOMMERCE, "prod", worker_values(**values)).find("Deployment", "wordpress")["spec"]["template"]["spec"]


def containers(spec: dict) -> dict:
    return {it["name"]: it for it in spec["initContainers"] + spec["containers"]}


def environment(container: dict) -> dict:
    return {it["name"]: it.get("value") for it in container["env"]}


def mebibytes(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(M|Mi|G|Gi)", text).groups()
    return int(number) * (1024 if unit.startswith("G") else 1)


@pytest.mark.parametrize("plan", PLANS)
def test_php_stays_below_its_containers_limit(plan):
    """One process always; all workers of Apache at what they were measured to take at most, 40 MiB each beside 100 that they share."""
    spec = deployment(plan=plan)
    for name, it in containers(spec).items():
        assert mebibytes(environment(it)["PHP_MEMORY_LIMIT"]) < mebibytes(it["resources"]["limits"]["memory"]), name
    app = containers(spec)["wordpress"]
    workers = int(environment(app)["STORE_WORKERS"])
    assert 100 + 40 * workers <= mebibytes(app["resources"]["limits"]["memory"])
    arguments = render(WOOCOMMERCE, "prod", worker_values(plan=plan)).find("StatefulSet", "mysql")["spec"]["template"]["spec"]["containers"][0]
    connections = int(re.search(r"max[-_]connections=(\d+)", str(arguments))[1])
    # Cron, set-up and an administrator of the database beside the workers.
    assert workers + 5 <= connections


def test_a_stop_takes_less_than_ten_seconds():
    spec = deployment()
    assert spec["terminationGracePeriodSeconds"] <= 10
    assert not any("preStop" in it.get("lifecycle", {}) for it in spec["containers"])


@pytest.mark.parametrize(("ports", "policy", "told"), [([], True, "closed"), ([443], True, "open"), ([], False, "open")])
def test_wordpress_knows_whether_there_is_a_way_out(ports, policy, told):
    spec = deployment(networkPolicy={"internetPorts": ports, "enabled": policy})
    assert {environment(it)["STORE_EGRESS"] for it in containers(spec).values()} == {told}


def test_mail_is_a_secrets_that_the_containers_of_the_store_see():
    assert not any(volume["name"] == "mail" for volume in deployment()["volumes"])
    spec = deployment(mail={"existingSecret": "store-mail"})
    assert next(it for it in spec["volumes"] if it["name"] == "mail")["secret"]["secretName"] == "store-mail"
    for it in containers(spec).values():
        assert {"name": "mail", "mountPath": "/run/secrets/mail", "readOnly": True} in it["volumeMounts"]


@pytest.mark.parametrize("allowed", [True, False])
def test_owners_install_plugins_only_where_a_value_says_so(allowed):
    spec = deployment(**({"wordpress": {"ownerPlugins": True}} if allowed else {}))
    assert {environment(it)["STORE_OWNER_PLUGINS"] for it in containers(spec).values()} == {"yes" if allowed else "no"}


def test_the_test_pod_sees_one_key_alone():
    pod = render(WOOCOMMERCE, "prod", worker_values()).find("Pod")["spec"]
    assert [it["secret"]["items"] for it in pod["volumes"] if "secret" in it] == [[{"key": "nonce-salt", "path": "nonce-salt"}]]
