"""Looks for words that docs/glossary.md rules out: glossary.py ROOT. Prints each place; exits with 1 when there is one."""

import pathlib
import re
import subprocess
import sys

FOLDERS = ("Sources", "docs", "helm", "deploy", "docker", "scripts", "README.md")
# Generated, or of others.
LEFT_OUT = re.compile(r"package-lock\.json$|\.(png|svg|ico)$")


def rows(page: str) -> list[tuple[str, list[str]]]:
    """The cells of each table row, with the heading of its part."""
    part, found = "", []
    for line in page.splitlines():
        if line.startswith("## "):
            part = line[3:]
        elif line.startswith("| ") and not line.startswith(("| ---", "| word")):
            found.append((part, [cell.strip() for cell in line.strip("|").split("|")]))
    return found


def main(root: pathlib.Path) -> int:
    table = rows((root / "docs/glossary.md").read_text())
    words = [word for part, cells in table if part != "Exceptions" for word in cells[2].split(", ") if word]
    excepted = {(cells[0], cells[1]) for part, cells in table if part == "Exceptions"}
    if len(words) < 20:
        print("docs/glossary.md rules out hardly a word: its tables are not read rightly")
        return 1
    # At the beginning of a sentence, as a part of a camelCase name and as a setting's prefix, too.
    forms = {form for word in words for form in (word, word[0].upper() + word[1:])}
    pattern = re.compile("|".join(rf"(?<![A-Za-z]){form}(?![a-z])|(?<=[a-z]){form}(?![a-z])" if form[0].isupper() else rf"(?<![A-Za-z]){form}(?![a-z])"
                                  for form in sorted(forms, key=len, reverse=True)))
    found = 0
    files = subprocess.run(["git", "ls-files", "-z", *FOLDERS], cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, files):
        if name == "docs/glossary.md" or LEFT_OUT.search(name):
            continue
        try:
            lines = [name, *(root / name).read_text().splitlines()]
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines):
            for match in pattern.finditer(line):
                if any(match[0].lower() == word and name.startswith(place) for word, place in excepted):
                    continue
                print(f"{name}:{number}: {match[0]!r} is not a word of docs/glossary.md: {line.strip()[:120]}")
                found += 1
    return 1 if found else 0


sys.exit(main(pathlib.Path(sys.argv[1])))
