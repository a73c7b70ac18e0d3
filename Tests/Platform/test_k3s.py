"""deploy/k3s on the simulated cluster, by the real kubectl and Helm. What only a k3s has is answered by a stand-in that writes down what it was asked:
k3s itself, manifests from the internet, cert-manager's kinds, a command in a container."""

import base64
import os
import shutil
import subprocess

import pytest
from charts import ROOT, helms

SHIM = """#!/bin/sh
echo "kubectl $*" >>{said}
case "$*" in
    "apply -f "*) cat >/dev/null </dev/null; [ "$3" != - ] || cat >>{said}; exit 0 ;;
    *"deployment/coredns"* | "-n cert-manager wait "*) exit 0 ;;
    *" exec "*) exit 0 ;;
    *" helmchartconfig "*) exec cat {traefik} ;;
esac
exec {kubectl} "$@"
"""
SETTINGS = "HOST=weaver.stores.test\nSTORE_SUFFIX=.stores.test\nACME_EMAIL=ada@stores.test\nNAMESPACE={name}\nRELEASE={name}\n"


class Server:
    """A machine with k3s on it, as far as the scripts can tell."""

    def __init__(self, cluster, folder, name: str):
        self.cluster, self.folder, self.name, self.said = cluster, folder, name, folder / "said"
        # What is set of Traefik on the server; absent: nothing.
        self.traefik = folder / "traefik"
        for part in ("deploy/k3s", "helm/platform"):
            shutil.copytree(ROOT / part, folder / "clone" / part)
        (folder / "bin").mkdir()
        (folder / "bin/helm").symlink_to(helms()["helm"])
        (folder / "bin/k3s").write_text("#!/bin/sh\n")
        (folder / "bin/kubectl").write_text(SHIM.format(said=self.said, traefik=self.traefik, kubectl=os.environ["KUBECTL_PATH"]))
        for it in (folder / "bin").iterdir():
            it.chmod(0o755)
        self.settings(SETTINGS.format(name=name))
        # The simulated cluster knows neither ValidatingAdmissionPolicy nor where an API server is.
        self.values = folder / "values.yaml"
        self.values.write_text("admissionPolicy: {enabled: false}\nnetworkPolicy: {apiServer: {cidrs: [10.0.0.7/32]}}\n")

    def settings(self, text: str) -> None:
        (self.folder / "clone/deploy/k3s/settings").write_text(text)

    def run(self, script: str, *words) -> subprocess.CompletedProcess:
        environment = {"PATH": f"{self.folder}/bin:{os.environ['PATH']}", "HOME": str(self.folder), "KUBECONFIG": str(self.cluster.kubeconfig),
                       "NAMESPACE": self.name, "RELEASE": self.name}
        return subprocess.run([self.folder / "clone/deploy/k3s" / script, *words], env=environment, capture_output=True, text=True, timeout=240, check=False)

    def get(self, *what) -> dict:
        return self.cluster.get(*what, "--namespace", self.name)

    def replicas(self, component: str) -> int:
        return self.get("deployment", f"{self.name}-{component}")["spec"]["replicas"]


@pytest.fixture(scope="module")
def server(cluster, tmp_path_factory):
    it = Server(cluster, tmp_path_factory.mktemp("k3s"), "weaver-k3s")
    done = it.run("install", it.values)
    assert done.returncode == 0, done.stdout + done.stderr
    yield it
    cluster.kubectl("delete", "namespace", it.name, "--wait=false", check=False)


