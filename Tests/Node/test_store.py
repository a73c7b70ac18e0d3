"""A WooCommerce store, made through the API: what shoppers and the owner find."""

import re

import pytest
from node_installation import NAMESPACE
from polling import until


def test_what_stores_run_is_on_each_node_before_they_come(node, installation):
    chart, = [it for it in node.get("daemonsets", "--namespace", NAMESPACE) if it["metadata"]["name"].endswith("-store-images")]
    assert chart["status"]["numberReady"] == chart["status"]["desiredNumberScheduled"] == 1
    names = {it["name"] for it in chart["spec"]["template"]["spec"]["initContainers"]}
    assert {"woocommerce", "mysql", "keeper"} <= names


def test_the_store_is_ready_and_healthy(installation, store):
    found = installation.store(store)
    assert (found["status"], found["errorMessage"]) == ("ready", None)
    until(lambda: installation.store(store)["health"] == "healthy", "the store to be healthy", 60)


def test_the_storefront_answers_through_the_ingress(storefront):
    answer = storefront.get("/")
    assert answer.status == 200, answer
    assert "<title>" in answer.text and "Acme" in answer.text


def test_the_rest_api_has_the_catalogue(storefront):
    products = storefront.get("/wp-json/wc/store/v1/products")
    assert products.status == 200, products
    assert [it for it in products.body if it["is_in_stock"]] != []


def test_the_owner_signs_in_and_nobody_with_another_password(installation, store, storefront):
    credentials = installation.credentials(store)
    cookies = storefront.log_in(credentials["user"], credentials["password"])
    assert cookies is not None
    page = storefront.get("/wp-admin/", headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())})
    assert page.status == 200 and "wp-admin" in page.text
    assert storefront.log_in(credentials["user"], "wrong") is None


def test_an_order_is_placed(storefront):
    assert re.fullmatch(r"order \d+ placed", storefront.order("woocommerce"))


def test_helm_test_passes(cluster, store):
    assert "Succeeded" in cluster.helm("test", release_of(cluster, store), "--namespace", store["namespace"])


def release_of(cluster, store) -> str:
    return cluster.helm("list", "--namespace", store["namespace"], "--short").split()[0]


@pytest.mark.parametrize(("container", "words"), [(None, ""), ("setup", "done"), ("mysql", "")])
def test_logs_are_read_through_the_api(installation, store, container, words):
    query = f"?container={container}" if container else ""
    answer = installation.api("GET", f"/api/stores/{store['id']}/logs{query}")
    assert answer.status == 200, answer
    assert words in answer.text
    if container is None:
        # The container that serves visitors, whatever the kubelet names first.
        assert answer.body["container"] == "wordpress", answer
