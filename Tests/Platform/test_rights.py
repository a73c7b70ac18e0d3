"""What the workers' account may do, held against the charts, the watched kinds and the policies that close what roles cannot."""

import re

import celpy
import pytest
from celpy.adapter import json_to_cel
from charts import CHARTS, ROOT, worker_values
from charts import render as render_store
from platform_chart import NAMESPACE, RELEASE, render
from rights import Ask, allows, grants

ACCOUNT = f"system:serviceaccount:{NAMESPACE}:{RELEASE}-worker"
GROUPS = {"v1": "", "apps/v1": "apps", "networking.k8s.io/v1": "networking.k8s.io"}


def rules(name: str) -> list:
    return render().find("ClusterRole", f"{RELEASE}-{name}")["rules"]


def resource(kind: str) -> str:
    return re.sub("y$", "ie", kind.lower()) + ("es" if kind.endswith("s") else "s")


def store_kinds() -> set:
    """Group and resource of everything that a store's release consists of; the test's pod is an operator's."""
    objects = [it for chart in CHARTS for it in render_store(chart, "prod", worker_values(scheme="https"))]
    return {(GROUPS[it["apiVersion"]], resource(it["kind"])) for it in objects if "helm.sh/hook" not in it["metadata"].get("annotations", {})}


def test_everything_that_the_charts_render_can_be_installed_changed_and_removed():
    kinds = store_kinds()
    assert len(kinds) == 9
    for group, name in kinds:
        for verb in ("get", "list", "watch", "create", "patch", "delete"):
            assert allows(rules("store"), Ask(verb, group, name)), f"{verb} {name}"


def test_nothing_else_can_be_made_or_changed_in_a_store():
    changing = {(it.group, it.resource) for it in grants(rules("store")) if it.verb not in ("get", "list", "watch")}
    # Through the service proxy nothing of the cluster's is made: it is the store that is asked for a cart.
    assert changing == store_kinds() | {("", "secrets"), ("", "pods"), ("", "services/proxy"), ("batch", "jobs")}
    assert {it.verb for it in grants(rules("store")) if it.resource == "jobs"} == {"get", "list", "watch", "create", "update", "delete"}
    assert {it.verb for it in grants(rules("store")) if it.resource == "services/proxy"} == {"get", "create"}
    assert {it.verb for it in grants(rules("store")) if it.resource == "pods"} == {"list", "watch", "delete"}


def test_the_watched_kinds_are_the_only_ones_seen_over_all_namespaces():
    swift = (ROOT / "Sources/Observation/ObservedKind.swift").read_text()
    cases = re.search(r"case (\w+(?:, \w+)+)\n", swift)[1].split(", ")
    named = {"claims": "persistentvolumeclaims", "quotas": "resourcequotas"}
    observed = {named.get(case, case.lower()) for case in cases}
    # Nodes are listed for their addresses, by which stores admit the service proxy; storage classes say whether volumes grow.
    for verb, seen in (("list", observed | {"nodes"}), ("watch", observed), ("get", {"namespaces", "storageclasses"})):
        assert {it.resource for it in grants(rules("worker")) if it.verb == verb} == seen
    assert allows(rules("worker"), Ask("get", "storage.k8s.io", "storageclasses"))
    # What pods use is of a group of its own, where there is a metrics server.
    assert allows(rules("worker"), Ask("list", "metrics.k8s.io", "pods"))


def test_over_all_namespaces_no_secret_is_seen_and_nothing_made_but_namespaces_and_bindings():
    wide = grants(rules("worker"))
    assert "secrets" not in {it.resource for it in wide}
    assert {(it.verb, it.resource, it.name) for it in wide if it.verb not in ("get", "list", "watch")} == {
        ("create", "namespaces", ""), ("delete", "namespaces", ""), ("create", "rolebindings", ""), ("bind", "clusterroles", f"{RELEASE}-store"),
    }


@pytest.mark.parametrize("role", ["worker", "store"])
def test_no_rule_has_a_star_or_a_dangerous_verb(role):
    for it in grants(rules(role)):
        assert "*" not in (it.verb, it.group, it.resource)
        assert it.verb not in ("escalate", "impersonate", "deletecollection", "approve", "sign")
        assert it.resource not in ("pods/exec", "pods/attach", "pods/portforward", "serviceaccounts/token", "nodes/proxy", "namespaces/finalize")


