"""The administrator is signed in by a token of the platform's, once."""

import json
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from admin_session import VECTORS, make_token, spoilt
from wordpress import URL, get, query

PATH = "/-/admin-session"


@pytest.fixture
def token(secret):
    """Makes tokens of this store's."""
    return lambda **changes: make_token(**{"secret": secret("wordpress-secret", "nonce-salt"), "store": URL, "user": "admin", **changes})


def post(store, text: str, *options) -> tuple[int, str]:
    return get(store, PATH, "-i", "--data-urlencode", f"token={text}", *options)


def claims(store, token: str, secret: str, address: str, now: int):
    """What the image's own verification says of a token."""
    program = 'require "/srv/admin-session/token.php"; echo json_encode(session_claims(...json_decode($argv[1])));'
    return json.loads(store.execute("php", "-r", program, json.dumps([token, secret, address, now])).stdout)


@pytest.mark.parametrize("it", VECTORS, ids=lambda it: it["user"])
def test_tokens_are_what_the_platform_makes(store, it):
    said = claims(store, it["token"], it["secret"], it["store"], it["expiresAt"] - 1)
    assert said == {"nonce": it["nonce"], "expires": it["expiresAt"], "user": it["user"]}
    assert claims(store, it["token"], it["secret"], it["store"], it["expiresAt"]) is None
    assert claims(store, it["token"], it["secret"], "https://other.example.com", 0) is None
    assert claims(store, it["token"], it["secret"] + "x", it["store"], 0) is None
    assert claims(store, it["token"], "", it["store"], 0) is None
    assert [text for text in spoilt(it["token"]) if claims(store, text, it["secret"], it["store"], 0) is not None] == []


def test_a_token_signs_the_administrator_in_for_a_working_day(store, token):
    before = int(time.time())
    status, head = post(store, token())
    assert status == 303 and re.search(rf"(?im)^location: {re.escape(URL)}/wp-admin/\r?$", head), head
    cookies = re.findall(r"(?im)^set-cookie: (.*)", head)
    signed_in = [it for it in cookies if it.startswith("wordpress_logged_in_")]
    assert len(signed_in) == 1 and "HttpOnly" in signed_in[0]
    # It ends with the browser, and at the server after eight hours.
    assert not any("expires=" in it.lower() and "=deleted" not in it and "=+" not in it for it in cookies if it.startswith("wordpress_")), cookies
    ends = int(re.search(r"=admin%7C(\d+)%7C", signed_in[0])[1])
    assert before + 8 * 3600 <= ends <= int(time.time()) + 8 * 3600
    status, body = get(store, "/wp-admin/", "-b", "; ".join(it.split(";")[0] for it in cookies))
    assert status == 200 and "Dashboard" in body


def test_a_token_is_good_once_also_for_many_at_once(store, token):
    text = token()
    with ThreadPoolExecutor(6) as threads:
        statuses = [it[0] for it in threads.map(lambda _: post(store, text), range(6))]
    assert sorted(statuses) == [303, *[403] * 5]
    assert post(store, text)[0] == 403


def test_every_refusal_is_the_same_page(store, token):
    used = token()
    assert post(store, used)[0] == 303
    tokens = [used, "", "x", "v1." + "9" * 1900, token(expires=int(time.time()) - 1), token(store="https://other.example.com"), token(secret="another store's"), *spoilt(token())]
    answers = {(status, re.sub(r"(?im)nonce[-=]\S+|^date:.*$", "", page)) for status, page in (post(store, text) for text in tokens)}
    assert len(answers) == 1, answers
    [(status, page)] = answers
    assert status == 403 and "can be used once" in page and "no-store" in page and "set-cookie" not in page.lower()
    assert get(store, PATH, "--data", "token[]=x")[0] == 403
    assert get(store, PATH, "-X", "PUT")[0] == 405


def test_an_administrator_who_is_gone_or_is_none_any_more_is_said_so(store, token, database):
    for user, statement in (("nobody-at-all", None), ("admin", "UPDATE wordpress.wp_usermeta SET meta_value = 'a:1:{s:8:\"customer\";b:1;}' WHERE meta_key = 'wp_capabilities' AND user_id = 1")):
        if statement:
            before = query(database, "SELECT meta_value FROM wordpress.wp_usermeta WHERE meta_key = 'wp_capabilities' AND user_id = 1").stdout.splitlines()[1]
            query(database, statement)
        status, page = post(store, token(user=user))
        assert status == 409 and f"no administrator “{user}” any more" in page and "set-cookie" not in page.lower()
    query(database, f"UPDATE wordpress.wp_usermeta SET meta_value = '{before}' WHERE meta_key = 'wp_capabilities' AND user_id = 1")
    assert post(store, token())[0] == 303


def test_what_is_kept_of_a_token_goes_after_its_time(store, token, database):
    kept = "SELECT count(*) FROM wordpress.wp_options WHERE option_name = 'store_weaver_session_old'"
    query(database, "INSERT INTO wordpress.wp_options (option_name, option_value, autoload) VALUES ('store_weaver_session_old', '1000', 'no')")
    assert query(database, kept).stdout.split()[-1] == "1"
    assert post(store, token())[0] == 303
    assert query(database, kept).stdout.split()[-1] == "0"


def test_no_token_is_logged(store, token):
    text = token()
    assert post(store, text)[0] == 303
    assert "the platform signed admin in" in store.logs()
    assert text.split(".")[2] not in store.logs() and PATH not in store.logs()


def test_the_page_posts_what_stands_behind_the_hash(store, token):
    """In a browser, which runs the page's script under the page's own policy."""
    def opened(address: str) -> str:
        return store.beside(os.environ["BROWSER_PATH"], "--headless", "--no-sandbox", "--disable-dev-shm-usage", "--virtual-time-budget=20000", "--dump-dom", address).stdout

    assert 'id="wpadminbar"' in opened(f"{URL}{PATH}#{token()}")
    assert "can be used once" in opened(f"{URL}{PATH}")
    assert "can be used once" in opened(f"{URL}{PATH}#x")
