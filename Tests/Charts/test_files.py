"""Linters over the files beside the templates: Dockerfiles, shell, YAML and JSON. PHP is parsed in its image (Tests/Images)."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from charts import ROOT

BIN = Path(sys.executable).parent
DOCKER = ROOT / "docker"
SCRIPTS = sorted([*DOCKER.glob("*/bin/*"), *ROOT.glob("helm/*/files/*-start")])


def first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").split("\n", 1)[0]


def shows(path: Path) -> str:
    return str(path.relative_to(ROOT))


def run(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run([str(it) for it in arguments], capture_output=True, text=True, timeout=60, check=False)


def hadolint(path: Path):
    return run(BIN / "hadolint", path)


def shellcheck(path: Path):
    return run(BIN / "shellcheck", path)


def yamllint(path: Path):
    return run(BIN / "yamllint", "--strict", "--config-file", ROOT / ".yamllint", path)


@pytest.mark.parametrize("path", sorted([*DOCKER.glob("*/Dockerfile"), *ROOT.glob("Tests/Images/*/Dockerfile")]), ids=shows)
def test_dockerfiles(path):
    done = hadolint(path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", [it for it in SCRIPTS if first_line(it) in ("#!/bin/bash", "#!/bin/sh", "#!/usr/bin/env bash")], ids=shows)
def test_shell(path):
    done = shellcheck(path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sorted(ROOT.glob("helm/*/*.yaml")), ids=shows)
def test_yaml(path):
    done = yamllint(path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sorted([*ROOT.glob("helm/*/values.schema.json"), *DOCKER.glob("*/*.json")]), ids=shows)
def test_json(path):
    json.loads(path.read_text(encoding="utf-8"))


def test_the_linters_notice(tmp_path):
    broken = {hadolint: "FROM debian\nRUN cd / && sudo ls\n", shellcheck: "#!/bin/sh\nrm $1/*\n", yamllint: "a: 1\na: 2\n"}
    for lint, text in broken.items():
        path = tmp_path / "Dockerfile"
        path.write_text(text)
        assert lint(path).returncode != 0, lint.__name__


def test_every_script_can_be_run():
    assert [shows(it) for it in SCRIPTS if not it.stat().st_mode & 0o100] == []


# What is asked within a pod alone: a check, and the vault's storage, which has no password.
OWN_POD = ("pg_isready", "request(", "restic-rest-server", "rclone, serve")


def test_web_servers_listen_at_every_address():
    """Of IPv6, too: what names one address of IPv4 is not reached on a cluster of IPv6 alone."""
    served = [it for it in DOCKER.rglob("*") if it.suffix in (".conf", ".ts") and "node_modules" not in it.parts]
    served += [*ROOT.glob("helm/*/templates/*"), *ROOT.glob("helm/*/files/*")]
    for path in served:
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                assert not re.search(r"(?i)(listen|host).*\b(0\.0\.0\.0|127\.0\.0\.1)\b(?!/)", line) or any(it in line for it in OWN_POD), f"{shows(path)}: {line}"


def test_image_tags_are_the_charts_versions():
    """The images bake in what the charts call their appVersion."""
    def version(chart):
        return yaml.safe_load((ROOT / f"helm/{chart}/Chart.yaml").read_text())["appVersion"]
    assert f"WOOCOMMERCE_VERSION={version('store')}\n" in (DOCKER / "wordpress-woocommerce/Dockerfile").read_text()
    packages = json.loads((DOCKER / "medusa-backend/package.json").read_text())["dependencies"]
    assert {it for name, it in packages.items() if name.startswith("@medusajs/")} == {version("medusa-store")}
