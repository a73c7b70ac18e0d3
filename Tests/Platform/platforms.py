"""A release of helm/platform in a namespace of its own, with the Secret that an operator makes."""

import secrets as random

from charts import ROOT
from own_release import OwnRelease

CHART = ROOT / "helm/platform"
# Neither cluster knows ValidatingAdmissionPolicy, and the old API server no PodDisruptionBudget and CronJob of today's versions.
VALUES = {"admissionPolicy": {"enabled": False}, "podDisruptionBudget": {"enabled": False}, "backup": {"enabled": False}, "vault": {"platform": {"enabled": False}},
          "networkPolicy": {"apiServer": {"cidrs": ["10.0.0.7/32"], "ports": [6443]}}}


class Platform(OwnRelease):
    def __init__(self, cluster, helm: str):
        self.release = f"weaver-{random.token_hex(3)}"
        super().__init__(cluster, helm, self.release)

    def __enter__(self):
        super().__enter__()
        passwords = {"postgres-password": random.token_hex(16), "redis-password": random.token_hex(16)}
        urls = {"database-url": f"postgresql://storeweaver:{passwords['postgres-password']}@{self.release}-postgres/storeweaver",
                "redis-url": f"redis://:{passwords['redis-password']}@{self.release}-redis"}
        self.create_secret("store-weaver", {**passwords, **urls})
        return self

    def __exit__(self, *reason):
        # What is the cluster's goes with the release; the volumes, which are kept, with the namespace.
        self.run("uninstall", self.release, "--ignore-not-found", check=False)
        super().__exit__(*reason)

    def install(self, **values):
        self.run("upgrade", "--install", self.release, str(CHART), "--values", "-", "--wait", "--timeout", "90s", values={**VALUES, **values})
