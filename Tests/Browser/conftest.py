"""A real browser before the whole of Store Weaver, as scripts/up starts it."""

import itertools
import pathlib
import sys

import pytest
from chromium import chromium as open_chromium
from playwright.sync_api import expect

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))

from stack import ROOT, running  # noqa: E402

# Long enough for a store to be made on a busy machine; nothing waits that long when all is well.
expect.set_options(timeout=60_000)

SCREENSHOTS = ROOT / ".run/screenshots"
SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
# What a browser says when the server is away or refuses: some tests make it so.
EXPECTED = ("Failed to load resource", "net::ERR_")
users = itertools.count(1)


@pytest.fixture(scope="session")
def stack(request):
    with running(request, MAX_STORES="3000", MAX_STORES_PER_USER="3", MAX_CONCURRENT_PROVISIONS="6") as stack:
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
