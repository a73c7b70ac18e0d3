"""A release of helm/platform in a namespace of its own, with the Secret that an operator makes."""

import json
import secrets as random
import subprocess

from charts import ROOT, run_helm

CHART = ROOT / "helm/platform"
# Neither cluster knows ValidatingAdmissionPolicy, and the old API server no PodDisruptionBudget and CronJob of today's versions.
VALUES = {"admissionPolicy": {"enabled": False}, "podDisruptionBudget": {"enabled": False}, "backup": {"enabled": False}, "vault": {"platform": {"enabled": False}},
          "networkPolicy": {"apiServer": {"cidrs": ["10.0.0.7/32"], "ports": [6443]}}}


class Platform:
    def __init__(self, cluster, helm: str):
        self.cluster, self.helm = cluster, helm
        self.namespace = self.release = f"weaver-{random.token_hex(3)}"

    def __enter__(self):
        levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
        self.create({"kind": "Namespace", "metadata": {"name": self.namespace, "labels": levels}})
        passwords = {"postgres-password": random.token_hex(16), "redis-password": random.token_hex(16)}
        urls = {"database-url": f"postgresql://storeweaver:{passwords['postgres-password']}@{self.release}-postgres/storeweaver",
                "redis-url": f"redis://:{passwords['redis-password']}@{self.release}-redis"}
        self.create({"kind": "Secret", "metadata": {"name": "store-weaver", "namespace": self.namespace}, "stringData": {**passwords, **urls}})
        return self

    def __exit__(self, *_):
        # What is the cluster's goes with the release; the volumes, which are kept, with the namespace.
        self.run("uninstall", self.release, "--ignore-not-found", check=False)
        self.cluster.kubectl("delete", "namespace", self.namespace, "--wait=false", check=False)

    def create(self, it: dict) -> subprocess.CompletedProcess:
        return self.cluster.kubectl("create", "--filename", "-", text=json.dumps({"apiVersion": "v1", **it}))

    def run(self, *arguments, values=None, check=True) -> subprocess.CompletedProcess:
        done = run_helm(self.helm, [*arguments, "--namespace", self.namespace, "--kubeconfig", str(self.cluster.kubeconfig)], values, timeout=180)
        assert not check or done.returncode == 0, f"{self.helm} {arguments}: {done.stderr}"
        return done

    def install(self, **values):
        self.run("upgrade", "--install", self.release, str(CHART), "--values", "-", "--wait", "--timeout", "90s", values={**VALUES, **values})

    def items(self, kinds: str) -> list:
        return self.cluster.get(kinds, "--namespace", self.namespace)["items"]

    def uids(self, kinds: str) -> dict:
        return {f"{it['kind']}/{it['metadata']['name']}": it["metadata"]["uid"] for it in self.items(kinds)}
