"""Holds docs/dependencies.md against what is really depended on, and the Swift packages' licences against the texts that they bring.

usage: dependencies.py ROOT, after `swift package resolve`
"""

import json
import pathlib
import re
import sys

import yaml

# What a package's LICENSE says, by words that stand in it alone.
LICENCES = {
    "Apache-2.0 WITH Swift-exception": ["Apache License", "Version 2.0", "Runtime Library Exception"],
    "Apache-2.0": ["Apache License", "Version 2.0"],
    "MIT": ["Permission is hereby granted, free of charge", 'THE SOFTWARE IS PROVIDED "AS IS"'],
    "BSD-3-Clause": ["Redistribution and use in source and binary forms", "Neither the name"],
}


def licence_of(text: str) -> str:
    words = " ".join(text.split())
    return next((name for name, marks in LICENCES.items() if all(mark in words for mark in marks)), "unknown")


def tables(document: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """The rows of each section's tables, by their first column; without the head and the back quotes."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    section, rows = "", 0
    for line in document.splitlines():
        if line.startswith("## "):
            section, rows = line[3:], 0
        elif line.startswith("|"):
            rows += 1
            cells = [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
            if rows > 2:
                found.setdefault(section, {})[cells[0]] = tuple(cells[1:])
        else:
            rows = 0
    return found


def swift_packages(root: pathlib.Path) -> dict[str, tuple[str, str]]:
    """Of each resolved package the least version that Package.swift asks for, `–` for one that another brings, and its licence."""
    asked = {
        url.rsplit("/", 1)[1].removesuffix(".git").lower(): version
        # What is appended is for the micro-benchmarks, and resolved for them alone.
        for url, version in re.findall(r'(?<!append\()\.package\(url: "([^"]+)", from: "([^"]+)"', (root / "Package.swift").read_text())
    }
    checkouts = {
        one["packageRef"]["identity"]: root / ".build/checkouts" / one["subpath"]
        for one in json.loads((root / ".build/workspace-state.json").read_text())["object"]["dependencies"]
    }
    found = {}
    for pin in json.loads((root / "Package.resolved").read_text())["pins"]:
        name = pin["identity"]
        licence = next(iter(sorted(checkouts[name].glob("LICENSE*"))), None)
        found[name] = (asked.pop(name, "–"), licence_of(licence.read_text()) if licence else "none")
    assert not asked, f"Package.swift asks for what is not resolved: {sorted(asked)}"
    return found


def npm_packages(root: pathlib.Path, folder: str) -> dict[str, str]:
    package = json.loads((root / folder / "package.json").read_text())
    return package.get("dependencies", {}) | package.get("devDependencies", {})


def python_packages(root: pathlib.Path) -> dict[str, str]:
    lines = (root / "Tests/requirements.txt").read_text().splitlines()
    return {match[1]: match[2] for line in lines if (match := re.match(r"([\w.-]+)(?:\[\w+\])?==([^\s;]+)", line))}


def images(root: pathlib.Path) -> set[str]:
    """Images of others that ours are made of, or that the charts and Compose run."""
    found = set()
    for file in root.glob("docker/*/Dockerfile"):
        found |= set(re.findall(r"^ARG \w*IMAGE=(\S+)", file.read_text(), re.MULTILINE))
    for service in yaml.safe_load((root / "docker/compose.yaml").read_text())["services"].values():
        found.add(service["image"])

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if "repository" in value:
                found.add(f"{value['repository']}:{value.get('tag', '')}")
            for part in value.values():
                walk(part)

    for file in root.glob("helm/*/values.yaml"):
        walk(yaml.safe_load(file.read_text()))
    return {image for image in found if not image.startswith("storeplatform/")}


def compare(section: str, real: dict, told: dict) -> list[str]:
    faults = [f"{section}: {name} is missing" for name in real.keys() - told.keys()]
    faults += [f"{section}: {name} is not depended on" for name in told.keys() - real.keys()]
    return faults + [f"{section}: {name} is {real[name]}, not {told[name]}" for name in real.keys() & told.keys() if real[name] != told[name]]


def main(root: pathlib.Path) -> int:
    told = tables((root / "docs/dependencies.md").read_text())

    def rows(section: str, columns: int) -> dict:
        return {name: cells[0] if columns == 1 else cells[:columns] for name, cells in told.get(section, {}).items()}

    faults = compare("Swift packages", swift_packages(root), rows("Swift packages", 2))
    faults += compare("The dashboard", npm_packages(root, "Sources/Dashboard/Page"), rows("The dashboard", 1))
    faults += compare("Medusa's backend", npm_packages(root, "docker/medusa-backend"), rows("Medusa's backend", 1))
    faults += compare("Tests", python_packages(root), rows("Tests", 1))
    faults += compare("Images", dict.fromkeys(images(root)), dict.fromkeys(told.get("Images", {})))
    unlicensed = [f"{section}: {name} has no licence" for section, table in told.items() for name, cells in table.items() if not cells or not all(cells[:2])]
    for fault in sorted(faults + unlicensed):
        print(f"docs/dependencies.md: {fault}")
    return 1 if faults or unlicensed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
