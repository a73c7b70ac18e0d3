"""The storefront's image as the chart runs it: plain files from an unprivileged nginx. Its base is Debian's nginx unless STOREFRONT_BASE_IMAGE names another."""

import os

import pytest
from charts import MEDUSA, render, worker_values
from containers import ROOT, build, podman
from pods import Pod, Secrets
from waiting import until


@pytest.fixture(scope="module")
def pod(folder):
    debian = "localhost/store-weaver-test/debian"
    base = os.environ.get("STOREFRONT_BASE_IMAGE") or build("nginx", ROOT / "Tests/Images/nginx", BASE_IMAGE=debian)
    image = build("storefront", ROOT / "docker/medusa-storefront", BASE_IMAGE=base)
    objects = render(MEDUSA, "prod", worker_values())
    return Pod(objects, objects.find("Deployment", "a1b2c3d4e5f6-storefront"), folder, Secrets(), image)


@pytest.fixture(scope="module")
def store(pod):
    with pod.start("storefront") as it:
        until(lambda: it.beside("curl", "-fsS", "http://127.0.0.1:8080/-/live", check=False).returncode == 0, it)
        yield it


def get(store, path: str) -> tuple[str, str]:
    """Status and media type, and the body."""
    body, _, head = store.beside("curl", "-sS", "-w", "\n%{http_code} %{content_type}", f"http://127.0.0.1:8080{path}").stdout.rpartition("\n")
    return head, body


@pytest.mark.parametrize(("path", "media", "file"), [
    ("/", "text/html", "index.html"), ("/storefront.css", "text/css", "store.css"), ("/storefront.js", "application/javascript", "store.js"),
    ("/robots.txt", "text/plain", "robots.txt"), ("/favicon.svg", "image/svg+xml", "favicon.svg"), ("/favicon.ico", "image/svg+xml", "favicon.svg"),
])
def test_pages_are_served(store, path, media, file):
    head, body = get(store, path)
    assert head.split(";")[0] == f"200 {media}"
    assert body.strip() == (ROOT / "docker/medusa-storefront/site" / file).read_text().strip()


# The admin's sign-in page asks for /cloud/auth, and takes a page for a yes.
@pytest.mark.parametrize("path", ["/any/page", "/cloud/auth", "/404.html", "/storefront.js/"])
def test_what_is_no_page_is_not_found(store, path):
    head, body = get(store, path)
    assert head.split(";")[0] == "404 text/html" and "Page not found" in body


def test_it_listens_at_addresses_of_ipv6_too(store):
    """Where the machine has none, at those of IPv4 alone."""
    listening = store.beside("cat", "/proc/net/tcp").stdout + store.beside("cat", "/proc/net/tcp6", check=False).stdout
    assert "00000000:1F90 " in listening
    if "/proc/net/if_inet6" in store.beside("ls", "/proc/net/if_inet6", check=False).stdout:
        assert store.beside("curl", "-fsS", "http://[::1]:8080/-/live").stdout == "ok\n"


def test_it_ends_on_its_stop_signal(pod):
    with pod.start("storefront") as it:
        until(lambda: it.beside("curl", "-fsS", "http://127.0.0.1:8080/-/live", check=False).returncode == 0, it)
        podman("stop", "--time", "20", it.id)
        assert it.inspect("{{.State.ExitCode}}") == "0", it.logs()
