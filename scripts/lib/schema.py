"""Holds the SQL files of Sources/StoreRecords/Schema to their rules: docs/contributing.md#change-the-schema.

usage: schema.py SCHEMA
"""

import collections
import pathlib
import re
import sys

STATEMENT = re.compile(r"^(?:CREATE|ALTER|DROP|INSERT|UPDATE|DELETE|DO)\b.*", re.MULTILINE)
REPEATABLE = re.compile(r"CREATE OR REPLACE (FUNCTION|TRIGGER|VIEW) (\w+)")
COMMENT = re.compile(r"(?:^--.*\n)*\Z", re.MULTILINE)


def migrations(folder: pathlib.Path):
    files = sorted(folder.iterdir())
    for number, file in enumerate(files, 1):
        if not re.fullmatch(rf"{number:04}_[a-z0-9_]+\.sql", file.name):
            yield f"{file.name}: the migrations' numbers must be 0001, 0002 and so on, one file each"
        if re.search(r"^CREATE (OR REPLACE )?(FUNCTION|TRIGGER|VIEW)\b", file.read_text(), re.MULTILINE):
            yield f"{file.name}: functions, triggers and views belong into functions/"


def functions(folder: pathlib.Path):
    places = collections.defaultdict(list)
    for file in sorted(folder.iterdir()):
        text = file.read_text()
        for statement in STATEMENT.finditer(text):
            made = REPEATABLE.match(statement[0])
            if not made:
                yield f"{file.name}: cannot be applied again: {statement[0]}"
                continue
            kind, name = made.groups()
            places[kind.lower(), name].append(file.name)
            above = COMMENT.search(text, 0, statement.start())[0]
            if kind == "FUNCTION" and not ("-- Locks: " in above and "-- Returns: " in above):
                yield f"{file.name}: {name} does not say what it locks and what it returns"
    for (kind, name), files in places.items():
        if len(files) > 1:
            yield f"the {kind} {name} stands in {', '.join(files)}"


if __name__ == "__main__":
    schema = pathlib.Path(sys.argv[1])
    faults = [*migrations(schema / "tables"), *functions(schema / "functions")]
    print("\n".join(faults) or "The schema's files follow their rules.")
    sys.exit(bool(faults))
