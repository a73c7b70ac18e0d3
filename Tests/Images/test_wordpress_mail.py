"""Mail by the SMTP server that the Secret names: a real one on the loopback that the store's containers share."""

import email
import email.policy
import os
import subprocess
import sys

import pytest
from containers import ROOT, run
from waiting import until
from wordpress import URL, get, needs_woocommerce, serve

PORT = "1587"
FROM = "orders@acme.example"


@pytest.fixture(scope="module")
def values():
    return {"mail": {"existingSecret": "mail-secret"}, "networkPolicy": {"internetPorts": [int(PORT)]}}


@pytest.fixture(scope="module")
def secret():
    from pods import Secrets
    secret = Secrets()
    for key, text in {"host": "localhost", "port": PORT, "user": "store", "password": "sesame", "from": FROM, "tls": "starttls"}.items():
        secret["mail-secret", key] = text
    return secret


@pytest.fixture(scope="module")
def certificate(folder):
    key, path = folder / "smtp.key", folder / "smtp.pem"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", path)
    return path


@pytest.fixture(scope="module")
def box(database, folder, certificate):
    """The folder in which a mail server puts what it takes."""
    taken = folder / "mail-taken"
    taken.mkdir()
    words = ["nsenter", "--target", database.inspect("{{.State.Pid}}"), "--net", sys.executable, ROOT / "Tests/Images/smtp_server.py", PORT, taken, certificate, folder / "smtp.key"]
    with subprocess.Popen([str(word) for word in words]) as server:
        try:
            until(lambda: database.beside("curl", "-sS", f"smtp://127.0.0.1:{PORT}", check=False).returncode != 7, database)
            yield taken
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def store(pod, database, first_run, certificate, box):
    os.chmod(certificate, 0o644)
    options = ["--volume", f"{certificate}:/tmp-ca.pem:ro", "--env", "SSL_CERT_FILE=/tmp-ca.pem"]
    with serve(pod, database, options=options) as it:
        until(lambda: get(it, "/-/ready", check=False)[0] == 200, it)
        yield it


def mails(box, store, count: int) -> list:
    """All mail so far, at least so many."""
    until(lambda: len(list(box.glob("*.eml"))) >= count, store)
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in sorted(box.glob("*.eml"))]


def test_a_forgotten_password_is_sent(store, box):
    status, _ = get(store, "/wp-login.php?action=lostpassword", "-d", "user_login=admin")
    assert status == 302
    mail = mails(box, store, 1)[-1]
    assert (mail["To"], mail["Envelope-From"]) == ("owner@example.com", FROM)
    assert FROM in mail["From"] and f"{URL}/wp-login.php?" in mail.get_content()


def test_nobodys_password_is_not_sent_and_that_is_not_told(store, box):
    before = len(list(box.glob("*.eml")))
    status, head = get(store, "/wp-login.php?action=lostpassword", "-i", "-d", "user_login=nobody-at-all")
    assert (status, "checkemail=confirm" in head) == (302, True)
    assert len(list(box.glob("*.eml"))) == before


def test_an_order_is_mailed_to_customer_and_owner(store, box, sells):
    needs_woocommerce(sells)
    before = len(list(box.glob("*.eml")))
    store.beside(ROOT / "scripts/place-order", URL, "--engine", "woocommerce")
    new = mails(box, store, before + 2)[before:]
    assert {mail["To"] for mail in new} == {"owner@example.com", "ada@example.com"}
    assert all(FROM in mail["From"] for mail in new)
