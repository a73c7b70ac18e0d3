"""From an empty database to a store that sells, once; and what later starts leave alone."""

import pytest
from medusa import FILE, ids


def test_the_seed_is_made_by_the_images_own_migrations(seed):
    assert "set-up: begun with an empty database" in seed
    assert "set-up: the database is migrated" in seed


@pytest.fixture(scope="module")
def first(made):
    """A store, as its tests one after another leave it."""
    return made()


def test_a_store_begins_with_the_seed_and_sells(first):
    said = first.setup().stdout
    assert "begun with the image's seed" in said and "migrating" not in said
    # The server, which has no access to the Secret, finds the password's hash alone.
    noted = first.database.setup("administrator")
    assert noted["password"] and first.password not in str(noted)
    first.start()
    assert first.place_order().startswith("order 1 placed")
    assert first.ask("/storefront/config").body["name"] == FILE["name"]
    assert first.catalogue() == ["Sample Cap", "Sample Mug"]
    assert (first.sign_in().status, first.sign_in("wrong").status) == (200, 401)
    [store] = first.ask("/admin/stores", headers=first.as_owner()).body["stores"]
    assert [it["currency_code"] for it in store["supported_currencies"]] == ["usd"]
    assert store["default_region_id"] and store["default_location_id"] and store["default_sales_channel_id"]
    assert "password" not in first.database.setup("administrator")


def test_the_second_set_up_and_start_change_nothing(first):
    assert first.stop() == 0
    before = first.database.dump()
    said = first.setup().stdout
    assert "migrating" not in said and "begun" not in said and "noted" not in said
    first.start()
    assert first.stop() == 0
    assert first.database.dump() == before


def test_two_stores_have_no_id_in_common(made):
    dumps = []
    for store in (made(), made()):
        store.setup()
        dumps.append(store.database.dump())
    one, other = map(ids, dumps)
    assert len(one) == len(other) >= 4
    assert one & other == set()


def test_the_owners_hand_wins(made):
    with made() as store:
        # Set-up and server in one process: where the Secret is mounted, store-serve needs no step before it.
        store.start(ADMIN_SECRETS_DIR=store.environment["ADMIN_SECRETS_DIR"])
        owner = store.as_owner()
        [mug] = [it for it in store.ask("/admin/products", headers=owner).body["products"] if it["title"] == "Sample Mug"]
        assert store.ask(f"/admin/products/{mug['id']}", method="DELETE", headers=owner).status == 200
        [region] = store.ask("/admin/regions", headers=owner).body["regions"]
        assert store.ask(f"/admin/regions/{region['id']}", {"name": "My region"}, headers=owner).status == 200
        [user] = store.ask("/admin/users", headers=owner).body["users"]
        store.database.query('DELETE FROM "user" WHERE id = %s', user["id"])
        store.stop()

        store.setup()
        store.start()
        assert store.catalogue() == ["Sample Cap"]
        assert store.database.query("SELECT name FROM region") == [("My region",)]
        assert store.database.query('SELECT count(*) FROM "user"') == [(0,)]
        store.stop()

        # Asked for, the account comes back.
        first, store.password, store.file["adminRevision"] = store.password, "second-password", 1
        store.setup()
        store.start()
        assert (store.sign_in().status, store.sign_in(first).status) == (200, 401)
        assert store.ask("/admin/users/me", headers=store.as_owner()).status == 200


def test_a_renamed_store_gets_its_name_and_a_password_only_when_it_was_asked_for(first):
    old, first.password, first.file["name"] = first.password, "second-password", "Renamed"
    first.setup()
    first.start()
    assert first.ask("/storefront/config").body["name"] == "Renamed"
    assert (first.sign_in().status, first.sign_in(old).status) == (401, 200)
    # Its owner gives it another name; from then on that is the owner's.
    owner = {"Authorization": f"Bearer {first.sign_in(old).body['token']}"}
    [store] = first.ask("/admin/stores", headers=owner).body["stores"]
    assert first.ask(f"/admin/stores/{store['id']}", {"name": "The owner's own"}, headers=owner).status == 200
    first.stop()

    first.file |= {"name": "Renamed again", "adminRevision": 1}
    first.setup()
    first.start()
    assert first.ask("/storefront/config").body["name"] == "The owner's own"
    assert (first.sign_in().status, first.sign_in(old).status) == (200, 401)


def test_tables_that_it_did_not_make_are_nobodys_to_set_up(first, made):
    with made() as restored:
        source = first
        # As from a backup of another installation.
        restored.database.query("DROP SCHEMA public CASCADE")
        restored.database.query("CREATE SCHEMA public")
        restored.database.query("SET check_function_bodies = false;" + source.database.dump().replace("CREATE SCHEMA store_weaver", "CREATE SCHEMA IF NOT EXISTS store_weaver"))
        restored.database.query("DROP SCHEMA store_weaver CASCADE")
        before = restored.database.query("SELECT id, name FROM store"), restored.database.query('SELECT id FROM "user"')
        assert "migrating" in restored.setup().stdout
        restored.start()
        assert (restored.database.query("SELECT id, name FROM store"), restored.database.query('SELECT id FROM "user"')) == before
        restored.place_order()


def test_without_a_database_it_gives_up_in_time(made):
    store = made()
    done = store.setup(check=False, DATABASE_PORT="1", SETUP_TIMEOUT_SECONDS="1")
    assert done.returncode == 1 and "the database did not answer in time" in done.stdout


def test_a_missing_secret_file_is_named(made):
    store = made()
    (store.folder / "secrets/postgres-password").unlink()
    done = store.setup(check=False)
    assert done.returncode == 1 and "secrets/postgres-password is missing or empty" in done.stdout
