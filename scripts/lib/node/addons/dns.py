"""The cluster's DNS, as CoreDNS' kubernetes plugin answers in the main: A, SRV and PTR for Services, A for what stands behind a headless one.

Of other zones it knows what the ConfigMap `dns-records` says, in the form of zone files, since the node has no way out.
"""

import http.server
import threading

import kube
from dnslib import PTR, QTYPE, RCODE, RR, SOA, SRV, A, DNSError, DNSRecord
from dnslib.server import BaseResolver, DNSServer

ZONE = "cluster.local"
RECORDS = ("kube-system", "dns-records")
TTL_SECONDS = 5


class Endpoint:
    """An address behind a Service, or the Service's own; `ports` by name, as (number, protocol)."""

    def __init__(self, address: str, hostname: str | None, ports: dict[str, tuple[int, str]]):
        self.address, self.hostname, self.ports = address, hostname, ports

    @property
    def label(self) -> str:
        """Its name below a headless Service."""
        return self.hostname or self.address.replace(".", "-")


def ports_of(items: list | None) -> dict[str, tuple[int, str]]:
    return {it.get("name") or "": (it["port"], it.get("protocol", "TCP")) for it in items or []}


class Names:
    """What is known of Services."""

    def __init__(self, client: kube.Client):
        self.services = kube.Collection(client, "/api/v1/services")
        self.slices = kube.Collection(client, "/apis/discovery.k8s.io/v1/endpointslices")
        self.settings = kube.Collection(client, "/api/v1/namespaces/kube-system/configmaps")
        for it in (self.services, self.slices, self.settings):
            it.synced.wait()

    def given(self, name: str) -> tuple[bool, list[RR]]:
        """As `look_up`, of the names that the ConfigMap has."""
        zones = ((self.settings.get(*RECORDS) or {}).get("data") or {}).values()
        try:
            found = [it for zone in zones for it in RR.fromZone(zone) if str(it.rname).rstrip(".").lower() == name]
        except DNSError as error:
            kube.say("the ConfigMap dns-records cannot be read:", error)
            found = []
        return bool(found), found

    def behind(self, service: dict) -> list[Endpoint]:
        """The Service's own address, or for a headless one those of its pods that are ready."""
        spec, meta = service["spec"], service["metadata"]
        if spec.get("type") == "ExternalName":
            return []
        if spec.get("clusterIP") != "None":
            return [Endpoint(spec["clusterIP"], None, ports_of(spec.get("ports")))]
        found = []
        for it in self.slices.sorted():
            if it["metadata"]["namespace"] != meta["namespace"] or kube.labels(it).get("kubernetes.io/service-name") != meta["name"] or it["addressType"] != "IPv4":
                continue
            for endpoint in it.get("endpoints") or []:
                if (endpoint.get("conditions") or {}).get("ready") is not False or spec.get("publishNotReadyAddresses"):
                    found += [Endpoint(address, endpoint.get("hostname"), ports_of(it.get("ports"))) for address in endpoint["addresses"]]
        return found

    def by_address(self, address: str) -> dict | None:
        return next((it for it in self.services.sorted() if it["spec"].get("clusterIP") == address), None)

    def has_namespace(self, namespace: str) -> bool:
        return any(key[0] == namespace for key in self.services.objects.copy())

    def look_up(self, words: list[str], name: str) -> tuple[bool, list[RR]]:
        """Whether the name below `svc.cluster.local` exists, and its records; `words` are its labels, the namespace last."""
        if len(words) < 2:
            return not words or self.has_namespace(words[0]), []
        *rest, service_name, namespace = words
        service = self.services.get(namespace, service_name)
        if service is None:
            return False, []
        endpoints = self.behind(service)
        if not rest:
            return bool(endpoints), [record(name, "A", A(it)) for it in sorted({it.address for it in endpoints})]
        if len(rest) == 1:
            found = [it for it in endpoints if it.label == rest[0]]
            return bool(found), [record(name, "A", A(it.address)) for it in found]
        if len(rest) == 2 and rest[0].startswith("_"):
            return self.look_up_port(service, endpoints, rest[0][1:], rest[1][1:].upper(), name)
        return False, []

    def look_up_port(self, service: dict, endpoints: list[Endpoint], port: str, protocol: str, name: str) -> tuple[bool, list[RR]]:
        base = f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc.{ZONE}"
        headless = service["spec"].get("clusterIP") == "None"
        found = [it for it in endpoints if it.ports.get(port, (0, ""))[1] == protocol]
        return bool(found), [record(name, "SRV", SRV(0, 100, it.ports[port][0], f"{it.label}.{base}" if headless else base)) for it in found]


def record(name: str, kind: str, data) -> RR:
    return RR(name, getattr(QTYPE, kind), ttl=TTL_SECONDS, rdata=data)


class Resolver(BaseResolver):
    def __init__(self, names: Names):
        self.names = names

    def resolve(self, request: DNSRecord, handler) -> DNSRecord:
        reply = request.reply()
        name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE.get(request.q.qtype)
        if name.endswith(".in-addr.arpa"):
            exists, records = self.reverse(name)
        elif name == ZONE or name.endswith(f".{ZONE}"):
            exists, records = self.forward(name)
        else:
            exists, records = self.names.given(name)
        for it in records:
            if kind in ("ANY", QTYPE.get(it.rtype)):
                reply.add_answer(it)
        if not exists:
            reply.header.rcode = RCODE.NXDOMAIN
        if not reply.rr:
            reply.add_auth(record(ZONE, "SOA", SOA(f"ns.dns.{ZONE}", f"hostmaster.{ZONE}", (1, 7200, 1800, 86400, TTL_SECONDS))))
        return reply

    def forward(self, name: str) -> tuple[bool, list[RR]]:
        words = name[: -len(ZONE)].rstrip(".").split(".") if name != ZONE else []
        if not words:
            return True, []
        return self.names.look_up(words[:-1], name) if words[-1] == "svc" else (False, [])

    def reverse(self, name: str) -> tuple[bool, list[RR]]:
        service = self.names.by_address(".".join(reversed(name.split(".")[:4])))
        if service is None:
            return False, []
        return True, [record(name, "PTR", PTR(f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc.{ZONE}"))]


class Quiet:
    """A logger that logs nothing."""

    def __getattr__(self, _):
        return lambda *words, **more: None


class Ready(http.server.BaseHTTPRequestHandler):
    """The probes' answer."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


def main() -> None:
    resolver = Resolver(Names(kube.Client.from_environment()))
    for tcp in (False, True):
        DNSServer(resolver, port=53, address="0.0.0.0", tcp=tcp, logger=Quiet()).start_thread()
    kube.say("serving")
    server = http.server.ThreadingHTTPServer(("", 8181), Ready)
    threading.Thread(target=server.serve_forever).start()


main()
