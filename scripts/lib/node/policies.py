"""NetworkPolicies of the node's pods, as nft rules in its network: what kube-router does on k3s, of IPv4.

A policy takes effect a moment after its pod has an address, and nothing holds the pod up until then. The node itself reaches all its pods.
What is refused is rejected, not dropped.
"""

import ipaddress
import pathlib
import queue
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent / "addons"))

import kube  # noqa: E402

TABLE = "store_weaver_policies"
ANY = ""


def matches(selector: dict | None, labels: dict) -> bool:
    """Whether a label selector takes these labels; no selector takes none, an empty one all."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for it in selector.get("matchExpressions") or []:
        key, values = it["key"], it.get("values") or []
        holds = {
            "In": labels.get(key) in values, "NotIn": key not in labels or labels[key] not in values,
            "Exists": key in labels, "DoesNotExist": key not in labels,
        }
        if not holds[it["operator"]]:
            return False
    return True


def has_address(pod: dict) -> bool:
    status = pod.get("status", {})
    return bool(status.get("podIP")) and not pod["spec"].get("hostNetwork") and status.get("phase") in ("Pending", "Running")


def address(pod: dict) -> str:
    return pod["status"]["podIP"]


def among(addresses) -> str:
    return "{ " + ", ".join(sorted(set(addresses))) + " }"


def named_ports(pods: list[dict], name: str, protocol: str) -> list[int]:
    """The numbers that a port's name has in these pods."""
    containers = [it for pod in pods for it in pod["spec"]["containers"] + (pod["spec"].get("initContainers") or [])]
    ports = [port for container in containers for port in container.get("ports") or []]
    return sorted({port["containerPort"] for port in ports if port.get("name") == name and port.get("protocol", "TCP") == protocol})


def port_matches(rule: dict, targets: list[dict]) -> list[str]:
    """The rule's ports as nft writes them; `targets` are the pods that a port's name is looked up in."""
    found = []
    for it in rule.get("ports") or []:
        protocol, port = it.get("protocol", "TCP"), it.get("port")
        if port is None:
            found.append(f"meta l4proto {protocol.lower()}")
        elif isinstance(port, int):
            found.append(f"{protocol.lower()} dport {port}" + (f"-{it['endPort']}" if it.get("endPort") else ""))
        else:
            found += [f"{protocol.lower()} dport {number}" for number in named_ports(targets, port, protocol)]
    return found if rule.get("ports") else [ANY]


class Policies:
    """The pods, namespaces and policies of the cluster, and the rules that follow from them."""

    def __init__(self, client: kube.Client, changed: queue.Queue):
        self.pods = kube.Collection(client, "/api/v1/pods", changed)
        self.namespaces = kube.Collection(client, "/api/v1/namespaces", changed)
        self.policies = kube.Collection(client, "/apis/networking.k8s.io/v1/networkpolicies", changed)
        self.applied = ""
        for it in (self.pods, self.namespaces, self.policies):
            it.synced.wait()

    def selected(self, peer: dict, namespace: str, alive: list[dict]) -> list[dict]:
        """The pods that a peer of a rule in `namespace` means."""
        def right_namespace(pod: dict) -> bool:
            if "namespaceSelector" not in peer:
                return pod["metadata"]["namespace"] == namespace
            it = self.namespaces.get("", pod["metadata"]["namespace"])
            return matches(peer["namespaceSelector"], kube.labels(it) if it else {})

        return [pod for pod in alive if right_namespace(pod) and ("podSelector" not in peer or matches(peer["podSelector"], kube.labels(pod)))]

    def peers(self, rule_peers: list | None, field: str, namespace: str, alive: list[dict]) -> list[tuple[str, list[dict]]]:
        """What a rule lets pass, as nft's match of the other end's address and the pods that may stand there."""
        if not rule_peers:
            return [(ANY, alive)]
        found = []
        for peer in rule_peers:
            if block := peer.get("ipBlock"):
                if ":" in block["cidr"]:
                    continue
                text = f"ip {field} {ipaddress.ip_network(block['cidr'], strict=False)}"
                if excepted := [it for it in block.get("except") or [] if ":" not in it]:
                    text += f" ip {field} != {among(excepted)}"
                found.append((text, alive))
            elif pods := self.selected(peer, namespace, alive):
                found.append((f"ip {field} {among(map(address, pods))}", pods))
        return found

    def permissions(self, policy: dict, direction: str, pod: dict, alive: list[dict]) -> list[str]:
        inwards = direction == "Ingress"
        lines = []
        for rule in policy["spec"].get(direction.lower()) or []:
            for text, pods in self.peers(rule.get("from" if inwards else "to"), "saddr" if inwards else "daddr", policy["metadata"]["namespace"], alive):
                lines += [" ".join(it for it in (text, port, "return") if it) for port in port_matches(rule, [pod] if inwards else pods)]
        return lines

    def chains(self, direction: str, alive: list[dict]) -> dict[str, list[str]]:
        """By address, for each pod that a policy of this direction selects: the lines of its chain."""
        found = {}
        for pod in alive:
            mine = [it for it in self.policies.sorted() if it["metadata"]["namespace"] == pod["metadata"]["namespace"]
                    and matches(it["spec"].get("podSelector", {}), kube.labels(pod))]
            mine = [it for it in mine if direction in it["spec"].get("policyTypes", ["Ingress"])]
            if mine:
                lines = [line for policy in mine for line in self.permissions(policy, direction, pod, alive)]
                found[address(pod)] = [f"# {pod['metadata']['namespace']}/{pod['metadata']['name']}", *dict.fromkeys(lines), "counter reject with icmpx admin-prohibited"]
        return found

    def rules(self) -> str:
        alive = [it for it in self.pods.sorted() if has_address(it)]
        inwards, outwards = self.chains("Ingress", alive), self.chains("Egress", alive)

        def chain(name: str, lines: list[str]) -> str:
            return f" chain {name} {{\n" + "".join(f"  {line}\n" for line in lines) + " }\n"

        def name(prefix: str, pod: str) -> str:
            return f"{prefix}_{pod.replace('.', '_')}"

        def jumps(field: str, prefix: str, chains: dict) -> list[str]:
            return [f"ip {field} vmap {{ " + ", ".join(f"{it} : jump {name(prefix, it)}" for it in sorted(chains)) + " }"] if chains else []

        def hook(where: str) -> list[str]:
            return [f"type filter hook {where} priority -5; policy accept;", "ct state established,related accept"]

        text = "".join(chain(name("in", it), lines) for it, lines in inwards.items())
        text += "".join(chain(name("out", it), lines) for it, lines in outwards.items())
        text += chain("forward", hook("forward") + jumps("saddr", "out", outwards) + jumps("daddr", "in", inwards))
        text += chain("input", hook("input") + jumps("saddr", "out", outwards))
        return f"table inet {TABLE} {{\n{text}}}\n"

    def apply(self) -> None:
        rules = self.rules()
        if rules == self.applied:
            return
        done = subprocess.run(["nft", "-f", "-"], input=f"table inet {TABLE}\ndelete table inet {TABLE}\n{rules}", text=True, capture_output=True)
        if done.returncode:
            raise OSError(f"nft: {done.stderr[:800]}\n{rules}")
        self.applied = rules


def main() -> None:
    changed: queue.Queue = queue.Queue()
    policies = Policies(kube.Client.from_environment(), changed)
    kube.repeat(changed, 0.05, policies.apply)


if __name__ == "__main__":
    main()
