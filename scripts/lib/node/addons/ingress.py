"""An ingress controller for the class traefik: haproxy, configured anew from Ingresses, Services, EndpointSlices and Secrets.

A path whose Service has no pod that is ready is not there, as for Traefik without `allowEmptyServices`: a request falls through to what is
more general of the same host, and at last to a rule without a host.
It listens on 8000 and, with TLS, on 8443; 8082 answers the probe. It writes an Ingress's address into its status, as controllers do.
"""

import base64
import contextlib
import hashlib
import os
import pathlib
import queue
import signal
import subprocess
import time
import urllib.request

import kube

CLASS = "traefik"
FOLDER = pathlib.Path("/run/ingress")
CERTIFICATES = FOLDER / "certificates"
# Shown where no Ingress has a certificate for the host; haproxy takes the first file by name for it.
DEFAULT = CERTIFICATES / "0-default.pem"
# The address that clients reach the controller at.
ADDRESS = os.environ.get("INGRESS_ADDRESS", "127.0.0.1")

HEAD = f"""\
global
  maxconn 2000
  log stdout format raw local0 info
defaults
  mode http
  log global
  option httplog
  option forwardfor
  timeout connect 5s
  timeout client 75s
  timeout server 75s
  timeout tunnel 1h
  option redispatch
  retries 3
  retry-on conn-failure
frontend probe
  bind :8082
  http-request return status 200 content-type text/plain string MARK
backend none
  http-request return status 404 content-type text/plain string "404 page not found"
frontend web
  bind :8000
  bind :8443 ssl crt {CERTIFICATES}/ alpn h2,http/1.1
  http-request set-var(txn.host) req.hdr(host),field(1,:),lower
  http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
  http-request set-header X-Forwarded-Proto http if !{{ ssl_fc }}
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  default_backend none
"""


class Route:
    """One path of one host, and the Service it leads to."""

    def __init__(self, ingress: dict, host: str | None, path: dict):
        self.namespace, self.host, self.service = ingress["metadata"]["namespace"], host, path["backend"]["service"]
        self.path, self.exact = path.get("path") or "/", path.get("pathType") == "Exact"
        self.backend = "b_" + hashlib.sha256(f"{self.namespace}/{self.service}".encode()).hexdigest()[:12]

    @property
    def rank(self) -> tuple:
        """Sorts what is more special before what is more general."""
        return self.host is None, bool(self.host and self.host.startswith("*.")), not self.exact, -len(self.path), self.backend

    @property
    def rule(self) -> str:
        conditions = [f"{{ var(txn.host) -m {f'end {self.host[1:]}' if self.host.startswith('*.') else f'str {self.host}'} }}"] if self.host else []
        prefix = self.path.rstrip("/")
        if self.exact:
            conditions.append(f"{{ path {self.path} }}")
        elif prefix:
            # Whole segments: /api is not the prefix of /apis.
            conditions.append(f"{{ path,concat(/) -m beg {prefix}/ }}")
        return f"  use_backend {self.backend}" + (f" if {' '.join(conditions)}" if conditions else "")


