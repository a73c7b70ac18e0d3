"""The clusters that releases are tried on: the simulated one, or a real API server without nodes."""

import contextlib
import json
import os
import pathlib
import re
import secrets
import shutil
import ssl
import subprocess
import sys
import tempfile

from asking import ask
from kubelet import Kubelet
from polling import until
from ports import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Cluster:
    """Owns a folder and the processes started in it; `kubeconfig` is for Helm and kubectl."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sw-releases-"))
        self.kubeconfig = self.folder / "kubeconfig"
        self.processes = []

    def launch(self, name: str, *command) -> subprocess.Popen:
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes.append((name, process))
        return process

    def until(self, holds, what: str, seconds: float = 60) -> None:
        def ended() -> list[str]:
            return [name for name, process in self.processes if process.poll() is not None]

        def said() -> str:
            names = ended() or [name for name, _ in self.processes]
            return "\n".join(f"-- {it}\n" + (self.folder / f"{it}.log").read_text(errors="replace")[-2000:] for it in names)
        until(holds, what, seconds, ended=ended, said=said)

    def close(self) -> None:
        for _, process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kubectl(self, *arguments, check=True, text=None) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [os.environ["KUBECTL_PATH"], "--kubeconfig", str(self.kubeconfig), *map(str, arguments)],
            input=text, capture_output=True, text=True, timeout=60, check=False,
        )
        assert not check or done.returncode == 0, f"kubectl {arguments}: {done.stderr}"
        return done

    def get(self, *what) -> dict:
        return json.loads(self.kubectl("get", *what, "--output", "json").stdout)

    @contextlib.contextmanager
    def images_missing(self, namespace: str):
        """For the length of the block no image can be pulled in the namespace."""
        raise NotImplementedError


class SimulatedCluster(Cluster):
    def __init__(self):
        super().__init__()
        program = ROOT / ".build/debug/cluster-sim"
        assert program.is_file(), f"{program} is missing: swift build"
        self.launch("cluster-sim", program, "--port", 0, "--ingress-port", 0, "--kubeconfig-out", self.kubeconfig, "--speed", 10)
        self.until(lambda: self.kubeconfig.is_file() and self.kubectl("version", check=False).returncode == 0, "the simulated cluster")

    @contextlib.contextmanager
    def images_missing(self, namespace):
        note = "simulator.store-weaver.dev/faults"
        self.kubectl("annotate", "namespace", namespace, f"{note}=imagePullFailure")
        try:
            yield
        finally:
            self.kubectl("annotate", "namespace", namespace, f"{note}-")


class APIServer(Cluster):
    """kube-apiserver and kube-controller-manager over etcd. Pods are bound and called ready by a stand-in for the kubelet;
    no container runs."""

    def __init__(self):
        super().__init__()
        certificates = self.folder / "certificates"
        certificates.mkdir()
        key = certificates / "accounts.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        etcd, peer, port = free_port(), free_port(), free_port()
        token = secrets.token_hex(16)
        (self.folder / "tokens.csv").write_text(f"{token},admin,admin,system:masters\n")
        self.url = f"https://127.0.0.1:{port}"
        self.launch("etcd", os.environ["ETCD"], "--data-dir", self.folder / "etcd", "--listen-client-urls", f"http://127.0.0.1:{etcd}",
                    "--advertise-client-urls", f"http://127.0.0.1:{etcd}", "--listen-peer-urls", f"http://127.0.0.1:{peer}",
                    "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}", "--initial-cluster", f"default=http://127.0.0.1:{peer}")
        self.launch("kube-apiserver", os.environ["KUBE_APISERVER"], "--etcd-servers", f"http://127.0.0.1:{etcd}", "--bind-address", "127.0.0.1",
                    "--secure-port", port, "--cert-dir", certificates, "--token-auth-file", self.folder / "tokens.csv", "--authorization-mode", "RBAC",
                    "--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", key,
                    "--service-account-signing-key-file", key, "--service-cluster-ip-range", "10.43.0.0/16", "--allow-privileged=false")
        self.kubeconfig.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "it",
            "clusters": [{"name": "it", "cluster": {"server": self.url, "insecure-skip-tls-verify": True}}],
            "users": [{"name": "it", "user": {"token": token}}], "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        }))
        self.headers = {"Authorization": f"Bearer {token}"}
        # The server made its certificate itself a moment ago, on this machine's loopback.
        self.tls = ssl._create_unverified_context()
        self.until(lambda: self.kubectl("get", "--raw", "/readyz", check=False).returncode == 0, "kube-apiserver")
        manager = os.environ["KUBE_CONTROLLER_MANAGER"]
        # Versions before 1.24 open a port without TLS beside the other one, the same for each, unless they are told not to.
        described = subprocess.run([manager, "--help"], check=True, capture_output=True, text=True).stdout
        without_tls = ["--port", "0"] if re.search(r"^ +--port ", described, re.MULTILINE) else []
        # Pods are bound to a node that is not there; the collector of such pods would remove one now and then in the midst of a test.
        self.launch("kube-controller-manager", manager, "--controllers", "*,-podgc", "--kubeconfig", self.kubeconfig, "--leader-elect=false",
                    "--service-account-private-key-file", key, "--use-service-account-credentials=false", *without_tls, "--secure-port", free_port(),
                    "--cert-dir", certificates, "--bind-address", "127.0.0.1")
        self.kubelet = Kubelet(self.ask)
        self.kubelet.start()
        self.until(lambda: self.kubectl("get", "serviceaccount", "default", check=False).returncode == 0, "kube-controller-manager")

    def ask(self, method: str, path: str, body: dict | None = None, media: str = "application/json"):
        """An answer's JSON; None for a conflict or something that is gone."""
        answer = ask(self.url + path, method, body, {**self.headers, "Content-Type": media}, tls=self.tls)
        if answer.status in (404, 409):
            return None
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer}")
        return answer.body

    @contextlib.contextmanager
    def images_missing(self, namespace):
        self.kubelet.missing.add(namespace)
        try:
            yield
        finally:
            self.kubelet.missing.discard(namespace)

    def close(self):
        self.kubelet.stop()
        super().close()


def open_cluster() -> Cluster:
    """As RELEASES_ON says: `sim`, the default, or `apiserver`."""
    name = os.environ.get("RELEASES_ON", "sim")
    kinds = {"sim": SimulatedCluster, "apiserver": APIServer}
    if name not in kinds:
        sys.exit(f"RELEASES_ON is {' or '.join(kinds)}, not {name!r}")
    return kinds[name]()


def refused(events: list) -> list:
    """What controllers were refused: by quota, limits or pod security. Not counted is a StatefulSet's second try for a pod that it
    has created and does not see yet: the quota is asked before the name, so a tight one refuses what would have been a conflict."""
    created, messages = set(), []
    for it in sorted(events, key=lambda it: int(it["metadata"]["resourceVersion"])):
        pod = (it["involvedObject"]["name"], it["message"].partition(" in StatefulSet ")[0])
        if it["reason"] == "SuccessfulCreate":
            created.add(pod)
        elif it["reason"] in ("FailedCreate", "ReplicaSetCreateError") and pod not in created:
            messages.append(it["message"])
    return messages
