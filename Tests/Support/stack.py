"""The whole of Store Weaver as scripts/up starts it, in a folder and on ports of its own."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from asking import Answer, ask, visit
from polling import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS = ["Namespace created", "Secrets generated", "Database ready", "App deployed", "Ingress ready"]

# Small enough to be reached by a test.
LIMITS = {"MAX_STORES": "12", "MAX_STORES_PER_USER": "5"}
# All that a test does comes from one address, and much of it at once.
UNCOUNTED = {"RATE_LIMIT_PER_USER": "0", "RATE_LIMIT_PER_ADDRESS": "0", "MAX_EVENT_STREAMS_PER_USER": "0"}
# What may heal by itself gets seconds here, minutes in production.
PATIENCES = {
    "GRACE_IMAGE_PULL_SECONDS": "8", "GRACE_CONFIGURATION_SECONDS": "8", "GRACE_UNSCHEDULABLE_SECONDS": "8",
    "GRACE_REFUSAL_SECONDS": "8", "GRACE_VOLUME_SECONDS": "8", "GRACE_CRASHES": "3", "GRACE_UNSERVED_SECONDS": "3", "GRACE_DEGRADED_SECONDS": "2",
    "HEALTH_PROBE_SECONDS": "3", "USE_SAMPLE_SECONDS": "3",
}
# As helm/platform sets them; test_worker_rights.py tells what they are for.
ACCESS = {"WORKER_CLUSTER_ROLE": "weaver-store", "WORKER_SERVICE_ACCOUNT": "weaver-system/weaver-worker"}
ADMIN_TOKEN = "the end-to-end tests' own"

# How long something may take before the test gives up: generous, since machines differ.
PATIENCE = 400


class Stack:
    def __init__(self) -> None:
        # A short path: a socket's name may have 107 characters.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sw-e2e-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "REDIS_URL", "KUBECONFIG", "ENVIRONMENT", "PORT", "HOST", "LOCAL_INGRESS_SUFFIX")
        } | {"RUN_DIR": str(self.folder / "run"), "BUILD_CONFIGURATION": "debug", "ADMIN_TOKEN": ADMIN_TOKEN, **LIMITS, **UNCOUNTED, **PATIENCES, **ACCESS}
        self.url = self.kubeconfig = self.helm_path = ""

    # The scripts

    def script(self, name: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
        result = subprocess.run(
            [ROOT / "scripts" / name, *arguments],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        assert not check or result.returncode == 0, f"scripts/{name} failed:\n{result.stdout}"
        return result

    def up(self) -> None:
        self.script("up", "--detach")
        self.url = self.script("status", "--url").stdout.strip()
        self.kubeconfig = self.script("status", "--kubeconfig").stdout.strip()
        self.helm_path = self.script("status", "--helm").stdout.strip()

    def lib(self, command: str) -> None:
        """Runs a line of shell with the functions of scripts/lib and the variables of the running stack."""
        line = f'for part in common processes servers cluster stack; do . scripts/lib/$part.sh; done; load_stack; {command}'
        subprocess.run(["bash", "-euo", "pipefail", "-c", line], env=self.environment, cwd=ROOT, check=True)

    def pid(self, name: str) -> int:
        return int((self.folder / "run" / "pid" / name).read_text().split()[0])

    @property
    def ingress_port(self) -> int:
        return int(re.search(r"export INGRESS_PORT=(\d+)", (self.folder / "run" / "stack.env").read_text())[1])

    def logs(self) -> dict[str, str]:
        return {path.name: path.read_text(errors="replace") for path in (self.folder / "run" / "log").glob("*.log")}

    # The API

    def request(self, method: str, path: str, body=None, user: str | None = None, headers: dict | None = None) -> Answer:
        return ask(self.url + path, method, body, {**(headers or {}), **({"X-User-Id": user} if user else {})}, timeout=30)

    def visit(self, host: str, method: str = "GET", path: str = "/", **headers: str) -> Answer:
        """What the ingress answers for a host."""
        return visit("127.0.0.1", self.ingress_port, method, path, host=host, headers=headers)

    def admin(self, method: str, path: str, body=None) -> Answer:
        return self.request(method, path, body, headers={"Authorization": f"Bearer {ADMIN_TOKEN}"})

    def job_numbers(self, store: str) -> list[int]:
        return [job["id"] for job in self.admin("GET", f"/api/admin/jobs?store={store}").body["jobs"]]

    def create(self, name: str, engine: str = "woocommerce", user: str | None = None) -> dict:
        answer = self.request("POST", "/api/stores", {"name": name, "engine": engine}, user=user)
        assert answer.status == 202, answer
        assert answer.body["message"] == "Store provisioning started"
        return answer.body["store"]

    def store(self, identifier: str) -> dict:
        answer = self.request("GET", f"/api/stores/{identifier}")
        assert answer.status == 200, answer
        return answer.body["store"]

    def settled(self, identifier: str, status: str, seconds: float = PATIENCE) -> dict:
        """Waits until the store has left `provisioning`, and is as it should be."""
        until(lambda: self.store(identifier)["status"] not in ("provisioning", "deleting"), f"{identifier} to settle", seconds)
        store = self.store(identifier)
        assert store["status"] == status, store
        return store

    def delete(self, *identifiers: str) -> None:
        """Deletes the stores, keeping nothing of them, and waits until they are gone from the API."""
        for identifier in identifiers:
            assert self.request("DELETE", f"/api/stores/{identifier}?purge=true").status in (202, 404)
        for identifier in identifiers:
            until(
                lambda identifier=identifier: self.request("GET", f"/api/stores/{identifier}").status == 404 or None,
                f"{identifier} to be gone",
                PATIENCE,
            )

    @contextlib.contextmanager
    def live_store(self, name: str, engine: str = "woocommerce", user: str | None = None):
        """A store for the length of a test."""
        store = self.create(name, engine, user)
        try:
            yield store
        finally:
            self.delete(store["id"])

    # The cluster

    def helm(self, *arguments: str) -> str:
        return self.run(self.helm_path, *arguments)

    def kubectl(self, *arguments: str) -> str:
        return self.run(os.environ["KUBECTL_PATH"], *arguments)

    @contextlib.contextmanager
    def fault(self, namespace: str, kind: str, **details):
        """A fault of the simulated cluster, until the end of the block or `clear_fault`."""
        self.faults("PUT", namespace, {"faults": [{"kind": kind, **details}]})
        try:
            yield
        finally:
            self.clear_fault(namespace)

    def clear_fault(self, namespace: str) -> None:
        self.faults("DELETE", namespace)

    def faults(self, method: str, namespace: str, body: dict | None = None) -> None:
        self.cluster(method, f"/simulator/faults/{namespace}", body)

    def cluster(self, method: str, path: str, body: dict | None = None) -> Answer:
        """What the cluster's API says to its administrator."""
        server = re.search(r"server: (\S+)", pathlib.Path(self.kubeconfig).read_text())[1]
        return ask(server + path, method, body).good()

    def run(self, *command: str) -> str:
        result = subprocess.run(command, env=self.environment | {"KUBECONFIG": self.kubeconfig}, capture_output=True, text=True, timeout=60)
        assert result.returncode == 0, f"{command}: {result.stderr}"
        return result.stdout

    def releases(self) -> dict[str, dict]:
        return {release["name"]: release for release in json.loads(self.helm("list", "--all-namespaces", "--output", "json"))}

    def namespaces(self) -> set[str]:
        return set(self.kubectl("get", "namespaces", "--output", "jsonpath={.items[*].metadata.name}").split())


@contextlib.contextmanager
def running(request, **environment: str):
    """A stack for a whole session, with these settings beside its own; when a test failed, the last words of its programs are printed."""
    stack = Stack()
    stack.environment |= environment
    try:
        stack.up()
        yield stack
    finally:
        stack.script("down", check=False)
        if request.session.testsfailed:
            for name, text in sorted(stack.logs().items()):
                print(f"\n----- {name}, its last lines\n" + "\n".join(text.splitlines()[-40:]))
        shutil.rmtree(stack.folder, ignore_errors=True)
