"""The administrator is signed in by a token of the platform's, once."""

import http.client
import json
import re
import subprocess
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest
from admin_session import VECTORS, make_token, spoilt
from chromium import chromium
from medusa import APP
from playwright.sync_api import expect

PATH = "/-/admin-session"


@pytest.fixture
def token(store):
    """Makes tokens of this store's."""
    return lambda **changes: make_token(**{"secret": store.secrets["jwt-secret"], "store": store.environment["STORE_URL"], "user": "owner@example.com", **changes})


def post(store, token: str, field: str = "token"):
    """As the page's form does; a redirect is not followed."""
    connection = http.client.HTTPConnection("127.0.0.1", store.port, timeout=60)
    connection.request("POST", PATH, urllib.parse.urlencode({field: token}), {"Content-Type": "application/x-www-form-urlencoded", **store_headers(store)})
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, response.headers, body


def store_headers(store) -> dict:
    return {"Host": store.environment["STORE_URL"].split("//")[1]}


@pytest.mark.parametrize("it", VECTORS, ids=lambda it: it["user"])
def test_tokens_are_what_the_platform_makes(it):
    def claims(token: str, secret: str, address: str, now: int) -> str:
        program = 'console.log(JSON.stringify(require("./src/admin-session/token.js").claims(...JSON.parse(process.argv[1])) ?? null))'
        arguments = json.dumps([token, secret, address, now])
        return subprocess.run(["node", "-e", program, arguments], cwd=APP, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    token, secret, address, expires = it["token"], it["secret"], it["store"], it["expiresAt"]
    assert claims(token, secret, address, expires - 1) == f'{{"nonce":"{it["nonce"]}","user":"{it["user"]}"}}'
    others = [(token, secret, address, expires), (token, secret, "https://other.example.com", 0), (token, secret + "x", address, 0), (token, "", address, 0)]
    others += [(text, secret, address, 0) for text in spoilt(token)]
    assert [it for it in others if claims(*it) != "null"] == []


def test_a_token_makes_medusas_own_session(store, token):
    status, headers, _ = post(store, token())
    assert status == 303 and headers["Location"] == "/app" and headers["Cache-Control"] == "no-store"
    cookie = headers["Set-Cookie"]
    assert cookie.startswith("connect.sid=") and "HttpOnly" in cookie
    me = store.ask("/admin/users/me", headers={"Cookie": cookie.split(";")[0]})
    assert me.status == 200 and me.body["user"]["email"] == "owner@example.com"


def test_a_token_is_good_once_also_for_many_at_once(store, token):
    text = token()
    with ThreadPoolExecutor(6) as threads:
        statuses = list(threads.map(lambda _: post(store, text)[0], range(6)))
    assert sorted(statuses) == [303, *[403] * 5]


def test_every_refusal_is_the_same_page(store, token):
    used = token()
    assert post(store, used)[0] == 303
    tokens = [used, "", "x", token(expires=int(time.time()) - 1), token(store="https://other.example.com"), token(secret="another store's"), *spoilt(token())]
    answers = [post(store, text) for text in tokens] + [post(store, token(), field="token[]")]
    assert {(status, body) for status, _, body in answers} == {(403, answers[0][2])}
    assert "can be used once" in answers[0][2] and all(headers["Set-Cookie"] is None for _, headers, _ in answers)
    assert store.ask(PATH, {}, method="PUT").status == 405


def test_a_user_who_is_gone_is_said_so(store, token):
    status, headers, body = post(store, token(user="nobody@example.com"))
    assert status == 409 and "no administrator “nobody@example.com” any more" in body and headers["Set-Cookie"] is None


def test_no_token_is_logged(store, token):
    text = token()
    assert post(store, text)[0] == 303
    log = store.log.read_text()
    assert "the platform signed owner@example.com in" in log and text.split(".")[2] not in log


def test_the_page_posts_what_stands_behind_the_hash(store, token):
    with chromium() as browser:
        page = browser.new_page()
        url = store.environment["STORE_URL"]
        page.goto(f"{url}{PATH}")
        expect(page.get_by_role("status")).to_contain_text("can be used once")
        page.goto("about:blank")
        page.goto(f"{url}{PATH}#{token()}")
        page.wait_for_url(re.compile(re.escape(url) + "/app"))
        assert page.evaluate("fetch('/admin/users/me').then((answer) => answer.status)") == 200
