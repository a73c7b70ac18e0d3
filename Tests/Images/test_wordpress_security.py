"""What a stranger may fetch, learn and try at a store's address."""

import re

import pytest
from wordpress import get, log_in


def put(folder, name: str, text: str = "x") -> str:
    """Puts a file into the uploads and answers its address."""
    path = folder / "uploads/files" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o644)
    return f"/wp-content/uploads/{name}"


@pytest.mark.parametrize("name", ["evil.php", "evil.phtml", "evil.PHP", "2020/01/evil.php7", "backup.sql", "debug.log", ".htaccess", ".env",
                                  "woocommerce_uploads/paid.zip", "wc-logs/fatal.txt", "wc-imports/customers.csv"])
def test_denied_uploads(store, folder, name):
    assert get(store, put(folder, name, "<?php echo 'ran';"))[0] == 403
    # However the address is written.
    assert get(store, put(folder, name).replace("/uploads/", "//uploads/./"), "--path-as-is")[0] == 403


def test_other_uploads_are_served(store, folder):
    status, body = get(store, put(folder, "fine.txt", "fine"), "-i")
    assert status == 200 and "nosniff" in body
    assert "ontent-disposition" not in get(store, put(folder, "fine.jpg"), "-i")[1]


@pytest.mark.parametrize("name", ["page.html", "page.htm", "drawing.svg", "data.xml", "page.xhtml"])
def test_what_a_browser_would_run_is_downloaded(store, folder, name):
    status, head = get(store, put(folder, name, "<script>alert(1)</script>"), "-i")
    assert status == 200
    assert re.search(r"(?im)^content-disposition: attachment", head) and re.search(r"(?im)^content-security-policy: sandbox", head)


@pytest.mark.parametrize("path", ["/wp-admin/install.php", "/wp-admin/setup-config.php", "/wp-config-docker.php", "/wp-config.php", "/wp-config-sample.php",
                                  "/xmlrpc.php", "/readme.html", "/license.txt", "/wp-content/plugins/woocommerce/readme.txt", "/-/order", "/server-status"])
def test_entrances_nobody_needs(store, path):
    assert get(store, path)[0] in (403, 404)


def test_an_upload_is_nobody_elses_to_write(store):
    """By WordPress's own hand, in the web server's process."""
    code = 'require "/srv/wordpress/wp-load.php"; umask(0027); $it = wp_upload_bits("a.txt", null, "x"); echo $it["file"], " ", decoct(fileperms($it["file"]) & 0777);'
    said = store.execute("php", "-r", code).stdout.split()
    assert said[0].startswith("/srv/wordpress/wp-content/uploads/") and said[1] in ("640", "644"), said
    assert store.execute("stat", "-c", "%a", "/srv/uploads/files").stdout.strip().endswith("750")


@pytest.mark.parametrize("path", ["/wp-json/wp/v2/users", "/?rest_route=/wp/v2/users", "/wp-json/wp/v2/users/1", "/?author=1", "/author/admin/", "/wp-sitemap-users-1.xml"])
def test_users_are_not_told(store, path):
    status, body = get(store, path, "-i")
    assert status in (401, 403, 404), (status, body[:300])
    assert not re.search(r"(?im)^location:.*author", body)


def test_the_login_page_does_not_say_whether_a_name_exists(store):
    texts = []
    for name in ("admin", "nobody-at-all"):
        body = log_in(store, "wrong", "-H", "X-Forwarded-For: 203.0.113.77", name=name)[1]
        texts.append(re.search(r'(?s)id="login_error".*?</div>', body)[0])
    assert texts[0] == texts[1]


def test_versions_are_not_told(store):
    version = store.execute("php", "-r", 'require "/srv/wordpress/wp-includes/version.php"; echo $wp_version;').stdout.strip()
    body = get(store, "/", "-i")[1]
    assert f"ver={version}" not in body and 'name="generator"' not in body
    assert not re.search(r"(?im)^(x-powered-by|server: apache/)", body)
    assert "<generator>" not in get(store, "/feed/")[1]


def test_guessing_passwords_is_slowed_down(store, secret):
    """Per visitor: another one, and the owner at another address, are not held up."""
    here, there = ("-H", "X-Forwarded-For: 203.0.113.5"), ("-H", "X-Forwarded-For: 203.0.113.6")
    assert [log_in(store, "wrong", *here)[0] for _ in range(5)] == [200] * 5
    # Each wait is longer than the last; what is asked in between is refused, so one of the next attempts is, however slow this machine.
    assert 429 in (log_in(store, "wrong", *here)[0] for _ in range(10))
    fail = '$_SERVER["REMOTE_ADDR"] = "203.0.113.5"; require "/srv/wordpress/wp-load.php"; for ($i = 0; $i < 12; $i++) store_login_failed();'
    store.execute("php", "-r", fail)
    status, head = log_in(store, secret("wordpress-secret", "admin-password"), *here)
    assert status == 429 and re.search(r"(?im)^retry-after: [1-9]", head)
    assert log_in(store, secret("wordpress-secret", "admin-password"), *there)[0] == 302


@pytest.mark.parametrize("told", [None, "https", "http", "https,http", "HTTPS"])
def test_the_configured_scheme_is_believed(store, told):
    """Login and front page answer, whatever the proxies in between say of their own legs: as PHP sees it, without another web server."""
    code = '$_SERVER += ["HTTP_HOST" => "acme.localhost", "REQUEST_URI" => "/wp-login.php", "REQUEST_METHOD" => "GET", "SERVER_PROTOCOL" => "HTTP/1.1"];' + (
        f'$_SERVER["HTTP_X_FORWARDED_PROTO"] = "{told}";' if told else "") + 'require "/srv/wordpress/wp-load.php"; echo is_ssl() ? "https" : "http";'
    for scheme in ("http", "https"):
        assert store.execute("env", f"STORE_URL={scheme}://acme.localhost", "php", "-r", code).stdout.strip() == scheme