def test_it_installs_with_the_settings_it_was_given(server):
    assert server.get("ingress", "weaver-k3s-ingress")["spec"]["rules"][0]["host"] == "weaver.stores.test"
    worker = server.get("deployment", "weaver-k3s-worker")["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "PROD_INGRESS_SUFFIX", "value": ".stores.test"} in worker["env"]
    assert server.cluster.get("namespace", server.name)["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    said = server.said.read_text()
    assert "email: ada@stores.test" in said and "ACME_EMAIL" not in said


def test_once_more_upgrades_and_keeps_the_passwords(server):
    secret = server.get("secret", "store-weaver")
    assert set(secret["data"]) == {"database-url", "redis-url", "postgres-password", "redis-password", "admin-token", "auth-keys", "credentials-keys",
                                   "vault-keys", "archive-keys", "channel-keys", "platform-backup-password"}
    done = server.run("install", server.values)
    assert done.returncode == 0, done.stderr
    assert server.get("secret", "store-weaver")["metadata"]["uid"] == secret["metadata"]["uid"]
    revisions = [it["metadata"]["labels"]["version"] for it in server.get("secrets", "--selector", "owner=helm")["items"]]
    assert sorted(revisions) == ["1", "2"]


@pytest.mark.parametrize(("name", "prefix"), [("platform-backup-password", b""), ("archive-keys", b"k1:"), ("channel-keys", b"k1:")])
def test_a_key_that_an_earlier_version_did_not_make_is_added_and_then_stays(server, name, prefix):
    def key() -> str:
        return server.get("secret", "store-weaver")["data"].get(name)
    before = key()
    server.cluster.kubectl("patch", "secret", "store-weaver", "--namespace", server.name, "--type=json", "--patch",
                           f'[{{"op": "remove", "path": "/data/{name}"}}]')
    keys = []
    for _ in range(2):
        done = server.run("install", server.values)
        assert done.returncode == 0, done.stderr
        keys.append(key())
    assert keys[0] and keys[0] != before and keys[0] == keys[1]
    value = base64.b64decode(keys[0])
    assert value.startswith(prefix) and len(value) > 20


@pytest.mark.parametrize(("there", "applied", "told"), [
    (None, True, False), ("ports: {}", False, True), ("providers:\n  kubernetesIngress:\n    allowEmptyServices: false\n", False, False),
])
def test_traefik_falls_through_to_the_gate_and_what_its_owner_set_of_it_stays(server, there, applied, told):
    server.traefik.unlink(missing_ok=True)
    if there is not None:
        server.traefik.write_text(there)
    before = server.said.read_text()
    done = server.run("install", server.values)
    assert done.returncode == 0, done.stderr
    said = server.said.read_text().removeprefix(before)
    assert (f"apply -f {server.folder}/clone/deploy/k3s/traefik.yaml" in said, "allowEmptyServices: false to" in done.stdout) == (applied, told)


def test_no_password_is_an_argument(server):
    data = server.cluster.kubectl("get", "secret", "store-weaver", "--namespace", server.name, "--output", "go-template={{range .data}}{{.|base64decode}} {{end}}").stdout
    said = server.said.read_text()
    passwords = [word for word in data.split() if "://" not in word]
    assert len(passwords) == 9 and not [it for it in passwords if it in said]


@pytest.mark.parametrize(("change", "complaint"), [
    ("HOST=", "must set HOST"), ("HOST=weaver.example.com", "still the example's"), ("STORE_SUFFIX=stores.test", "begins with a dot"), ("ACME_EMAIL=", "must set ACME_EMAIL"),
])
def test_settings_that_cannot_be_are_refused_before_anything_is_done(server, change, complaint):
    before = server.said.read_text()
    server.settings(SETTINGS.format(name=server.name) + change + "\n")
    try:
        done = server.run("install", server.values)
    finally:
        server.settings(SETTINGS.format(name=server.name))
    assert done.returncode == 1 and complaint in done.stderr
    assert server.said.read_text() == before


def test_a_restore_stops_the_programs_and_starts_as_many_again(server):
    server.cluster.kubectl("scale", "deployment", "weaver-k3s-worker", "--replicas", "3", "--namespace", server.name)
    done = server.run("restore", "storeweaver-20260101T000000Z.dump")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (server.replicas("api"), server.replicas("worker")) == (1, 3)
    order = [line for line in server.said.read_text().splitlines() if any(word in line for word in (" scale ", " create --filename", " exec "))][-5:]
    assert [line.split(f"--namespace {server.name} ")[1].split()[0] for line in order] == ["scale", "create", "exec", "scale", "scale"]
    assert "FLUSHALL" in order[2]
    assert "weaver-k3s-restore" not in [it["metadata"]["name"] for it in server.get("pods")["items"]]


def test_a_restore_that_fails_starts_them_again_too(server):
    with server.cluster.images_missing(server.name):
        # Its pod never begins, so that the script waits; it is told to end as Ctrl-C does.
        process = subprocess.Popen(["timeout", "--signal=INT", "6", server.folder / "clone/deploy/k3s/restore", "x.dump"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env={"PATH": f"{server.folder}/bin:{os.environ['PATH']}", "HOME": str(server.folder),
                                                                   "KUBECONFIG": str(server.cluster.kubeconfig), "NAMESPACE": server.name, "RELEASE": server.name})
        assert process.wait(timeout=60) != 0
    assert (server.replicas("api"), server.replicas("worker")) == (1, 3)


def test_a_path_is_no_dump(server):
    done = server.run("restore", "../etc/passwd")
    assert done.returncode == 1 and "without a folder" in done.stderr


def test_the_platforms_database_is_recovered_before_any_job_begins(server):
    snapshot = "0f" * 32
    before = len(server.said.read_text())
    done = server.run("recover", snapshot)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (server.replicas("api"), server.replicas("worker")) == (1, 3)
    words = (" scale ", " create --filename", " exec ")
    order = [line.split(f"--namespace {server.name} ")[1] for line in server.said.read_text()[before:].splitlines() if any(it in line for it in words)]
    assert [it.split()[0] for it in order] == ["scale", "scale", "create", "exec", "scale", "exec", "scale"]
    assert "FLUSHALL" in order[3] and "-api --replicas 1" in order[4] and "storectl pause" in order[5] and "-worker --replicas 3" in order[6]
    job = server.get("job", "weaver-k3s-recover")["spec"]["template"]["spec"]
    told = [{it["name"]: it["value"] for it in container["env"]} for container in job["initContainers"][1:] + job["containers"]]
    assert {(it["KEEPER_TASK"], it["KEEPER_SNAPSHOT"]) for it in told} == {("restore", snapshot)}
    assert "storectl recover stores --yes" in done.stdout
    assert server.run("recover", "latest; x").returncode == 1
