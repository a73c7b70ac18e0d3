"""What backups, exports and imports have of secrets, taken from the tasks that carry the data; and what could be seen of them meanwhile."""

import base64
import contextlib
import json
import pathlib

from asking import ask
from stack import until

# All that a task or a store consists of. Secrets are where secrets belong.
KINDS = "pods,jobs,networkpolicies,configmaps,events,services,deployments,statefulsets,ingresses,persistentvolumeclaims,resourcequotas"


class Gathering:
    """`secrets` by name; `seen`: what stood elsewhere in the cluster while they were in use."""

    def __init__(self, stack) -> None:
        self.stack = stack
        self.secrets: dict[str, str] = {}
        self.seen: dict[str, str] = {}

    def backup(self, store: dict) -> None:
        with self.task("backup", store):
            answer = self.stack.request("POST", f"/api/stores/{store['id']}/backups")
            assert answer.status == 202, answer
        self.at_rest(store)

    def export(self, store: dict) -> bytes:
        """What is fetched by the link."""
        with self.task("export", store):
            answer = self.stack.request("POST", f"/api/stores/{store['id']}/export")
            assert answer.status == 202, answer
        place = answer.headers["Location"]

        def made() -> dict | None:
            export = self.stack.request("GET", place).body["export"]
            return export if export["status"] != "running" else None

        link = until(made, "the export")["link"]
        self.secrets["link"] = link.rsplit("/", 1)[1]
        # One that nobody uses is a secret, too.
        self.secrets["link.unused"] = self.stack.request("GET", place).body["export"]["link"].rsplit("/", 1)[1]
        return ask(self.stack.url + link, timeout=30).good().content

    def load(self, archive: bytes, engine: str, user: str) -> dict:
        """The store that is made of it."""
        sent = self.stack.request("POST", "/api/imports", archive, user=user, headers={"Content-Type": "application/x-tar"})
        assert sent.status == 201, sent
        answer = self.stack.request("POST", "/api/stores", {"name": "Moved", "engine": engine, "from": {"import": sent.body["import"]["id"]}}, user=user)
        assert answer.status == 202, answer
        store = answer.body["store"]
        with self.task("import", store):
            pass
        return self.stack.settled(store["id"], "ready")

    @contextlib.contextmanager
    def task(self, name: str, store: dict):
        """Holds the store's next task while it is looked at."""
        namespace = store["namespace"]
        with self.stack.fault(namespace, "keeperHangs"):
            yield
            self.take(name, until(lambda: self.keeper(namespace, "secrets"), f"the Secret of the {name}"))
            until(lambda: self.keeper(namespace, "pods"), f"the pod of the {name}")
            self.seen[f"the objects of the {name}"] = self.stack.kubectl("--namespace", namespace, "get", KINDS, "--output", "json")

    def keeper(self, namespace: str, kind: str) -> list[dict] | None:
        listed = self.stack.kubectl("--namespace", namespace, "get", kind, "--selector", "app.kubernetes.io/component=keeper", "--output", "json")
        return json.loads(listed)["items"] or None

    def take(self, name: str, found: list[dict]) -> None:
        for file, value in found[0]["data"].items():
            text = base64.b64decode(value).decode()
            # Of an address, what lets in.
            self.secrets[f"{name}.{file}"] = text.split("@")[0].rsplit(":", 1)[1] if "@" in text else text

    def at_rest(self, store: dict) -> None:
        until(lambda: self.stack.store(store["id"])["activity"] is None, "the store to be at rest")


def seen_of_programs(stack) -> dict[str, str]:
    """Arguments and environment of each program of the stack, as everybody on the machine could see the first."""
    seen = {}
    for file in (stack.folder / "run" / "pid").iterdir():
        process = pathlib.Path("/proc") / file.read_text().split()[0]
        with contextlib.suppress(FileNotFoundError):
            for part in ("cmdline", "environ"):
                seen[f"the {part} of {file.name}"] = (process / part).read_bytes().replace(b"\0", b"\n").decode(errors="replace")
    return seen
