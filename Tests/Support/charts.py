"""Renders the charts with the real Helm and turns the result into objects."""

import functools
import json
import os
import pickle
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PLANS = ("small", "medium", "large")
ENVIRONMENTS = ("local", "prod")


@dataclass(frozen=True)
class Chart:
    """One of the charts and the names that clients and operators rely on (`{id}` stands for the store's id)."""

    engine: str
    path: Path
    app: str
    database: str
    ingress: str
    app_port: int
    secrets: dict = field(hash=False, compare=False)
    names: tuple = ()


SALTS = {f"{name}-{kind}" for name in ("auth", "secure-auth", "logged-in", "nonce") for kind in ("key", "salt")}
WOOCOMMERCE = Chart(
    engine="woocommerce",
    path=ROOT / "helm/store",
    app="wordpress",
    database="mysql",
    ingress="wordpress-ingress",
    app_port=8080,
    secrets={
        "mysql-secret": {"mysql-root-password", "mysql-password"},
        "wordpress-secret": {"admin-user", "admin-email", "admin-password"} | SALTS,
    },
    names=(
        "Deployment/wordpress", "StatefulSet/mysql", "Service/wordpress", "Service/mysql", "Ingress/wordpress-ingress",
        "ResourceQuota/store-quota", "NetworkPolicy/node-access", "PersistentVolumeClaim/mysql-data", "PersistentVolumeClaim/wordpress-uploads",
    ),
)
MEDUSA = Chart(
    engine="medusa",
    path=ROOT / "helm/medusa-store",
    app="{id}-medusa",
    database="{id}-postgres",
    ingress="{id}-ingress",
    app_port=9000,
    secrets={
        "{id}-secret": {
            "postgres-password", "redis-password", "jwt-secret", "cookie-secret", "admin-email", "admin-password",
        },
    },
    names=(
        "Deployment/{id}-medusa", "Deployment/{id}-redis", "Deployment/{id}-storefront", "StatefulSet/{id}-postgres",
        "Ingress/{id}-ingress", "ResourceQuota/store-quota", "NetworkPolicy/node-access",
        "PersistentVolumeClaim/{id}-postgres-data", "PersistentVolumeClaim/{id}-uploads-data", "PersistentVolumeClaim/{id}-redis-data",
    ),
)
CHARTS = (WOOCOMMERCE, MEDUSA)


def helms() -> dict:
    """The Helms to test with, by name: HELM_PATH and HELM3_PATH, else .tools/bin, else PATH. A missing one is an error."""
    found = {}
    for name, variable in (("helm", "HELM_PATH"), ("helm3", "HELM3_PATH")):
        path = os.environ.get(variable) or str(ROOT / ".tools/bin" / name)
        if not Path(path).is_file():
            path = shutil.which(name) or ""
        if not path:
            raise RuntimeError(f"{name} is missing: set {variable}, or run scripts/test, which gets it")
        found[name] = path
    return found


def run_helm(helm: str, arguments: list, values: dict | None = None, timeout: float = 60) -> subprocess.CompletedProcess:
    return subprocess.run(
        [helms()[helm], *arguments],
        # Helm reads JSON as YAML, which takes \ud83d\uded2 for two broken characters: beyond ASCII nothing is escaped.
        input=None if values is None else json.dumps(values, ensure_ascii=False),
        capture_output=True, text=True, timeout=timeout, check=False,
    )


# A node, and the first address of its pods' range: what the service proxy comes from.
NODES = ["10.41.0.2/32", "10.42.0.1/32"]


def worker_values(store_id="a1b2c3d4e5f6", **more) -> dict:
    """What the worker passes."""
    network = {"nodeCidrs": NODES, **more.pop("networkPolicy", {})}
    return {"storeId": store_id, "storeName": "Acme Electronics", "host": "acme.localhost", "scheme": "http", "networkPolicy": network, **more}


class Rendered(list):
    """The objects of one rendering, in order; `inputs` says how it was made."""

    inputs: dict
    chart: Chart
    store_id: str
    tls: bool

    def find(self, kind: str, name: str | None = None):
        for it in self:
            if it["kind"] == kind and name in (None, it["metadata"]["name"]):
                return it
        raise AssertionError(f"there is no {kind} {name or ''}")

    def of(self, *kinds: str) -> list:
        return [it for it in self if it["kind"] in kinds]

    def name(self, pattern: str) -> str:
        return pattern.replace("{id}", self.store_id)


def template(chart: Chart, environment: str, values: dict, helm="helm", path: Path | None = None):
    """`helm template` as the worker would install it; the finished process."""
    path = path or chart.path
    arguments = ["template", values["storeId"] if isinstance(values.get("storeId"), str) else "x", str(path),
                 "--namespace", "store-acme", "-f", str(path / f"values-{environment}.yaml"), "-f", "-"]
    return run_helm(helm, arguments, values)


# libyaml's is nine times as fast.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@functools.cache
def _objects(engine: str, environment: str, values: str, helm: str) -> bytes:
    chart = next(it for it in CHARTS if it.engine == engine)
    done = template(chart, environment, json.loads(values), helm)
    assert done.returncode == 0, done.stderr
    return pickle.dumps([it for it in yaml.load_all(done.stdout, LOADER) if it])  # noqa: S506  (a safe loader)


def render(chart: Chart, environment: str, values: dict, helm="helm") -> Rendered:
    """The rendered objects: a fresh copy at each call, which a test may spoil."""
    objects = Rendered(pickle.loads(_objects(chart.engine, environment, json.dumps(values), helm)))
    objects.chart, objects.store_id, objects.inputs = chart, values["storeId"], {"environment": environment, **values}
    scheme = values.get("scheme", "http")
    default = environment == "prod"
    objects.tls = scheme == "https" and values.get("ingress", {}).get("tls", {}).get("enabled", default)
    return objects


def pod_specs(objects: Rendered):
    """Each workload or pod with its pod's metadata and spec: (object, metadata, spec)."""
    for it in objects:
        if it["kind"] == "Pod":
            yield it, it["metadata"], it["spec"]
        elif it["kind"] in ("Deployment", "StatefulSet", "DaemonSet", "Job"):
            template_ = it["spec"]["template"]
            yield it, template_["metadata"], template_["spec"]
        elif it["kind"] == "CronJob":
            template_ = it["spec"]["jobTemplate"]["spec"]["template"]
            yield it, template_["metadata"], template_["spec"]


def store_file(objects: Rendered) -> dict:
    """What the chart tells the setup of the store."""
    return next(json.loads(it["data"]["store.json"]) for it in objects.of("ConfigMap") if "store.json" in it["data"])


def containers(spec: dict) -> list:
    return spec.get("initContainers", []) + spec["containers"]


def quantity(text) -> float:
    """A Kubernetes quantity as a number: cores or bytes."""
    text = str(text)
    for suffix, factor in (("Ki", 2**10), ("Mi", 2**20), ("Gi", 2**30), ("m", 1e-3), ("k", 1e3), ("M", 1e6), ("G", 1e9)):
        if text.endswith(suffix):
            return float(text[: -len(suffix)]) * factor
    return float(text)
