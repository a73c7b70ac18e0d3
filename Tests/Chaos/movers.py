"""A merchant who takes a store away as a file and makes a new store of the file."""

import collections
import http.client
import io
import json
import tarfile
import time

from clients import Promise
from merchants import Merchant, Order

# Of whole downloads by one link: what is noted late, or never since the API died, does not end it at once.
FETCHES = 4


class Mover(Merchant):
    """The file has what the backup had, byte for byte over any cut; a link comes to its end; the new store has just that, and is never seen with less.
    The old store sells on all the time."""

    LIVES = ("move",)

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.counts: collections.Counter = collections.Counter()

    def move(self, promise: Promise, store: dict, first: Order) -> None:
        backup = self.back_up(promise)
        second = self.order(store)
        export = self.export(promise, store, backup, (first, second))
        if export is None:
            return
        archive = self.fetch(promise, export)
        self.read(archive, first)
        self.arrive(self.send(archive), first, second)
        self.expect(store, [first, second], [], "its export")

    def export(self, promise: Promise, store: dict, backup: str, orders: tuple[Order, ...]) -> dict | None:
        """One that is done; one that fails is asked for again, as often as a store's may be."""
        while True:
            status, body = self.ask("POST", f"/api/stores/{promise.store}/export", {"backup": backup})
            if status == 429:
                return None
            if status == 202:
                identifier = body["export"]["id"]
                while (export := self.listed(promise, identifier))["status"] == "running":
                    self.sells(store, orders)
                    time.sleep(0.1)
                self.counts["exports " + export["status"]] += 1
                if export["status"] == "done":
                    return export
                if not export["error"]:
                    self.wrong.append(f"export {identifier} failed without a reason")
            elif status != 409:
                self.wrong.append(f"export answered {status}: {body}")
                return None
            time.sleep(0.5)

    def listed(self, promise: Promise, identifier: str) -> dict:
        exports = self.ask("GET", f"/api/stores/{promise.store}/exports")[1]["exports"]
        return next(it for it in exports if it["id"] == identifier)

    def sells(self, store: dict, orders: tuple[Order, ...]) -> None:
        for order in orders:
            status, _, body = self.visit(store, "GET", self.address(order))
            # No answer at all is a machine that is busy.
            if status not in (0, 200):
                self.wrong.append(f"{store['id']} answered {status} while it was exported: {body}")

    def link(self, promise: Promise, export: dict) -> str:
        status, body = self.ask("GET", f"/api/stores/{promise.store}/exports/{export['id']}")
        if status != 200 or not body["export"].get("link"):
            raise AssertionError(f"an export that is done has no link: {status} {body}")
        return body["export"]["link"]

    def fetch(self, promise: Promise, export: dict) -> bytes:
        """By as many connections and links as it takes; then the last link is used until it is over."""
        content, link = b"", self.link(promise, export)
        # Every second time they leave in the middle.
        stop = export["size"] // 2 if self.random.random() < 0.5 else export["size"]
        while len(content) < export["size"]:
            status, part = self.part(link, len(content), export["size"] if content else stop)
            content += part
            self.counts["parts"] += 1
            if status == 410:
                link = self.link(promise, export)
            elif status not in (0, 200, 206, 503):
                raise AssertionError(f"a link answered {status}: {part}")
            elif not part:
                time.sleep(0.2)
        for _ in range(FETCHES):
            status, again = self.whole(link)
            if status == 410:
                return content
            if again != content:
                self.wrong.append(f"export {export['id']} was another file the second time")
        self.wrong.append(f"a link to export {export['id']} was good for ever")
        return content

    def whole(self, link: str) -> tuple[int, bytes]:
        while True:
            status, content = self.part(link, 0, None)
            if status in (200, 410):
                return status, content
            time.sleep(0.2)

    def part(self, link: str, begin: int, end: int | None) -> tuple[int, bytes]:
        """From `begin` until `end`, as much as comes. Status 0: no answer, or half of one."""
        connection = self.connect()
        content = b""
        try:
            connection.request("GET", link, headers={"Range": f"bytes={begin}-"} if begin else {})
            answer = connection.getresponse()
            if answer.status not in (200, 206):
                answer.read()
                return answer.status, b""
            if answer.status == 200 and begin:
                raise AssertionError("a part was asked for and the whole was answered")
            wanted = answer.length if end is None else end - begin
            while len(content) < wanted and (piece := answer.read(min(512, wanted - len(content)))):
                content += piece
            return (answer.status if len(content) == wanted or end is not None else 0), content
        except (OSError, http.client.HTTPException):
            return 0, content if end is not None else b""
        finally:
            connection.close()

    def read(self, archive: bytes, first: Order) -> None:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            manifest, database = (json.loads(tar.extractfile(name).read()) for name in ("manifest.json", "database.sql"))
        if manifest["orders"] != 1 or list(database["orders"]) != [str(first.number)]:
            self.wrong.append(f"an export of one order has {manifest['orders']}, which are {list(database['orders'])}")

    def send(self, archive: bytes) -> str:
        """The id of the import. Every second time a half of it is sent first, and nothing may come of that."""
        if self.random.random() < 0.5:
            status, body = self.post(archive, len(archive) // 2)
            if status == 201:
                self.wrong.append(f"half of an archive was taken: {body}")
        while True:
            status, body = self.post(archive, len(archive))
            self.counts[f"sendings answered {status}"] += 1
            if status == 201:
                return body["import"]["id"]
            if status not in (0, 429, 503):
                raise AssertionError(f"import answered {status}: {body}")
            time.sleep(0.5)

    def post(self, archive: bytes, until: int) -> tuple[int, dict]:
        """Slowly, so that it can be struck."""
        connection = self.connect()
        try:
            connection.putrequest("POST", "/api/imports")
            for name, value in (("Content-Type", "application/x-tar"), ("Content-Length", str(len(archive))), ("X-User-Id", self.user)):
                connection.putheader(name, value)
            connection.endheaders()
            for begin in range(0, until, 1024):
                connection.send(archive[begin:min(begin + 1024, until)])
                time.sleep(0.05)
            if until < len(archive):
                return 0, {}
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, ValueError, http.client.HTTPException):
            return 0, {}
        finally:
            connection.close()

    def arrive(self, archive: str, first: Order, second: Order) -> None:
        known = len(self.promises)
        status, body = self.ask(
            "POST", "/api/stores", {"name": f"{self.user} moved {known}", "engine": "woocommerce", "from": {"import": archive}},
            {"Idempotency-Key": f"{self.user}-{known}"},
        )
        if status != 202:
            self.wrong.append(f"a store of an import answered {status}: {body}")
            return
        new = Promise(body["store"]["id"], body["store"]["name"], self.user)
        self.promises.append(new)

        def look(store: dict) -> None:
            if self.look(store, first) == "lost":
                self.wrong.append(f"{new.store} was seen without the order that it was made with")

        made = self.ready(new, look)
        if made is not None:
            self.expect(made, [first], [second], "an import")
            self.counts["stores made of it"] += 1

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.random.choice(self.installation.api_ports), timeout=10)
