"""A fuzzer over the storefront's templates: whatever a store's texts are, its pages have the same elements and attributes, and say those texts."""

import html.parser
import json
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from medusa import APP
from servers import ROOT

PIECES = ["<", ">", '"', "'", "`", "&", "/", "\\", "=", "<!--", "-->", "</script>", "<script>", "</title>", "&quot;", "${", "}", "javascript:", "\u2028", " \n ", "#", "?", "%"]
# Two ends of lines would be two paragraphs.
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(st.characters(exclude_categories=["Cc"]), max_size=3)), min_size=1, max_size=12).map("".join)
# Not what JavaScript takes for empty, too.
TEXTS = TEXTS.filter(lambda it: it.replace("\ufeff", "").strip())


class Outline(html.parser.HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.parts, self.title, self._in_title = [], "", False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self._in_title = tag == "title"
        # A line's end in a text is an element of its own.
        if tag != "br":
            self.parts.append((tag, *(name for name, _ in attributes)))
        for name, value in attributes:
            assert name not in ("href", "src", "action") or value.startswith(("/", "#", "https://store.example/")) and not value.startswith("//"), (name, value)

    def handle_endtag(self, tag):
        self._in_title = False
        self.parts.append("/" + tag)

    def handle_data(self, data):
        if self._in_title:
            self.title += data

    def handle_comment(self, data):
        self.parts.append("comment")

    def unknown_decl(self, data):
        self.parts.append("declaration")


@pytest.fixture(scope="module")
def render():
    process = subprocess.Popen(
        ["node", ROOT / "Tests/Medusa/pages.js", APP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=APP,
    )

    def render(text: str) -> list[str]:
        process.stdin.write(json.dumps(text) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield render
    process.kill()
    process.wait()


@settings(max_examples=300, deadline=None, database=None)
@given(TEXTS)
@example("</script><script>alert(1)</script>")
@example('" onmouseover="alert(1)')
@example("\ud800")
def test_no_text_is_markup(render, text):
    plain, hostile = render("plain"), render(text)
    for page, (one, other) in enumerate(zip(plain, hostile)):
        assert Outline(one).parts == Outline(other).parts, (page, text)


@settings(max_examples=100, deadline=None, database=None)
@given(TEXTS)
def test_every_text_is_said_as_it_is(render, text):
    title = Outline(render(text)[0]).title
    assert title.split() == text.split()
