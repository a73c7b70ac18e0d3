"""Which rows PostgreSQL read for each statement, by auto_explain: the programs' own statements, those within functions too."""

import json
import pathlib
import re


def log_plans(connection, database: str) -> None:
    """For sessions that begin from now on."""
    for name, value in {
        "session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0", "auto_explain.log_nested_statements": "on",
        "auto_explain.log_analyze": "on", "auto_explain.log_timing": "off", "auto_explain.log_format": "json",
    }.items():
        connection.execute(f'ALTER DATABASE "{database}" SET {name} = \'{value}\'')


def scans(log: pathlib.Path, begin: int) -> dict[tuple[str, str, str], int]:
    """By statement, table and way (an index, or the whole table): the most rows that one execution looked at."""
    found: dict[tuple[str, str, str], int] = {}
    text = log.read_text(errors="replace")[begin:]
    decoder = json.JSONDecoder()
    for match in re.finditer(r"plan:\n\s*(?={)", text):
        explained, _ = decoder.raw_decode(text[match.end():])
        statement = " ".join(explained["Query Text"].split())[:70]
        for node in nodes(explained["Plan"]):
            if "Relation Name" in node:
                rows = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)) * node["Actual Loops"]
                way = node.get("Index Name") or inner_index(node) or "the whole table"
                key = (statement, node["Relation Name"], way)
                found[key] = max(found.get(key, 0), int(rows))
    return found


def nodes(plan: dict):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def inner_index(node: dict) -> str | None:
    """Of a bitmap scan."""
    return next((child["Index Name"] for child in nodes(node) if "Index Name" in child), None)
