"""A store between two versions, with real WordPress and MySQL: WORDPRESS_NEXT_DIR has the newer WordPress; without it, the versions differ in their chart alone.

Both newer versions migrate the database. In one of them the app ends at its start, so the store has to come back from a database that was migrated."""

import pathlib
import re

import pytest
from test_backups import at_rest, in_app, mysql, orders, place
from visits import Outage

pytestmark = pytest.mark.usefixtures("versions")
BROKEN, WHOLE = "99.1.0", "99.0.0"


@pytest.fixture(scope="module")
def versions(cluster):
    if not cluster.own:
        pytest.skip("the workers of a cluster that was there have no newer chart")


def running(cluster, store: dict) -> tuple[str, str]:
    """The version of WordPress that serves, and that of its database."""
    said = in_app(cluster, store, "cat /srv/wordpress/wp-includes/version.php")
    return re.search(r"wp_version = '([^']+)'", said)[1], mysql(cluster, store, "SELECT option_value FROM wp_options WHERE option_name = 'db_version'")


def upgraded(installation, store: dict, storefront, version: str) -> tuple[dict, float]:
    """The store afterwards, and for how long nobody was served."""
    with Outage(storefront) as outage:
        installation.asked("PATCH", f"/api/stores/{store['id']}", 202, {"version": version})
        after = at_rest(installation, store)
    return after, outage.seconds


def closed_for(installation, store: dict) -> str:
    told = [it["text"] for it in installation.asked("GET", f"/api/stores/{store['id']}/log", 200)["lines"]]
    return next(it for it in reversed(told) if "closed for" in it)


def test_a_version_that_breaks_gives_the_store_back(cluster, installation, store, storefront, note):
    placed = place(storefront)
    before, sold, version = running(cluster, store), orders(cluster, store), installation.store(store)["version"]
    after, outage = upgraded(installation, store, storefront, BROKEN)
    note("upgraded to a version that breaks, and back: outage", outage, f"from WordPress {before[0]} and back; {after['changeError']['code']}")
    assert (after["status"], after["version"]) == ("ready", version), after
    assert "was not proved" in after["changeError"]["message"], after["changeError"]
    assert running(cluster, store) == before
    assert placed in sold and orders(cluster, store) == sold
    refused = installation.asked("PATCH", f"/api/stores/{store['id']}", 409, {"version": BROKEN})
    assert refused["code"] == "version-blocked"
    place(storefront)


def test_a_version_that_sells_is_opened(cluster, installation, store, storefront, note):
    before, sold = running(cluster, store), orders(cluster, store)
    after, outage = upgraded(installation, store, storefront, WHOLE)
    now = running(cluster, store)
    note("upgraded: outage", outage, f"WordPress {before[0]} (database {before[1]}) to {now[0]} ({now[1]}); {closed_for(installation, store)}")
    assert (after["status"], after["version"], after["changeError"]) == ("ready", WHOLE, None), after
    assert now >= before
    assert orders(cluster, store) >= sold
    place(storefront)
    assert pathlib.PurePosixPath(cluster.pod(store["namespace"], "app")["spec"]["containers"][0]["image"]).name.startswith("wordpress-next")
