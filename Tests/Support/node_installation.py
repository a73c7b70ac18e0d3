"""helm/platform on the cluster, and its API as a client sees it."""

import base64
import json
import secrets

import yaml
from asking import Answer
from cluster import ROOT, Cluster
from polling import until

NAMESPACE = "store-weaver"
RELEASE = "weaver"
HOST = "weaver.localhost"
USER = "ada@example.com"
SUFFIX = ".localhost"


def key() -> str:
    return "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()


class NodeInstallation:
    def __init__(self, cluster: Cluster):
        self.cluster = cluster

    def install(self, images: list[str] | None = None) -> None:
        """`images`: names of those that the node has; it pulls nothing. What stores run of them is pulled first, as far as that shows here."""
        self.make_secret()
        known = yaml.safe_load((ROOT / "helm/platform/values.yaml").read_text(encoding="utf-8"))["storeImages"]
        pulled = {part: {name: it if it in (images or []) else None for name, it in known[part].items()} for part in ("images", "official")}
        values = {
            "host": HOST, "storeSuffix": SUFFIX, "environment": "local", "ingress": {"tls": {"enabled": False}, "annotations": {}},
            "api": {"settings": {"AUTH_MODE": "header", "TRUSTED_PROXIES": "1", "RATE_LIMIT_PER_USER": "0", "RATE_LIMIT_PER_ADDRESS": "0"}},
            # The node's ingress has no public address.
            "worker": {"settings": {"INGRESS_PORT": str(self.cluster.port), "DOMAINS_AT_PRIVATE_ADDRESSES": "true"}},
            "storeImages": {"prePull": bool(images), **pulled},
        }
        self.cluster.helm("upgrade", "--install", RELEASE, ROOT / "helm/platform", "--namespace", NAMESPACE, "--values", ROOT / "helm/platform/values-k3s.yaml",
                          "--values", "-", "--wait", "--timeout", "5m", text=json.dumps(values))
        until(lambda: self.api("GET", "/api/health").status == 200, "the API to be healthy", 60)

    def make_secret(self) -> None:
        """As deploy/k3s/install makes it."""
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        postgres, redis = secrets.token_hex(24), secrets.token_hex(24)
        self.cluster.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}},
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "store-weaver", "namespace": NAMESPACE}, "stringData": {
                "database-url": f"postgresql://storeweaver:{postgres}@{RELEASE}-postgres/storeweaver", "redis-url": f"redis://default:{redis}@{RELEASE}-redis",
                "postgres-password": postgres, "redis-password": redis, "admin-token": secrets.token_hex(24), "credentials-keys": key(),
                "vault-keys": key(), "archive-keys": key(), "channel-keys": key(), "platform-backup-password": secrets.token_hex(24),
            }},
        )

    def api(self, method: str, path: str, body=None) -> Answer:
        return self.cluster.visit(HOST, method, path, body=body, headers={"X-User-Id": USER})

    def asked(self, method: str, path: str, status: int, body=None):
        answer = self.api(method, path, body)
        assert answer.status == status, f"{method} {path}: {answer}"
        return answer.body

    def create(self, name: str, engine: str = "woocommerce") -> dict:
        return self.asked("POST", "/api/stores", 202, {"name": name, "engine": engine})["store"]

    def store(self, store: dict) -> dict:
        return self.asked("GET", f"/api/stores/{store['id']}", 200)["store"]

    def ready(self, store: dict, seconds: float = 420) -> dict:
        """Waits until it is ready; fails as soon as it has failed, with the reason."""
        def settled():
            answer = self.api("GET", f"/api/stores/{store['id']}")
            # While the node is away, nobody answers.
            if answer.status == 200 and answer.body["store"]["status"] not in ("provisioning", "requested"):
                return answer.body["store"]
            return None

        found = until(settled, f"{store['name']} to be ready", seconds)
        assert found["status"] == "ready", found
        return found

    def change(self, store: dict, body: dict, seconds: float = 240) -> dict:
        """Changes the store's spec, and waits until that is made; it stays ready all the while."""
        asked = self.asked("PATCH", f"/api/stores/{store['id']}", 202, body)["store"]

        def made():
            answer = self.api("GET", f"/api/stores/{store['id']}")
            if answer.status != 200:
                return None
            found = answer.body["store"]
            assert found["status"] == "ready", found
            return None if found["activity"] else found

        found = until(made, f"{store['name']} to be {body}", seconds)
        assert found["changeError"] is None and found["appliedGeneration"] == asked["generation"], found
        return found

    def delete(self, store: dict) -> None:
        self.asked("DELETE", f"/api/stores/{store['id']}", 202)

    def gone(self, store: dict, seconds: float = 300) -> None:
        until(lambda: self.api("GET", f"/api/stores/{store['id']}").status == 404, f"{store['name']} to be gone", seconds)

    def credentials(self, store: dict) -> dict:
        return self.asked("POST", f"/api/stores/{store['id']}/credentials/reveal", 200)

    def words(self) -> str:
        """The end of what API and workers said, for a failure's report."""
        return "\n".join(
            f"----- {name}\n" + self.cluster.kubectl("logs", "--namespace", NAMESPACE, f"deployment/{RELEASE}-{name}", "--tail=60", check=False) for name in ("worker", "api", "gate")
        )
