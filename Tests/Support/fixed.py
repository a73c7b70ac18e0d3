"""What of a chart's objects an upgrade cannot change, or must not: by Kubernetes' rules, or since a store's data hangs on it.

Each version of a chart has a record of it in Tests/Charts/released, by which later versions are judged. Once for each new version:

    PYTHONPATH=Tests/Support python Tests/Support/fixed.py
"""

import json

import yaml
from charts import CHARTS, ENVIRONMENTS, ROOT, Chart, quantity, render, worker_values

RECORDS = ROOT / "Tests/Charts/released"
# What is found by its name: one that is gone leaves a store without its address, its data or what serves it.
NAMED = ("Deployment", "StatefulSet", "Service", "PersistentVolumeClaim", "Ingress")


def version_of(chart: Chart) -> str:
    return yaml.safe_load((chart.path / "Chart.yaml").read_text())["version"]


def number(version: str) -> tuple:
    return tuple(int(it) for it in version.split("."))


def facts(it: dict) -> dict:
    """Of one object."""
    spec = it.get("spec", {})
    match it["kind"]:
        case "Deployment":
            return {"selector": spec["selector"]}
        case "StatefulSet":
            names = ("selector", "serviceName", "volumeClaimTemplates", "podManagementPolicy")
            return {name: spec.get(name) for name in names}
        case "PersistentVolumeClaim":
            names = ("accessModes", "volumeMode", "volumeName", "selector", "dataSource", "storageClassName")
            return {name: spec.get(name) for name in names} | {"size": spec["resources"]["requests"]["storage"]}
        case "Service":
            return {"clusterIP": spec.get("clusterIP")}
    return {}


def fixed(objects: list) -> dict:
    return {f"{it['kind']}/{it['metadata']['name']}": facts(it) for it in objects if it["kind"] in NAMED}


def of_now(chart: Chart) -> dict:
    return {environment: fixed(render(chart, environment, worker_values())) for environment in ENVIRONMENTS}


def changes(old: dict, new: dict):
    """What an upgrade from the one to the other would be refused for, or lose."""
    for environment, objects in old.items():
        for name, was in objects.items():
            if name not in new[environment]:
                yield f"{environment}: {name} is gone"
                continue
            now = new[environment][name]
            for fact in was:
                if fact == "size":
                    if quantity(now[fact]) < quantity(was[fact]):
                        yield f"{environment}: {name} is smaller: {now[fact]} instead of {was[fact]}"
                elif now.get(fact) != was[fact]:
                    yield f"{environment}: {name} has another {fact}: {now.get(fact)} instead of {was[fact]}"


def recorded(chart: Chart) -> dict[str, dict]:
    """By version, the oldest first."""
    found = {file.stem.removeprefix(chart.engine + "-"): json.loads(file.read_text()) for file in RECORDS.glob(f"{chart.engine}-*.json")}
    return dict(sorted(found.items(), key=lambda it: number(it[0])))


def record(chart: Chart, version: str, what: dict) -> None:
    (RECORDS / f"{chart.engine}-{version}.json").write_text(json.dumps(what, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    for each in CHARTS:
        record(each, version_of(each), of_now(each))
