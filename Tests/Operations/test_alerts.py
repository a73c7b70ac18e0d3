"""Alert rules, their unit tests, the dashboard and the runbook, held against each other and against what programs tell."""

import json
import os
import re
import subprocess

import pytest
import yaml
from stack import ROOT

FOLDER = ROOT / "deploy" / "prometheus"
CATALOGUE = ROOT / "Sources" / "Observability" / "Metrics" / "MetricCatalogue.swift"
RULES = {rule["alert"]: rule for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"] for rule in group["rules"]}
METRICS = dict(re.findall(r'^ +"(storeweaver_\w+)": \.init\(\s*kind: \.(\w+)', CATALOGUE.read_text(), re.MULTILINE))


def promtool(*arguments: str, folder=FOLDER) -> subprocess.CompletedProcess:
    return subprocess.run([os.environ["PROMTOOL_PATH"], *arguments], cwd=folder, capture_output=True, text=True, check=False)


def metrics_in(expression: str) -> set[str]:
    """The catalogue's names of the metrics in an expression."""
    found = set()
    for name in re.findall(r"storeweaver_\w+", expression):
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        found.add(base if METRICS.get(base) == "histogram" else name)
    return found


def test_the_catalogue_was_read():
    assert len(METRICS) > 25 and set(METRICS.values()) == {"counter", "gauge", "histogram"}


@pytest.mark.parametrize(
    "arguments",
    [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts-test.yaml"]], ids=" ".join,
)
def test_promtool_is_content(arguments):
    result = promtool(*arguments)
    assert result.returncode == 0, result.stdout + result.stderr


def test_promtool_is_content_with_the_configuration(tmp_path):
    """But for how pods are found: Debian builds it without Kubernetes."""
    configuration = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())
    for job in configuration["scrape_configs"]:
        assert job.pop("kubernetes_sd_configs")[0]["role"] == "pod"
    (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(configuration))
    (tmp_path / "alerts.yaml").write_text((FOLDER / "alerts.yaml").read_text())
    result = promtool("check", "config", "prometheus.yaml", folder=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_promtool_notices_an_alert_that_does_not_fire(tmp_path):
    broken = (FOLDER / "alerts.yaml").read_text().replace("storeweaver_redis_up) == 0", "storeweaver_redis_up) == 7")
    (tmp_path / "alerts.yaml").write_text(broken)
    (tmp_path / "alerts-test.yaml").write_text((FOLDER / "alerts-test.yaml").read_text())
    result = promtool("test", "rules", "alerts-test.yaml", folder=tmp_path)
    assert result.returncode != 0 and "StoreWeaverRedisDown" in result.stdout + result.stderr


def test_every_alert_has_a_test_in_which_it_fires():
    tests = yaml.safe_load((FOLDER / "alerts-test.yaml").read_text())["tests"]
    assert {f"{name} fires" for name in RULES} <= {test["name"] for test in tests}


def test_every_alert_has_a_section_in_the_runbook_and_leads_there():
    alerts = (ROOT / "docs" / "runbook.md").read_text().split("\n## Alerts\n")[1].split("\n## ")[0]
    sections = set(re.findall(r"^### (\w+)$", alerts, re.MULTILINE))
    assert sections == set(RULES)
    for name, rule in RULES.items():
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{name.lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_the_dashboard_marks_when_an_alert_fires():
    [marks] = json.loads((FOLDER / "dashboard.json").read_text())["annotations"]["list"]
    names = re.search(r'alertname=~"([^"]+)"', marks["expr"])[1]
    assert [name for name in RULES if not re.fullmatch(names, name)] == []


def test_rules_and_dashboard_ask_for_metrics_that_there_are_and_the_dashboard_for_all():
    dashboard = json.loads((FOLDER / "dashboard.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    shown = set().union(*(metrics_in(expression) for expression in expressions))
    asked = set().union(*(metrics_in(rule["expr"]) for rule in RULES.values()))
    assert asked <= set(METRICS), asked - set(METRICS)
    assert shown == set(METRICS), shown ^ set(METRICS)


def test_the_dashboards_expressions_can_be_read(tmp_path):
    dashboard = json.loads((FOLDER / "dashboard.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(expressions)]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    result = promtool("check", "rules", "rules.yaml", folder=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_panels_do_not_lie_upon_each_other():
    dashboard = json.loads((FOLDER / "dashboard.json").read_text())
    cells = [
        (x, y)
        for panel in dashboard["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells)) and max(x for x, _ in cells) < 24
