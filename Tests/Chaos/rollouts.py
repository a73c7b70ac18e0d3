"""`scripts/chaos --rollout N`: N stores get a later version of their chart, in waves, under faults, and sell all the while. In every fifth the version
does not start."""

import argparse
import os
import pathlib
import threading
import time

import asking
import invariants
from chart_archive import archive_in
from faults import Faults, schedule
from installation import Installation
from merchants import Merchant, Order

# Its pods want a Secret that every fifth store has not.
LATER, WANTED = "99.2.0", "later-secret"

WORKERS, SLOTS, CAP, USERS, BATCH = 3, 4, 6, 10, 6
# For 200 stores; fewer have proportionally fewer, but each kind at least once. A frozen worker may hold the role: then there are two conductors.
FAULTS = {"worker SIGKILL": 20, "worker SIGSTOP": 6, "Redis FLUSHALL": 4, "Redis kill -9": 3, "PostgreSQL immediate restart": 3}
ENDED = "('done', 'kept', 'failed', 'skipped')"


def installation(stores: int, switched_off: str) -> Installation:
    made = Installation(
        pathlib.Path(os.environ["BIN"]), limits=(stores, stores // USERS + 1), workers=WORKERS, slots=SLOTS, cap=CAP, speed=10,
        skewed=False, switched_off=switched_off,
    )
    archive = made.folder / "charts"
    archive.mkdir()
    archive_in(archive, v99_2_0={"existingSecret: wordpress-secret": f"existingSecret: {WANTED}"})
    for worker in made.workers:
        worker.environment |= {"HELM_CHART_ARCHIVE": str(archive), "MAX_CONCURRENT_BACKGROUND": str(CAP), "GRACE_CONFIGURATION_SECONDS": "5"}
    return made


def ask(installation: Installation, method: str, path: str, body: dict | None = None, user: str = "operator") -> dict:
    """Again until an API answers: what the faults hurt is no answer."""
    deadline = time.monotonic() + 60
    while True:
        try:
            headers = {"X-User-Id": user, "Authorization": f"Bearer {installation.admin_token}"}
            answer = asking.ask(f"http://127.0.0.1:{installation.api_ports[0]}{path}", method, body, headers)
            if answer.status != 503 or time.monotonic() > deadline:
                return answer.good().body
        except asking.Refused:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.2)


def create(installation: Installation, count: int) -> None:
    for number in range(count):
        user = f"user-{number % USERS}"
        ask(installation, "POST", "/api/stores", {"name": f"Wave {number}", "engine": "woocommerce", "userId": user}, user)
    deadline = time.monotonic() + 300 + count * 10
    while installation.sql("SELECT count(*) FROM stores WHERE status = 'ready'")[0][0] < count:
        if time.monotonic() > deadline:
            raise RuntimeError("the stores are not ready")
        time.sleep(0.5)


