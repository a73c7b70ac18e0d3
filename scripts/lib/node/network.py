"""The node's network: a namespace of its own, a pair of links to the machine, and the machine's routes to pods and services.

The machine's firewall and forwarding stay as they are, so what runs on the node has no way beyond this machine.
"""

import shutil
import subprocess

from place import Addresses, NodeError, Place

# The last one: what passes between two pods on one bridge passes the rules too.
SETTINGS = ("net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0", "net.bridge.bridge-nf-call-iptables=1")


def ip(*words: str, check: bool = True) -> None:
    subprocess.run(["ip", *words], check=check, stdout=subprocess.DEVNULL, stderr=None if check else subprocess.DEVNULL)


def open_network(place: Place, at: Addresses) -> None:
    ip("netns", "add", place.name)
    ip("link", "add", place.host_link, "type", "veth", "peer", "name", place.node_link, "netns", place.name)
    ip("address", "add", f"{at.host}/24", "dev", place.host_link)
    ip("link", "set", place.host_link, "up")
    ip("-n", place.name, "address", "add", f"{at.node}/24", "dev", place.node_link)
    for link in (place.node_link, "lo"):
        ip("-n", place.name, "link", "set", link, "up")
    ip("-n", place.name, "route", "add", "default", "via", at.host)
    for net in (at.pods, at.services):
        ip("route", "add", net, "via", at.node)
    if shutil.which("modprobe"):
        subprocess.run(["modprobe", "br_netfilter"], check=False, stderr=subprocess.DEVNULL)
    done = subprocess.run(["nsenter", f"--net={place.netns}", "sysctl", "-qw", *SETTINGS], check=False, capture_output=True, text=True)
    if done.returncode:
        raise NodeError(f"the kernel does not do what a node's network needs (br_netfilter?): {done.stderr.strip()}")


def close_network(place: Place) -> None:
    """The routes go with the link, the link inside with the namespace."""
    ip("link", "delete", place.host_link, check=False)
    ip("netns", "delete", place.name, check=False)
