"""A stand-in for scheduler, kubelet and volume provisioner: nothing runs, everything soon says that it does."""

import datetime
import threading
import traceback

MERGE = "application/merge-patch+json"


def now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Kubelet(threading.Thread):
    """Looks at all pods and claims again and again. Pods of the namespaces in `missing` wait for their images."""

    def __init__(self, ask):
        super().__init__(daemon=True)
        self.ask = ask
        self.missing: set[str] = set()
        # What all pods have as theirs from now on; without one no Service leads anywhere.
        self.address: str | None = None
        self.ended = threading.Event()

    def stop(self) -> None:
        self.ended.set()
        self.join()

    def run(self) -> None:
        while not self.ended.wait(0.3):
            try:
                for pod in (self.ask("GET", "/api/v1/pods") or {}).get("items", []):
                    self.tend(pod)
                for claim in (self.ask("GET", "/api/v1/persistentvolumeclaims") or {}).get("items", []):
                    self.bind(claim)
            except Exception:  # noqa: BLE001  (the next round tries again; the log of the run shows it)
                if not self.ended.is_set():
                    traceback.print_exc()

    def tend(self, pod: dict) -> None:
        meta, spec = pod["metadata"], pod["spec"]
        path = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}"
        if "deletionTimestamp" in meta:
            self.ask("DELETE", path, {"gracePeriodSeconds": 0})
        elif "nodeName" not in spec:
            self.ask("POST", path + "/binding", {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": meta["name"]},
                                                 "target": {"apiVersion": "v1", "kind": "Node", "name": "nowhere"}})
        else:
            status = self.status(spec, meta["namespace"] in self.missing)
            if pod["status"].get("phase") != status["phase"]:
                self.ask("PATCH", path + "/status", {"status": status}, MERGE)

    def status(self, spec: dict, is_missing: bool) -> dict:
        once = spec["restartPolicy"] == "Never"
        fails = any(word.endswith("exit 1") for it in spec["containers"] for word in it.get("command", []))
        phase = "Pending" if is_missing else "Running" if not once else "Failed" if fails else "Succeeded"
        waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}
        ended = {"terminated": {"exitCode": int(fails), "reason": "Error" if fails else "Completed"}}
        state = waiting if is_missing else ended if once else {"running": {"startedAt": now()}}
        ready = phase == "Running"
        address = {"podIP": self.address, "podIPs": [{"ip": self.address}]} if self.address else {}
        return {
            "phase": phase, "startTime": now(), **address,
            "conditions": [{"type": kind, "status": str(ready or kind in ("PodScheduled", "Initialized")), "lastTransitionTime": now()}
                           for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")],
            "containerStatuses": [{"name": it["name"], "image": it["image"], "imageID": "", "ready": ready, "started": ready, "restartCount": 0, "state": state}
                                  for it in spec["containers"]],
        }

    def bind(self, claim: dict) -> None:
        meta = claim["metadata"]
        if "deletionTimestamp" in meta or claim["status"].get("phase") == "Bound":
            return
        path = f"/api/v1/namespaces/{meta['namespace']}/persistentvolumeclaims/{meta['name']}"
        name = f"volume-{meta['uid']}"
        size = claim["spec"]["resources"]["requests"]
        self.ask("POST", "/api/v1/persistentvolumes", {
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
            "spec": {"capacity": size, "accessModes": claim["spec"]["accessModes"], "hostPath": {"path": "/nowhere"},
                     "storageClassName": claim["spec"].get("storageClassName", ""), "persistentVolumeReclaimPolicy": "Delete",
                     "claimRef": {"kind": "PersistentVolumeClaim", "namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"]}},
        })
        # The claim that names its volume is bound by the controller.
        self.ask("PATCH", path, {"spec": {"volumeName": name}}, MERGE)
