#!/usr/bin/env python3
"""Raises what the images pin: `scripts/images --update`.

usage: pins.py ROOT [--wordpress-api URL] [--downloads URL] [--registry URL] [--auth URL]

- docker/wordpress-woocommerce: the newest release of WooCommerce with its archive's SHA-256, the newest official WordPress image of the
  same PHP; the chart's appVersion and every mention of the image's tag follow.
- every Dockerfile below docker/ that has both BASE_IMAGE and BASE_DIGEST: the digest of that tag as the registry has it now.

Prints a line for each pin that changed. Changes nothing when anything cannot be had. The result is to be tried and committed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import urllib.parse
import urllib.request

MANIFESTS = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"


class Sources:
    """Where versions, archives and digests are asked for."""

    def __init__(self, options):
        self.api, self.downloads = options.wordpress_api, options.downloads
        self.registry, self.auth = options.registry, options.auth
        self.tokens = {}

    def fetch(self, url: str, method="GET", **headers) -> tuple[dict, bytes]:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers), timeout=120) as answer:
                return answer.headers, answer.read()
        except OSError as error:
            sys.exit(f"error: {url}: {error}\n       Nothing was changed.")

    def woocommerce(self) -> tuple[str, str]:
        """The newest release's version and SHA-256."""
        query = urllib.parse.urlencode({"action": "plugin_information", "request[slug]": "woocommerce"})
        version = json.loads(self.fetch(f"{self.api}/plugins/info/1.2/?{query}")[1])["version"]
        return version, hashlib.sha256(self.fetch(f"{self.downloads}/plugin/woocommerce.{version}.zip")[1]).hexdigest()

    def _ask_registry(self, repository: str, path: str, method="GET", accept="application/json"):
        if repository not in self.tokens:
            scope = urllib.parse.urlencode({"service": "registry.docker.io", "scope": f"repository:{repository}:pull"})
            self.tokens[repository] = json.loads(self.fetch(f"{self.auth}/token?{scope}")[1])["token"]
        return self.fetch(f"{self.registry}/v2/{repository}/{path}", method, Authorization=f"Bearer {self.tokens[repository]}", Accept=accept)

    def newest(self, image: str) -> str:
        """The image's newest tag of the same form, e.g. 7.1.3-php8.4-apache."""
        name, tag = image.split(":")
        variant = re.sub(r"^[\d.]+", "", tag)
        form = re.compile(r"(\d+(?:\.\d+)+)" + re.escape(variant))
        tags = json.loads(self._ask_registry(repository_of(name), "tags/list")[1])["tags"]
        versions = [found[1] for it in tags if (found := form.fullmatch(it))]
        best = max(versions, key=lambda it: [int(part) for part in it.split(".")])
        return f"{name}:{best}{variant}"

    def digest(self, image: str) -> str:
        name, tag = image.split(":")
        return self._ask_registry(repository_of(name), f"manifests/{tag}", "HEAD", MANIFESTS)[0]["Docker-Content-Digest"]


def repository_of(name: str) -> str:
    """Docker Hub's full name: its own images have no owner in theirs."""
    return name if "/" in name else f"library/{name}"


def argument(text: str, name: str) -> str | None:
    found = re.search(rf'^ARG {name}="?([^"\n]*)"?$', text, re.M)
    return found and found[1]


def with_argument(text: str, name: str, value: str) -> str:
    return re.sub(rf"^ARG {name}=.*$", f"ARG {name}={value}", text, count=1, flags=re.M)


def pin(root: pathlib.Path, sources: Sources) -> dict:
    """The new text of each file that a raised pin changes."""
    changed = {}
    for path in sorted(root.glob("docker/*/Dockerfile")):
        text = path.read_text()
        image = argument(text, "BASE_IMAGE")
        if argument(text, "BASE_DIGEST") is None or not image:
            continue
        if path.parent.name == "wordpress-woocommerce":
            image = sources.newest(image)
            version, sum_ = sources.woocommerce()
            text = with_argument(with_argument(text, "WOOCOMMERCE_VERSION", version), "WOOCOMMERCE_SHA256", sum_)
            changed |= retagged(root, version)
        changed[path] = with_argument(with_argument(text, "BASE_IMAGE", image), "BASE_DIGEST", sources.digest(image))
    return changed


def retagged(root: pathlib.Path, version: str) -> dict:
    """The chart's appVersion, and every tracked file that names the image."""
    chart = root / "helm/store/Chart.yaml"
    old = re.search(r'^appVersion: "(.*)"$', chart.read_text(), re.M)[1]
    name = "storeplatform/wordpress-woocommerce:"
    found = subprocess.run(["git", "-C", root, "grep", "-lF", name + old], capture_output=True, text=True, check=False).stdout.split()
    changed = {root / file: (root / file).read_text().replace(name + old, name + version) for file in found}
    changed[chart] = chart.read_text().replace(f'appVersion: "{old}"', f'appVersion: "{version}"')
    return changed


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--wordpress-api", default="https://api.wordpress.org")
    parser.add_argument("--downloads", default="https://downloads.wordpress.org")
    parser.add_argument("--registry", default="https://registry-1.docker.io")
    parser.add_argument("--auth", default="https://auth.docker.io")
    options = parser.parse_args()
    for path, text in pin(options.root, Sources(options)).items():
        before = path.read_text()
        path.write_text(text)
        for old, new in zip(before.splitlines(), text.splitlines()):
            if old != new:
                print(f"{path.relative_to(options.root)}: {new.strip()}")


if __name__ == "__main__":
    main()
