"""Renders helm/platform and turns the result into objects."""

import functools
import json

import yaml
from charts import ROOT, Rendered, run_helm

PATH = ROOT / "helm/platform"
RELEASE, NAMESPACE = "weaver", "weaver-system"


# Helm has no cluster to ask where the API server is.
API_SERVER = {"cidrs": ["10.0.0.7/32"], "ports": [443, 6443]}


def named(values: dict) -> dict:
    return {**values, "networkPolicy": {"apiServer": API_SERVER, **values.get("networkPolicy", {})}}


def template(values: dict | None = None, file: str | None = None, helm="helm", release=RELEASE):
    """`helm template`; the finished process."""
    files = ["-f", str(PATH / file)] if file else []
    return run_helm(helm, ["template", release, str(PATH), "--namespace", NAMESPACE, *files, "-f", "-"], named(values or {}))


@functools.cache
def _text(values: str, file: str | None, helm: str, release: str) -> str:
    done = template(json.loads(values), file, helm, release)
    assert done.returncode == 0, done.stderr
    return done.stdout


def render(values: dict | None = None, file: str | None = None, helm="helm", release=RELEASE) -> Rendered:
    """The rendered objects: a fresh copy at each call, which a test may spoil."""
    objects = Rendered(it for it in yaml.safe_load_all(_text(json.dumps(values or {}), file, helm, release)) if it)
    objects.inputs = {"release": release, **named(values or {})}
    return objects


EXTERNAL = {"postgres": {"bundled": False, "external": {"cidrs": ["10.1.2.3/32"], "port": 5433}},
            "redis": {"bundled": False, "external": {"cidrs": ["10.1.2.4/32"], "port": 6380}}}
SCALED = {"api": {"autoscaling": {"enabled": True}}, "worker": {"autoscaling": {"enabled": True}}}
BY_QUEUE = {"worker": {"autoscaling": {"enabled": True, "by": "queueAge", "queueAge": {"matchLabels": {"kind": "provision"}}}}}
S3 = {"vault": {"s3": {"bucket": "backups", "prefix": "weaver", "endpoint": "https://s3.example.com:9000", "cidrs": ["10.1.2.5/32"], "port": 9000}}}
# What an operator may choose between, as (values, file).
VARIANTS = {
    "as it is": ({}, None), "k3s": ({}, "values-k3s.yaml"), "external": (EXTERNAL, None), "scaled": (SCALED, None), "by queue": (BY_QUEUE, None),
    "without TLS": ({"ingress": {"tls": {"enabled": False}}, "environment": "local"}, None), "no backup": ({"backup": {"enabled": False}}, None), "no gate": ({"gate": {"enabled": False}}, None),
    "courier": ({"courier": {"enabled": True}, "settings": {"WEBHOOK_REFUSED_NETWORKS": "8.8.0.0/16, 2606:4700::1", "WEBHOOK_ALLOWED_NETWORKS": "10.9.0.0/24"}}, None),
    "courier with mail": ({"courier": {"enabled": True, "mailServerCidrs": ["10.1.2.6/32"]}, "settings": {"SMTP_HOST": "mail.example.com", "SMTP_FROM": "weaver@example.com", "SMTP_TLS": "tls"}}, None),
    "courier without mail": ({"courier": {"enabled": True}, "worker": {"settings": {"SMTP_HOST": "mail.example.com", "SMTP_FROM": "weaver@example.com"}, "secretSettings": ["smtp-password"]}}, None),
    "S3": (S3, None), "no vault": ({"vault": {"enabled": False}}, None), "vault for stores alone": ({"vault": {"platform": {"enabled": False}}}, None),
    "images first": ({"storeImages": {"prePull": True}, "imagePullSecrets": ["registry"]}, None),
    "own certificate": ({"ingress": {"tls": {"clusterIssuer": ""}}}, None), "no secret settings": ({"secretSettings": [], "api": {"secretSettings": []}}, None),
}
