"""A store as its visitors and its owner see it."""

import concurrent.futures
import itertools
import re
import threading
import time
import urllib.parse

from cluster import ROOT, Cluster, run
from polling import until


class Storefront:
    def __init__(self, cluster: Cluster, store: dict):
        self.cluster = cluster
        self.url = store["url"]
        self.host = urllib.parse.urlsplit(self.url).hostname

    def get(self, path: str = "/", **more):
        return self.cluster.visit(self.host, "GET", path, **more)

    def gate_says(self, state: str):
        """The gate's answer, once it is that: what it knows of a host counts for up to two seconds."""
        answer = None

        def told():
            nonlocal answer
            answer = self.get("/", headers={"Accept": "application/json"})
            # For a moment the controller itself has no pod to ask, and says so in its own words.
            is_gates = "json" in (answer.headers["Content-Type"] or "")
            return answer if answer.status == 503 and is_gates and answer.body.get("state") == state else None

        try:
            return until(told, f"the gate to say {state}", 30)
        except AssertionError as error:
            raise AssertionError(f"{error}; last it was {answer}") from None

    def post(self, path: str, body, **more):
        return self.cluster.visit(self.host, "POST", path, body=body, **more)

    def log_in(self, user: str, password: str) -> dict | None:
        """The cookies of WordPress' administration; None when it does not let in."""
        form = urllib.parse.urlencode({"log": user, "pwd": password, "wp-submit": "Log In", "testcookie": "1"})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "wordpress_test_cookie=WP%20Cookie%20check"}
        answer = self.cluster.visit(self.host, "POST", "/wp-login.php", body=form, headers=headers)
        cookies = dict(re.match(r"([^=]+)=([^;]*)", it).groups() for it in answer.headers.get_all("Set-Cookie") or [])
        return cookies if answer.status == 302 and any(it.startswith("wordpress_logged_in_") for it in cookies) else None

    def order(self, engine: str) -> str:
        """What scripts/place-order says."""
        return run(ROOT / "scripts/place-order", self.url, "--engine", engine, "--at", self.cluster.address).stdout.strip()


class Outage:
    """Asks for a page five times a second while a block runs, by visitors who do not wait for each other: one may hang at a pod that has
    gone. Where answers take longer than that, new visitors come more rarely: what is measured is the change, not what a store of this
    size and machine can bear. `seconds` is the longest time in which nobody got a good answer; 0 when everybody did. Ends with a good answer, or a minute after
    the last one: an outage that the block did not wait for is counted to its end."""

    PATIENCE = 60
    # So many visitors who came within the last seconds wait at most.
    WAITING, WITHIN = 3, 2.0

    def __init__(self, storefront: Storefront, path: str = "/", good: tuple[int, ...] = (200,)):
        self.storefront, self.path, self.good = storefront, path, good
        self.seconds, self.statuses = 0.0, set()
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self) -> None:
        began = time.monotonic()
        good = [began]
        with concurrent.futures.ThreadPoolExecutor(max_workers=60) as visitors:

            waiting: dict[int, float] = {}

            def visit(number: int) -> None:
                try:
                    status = self.storefront.get(self.path, timeout=10).status
                finally:
                    del waiting[number]
                if status in self.good:
                    good.append(time.monotonic())
                else:
                    self.statuses.add(status)

            stopped_at = None
            for number in itertools.count():
                now = time.monotonic()
                if sum(now - since < self.WITHIN for since in list(waiting.values())) < self.WAITING:
                    waiting[number] = now
                    visitors.submit(visit, number)
                time.sleep(0.2)
                if stopped_at is None and self.stopped.is_set():
                    stopped_at = time.monotonic()
                if stopped_at is not None and (good[-1] > stopped_at or time.monotonic() - good[-1] > self.PATIENCE):
                    break
            end = time.monotonic()
        if self.statuses or good[-1] < stopped_at:
            moments = sorted(it for it in good if it <= end) + ([end] if good[-1] < stopped_at else [])
            self.seconds = max(after - before for before, after in itertools.pairwise(moments))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()
