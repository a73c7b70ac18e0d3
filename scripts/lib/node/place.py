"""Where a node lives: its folder, its names on the machine, its addresses. All of them follow from the folder, so that two nodes never meet."""

import contextlib
import hashlib
import ipaddress
import json
import pathlib
import socket
import subprocess

# Each node takes a network 10.B.0.0/14 of its own: the first that the machine has no route into.
BLOCKS = range(60, 240, 4)
# A socket's path has at most 107 characters, and the kubelet's deepest one is 40 below the folder.
LONGEST_FOLDER = 64


class NodeError(Exception):
    """What went wrong, and what the user can do about it."""


class Place:
    """The folder of one node. `choose` picks its addresses once; later starts read them."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder.resolve()
        if len(str(self.folder)) > LONGEST_FOLDER:
            raise NodeError(f"{self.folder} is longer than {LONGEST_FOLDER} characters, too long for the node's sockets: set RUN_DIR to a shorter one")
        identity = hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]
        # The network namespace, the cgroup and the CNI network.
        self.name = f"sw-node-{identity}"
        # Interface names have at most 15 characters.
        self.host_link, self.node_link = f"sw{identity}h", f"sw{identity}n"
        self.bin = self.folder / "bin"
        self.logs = self.folder / "log"
        self.pids = self.folder / "pid"
        self.pki = self.folder / "pki"
        self.etc = self.folder / "etc"
        # What the node must remember over a restart; containerd's own folder keeps the images even when this is removed.
        self.state = self.folder / "state"
        self.containerd = self.folder / "containerd"
        self.storage = self.state / "volumes"
        self.socket = self.folder / "containerd.sock"
        self.kubeconfig = self.folder / "kubeconfig"
        self.netns = pathlib.Path("/run/netns") / self.name

    def addresses(self) -> "Addresses":
        with contextlib.suppress(FileNotFoundError):
            return Addresses(**json.loads((self.folder / "addresses.json").read_text()))
        raise NodeError(f"{self.folder} has no node")

    def choose(self) -> "Addresses":
        """The addresses of an earlier start where they are still free, else new ones."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            old = self.addresses()
        except NodeError:
            old = Addresses(0, 0, 0, 0)
        taken = routes()
        free = [block for block in BLOCKS if not any(ipaddress.ip_network(f"10.{block}.0.0/14").overlaps(it) for it in taken)]
        if not free:
            raise NodeError("this machine has routes into every network from 10.60.0.0/14 on")
        if old.block and old.block not in free:
            raise NodeError(f"the network of this node, 10.{old.block}.0.0/14, is now somebody else's: remove {self.folder}, then begin anew")
        block = old.block or free[0]
        ports = [free_port(first) for first in (old.api_port or 26443, old.web_port or 28080, old.tls_port or 28443)]
        chosen = Addresses(block, *ports)
        (self.folder / "addresses.json").write_text(json.dumps(vars(chosen)))
        return chosen


class Addresses:
    """`block`: the second number of the node's first network. The ports are on 127.0.0.1: the API server, the ingress, the ingress with TLS."""

    def __init__(self, block: int, api_port: int, web_port: int, tls_port: int):
        self.block, self.api_port, self.web_port, self.tls_port = block, api_port, web_port, tls_port

    @property
    def host(self) -> str:
        """The machine, as the node sees it."""
        return f"10.{self.block}.0.1"

    @property
    def node(self) -> str:
        return f"10.{self.block}.0.2"

    @property
    def pods(self) -> str:
        return f"10.{self.block + 1}.0.0/16"

    @property
    def services(self) -> str:
        return f"10.{self.block + 2}.0.0/16"

    def service(self, number: int) -> str:
        """The cluster address that ends with `number`; 1 is the API server, 10 the DNS, 80 the ingress."""
        return f"10.{self.block + 2}.0.{number}"


def routes() -> list[ipaddress.IPv4Network]:
    """The networks that this machine has routes to, its default route left out."""
    said = subprocess.run(["ip", "-json", "-4", "route"], check=True, capture_output=True, text=True).stdout
    return [ipaddress.ip_network(it["dst"], strict=False) for it in json.loads(said or "[]") if it["dst"] != "default"]


def free_port(first: int) -> int:
    """`first`, or the next port that nobody listens on."""
    for port in range(first, first + 500):
        with socket.socket() as it, contextlib.suppress(OSError):
            it.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            it.bind(("127.0.0.1", port))
            return port
    raise NodeError(f"no free port from {first} on")
