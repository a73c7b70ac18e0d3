"""Somebody who buys in a storefront by links and forms alone, as a browser without JavaScript does."""

import html.parser
import http.client
import http.cookies
import urllib.parse

from medusa import Store
from polling import until

ADDRESS = {
    "email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace", "address_1": "12 St James's Square", "postal_code": "94105",
    "city": "San Francisco", "country_code": "us",
}
# Somebody else who pays.
BILLING = {
    "billing_first_name": "Charles", "billing_last_name": "Babbage", "billing_address_1": "1 Dorset Street", "billing_postal_code": "10001",
    "billing_city": "New York", "billing_country_code": "us",
}


class Form(html.parser.HTMLParser):
    """The fields of a page's forms as a browser would send them untouched, by the forms' actions."""

    def __init__(self, text: str):
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self._select = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        it = dict(attributes)
        if tag == "form":
            self.forms.append((it.get("action", ""), it.get("method", "get"), {}))
        elif tag in ("input", "select", "option") and self.forms:
            fields = self.forms[-1][2]
            if tag == "select":
                self._select = it["name"]
            elif tag == "option" and self._select and "disabled" not in it and (self._select not in fields or "selected" in it):
                fields[self._select] = it.get("value", "")
            elif tag == "input" and "name" in it and (it.get("type") not in ("radio", "checkbox") or "checked" in it):
                fields[it["name"]] = it.get("value", "")

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None


class Page:
    def __init__(self, path: str, status: int, headers, text: str):
        self.path, self.status, self.headers, self.text = path, status, headers, text

    def form(self, action: str) -> dict[str, str]:
        found = [dict(fields) for it, _, fields in Form(self.text).forms if it == action]
        assert found, f"{self.path} ({self.status}) has no form for {action}: {self.text[-2000:]}"
        return found[0]


class Shopper:
    def __init__(self, port: int, host: str | None = None, patient: bool = False, **headers):
        """`patient`: comes again when told that the store cannot answer just now, as it may be of a busy machine."""
        self.port, self.host, self.patient = port, host or f"127.0.0.1:{port}", patient
        self.cookies: dict[str, str] = {}
        self.headers = {"Accept-Language": "en-US", **{key.replace("_", "-"): value for key, value in headers.items()}}

    def ask(self, path: str, fields: dict[str, str] | None = None, **headers) -> Page:
        """One request, whose answer may be a redirect; `fields` are sent as a form."""
        if not self.patient:
            return self.ask_once(path, fields, **headers)
        return until(lambda: (page := self.ask_once(path, fields, **headers)).status != 503 and page, f"an answer of {path}")

    def ask_once(self, path: str, fields: dict[str, str] | None, **headers) -> Page:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Host": self.host, **self.headers, **({"Cookie": cookies} if cookies else {})}
        if fields is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self.host}", "Sec-Fetch-Site": "same-origin"}
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        try:
            connection.request("GET" if fields is None else "POST", path, fields and urllib.parse.urlencode(fields), sent)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            assert "HttpOnly" in line and "SameSite=Lax" in line and "Path=/" in line, line
            for name, morsel in http.cookies.SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
        return Page(path, answer.status, answer.headers, text)

    def get(self, path: str, **headers) -> Page:
        return self.follow(self.ask(path, **headers))

    def post(self, path: str, **fields) -> Page:
        """Sends a form, and shows the page that it leads to."""
        answer = self.ask(path, fields)
        assert answer.status == 303 or answer.status >= 400, f"{path} was answered with {answer.status}, not with a redirect"
        return self.follow(answer)

    def follow(self, page: Page) -> Page:
        for _ in range(5):
            if page.status not in (302, 303):
                return page
            page = self.ask(page.headers["Location"])
        raise AssertionError(f"{page.path} leads on and on")

    def add(self, handle: str, **fields) -> Page:
        return self.post("/cart/items", **{**self.get(f"/products/{handle}").form("/cart/items"), **fields})

    def check_out(self, payment: str | None = None, **address) -> Page:
        """From a cart to the summary, with the delivery that is offered first, and the payment too unless another is named."""
        delivery = self.post("/checkout", **{**self.get("/checkout").form("/checkout"), **ADDRESS, **address})
        return self.post("/checkout/delivery", **{**delivery.form("/checkout/delivery"), **({"payment": payment} if payment else {})})

    def order(self, summary: Page) -> Page:
        return self.post("/checkout/order", **summary.form("/checkout/order"))


def seen(store: Store, path: str, *words: str) -> Page:
    """The page, when its memory of the catalogue has caught up."""
    return until(lambda: all(word in (it := Shopper(store.port).get(path)).text for word in words) and it, f"{words} at {path}")
