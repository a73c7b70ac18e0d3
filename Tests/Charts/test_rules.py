"""Every rule of the table holds for every rendering, and notices a spoilt one."""

import itertools
import re

import pytest
from charts import CHARTS, ENVIRONMENTS, PLANS, ROOT, render, worker_values
from rules import RULES

TLS = {"http": {}, "https": {"scheme": "https", "ingress": {"tls": {"enabled": True}}},
       "outside": {"scheme": "https", "ingress": {"tls": {"enabled": False}}}}
# Ids begin with a letter; the charts must not depend on it.
IDS = ("a1b2c3d4e5f6", "012345678901", "123456789012", "1e1000000000", "0x1234567890", "null", "true", "9a", "abc-def")
NAMES = ("Acme Electronics", "  'quotes\" and \\ back", "$(HOME) ${X} {{ .Values }}", "yes", "12", "名前 🛒", "a: b # c", "x\ufeffy", "x\u2028y")
MATRIX = [(c, e, p, t) for c, e, p, t in itertools.product(CHARTS, ENVIRONMENTS, PLANS, TLS)]


def case(chart, environment, plan="small", tls="http", **more):
    return render(chart, environment, worker_values(plan=plan, **TLS[tls], **more))


def complaints(objects):
    return [f"{rule.name}: {text}" for rule in RULES for text in rule.check(objects)]


def chart_id(value):
    return getattr(value, "engine", None) or str(value)


@pytest.mark.parametrize(("chart", "environment", "plan", "tls"), MATRIX, ids=chart_id)
def test_rules_hold(chart, environment, plan, tls):
    assert complaints(case(chart, environment, plan, tls)) == []


@pytest.mark.parametrize("away", ["asleep", "closed", "shut"])
@pytest.mark.parametrize("tls", TLS)
@pytest.mark.parametrize("chart", CHARTS, ids=chart_id)
def test_rules_hold_for_a_store_that_is_away(chart, tls, away):
    assert complaints(case(chart, "prod", tls=tls, **{away: True})) == []


@pytest.mark.parametrize("store_id", IDS)
@pytest.mark.parametrize("chart", CHARTS, ids=chart_id)
def test_rules_hold_for_odd_ids(chart, store_id):
    assert complaints(case(chart, "prod", store_id=store_id, host="1.127.0.0.1.nip.io")) == []


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
@pytest.mark.parametrize("chart", CHARTS, ids=chart_id)
def test_rules_hold_for_odd_names(chart, name):
    assert complaints(case(chart, "local", storeName=name)) == []


@pytest.mark.parametrize("values", [{"tls": "http"}, {"tls": "https"}, {"asleep": True}, {"closed": True}, {"shut": True}], ids=str)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("chart", CHARTS, ids=chart_id)
def test_each_rule_can_fail(chart, rule, values):
    objects = case(chart, "prod", **values)
    rule.spoil(objects)
    assert list(rule.check(objects)), f"{rule.name} does not notice what it is there for"


def test_the_documented_table_is_this_one():
    page = (ROOT / "docs/charts.md").read_text(encoding="utf-8")
    table = page.partition("\n## Rules of the store charts\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(cells))) == sorted(rule.name for rule in RULES)
