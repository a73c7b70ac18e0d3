"""The WooCommerce image as the chart runs it, with a real MariaDB: built, set up twice, visited.

On a Debian base the plugin cannot be had: its part is skipped by name, and the shop has no catalogue. On the real base
(BASE_IMAGE=wordpress:…) the same tests place an order.
"""

import html
import re

import pytest
from charts import WOOCOMMERCE, render, worker_values
from containers import ROOT, Container, base, build, podman
from pods import Pod, Secrets
from waiting import until

SHOP = "http://acme.localhost:8080"
NAME = "Ada's \"Shop\" & Söhne"


@pytest.fixture(scope="module")
def secret():
    return Secrets()


@pytest.fixture(scope="module")
def image():
    return build("wordpress", ROOT / "docker/wordpress-woocommerce", BASE_IMAGE=base())


@pytest.fixture(scope="module")
def pod(image, folder, secret):
    objects = render(WOOCOMMERCE, "prod", worker_values(storeName=NAME, publicPort=8080))
    return Pod(objects, objects.find("Deployment", "wordpress"), folder, secret, image)


@pytest.fixture(scope="module")
def database(folder, secret):
    password = folder / "mysql-password"
    password.write_text(secret("mysql-secret", "mysql-password"))
    options = ["--volume", f"{password}:/run/password:ro"]
    for name, value in {"MYSQL_DATABASE": "wordpress", "MYSQL_USER": "wordpress", "MYSQL_PASSWORD_FILE": "/run/password"}.items():
        options += ["--env", f"{name}={value}"]
    with Container(build("mariadb", ROOT / "Tests/Images/mariadb", BASE_IMAGE="localhost/store-weaver-test/debian"), options=options) as it:
        until(lambda: query(it, "SELECT 1", check=False).returncode == 0, it)
        yield it


def query(database, statement: str, check=True):
    return database.execute("mariadb", "--socket=/tmp/mysqld.sock", "--execute", statement, check=check)


def dump(database) -> str:
    """All of the shop's data, in a fixed order."""
    return database.execute("mariadb-dump", "--socket=/tmp/mysqld.sock", "--skip-dump-date", "--skip-extended-insert", "--order-by-primary", "wordpress").stdout


def set_up(pod, database, **environment) -> tuple[int, str]:
    with pod.start("setup", network=database, environment=environment) as step:
        code = step.wait()
        return code, step.logs()


@pytest.fixture(scope="module")
def first_run(pod, database):
    code, said = set_up(pod, database)
    assert code == 0, said
    return said


@pytest.fixture(scope="module")
def shop(pod, database, first_run):
    """The web server, once it answers."""
    with pod.start("wordpress", network=database) as it:
        until(lambda: it.beside("curl", "-fsS", "http://127.0.0.1:8080/-/ready", check=False).returncode == 0, it)
        yield it


@pytest.fixture(scope="module")
def sells(pod, database):
    """Whether WooCommerce is in the image."""
    with pod.start("wordpress", network=database, command=["test", "-d", "/srv/shop/wp-content/plugins/woocommerce"]) as it:
        return it.wait() == 0


def get(shop, path: str, *options) -> tuple[int, str]:
    """Asks as the ingress does, under the shop's host name; the status and the body."""
    resolve = ["--resolve", "acme.localhost:8080:127.0.0.1"]
    done = shop.beside("curl", "-sS", "--max-time", "30", "-w", "\n%{http_code}", *resolve, *options, SHOP + path)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def steps(said: str) -> dict:
    return dict(reversed(line.split(None, 1)) for line in said.splitlines() if re.match(r"(done|kept|skipped) ", line))


def test_the_first_run_installs(first_run, sells):
    done = steps(first_run)
    assert done["WordPress is installed"] == "done"
    assert done["the setup is marked as done"] == "done"
    skipped = [what for what, word in done.items() if word == "skipped"]
    assert skipped == ([] if sells else ["WooCommerce: the plugin is not in this image (a Debian base); this is a WordPress site, not a shop"])


def test_a_second_run_changes_nothing(pod, database, first_run):
    before = dump(database)
    code, said = set_up(pod, database)
    assert code == 0, said
    assert "done" not in steps(said).values(), said
    assert dump(database) == before


def test_no_secret_is_said_or_in_the_environment(pod, database, first_run, shop, secret):
    said = first_run + shop.logs() + shop.inspect("{{.Config.Env}} {{.Config.Cmd}}")
    texts = [text for (_, key), text in secret.items() if key not in Secrets.KNOWN]
    assert len(texts) == 10
    assert [text for text in texts if text in said] == []


def test_the_front_page_is_the_shops(shop):
    status, body = get(shop, "/")
    assert status == 200
    title = re.search(r"<title>(.*?)</title>", body)
    assert title and re.sub("[‘’]", "'", re.sub("[“”]", '"', html.unescape(title[1]))) == NAME, body[:2000]
    assert "install.php" not in body


