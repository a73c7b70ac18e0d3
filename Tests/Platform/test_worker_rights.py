"""On a real API server that asks RBAC: with the account that helm/platform gives the workers, found where a pod finds it, a store becomes ready
and goes again, and whatever is beyond its roles is refused. For the suite conformance alone: the simulated cluster has no roles."""

import json

import asking
import pytest
from charts import WOOCOMMERCE
from platforms import Platform
from programs import Programs
from rights import Ask, allows
from standin_store import ADDRESS, open_store

VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "escalate", "impersonate")
# Everybody's, by Kubernetes' own role system:basic-user.
ANYBODYS = {("create", "authorization.k8s.io", "selfsubjectaccessreviews"), ("create", "authorization.k8s.io", "selfsubjectrulesreviews"),
            ("create", "authentication.k8s.io", "selfsubjectreviews")}


class Account:
    """The workers' account; `folder` is what the kubelet mounts into a pod."""

    def __init__(self, cluster, platform: Platform):
        self.cluster, self.name = cluster, f"{platform.release}-worker"
        path = f"/api/v1/namespaces/{platform.namespace}/serviceaccounts/{self.name}/token"
        review = cluster.ask("POST", path, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 7200}})
        self.token = review["status"]["token"]
        self.folder = cluster.folder / self.name
        self.folder.mkdir()
        authority = (cluster.folder / "certificates/apiserver.crt").read_text()
        for name, text in {"token": self.token, "ca.crt": authority, "namespace": platform.namespace}.items():
            (self.folder / name).write_text(text)

    def ask(self, method: str, path: str, body: dict | None = None, media="application/json") -> tuple[int, dict]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": media}
        answer = asking.ask(self.cluster.url + path, method, body, headers, tls=self.cluster.tls)
        return answer.status, answer.body

    def may(self, ask: Ask, namespace: str) -> bool:
        resource, _, sub = ask.resource.partition("/")
        attributes = {"verb": ask.verb, "group": ask.group, "resource": resource, "subresource": sub, "namespace": namespace, "name": ask.name}
        status, review = self.ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}})
        assert status == 201, review
        return review["status"]["allowed"]


@pytest.fixture(scope="module")
def platform(cluster):
    with Platform(cluster, "helm") as it:
        it.install()
        yield it


@pytest.fixture(scope="module")
def account(cluster, platform):
    return Account(cluster, platform)


@pytest.fixture(scope="module")
def programs(cluster, platform, account):
    # No controller gives Ingresses addresses there.
    settings = {"INGRESS_ADDRESS_REQUIRED": "false", "WORKER_CLUSTER_ROLE": f"{platform.release}-store", "WORKER_SERVICE_ACCOUNT": f"{platform.namespace}/{account.name}"}
    cluster.kubelet.address = ADDRESS
    with open_store(WOOCOMMERCE.app_port):
        it = Programs(cluster, account.folder, settings)
        try:
            yield it
        finally:
            it.close()


@pytest.fixture(scope="module")
def store(programs):
    """A store that the worker made with its account."""
    status, body = programs.ask("POST", "/api/stores", {"name": "Acme", "engine": "woocommerce"})
    assert status == 202, body
    store = programs.settled(body["store"]["id"])
    assert store["status"] == "ready", store
    return store


def test_a_store_becomes_ready_and_has_the_binding(cluster, platform, account, store):
    binding = cluster.get("rolebinding", "store-worker", "--namespace", store["namespace"])
    assert binding["roleRef"]["name"] == f"{platform.release}-store"
    assert [(it["namespace"], it["name"]) for it in binding["subjects"]] == [(platform.namespace, account.name)]


