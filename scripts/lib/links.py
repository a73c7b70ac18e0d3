"""Checks the pages: relative links and anchors lead somewhere, other files name pages that exist, lines of docs/ and README.md are short.

usage: links.py ROOT
"""

import functools
import pathlib
import re
import subprocess
import sys
import urllib.parse

LONGEST = 140
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
CODE = re.compile(r"^(```|~~~).*?^\1\s*?$|(`+)(?!`).*?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL)
MENTION = re.compile(r"(?<![\w/.-])(?:\.\./)*(docs/[\w/.-]+\.md)(?:#([\w-]+))?")


def tracked(root: pathlib.Path, *patterns: str) -> list[pathlib.Path]:
    names = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=root, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [root / name for name in names.split("\0") if name and (root / name).is_file()]


@functools.cache
def anchors(page: pathlib.Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#{1,6} +(.+?) *#*$", re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL), re.MULTILINE):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        found[anchor] = found.get(anchor, -1) + 1
        if found[anchor]:
            found[f"{anchor}-{found[anchor]}"] = 0
    return set(found)


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def broken(target: pathlib.Path, anchor: str) -> str | None:
    if not target.exists():
        return "leads to nothing"
    if anchor and (target.suffix != ".md" or anchor not in anchors(target)):
        return f"leads to no heading of {target.name}"
    return None


def dead_links(page: pathlib.Path):
    # Code keeps its length, so that lines are counted right.
    text = CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), page.read_text())
    for link in LINK.finditer(text):
        if re.match(r"[a-z][a-z0-9+.-]*:", link[1]):
            continue
        path, _, anchor = urllib.parse.unquote(link[1]).partition("#")
        if fault := broken((page.parent / path).resolve() if path else page, anchor):
            yield f"{line_of(text, link.start())}: the link {link[1]} {fault}"


def dead_mentions(root: pathlib.Path, file: pathlib.Path):
    try:
        text = file.read_text()
    except UnicodeDecodeError:
        return
    for mention in MENTION.finditer(text):
        if fault := broken(root / mention[1], mention[2] or ""):
            yield f"{line_of(text, mention.start())}: {mention[0]} {fault}"


def long_lines(page: pathlib.Path):
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if len(line) > LONGEST:
            yield f"{number}: {len(line)} characters, at most {LONGEST}"


def faults(root: pathlib.Path):
    for page in tracked(root, "*.md"):
        yield from (f"{page.relative_to(root)}:{fault}" for fault in dead_links(page))
    for file in tracked(root, ":!*.md"):
        yield from (f"{file.relative_to(root)}:{fault}" for fault in dead_mentions(root, file))
    for page in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        yield from (f"{page.relative_to(root)}:{fault}" for fault in long_lines(page))


if __name__ == "__main__":
    found = list(faults(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(found) or "Every link leads somewhere, and every line fits.")
    sys.exit(bool(found))
