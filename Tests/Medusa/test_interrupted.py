"""Killed at any moment of its making, a store is made by the next start."""

import os
import signal
import time

import pytest

# Spread over the time that a making takes here. MEDUSA_KILLS=30 for a closer look; each takes two starts.
KILLS = int(os.environ.get("MEDUSA_KILLS", "6"))


@pytest.fixture(scope="module")
def making(made) -> tuple[float, float]:
    """How long the server's first start takes on this machine: until the first row is written, and until the store is made."""
    with made() as store:
        store.setup()
        began = time.monotonic()
        store.launch()
        first = None
        while store.database.setup("database")["phase"] != "ready":
            if first is None and store.database.query("SELECT 1 FROM store"):
                first = time.monotonic() - began
            assert store.process.poll() is None and time.monotonic() - began < 180, store.log.read_text()[-4000:]
        return first, time.monotonic() - began


@pytest.mark.parametrize("moment", range(KILLS))
def test_a_store_killed_while_it_is_made_is_made_by_the_next_start(made, making, moment):
    first, whole = making
    with made() as store:
        store.setup()
        store.launch()
        # All but one in the working part, which is where rows are written.
        time.sleep(first * 0.5 if moment == 0 else first + (whole - first) * (moment - 0.5) / max(1, KILLS - 1))
        store.stop(signal.SIGKILL)
        phase = store.database.setup("database")["phase"]
        print(f"killed while the database was {phase}, with {store.database.query('SELECT count(*) FROM product')[0][0]} products")
        store.start()
        assert store.catalogue() == ["Sample Cap", "Sample Mug"]
        store.place_order()
        assert store.sign_in().status == 200


@pytest.mark.parametrize("moment", range(KILLS))
def test_a_set_up_that_is_killed_is_set_up_by_the_next_one(made, moment):
    import subprocess

    with made() as store:
        process = subprocess.Popen(store.command("setup", {}), cwd=store.app, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        time.sleep(0.1 + 0.15 * moment)
        process.kill()
        process.wait()
        store.setup()
        assert store.database.setup("database")["phase"] == "migrated"
        assert store.database.query("SELECT count(*) FROM script_migrations")[0][0] > 0


def test_a_first_migration_that_was_cut_off_is_begun_again(made):
    with made() as store:
        store.setup()
        # As it is where the image has no seed: some tables, and the mark of a beginning.
        store.database.query("DROP TABLE product CASCADE")
        store.database.query("""UPDATE store_weaver.setup SET value = '{"phase": "new", "version": ""}' WHERE name = 'database'""")
        store.setup()
        assert store.database.query("SELECT count(*) FROM product") == [(0,)]
