"""A store as its visitors and its owner see it."""

import re
import threading
import time
import urllib.parse

from cluster import ROOT, Cluster, run


class Storefront:
    def __init__(self, cluster: Cluster, store: dict):
        self.cluster = cluster
        self.url = store["url"]
        self.host = urllib.parse.urlsplit(self.url).hostname

    def get(self, path: str = "/", **more):
        return self.cluster.visit(self.host, "GET", path, **more)

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
        if self.cluster.address != "127.0.0.1":
            raise AssertionError("orders are placed at 127.0.0.1 alone")
        return run(ROOT / "scripts/place-order", self.url, "--engine", engine).stdout.strip()


class Outage:
    """Asks for a page ten times a second while a block runs; `seconds` is the longest time between two good answers."""

    def __init__(self, storefront: Storefront, path: str = "/"):
        self.storefront, self.path = storefront, path
        self.seconds, self.statuses = 0.0, set()
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self) -> None:
        """Ends with a good answer: an outage that the block did not wait for is counted to its end, for a minute at most."""
        last = time.monotonic()
        while True:
            status = self.storefront.get(self.path, timeout=10).status
            now = time.monotonic()
            # Two good answers in a row are a tenth of a second and an answer apart.
            self.seconds = max(self.seconds, now - last)
            if status == 200:
                last = now
            else:
                self.statuses.add(status)
            if self.stopped.is_set() and (status == 200 or now - last > 60):
                break
            time.sleep(0.1)
        if not self.statuses:
            self.seconds = 0.0

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()
