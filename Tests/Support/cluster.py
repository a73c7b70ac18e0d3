"""The cluster that the suite runs on: a node of its own, which it may crash, or one that is there already (NODE_CLUSTER=current)."""

import email
import json
import os
import pathlib
import subprocess

from asking import Answer, visit
from polling import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
NODE = ROOT / "scripts/lib/node/node.py"
IMAGES = ROOT / "scripts/lib/node/images"


def run(*command, check: bool = True, text: str | None = None, environment: dict | None = None, timeout: float = 900) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [str(it) for it in command], input=text, stdin=subprocess.DEVNULL if text is None else None, capture_output=True, text=True,
        env={**os.environ, **(environment or {})}, timeout=timeout, check=False,
    )
    assert not check or done.returncode == 0, f"{' '.join(map(str, command))}: {done.stderr.strip()[-3000:]}"
    return done


class Cluster:
    """A cluster that is there. Its ingress is asked at INGRESS_ADDRESS (127.0.0.1) and INGRESS_PORT (80), its images come from IMAGE_REGISTRY."""

    own = False

    def __init__(self):
        self.kubeconfig = os.environ.get("KUBECONFIG") or str(pathlib.Path.home() / ".kube/config")
        self.address, self.port = os.environ.get("INGRESS_ADDRESS", "127.0.0.1"), int(os.environ.get("INGRESS_PORT") or 80)
        self.run("kubectl", "version")

    def run(self, program: str, *words, check: bool = True, text: str | None = None, timeout: float = 900) -> str:
        path = {"kubectl": os.environ["KUBECTL_PATH"], "helm": os.environ["HELM_PATH"]}[program]
        done = run(path, *words, check=check, text=text, environment={"KUBECONFIG": self.kubeconfig}, timeout=timeout)
        return done.stdout if done.returncode == 0 else ""

    def kubectl(self, *words, **more) -> str:
        return self.run("kubectl", *words, **more)

    def helm(self, *words, **more) -> str:
        return self.run("helm", *words, **more)

    def get(self, *words) -> list[dict]:
        """The objects of `kubectl get`; none when there is no such object or namespace."""
        found = json.loads(self.kubectl("get", *words, "--output", "json", "--ignore-not-found", check=False) or "{}")
        return found.get("items", [found] if found else [])

    def apply(self, *objects: dict) -> None:
        self.kubectl("apply", "--filename", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def visit(self, host: str, method: str = "GET", path: str = "/", **more) -> Answer:
        """Asks the ingress for a host, as a browser does."""
        return visit(self.address, self.port, method, path, host=host if self.port == 80 else f"{host}:{self.port}", **more)

    def shell(self, namespace: str, pod: str, container: str, *words, check: bool = True) -> subprocess.CompletedProcess:
        """Runs a program in a container."""
        path = os.environ["KUBECTL_PATH"]
        return run(path, "exec", "--namespace", namespace, pod, "--container", container, "--", *words, check=check, environment={"KUBECONFIG": self.kubeconfig})

    def pods(self, namespace: str, component: str | None = None) -> list[dict]:
        labels = ["--selector", f"app.kubernetes.io/component={component}"] if component else []
        return self.get("pods", "--namespace", namespace, *labels)

    def pod(self, namespace: str, component: str) -> dict:
        """The pod of a component that is not being deleted."""
        return until(lambda: next((it for it in self.pods(namespace, component) if "deletionTimestamp" not in it["metadata"]), None), f"a pod of {component}")


class OwnNode(Cluster):
    """A real node, started from nothing and ended with the suite."""

    own = True

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.control("up", "--system", self.system, "--fresh")
        about = dict(line.split("=", 1) for line in self.control("show").splitlines())
        self.kubeconfig, self.address, self.port = about["KUBECONFIG"], "127.0.0.1", int(about["INGRESS_PORT"])
        self.name = about["NAME"]
        self.node_address, self.host_address, self.volumes = about["NODE_ADDRESS"], about["HOST_ADDRESS"], pathlib.Path(about["VOLUMES"])
        self.ingress_service = about["INGRESS_SERVICE"]

    @property
    def system(self) -> str:
        return os.environ["NODE_SYSTEM_IMAGE"]

    def control(self, verb: str, *words, check: bool = True) -> str:
        return run(NODE, verb, self.folder, *words, check=check).stdout

    def bring(self, *images: str) -> None:
        """Builds images and takes them in."""
        print(run(IMAGES, self.folder, *images, timeout=1800).stdout)

    def set_records(self, *lines: str) -> None:
        """What the cluster's DNS says of names outside the cluster, as lines of a zone file."""
        metadata = {"name": "dns-records", "namespace": "kube-system"}
        self.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"zone": "".join(f"{it}\n" for it in lines)}})

    def up(self) -> None:
        """Starts what does not run."""
        self.control("up", "--system", self.system)

    def down(self) -> None:
        self.control("down")

    def remains(self) -> list[str]:
        return self.control("remains", check=False).splitlines()

    def ctr(self, *words) -> str:
        return run(self.folder / "bin/ctr", "--address", self.folder / "containerd.sock", "--namespace", "k8s.io", *words).stdout

    def head(self, address: str, port: int, host: str) -> Answer:
        """Asks a pod's web server for a page from the node itself, which policies let in as they let the kubelet in; only status and headers."""
        done = run("nsenter", f"--net=/run/netns/{self.name}", "curl", "-sS", "-D", "-", "-o", "/dev/null", "-H", f"Host: {host}", f"http://{address}:{port}/")
        status, _, rest = done.stdout.partition("\n")
        return Answer(int(status.split()[1]), email.message_from_string(rest), b"")

    def kill_container(self, pod: dict, name: str) -> None:
        """KILL for a container's first process."""
        status = next(it for it in pod["status"]["containerStatuses"] if it["name"] == name)
        self.ctr("tasks", "kill", "--signal", "SIGKILL", status["containerID"].removeprefix("containerd://"))

    def pod_cgroups(self) -> set[str]:
        """The uids of the pods that have a control group, of all hierarchies."""
        folders = [it for it in pathlib.Path("/sys/fs/cgroup").glob("*/") if (it / self.name).exists()] or [pathlib.Path("/sys/fs/cgroup")]
        return {path.name.removeprefix("pod") for folder in folders for path in (folder / self.name).glob("kubepods/**/pod*")}
