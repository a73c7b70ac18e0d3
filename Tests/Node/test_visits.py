"""The measure of outages itself, on a storefront that answers as it is told."""

import threading
import types

from visits import Outage


class Scripted:
    """Answers 200 until the block ends, then a few times 503, then 200 again."""

    def __init__(self):
        self.after_the_block = threading.Event()
        self.left = 5

    def get(self, path, timeout):
        if self.after_the_block.is_set() and self.left:
            self.left -= 1
            return types.SimpleNamespace(status=503)
        return types.SimpleNamespace(status=200)


def test_an_outage_is_counted_to_its_end_though_the_block_did_not_wait_for_it():
    storefront = Scripted()
    with Outage(storefront) as outage:
        storefront.after_the_block.set()
    assert storefront.left == 0
    # Five bad answers, a tenth of a second each, lie between two good ones.
    assert outage.seconds >= 0.5 and outage.statuses == {503}
