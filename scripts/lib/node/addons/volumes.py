"""StorageClass local-path in small: each claim gets a folder on the node, which goes with the claim. Folders are 0777, as Rancher's are."""

import os
import pathlib
import queue
import shutil
import time

import kube

PROVISIONER = "rancher.io/local-path"
# Where the node's folder of volumes is in this pod, and where it is on the node.
HERE, THERE = pathlib.Path("/volumes"), os.environ.get("VOLUMES_ON_NODE", "")
SELECTED, MADE_BY = "volume.kubernetes.io/selected-node", "pv.kubernetes.io/provisioned-by"
MODES = {"ReadWriteOnce", "ReadWriteOncePod"}


class Volumes:
    def __init__(self, client: kube.Client, changed: queue.Queue):
        self.client = client
        self.claims = kube.Collection(client, "/api/v1/persistentvolumeclaims", changed)
        self.volumes = kube.Collection(client, "/api/v1/persistentvolumes", changed)
        self.classes = kube.Collection(client, "/apis/storage.k8s.io/v1/storageclasses", changed)
        # Claims that were refused, so that each is told once.
        self.refused: set[str] = set()
        for it in (self.claims, self.volumes, self.classes):
            it.synced.wait()

    def sync(self) -> None:
        for claim in self.claims.sorted():
            if self.waits(claim):
                self.provide(claim)
        for volume in self.volumes.sorted():
            if self.is_done_with(volume):
                self.remove(volume)

    def waits(self, claim: dict) -> bool:
        """Whether a claim of ours has no volume and wants one now: with WaitForFirstConsumer not before a pod was scheduled."""
        spec, meta = claim["spec"], claim["metadata"]
        of = self.classes.get("", spec.get("storageClassName") or "")
        if not of or of["provisioner"] != PROVISIONER or spec.get("volumeName") or meta.get("deletionTimestamp"):
            return False
        if of.get("volumeBindingMode") == "WaitForFirstConsumer" and SELECTED not in kube.annotations(claim):
            return False
        return self.volumes.get("", f"pvc-{meta['uid']}") is None

    def provide(self, claim: dict) -> None:
        spec, meta = claim["spec"], claim["metadata"]
        if not set(spec["accessModes"]) <= MODES or spec.get("volumeMode") == "Block":
            if meta["uid"] not in self.refused:
                self.refused.add(meta["uid"])
                self.tell(claim, "Warning", "ProvisioningFailed", "only file systems with the access modes ReadWriteOnce and ReadWriteOncePod are provided")
            return
        name = f"pvc-{meta['uid']}"
        folder = HERE / f"{name}_{meta['namespace']}_{meta['name']}"
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
        node = {"key": "kubernetes.io/hostname", "operator": "In", "values": [kube.annotations(claim).get(SELECTED, "node-1")]}
        self.client.call("POST", "/api/v1/persistentvolumes", {
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name, "annotations": {MADE_BY: PROVISIONER}},
            "spec": {
                "capacity": {"storage": spec["resources"]["requests"]["storage"]}, "accessModes": spec["accessModes"], "volumeMode": "Filesystem",
                "persistentVolumeReclaimPolicy": self.classes.get("", spec["storageClassName"]).get("reclaimPolicy", "Delete"),
                "storageClassName": spec["storageClassName"], "hostPath": {"path": f"{THERE}/{folder.name}", "type": "DirectoryOrCreate"},
                "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **{key: meta[key] for key in ("namespace", "name", "uid")}},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [node]}]}},
            },
        })
        kube.say("made", folder)
        self.tell(claim, "Normal", "ProvisioningSucceeded", f"Successfully provisioned volume {name}")

    @staticmethod
    def is_done_with(volume: dict) -> bool:
        spec, meta = volume["spec"], volume["metadata"]
        ours = kube.annotations(volume).get(MADE_BY) == PROVISIONER and not meta.get("deletionTimestamp")
        return ours and volume.get("status", {}).get("phase") == "Released" and spec["persistentVolumeReclaimPolicy"] == "Delete"

    def remove(self, volume: dict) -> None:
        folder = HERE / pathlib.PurePath(volume["spec"]["hostPath"]["path"]).name
        if folder.name.startswith("pvc-"):
            shutil.rmtree(folder, ignore_errors=True)
        self.client.call("DELETE", f"/api/v1/persistentvolumes/{volume['metadata']['name']}")
        kube.say("removed", folder)

    def tell(self, claim: dict, kind: str, reason: str, message: str) -> None:
        """An event of the claim."""
        meta, now = claim["metadata"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        about = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **{key: meta[key] for key in ("namespace", "name", "uid")}}
        self.client.call("POST", f"/api/v1/namespaces/{meta['namespace']}/events", {
            "metadata": {"generateName": f"{meta['name']}.", "namespace": meta["namespace"]}, "involvedObject": about, "type": kind, "reason": reason,
            "message": message, "firstTimestamp": now, "lastTimestamp": now, "count": 1, "source": {"component": PROVISIONER},
        })


def main() -> None:
    changed: queue.Queue = queue.Queue()
    kube.repeat(changed, 0.1, Volumes(kube.Client.from_environment(), changed).sync)


main()
