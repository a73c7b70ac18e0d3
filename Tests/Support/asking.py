"""HTTP as the tests speak it: JSON both ways, and every status is an answer. PYTHONPATH has this folder."""

import email.message
import functools
import http.client
import json
import ssl
import urllib.error
import urllib.request


class Answer:
    """What a web server said."""

    def __init__(self, status: int, headers: email.message.Message, content: bytes):
        self.status, self.headers, self.content = status, headers, content

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    @functools.cached_property
    def body(self):
        """The text's JSON; None where there is no text."""
        return json.loads(self.text or "null")

    def good(self) -> "Answer":
        """Itself; raises Refused for a status that is a refusal."""
        if self.status >= 400:
            raise Refused(self)
        return self

    def __repr__(self) -> str:
        return f"{self.status} {self.text[:500]}"


class Refused(OSError):
    def __init__(self, answer: Answer):
        super().__init__(repr(answer))
        self.status = answer.status


def _sent(body, headers: dict | None) -> tuple[bytes | None, dict]:
    return body if body is None or isinstance(body, bytes) else json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})}


def ask(url: str, method: str | None = None, body=None, headers: dict | None = None, timeout: float = 20, tls: ssl.SSLContext | None = None) -> Answer:
    """`body` is JSON, or bytes as they are. Redirects are followed. Raises OSError where nobody answers."""
    data, head = _sent(body, headers)
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, head, method=method), timeout=timeout, context=tls) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def visit(address: str, port: int, method: str, path: str, *, host: str, body=None, headers: dict | None = None, timeout: float = 30) -> Answer:
    """The same under a host's name, as browsers ask; text goes as it is, too, and no redirect is followed. Nobody answering is status 0."""
    connection = http.client.HTTPConnection(address, port, timeout=timeout)
    head = {"Host": host, **(headers or {})}
    if body is not None and not isinstance(body, (str, bytes)):
        body, head = _sent(body, head)
    try:
        connection.request(method, path, body, head)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, email.message.Message(), repr(error).encode())
    finally:
        connection.close()
