"""What customers are told by mail, through a real SMTP server with STARTTLS and a login."""

import email
import email.policy
import re
import subprocess
import sys

import pytest
from goods import Owner
from polling import until
from ports import free_port
from servers import ROOT
from shopper import ADDRESS, Shopper, seen

FROM = "orders@acme.example"
CUSTOMER = {"first_name": "Grace", "last_name": "Hopper", "email": "grace@example.com", "password": "correct horse"}


class Box:
    """A mail server, and what it took."""

    def __init__(self, folder):
        folder.mkdir()
        folder.chmod(0o755)
        self.folder, self.port, self.certificate = folder, free_port(), folder / "smtp.pem"
        subprocess.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "smtp.key", "-out", self.certificate,
        ], check=True, capture_output=True)
        self.secret = folder / "secret"
        self.secret.mkdir()
        for name, text in {"host": "localhost", "port": str(self.port), "user": "store", "password": "sesame", "from": FROM, "tls": "starttls"}.items():
            (self.secret / name).write_text(text)
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "Tests/Images/smtp_server.py", str(self.port), self.folder, self.certificate, self.folder / "smtp.key"])

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    def mails(self, count: int, to: str) -> list:
        """All that somebody got so far, at least so many."""
        def read() -> list:
            every = [email.message_from_bytes(it.read_bytes(), policy=email.policy.default) for it in sorted(self.folder.glob("*.eml"), key=lambda it: int(it.stem))]
            return [it for it in every if it["Envelope-To"] == to]

        return until(lambda: len(found := read()) >= count and found, f"{count} mails to {to}")


@pytest.fixture(scope="module")
def box(folder):
    it = Box(folder / "mail")
    yield it
    it.stop()


@pytest.fixture(scope="module")
def store(made, box):
    store = made()
    store.setup()
    return store.start(MAIL_SECRETS_DIR=str(box.secret), NODE_EXTRA_CA_CERTS=str(box.certificate))


@pytest.fixture(scope="module")
def mug(store):
    seen(store, "/products/sample-mug", "Add to cart")
    return "sample-mug"


def link(mail, path: str) -> str:
    return re.search(rf"http://127\.0\.0\.1:\d+({path}\S*)", mail.get_content()).group(1)


def test_an_order_is_confirmed(store, box, mug):
    shopper = Shopper(store.port)
    shopper.add(mug, quantity="2")
    order = shopper.order(shopper.check_out(email="Ada@Example.com"))
    assert "A confirmation is on its way to ada@example.com." in order.text
    [mail] = box.mails(1, "ada@example.com")
    assert mail["Subject"] == "Order 1 – Käse & Söhne" and mail["Envelope-From"] == FROM and str(mail["From"]) == f"Käse & Söhne <{FROM}>"
    text = mail.get_content()
    assert "2 × Sample Mug, Standard: $24.00" in text and "Total: $29.00" in text and "12 St James's Square" in text
    assert link(mail, "/orders/") == order.path


def test_it_is_written_in_the_language_of_the_purchase(store, box, mug):
    shopper = Shopper(store.port, Accept_Language="de-DE")
    shopper.add(mug)
    shopper.order(shopper.check_out(email="konrad@example.com"))
    [mail] = box.mails(1, "konrad@example.com")
    assert mail["Subject"].startswith("Bestellung ") and "Gesamtsumme: 17,00\xa0$" in mail.get_content()


def test_a_forgotten_password_is_renewed_once(store, box, mug):
    shopper = Shopper(store.port)
    shopper.post("/account/sign-up", **CUSTOMER)
    shopper.post("/account/sign-out")
    assert 'href="/account/forgotten"' in shopper.get("/account/sign-in").text
    for address in (CUSTOMER["email"], "nobody@example.com"):
        assert "is on its way" in shopper.post("/account/forgotten", email=address).text
    [mail] = box.mails(1, CUSTOMER["email"])
    form = shopper.get(link(mail, "/account/new-password")).form("/account/new-password")
    assert "at least 8" in shopper.post("/account/new-password", **{**form, "password": "short"}).text
    assert "is saved" in shopper.post("/account/new-password", **{**form, "password": "battery staple"}).text
    assert "does not work any more" in shopper.post("/account/new-password", **{**form, "password": "somebody else's"}).text
    sign_in = {"email": CUSTOMER["email"]}
    assert "is wrong" in shopper.post("/account/sign-in", **sign_in, password=CUSTOMER["password"]).text
    assert "Hello, Grace" in shopper.post("/account/sign-in", **sign_in, password="battery staple").text
    # Nobody is written to again and again, and who has no account is not written to at all.
    shopper.post("/account/forgotten", **sign_in)
    assert {it["Envelope-To"] for it in map(email.message_from_bytes, (path.read_bytes() for path in box.folder.glob("*.eml")))}.isdisjoint({"nobody@example.com"})
    assert len(box.mails(1, CUSTOMER["email"])) == 1


def test_an_owner_gets_a_new_password_by_the_admins_page(store, box):
    assert store.ask("/auth/user/emailpass/reset-password", {"identifier": "owner@example.com"}).status == 201
    [mail] = box.mails(1, "owner@example.com")
    assert link(mail, "/app/reset-password").endswith("&email=owner%40example.com")


def test_a_mail_waits_for_its_server(store, box, mug):
    box.stop()
    shopper = Shopper(store.port)
    shopper.add(mug)
    assert "Order " in shopper.order(shopper.check_out(email="late@example.com")).text
    until(lambda: any("was not sent: the mail server cannot be reached" in it for it in store.messages()), "the log says so")
    box.start()
    box.mails(1, "late@example.com")


def test_no_name_becomes_a_line_of_the_header(store, box, mug):
    owner = Owner(store)
    owner.ask(f"stores/{owner.one('stores', 'stores')['id']}", {"name": "Evil\r\nBcc: everybody@example.com\r\n\r\n" + "Käse " * 30})
    shopper = Shopper(store.port)
    shopper.add(mug)
    shopper.order(shopper.check_out(email="header@example.com"))
    [mail] = box.mails(1, "header@example.com")
    assert mail["Bcc"] is None and "Evil Bcc: everybody@example.com Käse" in mail["Subject"]
    assert max(map(len, mail.as_bytes().split(b"\n"))) <= 200


def test_without_a_server_nobody_is_promised_a_mail(store, box, mug):
    store.stop()
    (box.secret / "host").write_text("")
    store.start(MAIL_SECRETS_DIR=str(box.secret))
    shopper = Shopper(store.port)
    assert "forgotten" not in shopper.get("/account/sign-in").text and shopper.get("/account/forgotten").status == 404
    shopper.add(mug)
    order = shopper.order(shopper.check_out(email="silent@example.com"))
    assert "Order " in order.text and "confirmation" not in order.text and ADDRESS["address_1"].split()[0] in order.text


def test_a_server_that_is_described_wrongly_is_told(store, box):
    store.stop()
    (box.secret / "host").write_text("localhost")
    (box.secret / "tls").write_text("yes")
    store.start(MAIL_SECRETS_DIR=str(box.secret))
    assert Shopper(store.port).get("/account/forgotten").status == 404
    assert any('the mail server\'s tls is "yes"' in it for it in store.messages())
