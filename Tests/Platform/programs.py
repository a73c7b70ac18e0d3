"""Store Weaver's programs as processes of this machine, in front of a cluster: a private PostgreSQL, Redis, API and one worker."""

import os
import pathlib
import subprocess
import time
import urllib.error
import urllib.parse

import asking
from clusters import ROOT, Cluster
from ports import free_port
from private_servers import Server


class Programs:
    """Ends with the cluster, which owns the processes. `account`: a folder with token, ca.crt and namespace, which the worker finds where the
    kubelet would have put it; `settings` are the worker's too."""

    def __init__(self, cluster: Cluster, account: pathlib.Path, settings: dict):
        self.cluster = cluster
        cluster.folder.chmod(0o755)
        self.servers = [Server("postgres", cluster.folder / "postgres"), Server("redis", cluster.folder / "redis")]
        secrets = cluster.folder / "secrets"
        secrets.mkdir()
        (secrets / "database-url").write_text(self.servers[0].database("storeweaver") + "\n")
        (secrets / "redis-url").write_text(self.servers[1].url + "\n")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        common = {"PATH": os.environ["PATH"], "HOME": str(cluster.folder), "SECRETS_DIR": str(secrets)}
        programs = ROOT / ".build/debug"
        subprocess.run([programs / "storectl", "migrate", "--wait", "30"], env=common, check=True, timeout=60, capture_output=True)
        self.launch("store-api", {**common, "HOST": "127.0.0.1", "PORT": str(port)})
        address = urllib.parse.urlsplit(cluster.url)
        inside = {"KUBERNETES_SERVICE_HOST": address.hostname, "KUBERNETES_SERVICE_PORT": str(address.port)}
        self.launch("store-worker", {**common, **inside, "HELM_PATH": os.environ["HELM_PATH"], "HELM_CHART_PATH": str(ROOT / "helm/store"),
                                     "HELM_CHART_PATH_MEDUSA": str(ROOT / "helm/medusa-store"), "WORKER_NAME": "it", **settings}, account)
        cluster.until(lambda: self.ask("GET", "/api/health")[0] == 200, "all to be healthy", 60)

    def launch(self, name: str, environment: dict, account: pathlib.Path | None = None) -> None:
        command = ["env", "-i", *(f"{key}={value}" for key, value in environment.items()), ROOT / ".build/debug" / name]
        if account:
            # Seen by this process and its children alone.
            place = "mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io && cp -r \"$0\" /run/secrets/kubernetes.io/serviceaccount && exec \"$@\""
            command = ["unshare", "--mount", "sh", "-c", place, account, *command]
        self.cluster.launch(name, *command)

    def ask(self, method: str, path: str, body: dict | None = None) -> tuple[int, dict]:
        try:
            answer = asking.ask(self.url + path, method, body)
            return answer.status, answer.body
        except urllib.error.URLError:
            return 0, {}

    def settled(self, store: str, seconds: float = 120) -> dict:
        """The store, once nothing is under way with it; empty when it is gone."""
        deadline = time.monotonic() + seconds
        while True:
            status, body = self.ask("GET", f"/api/stores/{store}")
            if status == 404 or body["store"]["status"] not in ("provisioning", "deleting"):
                return body.get("store", {})
            assert time.monotonic() < deadline, f"not settled within {seconds} s: {body}\n{(self.cluster.folder / 'store-worker.log').read_text()[-3000:]}"
            time.sleep(0.3)

    def close(self) -> None:
        """The servers; API and worker end with the cluster's processes, which are asked first."""
        for server in self.servers:
            server.stop()
