"""A store on the smallest plan under more visitors than it can serve at once: the rest waits, nobody gets an error, nothing is killed."""

import concurrent.futures
import contextlib
import socket
import time

SECONDS = 30


def restarts(cluster, store) -> dict[str, int]:
    """Of each container."""
    return {
        f"{pod['metadata']['name']}/{it['name']}": it["restartCount"]
        for pod in cluster.pods(store["namespace"]) for it in pod["status"].get("containerStatuses", [])
    }


def test_a_hundred_visitors_at_once_all_get_pages(cluster, store, storefront, note):
    before, end = restarts(cluster, store), time.monotonic() + SECONDS

    def visitor(_) -> list[int]:
        statuses = []
        while time.monotonic() < end:
            statuses.append(storefront.get("/", timeout=75).status)
        return statuses

    with concurrent.futures.ThreadPoolExecutor(100) as visitors:
        statuses = [status for each in visitors.map(visitor, range(100)) for status in each]
    note(f"100 visitors at once: pages in {SECONDS} s", None, str(len(statuses)))
    assert set(statuses) == {200}, {status: statuses.count(status) for status in set(statuses)}
    assert restarts(cluster, store) == before


def test_a_hundred_slow_connections_keep_nobody_out(cluster, store, storefront, note):
    """Each sends its request's head a byte a second, and never ends it."""
    before = restarts(cluster, store)
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection((cluster.address, cluster.port), timeout=30)) for _ in range(100)]
        for connection in slow:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {storefront.host}\r\nX-Slow: ".encode())
        statuses = []
        for _ in range(15):
            for connection in slow:
                with contextlib.suppress(OSError):
                    connection.sendall(b"a")
            statuses.append(storefront.get("/").status)
            time.sleep(1)
    assert statuses == [200] * 15
    assert restarts(cluster, store) == before
