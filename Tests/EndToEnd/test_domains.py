"""Domains that owners bring along: proved in a real DNS server, led through the gate, served by an Ingress each."""

import json

import pytest
from polling import until

HOST = "shop.example.com"


@pytest.fixture(scope="module")
def store(stack):
    with stack.live_store("Own Address", user="ada") as made:
        yield stack.settled(made["id"], "ready")


def add(stack, store: dict, host: str, user: str = "ada", **more):
    return stack.request("POST", f"/api/stores/{store['id']}/domains", {"host": host, **more}, user=user)


def domain(stack, store: dict, host: str) -> dict:
    answer = stack.request("GET", f"/api/stores/{store['id']}/domains")
    return next((one for one in answer.body["domains"] if one["host"] == host), {})


def check(stack, store: dict, host: str) -> None:
    assert stack.request("POST", f"/api/stores/{store['id']}/domains/{host}/check", {}, user=store["userId"]).status == 202


def becomes(stack, store: dict, host: str, state: str, **more) -> dict:
    """The domain, once it is so; a worker looks at it again at each try."""

    def found():
        one = domain(stack, store, host)
        if one["state"] == state and all(one[name] == value for name, value in more.items()):
            return one
        check(stack, store, host)
        return None

    try:
        return until(found, f"{host} to be {state}")
    except AssertionError as error:
        raise AssertionError(f"{error}; it is {domain(stack, store, host)}") from None


def looked_at(stack, store: dict, host: str) -> dict:
    """The domain, once a worker has looked at it again."""
    before = domain(stack, store, host)["checkedAt"]
    check(stack, store, host)
    return until(lambda: (lambda it: it if it["checkedAt"] != before else None)(domain(stack, store, host)), f"another look at {host}")


def record(answer: dict, kind: str) -> tuple[str, str]:
    one = next(it for it in answer["domain"]["records"] if it["type"] == kind)
    return one["name"], one["value"]


def sql(stack, statement: str) -> None:
    stack.lib(f'psql --quiet --set ON_ERROR_STOP=1 "$DATABASE_URL" --command "{statement}"')


def ingresses(stack, store: dict) -> dict[str, str]:
    """Names by hosts."""
    items = json.loads(stack.kubectl("get", "ingress", "--namespace", store["namespace"], "--output", "json"))["items"]
    return {item["spec"]["rules"][0]["host"]: item["metadata"]["name"] for item in items}


def test_a_domain_is_proved_then_led_here_then_served_and_goes_again(stack, dns, store):
    added = add(stack, store, "Shop.Example.com.")
    assert (added.status, added.body["domain"]["host"], added.body["domain"]["state"]) == (202, HOST, "pending")
    name, proof = record(added.body, "TXT")
    assert record(added.body, "CNAME") == (HOST, store["spec"]["host"])
    assert stack.store(store["id"])["domains"] == [{"host": HOST, "state": "pending", "primary": False}]

    # A CNAME to the store's own host proves nothing, nor does the record of an alias.
    dns.set("CNAME", HOST, store["spec"]["host"])
    dns.set("A", store["spec"]["host"], "127.0.0.1")
    dns.set("CNAME", name, "elsewhere.example.net")
    dns.set("TXT", "elsewhere.example.net", proof)
    seen = until(lambda: (lambda it: it if it["checkedAt"] else None)(domain(stack, store, HOST)), "a look at the domain")
    assert seen["state"] == "pending" and "not in the DNS yet" in seen["error"]
    assert stack.visit(HOST).status == 404

    dns.clear("CNAME", name)
    # Too long for an answer by UDP.
    dns.set("TXT", name, proof, *(f"v=something-else-{number} " + "x" * 200 for number in range(5)))
    # Before the Ingress is there, the gate answers for the host and says that it leads here.
    token = proof.removeprefix("sw-verify=")
    assert stack.visit(HOST, path=f"/.well-known/store-weaver/{token}").text == proof + "\n"
    assert stack.visit(HOST, path="/.well-known/store-weaver/nothing").status != 200
    becomes(stack, store, HOST, "active", served=True)
    assert ingresses(stack, store)[HOST] == f"domain-{HOST}"
    assert stack.visit(HOST).status == 200
    until(lambda: stack.store(store["id"])["activity"] is None, "the change to end")
    # What leads here now is asked of the store itself.
    again = looked_at(stack, store, HOST)
    assert (again["state"], again["error"], again["failingSince"]) == ("active", None, None)

    removed = stack.request("DELETE", f"/api/stores/{store['id']}/domains/{HOST}", user="ada")
    assert removed.status == 202 and removed.body["store"]["domains"] == []
    until(lambda: HOST not in ingresses(stack, store), "the Ingress to go")
    assert stack.visit(HOST).status == 404
    assert stack.request("DELETE", f"/api/stores/{store['id']}/domains/{HOST}", user="ada").status == 404


def test_a_host_that_leads_elsewhere_is_proved_and_not_served(stack, dns, store):
    host = "away.example.com"
    added = add(stack, store, host)
    dns.set("TXT", *record(added.body, "TXT"))
    assert "no address" in becomes(stack, store, host, "verified")["error"]
    # Nothing listens there for it.
    dns.set("A", host, "127.0.0.2", "127.0.0.1")
    until(lambda: check(stack, store, host) or "leads to 127.0.0.2" in (domain(stack, store, host)["error"] or ""), "the address to be looked at")
    assert domain(stack, store, host)["state"] == "verified" and host not in ingresses(stack, store)
    assert stack.request("DELETE", f"/api/stores/{store['id']}/domains/{host}", user="ada").status == 202


