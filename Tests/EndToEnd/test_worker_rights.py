"""What workers and their Helm ask of the cluster, held against the roles that helm/platform gives them."""

import re

from platform_chart import RELEASE, render
from polling import until
from rights import Ask, allows, ask_of, grants

# Everybody who has an account may ask these: Kubernetes' own roles system:basic-user and system:discovery.
ANYBODYS = re.compile(r"/version|/openapi.*|/apis?|/api/v1|/apis/[^/]+(/[^/]+)?|/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")


def requests(stack, namespace: str | None = None) -> list:
    """The latest 2,000 of workers and Helm; of one namespace if it is named."""
    entries = stack.cluster("GET", "/simulator/requests?limit=2000" + (f"&namespace={namespace}" if namespace else "")).body["requests"]
    return [it for it in entries if it["userAgent"].startswith(("store-worker", "Helm")) and not ANYBODYS.fullmatch(it["path"])]


def rules(role: str) -> list:
    return render().find("ClusterRole", f"{RELEASE}-{role}")["rules"]


def live(stack, name: str, engine: str) -> list:
    """A store's whole life, with a failure and a retry in it; what was asked about it."""
    namespace = f"store-{name}"
    faults = {"faults": [{"kind": "unbound"}, {"kind": "imagePullFailure"}]}
    stack.faults("PUT", namespace, faults)
    try:
        store = stack.create(name, engine)
        stack.settled(store["id"], "failed")
        stack.faults("PUT", namespace, {"faults": [{"kind": "unbound"}]})
        stack.request("POST", f"/api/stores/{store['id']}/retry")
        stack.settled(store["id"], "ready")
        assert stack.request("GET", f"/api/stores/{store['id']}/logs").status == 200
        assert stack.request("POST", f"/api/stores/{store['id']}/backups").status == 202
        until(lambda: stack.store(store["id"])["activity"] is None, "the backup to end")
        assert [it["status"] for it in stack.request("GET", f"/api/stores/{store['id']}/backups").body["backups"]] == ["done"]
        stack.delete(store["id"])
    finally:
        stack.clear_fault(namespace)
    return requests(stack, namespace)


def test_workers_ask_for_nothing_beyond_their_roles_and_the_roles_allow_little_more(stack):
    # The simulator keeps 2,000 requests: what workers ask when they start has to be among them, whatever ran before.
    stack.lib("end_processes 40 store-worker-1 store-worker-2; launch_worker 1; launch_worker 2")
    until(lambda: stack.request("GET", "/api/health").status == 200, "the workers to be back")
    asked = [ask_of(it["method"], it["path"], it["query"]) for engine in ("woocommerce", "medusa") for it in live(stack, f"rights-{engine}", engine)]
    wide = [ask_of(it["method"], it["path"], it["query"]) for it in requests(stack) if it["userAgent"].startswith("store-worker")]
    in_stores = {ask for ask, namespace in asked if namespace}
    over_all = {ask for ask, namespace in wide + asked if not namespace}
    binding = Ask("create", "rbac.authorization.k8s.io", "rolebindings")
    assert [it for it in in_stores if it != binding and not allows(rules("store"), it)] == []
    assert [it for it in over_all | {binding} if not allows(rules("worker"), it)] == []
    assert binding in in_stores and len(in_stores) > 40 and len(over_all) > 20

    # What this run had no use for: Helm 4 makes objects by an apply (`patch`, for which a server asks for `create` too), Helm 3 by `create`;
    # `list` is for servers that do not stream a watch's first state, `watch` for objects that an uninstall waits for.
    unused = {(it.verb, it.resource) for it in grants(rules("store")) - in_stores}
    assert {verb for verb, _ in unused} <= {"create", "patch", "list", "watch"}, unused
    assert {resource for _, resource in unused}.isdisjoint({"secrets", "pods", "pods/log", "services/proxy", "events"}), unused
    # Which class a volume is of is asked when it is to grow.
    left = {(it.verb, it.resource) for it in grants(rules("worker")) - over_all - in_stores}
    assert left == {("bind", "clusterroles"), ("get", "storageclasses")}
