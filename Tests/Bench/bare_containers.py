"""A store's containers without Kubernetes: as its pods have them, on the node's containerd, in the node's network."""

import base64
import itertools
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

from cluster import OwnNode
from polling import until

NUMBERS = itertools.count(1)
PORTS = {"woocommerce": 8080, "medusa": 9000}


class BareStore:
    """What one namespace has, taken from the API server; `run` makes it anew each time, of empty volumes."""

    def __init__(self, node: OwnNode, namespace: str, engine: str) -> None:
        self.node, self.port = node, PORTS[engine]
        found = node.get("deployments,statefulsets", "--namespace", namespace)
        self.pods = [it["spec"]["template"]["spec"] for it in found if it["metadata"]["labels"]["app.kubernetes.io/component"] != "storefront"]
        self.files = {
            (it["kind"], it["metadata"]["name"]): {key: content(it["kind"], text) for key, text in (it.get("data") or {}).items()}
            for it in node.get("secrets,configmaps", "--namespace", namespace)
        }

    def run(self) -> float:
        """The seconds until the app is ready."""
        self.folder, self.children, self.ids = pathlib.Path(tempfile.mkdtemp(prefix="sw-bare-", dir=self.node.folder)), [], []
        self.folder.chmod(0o755)
        pods = [(it, self.volumes(number, it)) for number, it in enumerate(self.pods)]
        try:
            began = time.monotonic()
            for pod, volumes in pods:
                threading.Thread(target=self.run_pod, args=(pod, volumes), daemon=True).start()
            until(lambda: self.answers(), "the bare store to answer", 300)
            return time.monotonic() - began
        finally:
            self.end()

    def answers(self) -> bool:
        words = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5", f"http://127.0.0.1:{self.port}/-/ready"]
        done = subprocess.run(["nsenter", f"--net=/run/netns/{self.node.name}", *words], capture_output=True, text=True, check=False)
        return done.stdout == "200"

    def volumes(self, number: int, pod: dict) -> dict[str, pathlib.Path]:
        """A folder for each volume, with what belongs into it."""
        owner = pod["securityContext"]["runAsUser"]
        made = {}
        for volume in pod.get("volumes", []):
            made[volume["name"]] = folder = self.folder / f"{number}-{volume['name']}"
            folder.mkdir()
            for name, data in self.contents(volume):
                (folder / name).write_bytes(data)
                os.chown(folder / name, owner, owner)
            os.chown(folder, owner, owner)
        return made

    def contents(self, volume: dict):
        for source in [volume, *volume.get("projected", {}).get("sources", [])]:
            if "configMap" in source:
                yield from self.files["ConfigMap", source["configMap"]["name"]].items()
            if "secret" in source:
                data = self.files["Secret", source["secret"].get("secretName") or source["secret"]["name"]]
                for item in source["secret"].get("items") or [{"key": key, "path": key} for key in data]:
                    yield item["path"], data[item["key"]]

    def run_pod(self, pod: dict, volumes: dict[str, pathlib.Path]) -> None:
        for container in pod.get("initContainers", []):
            if self.start(pod, container, volumes).wait() != 0:
                return
        for container in pod["containers"]:
            self.start(pod, container, volumes)

    def start(self, pod: dict, container: dict, volumes: dict[str, pathlib.Path]) -> subprocess.Popen:
        name, user = f"bare-{next(NUMBERS)}", pod["securityContext"]["runAsUser"]
        words = ["--with-ns", f"network:/run/netns/{self.node.name}", "--cgroup", f"/{self.node.name}/{name}", "--user", f"{user}:{user}"]
        for variable in container.get("env", []):
            words += ["--env", f"{variable['name']}={here(**variable)}"]
        for mount in container.get("volumeMounts", []):
            words += ["--mount", f"type=bind,src={volumes[mount['name']]},dst={mount['mountPath']},options=rbind:rw"]
        image, _, tag = container["image"].partition(":")
        image = f"docker.io/{image if '/' in image else f'library/{image}'}:{tag}"
        command = [str(it) for it in (*container.get("command", []), *container.get("args", []))]
        with open(self.folder / f"{name}.log", "wb") as log:
            child = subprocess.Popen([*self.ctr, "run", "--rm", *words, image, name, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.children.append(child)
        self.ids.append(name)
        return child

    @property
    def ctr(self) -> list[str]:
        return [str(self.node.folder / "bin/ctr"), "--address", str(self.node.folder / "containerd.sock"), "--namespace", "k8s.io"]

    def end(self) -> None:
        for name in self.ids:
            subprocess.run([*self.ctr, "tasks", "kill", "--signal", "SIGKILL", name], capture_output=True, check=False)
        for child in self.children:
            child.wait(60)
        shutil.rmtree(self.folder)


def here(name: str, value: str = "") -> str:
    """Of an environment variable: servers of the store are at this network's own address."""
    host, colon, port = value.partition(":")
    return f"127.0.0.1{colon}{port}" if host and name.endswith("_HOST") else value


def content(kind: str, text: str) -> bytes:
    return base64.b64decode(text) if kind == "Secret" else text.encode()
