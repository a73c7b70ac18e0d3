"""The node's keys: an authority, certificates signed by it, and tokens. Made once with openssl; a restart keeps them."""

import pathlib
import secrets
import subprocess

from place import Addresses, Place

# Who has a token: its name here, its user, its groups.
TOKENS = {
    "admin": ("admin", "system:masters"),
    "controllers": ("system:kube-controller-manager", ""),
    "scheduler": ("system:kube-scheduler", ""),
    "proxy": ("system:kube-proxy", ""),
}
NODE_USER = "/O=system:nodes/CN=system:node:node-1"
DAYS = "3650"


def openssl(*words) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, stdin=subprocess.DEVNULL, capture_output=True)


def certificate(pki: pathlib.Path, name: str, subject: str, *extensions: str) -> None:
    """A key and a certificate that the authority signed: NAME.key and NAME.crt."""
    key, request, more = (pki / f"{name}.{end}" for end in ("key", "csr", "ext"))
    more.write_text("".join(f"{line}\n" for line in extensions))
    openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", key)
    openssl("req", "-new", "-key", key, "-subj", subject, "-out", request)
    openssl("x509", "-req", "-in", request, "-CA", pki / "ca.crt", "-CAkey", pki / "ca.key", "-CAcreateserial", "-days", DAYS,
            "-extfile", more, "-out", pki / f"{name}.crt")
    request.unlink()
    more.unlink()


def make_keys(place: Place, at: Addresses) -> None:
    pki = place.pki
    if (pki / "tokens.csv").exists():
        return
    pki.mkdir(parents=True, exist_ok=True)
    pki.chmod(0o700)
    openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", pki / "ca.key")
    openssl("req", "-x509", "-new", "-key", pki / "ca.key", "-subj", "/CN=store-weaver-node", "-days", DAYS, "-out", pki / "ca.crt")
    names = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]
    hosts = [f"DNS:{it}" for it in names] + [f"IP:{it}" for it in ("127.0.0.1", at.node, at.service(1))]
    certificate(pki, "api", "/CN=kube-apiserver", f"subjectAltName={','.join(hosts)}", "extendedKeyUsage=serverAuth")
    certificate(pki, "api-to-kubelet", "/O=system:masters/CN=kube-apiserver", "extendedKeyUsage=clientAuth")
    certificate(pki, "kubelet", NODE_USER, "extendedKeyUsage=clientAuth")
    certificate(pki, "kubelet-server", NODE_USER, f"subjectAltName=DNS:node-1,IP:{at.node},IP:127.0.0.1", "extendedKeyUsage=serverAuth")
    openssl("genrsa", "-out", pki / "accounts.key", "2048")
    openssl("rsa", "-in", pki / "accounts.key", "-pubout", "-out", pki / "accounts.pub")
    lines = []
    for number, (name, (user, groups)) in enumerate(TOKENS.items(), 1):
        token = secrets.token_hex(16)
        (pki / f"{name}.token").write_text(token)
        lines.append(f'{token},{user},{number}' + (f',"{groups}"' if groups else ""))
    (pki / "tokens.csv").write_text("\n".join(lines) + "\n")