def test_the_account_has_these_roles_and_no_others():
    objects = render()
    assert not objects.of("Role", "RoleBinding")
    (binding,) = objects.of("ClusterRoleBinding")
    assert binding["roleRef"]["name"] == f"{RELEASE}-worker"
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": f"{RELEASE}-worker", "namespace": NAMESPACE}]


# ---- the admission policies, evaluated as CEL ------------------------------------------------------------------------------

STORE_LABELS = {"app.kubernetes.io/managed-by": "store-weaver", "pod-security.kubernetes.io/enforce": "restricted"}
BINDING = {"metadata": {"name": "store-worker"}, "roleRef": {"kind": "ClusterRole", "name": f"{RELEASE}-store"},
           "subjects": [{"kind": "ServiceAccount", "name": f"{RELEASE}-worker", "namespace": NAMESPACE}]}


def evaluate(expression: str, variables: dict) -> bool:
    environment = celpy.Environment()
    program = environment.program(environment.compile(expression))
    return bool(program.evaluate({name: json_to_cel(value) for name, value in variables.items()}))


def admitted(policy: str, operation: str, object_=None, old=None, namespace=None, user=ACCOUNT) -> bool:
    spec = render().find("ValidatingAdmissionPolicy", f"{RELEASE}-worker-{policy}")["spec"]
    variables = {"request": {"operation": operation, "userInfo": {"username": user}}, "object": object_, "oldObject": old, "namespaceObject": namespace}
    if not all(evaluate(it["expression"], variables) for it in spec["matchConditions"]):
        return True
    return all(evaluate(it["expression"], variables) for it in spec["validations"])


def named(name="store-acme", labels=STORE_LABELS) -> dict:
    return {"metadata": {"name": name, **({"labels": labels} if labels is not None else {})}}


def test_a_worker_makes_stores_namespaces_alone():
    assert admitted("namespaces", "CREATE", named())
    assert not admitted("namespaces", "CREATE", named("evil"))
    assert not admitted("namespaces", "CREATE", named(labels=None))
    assert not admitted("namespaces", "CREATE", named(labels={**STORE_LABELS, "app.kubernetes.io/managed-by": "me"}))
    assert not admitted("namespaces", "CREATE", named(labels={**STORE_LABELS, "pod-security.kubernetes.io/enforce": "privileged"}))


def test_a_worker_deletes_stores_namespaces_alone():
    assert admitted("namespaces", "DELETE", old=named())
    assert not admitted("namespaces", "DELETE", old=named("kube-system", None))
    assert not admitted("namespaces", "DELETE", old=named("store-of-another", {"a": "b"}))


def test_a_worker_grants_its_own_role_to_itself_in_stores_namespaces_alone():
    assert admitted("bindings", "CREATE", BINDING, namespace=named())
    assert not admitted("bindings", "CREATE", BINDING, namespace=named("kube-system", None))
    assert not admitted("bindings", "CREATE", BINDING, namespace=named("weaver-system", {"a": "b"}))
    assert not admitted("bindings", "CREATE", {**BINDING, "roleRef": {"kind": "ClusterRole", "name": "admin"}}, namespace=named())
    assert not admitted("bindings", "CREATE", {**BINDING, "subjects": [{"kind": "User", "name": "me", "namespace": ""}]}, namespace=named())
    assert not admitted("bindings", "CREATE", {**BINDING, "subjects": [*BINDING["subjects"], {"kind": "ServiceAccount", "name": "default", "namespace": "x"}]}, namespace=named())


def test_nobody_else_is_held_by_the_policies():
    assert admitted("namespaces", "DELETE", old=named("kube-public", None), user="admin")
    assert admitted("bindings", "CREATE", {**BINDING, "roleRef": {"kind": "ClusterRole", "name": "view"}}, namespace=named("x", None), user="admin")


def test_the_policies_are_in_force_and_refuse():
    objects = render()
    for it in objects.of("ValidatingAdmissionPolicy"):
        assert it["spec"]["failurePolicy"] == "Fail"
        binding = objects.find("ValidatingAdmissionPolicyBinding", it["metadata"]["name"])["spec"]
        assert binding == {"policyName": it["metadata"]["name"], "validationActions": ["Deny"]}
