"""A host that an owner brings along, in the DNS of the node."""

from polling import until
from visits import Outage, Storefront


class OwnDomain:
    def __init__(self, cluster, installation, store: dict, host: str):
        self.cluster, self.installation, self.store, self.host = cluster, installation, store, host
        self.path = f"/api/stores/{store['id']}/domains"
        self.records: dict[str, dict] = {}

    def add(self) -> None:
        added = self.installation.asked("POST", self.path, 202, {"host": self.host})["domain"]
        self.records = {it["type"]: it for it in added["records"]}

    def look(self) -> dict:
        return next(it for it in self.installation.asked("GET", self.path, 200)["domains"] if it["host"] == self.host)

    def told(self) -> str:
        """What a worker says of it after a look of its own."""
        before = self.look()["checkedAt"]
        self.installation.asked("POST", f"{self.path}/{self.host}/check", 202, {})
        return until(lambda: (lambda it: it if it["checkedAt"] != before else None)(self.look()), f"a look at {self.host}", 60)["error"]

    def set_records(self, *kinds: str) -> None:
        """Puts what the API asked for into the DNS; the address of the ingress stands for a CNAME that leads to it."""
        txt = self.records["TXT"]
        lines = {"TXT": f'{txt["name"]}. 5 TXT "{txt["value"]}"', "A": f"{self.host}. 5 A {self.cluster.ingress_service}"}
        self.cluster.set_records(*(lines[it] for it in kinds))

    def active(self) -> None:
        def served():
            it = self.look()
            if it["state"] == "active" and it["served"]:
                return True
            self.installation.asked("POST", f"{self.path}/{self.host}/check", 202, {})
            return None

        until(served, f"{self.host} to be served", 120)
        self.at_rest()

    def make_primary(self, host: str) -> dict:
        self.installation.asked("POST", f"{self.path}/{host}/primary", 202)
        return self.at_rest()

    def remove(self) -> None:
        self.installation.asked("DELETE", f"{self.path}/{self.host}", 202)
        self.at_rest()

    def at_rest(self) -> dict:
        def rests():
            it = self.installation.store(self.store)
            return None if it["activity"] else it

        found = until(rests, "the change to be made", 240)
        assert (found["status"], found["changeError"]) == ("ready", None), found
        return found


def live_with_an_own_domain(cluster, installation, store: dict, storefront: Storefront, page: str, note) -> None:
    """The whole life of one: refused, proved, served, the store's address, given up. `page`: one that the app answers itself."""
    engine = "Medusa" if store["engine"] == "medusa" else "WooCommerce"
    own = OwnDomain(cluster, installation, store, f"shop.{store['engine']}.example.com")
    at_own = Storefront(cluster, {"url": store["url"].replace(storefront.host, own.host)})
    own.add()
    assert "not in the DNS yet" in own.told()
    assert at_own.get(page).status == 404
    own.set_records("TXT")
    assert "no address in the DNS" in own.told()
    own.set_records("TXT", "A")
    own.active()
    leads(at_own, page, storefront)

    with Outage(at_own, page, good=(200, 301)) as outage:
        changed = own.make_primary(own.host)
    note(f"{engine}: another address: outage", outage.seconds, "(aim: at most 10 s)")
    assert changed["url"] == at_own.url
    leads(storefront, page, at_own)
    assert at_own.order(store["engine"])

    own.make_primary(storefront.host)
    leads(at_own, page, storefront)
    own.remove()
    until(lambda: at_own.get(page).status == 404, "the owner's host to be gone", 30)
    assert storefront.order(store["engine"])


def leads(old: Storefront, page: str, new: Storefront) -> None:
    """The page is at one address alone; who comes to the other is sent there, with what they asked for. A kubelet takes up to a minute and a half
    to write a changed ConfigMap into a pod."""
    answer = until(lambda: (lambda it: it if it.status == 301 else None)(old.get(f"{page}?a=b")), f"{old.host} to lead to {new.host}", 150)
    assert answer.headers["Location"] == f"{new.url.rstrip('/')}{page}?a=b"
    until(lambda: new.get(page).status == 200, f"the page at {new.host}", 60)
