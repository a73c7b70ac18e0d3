"""A database of another version of the image is migrated without anybody to ask, in limited time."""

import json

import pytest


@pytest.fixture(scope="module")
def sold(made):
    """A store that took an order, and stopped."""
    store = made()
    store.setup()
    store.start()
    store.place_order()
    store.stop()
    return store


@pytest.fixture
def older(sold):
    """Its database, as another version's image migrated it last."""
    sold.database.query("""UPDATE store_weaver.setup SET value = value || '{"version": "another"}' WHERE name = 'database'""")
    return sold


def test_links_that_it_would_have_to_change_or_delete_stay(older):
    # A link's table that no module knows, and one with a column that is not to be there any more.
    older.database.query("CREATE TABLE link_of_old (id text)")
    older.database.query("INSERT INTO link_of_old VALUES ('kept')")
    older.database.query("INSERT INTO link_module_migrations (table_name, link_descriptor) VALUES ('link_of_old', %s)", json.dumps(
        {"fromModule": "cart", "toModule": "payment", "fromModel": "cart", "toModel": "nothing"}))
    older.database.query("ALTER TABLE order_cart ADD COLUMN note text")
    older.database.query("UPDATE order_cart SET note = 'kept'")
    assert older.setup().stdout.count("set-up: migrating a database of another version") == 1
    assert older.database.query("SELECT id FROM link_of_old") == older.database.query("SELECT note FROM order_cart") == [("kept",)]
    assert "migrating" not in older.setup().stdout
    older.start()
    assert older.place_order().startswith("order 2 placed")
    older.stop()


def test_a_migration_has_a_limit_in_time(older):
    done = older.setup(check=False, MIGRATION_TIMEOUT_SECONDS="0.2")
    assert done.returncode == 1 and "medusa db:migrate did not end within 0.2 s" in done.stdout
    # The next start tries again.
    assert older.database.setup("database")["version"] == "another"
    older.setup()
    assert older.database.setup("database")["version"] != "another"


def test_a_migration_that_fails_is_told(older):
    older.database.query("DROP TABLE link_module_migrations")
    older.database.query("CREATE VIEW link_module_migrations AS SELECT 1 AS id")
    done = older.setup(check=False)
    assert done.returncode == 1 and "medusa db:migrate ended with 1" in done.stdout
