"""A link into a store's admin, from the API and from storectl, signed with what the store's own Secret gives."""

import base64
import json

import pytest
from admin_session import make_token
from operating import Operating


@pytest.mark.parametrize("engine", ["woocommerce", "medusa"])
def test_the_stores_own_secret_signs_the_link(stack, engine):
    store = stack.settled(stack.create(f"Signed {engine}", engine)["id"], "ready")
    whole = Operating(stack)
    name, key, user = ("wordpress-secret", "nonce-salt", "admin-user") if engine == "woocommerce" else (f"{store['id']}-secret", "jwt-secret", "admin-email")
    data = json.loads(stack.kubectl("--namespace", store["namespace"], "get", "secret", name, "--output", "json"))["data"]
    secret, user = (base64.b64decode(data[it]).decode() for it in (key, user))
    answer = stack.request("POST", f"/api/stores/{store['id']}/admin-session")
    assert answer.status == 200
    links = [answer.body["url"], whole("stores", "admin-session", store["id"]).out.strip(), whole("stores", "admin-session", store["id"], "--json").json["url"]]
    for link in links:
        address, token = link.split("#")
        assert address == store["url"] + "/-/admin-session"
        _, seconds, nonce, *_ = token.split(".")
        assert token == make_token(secret, store["url"], user, nonce, int(seconds))
    assert len(set(links)) == 3
    audit = [it for it in whole("audit", "--json").json if it["action"] == "store.admin-session" and it["target"] == store["id"]]
    assert [it["source"] for it in audit] == ["storectl", "storectl", "api"]
