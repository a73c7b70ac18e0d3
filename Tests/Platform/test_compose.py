"""docker/compose.yaml, which no test can run without Docker: what it names is there."""

import re

import pytest
import yaml
from charts import CHARTS, ROOT, containers, pod_specs, worker_values
from charts import render as render_store
from platform_chart import render

COMPOSE = yaml.safe_load((ROOT / "docker/compose.yaml").read_text())
SERVICES = COMPOSE["services"]


def documented_settings() -> set:
    cells = [line.split("|")[1] for line in (ROOT / "docs/settings.md").read_text().splitlines() if line.startswith("| `")]
    return set(re.findall(r"`([A-Z_]+)`", " ".join(cells)))


def chart_images() -> set:
    objects = [render(), *(render_store(chart, "local", worker_values()) for chart in CHARTS)]
    return {c["image"] for it in objects for _, _, spec in pod_specs(it) for c in containers(spec)}


def test_its_images_are_the_charts():
    # Without a vault.
    charts = {it for it in chart_images() if it.startswith("storeplatform/")} - {"storeplatform/store-vault:1.0.0", "storeplatform/store-keeper:1.0.0"}
    images = {it["image"] for it in SERVICES.values()} | set(SERVICES["stores"]["environment"]["IMAGES"].split())
    assert {it for it in images if it.startswith("storeplatform/")} == charts
    assert {SERVICES["postgres"]["image"], SERVICES["redis"]["image"]} <= chart_images()
    assert not [it for it in images if ":" not in it or it.endswith(":latest")]


@pytest.mark.parametrize("name", ["migrate", "api", "worker"])
def test_the_programs_settings_are_documented_and_they_are_hardened(name):
    it = SERVICES[name]
    assert set(it["environment"]) <= documented_settings()
    assert it["read_only"] and it["cap_drop"] == ["ALL"] and it["tmpfs"] == ["/tmp"]


def test_what_is_built_has_a_target_of_the_dockerfile():
    dockerfile = (ROOT / "docker/platform/Dockerfile").read_text()
    built = {it["image"].split("/")[1].split(":")[0]: it["build"] for it in SERVICES.values() if "build" in it}
    assert set(built) == {"store-api", "store-worker"}
    for target, build in built.items():
        assert build == {"context": "..", "dockerfile": "docker/platform/Dockerfile", "target": target}
        assert re.search(rf"^FROM runtime AS {target}$", dockerfile, re.MULTILINE)


def test_services_and_volumes_that_are_named_are_there():
    for name, it in SERVICES.items():
        assert set(it.get("depends_on", {})) <= set(SERVICES), name
        for volume in it.get("volumes", []):
            source = volume.split(":")[0]
            assert source.startswith(("/", ".")) or source in COMPOSE["volumes"], f"{name}: {volume}"
    for name, condition in ((n, c["condition"]) for it in SERVICES.values() for n, c in it.get("depends_on", {}).items()):
        assert condition != "service_healthy" or "healthcheck" in SERVICES[name]


def test_nothing_but_stores_is_open_beyond_this_machine():
    assert {name: it["ports"] for name, it in SERVICES.items() if "ports" in it} == {"k3s": ["80:80"], "api": ["127.0.0.1:3000:3000"]}
