"""A store's time to ready through the platform over that of bare `helm upgrade --install --wait`, on the same simulated cluster; and beside
two hostile stores over the same alone."""

import os
import subprocess
import sys
import threading
import time

from installation import Installation
from measuring import BIN, ROOT, Rounds, Verdicts, arguments, memory_mib, tree
from polling import until

# What made others wait once: lines whose redaction took seconds, and a catalogue that filled the worker's memory.
LINE = " ".join(["password" * 125, "a" * 2000, "\u001b[31m" * 200, "key=" * 500])
HOSTILE = {
    "crasher": {"kind": "crashLoop", "message": LINE},
    "talker": {"kind": "brokenStorefront", "status": 200, "message": "[]", "padding": 31 * 1024 * 1024},
}


class Stores:
    """`pods`: how long each step of a pod takes longer than it does by itself, in seconds."""

    def __init__(self, installation: Installation, pods: float) -> None:
        self.installation, self.pods, self.made = installation, pods, 0

    def slow_down(self, namespace: str) -> None:
        if self.pods:
            self.installation.kubernetes(
                "PUT", f"/simulator/faults/{namespace}", {"faults": [{"kind": "slow", "factor": 1, "seconds": self.pods}]}
            )

    def ours(self) -> dict[str, float]:
        """Also leaves the store's values and Secrets for bare Helm to install the same."""
        self.made += 1
        namespace = f"store-store-{self.made}"
        self.slow_down(namespace)
        watch = WorkerWatch(self.installation.workers[0].process.pid)
        boot, wall = time.clock_gettime(time.CLOCK_BOOTTIME), time.time()
        self.store = self.installation.ask("POST", "/api/stores", {"name": f"store {self.made}", "engine": "woocommerce"})["store"]
        assert self.store["namespace"] == namespace, self.store
        workloads = self.when_workloads_are_ready(namespace)
        until(lambda: self.installation.sql("SELECT 1 FROM stores WHERE id = %s AND status = 'ready'", self.store["id"]), namespace, 200)
        ready = float(self.installation.sql("SELECT extract(epoch FROM ready_at) FROM stores WHERE id = %s", self.store["id"])[0][0])
        begin = next(
            int(line.split()[1]) / 1000 for line in self.installation.record.read_text().splitlines()
            if line.startswith("begin") and line.split()[3] == namespace
        )
        return {
            "ready_s": ready - wall, "helm_begins_ms": (begin - boot) * 1000, "told_after_ms": (ready - workloads) * 1000,
        } | watch.end()

    def bare(self) -> dict[str, float]:
        """The same release in another namespace, whose Secrets are there beforehand."""
        source, namespace = self.store["namespace"], self.store["namespace"].replace("store-", "bare-")
        values = self.helm("get", "values", self.store["id"], "--namespace", source, "--output", "json")
        values = values.replace(source.removeprefix("store-"), namespace)
        self.installation.kubernetes("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
        for secret in self.installation.kubernetes("GET", f"/api/v1/namespaces/{source}/secrets")["items"]:
            if secret.get("type", "").startswith("helm.sh/"):
                continue
            secret["metadata"] = {"name": secret["metadata"]["name"], "labels": secret["metadata"].get("labels", {})}
            self.installation.kubernetes("POST", f"/api/v1/namespaces/{namespace}/secrets", secret)
        self.slow_down(namespace)
        began = time.monotonic()
        self.helm(
            "upgrade", "--install", self.store["id"], str(ROOT / "helm/store"), "--namespace", namespace, "--wait", "--timeout", "300s",
            "--values", "-", values=values,
        )
        seconds = time.monotonic() - began
        self.helm("uninstall", self.store["id"], "--namespace", namespace)
        self.delete(self.store["id"])
        return {"ready_s": seconds}

    def alone(self) -> dict[str, float]:
        figures = self.ours()
        self.delete(self.store["id"])
        return figures

    def beside_hostile_ones(self) -> dict[str, float]:
        """Two stores are made all the while: one crashes and logs what is dear to look at, the other answers 31 MiB to whatever it is asked."""
        hostile = []
        for name, fault in HOSTILE.items():
            self.made += 1
            self.installation.kubernetes("PUT", f"/simulator/faults/store-{name}-{self.made}", {"faults": [fault]})
            store = self.installation.ask("POST", "/api/stores", {"name": f"{name} {self.made}", "engine": "woocommerce"})["store"]
            assert store["namespace"] == f"store-{name}-{self.made}", store
            hostile.append(store)
        for store in hostile:
            until(lambda: self.installation.sql("SELECT 1 FROM attempts WHERE store_id = %s", store["id"]), "its first attempt", 60)
        figures = self.alone()
        for store in hostile:
            self.installation.kubernetes("PUT", f"/simulator/faults/{store['namespace']}", {"faults": []})
            self.delete(store["id"])
        return figures

    def delete(self, store: str) -> None:
        self.installation.ask("DELETE", f"/api/stores/{store}")
        until(lambda: not self.installation.sql("SELECT 1 FROM stores WHERE id = %s AND deleted_at IS NULL", store), "its end", 200)

    def helm(self, *words: str, values: str | None = None) -> str:
        environment = os.environ | {"KUBECONFIG": str(self.installation.kubeconfig)}
        return subprocess.run(
            [os.environ["HELM_PATH"], *words], env=environment, input=values, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    def when_workloads_are_ready(self, namespace: str) -> float:
        """The wall clock's time at which all that the store consists of was first seen ready, to some 20 ms."""
        while True:
            kinds = [
                self.installation.kubernetes("GET", f"/apis/apps/v1/namespaces/{namespace}/{kind}")["items"]
                for kind in ("deployments", "statefulsets")
            ]
            now = time.time()
            if all(kinds) and all(
                item.get("status", {}).get("readyReplicas", 0) == item["spec"].get("replicas", 1) for items in kinds for item in items
            ):
                return now
            time.sleep(0.02)


class WorkerWatch:
    """The most processes that a worker had, and the most memory that those beside itself took."""

    def __init__(self, pid: int) -> None:
        self.pid, self.processes, self.mib, self.ended = pid, 0, 0.0, threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while not self.ended.wait(0.05):
            children = tree(self.pid)[1:]
            self.processes = max(self.processes, len(children))
            self.mib = max(self.mib, sum(memory_of(child) for child in children))

    def end(self) -> dict[str, float]:
        self.ended.set()
        self.thread.join()
        return {"processes": self.processes, "processes_mib": self.mib, "worker_mib": memory_mib(self.pid)}


def memory_of(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024
    except (OSError, StopIteration):
        return 0


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--pods", type=float, nargs="*", default=[3, 20], help="about how long a store's pods take, in seconds (3 and 20)")
    options = parser.parse_args()
    verdicts, figures = Verdicts(), {}
    installation = Installation(BIN, limits=(1000, 1000), workers=1, skewed=False)
    try:
        installation.start()
        time.sleep(5)
        idle = memory_mib(installation.workers[0].process.pid)
        verdicts.at_most("worker, idle, MiB", idle, 40)
        # Pulls the images; later stores find them on the node.
        warm = Stores(installation, 0)
        warm.ours()
        warm.bare()
        for pods in options.pods:
            rounds = Rounds(options.rounds)
            stores = Stores(installation, step_seconds(pods))
            stores.made = int(pods) * 100
            rounds.run({"ours": stores.ours, "helm --wait": stores.bare})
            print(f"\nPods that take about {pods:.0f} s:")
            rounds.table({
                "ready_s": "to ready, s", "helm_begins_ms": "POST to Helm, ms", "told_after_ms": "pods ready to told, ms",
                "processes": "children", "processes_mib": "their MiB", "worker_mib": "worker MiB",
            })
            figures[pods] = rounds.figures
            ratio = rounds.ratio("ours", "helm --wait", "ready_s")
            verdicts.at_most(f"time to ready over bare helm --wait, pods of {pods:.0f} s", ratio, 1.05)
        rounds, stores = Rounds(options.rounds), Stores(installation, step_seconds(3))
        stores.made = 10_000
        rounds.run({"alone": stores.alone, "beside two hostile stores": stores.beside_hostile_ones})
        print("\nBeside hostile stores, pods that take about 3 s:")
        rounds.table({"ready_s": "to ready, s", "helm_begins_ms": "POST to Helm, ms", "told_after_ms": "pods ready to told, ms", "worker_mib": "worker MiB"})
        figures["hostile"] = rounds.figures
        verdicts.at_most("time to ready beside two hostile stores over alone", rounds.ratio("beside two hostile stores", "alone", "ready_s"), 2)
        verdicts.at_most("worker beside two hostile stores, MiB", rounds.median("beside two hostile stores", "worker_mib"), 256)
    finally:
        installation.stop()
    installation.remove()
    return verdicts.end(figures, options.json)


def step_seconds(pods: float) -> float:
    """A store's pods go through about that many steps one after the other."""
    return pods / 5


if __name__ == "__main__":
    sys.exit(main())
