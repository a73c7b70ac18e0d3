"""Which rule of the node's ingress controller, the tests' stand-in for Traefik, takes a request: read from haproxy's configuration as it writes it."""

import re
import sys

import pytest
from charts import ROOT

sys.path.append(str(ROOT / "scripts/lib/node/addons"))

import ingress  # noqa: E402


class Objects(list):
    def get(self, namespace: str, name: str):
        return next((it for it in self if (it["metadata"]["namespace"], it["metadata"]["name"]) == (namespace, name)), None)

    def sorted(self):
        return self


def rule(service: str, host: str | None, *paths: str) -> dict:
    entries = [{"path": path, "pathType": "Prefix", "backend": {"service": {"name": service, "port": {"name": "http"}}}} for path in paths]
    spec = {"ingressClassName": "traefik", "rules": [{**({"host": host} if host else {}), "http": {"paths": entries}}]}
    return {"metadata": {"namespace": "n", "name": f"{service}-{host}"}, "spec": spec}


def controller(ready: set[str]) -> ingress.Ingresses:
    """A store with two Services, and the gate; `ready`: the Services that have a pod which is ready."""
    it = ingress.Ingresses.__new__(ingress.Ingresses)
    services = ("store", "admin", "gate")
    it.of = {
        "ingresses": Objects([rule("store", "acme.test", "/"), rule("admin", "acme.test", "/app"), rule("gate", None, "/")]),
        "services": Objects({"metadata": {"namespace": "n", "name": name}, "spec": {"ports": [{"name": "http", "port": 80}]}} for name in services),
        "slices": Objects({
            "metadata": {"namespace": "n", "name": name, "labels": {"kubernetes.io/service-name": name}}, "ports": [{"name": "http", "port": 8080}],
            "endpoints": [{"addresses": [f"10.0.0.{number}"], "conditions": {"ready": name in ready}}],
        } for number, name in enumerate(services)),
    }
    return it


def taker(text: str, host: str, path: str) -> str | None:
    """The address that haproxy would pass the request to: the first rule whose conditions hold."""
    for backend, conditions in re.findall(r"^  use_backend (\S+)(?: if (.+))?$", text, re.MULTILINE):
        wanted = re.search(r"var\(txn.host\) -m str (\S+)", conditions)
        prefix = re.search(r"-m beg (\S+)", conditions)
        if (wanted is None or wanted[1] == host) and (prefix is None or (path + "/").startswith(prefix[1])):
            return re.search(rf"^backend {backend}\n  server s0 (\S+)$", text, re.MULTILINE)[1]
    return None


@pytest.mark.parametrize(("ready", "host", "path", "address"), [
    ({"store", "admin", "gate"}, "acme.test", "/", "10.0.0.0:8080"),
    ({"store", "admin", "gate"}, "acme.test", "/app/login", "10.0.0.1:8080"),
    ({"store", "gate"}, "acme.test", "/app/login", "10.0.0.0:8080"),
    ({"gate"}, "acme.test", "/app/login", "10.0.0.2:8080"),
    ({"store", "gate"}, "other.test", "/", "10.0.0.2:8080"),
    ({"store"}, "acme.test", "/", "10.0.0.0:8080"),
    (set(), "acme.test", "/", None),
])
def test_the_longest_path_of_the_host_with_a_ready_pod_takes_it_and_else_the_rule_without_a_host(ready, host, path, address):
    assert taker(controller(ready).configuration(), host, path) == address


class HardOfHearing:
    """haproxy, which takes a new configuration at the second signal."""

    def __init__(self):
        self.signals = 0

    def send_signal(self, _) -> None:
        self.signals += 1

    def poll(self) -> None:
        return None


def test_a_reload_that_was_lost_is_told_again(tmp_path, monkeypatch):
    monkeypatch.setattr(ingress, "FOLDER", tmp_path)
    monkeypatch.setattr(ingress, "CERTIFICATES", tmp_path / "certificates")
    monkeypatch.setattr(ingress.time, "sleep", lambda _: None)
    (tmp_path / "certificates").mkdir()
    it = controller({"store"})
    it.of["secrets"], it.applied, it.proxy = Objects(), "", HardOfHearing()
    it.write_addresses = lambda: None

    def loaded() -> str:
        found = re.search(r"text/plain string (\S{16})$", (tmp_path / "haproxy.cfg").read_text(), re.MULTILINE)
        return found[1] if it.proxy.signals > 1 else "what was before"
    it.loaded = loaded
    it.sync()
    assert it.proxy.signals == 2
    it.sync()
    assert it.proxy.signals == 2, "nothing has changed"
