"""A database that is killed at any moment of its first start is one after the next start."""

import time

import pytest
from servers import FIRST_STARTS

MOMENTS = 30
# Where the moments lie, in lengths of an undisturbed start: most before its end, the rest while the server runs.
LAST = 1.3


@pytest.fixture(scope="module", params=FIRST_STARTS, ids=lambda it: it.__name__)
def engine(request):
    """The engine, and how long its first start takes on this machine now."""
    it = request.param()
    try:
        began = time.monotonic()
        it.start()
        it.until_usable()
        return request.param, time.monotonic() - began
    finally:
        it.close()


@pytest.fixture(scope="module")
def met(engine):
    """What the volume looked like at the moments."""
    return []


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_killed_in_its_first_start_it_is_a_database_after_the_next(engine, met, moment):
    make, length = engine
    server = make()
    try:
        server.start()
        time.sleep(length * LAST * moment / (MOMENTS - 1))
        server.kill()
        met.append("unfinished" if server.unfinished() else "finished" if (server.volume / server.data).exists() else "untouched")
        server.start()
        server.until_usable()
        assert server.orders() == 1
        assert server.unfinished() == []
    finally:
        server.close()


def test_the_moments_were_before_and_after_the_database_was_made(met):
    assert len(met) == MOMENTS and met.count("unfinished") >= 5 and "finished" in met, met