class Ingresses:
    def __init__(self, client: kube.Client, changed: queue.Queue):
        self.client = client
        paths = {
            "ingresses": "/apis/networking.k8s.io/v1/ingresses", "services": "/api/v1/services",
            "slices": "/apis/discovery.k8s.io/v1/endpointslices", "secrets": "/api/v1/secrets",
        }
        self.of = {name: kube.Collection(client, path, changed) for name, path in paths.items()}
        for it in self.of.values():
            it.synced.wait()
        self.applied, self.proxy = "", None

    def loaded(self) -> str:
        """The mark of the configuration that answers."""
        try:
            with urllib.request.urlopen("http://127.0.0.1:8082/", timeout=1) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def mine(self) -> list[dict]:
        return [it for it in self.of["ingresses"].sorted() if it["spec"].get("ingressClassName") == CLASS]

    def routes(self) -> list[Route]:
        found = [
            Route(ingress, rule.get("host"), path)
            for ingress in self.mine() for rule in ingress["spec"].get("rules") or [] for path in (rule.get("http") or {}).get("paths") or []
            if "service" in path["backend"]
        ]
        return sorted(found, key=lambda it: it.rank)

    def targets(self, route: Route) -> list[tuple[str, int]]:
        """The addresses of the pods behind a route that are ready."""
        service = self.of["services"].get(route.namespace, route.service["name"])
        wanted = route.service["port"]
        ports = service["spec"].get("ports") or [] if service else []
        port = next((it for it in ports if it["port"] == wanted.get("number") or it.get("name", "") == wanted.get("name", 0)), None)
        if port is None:
            return []
        found = set()
        for it in self.of["slices"].sorted():
            if it["metadata"]["namespace"] != route.namespace or kube.labels(it).get("kubernetes.io/service-name") != route.service["name"]:
                continue
            number = next((p["port"] for p in it.get("ports") or [] if (p.get("name") or "") == port.get("name", "")), None)
            for endpoint in it.get("endpoints") or []:
                if number and (endpoint.get("conditions") or {}).get("ready") is not False:
                    found |= {(address, number) for address in endpoint["addresses"]}
        return sorted(found)

    def configuration(self) -> str:
        served = [(route, targets) for route in self.routes() if (targets := self.targets(route))]
        text = HEAD + "".join(f"{route.rule}\n" for route, _ in served)
        for name, targets in sorted({route.backend: targets for route, targets in served}.items()):
            text += f"backend {name}\n" + "".join(f"  server s{number} {address}:{port}\n" for number, (address, port) in enumerate(targets))
        return text

    def write_certificates(self) -> str:
        """One file for each Secret that an Ingress names; answers what changes when one of them does."""
        wanted = {}
        for ingress in self.mine():
            namespace = ingress["metadata"]["namespace"]
            for name in {it.get("secretName") for it in ingress["spec"].get("tls") or []} - {None}:
                secret = self.of["secrets"].get(namespace, name)
                if secret and secret.get("type") == "kubernetes.io/tls":
                    wanted[f"{namespace}_{name}.pem"] = b"\n".join(base64.b64decode(secret["data"][key]) for key in ("tls.crt", "tls.key"))
        for path in CERTIFICATES.iterdir():
            if path != DEFAULT and path.name not in wanted:
                path.unlink()
        for name, content in wanted.items():
            (CERTIFICATES / name).write_bytes(content)
        return hashlib.sha256(b"".join(it for _, it in sorted(wanted.items()))).hexdigest()

    def sync(self) -> None:
        state = self.write_certificates()
        text = self.configuration()
        mark = hashlib.sha256((text + state).encode()).hexdigest()[:16]
        if mark != self.applied:
            (FOLDER / "haproxy.cfg").write_text(text.replace("MARK", mark))
            if self.proxy is None:
                self.proxy = subprocess.Popen(["haproxy", "-W", "-q", "-f", FOLDER / "haproxy.cfg"])
            else:
                self.proxy.send_signal(signal.SIGUSR2)
            self.applied = mark
        # A reload can fail or be lost, and then what is gone would be asked for ever.
        if not self.comes(lambda: self.loaded() == mark):
            kube.say("haproxy has not taken what changed, and is told again")
            self.proxy.send_signal(signal.SIGUSR2)
            if not self.comes(lambda: self.loaded() == mark):
                raise OSError("haproxy does not take what changed")
        if self.proxy and self.proxy.poll() is not None:
            raise SystemExit("haproxy has ended")
        self.write_addresses()

    def comes(self, holds) -> bool:
        """Whether it holds within 5 seconds, of a proxy that lives."""
        for _ in range(25):
            if holds() or self.proxy.poll() is not None:
                return True
            time.sleep(0.2)
        return False

    def write_addresses(self) -> None:
        for it in self.mine():
            if not (it.get("status", {}).get("loadBalancer") or {}).get("ingress"):
                path = f"/apis/networking.k8s.io/v1/namespaces/{it['metadata']['namespace']}/ingresses/{it['metadata']['name']}/status"
                # One that is deleted meanwhile needs none.
                with contextlib.suppress(kube.Refusal):
                    self.client.call("PATCH", path, {"status": {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}}}, "application/merge-patch+json")


def make_default_certificate() -> None:
    CERTIFICATES.mkdir(parents=True, exist_ok=True)
    key, certificate = FOLDER / "default.key", FOLDER / "default.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=default", "-days", "3650",
         "-keyout", key, "-out", certificate], check=True, capture_output=True,
    )
    DEFAULT.write_bytes(certificate.read_bytes() + key.read_bytes())


def main() -> None:
    make_default_certificate()
    changed: queue.Queue = queue.Queue()
    kube.repeat(changed, 0.2, Ingresses(kube.Client.from_environment(), changed).sync)


if __name__ == "__main__":
    main()
