"""The storefront's image as the chart runs it: an unprivileged nginx before Medusa's pages. Its base is Debian's nginx unless STOREFRONT_BASE_IMAGE names another."""

import hashlib
import os
import re
import sys

import pytest
from charts import MEDUSA, render, worker_values
from containers import ROOT, build, podman
from pods import Pod, Secrets
from waiting import until

SITE = ROOT / "docker/medusa-storefront/site"
# What stands in for Medusa: it says what it was asked.
ECHO = """
import http.server
class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{self.command} {self.path}\\n{self.headers}".encode()
        status = int(self.path.rpartition("/")[2]) if self.path.startswith("/status/") else 200
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", 9000), Echo).serve_forever()
"""


@pytest.fixture(scope="module")
def pod(folder):
    debian = "localhost/store-weaver-test/debian"
    base = os.environ.get("STOREFRONT_BASE_IMAGE") or build("nginx", ROOT / "Tests/Images/nginx", BASE_IMAGE=debian)
    image = build("storefront", ROOT / "docker/medusa-storefront", BASE_IMAGE=base)
    objects = render(MEDUSA, "prod", worker_values())
    return Pod(objects, objects.find("Deployment", "a1b2c3d4e5f6-storefront"), folder, Secrets(), image)


@pytest.fixture(scope="module")
def alone(pod):
    """Without a Medusa behind it, as the chart names that."""
    with pod.start("storefront") as it:
        until(lambda: it.beside("curl", "-fsS", "http://127.0.0.1:8080/-/live", check=False).returncode == 0, it)
        yield it


@pytest.fixture(scope="module")
def before_medusa(pod):
    import subprocess

    with pod.start("storefront", environment={"MEDUSA_SERVICE": "127.0.0.1:9000"}) as it:
        until(lambda: it.beside("curl", "-fsS", "http://127.0.0.1:8080/-/live", check=False).returncode == 0, it)
        echo = subprocess.Popen(["nsenter", "--target", it.inspect("{{.State.Pid}}"), "--net", sys.executable, "-c", ECHO])
        until(lambda: get(it, "/")[0].startswith("200"), it)
        yield it
        echo.kill()
        echo.wait()


def get(container, path: str, *options: str) -> tuple[str, str, str]:
    """Status and media type, the headers, and the body."""
    said = container.beside("curl", "-sS", "-D", "-", "-w", "\n%{http_code} %{content_type}", *options, f"http://127.0.0.1:8080{path}").stdout
    head, _, rest = said.replace("\r\n", "\n").partition("\n\n")
    body, _, status = rest.rpartition("\n")
    return status, head, body


def version() -> str:
    digest = hashlib.md5(b"".join(path.read_bytes() for path in sorted((SITE / "assets").iterdir())))
    return digest.hexdigest()[:16]


@pytest.mark.parametrize(("file", "media"), [("storefront.css", "text/css"), ("storefront.js", "application/javascript")])
def test_files_are_kept_as_long_as_their_version_is_asked_for(alone, file, media):
    status, head, body = get(alone, f"/assets/{version()}/{file}")
    assert status.split(";")[0] == f"200 {media}" and body.strip() == (SITE / "assets" / file).read_text().strip()
    assert "max-age=31536000, immutable" in head
    assert "Cache-Control: no-cache" in get(alone, f"/assets/0/{file}")[1]


@pytest.mark.parametrize("path", ["/assets/0/nothing.css", "/assets/0/../away.en.html", "/assets/storefront.css/"])
def test_other_files_are_nobodys(before_medusa, path):
    status, _, body = get(before_medusa, path, "--path-as-is")
    assert status.startswith("404") or body.startswith("GET /")


@pytest.mark.parametrize(("language", "words"), [("en-GB", "back in a moment"), ("de-AT,en;q=0.5", "gleich wieder da"), ("fr", "back in a moment")])
def test_without_medusa_a_page_says_so(alone, language, words):
    status, head, body = get(alone, "/products", "-H", f"Accept-Language: {language}")
    assert status.split(";")[0] == "503 text/html" and words in body
    assert "Retry-After: 5" in head and "default-src 'none'" in head and "Cache-Control: no-store" in head


def test_the_visitors_choice_of_language_wins(alone):
    assert "gleich wieder da" in get(alone, "/", "-H", "Accept-Language: en", "-H", "Cookie: store_language=de")[2]


@pytest.mark.parametrize("code", [502, 503, 504])
def test_a_medusa_that_cannot_answer_is_said_in_the_same_page(before_medusa, code):
    status, head, body = get(before_medusa, f"/status/{code}")
    assert status.startswith("503") and "back in a moment" in body and "Retry-After: 5" in head


def test_pages_are_medusas(before_medusa):
    status, _, body = get(before_medusa, "/products/a%20b?q=c", "-H", "Host: store.example:8080", "-H", "Cookie: store_cart=1")
    assert status.startswith("200") and body.startswith("GET /products/a%20b?q=c")
    assert "Host: store.example:8080" in body and "Cookie: store_cart=1" in body
    assert re.search(rf"X-Assets-Version: {version()}$", body, re.M)
    assert get(before_medusa, "/status/404")[0].startswith("404")


def test_it_listens_at_addresses_of_ipv6_too(alone):
    """Where the machine has none, at those of IPv4 alone."""
    listening = alone.beside("cat", "/proc/net/tcp").stdout + alone.beside("cat", "/proc/net/tcp6", check=False).stdout
    assert "00000000:1F90 " in listening
    if "/proc/net/if_inet6" in alone.beside("ls", "/proc/net/if_inet6", check=False).stdout:
        assert alone.beside("curl", "-fsS", "http://[::1]:8080/-/live").stdout == "ok\n"


def test_it_ends_on_its_stop_signal(pod):
    with pod.start("storefront") as it:
        until(lambda: it.beside("curl", "-fsS", "http://127.0.0.1:8080/-/live", check=False).returncode == 0, it)
        podman("stop", "--time", "20", it.id)
        assert it.inspect("{{.State.ExitCode}}") == "0", it.logs()
