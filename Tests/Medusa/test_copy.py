"""A store's database under another address, as a copy, a rename and a restore leave it."""

import re

import pytest
from medusa import Store
from servers import Database

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def replace(database: Database, dump: str) -> None:
    """What the keeper's restore leaves: the dump, and nothing that was there before."""
    database.query("DROP SCHEMA IF EXISTS store_weaver CASCADE")
    database.query("DROP SCHEMA public CASCADE")
    database.query("CREATE SCHEMA public")
    database.query("SET check_function_bodies = false;" + dump)


@pytest.fixture(scope="module")
def source(made):
    """A store with a picture, an order, a second user, and its address in places that Medusa does not know."""
    it = made()
    it.setup()
    it.start()
    owner = it.as_owner()
    boundary = "b0undary"
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="mug.png"\r\nContent-Type: image/png\r\n\r\n'.encode()
    sent = it.ask("/admin/uploads", raw=body + PIXEL + f"\r\n--{boundary}--\r\n".encode(), headers={**owner, "Content-Type": f"multipart/form-data; boundary={boundary}"})
    [file] = sent.body["files"]
    url = it.environment["STORE_URL"]
    assert file["url"].startswith(f"{url}/static/")
    [mug] = [product for product in it.ask("/admin/products", headers=owner).body["products"] if product["title"] == "Sample Mug"]
    changed = it.ask(f"/admin/products/{mug['id']}", {
        "images": [{"url": file["url"]}], "thumbnail": file["url"], "description": f"See {url}/a. Not {url}0/b, {url}.example.com or mail@127.0.0.1.",
        "metadata": {"link": url.upper() + "/c", "elsewhere": "https://example.com/static/x.png"},
    }, headers=owner)
    assert changed.status == 200, changed.text
    it.database.query("""INSERT INTO "user" (id, email, first_name) VALUES ('user_other', 'other@example.com', 'Other')""")
    it.place_order()
    assert it.stop() == 0
    return it


@pytest.fixture
def copy(source, made):
    it = made()
    replace(it.database, source.database.dump())
    it.password, it.file["adminRevision"] = "the-copys-own", 1
    return it


def addresses(store: Store) -> set[str]:
    return set(re.findall(r"(?i)http://127\.0\.0\.1:\d+", store.database.dump()))


def test_a_copy_has_its_own_address_and_password_and_all_its_people(source, copy):
    old, new = source.environment["STORE_URL"], copy.environment["STORE_URL"]
    people = 'SELECT id, email FROM "user" ORDER BY id'
    assert f"{old} is {new} now" in copy.setup().stdout
    [(thumbnail, description, metadata)] = copy.database.query("SELECT thumbnail, description, metadata FROM product WHERE title = 'Sample Mug'")
    assert thumbnail.startswith(f"{new}/static/") and copy.database.query("SELECT url FROM image") == [(thumbnail,)]
    assert description == f"See {new}/a. Not {old}0/b, {old}.example.com or mail@127.0.0.1."
    assert metadata == {"link": f"{new}/c", "elsewhere": "https://example.com/static/x.png"}
    assert addresses(copy) == {new, old, old + "0"} and copy.database.query("SELECT count(*) FROM order_line_item WHERE thumbnail LIKE %s", old + "%") == [(0,)]
    copy.start(STORE_STAGING="1")
    assert (copy.sign_in().status, copy.sign_in(source.password).status) == (200, 401)
    assert copy.database.query(people) == source.database.query(people)
    assert len(copy.ask("/admin/orders", headers=copy.as_owner()).body["orders"]) == 1
    assert copy.place_order().startswith("order 2 placed")
    for path in ("/", "/app", "/store/products", "/static/none.png"):
        assert copy.ask(path).headers["X-Robots-Tag"] == "noindex, nofollow", path
    assert copy.stop() == 0
    before = copy.database.dump()
    assert "now, in" not in copy.setup().stdout
    assert copy.database.dump() == before


def test_a_store_from_before_it_noted_its_address_has_that_of_its_pictures(source, copy):
    copy.database.query("DELETE FROM store_weaver.setup WHERE name = 'address'")
    copy.setup()
    [(thumbnail,)] = copy.database.query("SELECT thumbnail FROM product WHERE title = 'Sample Mug'")
    assert thumbnail.startswith(copy.environment["STORE_URL"])


def test_pictures_of_several_places_say_nothing_of_the_address(source, copy):
    copy.database.query("DELETE FROM store_weaver.setup WHERE name = 'address'")
    copy.database.query("INSERT INTO image (id, url, product_id) SELECT 'img_x', 'https://medusa.example.com/static/x.png', product_id FROM image LIMIT 1")
    before = copy.database.query("SELECT url FROM image ORDER BY id")
    copy.setup()
    assert copy.database.query("SELECT url FROM image ORDER BY id") == before


def test_a_rewriting_that_fails_leaves_all_as_it_was_and_the_next_one_does_it(copy):
    copy.database.query("ALTER TABLE product ADD CONSTRAINT held CHECK (thumbnail NOT LIKE %s)".replace("%s", f"'{copy.environment['STORE_URL']}%'"))
    before = copy.database.dump()
    assert copy.setup(check=False).returncode == 1
    assert copy.database.dump() == before
    copy.database.query("ALTER TABLE product DROP CONSTRAINT held")
    assert "now, in" in copy.setup().stdout


def test_a_restore_empties_redis_and_a_restart_does_not(made):
    store = made()
    store.setup()
    store.start()
    assert "x-robots-tag" not in {name.lower() for name in store.ask("/").headers}
    assert store.stop() == 0
    store.redis.ask("SET", "of-before", "1")
    store.start()
    assert store.stop() == 0
    assert store.redis.ask("GET", "of-before") == "1"
    replace(store.database, store.database.dump())
    store.setup()
    store.start()
    assert store.redis.ask("GET", "of-before") == "" and "set-up: the database was restored, so Redis is emptied" in store.messages()
    store.place_order()
