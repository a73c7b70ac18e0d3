"""A Helm release in a namespace of its own. PYTHONPATH has this folder."""

import json
import subprocess

from charts import run_helm


class OwnRelease:
    """Its namespace is made and removed with the block."""

    def __init__(self, cluster, helm: str, namespace: str):
        self.cluster, self.helm, self.namespace = cluster, helm, namespace

    def __enter__(self):
        levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
        self.create({"kind": "Namespace", "metadata": {"name": self.namespace, "labels": levels}})
        return self

    def __exit__(self, *_):
        self.cluster.kubectl("delete", "namespace", self.namespace, "--wait=false", check=False)

    def create(self, it: dict, check=True) -> subprocess.CompletedProcess:
        return self.cluster.kubectl("create", "--filename", "-", text=json.dumps({"apiVersion": "v1", **it}), check=check)

    def create_secret(self, name: str, values: dict[str, str]) -> None:
        self.create({"kind": "Secret", "metadata": {"name": name, "namespace": self.namespace}, "stringData": values})

    def run(self, *arguments, values=None, check=True) -> subprocess.CompletedProcess:
        done = run_helm(self.helm, [*arguments, "--namespace", self.namespace, "--kubeconfig", str(self.cluster.kubeconfig)], values, timeout=180)
        assert not check or done.returncode == 0, f"{self.helm} {arguments}: {done.stderr}"
        return done

    def get(self, *what) -> dict:
        return self.cluster.get(*what, "--namespace", self.namespace)

    def items(self, kinds: str) -> list:
        return self.get(kinds)["items"]

    def uids(self, kinds: str) -> dict:
        return {f"{it['kind']}/{it['metadata']['name']}": it["metadata"]["uid"] for it in self.items(kinds)}