def test_the_address_of_a_store_can_be_its_own_domain(stack, dns, store):
    host = "main.example.com"
    added = add(stack, store, host)
    dns.set("TXT", *record(added.body, "TXT"))
    dns.set("A", host, "127.0.0.1")
    path = f"/api/stores/{store['id']}/domains"
    assert stack.request("POST", f"{path}/{host}/primary", {}, user="ada").body["code"] == "not-active"
    becomes(stack, store, host, "active", served=True)
    assert stack.request("POST", f"{path}/{host}/primary", {}, user="ada").status == 202
    until(lambda: stack.store(store["id"])["activity"] is None, "the change to end")
    changed = stack.store(store["id"])
    assert changed["url"] == store["url"].replace(store["spec"]["host"], host) and changed["domains"][0]["primary"]
    assert stack.visit(host).status == 200 and stack.visit(store["spec"]["host"]).status == 200
    assert stack.request("DELETE", f"{path}/{host}", user="ada").body["code"] == "primary"
    assert stack.request("POST", f"{path}/{store['spec']['host']}/primary", {}, user="ada").status == 202
    until(lambda: stack.store(store["id"])["url"] == store["url"], "the address to be ours again")
    assert stack.request("DELETE", f"{path}/{host}", user="ada").status == 202


def test_a_stranger_gets_no_host_that_another_proved(stack, dns, store):
    host = "mine.example.com"
    with stack.live_store("Stranger", user="eve") as made:
        other = stack.settled(made["id"], "ready")
        # A claim that waits blocks nobody.
        assert add(stack, other, host, user="eve").status == 202
        added = add(stack, store, host)
        dns.set("TXT", *record(added.body, "TXT"))
        dns.set("A", host, "127.0.0.1")
        becomes(stack, store, host, "active", served=True)
        # The stranger's claim is looked at, and its token is not there.
        check(stack, other, host)
        until(lambda: "something else" in (domain(stack, other, host)["error"] or "") or check(stack, other, host), "the stranger's claim to be looked at")
        assert domain(stack, other, host)["state"] == "pending"
        refused = add(stack, other, f"www.{host}", user="eve")
        assert refused.status == 202, "what is below a proved host is a host of its own"
        with stack.live_store("Late", user="bob") as late:
            taken = add(stack, late, host, user="bob")
            assert (taken.status, taken.body["code"]) == (409, "taken")
            assert store["id"] not in json.dumps(taken.body) and "ada" not in json.dumps(taken.body)
        # Of another's store nothing can be read or changed.
        for method, path in (("GET", ""), ("POST", ""), ("DELETE", f"/{host}"), ("POST", f"/{host}/primary"), ("POST", f"/{host}/check")):
            body = {"host": host} if (method, path) == ("POST", "") else None
            answer = stack.request(method, f"/api/stores/{store['id']}/domains{path}", body, user="eve")
            assert (answer.status, answer.body["code"]) == (404, "store-not-found")
    assert stack.request("DELETE", f"/api/stores/{store['id']}/domains/{host}", user="ada").status == 202


def test_a_failed_store_keeps_no_host_from_whoever_proved_it(stack, dns, store):
    host = "lost.example.com"
    with stack.live_store("Loser", user="eve") as made:
        loser = stack.settled(made["id"], "ready")
        dns.set("TXT", *record(add(stack, loser, host, user="eve").body, "TXT"))
        dns.set("A", host, "127.0.0.1")
        becomes(stack, loser, host, "active", served=True)
        until(lambda: stack.store(loser["id"])["activity"] is None, "the change to end")
        sql(stack, f"UPDATE stores SET status = 'failed', error_message = 'a test' WHERE id = '{loser['id']}'")
        added = add(stack, store, host, takeOver=True)
        dns.set("TXT", *record(added.body, "TXT"))
        until(lambda: domain(stack, store, host)["takesOverAt"] or check(stack, store, host), "the host to be proved")
        assert host in ingresses(stack, loser)
        # Three days pass.
        sql(stack, f"UPDATE domains SET takes_over_at = now() WHERE store_id = '{store['id']}' AND host = '{host}'")
        becomes(stack, store, host, "active", served=True)
        assert host not in ingresses(stack, loser)
        assert stack.request("POST", f"/api/stores/{loser['id']}/retry", user="eve").status == 202
        stack.settled(loser["id"], "ready")
        assert host not in ingresses(stack, loser) and host in ingresses(stack, store)
    assert stack.request("DELETE", f"/api/stores/{store['id']}/domains/{host}", user="ada").status == 202


@pytest.mark.parametrize(
    ("host", "word"),
    [
        ("acme.localhost", ".localhost"), ("weaver.example.org", "this installation"), ("x.weaver.example.org", "this installation"), ("co.uk", "registered below"),
        ("192.0.2.1", "IP address"), ("intranet", "has a dot"), ("*.example.com", "wildcard"), ("db.internal", ".internal"), ("https://shop.example.com/", "http://"),
    ],
)
def test_what_cannot_be_brought_along_is_refused_with_the_reason(stack, store, host, word):
    answer = add(stack, store, host)
    assert (answer.status, answer.body["field"]) == (400, "host") and word in answer.body["error"]
