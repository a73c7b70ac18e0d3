"""People who sell: they order, back up, restore, copy, delete and bring back, and look at what their stores have afterwards."""

import dataclasses
import http.client
import json
import threading
import time

from clients import Customer, Promise
from installation import Installation

API = "/wp-json/wc/store/v1"
ADDRESS = {
    "first_name": "Ada", "last_name": "Lovelace", "address_1": "12 St James's Square", "city": "San Francisco", "state": "CA", "postcode": "94105",
    "country": "US", "email": "ada@example.com",
}


@dataclasses.dataclass(frozen=True)
class Order:
    number: int
    key: str


class Merchant(Customer):
    """Lives one life of a store after the other until it is `over`. What was sold before a backup is there after it, and what came later is not; of a
    store that serves nothing is half there, whenever somebody looks."""

    LIVES = ("restore", "copy", "undelete")

    def __init__(self, installation: Installation, number: int, seed: int, over: threading.Event) -> None:
        super().__init__(installation, f"merchant-{number}", 1, seed, 1, over)
        self.turn = number
        self.lives = dict.fromkeys(self.LIVES, 0)

    def run(self) -> None:
        try:
            # Each merchant begins with another.
            while not self.over.is_set():
                self.life(self.LIVES[self.turn % len(self.LIVES)])
                self.turn += 1
        except Exception as error:
            self.wrong.append(f"{self.user} gave up: {error!r}")

    def life(self, kind: str) -> None:
        known = len(self.promises)
        status, body = self.ask("POST", "/api/stores", {"name": f"{self.user} {known}", "engine": "woocommerce"}, {"Idempotency-Key": f"{self.user}-{known}"})
        if status != 202:
            self.wrong.append(f"create answered {status}: {body}")
            return
        promise = Promise(body["store"]["id"], body["store"]["name"], self.user)
        self.promises.append(promise)
        store = self.ready(promise)
        if store is None:
            return
        first = self.order(store)
        getattr(self, kind)(promise, store, first)
        self.lives[kind] += 1
        # They make room for their next.
        for made in self.promises[known:]:
            if made.wanted != "gone":
                self.delete(made, purge=self.random.random() < 0.5)

    def restore(self, promise: Promise, store: dict, first: Order) -> None:
        backup = self.back_up(promise)
        second = self.order(store)
        # Refused while another change is at it; it is asked for until it is accepted.
        while True:
            status, body = self.ask("POST", f"/api/stores/{promise.store}/restore", {"backup": backup})
            if status != 409:
                break
            time.sleep(0.5)
        if status != 202:
            self.wrong.append(f"restore answered {status}: {body}")
            return
        found = self.at_rest(promise, store, first)
        failed = (found["changeError"] or {}).get("code")
        # It was made, or the store has what it had.
        wanted = [first] if failed is None else [first, second]
        self.expect(store, wanted, [second] if failed is None else [], f"a restore that ended with {failed}")

    def copy(self, promise: Promise, store: dict, first: Order) -> None:
        backup = self.back_up(promise)
        second = self.order(store)
        known = len(self.promises)
        status, body = self.ask(
            "POST", f"/api/stores/{promise.store}/clone", {"name": f"{self.user} copy {known}", "backup": backup}, {"Idempotency-Key": f"{self.user}-{known}"}
        )
        if status != 202:
            self.wrong.append(f"clone answered {status}: {body}")
            return
        copy = Promise(body["store"]["id"], body["store"]["name"], self.user)
        self.promises.append(copy)
        made = self.ready(copy)
        if made is not None:
            self.expect(made, [first], [second], "a copy")
        self.expect(store, [first, second], [], "the source of a copy")

    def undelete(self, promise: Promise, store: dict, first: Order) -> None:
        self.delete(promise)
        while True:
            status, body = self.ask("GET", f"/api/stores/{promise.store}")
            if status == 404:
                break
            if status == 200 and body["store"]["status"] == "failed":
                self.ask("POST", f"/api/stores/{promise.store}/retry")
            time.sleep(0.5)
        status, body = self.ask("POST", f"/api/stores/{promise.store}/undelete")
        if status != 202:
            self.wrong.append(f"undelete answered {status}: {body}")
            return
        back = Promise(body["store"]["id"], body["store"]["name"], self.user)
        self.promises.append(back)
        made = self.ready(back)
        if made is not None:
            self.expect(made, [first], [], "a store that was brought back")

    # What they wait for

    def ready(self, promise: Promise, meanwhile=lambda store: None) -> dict | None:
        """The store once it is ready; one that fails is retried. None: the faults are over, and it has failed for good. `meanwhile`: looks at it."""
        while True:
            store = self.store(promise)
            meanwhile(store)
            if store["status"] == "ready" and store["activity"] is None:
                return store
            if store["status"] == "failed":
                if self.over.is_set():
                    return None
                self.ask("POST", f"/api/stores/{promise.store}/retry")
            time.sleep(0.5)

    def at_rest(self, promise: Promise, store: dict, first: Order) -> dict:
        """The store once nothing changes it. Meanwhile whoever is served is served whole data: the first order is in it."""
        while True:
            found = self.store(promise)
            if found["status"] == "ready" and found["activity"] is None:
                return found
            if found["status"] == "failed":
                self.ask("POST", f"/api/stores/{promise.store}/retry")
            if self.look(store, first) == "lost":
                self.wrong.append(f"{promise.store} serves without an order that all its states have")
            time.sleep(0.2)

    def store(self, promise: Promise) -> dict:
        status, body = self.ask("GET", f"/api/stores/{promise.store}")
        if status != 200:
            raise AssertionError(f"a store that was accepted answered {status}: {body}")
        return body["store"]

    def back_up(self, promise: Promise) -> str:
        """The id of a backup that is done; one that fails is asked for again."""
        while True:
            status, body = self.ask("POST", f"/api/stores/{promise.store}/backups")
            if status == 202:
                identifier = body["backup"]["id"]
                while (backup := self.backup(promise, identifier))["status"] == "running":
                    time.sleep(0.3)
                if backup["status"] == "done":
                    return identifier
            elif status not in (409, 429):
                raise AssertionError(f"backup answered {status}: {body}")
            elif status == 429:
                done = [it for it in self.backups(promise) if it["status"] == "done" and it["kind"] == "manual"]
                if not done:
                    raise AssertionError(f"ten backups of {promise.store} failed")
                return done[0]["id"]
            time.sleep(0.5)

    def backups(self, promise: Promise) -> list[dict]:
        return self.ask("GET", f"/api/stores/{promise.store}/backups")[1]["backups"]

    def backup(self, promise: Promise, identifier: str) -> dict:
        return next(it for it in self.backups(promise) if it["id"] == identifier)

    # What the store says

    def expect(self, store: dict, there: list[Order], gone: list[Order], after: str) -> None:
        for order, wanted in [(it, "there") for it in there] + [(it, "lost") for it in gone]:
            while (seen := self.look(store, order)) == "away":
                time.sleep(0.5)
            if seen != wanted:
                self.wrong.append(f"order {order.number} of {store['id']} is {seen} after {after}")

    def look(self, store: dict, order: Order) -> str:
        """`there`, `lost`, or `away` where the store does not serve."""
        status, _, body = self.visit(store, "GET", self.address(order))
        if status == 200:
            return "there"
        return "lost" if body.get("code") == "woocommerce_rest_invalid_order" else "away"

    @staticmethod
    def address(order: Order) -> str:
        return f"{API}/order/{order.number}?key={order.key}&billing_email={ADDRESS['email']}"

    def order(self, store: dict) -> Order:
        """Places one; where a step is not answered, another is begun."""
        while True:
            placed = self.begin_order(store)
            if placed is not None:
                return placed
            time.sleep(0.5)

    def begin_order(self, store: dict) -> Order | None:
        status, headers, _ = self.visit(store, "GET", f"{API}/cart")
        token = headers.get("cart-token")
        if status != 200 or not token:
            return None
        for path, body in (
            ("cart/add-item", {"id": 1, "quantity": 1}), ("cart/update-customer", {"shipping_address": ADDRESS, "billing_address": ADDRESS}),
            ("cart/select-shipping-rate", {"package_id": 0, "rate_id": "free_shipping:1"}),
            ("checkout", {"billing_address": ADDRESS, "shipping_address": ADDRESS, "payment_method": "cod"}),
        ):
            status, _, answer = self.visit(store, "POST", f"{API}/{path}", body, {"Cart-Token": token})
            if status not in (200, 201):
                return None
        return Order(answer["order_id"], answer["order_key"])

    def visit(self, store: dict, method: str, path: str, body=None, headers: dict | None = None) -> tuple[int, dict, dict]:
        # It has one before it says so.
        host = store["namespace"].removeprefix("store-") + ".localhost"
        connection = http.client.HTTPConnection("127.0.0.1", self.installation.ingress_port, timeout=10)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), {"Host": host, "Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.loads(answer.read() or b"{}")
        except (OSError, ValueError, http.client.HTTPException):
            return 0, {}, {}
        finally:
            connection.close()
