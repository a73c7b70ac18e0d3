"""One cluster and one installation for the whole suite, and a store of each engine; the parts in the order in which they build on each other."""

import os
import pathlib
import time

import pytest
from chart_archive import archive_in
from cluster import Cluster, OwnNode
from node_installation import NodeInstallation
from visits import Storefront

SELLING = ("test_store", "test_isolation", "test_load", "test_health", "test_changes", "test_domains", "test_backups", "test_upgrades", "test_faults", "test_deletion")
ORDER = ("test_visits", "test_plain", *SELLING, "test_medusa", "test_end")
VERDICTS: list[str] = []


def pytest_collection_modifyitems(items):
    items.sort(key=lambda it: ORDER.index(it.module.__name__))
    # Set by scripts/lib/node.sh, empty where WooCommerce cannot be had; a cluster that is there has whole images.
    sells = os.environ.get("NODE_SELLS", "yes")
    for item in items:
        if item.module.__name__ in SELLING and not sells:
            item.add_marker(pytest.mark.skip(reason="WooCommerce cannot be had: WORDPRESS_DIR, WOOCOMMERCE_ZIP (docs/verification.md)"))
        if item.module.__name__ == "test_plain" and sells:
            item.add_marker(pytest.mark.skip(reason="the image has WooCommerce: its stores are looked at instead"))


def pytest_terminal_summary(terminalreporter):
    terminalreporter.section("what was measured; the machine may be shared and slow")
    for line in VERDICTS:
        terminalreporter.line(line)


@pytest.fixture(scope="session")
def note():
    """Notes what a part took or showed, for the end of the output."""
    def note(part: str, seconds: float | None, more: str = "") -> None:
        line = f"{part:<62} " + (f"{seconds:6.1f} s  " if seconds is not None else " " * 10) + more
        VERDICTS.append(line.rstrip())
        print(f"\n{line.rstrip()}", flush=True)

    return note


def own() -> bool:
    return os.environ.get("NODE_CLUSTER", "own") != "current"


@pytest.fixture(scope="session")
def cluster(note):
    began = time.monotonic()
    if not own():
        yield Cluster()
        return
    it = OwnNode(pathlib.Path(os.environ["NODE_FOLDER"]))
    note("the node is up", time.monotonic() - began)
    try:
        yield it
    finally:
        it.down()


@pytest.fixture
def node(cluster):
    """The cluster, where the suite may crash it."""
    if not cluster.own:
        pytest.skip("crashes parts of a node: left out on NODE_CLUSTER=current")
    return cluster


@pytest.fixture(scope="session")
def installation(cluster, note, request, tmp_path_factory):
    it = NodeInstallation(cluster)
    images = []
    if cluster.own:
        began = time.monotonic()
        images = os.environ["NODE_CHART_IMAGES"].split()
        # The workers have two newer versions of WooCommerce's chart with another image; in one of them the app ends at its start.
        names = {"repository: storeplatform/wordpress-woocommerce": "repository: storeplatform/wordpress-next"}
        app = "        - name: wordpress\n          image: {{ $image }}\n"
        charts = archive_in(tmp_path_factory.mktemp("charts"), v99_0_0=names, v99_1_0={**names, app: app + "          command: [sh, -c, exit 3]\n"})
        os.environ["NODE_CHARTS"] = str(charts)
        cluster.bring(*images, *(it.replace("/wordpress-woocommerce:", "/wordpress-next:") for it in images if "/wordpress-woocommerce:" in it))
        note("images are built and on the node", time.monotonic() - began)
    began = time.monotonic()
    it.install(images)
    note("helm/platform is installed", time.monotonic() - began)
    yield it
    if request.session.testsfailed:
        print(it.words())


@pytest.fixture(scope="session")
def store(installation, note):
    """A WooCommerce store that is ready."""
    began = time.monotonic()
    made = installation.create("Acme")
    ready = installation.ready(made)
    note("WooCommerce: from POST to ready", time.monotonic() - began)
    return ready


@pytest.fixture(scope="session")
def storefront(cluster, store):
    return Storefront(cluster, store)
