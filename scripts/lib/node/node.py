#!/usr/bin/env python3
"""A real Kubernetes on this machine, of one node, in a folder and a network of its own. Linux, root.

  node.py up FOLDER --system ARCHIVE [--fresh]   starts it, or what of it does not run. ARCHIVE: the image of its own pods. --fresh: forgets all but images
  node.py down FOLDER                            ends all of it, by process and by name; what it has stored stays
  node.py load FOLDER ARCHIVE…                   takes in images, as `podman save` writes them
  node.py tag FOLDER IMAGE NAME                  gives an image another name
  node.py images FOLDER                          prints the names of its images
  node.py crash FOLDER PART                      kills one of its programs (kubelet, kube-proxy, …); `up` starts it again
  node.py runs FOLDER                            exit code 0 when all of it runs and answers
  node.py remains FOLDER                         prints what of it is on the machine; exit code 1 when there is anything
  node.py show FOLDER                            prints its addresses as NAME=VALUE

FOLDER/bin has the programs (scripts/lib/node.sh brings them there), FOLDER/kubeconfig is the client's file, FOLDER/log has what all of them say.
"""

import argparse
import contextlib
import datetime
import fcntl
import json
import os
import pathlib
import shutil
import socket
import string
import subprocess
import sys
import time
import urllib.error
import urllib.request

from configuration import write_configuration
from keys import make_keys
from network import open_network
from place import Addresses, NodeError, Place
from processes import Processes, wait_for
from programs import programs
from remains import clear, keep_kernel_settings, make_cgroups, remains

ADDONS = pathlib.Path(__file__).resolve().parent / "addons"
ORDER_OF_END = ("kubelet", "policies", "kube-proxy", "kube-scheduler", "kube-controller-manager", "containerd", "kube-apiserver", "forwarder", "etcd")


