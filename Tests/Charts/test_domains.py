"""Own domains: an Ingress and a certificate each, and which one is the store's address."""

import pytest
from charts import CHARTS, render, run_helm, worker_values

EITHER = pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.engine)
DOMAINS = [{"host": host, "secret": f"domain-{host}"} for host in ("shop.example.com", "www.example.com")]
ISSUER = {"tls": {"clusterIssuer": "letsencrypt"}}


def ingresses(objects) -> dict[str, dict]:
    return {it["spec"]["rules"][0]["host"]: it for it in objects.of("Ingress")}


@EITHER
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_each_domain_has_an_ingress_and_a_certificate_of_its_own(chart, scheme):
    values = worker_values(scheme=scheme, domains=DOMAINS, ingress=ISSUER)
    found = ingresses(render(chart, "prod", values))
    ours = found.pop(values["host"])
    assert list(found) == [it["host"] for it in DOMAINS]
    for domain in DOMAINS:
        it = found[domain["host"]]
        assert it["metadata"]["name"] == f"domain-{domain['host']}" and it["metadata"]["labels"]["app.kubernetes.io/component"] == "domain"
        # It leads where the store's own host leads, by the same controller and issuer.
        assert it["spec"]["rules"][0]["http"] == ours["spec"]["rules"][0]["http"] and it["spec"]["ingressClassName"] == ours["spec"]["ingressClassName"]
        assert it["metadata"]["annotations"] == ours["metadata"]["annotations"]
        assert ("cert-manager.io/cluster-issuer" in it["metadata"]["annotations"]) == (scheme == "https")
        tls = [{"hosts": [domain["host"]], "secretName": domain["secret"]}] if scheme == "https" else None
        assert it["spec"].get("tls") == tls
    assert ours["metadata"]["labels"]["app.kubernetes.io/component"] == "app"


@EITHER
def test_a_domain_changes_its_ingress_and_no_pod(chart):
    without, having = (render(chart, "prod", worker_values(domains=domains)) for domains in ([], DOMAINS))
    more = [it["metadata"]["name"] for it in having if it not in without and it["kind"] == "Ingress"]
    assert more == [f"domain-{it['host']}" for it in DOMAINS]
    # The app is told of the hosts by a file that it reads again.
    assert {it["kind"] for it in without if it not in having} == {"ConfigMap"}
    assert {it["kind"] for it in having if it not in without} == {"ConfigMap", "Ingress"}


@EITHER
def test_the_app_is_told_which_hosts_are_not_its_address(chart):
    def hosts(**values) -> list[str]:
        [data] = [it["data"] for it in render(chart, "prod", worker_values(domains=DOMAINS, **values)).of("ConfigMap") if "store.json" in it["data"]]
        return data["hosts"].split("\n")

    ours = worker_values()["host"]
    assert hosts() == [it["host"] for it in DOMAINS]
    assert hosts(primaryHost="www.example.com") == [ours, *(it["host"] for it in DOMAINS if it["host"] != "www.example.com")]


@EITHER
def test_the_primary_domain_is_the_address_that_the_app_is_told(chart):
    def addresses(objects) -> set[str]:
        pods = [it["spec"]["template"]["spec"] for it in objects.of("Deployment")]
        return {env["value"] for pod in pods for it in pod["containers"] for env in it.get("env", []) if env["name"] == "STORE_URL"}

    values = worker_values(scheme="https", domains=DOMAINS)
    assert addresses(render(chart, "prod", values)) == {f"https://{values['host']}"}
    assert addresses(render(chart, "prod", values | {"primaryHost": "www.example.com"})) == {"https://www.example.com"}


@EITHER
def test_a_store_that_sleeps_keeps_its_domains_rules_and_certificates(chart):
    found = ingresses(render(chart, "prod", worker_values(scheme="https", domains=DOMAINS, asleep=True)))
    assert len(found) == 3 and all(it["spec"]["tls"] for it in found.values())
    assert {path["path"] for it in found.values() for path in it["spec"]["rules"][0]["http"]["paths"]} == {"/-/asleep"}


@EITHER
@pytest.mark.parametrize(
    "domain", [{"host": "Shop.example.com", "secret": "a"}, {"host": "shop", "secret": "a"}, {"host": "shop.example.com"}, {"host": "*.example.com", "secret": "a"}]
)
def test_what_is_no_domain_is_refused(chart, domain):
    done = run_helm("helm", ["template", "x", str(chart.path), "-f", str(chart.path / "values-prod.yaml"), "-f", "-"], worker_values(domains=[domain]))
    assert done.returncode != 0 and "domains" in done.stderr
