"""A store's release in a namespace of its own, with the Secrets that the worker would have made."""

import json
import secrets as random

from charts import Chart, worker_values
from own_release import OwnRelease

STORE = "a1b2c3d4e5f6"
TIMEOUT = "90s"


class Release(OwnRelease):
    def __init__(self, cluster, chart: Chart, helm: str):
        super().__init__(cluster, helm, f"store-{chart.engine}-{random.token_hex(3)}")
        self.chart = chart

    def __enter__(self):
        super().__enter__()
        for name, keys in self.chart.secrets.items():
            self.create_secret(name.replace("{id}", STORE), {key: random.token_hex(16) for key in keys})
        return self

    def install(self, path=None, check=True, timeout=TIMEOUT, **values):
        """`helm upgrade --install` with the production values and https, as the worker calls it, and waits."""
        path = path or self.chart.path
        given = worker_values(STORE, **{"scheme": "https", **values})
        return self.run("upgrade", "--install", STORE, str(path), "--values", str(path / "values-prod.yaml"), "--values", "-",
                        "--wait", "--timeout", timeout, values=given, check=check)

    def status(self) -> str:
        return json.loads(self.run("status", STORE, "--output", "json").stdout)["info"]["status"]

    def app(self) -> dict:
        return self.get("deployment", self.chart.app.replace("{id}", STORE))
