"""People who create, change, retry and delete stores, and remember what they were promised."""

import dataclasses
import random
import threading
import time
import uuid

from asking import ask
from installation import Installation


@dataclasses.dataclass
class Promise:
    """A store that was accepted with a 202, and what its owner asked for last."""

    store: str
    name: str
    user: str
    wanted: str = "running"


class Customer(threading.Thread):
    """Makes `stores` stores within `seconds`, and changes its mind about some of them until it is `over`: faults find work to hurt."""

    def __init__(self, installation: Installation, user: str, stores: int, seed: int, seconds: float, over: threading.Event) -> None:
        super().__init__(name=user, daemon=True)
        self.installation = installation
        self.user = user
        self.stores = stores
        self.random = random.Random(f"{seed}/{user}")
        self.pause = max(0.5, seconds / (stores * 2))
        self.over = over
        self.promises: list[Promise] = []
        self.refused = 0
        # How many changes of stores were accepted.
        self.changes = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        try:
            made = 0
            # A third of it at once, so that there is a queue.
            while made < (self.stores + 2) // 3:
                made += self.create(f"{self.user} store {made}")
            while made < self.stores or not self.over.is_set():
                if made < self.stores:
                    made += self.create(f"{self.user} store {made}")
                if not self.over.is_set():
                    self.change_of_mind()
                    self.over.wait(self.random.uniform(0, 2) * self.pause)
        except Exception as error:
            self.wrong.append(f"{self.user} gave up: {error!r}")

    def create(self, name: str) -> int:
        """How many of its stores are dealt with: refused by the quota counts, too."""
        engine = "medusa" if self.random.random() < 0.3 else "woocommerce"
        # The same key until there is an answer: an answer that was lost is not asked for twice.
        key = str(uuid.uuid4())
        status, body = self.ask("POST", "/api/stores", {"name": name, "engine": engine}, {"Idempotency-Key": key})
        if status == 202:
            self.promises.append(Promise(body["store"]["id"], name, self.user))
        elif status == 429:
            self.refused += 1
        else:
            self.wrong.append(f"create answered {status}: {body}")
        return 1

    def change_of_mind(self) -> None:
        living = [promise for promise in self.promises if promise.wanted == "running"]
        if not living:
            self.create(f"{self.user} once more")
            return
        promise = self.random.choice(living)
        what = self.random.random()
        if what < 0.25:
            self.delete(promise)
            if self.random.random() < 0.5:
                # A store of the same name at once, while the old one's worker may still be at it.
                self.create(promise.name)
        elif what < 0.6:
            self.change(promise)
        elif what < 0.8:
            status, body = self.ask("POST", f"/api/stores/{promise.store}/retry")
            if status not in (202, 400):
                self.wrong.append(f"retry answered {status}: {body}")
        else:
            status, body = self.ask("GET", f"/api/stores/{promise.store}")
            if status != 200:
                self.wrong.append(f"a store that was accepted answered {status}: {body}")

    def change(self, promise: Promise) -> None:
        """Of a ready store what an owner may change of it; one that is not ready says so."""
        change = self.random.choice([
            {"plan": self.random.choice(["small", "medium"])}, {"asleep": self.random.random() < 0.5}, {"name": f"{promise.name} {self.random.randrange(9)}"},
            {"plan": "medium", "asleep": False, "name": promise.name}, None,
        ])
        if change is None:
            status, body = self.ask("POST", f"/api/stores/{promise.store}/credentials/regenerate")
        else:
            status, body = self.ask("PATCH", f"/api/stores/{promise.store}", change)
        self.changes += status == 202
        if status not in (200, 202, 409):
            self.wrong.append(f"a change answered {status}: {body}")

    def delete(self, promise: Promise, purge: bool = False) -> None:
        # Meant from now on, even where the answer gets lost: asking goes on until there is one.
        promise.wanted = "gone"
        status, body = self.ask("DELETE", f"/api/stores/{promise.store}" + ("?purge=true" if purge else ""))
        if status not in (202, 404):
            self.wrong.append(f"delete answered {status}: {body}")

    def ask(self, method: str, path: str, body=None, headers: dict | None = None) -> tuple[int, dict]:
        """Asks either API until one answers other than 503."""
        deadline = time.monotonic() + 120
        while True:
            port = self.random.choice(self.installation.api_ports)
            try:
                answer = ask(f"http://127.0.0.1:{port}{path}", method, body, {"X-User-Id": self.user, **(headers or {})}, timeout=10)
                if answer.status != 503:
                    return answer.status, answer.body or {}
                if answer.headers["Retry-After"] is None:
                    self.wrong.append("a 503 without Retry-After")
            except (OSError, ValueError):
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(f"{method} {path} found no API")
            time.sleep(0.2)


class Shopper(Customer):
    """Makes a store, waits for it, deletes it when it has more than `kept`, and so on until it is `over`; names come again and again."""

    def __init__(self, installation: Installation, user: str, kept: int, seed: int, over: threading.Event) -> None:
        super().__init__(installation, user, kept, seed, 1, over)
        self.kept = kept
        self.leaving: list[Promise] = []

    def run(self) -> None:
        try:
            living: list[Promise] = []
            while not self.over.is_set():
                known = len(self.promises)
                self.create(f"{self.user} store {self.random.randrange(2 * self.kept)}")
                living += self.promises[known:]
                if len(living) > self.kept or len(self.promises) == known:
                    oldest = living.pop(0)
                    # Some change their mind while the store is being made.
                    if self.random.random() < 0.85:
                        self.await_end(oldest)
                    self.delete(oldest)
                    self.leaving.append(oldest)
                self.see_off()
        except Exception as error:
            self.wrong.append(f"{self.user} gave up: {error!r}")

    def await_end(self, promise: Promise) -> None:
        """Until it is ready, or has failed and is not tried once more."""
        while not self.over.wait(0.5):
            status, body = self.ask("GET", f"/api/stores/{promise.store}")
            if status != 200:
                self.wrong.append(f"a store that was accepted answered {status}: {body}")
                return
            if body["store"]["status"] == "ready":
                return
            if body["store"]["status"] == "failed":
                if self.random.random() < 0.5:
                    return
                status, body = self.ask("POST", f"/api/stores/{promise.store}/retry")
                if status not in (202, 400):
                    self.wrong.append(f"retry answered {status}: {body}")

    def see_off(self) -> None:
        """Asks again for deletes that failed; those that are done are forgotten."""
        for promise in list(self.leaving):
            status, body = self.ask("GET", f"/api/stores/{promise.store}")
            if status == 404:
                self.leaving.remove(promise)
            elif status == 200 and body["store"]["status"] == "failed":
                self.delete(promise)
