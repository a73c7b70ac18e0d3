"""Medusa's packages need npm, which the suite does without: here its sources are parsed, and the scripts that need no package run."""

import pytest
from containers import ROOT, Container, build

FOLDER = ROOT / "docker/medusa-backend"
SOURCES = [*FOLDER.rglob("*.ts"), *(ROOT / "docker/medusa-storefront/site").glob("*.js")]


@pytest.fixture(scope="module")
def node():
    """A container with Debian's Node.js and esbuild, and the folders of the images' sources."""
    image = build("node", ROOT / "Tests/Images/node", BASE_IMAGE="localhost/store-weaver-test/debian")
    with Container(image, "sleep", "infinity", options=["--volume", f"{ROOT / 'docker'}:/docker:ro"]) as it:
        yield it


def inside(path) -> str:
    return "/docker/" + str(path.relative_to(ROOT / "docker"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda it: it.name)
def test_sources_parse(node, path):
    done = node.execute("esbuild", "--log-level=warning", inside(path), check=False)
    assert done.returncode == 0, done.stdout


def test_the_parser_notices(node):
    done = node.execute("sh", "-c", "echo 'const = {' >/tmp/broken.ts; esbuild --log-level=warning /tmp/broken.ts", check=False)
    assert done.returncode == 1


def test_waiting_ends_when_the_port_answers_and_when_time_is_over(node):
    wait = inside(FOLDER / "bin/wait-for")
    late = f"(sleep 2; exec node -e 'require(\"net\").createServer().listen(7001).unref(); setTimeout(() => {{}}, 20000)') & node {wait} 127.0.0.1 7001 20"
    assert node.execute("sh", "-c", late, check=False).returncode == 0
    done = node.execute("node", wait, "127.0.0.1", "7002", "1", check=False)
    assert done.returncode == 1 and "127.0.0.1:7002 did not answer within 1 s" in done.stdout


SETTINGS = """
import { databaseUrl, redisUrl, storeUrl } from "/docker/medusa-backend/src/lib/settings"
console.log(databaseUrl(), redisUrl(), storeUrl())
"""


def settings(node, *environment: str):
    bundle = f"printf '%s' '{SETTINGS}' | esbuild --bundle --platform=node --loader=ts --log-level=error >/tmp/settings.js"
    node.execute("sh", "-c", bundle)
    return node.execute("env", *environment, "node", "/tmp/settings.js", check=False)


def test_addresses_are_made_of_secret_files(node):
    node.execute("sh", "-c", "mkdir -p /tmp/secrets && printf 'p@ss/1\\n' >/tmp/secrets/postgres-password && printf 'r:1' >/tmp/secrets/redis-password")
    done = settings(node, "SECRETS_DIR=/tmp/secrets", "DATABASE_HOST=db", "REDIS_HOST=cache", "STORE_URL=https://acme.example/")
    assert done.stdout.split() == ["postgres://medusa:p%40ss%2F1@db:5432/medusa", "redis://:r%3A1@cache:6379", "https://acme.example"]


def test_a_missing_secret_file_is_named(node):
    done = settings(node, "SECRETS_DIR=/tmp/nothing", "DATABASE_HOST=db")
    assert done.returncode != 0 and "the secret file /tmp/nothing/postgres-password is missing or empty" in done.stdout
