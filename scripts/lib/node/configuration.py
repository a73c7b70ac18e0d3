"""The configuration files of the node's programs, written at each start."""

import base64
import json

from place import Addresses, Place

CONTAINERD = """\
version = 3
root = "{it.containerd}"
state = "{it.state}/containerd"
# What this node has no use for, or what would write outside its folder.
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp",
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.erofs"]
[grpc]
address = "{it.socket}"
[plugins."io.containerd.cri.v1.images"]
snapshotter = "overlayfs"
[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "node.local/system:1"
[plugins."io.containerd.cri.v1.runtime"]
enable_unprivileged_ports = true
enable_unprivileged_icmp = true
netns_mounts_under_state_dir = true
# Where root may not lower a process's score, as in a container.
restrict_oom_score_adj = true
[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ["{it.bin}/cni"]
conf_dir = "{it.etc}/cni"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
BinaryName = "{it.bin}/runc"
SystemdCgroup = false
"""


def kubeconfig(place: Place, server: str, name: str) -> dict:
    """A client's file for who has this token; the kubelet's has a certificate instead."""
    pki = place.pki
    if name == "kubelet":
        user = {"client-certificate": f"{pki}/kubelet.crt", "client-key": f"{pki}/kubelet.key"}
    else:
        user = {"token": (pki / f"{name}.token").read_text()}
    authority = base64.b64encode((pki / "ca.crt").read_bytes()).decode()
    return {
        "apiVersion": "v1", "kind": "Config", "current-context": place.name,
        "clusters": [{"name": place.name, "cluster": {"server": server, "certificate-authority-data": authority}}],
        "contexts": [{"name": place.name, "context": {"cluster": place.name, "user": name}}],
        "users": [{"name": name, "user": user}],
    }


def pod_network(place: Place, at: Addresses) -> dict:
    pods = at.pods.replace("/16", "/24")
    return {"cniVersion": "1.0.0", "name": place.name, "plugins": [
        {"type": "bridge", "bridge": "cni0", "isGateway": True, "hairpinMode": True, "ipMasq": False,
         "ipam": {"type": "host-local", "dataDir": f"{place.state}/cni", "ranges": [[{"subnet": pods}]], "routes": [{"dst": "0.0.0.0/0"}]}},
    ]}


def kubelet(place: Place, at: Addresses) -> dict:
    pki = place.pki
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
        "failCgroupV1": False, "cgroupDriver": "cgroupfs", "cgroupRoot": f"/{place.name}", "oomScoreAdj": 0,
        "containerRuntimeEndpoint": f"unix://{place.socket}",
        "tlsCertFile": f"{pki}/kubelet-server.crt", "tlsPrivateKeyFile": f"{pki}/kubelet-server.key",
        "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": True}, "x509": {"clientCAFile": f"{pki}/ca.crt"}},
        "authorization": {"mode": "Webhook"},
        "clusterDNS": [at.service(10)], "clusterDomain": "cluster.local", "resolvConf": f"{place.etc}/resolv.conf",
        "failSwapOn": False, "podLogsDir": f"{place.state}/pods", "volumePluginDir": f"{place.state}/kubelet/plugins-of-volumes",
        "maxPods": 110, "imageGCHighThresholdPercent": 100,
        # The machine is shared: its disk may be fuller than a node's of its own.
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%", "nodefs.inodesFree": "1%"},
        "nodeStatusUpdateFrequency": "5s", "syncFrequency": "30s",
    }


def kube_proxy(place: Place, at: Addresses) -> dict:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration", "mode": "nftables", "clusterCIDR": at.pods,
        "clientConnection": {"kubeconfig": f"{place.etc}/proxy.kubeconfig"}, "bindAddress": "0.0.0.0",
        "conntrack": {"maxPerCore": 0, "min": 0}, "nodePortAddresses": ["primary"], "oomScoreAdj": 0,
    }


def write_configuration(place: Place, at: Addresses) -> None:
    etc = place.etc
    (etc / "cni").mkdir(parents=True, exist_ok=True)
    etc.chmod(0o700)
    (etc / "containerd.toml").write_text(CONTAINERD.format(it=place))
    (etc / "resolv.conf").write_text(f"nameserver {at.host}\n")
    files = {"kubelet.json": kubelet(place, at), "proxy.json": kube_proxy(place, at), "cni/10-node.conflist": pod_network(place, at)}
    for name in ("admin", "controllers", "scheduler", "proxy", "kubelet"):
        files[f"{name}.kubeconfig"] = kubeconfig(place, f"https://{at.node}:6443", name)
    for name, content in files.items():
        (etc / name).write_text(json.dumps(content, indent=1))
    place.kubeconfig.touch(mode=0o600)
    place.kubeconfig.write_text(json.dumps(kubeconfig(place, f"https://127.0.0.1:{at.api_port}", "admin"), indent=1))
