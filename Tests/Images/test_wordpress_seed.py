"""The image's seed: what every new store begins with, and nothing that two stores would have in common."""

import re

import pytest
from pods import Secrets
from wordpress import NAME, dump, make_pod, needs_woocommerce, query, set_up, steps, value_of

# Times to the second, written out and counted, ids, and keys of any kind.
TIME = re.compile(r"20\d\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d|(?<!\d)1[6-9]\d{8}(?!\d)")
KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|(?<![0-9A-Za-z])[0-9a-f]{32,}(?![0-9A-Za-z])|s:32:\\?\"[0-9A-Za-z]{32}\\?\"|\$wp\$2y\$[^'\\]+")
# Names that are made of what all stores have: of an event's arguments, and of the theme's folder.
NAMED_ALIKE = re.compile(r"s:32:\\?\"[0-9a-f]{32}\\?\";a:3:|wp_theme_files_patterns-[0-9a-f]{32}|wp_styles_for_blocks")


def begin_anew(database) -> None:
    query(database, "DROP DATABASE wordpress; CREATE DATABASE wordpress CHARACTER SET utf8mb4")


def rows(text: str) -> dict:
    """The rows of a dump by table and primary key."""
    found = re.findall(r"^INSERT INTO `(\w+)` VALUES \(([^,]+),(.*)\);$", text, re.MULTILINE)
    return {(table, key): content for table, key, content in found}


def option(data: str, name: str) -> str:
    return re.search(rf"^INSERT INTO `wp_options` VALUES \(\d+,'{name}','(.*)','[a-z-]+'\);$", data, re.MULTILINE)[1]


def pod_of(image, folder, secret, number: int):
    """The pod of a store with secrets of its own, but for the account in the database, which the tests' own stores share."""
    folder.mkdir()
    own = Secrets({("mysql-secret", "mysql-password"): secret("mysql-secret", "mysql-password")})
    return make_pod(image, folder, own, storeName=f"{NAME} {number}", host=f"store{number}.localhost")


@pytest.fixture(scope="module")
def stores(image, sells, folder, database, secret):
    """Two stores of one image, one after the other: what their set-up said, and their data."""
    needs_woocommerce(sells)
    made = []
    for number in (1, 2):
        begin_anew(database)
        code, said = set_up(pod_of(image, folder / f"store-{number}", secret, number), database)
        assert code == 0, said
        made.append((said, dump(database)))
    return made


def test_a_store_begins_with_the_seed_and_no_trace_of_its_making_is_left(stores):
    for number, (said, data) in enumerate(stores, 1):
        assert "begun with the image's seed" in steps(said), said
        assert "seed.invalid" not in data
        assert f"store{number}.localhost:8080" in data and f"store{3 - number}.localhost" not in data
        assert "file:///wp-content" not in data and f"'http://store{number}.localhost:8080/wp-content/uploads/woocommerce_uploads/'" in data
        for name in ("blogname", "woocommerce_pos_store_name", "woocommerce_email_from_name"):
            assert option(data, name).endswith(f"Söhne {number}"), name


def test_two_stores_have_no_time_id_or_key_in_common(stores):
    first, second = (rows(data) for _, data in stores)
    assert len(first) > 300 and first.keys() & second.keys()
    alike = []
    for key in first.keys() & second.keys():
        ones, others = (NAMED_ALIKE.sub("", it[key]) for it in (first, second))
        for pattern in (TIME, KEY):
            alike += [(key, it) for it in set(pattern.findall(ones)) & set(pattern.findall(others))]
    assert alike == []


def test_what_is_serialised_stays_whole(stores, image, database):
    """Data of the last store: PHP reads every value that looks serialised."""
    assert stores
    found = query(database, "SELECT COUNT(*) FROM wordpress.wp_options WHERE option_value REGEXP '^[aO]:[0-9]+:'").stdout
    assert int(found.split()[-1]) > 20
    cron = value_of(database, "cron")
    # An event an hour or a day from now, not from when the image was built.
    times = [int(it) for it in re.findall(r"i:(1\d{9});a:", cron)]
    now = int(query(database, "SELECT UNIX_TIMESTAMP()").stdout.split()[-1])
    assert times and all(now - 600 < it < now + 32 * 86400 for it in times), (now, times)


def test_without_a_seed_a_store_is_the_same(stores, image, folder, database, secret):
    """But for what is told of time: the same tables, options and posts."""
    _, seeded = stores[1]
    begin_anew(database)
    pod = pod_of(image, folder / "unseeded", secret, 2)
    empty = folder / "no-seed"
    empty.mkdir()
    with pod.start("setup", network=database, options=["--volume", f"{empty}:/usr/local/share/store-weaver/seed:ro"]) as step:
        code, said = step.wait(), step.logs()
    assert code == 0, said
    assert "WordPress is installed" in steps(said) and "begun with the image's seed" not in steps(said)
    unseeded = dump(database)

    def shape(data: str) -> dict:
        tables = set(re.findall(r"^CREATE TABLE `(\w+)`", data, re.MULTILINE))
        options = {it for it in re.findall(r"^INSERT INTO `wp_options` VALUES \(\d+,'([^']+)'", data, re.MULTILINE) if "transient" not in it}
        posts = sorted(re.findall(r"^INSERT INTO `wp_posts` VALUES \(.*,'(page|product|attachment|wp_template_part)','[^']*',\d+\);$", data, re.MULTILINE))
        return {"tables": tables, "options": options, "posts": posts}
    ones, others = shape(unseeded), shape(seeded)
    assert ones["options"] ^ others["options"] == set()
    assert ones == others
