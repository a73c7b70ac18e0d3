"""The measure of outages itself, on a storefront that answers as it is told."""

import threading
import time
import types

from polling import until
from visits import Outage


class Scripted:
    """Good, until the block ends; then the next visitor hangs, the next three get 503, and all others good answers."""

    def __init__(self):
        self.block_ended = threading.Event()
        self.others_served = threading.Event()
        self.lock, self.left = threading.Lock(), 4

    def get(self, path, timeout):
        with self.lock:
            turn = self.left if self.block_ended.is_set() else 0
            self.left -= 1 if turn else 0
        if turn == 4:
            self.others_served.wait(timeout)
            return types.SimpleNamespace(status=0)
        if turn:
            return types.SimpleNamespace(status=503)
        if self.block_ended.is_set():
            self.others_served.set()
        return types.SimpleNamespace(status=200)


def test_an_outage_is_counted_to_its_end_and_no_visitor_waits_for_one_who_hangs():
    storefront = Scripted()
    with Outage(storefront) as outage:
        storefront.block_ended.set()
    assert storefront.left == 0 and storefront.others_served.is_set()
    # Four visitors without a good answer came a fifth of a second after each other.
    assert outage.seconds >= 0.8 and outage.statuses == {0, 503}


def test_without_a_bad_answer_there_is_no_outage():
    with Outage(types.SimpleNamespace(get=lambda path, timeout: types.SimpleNamespace(status=200))) as outage:
        pass
    assert outage.seconds == 0


def test_a_store_that_is_slow_is_not_visited_until_it_breaks():
    """It serves one visitor at a time, half a second each: asked five times a second it would fall behind for ever."""
    one, most, lock, served = threading.Lock(), [0, 0], threading.Lock(), []

    def get(path, timeout):
        with lock:
            most[0] += 1
            most[1] = max(most)
        try:
            with one:
                time.sleep(0.5)
        finally:
            with lock:
                most[0] -= 1
        served.append(path)
        return types.SimpleNamespace(status=200)

    with Outage(types.SimpleNamespace(get=get)) as outage:
        until(lambda: len(served) >= 15, "fifteen visitors to be served", 60)
    assert outage.seconds == 0
    assert most[1] <= 5
