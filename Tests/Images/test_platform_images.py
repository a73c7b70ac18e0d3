"""The images of API and worker as helm/platform runs them, on this machine's network: with a real PostgreSQL and Redis they make a store on the
simulated cluster."""

import base64
import json
import re
import secrets
import subprocess

import pytest
from asking import ask
from containers import ROOT, podman
from platform_chart import render
from platform_programs import build_image, context
from pods import Pod
from ports import free_port
from private_servers import Server
from waiting import until


@pytest.fixture(scope="module")
def servers(folder):
    """What `secret` answers for the platform's Secret, with servers behind it."""
    postgres, redis = (Server(kind, folder / kind, secrets.token_hex(16)) for kind in ("postgres", "redis"))
    ring = {name: f"k:{base64.b64encode(secrets.token_bytes(32)).decode()}" for name in ("auth-keys", "credentials-keys", "vault-keys", "archive-keys")}
    keys = ring | {
        "database-url": postgres.database("storeweaver").replace("127.0.0.1", "weaver-postgres"),
        "redis-url": redis.url.replace("127.0.0.1", "weaver-redis"),
        "admin-token": secrets.token_hex(16),
        "platform-backup-password": secrets.token_hex(24),
    }
    yield keys
    redis.stop()
    postgres.stop()


@pytest.fixture(scope="module")
def cluster(folder):
    """The simulated cluster's kubeconfig, readable for the worker's user."""
    path = folder / "kubeconfig"
    program = [ROOT / ".build/debug/cluster-sim", "--port", "0", "--ingress-port", "0", "--kubeconfig-out", path, "--speed", "10"]
    with (folder / "cluster-sim.log").open("wb") as log:
        process = subprocess.Popen([str(word) for word in program], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        subprocess.run(["timeout", "30", "sh", "-c", f"until test -s {path}; do sleep 0.1; done"], check=True)
        path.chmod(0o644)
        yield path
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = context(tmp_path_factory.mktemp("context"))
    return {name: build_image(folder, f"store-{name}") for name in ("api", "worker")}


@pytest.fixture(scope="module")
def pods(images, folder, servers):
    objects = render({"environment": "local", "storeSuffix": ".localhost", "worker": {"drainSeconds": 5}, "api": {"settings": {"AUTH_MODE": "header"}}})
    made = {}
    for name in ("api", "worker"):
        (folder / f"pod-{name}").mkdir()
        deployment = objects.find("Deployment", f"weaver-{name}")
        made[name] = Pod(objects, deployment, folder / f"pod-{name}", lambda _, key: servers[key], images[name])
    return made


@pytest.fixture(scope="module")
def schema(pods):
    """The database after the init step, which is run twice as two pods do."""
    said = []
    for name in ("api", "worker"):
        with pods[name].start("migrate", network="host") as step:
            assert step.wait() == 0, step.logs()
            said.append(step.logs())
    assert "Applied tables/0001_baseline." in said[0] and said[1].strip() == "The schema is up to date."


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def api(pods, schema, port):
    with pods["api"].start("api", network="host", environment={"PORT": str(port), "HOST": "127.0.0.1", "OPERATOR_PORT": "0"}) as it:
        until(lambda: it.execute("healthy", str(port), "/readyz", check=False).returncode == 0, it)
        yield it


@pytest.fixture(scope="module")
def worker(pods, schema, cluster):
    more = ["--env", "KUBECONFIG=/kubeconfig", "--volume", f"{cluster}:/kubeconfig:ro"]
    operator = str(free_port())
    with pods["worker"].start("worker", network="host", environment={"OPERATOR_PORT": operator}, options=more) as it:
        until(lambda: it.execute("healthy", operator, "/livez", check=False).returncode == 0, it)
        yield it


@pytest.mark.parametrize("engine", ["woocommerce", "medusa"])
def test_the_two_containers_make_a_store(api, worker, port, engine):
    store = ask(f"http://127.0.0.1:{port}/api/stores", body={"name": f"Acme {engine}", "engine": engine}).good().body["store"]["id"]

    def status() -> str:
        return ask(f"http://127.0.0.1:{port}/api/stores/{store}").good().body["store"]["status"]
    until(lambda: status() != "provisioning", worker, 120)
    assert status() == "ready", worker.logs()


def test_the_dashboard_is_served_with_all_that_it_loads(api, port):
    def get(path: str) -> tuple[str, str]:
        answer = ask(f"http://127.0.0.1:{port}{path}").good()
        return answer.headers["Content-Type"], answer.text
    media, page = get("/")
    loaded = re.findall(r'(?:src|href)="(/[^"]+[.](?:js|css))"', page)
    assert media.startswith("text/html") and len(loaded) >= 2, page
    assert all(len(get(path)[1]) > 100 for path in loaded)


def test_the_health_check_tells_well_from_unwell(api, port):
    assert api.execute("healthy", str(port), "/readyz", check=False).returncode == 0
    assert api.execute("healthy", str(port), "/nothing-is-here", check=False).returncode != 0
    assert api.execute("healthy", "9", "/readyz", check=False).returncode != 0
    assert api.execute("healthy", str(port), "/readyz", "weaver-api", check=False).returncode == 0


def test_the_doctor_finds_nothing_amiss_in_the_workers_container(api, worker):
    done = worker.execute("storectl", "doctor", check=False)
    assert done.returncode == 0, done.stdout


def test_no_secret_is_in_the_environment_or_in_what_is_said(api, worker, servers):
    said = "".join(it.logs() + it.inspect("{{.Config.Env}} {{.Config.Cmd}}") for it in (api, worker))
    assert [key for key, text in servers.items() if text in said or text.split("@")[0].rsplit(":", 1)[-1] in said] == []


@pytest.mark.parametrize("name", ["api", "worker"])
def test_nothing_but_the_mounts_can_be_written(api, worker, name):
    it = {"api": api, "worker": worker}[name]
    assert it.execute("id", "-u").stdout.strip() == "10001"
    assert it.execute("touch", "/opt/store-weaver/x", check=False).returncode != 0
    assert it.execute("touch", "/tmp/x").returncode == 0
    assert it.execute("sh", "-c", "find / -xdev -user 10001 -not -path '/proc/*' -not -path '/tmp*' 2>/dev/null || true").stdout.split() == []


def test_the_api_has_neither_helm_nor_charts_and_the_worker_has_both(api, worker):
    assert api.execute("sh", "-c", "ls /opt/store-weaver/helm; command -v helm helm-guard store-worker", check=False).returncode != 0
    assert worker.execute("helm", "version", "--template", "{{.Version}}").stdout.startswith("v")
    assert "Chart.yaml" in worker.execute("ls", "/opt/store-weaver/helm/store", "/opt/store-weaver/helm/medusa-store").stdout


@pytest.mark.parametrize("name", ["api", "worker"])
def test_the_bill_of_materials_names_what_is_there(api, worker, name):
    it = {"api": api, "worker": worker}[name]
    bill = json.loads(it.execute("cat", "/usr/share/store-weaver/sbom.cdx.json").stdout)
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", f"store-{name}")
    known = {part["name"]: part for part in bill["components"]}
    assert known["libpq5"]["purl"].startswith("pkg:deb/debian/libpq5@15.")
    assert known["swift-nio"]["purl"].startswith("pkg:swift/github.com/apple/swift-nio@2.")
    assert ("helm" in known) is (name == "worker")
    installed = it.execute("sh", "-c", "dpkg-query --show | wc -l").stdout.strip()
    assert sum(part["purl"].startswith("pkg:deb") for part in bill["components"] if "purl" in part) == int(installed)


def test_the_programs_are_stripped(images, tmp_path):
    for name, programs in {"api": ["store-api", "store-courier", "store-gate", "storectl"], "worker": ["store-worker", "helm-guard"]}.items():
        made = podman("create", images[name]).stdout.strip().splitlines()[-1]
        try:
            for program in programs:
                podman("cp", f"{made}:/opt/store-weaver/bin/{program}", tmp_path / program)
                sections = subprocess.run(["readelf", "--sections", "--wide", tmp_path / program], check=True, capture_output=True, text=True).stdout
                assert ".text" in sections and ".symtab" not in sections and ".debug_info" not in sections, program
        finally:
            podman("rm", made)


@pytest.mark.parametrize("name", ["api", "worker"])
def test_it_ends_well_when_it_is_told_to(pods, schema, cluster, name):
    more = ["--env", "KUBECONFIG=/kubeconfig", "--volume", f"{cluster}:/kubeconfig:ro"]
    with pods[name].start(name, network="host", environment={"PORT": "0", "HOST": "127.0.0.1", "OPERATOR_PORT": "0"}, options=more) as it:
        until(lambda: '"message":"Working"' in it.logs() or '"message":"Listening"' in it.logs(), it)
        podman("stop", "--time", "30", it.id)
        assert it.inspect("{{.State.ExitCode}}") == "0", it.logs()


def test_a_missing_database_is_said_and_ends_the_init_step(pods, folder):
    """Its wait is the chart's; here it gives up at once."""
    with pods["api"].start("migrate", network="host", command=["storectl", "migrate"], environment={"SECRETS_DIR": "/nowhere"}) as step:
        assert step.wait() != 0 and "SECRETS_DIR" in step.logs()
