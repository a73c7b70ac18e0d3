"""Every view, light and dark, at three widths: axe-core finds nothing, nothing is wider than the screen. Screenshots stay in .run."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import FLAGS
from conftest import SIZES, address, show_halted_rollout
from playwright.sync_api import expect
from stack import ADMIN_TOKEN

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}


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


def faults_of(page) -> list[str]:
    """Of any grade."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}: {node['failureSummary'][:200]}" for one in found for node in one["nodes"]]


def checked(page, name: str, shoot) -> list[str]:
    shoot(page, name)
    faults = [f"{name}: {fault}" for fault in faults_of(page)]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        faults.append(f"{name}: it is wider than the screen")
    return faults


@pytest.mark.parametrize("size", ["wide", "middle", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view(open_page, stack, stores, shoot, size, scheme):
    kind = f"{size}-{scheme}"
    page = open_page("/", size, scheme)
    expect(page.locator("a.name")).to_have_count(3)
    faults = checked(page, f"list-{kind}", shoot)
    books, _, lamps = stores
    page.goto(address(lamps))
    expect(page.get_by_role("region", name="What went wrong")).to_be_visible()
    faults += checked(page, f"failed-{kind}", shoot)
    for tab, wait in [("overview", ".health-strip"), ("backups", ".backups"), ("domains", ".domains"), ("members", ".members li"), ("resources", "table.plain"), ("events", ".timeline"), ("logs", ".pod-log"), ("history", ".attempts li"), ("config", "pre.code")]:
        page.goto(address(books, tab))
        page.locator(f"main {wait}").first.wait_for()
        faults += checked(page, f"{tab}-{kind}", shoot)
    for dialog in ("new", "help", "account", "notifications", "go"):
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
    show_halted_rollout(page)
    for tab, wait in [("Workers", ".workers li"), ("Rollouts", "table.plain"), ("Orphans", ".segments"), ("Audit", "table.plain")]:
        page.get_by_role("tab", name=tab).click()
        page.locator(f".block {wait}").first.wait_for()
        faults += checked(page, f"{tab.lower()}-{kind}", shoot)
    page.goto("/sotres")
    expect(page.get_by_role("heading", name="There is nothing at this address")).to_be_visible()
    faults += checked(page, f"nowhere-{kind}", shoot)
    assert faults == []


@pytest.fixture
def large_type(chromium, stack, user):
    """A page in a browser whose reader has chosen twice the usual size of type."""
    with chromium.browser_type.launch(executable_path=os.environ["BROWSER_PATH"], args=[*FLAGS, "--blink-settings=defaultFontSize=32"]) as browser:
        page = browser.new_page(base_url=stack.url, viewport=SIZES["wide"], reduced_motion="reduce")
        page.add_init_script(f"localStorage.setItem('user', '{user}')")
        yield page


def test_the_readers_size_of_type_is_followed(open_page, large_type, stores, shoot):
    faults = []
    for path, wait in [("/", "a.name"), (address(stores[0]), ".health-strip"), ("/?dialog=new", "dialog")]:
        size = "(it) => parseFloat(getComputedStyle(it).fontSize)"
        usual = open_page(path)
        sizes = []
        for page in (usual, large_type):
            page.goto(path)
            page.locator(wait).first.wait_for()
            sizes.append(page.locator(wait).first.evaluate(size))
        assert sizes[1] == 2 * sizes[0]
        faults += checked(large_type, f"large-{wait.strip('.')}", shoot)
    assert faults == []


def test_forced_colours_hide_nothing(open_page, stores, shoot):
    """Backgrounds are the reader's there: what they alone told is told otherwise."""
    page = open_page(address(stores[0]))
    page.emulate_media(forced_colors="active")
    page.locator(".bar").first.wait_for()
    style = "(it, name) => getComputedStyle(it)[name]"
    chosen, other = page.get_by_role("tab", name="Overview"), page.get_by_role("tab", name="Logs")
    assert chosen.evaluate(style, "borderBottomColor") != other.evaluate(style, "borderBottomColor")
    assert chosen.evaluate(style, "color") != other.evaluate(style, "color")
    meter = page.get_by_role("meter").first
    assert meter.evaluate(style, "borderTopWidth") == "1px"
    assert meter.evaluate("(it) => getComputedStyle(it.firstElementChild).backgroundColor !== getComputedStyle(it).backgroundColor")
    faults = checked(page, "forced-store", shoot)
    page.goto("/")
    page.locator("a.name").first.wait_for()
    faults += checked(page, "forced-list", shoot)
    assert faults == []


def test_log_lines_share_their_columns(open_page, stores):
    page = open_page(address(stores[2], "logs"))
    lines = page.locator(".log > div")
    lines.nth(3).wait_for()
    lefts = page.evaluate("[1, 2].map((column) => new Set([...document.querySelectorAll('.log > div')].map((line) => line.children[column].getBoundingClientRect().left)).size)")
    assert lefts == [1, 1]


def test_the_bar_of_many_stays_in_sight_on_a_phone(open_page, stores):
    page = open_page("/", "phone")
    page.get_by_role("checkbox", name="Select Axe Lamps").check()
    page.evaluate("document.querySelector('main').style.minHeight = '3000px'; scrollTo(0, 1500)")
    bar = page.get_by_role("toolbar", name="Several stores at once").bounding_box()
    assert bar["y"] >= 0 and bar["y"] + bar["height"] <= 844


def test_the_focus_is_never_lost_with_a_window(open_page, stores):
    page = open_page()
    page.locator("a.name").first.wait_for()
    # Opened by a key: nothing had the focus. Opened by a button: that one had it.
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("main")).to_be_focused()
    page.get_by_role("button", name="Delete Axe Lamps").click()
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Delete Axe Lamps")).to_be_focused()


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
