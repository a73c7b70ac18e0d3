"""A store's release in a namespace of its own, with the Secrets that the worker would have made."""

import json
import secrets as random
import subprocess

from charts import Chart, run_helm, worker_values

STORE = "a1b2c3d4e5f6"
TIMEOUT = "90s"


class Release:
    def __init__(self, cluster, chart: Chart, helm: str):
        self.cluster, self.chart, self.helm = cluster, chart, helm
        self.namespace = f"store-{chart.engine}-{random.token_hex(3)}"

    def __enter__(self):
        levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
        self.create({"kind": "Namespace", "metadata": {"name": self.namespace, "labels": levels}})
        for name, keys in self.chart.secrets.items():
            self.create({"kind": "Secret", "metadata": {"name": name.replace("{id}", STORE), "namespace": self.namespace},
                         "stringData": {key: random.token_hex(16) for key in keys}})
        return self

    def __exit__(self, *_):
        self.cluster.kubectl("delete", "namespace", self.namespace, "--wait=false", check=False)

    def create(self, it: dict, check=True) -> subprocess.CompletedProcess:
        return self.cluster.kubectl("create", "--filename", "-", text=json.dumps({"apiVersion": "v1", **it}), check=check)

    def run(self, *arguments, values=None, check=True) -> subprocess.CompletedProcess:
        done = run_helm(self.helm, [*arguments, "--namespace", self.namespace, "--kubeconfig", str(self.cluster.kubeconfig)], values, timeout=180)
        assert not check or done.returncode == 0, f"{self.helm} {arguments}: {done.stderr}"
        return done

    def install(self, path=None, check=True, timeout=TIMEOUT, **values):
        """`helm upgrade --install` with the production values and https, as the worker calls it, and waits."""
        path = path or self.chart.path
        given = worker_values(STORE, **{"scheme": "https", **values})
        return self.run("upgrade", "--install", STORE, str(path), "--values", str(path / "values-prod.yaml"), "--values", "-",
                        "--wait", "--timeout", timeout, values=given, check=check)

    def status(self) -> str:
        return json.loads(self.run("status", STORE, "--output", "json").stdout)["info"]["status"]

    def get(self, *what) -> dict:
        return self.cluster.get(*what, "--namespace", self.namespace)

    def items(self, kinds: str) -> list:
        return self.get(kinds)["items"]

    def uids(self, kinds: str) -> dict:
        return {f"{it['kind']}/{it['metadata']['name']}": it["metadata"]["uid"] for it in self.items(kinds)}

    def app(self) -> dict:
        return self.get("deployment", self.chart.app.replace("{id}", STORE))
