"""The sources of Medusa's images, parsed, and what of them needs no package run; scripts/test medusa builds and runs the whole."""

import pytest
from containers import ROOT, Container, build

FOLDER = ROOT / "docker/medusa-backend"
SOURCES = [*FOLDER.rglob("*.ts"), *(ROOT / "docker/medusa-storefront/site").rglob("*.js")]


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
