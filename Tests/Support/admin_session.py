"""The tokens by which the platform signs a store's administrator in, made as Sources/Sealing/AdminSessionToken.swift makes them."""

import base64
import hashlib
import hmac
import json
import pathlib
import secrets
import time

VECTORS = json.loads((pathlib.Path(__file__).parent / "admin-session-vectors.json").read_text())


def make_token(secret: str, store: str, user: str, nonce: str | None = None, expires: int | None = None) -> str:
    """Good for a minute, unless `expires` says otherwise."""
    key = code(secret, "admin-session")
    text = f"v1.{expires or int(time.time()) + 60}.{nonce or secrets.token_hex(16)}.{encoded(store)}.{encoded(user)}"
    return f"{text}.{code(key, text)}"


def spoilt(token: str) -> list[str]:
    """The token with one character changed in each of its parts, and cut and prolonged."""
    parts = token.split(".")
    changed = [[*parts[:n], ("1" if it[0] != "1" else "2") + it[1:], *parts[n + 1:]] for n, it in enumerate(parts)]
    return [".".join(it) for it in changed] + [token[:-1], token + "0", "." + token, ".".join(parts[:-1]), token + "\n", ""]


def code(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
