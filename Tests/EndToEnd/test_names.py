"""Names: what is refused, and what namespaces they become."""

import concurrent.futures
import re

import pytest

DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "   ", "engine": "woocommerce"}, "Store name is required"),
        ({"engine": "woocommerce"}, "Store name is required"),
        ({"name": "Store"}, "Store engine is required"),
        ({"name": "Store", "engine": "magento"}, 'Store engine must be "woocommerce" or "medusa"'),
    ],
)
def test_what_is_missing_is_told(stack, body, message):
    answer = stack.request("POST", "/api/stores", body)
    assert (answer.status, answer.body["error"]) == (400, message)


def test_malformed_json_is_told(stack):
    answer = stack.request("POST", "/api/stores", b'{"name": ')
    assert answer.status == 400
    assert answer.body["error"]


@pytest.mark.parametrize("name", ["x" * 200, "日本のお店", "Müller & Söhne — Straße 7", "-–-", "a" * 62 + " b"])
def test_any_name_gives_a_valid_namespace(stack, name):
    store = stack.create(name)
    try:
        assert store["name"] == name
        assert len(store["namespace"]) <= 63
        assert DNS_LABEL.fullmatch(store["namespace"])
    finally:
        stack.delete(store["id"])


def test_two_of_one_name_at_once_get_two_namespaces(stack):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        twins = list(pool.map(stack.create, ["Twin Peaks", "Twin Peaks"]))
    try:
        plain, suffixed = sorted((store["namespace"] for store in twins), key=len)
        assert plain == "store-twin-peaks"
        assert suffixed in {f"store-twin-peaks-{store['id'][:6]}" for store in twins}
        for store in twins:
            assert stack.settled(store["id"], "ready")["url"]
    finally:
        stack.delete(*(store["id"] for store in twins))


def test_a_namespace_of_somebody_else_is_left_alone(stack):
    stack.kubectl("create", "namespace", "store-somebody-else")
    stack.kubectl("--namespace", "store-somebody-else", "create", "configmap", "precious", "--from-literal=key=value")
    try:
        store = stack.create("Somebody Else")
        ready = stack.settled(store["id"], "ready")
        assert ready["namespace"] == f"store-somebody-else-{store['id'][:6]}"
        stack.delete(store["id"])
        assert "store-somebody-else" in stack.namespaces()
        assert stack.kubectl("--namespace", "store-somebody-else", "get", "configmap", "precious", "--output", "jsonpath={.data.key}") == "value"
    finally:
        stack.kubectl("delete", "namespace", "store-somebody-else")
