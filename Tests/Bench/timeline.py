"""When what became of a store's pods, as the API server tells it while it happens."""

import json
import os
import subprocess
import threading
import time

from cluster import OwnNode
from polling import until

# Each ends with the moment of its name; what counts is the time since the one before.
MOMENTS = {
    "made": "asked, and all pods are made",
    "database runs": "the database's container runs",
    "database ready": "the database is ready",
    "set up": "the set-up has ended",
    "app runs": "the app's container runs",
    "app ready": "the app is ready",
    "told": "who asked is told",
}
PHASES = tuple(MOMENTS.values())


class Timeline:
    """Begins with the block; `told` ends it."""

    def __init__(self, node: OwnNode) -> None:
        self.began, self.seen = 0.0, {}
        environment = os.environ | {"KUBECONFIG": node.kubeconfig}
        self.watch = subprocess.Popen(
            [os.environ["KUBECTL_PATH"], "get", "--raw", "/api/v1/pods?watch=true&timeoutSeconds=900"], env=environment, stdout=subprocess.PIPE, text=True
        )
        self.thread = threading.Thread(target=self.follow, daemon=True)

    def __enter__(self) -> "Timeline":
        self.thread.start()
        # The watch tells first what is there already; the platform's own pods are.
        until(lambda: self.seen, "the watch to tell of pods", 30)
        self.began = time.monotonic()
        return self

    def __exit__(self, *_) -> None:
        self.watch.terminate()
        self.watch.wait()
        self.thread.join()

    def follow(self) -> None:
        for line in self.watch.stdout:
            now, pod = time.monotonic(), json.loads(line)["object"]
            component = pod["metadata"].get("labels", {}).get("app.kubernetes.io/component")
            for moment in moments(component, pod.get("status", {})):
                self.seen.setdefault((pod["metadata"]["namespace"], moment), now)

    def told(self, namespace: str) -> None:
        now = time.monotonic()
        until(lambda: (namespace, "app ready") in self.seen, "the watch to have told all", 10)
        own = {moment: at for (where, moment), at in self.seen.items() if where == namespace}
        own["made"] = max(at for moment, at in own.items() if moment.endswith(" made"))
        self.at = {**own, "told": now}

    def figures(self) -> dict[str, float]:
        """The phases, which add up to the total. A moment that came before the one that it follows took no time."""
        figures, last = {}, self.began
        for moment, phase in MOMENTS.items():
            at = max(last, self.at[moment])
            figures[phase], last = at - last, at
        return figures | {"total": last - self.began}


def moments(component: str | None, status: dict):
    """What is true of a pod now, by name."""
    yield f"{component} made"
    containers = status.get("containerStatuses", [])
    if containers and "running" in containers[0].get("state", {}):
        yield f"{component} runs"
    if any(it["type"] == "Ready" and it["status"] == "True" for it in status.get("conditions", [])):
        yield f"{component} ready"
    if any("terminated" in it.get("state", {}) and it["state"]["terminated"]["exitCode"] == 0 for it in status.get("initContainerStatuses", [])):
        yield "set up"
