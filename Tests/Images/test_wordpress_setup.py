"""The set-up step: killed at any moment it loses no store, and a finished store is its owner's."""

import contextlib
import random
import shutil
import time

import pytest
from containers import podman
from waiting import until
from wordpress import check, dump, get, log_in, make_pod, needs_woocommerce, query, serve, set_up, steps, value_of

KILLS = 30


@pytest.fixture(scope="module")
def server(pod, database):
    """A web server that is there before the store is: it knows nothing but the database's address."""
    with serve(pod, database) as it:
        until(lambda: get(it, "/-/live", check=False)[0] == 200, it)
        yield it


def begin_anew(database) -> None:
    query(database, "DROP DATABASE wordpress; CREATE DATABASE wordpress CHARACTER SET utf8mb4")


def is_whole(server, pod, database, secret, sells) -> None:
    """Visitors see the store, it takes an order, and its owner gets in."""
    assert get(server, "/-/ready")[0] == 200
    assert get(server, "/")[0] == 200
    assert log_in(server, secret("wordpress-secret", "admin-password"))[0] == 302
    if sells:
        code, said = check(pod, database)
        assert code == 0, said


def test_killed_at_any_moment_it_is_a_whole_store_after_the_next_start(server, pod, database, secret, sells):
    begin_anew(database)
    began = time.monotonic()
    code, said = set_up(pod, database)
    assert code == 0, said
    whole = time.monotonic() - began
    seed = random.randrange(10**6)
    moments = random.Random(seed)
    begun_again = 0
    for _ in range(KILLS):
        begin_anew(database)
        moment = moments.uniform(0.05, 1.0) * whole
        with pod.start("setup", network=database) as step:
            time.sleep(moment)
            podman("kill", "--signal", "KILL", step.id, check=False)
            step.wait()
        where = f"seed {seed}, killed after {moment:.2f} s of {whole:.2f}"
        code, said = set_up(pod, database)
        assert code == 0, f"{where}: {said}"
        begun_again += "again" in steps(said).values()
        try:
            is_whole(server, pod, database, secret, sells)
        except AssertionError as error:
            raise AssertionError(f"{where}: {error}\n{said}") from error
    print(f"seed {seed}: {KILLS} kills within {whole:.1f} s, {begun_again} stores begun again, none lost")
    # Else the kills came before or after everything, and nothing was tried.
    assert begun_again >= KILLS // 4


def test_a_step_that_loses_the_database_is_a_failure(pod, database):
    """WordPress ends with exit code 0 where the database refuses it."""
    begin_anew(database)
    with pod.start("setup", network=database) as step:
        until(lambda: "wp_options" in query(database, "SHOW TABLES FROM wordpress").stdout, step)
        query(database, "ALTER USER wordpress@'%' ACCOUNT LOCK")
        try:
            assert step.wait() != 0, step.logs()
        finally:
            query(database, "ALTER USER wordpress@'%' ACCOUNT UNLOCK")
    assert value_of(database, "store_weaver_setup_version") is None


def test_a_database_of_somebody_else_is_not_touched(pod, database):
    begin_anew(database)
    query(database, "CREATE TABLE wordpress.theirs (id INT); INSERT INTO wordpress.theirs VALUES (7)")
    before = dump(database)
    code, said = set_up(pod, database)
    assert code != 0 and "nothing was changed" in said
    assert dump(database) == before


@pytest.fixture
def finished(server, pod, database):
    """A new store, whole."""
    begin_anew(database)
    code, said = set_up(pod, database)
    assert code == 0, said
    assert get(server, "/")[0] == 200


@contextlib.contextmanager
def told(pod, **values):
    """The pod of the same store with other values of the chart."""
    changed = make_pod(pod.image, pod.folder, pod.secret, **values)
    volume = next(v for v in changed.spec["volumes"] if v["name"] == "store")
    changed.fill(pod.folder / "store", volume)
    yield changed
    pod.fill(pod.folder / "store", volume)


def again(pod, database) -> str:
    code, said = set_up(pod, database)
    assert code == 0, said
    return said


def test_a_second_run_changes_nothing(pod, database, finished):
    before = dump(database)
    said = again(pod, database)
    assert "done" not in steps(said).values(), said
    assert dump(database) == before


