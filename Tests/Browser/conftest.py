"""A real browser before the whole of Store Weaver, as scripts/up starts it."""

import itertools

import pytest
from chart_archive import archive_in
from chromium import chromium as open_chromium
from dns_server import dns_server
from mailbox_server import mailboxes
from playwright.sync_api import expect
from stack import ROOT, running

# Long enough for a store to be made on a busy machine; nothing waits that long when all is well.
expect.set_options(timeout=60_000)

SCREENSHOTS = ROOT / ".run/screenshots"
SIZES = {"wide": {"width": 1440, "height": 900}, "middle": {"width": 1024, "height": 768}, "phone": {"width": 390, "height": 844}}
# What a browser says when the server is away or refuses: some tests make it so.
EXPECTED = ("Failed to load resource", "net::ERR_")
users = itertools.count(1)


@pytest.fixture(scope="session")
def dns():
    """The records of the DNS that the workers ask."""
    with dns_server() as records:
        yield records


@pytest.fixture(scope="session")
def mail():
    with mailboxes() as server:
        yield server


@pytest.fixture(scope="session")
def stack(request, tmp_path_factory, dns, mail):
    charts = archive_in(tmp_path_factory.mktemp("charts"), v99_0_0={})
    domains = {"DNS_SERVERS": f"127.0.0.1:{dns.port}", "DOMAINS_AT_PRIVATE_ADDRESSES": "true"}
    webhooks = {"WEBHOOK_HTTP": "true", "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"}
    letters = {"DASHBOARD_URL": "https://weaver.example", **mail.settings}
    limits = {"MAX_STORES": "3000", "MAX_STORES_PER_USER": "3", "MAX_CONCURRENT_PROVISIONS": "6"}
    with running(request, HELM_CHART_ARCHIVE=str(charts), **limits, **domains, **webhooks, **letters) as stack:
        yield stack


@pytest.fixture(scope="session")
def chromium():
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def user():
    """Somebody new, who has no stores."""
    return f"user{next(users)}@example.org"


@pytest.fixture
def open_page(chromium, stack, user):
    """Opens an address in a browser of its own. Whatever the page complains of in its console fails the test."""
    contexts, complaints = [], []

    def open_page(path: str = "/", size: str = "wide", scheme: str = "light", who: str | None = user):
        context = chromium.new_context(
            base_url=stack.url, viewport=SIZES[size], color_scheme=scheme, is_mobile=size == "phone", has_touch=size == "phone",
            locale="en-GB", reduced_motion="reduce",
        )
        contexts.append(context)
        if who:
            context.add_init_script(f"localStorage.setItem('user', '{who}')")
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and not any(one in message.text for one in EXPECTED) and complaints.append(message.text))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def shoot():
    def shoot(page, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return shoot


def row(page, store: dict):
    return page.locator(f'tr[data-store="{store["id"]}"]')


def address(store: dict, tab: str | None = None) -> str:
    """Of the store's page."""
    return f"/stores/{store['namespace'].removeprefix('store-')}" + (f"?tab={tab}" if tab else "")


def badge(page):
    """Of the store whose page it is."""
    return page.locator(".store-actions .badge")


def to_list(page) -> None:
    page.get_by_role("link", name="All stores").click()
    expect(page.get_by_role("heading", name="Stores", exact=True)).to_be_attached()


def show_halted_rollout(page):
    """What the operator's place then reads of rollouts: one that is halted, with a canary and two waves."""
    def numbers(**given):
        return {"total": sum(given.values()), **dict.fromkeys(("waiting", "running", "soaking", "done", "kept", "failed", "skipped"), 0), **given}
    rollout = {
        "id": "5f0c2a9b771e", "engine": "woocommerce", "to": "1.4.0", "state": "halted", "reason": "WooCommerce 11.4", "createdBy": "ada@example.org",
        "waves": [{"count": 4}, {"percent": 100}], "batch": 2, "maxFailures": 1, "soakSeconds": 60, "respectWindows": True, "urgent": True,
        "sleeping": "upgrade", "haltedReason": "2 stores failed or were kept, and 1 may; the last is Wave Goods: The cart answered 500.", "opensAt": None,
        "createdAt": "2026-01-31T12:00:00Z", "startedAt": "2026-01-31T12:00:02Z", "endedAt": None,
        "stores": numbers(done=2, soaking=1, running=1, kept=1, failed=1, skipped=1, waiting=8),
        "byWave": [{"wave": 0, **numbers(done=1)}, {"wave": 1, **numbers(done=1, soaking=1, kept=1, failed=1)},
                   {"wave": 2, **numbers(running=1, skipped=1, waiting=8)}],
    }
    store = {"fromVersion": "1.3.0", "job": 7, "beganAt": "2026-01-31T12:00:02Z", "appliedAt": None, "endedAt": "2026-01-31T12:01:00Z"}
    stores = [
        {"storeId": "a00000000001", "storeName": "Wave Books", "namespace": "store-wave-books", "place": 2, "wave": 1, "state": "failed",
         "reason": "The image cannot be pulled.", **store},
        {"storeId": "a00000000002", "storeName": "Wave Goods", "namespace": "store-wave-goods", "place": 3, "wave": 1, "state": "kept",
         "reason": "The cart answered 500.", **store},
        {"storeId": "a00000000003", "storeName": "Wave Games", "namespace": "store-wave-games", "place": 6, "wave": 2, "state": "skipped",
         "reason": "The store is pinned to its version", **store},
    ]
    page.route("**/api/admin/rollouts?*", lambda route: route.fulfill(json={"rollouts": [rollout]}))
    page.route("**/api/admin/rollouts/*/stores?*", lambda route: route.fulfill(json={"stores": stores}))
