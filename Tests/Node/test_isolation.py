"""What a store's pods can reach, asked from inside one, on a cluster that enforces NetworkPolicies."""

import json

import pytest
from node_installation import NAMESPACE, RELEASE
from polling import until

# Tried by PHP, which every store's pod has: prints whether a TCP connection was made within two seconds.
CONNECT = 'exit(@fsockopen($argv[1], (int) $argv[2], $code, $text, 2) ? 0 : 1);'


@pytest.fixture(scope="module")
def neighbour(installation, note):
    """Another store, of the same owner."""
    store = installation.ready(installation.create("Neighbour"))
    yield store
    installation.delete(store)
    installation.gone(store)


@pytest.fixture(scope="module")
def reaches(cluster, store):
    """Whether the store's application connects to an address."""
    pod = cluster.pod(store["namespace"], "app")["metadata"]["name"]

    def reaches(host: str, port: int) -> bool:
        return cluster.shell(store["namespace"], pod, "wordpress", "php", "-r", CONNECT, "--", host, str(port), check=False).returncode == 0

    return reaches


def service_address(cluster, namespace: str, name: str) -> str:
    return cluster.get("service", name, "--namespace", namespace)[0]["spec"]["clusterIP"]


def pod_address(cluster, namespace: str, component: str) -> str:
    return cluster.pod(namespace, component)["status"]["podIP"]


def test_the_store_reaches_its_own_database(reaches):
    assert reaches("mysql", 3306)


@pytest.mark.parametrize(("component", "port"), [("app", 8080), ("database", 3306)])
def test_the_store_reaches_no_other_store(cluster, reaches, neighbour, component, port):
    assert not reaches(pod_address(cluster, neighbour["namespace"], component), port)
    name = {"app": "wordpress", "database": "mysql"}[component]
    assert not reaches(f"{name}.{neighbour['namespace']}.svc.cluster.local", {"app": 80, "database": 3306}[component])


@pytest.mark.parametrize(("component", "port"), [("postgres", 5432), ("redis", 6379), ("api", 3000)])
def test_the_store_reaches_nothing_of_the_platform(cluster, reaches, store, component, port):
    assert not reaches(pod_address(cluster, NAMESPACE, component), port)


def test_the_store_reaches_neither_the_api_server_nor_a_node(cluster, reaches, store):
    server = cluster.get("service", "kubernetes", "--namespace", "default")[0]["spec"]["clusterIP"]
    assert not reaches(server, 443)
    for node in cluster.get("nodes"):
        address = next(it["address"] for it in node["status"]["addresses"] if it["type"] == "InternalIP")
        assert not [port for port in (6443, 10250) if reaches(address, port)]


def test_a_pod_of_another_namespace_reaches_no_storefront(cluster, installation, store, neighbour):
    """Asked from a pod that no policy holds back, so that only the store's own can refuse."""
    namespace = "outsider"
    image = cluster.pod(store["namespace"], "app")["spec"]["containers"][0]["image"]
    cluster.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "outsider", "namespace": namespace}, "spec": {
            "terminationGracePeriodSeconds": 0, "containers": [{"name": "php", "image": image, "command": ["sleep", "600"]}],
        }},
    )
    try:
        cluster.kubectl("wait", "pod/outsider", "--namespace", namespace, "--for=condition=Ready", "--timeout=120s")

        def reaches(host: str, port: int) -> bool:
            return cluster.shell(namespace, "outsider", "php", "php", "-r", CONNECT, "--", host, str(port), check=False).returncode == 0

        # This pod has a network: it finds the cluster's DNS.
        assert until(lambda: reaches(service_address(cluster, "kube-system", "kube-dns"), 53), "the outsider to have a network", 30)
        for it in (store, neighbour):
            assert not reaches(pod_address(cluster, it["namespace"], "app"), 8080)
            assert not reaches(pod_address(cluster, it["namespace"], "database"), 3306)
    finally:
        cluster.kubectl("delete", "namespace", namespace, "--wait=false")


def test_the_account_of_a_worker_is_held_to_stores(cluster, installation):
    """The admission policies are in force: the workers' account may not make a namespace that is no store's."""
    account = f"system:serviceaccount:{NAMESPACE}:{RELEASE}-worker"
    text = json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "not-a-store"}})
    cluster.kubectl("create", "--as", account, "--dry-run=server", "--filename", "-", text=text, check=False)
    assert cluster.get("namespace", "not-a-store") == []
    assert cluster.kubectl("create", "--as", account, "--dry-run=server", "--filename", "-", text=text, check=False) == ""
