"""WordPress alone, where WooCommerce cannot be had: the chart by Helm, a page, the owner's sign-in and the REST API.

The platform calls no store ready that cannot sell, so this one is not made through its API.
"""

import json
import secrets

import pytest
from charts import ROOT, WOOCOMMERCE, worker_values
from polling import until
from visits import Storefront

NAMESPACE = "store-plain"


@pytest.fixture(scope="module")
def plain(cluster, installation):
    password = secrets.token_hex(12)
    known = {"admin-user": "admin", "admin-email": "owner@example.com", "admin-password": password}
    cluster.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}},
        *({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": NAMESPACE}, "stringData": {
            key: known.get(key) or secrets.token_hex(24) for key in keys}} for name, keys in WOOCOMMERCE.secrets.items()),
    )
    values = worker_values(host="plain.localhost", publicPort=cluster.port, storeName="Plain")
    cluster.helm("install", "plain", ROOT / "helm/store", "--namespace", NAMESPACE, "--values", ROOT / "helm/store/values-local.yaml",
                 "--values", "-", "--wait", "--timeout", "5m", text=json.dumps(values))
    yield Storefront(cluster, {"url": f"http://plain.localhost:{cluster.port}"}), password
    cluster.kubectl("delete", "namespace", NAMESPACE)


def test_a_page_the_rest_api_and_the_owners_sign_in(plain):
    storefront, password = plain
    assert until(lambda: storefront.get("/").status == 200, "the page", 60)
    assert "Plain" in storefront.get("/").text
    assert storefront.get("/?rest_route=/").body["name"] == "Plain"
    assert storefront.log_in("admin", password) is not None
    assert storefront.log_in("admin", "wrong") is None
