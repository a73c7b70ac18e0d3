"""How long a new store takes until it sells, phase by phase, on a real node (docs/verification.md): through the platform, by bare `helm --wait`, and
as bare containers on the same node without Kubernetes."""

import json
import os
import pathlib
import statistics
import sys

from bare_containers import BareStore
from cluster import OwnNode
from measuring import ROOT, Rounds, Verdicts, arguments
from node_installation import NodeInstallation
from timeline import PHASES, Timeline

CHARTS = {"woocommerce": "store", "medusa": "medusa-store"}
# From the click to a store that sells, in seconds, with the images on the node.
AIMS = {"woocommerce": 7, "medusa": 10}


class Stores:
    def __init__(self, node: OwnNode, installation: NodeInstallation, engine: str) -> None:
        self.node, self.installation, self.engine, self.made = node, installation, engine, 0

    def through_the_platform(self) -> dict[str, float]:
        """Also keeps what the others make the same of: the release's values and its namespace's objects."""
        self.made += 1
        with Timeline(self.node) as timeline:
            store = self.installation.create(f"{self.engine} {self.made}", self.engine)
            ready = self.installation.ready(store)
            timeline.told(ready["namespace"])
        namespace = ready["namespace"]
        release = self.node.helm("list", "--namespace", namespace, "--short").split()[0]
        self.values = json.loads(self.node.helm("get", "values", release, "--namespace", namespace, "--output", "json"))
        self.release, self.secrets = release, self.node.get("secrets", "--namespace", namespace)
        self.bare_store = BareStore(self.node, namespace, self.engine)
        self.installation.delete(store)
        self.installation.gone(store)
        return timeline.figures()

    def bare_helm(self) -> dict[str, float]:
        namespace = f"bare-{self.engine}-{self.made}"
        own = {"metadata": {"name": namespace}}
        secrets = [{**it, "metadata": {"name": it["metadata"]["name"], "namespace": namespace}} for it in self.secrets if not it["type"].startswith("helm.sh/")]
        self.node.apply({"apiVersion": "v1", "kind": "Namespace", **own}, *secrets)
        chart = ROOT / "helm" / CHARTS[self.engine]
        values = {**self.values, "host": f"{namespace}.localhost"}
        with Timeline(self.node) as timeline:
            self.node.helm("install", self.release, chart, "--namespace", namespace, "--values", "-", "--wait", "--timeout", "5m", text=json.dumps(values))
            timeline.told(namespace)
        self.node.kubectl("delete", "namespace", namespace)
        return timeline.figures()

    def bare_containers(self) -> dict[str, float]:
        return {"total": self.bare_store.run()}


def measure(node: OwnNode, installation: NodeInstallation, engine: str, count: int, verdicts: Verdicts) -> dict:
    stores, rounds = Stores(node, installation, engine), Rounds(count)
    contenders = {"the platform": stores.through_the_platform, "helm --wait": stores.bare_helm, "containers": stores.bare_containers}
    rounds.run(contenders)
    print(f"\n{engine}, medians of {count}, seconds:")
    names = list(rounds.figures)
    print(f"{'':<44}" + "".join(f"{it:>14}" for it in names))
    for phase in (*PHASES, "total"):
        cells = [f"{statistics.median(found):.2f}" if (found := rounds.figures[it].get(phase)) else "" for it in names]
        print(f"{phase:<44}" + "".join(f"{it:>14}" for it in cells))
    verdicts.at_most(f"{engine}: seconds from the click to a store that sells", rounds.median("the platform", "total"), AIMS[engine])
    verdicts.at_most(f"{engine}: the same over bare helm --wait", rounds.ratio("the platform", "helm --wait", "total"), 1.05)
    return rounds.figures


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--engines", nargs="*", choices=CHARTS, default=list(CHARTS))
    options = parser.parse_args()
    verdicts, figures = Verdicts(), {}
    images = os.environ["NODE_CHART_IMAGES"]
    node = OwnNode(pathlib.Path(os.environ["NODE_FOLDER"]))
    try:
        node.bring(*images.split())
        installation = NodeInstallation(node)
        installation.install()
        for engine in options.engines:
            if engine == "medusa" and "medusa-backend" not in images:
                print("Medusa's packages are not there, and it is not measured: MEDUSA_MODULES=DIR (docs/verification.md)")
                continue
            figures[engine] = measure(node, installation, engine, options.rounds, verdicts)
    finally:
        node.down()
    return verdicts.end(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
