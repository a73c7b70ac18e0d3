"""The WordPress image: set up, visited, sold from, stopped."""

import html
import re

from containers import ROOT, podman
from pods import Secrets
from waiting import until
from wordpress import NAME, URL, check, get, log_in, query, set_up, steps


def test_the_first_run_installs(first_run, sells):
    done = steps(first_run)
    assert done["the administrator"] == "done"
    assert ("begun with the image's seed" in done) == sells
    assert done["the setup is marked as done"] == "done"
    assert done.get("the store takes an order") == ("done" if sells else None)
    skipped = [what for what, word in done.items() if word == "skipped"]
    assert skipped == ([] if sells else ["WooCommerce: the plugin is not in this image (a Debian base); this is a WordPress site, not a store"])


def test_no_secret_is_said_or_in_the_environment(first_run, store, secret):
    said = first_run + store.logs() + store.inspect("{{.Config.Env}} {{.Config.Cmd}}")
    texts = [text for (_, key), text in secret.items() if key not in Secrets.KNOWN]
    assert len(texts) == 10
    assert [text for text in texts if text in said] == []


def test_the_front_page_is_the_stores(store, sells):
    status, body = get(store, "/")
    assert status == 200
    title = re.search(r"<title>(.*?)</title>", body)
    assert title and re.sub("[‘’]", "'", re.sub("[“”]", '"', html.unescape(title[1]))) == NAME, body[:2000]
    assert "install.php" not in body
    for filler in ("Hello world", "Sample Page", "Twenty Twenty", "Proudly powered"):
        assert filler not in body
    assert not sells or ("Sample Mug" in body and re.search(r"<img[^>]+sample-sample-mug", body))


def test_the_start_asks_for_the_first_page_itself(store):
    until(lambda: re.search(r'"GET / HTTP/1\.0" 200 .*"store-serve"', store.logs()), store)


def test_the_owner_logs_in_with_the_secrets_password(store, secret):
    status, head = log_in(store, secret("wordpress-secret", "admin-password"))
    assert (status, "wordpress_logged_in_" in head) == (302, True)
    cookies = "; ".join(re.findall(r"(?im)^set-cookie: ([^;]+)", head))
    status, body = get(store, "/wp-admin/", "-b", cookies)
    assert status == 200 and "Dashboard" in body


def test_nobody_logs_in_with_another_password(store):
    status, head = log_in(store, "wrong")
    assert (status, "wordpress_logged_in_" in head) == (200, False)


def test_an_order_is_placed_or_the_catalogue_said_to_be_missing(store, sells):
    done = store.beside(ROOT / "scripts/place-order", URL, "--engine", "woocommerce", check=False)
    if sells:
        assert re.fullmatch(r"order \d+ placed\n", done.stdout), done.stdout
    else:
        assert done.returncode == 1
        assert "no order was placed: catalogue: GET /wp-json/wc/store/v1/products" in done.stdout and "404" in done.stdout


def test_helm_test_says_the_same(pod, database, store, sells):
    code, said = check(pod, database)
    assert (code, said.strip()) == ((0, "ok: the front page answers, the catalogue has products, an order is taken") if sells else (1, said.strip()))
    assert sells or "GET /?rest_route=/wc/store/v1/products&per_page=1: HTTP/1.1 404" in said


def test_orders_are_tried_for_the_operator_alone(store):
    assert get(store, "/-/order")[0] == 403
    assert get(store, "/-/order", "-H", "X-Store-Check: guessed")[0] == 403


def test_the_stores_user_owns_no_code_and_can_write_nothing_but_its_mounts(store):
    owned = store.execute("sh", "-c", "find /srv /usr /etc -xdev -user 33 -not -path '/srv/uploads*' 2>/dev/null || true").stdout.split()
    assert owned == []
    assert store.execute("test", "-e", "/usr/src/wordpress", check=False).returncode != 0
    assert store.execute("touch", "/srv/wordpress/x", check=False).returncode != 0
    assert store.execute("touch", "/srv/uploads/files/x").returncode == 0


def test_php_of_the_image_parses(store):
    files = store.execute("find", "/srv/wordpress/wp-config.php", "/srv/wordpress/wp-content/db-error.php", "/srv/health", "/srv/admin-session", "/usr/local/share/store-weaver", "/usr/local/bin/store-check",
                          "-type", "f", "-not", "-name", "*.ini", "-not", "-name", "*.json").stdout.split()
    assert len(files) > 15
    for file in files:
        assert "No syntax errors" in store.execute("php", "-l", file).stdout


def test_due_events_run(pod, database, store):
    with pod.start("cron", network=database) as it:
        # The first round is over when it sleeps.
        until(lambda: it.execute("sh", "-c", "cat /proc/[0-9]*/comm | grep -qx sleep", check=False).returncode == 0, it)
        assert "failed" not in it.logs()


def test_a_database_that_is_away_makes_the_store_unready_not_dead(store, database):
    probes = ["/-/live", "/-/ready"]
    assert [get(store, path)[0] for path in probes] == [200, 200]
    query(database, "ALTER USER wordpress@'%' ACCOUNT LOCK")
    assert [get(store, path)[0] for path in probes] == [200, 503]
    status, head = get(store, "/", "-i")
    assert status == 503 and re.search(r"(?im)^retry-after: \d+", head)
    query(database, "ALTER USER wordpress@'%' ACCOUNT UNLOCK")
    assert [get(store, path)[0] for path in probes] == [200, 200]


def test_a_setup_that_is_not_let_in_ends_with_a_reason(pod, database):
    code, said = set_up(pod, database, WORDPRESS_DB_USER="nobody", SETUP_TIMEOUT_SECONDS="2")
    assert code == 1
    assert "the database mysql:3306 did not let nobody in within 2 s" in said


def stopped_by(container, signal: str) -> int:
    """Its exit code after the signal."""
    podman("kill", "--signal", signal, container.id)
    return container.wait()


def test_apache_ends_on_its_stop_signal(pod):
    with pod.start("wordpress") as it:
        until(lambda: get(it, "/-/live", check=False)[0] == 200, it)
        podman("stop", "--time", "20", it.id)
        assert it.inspect("{{.State.ExitCode}}") == "0", it.logs()


def test_setup_and_cron_end_on_the_images_stop_signal_and_on_term(pod, database):
    for signal in ("WINCH", "TERM"):
        with pod.start("setup", environment={"WORDPRESS_DB_HOST": "127.0.0.1:1"}) as it:
            until(lambda: "php" in comms(it), it)
            assert stopped_by(it, signal) == 143
        with pod.start("cron", network=database) as it:
            until(lambda: "sleep" in comms(it), it)
            assert stopped_by(it, signal) == 0


def comms(container) -> str:
    return container.execute("sh", "-c", "cat /proc/[0-9]*/comm", check=False).stdout

