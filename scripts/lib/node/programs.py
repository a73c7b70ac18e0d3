"""The node's programs in the order in which they start, each with its command line."""

import dataclasses
import pathlib

from place import Addresses, Place

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Program:
    """One program. `inside`: in the node's network."""

    name: str
    command: list
    inside: bool = True
    environment: dict = dataclasses.field(default_factory=dict)


def programs(place: Place, at: Addresses) -> dict[str, Program]:
    it, pki, etc, state = place.bin, place.pki, place.etc, place.state
    peer = "http://127.0.0.1:2380"
    api_server = [
        it / "kube-apiserver", "--etcd-servers=http://127.0.0.1:2379", "--bind-address=0.0.0.0", f"--advertise-address={at.node}",
        f"--tls-cert-file={pki}/api.crt", f"--tls-private-key-file={pki}/api.key", f"--client-ca-file={pki}/ca.crt",
        f"--token-auth-file={pki}/tokens.csv", "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
        f"--service-cluster-ip-range={at.services}", "--allow-privileged=true",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={pki}/accounts.pub", f"--service-account-signing-key-file={pki}/accounts.key",
        f"--kubelet-certificate-authority={pki}/ca.crt", f"--kubelet-client-certificate={pki}/api-to-kubelet.crt",
        f"--kubelet-client-key={pki}/api-to-kubelet.key", "--kubelet-preferred-address-types=InternalIP", "--profiling=false",
    ]
    controllers = [
        it / "kube-controller-manager", f"--kubeconfig={etc}/controllers.kubeconfig", "--bind-address=127.0.0.1", f"--cert-dir={state}/controllers",
        "--leader-elect=false", "--use-service-account-credentials=true", f"--service-account-private-key-file={pki}/accounts.key",
        f"--root-ca-file={pki}/ca.crt", f"--cluster-signing-cert-file={pki}/ca.crt", f"--cluster-signing-key-file={pki}/ca.key",
        "--allocate-node-cidrs=true", f"--cluster-cidr={at.pods}", f"--service-cluster-ip-range={at.services}", "--profiling=false",
    ]
    ways = [f"{at.api_port}:{at.node}:6443", f"{at.web_port}:{at.service(80)}:80", f"{at.tls_port}:{at.service(80)}:443"]
    client = {"KUBE_SERVER": f"https://{at.node}:6443", "KUBE_TOKEN_FILE": f"{pki}/admin.token", "KUBE_CA": f"{pki}/ca.crt"}
    found = [
        Program("etcd", [
            it / "etcd", "--data-dir", state / "etcd", "--listen-client-urls", "http://127.0.0.1:2379", "--advertise-client-urls", "http://127.0.0.1:2379",
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}",
            # What is lost with the machine's power may be lost.
            "--unsafe-no-fsync", "--log-level", "warn",
        ]),
        Program("containerd", [it / "containerd", "--config", etc / "containerd.toml", "--log-level", "warn"]),
        Program("kube-apiserver", api_server),
        Program("forwarder", ["python3", HERE / "forwarder.py", *ways], inside=False),
        Program("kube-controller-manager", controllers),
        Program("kube-scheduler", [
            it / "kube-scheduler", f"--kubeconfig={etc}/scheduler.kubeconfig", "--bind-address=127.0.0.1", f"--cert-dir={state}/scheduler",
            "--leader-elect=false", "--profiling=false",
        ]),
        Program("kube-proxy", [it / "kube-proxy", f"--config={etc}/proxy.json", "--hostname-override=node-1"]),
        Program("policies", ["python3", HERE / "policies.py"], environment=client),
        Program("kubelet", [
            it / "kubelet", f"--config={etc}/kubelet.json", f"--kubeconfig={etc}/kubelet.kubeconfig", f"--root-dir={state}/kubelet",
            f"--cert-dir={state}/kubelet-keys", "--hostname-override=node-1", f"--node-ip={at.node}",
        ]),
    ]
    return {program.name: program for program in found}
