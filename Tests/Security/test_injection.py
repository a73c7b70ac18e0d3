"""Names, users and hosts that would be commands, were they taken for such."""

import json
import uuid
from urllib.parse import quote

import pytest

INJECTIONS = {
    "sql": "x'); DROP TABLE stores; --",
    "sql dollar": "$1 $$ ; SELECT pg_sleep(9) $$",
    "lua": "]] redis.call('FLUSHALL') --[[",
    "resp": "a\\r\\nFLUSHALL\\r\\n",
    "yaml": "x: {y: z}\" \n  privileged: true # '",
    "template": "{{ .Release.Namespace }} {{ fail \"boom\" }}",
    "helm set": "a,image.tag=evil,b={1,2}",
    "shell": "$(touch /tmp/sw-pwned) `id` ; id | id && id",
    "option": "--kubeconfig=/dev/null",
    "path": "../../etc/passwd",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "bidi": "abc\u202etxt.exe",
    "percent": "%s%n%x %00",
}


@pytest.fixture(scope="module")
def victim(stack):
    """Somebody else's store, which has to be as it was."""
    store = stack.create("Victim", user="victim")
    stack.settled(store["id"], "ready")
    yield store
    assert stack.store(store["id"])["status"] == "ready"
    stack.delete(store["id"])


@pytest.mark.parametrize("text", INJECTIONS.values(), ids=INJECTIONS)
def test_a_name_is_a_name(stack, victim, text):
    """It is refused, or becomes a store with exactly this name whose cluster objects know a slug alone."""
    owner = f"mallory-{uuid.uuid4().hex[:6]}"
    answer = stack.request("POST", "/api/stores", {"name": text, "engine": "woocommerce"}, user=owner)
    assert answer.status in (202, 400), answer
    if answer.status == 400:
        return
    store = answer.body["store"]
    try:
        assert store["name"] == text
        ready = stack.settled(store["id"], "ready")
        assert set(ready["namespace"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        workloads = json.loads(stack.kubectl("--namespace", ready["namespace"], "get", "deployments,statefulsets", "--output", "json"))
        for item in workloads["items"]:
            assert "privileged\": true" not in json.dumps(item)
            pod = item["spec"]["template"]["spec"]
            assert not [container["image"] for container in pod["containers"] if "evil" in container["image"]]
        assert [row["id"] for row in stack.request("GET", "/api/stores", user=owner).body["stores"]] == [store["id"]]
    finally:
        stack.delete(store["id"])


@pytest.mark.parametrize("text", [text for text in INJECTIONS.values() if text.isascii() and "\n" not in text],
                         ids=[name for name, text in INJECTIONS.items() if text.isascii() and "\n" not in text])
def test_a_user_is_a_user(stack, victim, text):
    """As a header, as a key in Redis, in a query."""
    listed = stack.request("GET", "/api/stores", user=text)
    assert (listed.status, listed.body["stores"]) == (200, [])
    assert stack.request("GET", f"/api/stores/{victim['id']}", user=text).status == 404
    assert stack.request("DELETE", f"/api/stores/{victim['id']}", user=text).status == 404
    assert stack.admin("GET", "/api/admin/queue").status == 200


@pytest.mark.parametrize("text", INJECTIONS.values(), ids=INJECTIONS)
def test_a_search_is_a_search(stack, victim, text):
    found = stack.request("GET", f"/api/stores?q={quote(text, safe='')}")
    assert found.status == 200, found
    assert victim["id"] not in [row["id"] for row in found.body["stores"]]
    for path in (f"/api/stores/{quote(text, safe='')}", f"/api/stores/{victim['id']}/logs?container={quote(text, safe='')}"):
        assert stack.request("GET", path).status in (400, 404, 409), path


def test_a_foreign_host_changes_no_address(stack, victim):
    """Neither Host nor X-Forwarded-Host gets into an answer."""
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Proto": "javascript"}):
        answer = stack.request("GET", f"/api/stores/{victim['id']}", headers=headers)
        assert answer.status == 200
        assert "evil.example" not in json.dumps(answer.body) + str(answer.headers)
        assert "javascript" not in json.dumps(answer.body)
