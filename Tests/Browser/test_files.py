"""How the page is served."""

import gzip
import re

import pytest
from asking import ask
from conftest import address
from playwright.sync_api import expect

FIRST_LOAD = 95_000
# And what a store's page needs beside it.
STORE_PAGE = 120_000


def fetch(stack, path: str, **headers: str):
    return ask(stack.url + path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def assets(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)


def test_the_first_load_is_small(stack, capsys):
    page = fetch(stack, "/", Accept_Encoding="gzip")
    assert page.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in page.headers["Vary"]
    packed = page.content
    files = assets(gzip.decompress(packed).decode())
    # And the worker that all tabs share, which the page's script names.
    script = fetch(stack, next(path for path in files if "/app-" in path and path.endswith(".js"))).text
    files += re.findall(r"/assets/streams-[A-Z0-9]{8}\.js", script)
    at_once = {*files}

    def source(path: str) -> str:
        return fetch(stack, path).text

    def imported(path: str) -> set[str]:
        """What a script imports before it runs, and that before it runs."""
        names = {f"/assets/{name}" for name in re.findall(r'(?:from|import)"\./(part-[A-Z0-9]{8}\.js)"', source(path))}
        return names.union(*map(imported, names))

    def size(path: str) -> int:
        return len(fetch(stack, path, Accept_Encoding="br, gzip;q=0.8").content)

    # The page names all that its script imports, so that nothing waits for it.
    assert imported(next(path for path in files if "/app-" in path and path.endswith(".js"))) <= at_once
    total = len(packed) + sum(map(size, at_once))
    later = {f"/assets/{name}" for name in re.findall(r'import\("\./([^"]+)"\)', script)}
    page = next(path for path in later if "Danger zone" in source(path))
    beside = sum(map(size, {page, *imported(page)} - at_once))
    with capsys.disabled():
        print(f"\nThe first load: {total} bytes compressed; a store's page: {beside} more")
    assert total < FIRST_LOAD and total + beside < STORE_PAGE


def test_caching(stack):
    page = fetch(stack, "/")
    assert page.headers["Cache-Control"] == "no-cache" and "Content-Encoding" not in page.headers
    text = page.text
    for encoding in ("identity", "gzip"):
        first = fetch(stack, "/", Accept_Encoding=encoding)
        again = fetch(stack, "/", Accept_Encoding=encoding, If_None_Match=first.headers["ETag"])
        assert again.status == 304 and again.content == b""
    for path in assets(text):
        assert re.search(r"-[A-Z0-9]{8}\.(js|css)$", path)
        assert fetch(stack, path).headers["Cache-Control"] == "public, max-age=31536000, immutable"
        plain, packed = fetch(stack, path, Accept_Encoding="gzip;q=0"), fetch(stack, path, Accept_Encoding="gzip")
        assert plain.headers["ETag"] != packed.headers["ETag"]
        assert plain.content == gzip.decompress(packed.content)
    assert fetch(stack, "/assets/app-OLD.js").status == 404
    assert fetch(stack, "/assets/..%2findex.html").status == 404
    assert fetch(stack, "/operator").text == fetch(stack, "/stores/acme").text == text


@pytest.mark.parametrize("path", ["/", "/operator", "/stores/acme"])
def test_nothing_foreign_and_nothing_inline_runs(stack, path):
    answer = fetch(stack, path)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'" and policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'" and policy["form-action"] == "'none'"
    page = answer.text
    assert "<style" not in page and not re.search(r"<script(?![^>]*src=)", page) and "http://" not in re.sub(r"http://www.w3.org", "", page)


def test_a_name_is_text_and_never_markup(open_page, stack, user):
    name = '<img src=x onerror="document.title=\'owned\'"> &amp; <b>bold</b>'
    with stack.live_store(name, user=user) as store:
        page = open_page()
        expect(page.locator("a.name")).to_have_text(name)
        assert page.locator("main img, main b").count() == 0 and page.title() != "owned"
        page.goto(address(store))
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        expect(page).to_have_title(f"{name} · Store Weaver")
        assert page.locator("main img, main b").count() == 0