def fit(installation: Installation, namespace: str) -> None:
    """Gives a store what the version wants."""
    secrets = f"/api/v1/namespaces/{namespace}/secrets"
    known = installation.kubernetes("GET", f"{secrets}/wordpress-secret")
    installation.kubernetes("POST", secrets, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": WANTED}, "data": known["data"]})


class Shoppers(Merchant):
    """Buy in one store after the other until it is over, where they are let in."""

    def __init__(self, installation: Installation, namespaces: list[str], over: threading.Event) -> None:
        super().__init__(installation, 0, 0, over)
        self.stores = [{"namespace": it, "id": it} for it in namespaces]
        self.bought: list[tuple[dict, Order]] = []

    def run(self) -> None:
        while not self.over.is_set():
            for store in self.stores:
                if self.over.is_set():
                    return
                if order := self.begin_order(store):
                    self.bought.append((store, order))

    def lost(self) -> list[str]:
        for store, order in self.bought:
            self.expect(store, [order], [], "the rollout")
        return self.wrong


def run(installation: Installation, asked: argparse.Namespace, stuck: float) -> dict[str, list[str]]:
    count, most = asked.rollout, asked.rollout // 10
    kinds = {kind: max(1, round(number * count / 200)) for kind, number in FAULTS.items()}
    strikes = schedule(asked.seed, count, kinds)
    print(f"chaos: a rollout over {count} stores, {len(strikes)} faults, seed {asked.seed}; {WORKERS} workers", flush=True)
    create(installation, count)
    broken = {name for name, in installation.sql("SELECT namespace FROM stores ORDER BY md5(id)")[::5]}
    namespaces = [it for it, in installation.sql("SELECT namespace FROM stores")]
    for namespace in namespaces:
        if namespace not in broken:
            fit(installation, namespace)
    over = threading.Event()
    shoppers = Shoppers(installation, namespaces, over)
    for store in shoppers.stores:
        shoppers.bought.append((store, shoppers.order(store)))
    shoppers.start()
    faults, began = Faults(installation, pause=(0.1, 0.6)), time.monotonic()
    wanted = {"engine": "woocommerce", "to": LATER, "waves": [{"count": 10}, {"percent": 40}, {"percent": 100}], "batch": BATCH,
              "maxFailures": most, "soakSeconds": 1}
    number = ask(installation, "POST", "/api/admin/rollouts", wanted)["rollout"]["id"]
    halts, wrong, told, was_paused = [], [], 0, False
    deadline = began + 600 + count * 20
    while (now := look(installation))["state"] != "done" and time.monotonic() < deadline:
        if now["running"] > BATCH:
            wrong.append(f"{now['running']} stores run at once")
        while strikes and strikes[0].at <= now["ended"]:
            faults.strike(strikes.pop(0))
        if not was_paused and now["ended"] > count // 3:
            was_paused = True
            ask(installation, "POST", "/api/admin/queue/pause", {"reason": "chaos"})
            time.sleep(3)
            ask(installation, "POST", "/api/admin/queue/resume")
        if now["state"] == "halted" and now["running"] == 0:
            if now["bad"] <= now["allowed"]:
                wrong.append(f"halted with {now['bad']} failures, and {now['allowed']} may")
            # Two turns of a conductor, in which nothing may begin.
            time.sleep(5)
            if look(installation)["begun"] != now["begun"]:
                wrong.append("a store began while the rollout was halted")
            halts.append(now["bad"])
            ask(installation, "POST", f"/api/admin/rollouts/{number}/resume")
        if now["ended"] >= told + count / 10:
            told = now["ended"]
            print(f"{time.monotonic() - began:6.0f} s  {told:4} stores ended, {sum(faults.counts.values())} faults, halted {len(halts)} times", flush=True)
        time.sleep(0.2)
    seconds = time.monotonic() - began
    faults.wait()
    over.set()
    shoppers.join()
    last_fault = time.monotonic()
    while (waiting := invariants.unsettled(installation)) and time.monotonic() < last_fault + stuck:
        time.sleep(1)
    states = dict(installation.sql("SELECT state, count(*) FROM rollout_stores GROUP BY 1"))
    print(f"\n{count} stores in {seconds:.0f} s: {states}; {len(broken)} broken; halted after {halts} failures; "
          + ", ".join(f"{faults.counts[kind]} {kind}" for kind in kinds) + f"; {len(shoppers.bought)} orders")
    return {
        "every fault struck": faults.refused + [f"{kind}: {faults.counts[kind]} times, not {times}" for kind, times in kinds.items() if faults.counts[kind] < times],
        "the rollout ended": [] if now["state"] == "done" else [f"{now}"],
        "it halted when more went wrong than may, and nothing began meanwhile": wrong + ([] if halts else ["it never halted"]),
        f"nothing is stuck {stuck:.0f} s after the last fault": [f"{row}" for row in waiting],
        "every order is there": shoppers.lost(),
    } | members(installation, broken)


def look(installation: Installation) -> dict:
    names = ("state", "allowed", "running", "ended", "bad", "begun")
    return dict(zip(names, installation.sql(
        f"""SELECT r.state, r.max_failures + r.forgiven, count(*) FILTER (WHERE m.state = 'running'), count(*) FILTER (WHERE m.state IN {ENDED}),
                   count(*) FILTER (WHERE m.state IN ('failed', 'kept')), count(m.began_at)
              FROM rollouts r JOIN rollout_stores m ON m.rollout_id = r.id GROUP BY r.id""",
    )[0], strict=True))


def members(installation: Installation, broken: set[str]) -> dict[str, list[str]]:
    rows = installation.sql("SELECT s.namespace, m.state, m.reason, s.version, s.status FROM rollout_stores m JOIN stores s ON s.id = m.store_id")
    return {
        "each store ended upgraded, kept, failed or skipped, with its reason": [
            f"{row}" for row in rows if row[1] not in ("done", "kept", "failed", "skipped") or (row[1] != "done" and not row[2])],
        "what is done has the version and serves, and what was kept has its old one and serves": [
            f"{row}" for row in rows if row[1] in ("done", "kept") and ((row[3] == LATER) != (row[1] == "done") or row[4] != "ready")],
        "none is done in which the version does not start": [f"{row}" for row in rows if row[1] == "done" and row[0] in broken],
        "no store was begun twice": [
            f"{row}" for row in installation.sql("SELECT target, count(*) FROM audit WHERE action = 'store.upgrade' GROUP BY 1 HAVING count(*) > 1")],
        "no two attempts were at a store at once": invariants.overlaps(installation),
        "no stale attempt wrote": invariants.stale_writes(installation),
    }
