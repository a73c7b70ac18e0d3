"""A store's Helm release, changed as the worker changes it."""

import json
import os

import pytest
from cluster import ROOT, Cluster


class StoreRelease:
    def __init__(self, cluster: Cluster, store: dict, chart: str):
        self.cluster, self.namespace, self.chart = cluster, store["namespace"], ROOT / "helm" / chart
        self.name = cluster.helm("list", "--namespace", self.namespace, "--short").split()[0]
        self.values = json.loads(cluster.helm("get", "values", self.name, "--namespace", self.namespace, "--output", "json"))

    def upgrade(self, **more) -> None:
        """With further values beside those that it was made with."""
        self.cluster.helm("upgrade", self.name, self.chart, "--namespace", self.namespace, "--values", self.chart / "values-local.yaml",
                          "--values", "-", "--wait", "--timeout", "5m", text=json.dumps({**self.values, **more}))

    @property
    def image(self) -> str:
        return self.cluster.pod(self.namespace, "app")["spec"]["containers"][0]["image"]

    def another_tag(self, variable: str) -> str:
        """The same image under another tag, so that what the change of an image costs is seen alone; on a cluster that was there already it is the
        tag that an environment variable names."""
        if self.cluster.own:
            self.cluster.control("tag", f"docker.io/{self.image}", f"docker.io/{self.image.rpartition(':')[0]}:next")
            return "next"
        if variable not in os.environ:
            pytest.skip(f"{variable} names no other image of the store on this cluster")
        return os.environ[variable]
