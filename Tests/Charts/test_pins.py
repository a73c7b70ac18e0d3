"""`scripts/images --update`, with stand-ins for wordpress.org and the registry."""

import hashlib
import http.server
import json
import shutil
import subprocess
import sys
import threading

import pytest
from charts import ROOT

ARCHIVE = b"the plugin's archive"
DIGEST = "sha256:" + "d" * 64
TAGS = ["latest", "7.1-php8.4-apache", "7.2.10-php8.4-apache", "7.2.9-php8.4-apache", "7.9.0-php8.4-fpm", "8.0.0-beta-php8.4-apache"]


class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.partition("?")[0]
        bodies = {
            "/plugins/info/1.2/": json.dumps({"version": "99.1.0"}).encode(),
            "/plugin/woocommerce.99.1.0.zip": ARCHIVE,
            "/token": json.dumps({"token": "open"}).encode(),
            "/v2/library/wordpress/tags/list": json.dumps({"tags": TAGS}).encode(),
        }
        known = path in bodies or path.startswith("/v2/") and "/manifests/" in path
        needs = path.startswith("/v2/") and self.headers["Authorization"] != "Bearer open"
        self.send_response(401 if needs else 200 if known else 404)
        self.send_header("Docker-Content-Digest", DIGEST)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(bodies.get(path, b""))

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture
def web():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def copy(tmp_path):
    """What is pinned, in a checkout of its own."""
    for part in ("docker", "helm/store"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "docker", "helm"], cwd=tmp_path, check=True)
    return tmp_path


def update(root, web: str, registry: str | None = None):
    options = ["--wordpress-api", web, "--downloads", web, "--registry", registry or web, "--auth", web]
    return subprocess.run([sys.executable, ROOT / "scripts/lib/pins.py", root, *options], capture_output=True, text=True, check=False)


def test_the_newest_releases_are_pinned_with_their_sums(copy, web):
    done = update(copy, web)
    assert done.returncode == 0, done.stderr
    dockerfile = (copy / "docker/wordpress-woocommerce/Dockerfile").read_text()
    for line in ("BASE_IMAGE=wordpress:7.2.10-php8.4-apache", f"BASE_DIGEST={DIGEST}", "WOOCOMMERCE_VERSION=99.1.0", f"WOOCOMMERCE_SHA256={hashlib.sha256(ARCHIVE).hexdigest()}"):
        assert f"ARG {line}\n" in dockerfile and line in done.stdout
    assert 'appVersion: "99.1.0"' in (copy / "helm/store/Chart.yaml").read_text()
    assert "storeplatform/wordpress-woocommerce:99.1.0" in (copy / "docker/README.md").read_text()
    assert update(copy, web).stdout == ""


def test_nothing_is_changed_when_something_cannot_be_had(copy, web):
    before = subprocess.run(["git", "status", "--porcelain"], cwd=copy, capture_output=True, text=True, check=True).stdout
    done = update(copy, web, registry="http://127.0.0.1:1")
    assert done.returncode == 1 and "Nothing was changed" in done.stderr
    assert subprocess.run(["git", "diff"], cwd=copy, capture_output=True, text=True, check=True).stdout == ""
    assert subprocess.run(["git", "status", "--porcelain"], cwd=copy, capture_output=True, text=True, check=True).stdout == before
