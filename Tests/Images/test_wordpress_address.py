"""A store has one address: visitors of its other hosts are sent there, and of hosts that are not its own nobody is sent anywhere."""

import pytest
from wordpress import URL

OWN = "shop.example.com"


@pytest.fixture(scope="module")
def values():
    return {"domains": [{"host": OWN, "secret": f"domain-{OWN}"}]}


def ask(store, path: str, *options: str, host: str = OWN) -> str:
    """The status, and where it leads."""
    asked = ["-sS", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "--path-as-is", "-H", f"Host: {host}:8080", *options]
    return store.beside("curl", *asked, f"http://127.0.0.1:8080{path}").stdout.strip()


@pytest.mark.parametrize("path", ["/", "/?a=b%20c", "/sample-page/", "/wp-login.php?action=lostpassword", "//elsewhere.example.com/", "/robots.txt"])
def test_who_comes_to_another_host_is_sent_to_the_address(store, path):
    assert ask(store, path) == f"301 {URL}{path}"
    assert ask(store, path, "--head") == f"301 {URL}{path}"


@pytest.mark.parametrize("path", ["/-/live", "/-/ready", "/?rest_route=/"])
def test_the_platforms_questions_and_the_api_are_answered_at_every_host(store, path):
    assert ask(store, path) == "200"


def test_what_is_sent_to_another_host_is_taken_there(store):
    assert not ask(store, "/", "--data", "a=b").startswith("301 ")


@pytest.mark.parametrize("host", ["acme.localhost", "ACME.localhost", "elsewhere.example.com", "10.0.0.1"])
def test_at_its_address_and_at_hosts_that_are_not_its_own_the_page_is_answered(store, host):
    assert ask(store, "/", host=host).split()[0] == "200"