def test_the_server_allows_what_the_roles_say_and_nothing_else(cluster, platform, account, store):
    """Every resource of the server, every verb: in a store's namespace, and in two that are none."""
    wide, own = (cluster.get("clusterrole", f"{platform.release}-{name}")["rules"] for name in ("worker", "store"))
    groups = [("", cluster.ask("GET", "/api/v1"))]
    for group in cluster.ask("GET", "/apis")["groups"]:
        groups.append((group["name"], cluster.ask("GET", f"/apis/{group['preferredVersion']['groupVersion']}")))
    resources = [(group, it["name"]) for group, listed in groups for it in listed["resources"]]
    assert len(resources) > 80
    wrong = []
    for namespace, rules in ((store["namespace"], wide + own), ("kube-system", wide), (platform.namespace, wide)):
        for group, resource in resources:
            for verb in VERBS:
                ask = Ask(verb, group, resource)
                if account.may(ask, namespace) is not (allows(rules, ask) or (verb, group, resource) in ANYBODYS):
                    wrong.append((namespace, ask))
    assert wrong == []


def test_it_may_bind_its_own_role_and_no_other(platform, account):
    def may_bind(name):
        return account.may(Ask("bind", "rbac.authorization.k8s.io", "clusterroles", name), "")
    assert may_bind(f"{platform.release}-store")
    assert not any(map(may_bind, ("cluster-admin", "admin", "edit", "view", f"{platform.release}-worker")))


def binding(name: str, role: str) -> dict:
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}]}


POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "it"}, "spec": {"containers": [{"name": "it", "image": "it:1"}]}}
RBAC = "/apis/rbac.authorization.k8s.io/v1"
REFUSED = {
    "reads Secrets over all namespaces": ("GET", "/api/v1/secrets", None),
    "reads Secrets of kube-system": ("GET", "/api/v1/namespaces/kube-system/secrets", None),
    "reads the platform's own Secret": ("GET", "/api/v1/namespaces/{platform}/secrets/store-weaver", None),
    "makes a Secret beside the stores": ("POST", "/api/v1/namespaces/default/secrets", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "it"}}),
    "makes a pod in a store": ("POST", "/api/v1/namespaces/{store}/pods", POD),
    "runs a command in a store's pod": ("POST", "/api/v1/namespaces/{store}/pods/it/exec?command=id", None),
    "takes an account's token": ("POST", "/api/v1/namespaces/{store}/serviceaccounts/default/token", {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}),
    "changes a namespace's labels": ("PATCH", "/api/v1/namespaces/{store}", {"metadata": {"labels": {"a": "b"}}}),
    "grants another role in a store": ("POST", RBAC + "/namespaces/{store}/rolebindings", binding("it", "cluster-admin")),
    "grants a lesser role in a store": ("POST", RBAC + "/namespaces/{store}/rolebindings", binding("it", "view")),
    "grants a role over all namespaces": ("POST", RBAC + "/clusterrolebindings", {**binding("it", "{release}-store"), "kind": "ClusterRoleBinding"}),
    "widens its role": ("PATCH", RBAC + "/clusterroles/{release}-store", {"rules": []}),
    "removes a binding": ("DELETE", RBAC + "/namespaces/{store}/rolebindings/store-worker", None),
    "removes a pod beside the stores": ("DELETE", "/api/v1/namespaces/{platform}/pods/it", None),
    "reads a node's own interface": ("GET", "/api/v1/nodes/it/proxy/pods", None),
}


@pytest.mark.parametrize(("method", "path", "body"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_beyond_its_roles_is_refused(platform, account, store, method, path, body):
    names = {"{platform}": platform.namespace, "{store}": store["namespace"], "{release}": platform.release}
    text = json.dumps([path, body])
    for mark, name in names.items():
        text = text.replace(mark, name)
    path, body = json.loads(text)
    status, answer = account.ask(method, path, body, "application/merge-patch+json" if method == "PATCH" else "application/json")
    assert (status, answer["reason"]) == (403, "Forbidden"), answer


def test_the_worker_is_never_refused_and_the_store_goes_as_it_came(cluster, programs, store):
    assert programs.ask("DELETE", f"/api/stores/{store['id']}")[0] == 202
    assert programs.settled(store["id"]) == {}
    assert cluster.kubectl("get", "namespace", store["namespace"], check=False).returncode != 0
    log = (cluster.folder / "store-worker.log").read_text()
    assert '"kubernetes":"in-cluster"' in log and "forbidden" not in log.lower(), log
