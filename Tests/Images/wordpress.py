"""The WordPress image as the chart runs it, with a real MariaDB: the fixtures and questions that its tests share.

On a Debian base the image has WordPress alone. WORDPRESS_DIR=DIR (a tree of WordPress with WooCommerce in it) or WOOCOMMERCE_ZIP=FILE
(the plugin's archive; needs a WordPress that it accepts) makes it a store that sells, and BASE_IMAGE=wordpress:… the shipped one.
"""

import hashlib
import os
import pathlib
import re
import shutil
import tempfile

import pytest
from charts import WOOCOMMERCE, render, worker_values
from containers import ROOT, Container, base, build
from pods import Pod, Secrets
from waiting import until

URL = "http://acme.localhost:8080"
NAME = "Ada's \"Store\" & Söhne"
FOLDER = ROOT / "docker/wordpress-woocommerce"


def build_image(name: str = "wordpress", extensions: str | None = None, archives: dict | None = None, **arguments) -> str:
    """Builds the image with what WORDPRESS_DIR and WOOCOMMERCE_ZIP give; `archives` are further files of the build context "given"."""
    tree, archive = os.environ.get("WORDPRESS_DIR"), os.environ.get("WOOCOMMERCE_ZIP")
    arguments.setdefault("BASE_IMAGE", base())
    with tempfile.TemporaryDirectory(prefix="sw-given-") as given:
        given = pathlib.Path(given)
        # Never empty: an empty build context cannot be mounted.
        (given / "README").write_text("what Tests/Images gives the build\n")
        if tree:
            shutil.copytree(tree, given / "wordpress", symlinks=True)
        if archive:
            data = pathlib.Path(archive).read_bytes()
            version = arguments.setdefault("WOOCOMMERCE_VERSION", "0.0.0")
            arguments.setdefault("WOOCOMMERCE_SHA256", hashlib.sha256(data).hexdigest())
            (given / f"woocommerce.{version}.zip").write_bytes(data)
        for file, data in (archives or {}).items():
            (given / file).write_bytes(data)
        if extensions is not None:
            (given / "extensions.json").write_text(extensions)
        return build(name, FOLDER, contexts={"given": given}, **arguments)


@pytest.fixture(scope="session")
def image():
    return build_image()


@pytest.fixture(scope="module")
def secret():
    return Secrets()


@pytest.fixture(scope="module")
def values():
    """Further values of the chart; a module may have its own."""
    return {}


@pytest.fixture(scope="module")
def pod(image, folder, secret, values):
    return make_pod(image, folder, secret, **values)


def make_pod(image, folder, secret, **values) -> Pod:
    """The pod of a release with these values."""
    objects = render(WOOCOMMERCE, "prod", worker_values(**{"storeName": NAME, "publicPort": 8080, **values}))
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


def value_of(database, option: str) -> str | None:
    """An option of WordPress as it is stored."""
    rows = query(database, f"SELECT option_value FROM wordpress.wp_options WHERE option_name = '{option}'").stdout.splitlines()
    return rows[1] if len(rows) > 1 else None


def dump(database) -> str:
    """All of the store's data, in a fixed order."""
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
def store(pod, database, first_run):
    """The web server, once it answers."""
    with serve(pod, database) as it:
        until(lambda: get(it, "/-/ready", check=False)[0] == 200, it)
        yield it


def serve(pod, database, **options) -> Container:
    return pod.start("wordpress", network=database, **options)


@pytest.fixture(scope="session")
def sells(image):
    """Whether WooCommerce is in the image."""
    with Container(image, "test", "-d", "/srv/wordpress/wp-content/plugins/woocommerce") as it:
        return it.wait() == 0


def needs_woocommerce(sells: bool) -> None:
    """Ends a test that has nothing to look at without the plugin, and says what it needs."""
    if not sells:
        pytest.skip("WooCommerce is not in this image: set WORDPRESS_DIR or WOOCOMMERCE_ZIP")


def get(store, path: str, *options, check=True) -> tuple[int, str]:
    """Asks as the ingress does, under the store's host name; the status and the body."""
    resolve = ["--resolve", "acme.localhost:8080:127.0.0.1"]
    done = store.beside("curl", "-sS", "--max-time", "60", "-w", "\n%{http_code}", *resolve, *options, URL + path, check=check)
    body, _, status = done.stdout.rpartition("\n")
    return int(status) if status.isdigit() else 0, body


def log_in(store, password: str, *options, name: str = "admin") -> tuple[int, str]:
    return get(store, "/wp-login.php", "-i", "-b", "wordpress_test_cookie=WP%20Cookie%20check", "--data-urlencode", f"log={name}", "--data-urlencode", f"pwd={password}",
               "-d", "wp-submit=Log+In", "-d", "testcookie=1", *options)


def steps(said: str) -> dict:
    return dict(reversed(line.split(None, 1)) for line in said.splitlines() if re.match(r"(done|kept|skipped|again) ", line))


def check(pod, database) -> tuple[int, str]:
    """What `helm test` runs."""
    with pod.start("wordpress", network=database, command=["env", "STORE_SERVICE=http://127.0.0.1:8080", "store-check"]) as it:
        return it.wait(), it.logs()
