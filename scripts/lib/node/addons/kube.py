"""A small Kubernetes client of the standard library alone, for the node's own programs: requests, and collections that are kept up to date."""

import contextlib
import http.client
import json
import os
import pathlib
import queue
import ssl
import threading
import time
import urllib.parse
from collections.abc import Iterator

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def say(*words) -> None:
    print(time.strftime("%H:%M:%S"), *words, flush=True)


class Refusal(Exception):
    """An answer of 400 or more."""

    def __init__(self, status: int, text: str):
        super().__init__(f"{status} {text[:300]}")
        self.status = status


class Client:
    """An API server and a token. The token's file is read for each request, since the kubelet renews it."""

    def __init__(self, server: str, token_file: str, authority: str):
        parts = urllib.parse.urlsplit(server)
        self.host, self.port, self.token_file = parts.hostname, parts.port or 443, token_file
        self.tls = ssl.create_default_context(cafile=authority)

    @classmethod
    def from_environment(cls) -> "Client":
        """KUBE_SERVER, KUBE_TOKEN_FILE and KUBE_CA where they are set, else what a pod has."""
        server = os.environ.get("KUBE_SERVER") or f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"
        return cls(server, os.environ.get("KUBE_TOKEN_FILE", f"{ACCOUNT}/token"), os.environ.get("KUBE_CA", f"{ACCOUNT}/ca.crt"))

    @contextlib.contextmanager
    def open(self, method: str, path: str, body: dict | None = None, media: str = "application/json", timeout: float = 30):
        """The response, to be read; a refusal raises `Refusal`."""
        connection = http.client.HTTPSConnection(self.host, self.port, context=self.tls, timeout=timeout)
        try:
            headers = {"Authorization": f"Bearer {pathlib.Path(self.token_file).read_text().strip()}", "Accept": "application/json"}
            if body is not None:
                headers["Content-Type"] = media
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            if response.status >= 400:
                raise Refusal(response.status, response.read().decode(errors="replace"))
            yield response
        finally:
            connection.close()

    def call(self, method: str, path: str, body: dict | None = None, media: str = "application/json") -> dict:
        with self.open(method, path, body, media) as response:
            return json.loads(response.read() or b"{}")


def labels(it: dict) -> dict:
    return it["metadata"].get("labels") or {}


def annotations(it: dict) -> dict:
    return it["metadata"].get("annotations") or {}


class Collection(threading.Thread):
    """All objects of one kind by (namespace, name), followed by a watch; puts a token into `changed` after each change."""

    def __init__(self, client: Client, path: str, changed: queue.Queue | None = None):
        super().__init__(daemon=True)
        self.client, self.path, self.changed = client, path, changed
        self.objects: dict[tuple[str, str], dict] = {}
        self.synced = threading.Event()
        self.start()

    @staticmethod
    def key(it: dict) -> tuple[str, str]:
        return it["metadata"].get("namespace", ""), it["metadata"]["name"]

    def get(self, namespace: str, name: str) -> dict | None:
        return self.objects.get((namespace, name))

    def sorted(self) -> list[dict]:
        """The objects of now, in a fixed order."""
        return [it for _, it in sorted(self.objects.copy().items())]

    def run(self) -> None:
        while True:
            try:
                self.follow(self.load())
            except Refusal as refusal:
                # 410: the version is too old; everything is read anew at once.
                if refusal.status != 410:
                    say("watching", self.path, refusal)
                    time.sleep(1)
            except (OSError, ValueError, http.client.HTTPException) as error:
                say("watching", self.path, repr(error))
                time.sleep(1)

    def load(self) -> str:
        found = self.client.call("GET", self.path)
        self.objects = {self.key(it): it for it in found["items"]}
        self.synced.set()
        self.tell()
        return found["metadata"]["resourceVersion"]

    def follow(self, version: str) -> None:
        while True:
            for event in self.events(version):
                it = event["object"]
                if event["type"] == "ERROR":
                    raise Refusal(it.get("code", 0), str(it))
                version = it["metadata"]["resourceVersion"]
                if event["type"] == "BOOKMARK":
                    continue
                if event["type"] == "DELETED":
                    self.objects.pop(self.key(it), None)
                else:
                    self.objects[self.key(it)] = it
                self.tell()

    def events(self, version: str) -> Iterator[dict]:
        query = urllib.parse.urlencode({"watch": 1, "resourceVersion": version, "allowWatchBookmarks": "true", "timeoutSeconds": 300})
        with self.client.open("GET", f"{self.path}?{query}", timeout=330) as response:
            for line in response:
                yield json.loads(line)

    def tell(self) -> None:
        if self.changed is not None:
            self.changed.put(None)


def repeat(changed: queue.Queue, settle: float, work) -> None:
    """Calls `work` after changes, and every 10 seconds without any; changes within `settle` seconds count as one. What fails is tried again."""
    while True:
        with contextlib.suppress(queue.Empty):
            changed.get(timeout=10)
        time.sleep(settle)
        while not changed.empty():
            changed.get()
        try:
            work()
        except (Refusal, OSError, http.client.HTTPException) as error:
            say("failed, and tried again:", repr(error))
            time.sleep(1)
            changed.put(None)