def test_what_the_owner_changed_stays(pod, database, finished):
    query(database, """USE wordpress;
        UPDATE wp_options SET option_value = '/archives/%post_id%' WHERE option_name = 'permalink_structure';
        UPDATE wp_options SET option_value = '0' WHERE option_name = 'blog_public';
        UPDATE wp_options SET option_value = 'My own' WHERE option_name = 'blogname';
        DELETE FROM wp_posts WHERE post_type IN ('page', 'product');
        INSERT INTO wp_users (user_login, user_email) VALUES ('boss', 'boss@example.com');
        DELETE FROM wp_users WHERE user_login = 'admin'""")
    before = dump(database)
    again(pod, database)
    assert dump(database) == before
    with told(pod, storeName="Renamed") as renamed:
        again(renamed, database)
    assert value_of(database, "blogname") == "My own"


def test_a_renamed_store_gets_its_title_and_a_raised_revision_the_administrator(pod, database, secret, server, finished):
    query(database, "DELETE FROM wordpress.wp_users WHERE user_login = 'admin'")
    with told(pod, storeName="Renamed & Co", adminRevision=1) as changed:
        said = again(changed, database)
        assert "Renamed &amp; Co" in get(server, "/")[1]
        assert log_in(server, secret("wordpress-secret", "admin-password"))[0] == 302
        assert steps(said)["the store has its name"] == "done"
        before = dump(database)
        again(changed, database)
        assert dump(database) == before


def test_a_newer_database_is_not_migrated_backwards(pod, database, finished):
    query(database, "UPDATE wordpress.wp_options SET option_value = '99999999' WHERE option_name = 'db_version'")
    before = dump(database)
    code, said = set_up(pod, database)
    assert code != 0 and "newer WordPress" in said
    assert dump(database) == before


def test_an_older_database_is_migrated_once(pod, database, finished):
    query(database, "UPDATE wordpress.wp_options SET option_value = option_value - 1 WHERE option_name = 'db_version'")
    assert steps(again(pod, database))["the database has the code's version"] == "done"
    assert steps(again(pod, database))["the database has the code's version"] == "kept"


def test_woocommerce_is_migrated_even_after_a_migration_that_was_killed(pod, database, sells, finished):
    needs_woocommerce(sells)
    version = value_of(database, "woocommerce_version")
    query(database, """USE wordpress;
        UPDATE wp_options SET option_value = '9.0.0' WHERE option_name = 'woocommerce_version';
        INSERT INTO wp_options (option_name, option_value) VALUES ('wc_installing', UNIX_TIMESTAMP()), ('_transient_wc_installing', 'yes'),
            ('_transient_timeout_wc_installing', UNIX_TIMESTAMP() + 600)""")
    again(pod, database)
    assert value_of(database, "woocommerce_version") == version
    query(database, "UPDATE wordpress.wp_options SET option_value = '99.0.0' WHERE option_name = 'woocommerce_version'")
    code, said = set_up(pod, database)
    assert code != 0 and "the database is of WooCommerce 99.0.0" in said


def test_a_lost_uploads_volume_gets_its_files_back(pod, folder, database, server, sells, finished):
    needs_woocommerce(sells)
    before = get(server, "/")[1]
    for path in (folder / "uploads/files").iterdir():
        if path.is_file():
            path.unlink()
    shutil.rmtree(folder / "uploads/files/woocommerce_uploads")
    assert steps(again(pod, database))["files that the uploads volume lost"] == "done"
    assert (folder / "uploads/files/sample-sample-mug.jpg").is_file()
    assert list((folder / "uploads/files").glob("woocommerce-placeholder*"))
    assert (folder / "uploads/files/woocommerce_uploads/.htaccess").read_text() == "deny from all"
    assert "sample-sample-mug" in before


@pytest.mark.parametrize(("country", "currency", "written"), [
    ("US:CA", "USD", {"decimal_sep": ".", "num_decimals": "2", "weight": "lbs", "dimension": "in", "pos": "left"}),
    ("DE", "EUR", {"decimal_sep": ",", "num_decimals": "2", "weight": "kg", "dimension": "cm", "pos": "right_space"}),
    ("JP", "JPY", {"decimal_sep": ".", "num_decimals": "0", "weight": "kg", "dimension": "cm", "pos": "left"}),
])
def test_prices_and_measures_follow_the_country_and_orders_have_their_own_tables(pod, database, sells, country, currency, written):
    needs_woocommerce(sells)
    begin_anew(database)
    with told(pod, store={"country": country, "currency": currency}) as abroad:
        again(abroad, database)
    names = {"decimal_sep": "price_decimal_sep", "num_decimals": "price_num_decimals", "weight": "weight_unit", "dimension": "dimension_unit", "pos": "currency_pos"}
    assert {name: value_of(database, f"woocommerce_{option}") for name, option in names.items()} == written
    assert value_of(database, "woocommerce_custom_orders_table_enabled") == "yes"
    assert value_of(database, "woocommerce_newly_installed") == "no"