class Node:
    def __init__(self, folder: pathlib.Path):
        self.place = Place(folder)
        self.processes = Processes(self.place)

    # Asking

    def run(self, *command, check: bool = True, text: str | None = None) -> str:
        done = subprocess.run(
            [str(it) for it in command], input=text, stdin=subprocess.DEVNULL if text is None else None, capture_output=True, text=True,
            env={**os.environ, "KUBECONFIG": str(self.place.kubeconfig)}, check=False,
        )
        if check and done.returncode:
            raise NodeError(f"{' '.join(map(str, command))}: {done.stderr.strip()[-1500:]}")
        return done.stdout if done.returncode == 0 else ""

    def kubectl(self, *words, check: bool = True, text: str | None = None) -> str:
        return self.run(self.place.bin / "kubectl", *words, check=check, text=text)

    def ctr(self, *words, check: bool = True) -> str:
        return self.run(self.place.bin / "ctr", "--address", self.place.socket, "--namespace", "k8s.io", *words, check=check)

    def answers(self) -> bool:
        """Whether the API server is ready."""
        return self.kubectl("get", "--raw", "/readyz", "--request-timeout=3s", check=False) == "ok"

    def resolves(self, at: Addresses) -> bool:
        """Whether the DNS knows the API server's Service."""
        name = b"".join(bytes([len(it)]) + it.encode() for it in ("kubernetes", "default", "svc", "cluster", "local")) + b"\0"
        question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + name + b"\x00\x01\x00\x01"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as it, contextlib.suppress(OSError):
            it.settimeout(1)
            it.sendto(question, (at.service(10), 53))
            return socket.inet_aton(at.service(1)) in it.recv(512)
        return False

    def serves(self, at: Addresses) -> bool:
        """Whether the ingress answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{at.web_port}/", timeout=2):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def addons_run(self, since: datetime.datetime) -> bool:
        """Whether all of the node's own pods are ready, by containers of this start: what is told of before a restart is stale for a while."""
        pods = json.loads(self.kubectl("get", "pods", "--namespace", "kube-system", "--output", "json", check=False) or '{"items": []}')["items"]
        ready = 0
        for pod in pods:
            states = [it["state"].get("running") for it in pod["status"].get("containerStatuses", [])]
            fresh = states and all(it and datetime.datetime.fromisoformat(it["startedAt"].replace("Z", "+00:00")) >= since for it in states)
            ready += bool(fresh and any(it["type"] == "Ready" and it["status"] == "True" for it in pod["status"].get("conditions", [])))
        return ready >= 3

    def running(self) -> list[str]:
        return [it for it in ORDER_OF_END if self.processes.pid(it)]

    def runs(self) -> bool:
        return len(self.running()) == len(ORDER_OF_END) and self.answers()

    # Starting and ending

    @contextlib.contextmanager
    def alone(self):
        """Two starts at once would take each other's names."""
        self.place.folder.mkdir(parents=True, exist_ok=True)
        with open(self.place.folder / "lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                print("waiting for another start or end of this node", file=sys.stderr)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def up(self, system: pathlib.Path, fresh: bool) -> None:
        began = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        running = self.running()
        if not fresh and self.runs():
            return
        # One part alone is missing after `crash`; everything else is begun from the ground.
        if fresh or len(running) < len(ORDER_OF_END) - 1:
            self.down()
            if fresh:
                for folder in (self.place.state, self.place.logs):
                    shutil.rmtree(folder, ignore_errors=True)
            self.prepare()
        at = self.place.addresses()
        self.start(at, system, fresh)
        wait_for("the node's being ready", 90, self.is_ready, self.processes, "kubelet")
        if len(running) < len(ORDER_OF_END) - 1:
            wait_for("the node's own pods", 120, lambda: self.addons_run(began), self.processes, "kubelet")
        wait_for("the cluster's DNS", 30, lambda: self.resolves(at), self.processes, "kubelet")
        wait_for("the ingress", 30, lambda: self.serves(at), self.processes, "kubelet")

    def is_ready(self) -> bool:
        text = self.kubectl("get", "node", "node-1", "--output", "jsonpath={.status.conditions[?(@.type=='Ready')].status}", check=False)
        return text == "True"

    def prepare(self) -> None:
        at = self.place.choose()
        for folder in (self.place.state, self.place.containerd, self.place.logs, self.place.storage):
            folder.mkdir(parents=True, exist_ok=True)
        # Pods of any user go through it to their volumes.
        for folder in (self.place.folder, self.place.state, self.place.storage):
            folder.chmod(0o711)
        make_keys(self.place, at)
        write_configuration(self.place, at)
        keep_kernel_settings(self.place)
        make_cgroups(self.place)
        open_network(self.place, at)

    def start(self, at: Addresses, system: pathlib.Path, fresh: bool) -> None:
        """Starts what does not run."""
        all_of_them = programs(self.place, at)

        def start(*names: str) -> None:
            for name in names:
                it = all_of_them[name]
                self.processes.start(name, *it.command, inside=it.inside, environment=it.environment)

        start("etcd", "containerd")
        start("kube-apiserver", "forwarder")
        wait_for("containerd's start", 30, lambda: self.ctr("version", check=False), self.processes, "containerd")
        if fresh:
            self.remove_containers()
        self.import_system(system)
        wait_for("the API server's start", 120, self.answers, self.processes, "kube-apiserver")
        start("kube-controller-manager", "kube-scheduler", "kube-proxy", "policies")
        self.apply_addons(at)
        start("kubelet")

    def down(self) -> None:
        self.processes.end(*ORDER_OF_END)
        clear(self.place)

    def crash(self, part: str) -> None:
        if part not in ORDER_OF_END:
            raise NodeError(f"the parts are: {', '.join(ORDER_OF_END)}")
        self.processes.kill(part)

    # Images and add-ons

    def remove_containers(self) -> None:
        """What an earlier cluster of this folder left in containerd's own store."""
        for kind, words in (("containers", ["rm"]), ("snapshots", ["rm"])):
            names = self.ctr(kind, "ls", *(["--quiet"] if kind == "containers" else [])).splitlines()
            if kind == "snapshots":
                names = [it.split()[0] for it in names[1:] if it.split()[-1] == "Active"]
            for name in names:
                self.ctr(kind, *words, name, check=False)

    def import_system(self, archive: pathlib.Path) -> None:
        stamp = self.place.containerd / "system-image"
        state = f"{archive} {archive.stat().st_mtime_ns}"
        if not stamp.exists() or stamp.read_text() != state:
            self.load([archive])
            stamp.write_text(state)

    def load(self, archives: list[pathlib.Path]) -> None:
        for archive in archives:
            self.ctr("images", "import", archive.resolve())

    def tag(self, image: str, name: str) -> None:
        """Gives an image another name, which may have been another image's."""
        self.ctr("images", "tag", "--force", image, name)

    def remove(self, image: str) -> None:
        self.ctr("images", "rm", image)

    def images(self) -> list[str]:
        return [it for it in self.ctr("images", "ls", "--quiet").splitlines() if not it.startswith("sha256:")]

    def apply_addons(self, at: Addresses) -> None:
        files = {path.name: path.read_text() for path in sorted(ADDONS.glob("*.py"))}
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "node-addons", "namespace": "kube-system"}, "data": files}
        self.kubectl("apply", "--server-side", "--force-conflicts", "--filename", "-", text=json.dumps(config))
        objects = string.Template((ADDONS / "addons.yaml").read_text())
        services = at.service(0).removesuffix(".0")
        self.kubectl("apply", "--filename", "-", text=objects.substitute(SERVICES=services, VOLUMES=self.place.storage, WEB=at.web_port))

    def show(self) -> dict[str, str]:
        at = self.place.addresses()
        return {
            "NAME": self.place.name, "KUBECONFIG": str(self.place.kubeconfig), "INGRESS_PORT": str(at.web_port), "INGRESS_TLS_PORT": str(at.tls_port),
            "INGRESS_SERVICE": at.service(80), "NODE_ADDRESS": at.node,
            "HOST_ADDRESS": at.host, "API_ADDRESS": at.service(1), "POD_NETWORK": at.pods, "VOLUMES": str(self.place.storage),
        }


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("verb", choices=("up", "down", "load", "tag", "images", "crash", "runs", "remains", "show"))
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--system", type=pathlib.Path)
    parser.add_argument("--fresh", action="store_true")
    arguments = parser.parse_args()
    began = time.monotonic()
    try:
        node = Node(arguments.folder)
        match arguments.verb:
            case "up":
                with node.alone():
                    node.up(arguments.system, arguments.fresh)
                print(f"up in {time.monotonic() - began:.1f} s")
            case "down":
                with node.alone():
                    node.down()
            case "load":
                node.load([pathlib.Path(it) for it in arguments.words])
            case "tag":
                node.tag(*arguments.words)
            case "images":
                print("\n".join(node.images()))
            case "crash":
                node.crash(arguments.words[0])
            case "show":
                print("\n".join(f"{name}={value}" for name, value in node.show().items()))
            case "runs":
                return 0 if node.runs() else 1
            case "remains":
                found = remains(node.place)
                if found:
                    print("\n".join(found))
                return 1 if found else 0
    except NodeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
