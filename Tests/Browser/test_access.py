"""Every view, light and dark, wide and on a phone: axe-core finds nothing serious, nothing is wider than the screen. Screenshots stay in .run."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from stack import ADMIN_TOKEN

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def stores(stack):
    who = "axe@example.org"
    with stack.fault("store-axe-lamps", "imagePullFailure"):
        stores = [stack.create("Axe Books", "woocommerce", who), stack.create("Axe Games", "medusa", who), stack.create("Axe Lamps", "woocommerce", who)]
        for store, status in zip(stores, ["ready", "ready", "failed"], strict=True):
            stack.settled(store["id"], status)
    yield stores
    stack.delete(*[store["id"] for store in stores])


@pytest.fixture
def user():
    return "axe@example.org"


def checked(page, name: str, shoot) -> list[str]:
    shoot(page, name)
    found = Axe().run(page, options=RULES).response["violations"]
    faults = [f"{name}: {one['id']}: {node['html'][:160]}: {node['failureSummary'][:200]}" for one in found if one["impact"] in SERIOUS for node in one["nodes"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append(f"{name}: it is wider than the screen")
    return faults


@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view(open_page, stack, stores, shoot, size, scheme):
    kind = f"{size}-{scheme}"
    page = open_page("/", size, scheme)
    expect(page.locator("a.name")).to_have_count(3)
    faults = checked(page, f"list-{kind}", shoot)
    books, _, lamps = stores
    page.goto(f"/?store={lamps['id']}")
    expect(page.get_by_role("region", name="What went wrong")).to_be_visible()
    faults += checked(page, f"failed-{kind}", shoot)
    for tab, wait in [("overview", ".steps .done"), ("backups", ".backups"), ("resources", "table.plain"), ("events", ".timeline"), ("logs", ".pod-log"), ("history", ".attempts li"), ("config", "pre.code")]:
        page.goto(f"/?store={books['id']}&tab={tab}")
        page.locator(f"aside {wait}").first.wait_for()
        faults += checked(page, f"{tab}-{kind}", shoot)
    for dialog in ("new", "help", "account"):
        page.goto(f"/?dialog={dialog}")
        page.get_by_role("dialog").wait_for()
        faults += checked(page, f"{dialog}-{kind}", shoot)
    page.goto("/?show=deleted")
    page.get_by_role("heading", name="No deleted stores").wait_for()
    faults += checked(page, f"deleted-{kind}", shoot)
    page.goto("/?q=nothing+has+this+name")
    expect(page.get_by_role("heading", name="No store matches")).to_be_visible()
    faults += checked(page, f"nothing-{kind}", shoot)
    page.goto("/operator")
    page.get_by_label("Operator’s token").fill(ADMIN_TOKEN)
    faults += checked(page, f"door-{kind}", shoot)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Failed jobs")).to_be_visible()
    faults += checked(page, f"operator-{kind}", shoot)
    assert faults == []


def test_a_theme_is_chosen_and_kept(open_page, stores):
    page = open_page()
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Colours: as the system; switch to light").click()
    page.get_by_role("button", name="Colours: light; switch to dark").click()
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    page.get_by_role("button", name="Colours: dark").wait_for()
    assert page.evaluate(ground) == dark


def test_the_operators_page(open_page, stack, stores):
    page = open_page("/operator")
    field = page.get_by_label("Operator’s token")
    field.fill("not the token at all")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("refused")
    field.fill(ADMIN_TOKEN)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Pause").click()
    page.get_by_label("Reason, told to everybody who waits").fill("looking around")
    page.keyboard.press("Enter")
    expect(page.get_by_text("looking around")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("looking around")).to_have_count(0)
    lamps = page.get_by_role("row").filter(has_text="Axe Lamps")
    expect(lamps).to_contain_text("cannot be pulled")
    lamps.get_by_role("button", name="Replay").click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Axe Lamps")
    stack.settled(stores[2]["id"], "ready")