def log_in(shop, password: str) -> tuple[int, str]:
    return get(shop, "/wp-login.php", "-i", "-b", "wordpress_test_cookie=WP%20Cookie%20check", "--data-urlencode", "log=admin", "--data-urlencode", f"pwd={password}",
               "-d", "wp-submit=Log+In", "-d", "testcookie=1")


def test_the_owner_logs_in_with_the_secrets_password(shop, secret):
    status, head = log_in(shop, secret("wordpress-secret", "admin-password"))
    assert (status, "wordpress_logged_in_" in head) == (302, True)
    cookies = "; ".join(re.findall(r"(?im)^set-cookie: ([^;]+)", head))
    status, body = get(shop, "/wp-admin/", "-b", cookies)
    assert status == 200 and "Dashboard" in body


def test_nobody_logs_in_with_another_password(shop):
    status, head = log_in(shop, "wrong")
    assert (status, "wordpress_logged_in_" in head) == (200, False)


def test_the_catalogue_is_served_or_said_to_be_missing(shop, sells):
    done = shop.beside(ROOT / "scripts/place-order", SHOP, "--engine", "woocommerce", check=False)
    if sells:
        assert re.fullmatch(r"order \d+ placed\n", done.stdout)
    else:
        assert done.returncode == 1
        assert "no order was placed: catalogue: GET /wp-json/wc/store/v1/products" in done.stdout and "404" in done.stdout


def test_helm_test_says_the_same(pod, database, shop, sells):
    with pod.start("wordpress", network=database, command=["env", "STORE_SERVICE=http://127.0.0.1:8080", "store-check"]) as it:
        code, said = it.wait(), it.logs()
    assert (code, said.strip()) == ((0, "ok: the front page answers and the catalogue has products") if sells else (1, said.strip()))
    assert sells or "GET /?rest_route=/wc/store/v1/products&per_page=1: HTTP/1.1 404" in said


def test_uploaded_code_is_not_run(shop, folder):
    path = folder / "uploads/evil.php"
    path.write_text("<?php echo 'ran';")
    path.chmod(0o644)
    assert get(shop, "/wp-content/uploads/evil.php")[0] == 403
    path.rename(folder / "uploads/fine.txt")
    assert get(shop, "/wp-content/uploads/fine.txt")[0] == 200


def test_the_shops_user_owns_no_code_and_can_write_nothing_but_its_mounts(shop):
    owned = shop.execute("sh", "-c", "find /srv /usr /etc -xdev -user 33 -not -path /srv/uploads 2>/dev/null || true").stdout.split()
    assert owned == []
    assert shop.execute("touch", "/srv/shop/x", check=False).returncode != 0
    assert shop.execute("touch", "/srv/uploads/x").returncode == 0


def test_php_of_the_image_parses(shop):
    files = shop.execute("find", "/srv/shop/wp-config.php", "/srv/health", "/usr/local/share/store-weaver", "/usr/local/bin/store-check", "-type", "f", "-not", "-name", "*.ini").stdout.split()
    assert len(files) == 6
    for file in files:
        assert "No syntax errors" in shop.execute("php", "-l", file).stdout


def test_due_events_run(pod, database, shop):
    with pod.start("cron", network=database) as it:
        # The first round is over when it sleeps.
        until(lambda: it.execute("sh", "-c", "cat /proc/[0-9]*/comm | grep -qx sleep", check=False).returncode == 0, it)
        assert "failed" not in it.logs()


def test_a_database_that_is_away_makes_the_shop_unready_not_dead(shop, database):
    probes = ["/-/live", "/-/ready"]
    assert [get(shop, path)[0] for path in probes] == [200, 200]
    query(database, "ALTER USER wordpress@'%' ACCOUNT LOCK")
    assert [get(shop, path)[0] for path in probes] == [200, 503]
    query(database, "ALTER USER wordpress@'%' ACCOUNT UNLOCK")
    assert [get(shop, path)[0] for path in probes] == [200, 200]


def test_a_setup_that_is_not_let_in_ends_with_a_reason(pod, database):
    code, said = set_up(pod, database, WORDPRESS_DB_USER="nobody", SETUP_TIMEOUT_SECONDS="2")
    assert code == 1
    assert "the database mysql:3306 did not let nobody in within 2 s" in said


def test_apache_ends_on_its_stop_signal(pod):
    with pod.start("wordpress") as it:
        until(lambda: it.beside("curl", "-fsS", "http://127.0.0.1:8080/-/live", check=False).returncode == 0, it)
        podman("stop", "--time", "20", it.id)
        assert it.inspect("{{.State.ExitCode}}") == "0", it.logs()


