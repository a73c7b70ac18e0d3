"""Holds Package.swift to what the sources import, and both to docs/ARCHITECTURE.md's table of targets: layout.py ROOT."""

import json
import pathlib
import re
import subprocess
import sys

IMPORT = re.compile(r"^\s*(?:@\w+(?:\([^)]*\))?\s+|(?:public|package|internal|fileprivate|private)\s+)*import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?([A-Za-z_]\w*)", re.M)
# Subprocess spawns, and helm-guard forks. A child that Subprocess forks while another thread spawns one in another way waits for ever for a lock
# of glibc 2.41 and later.
SPAWN = re.compile(r"\bProcess\(\)|\bposix_spawn|\bpopen\(")
# Any target above the clients may import it, as the page says.
EVERYWHERE = {"Observability"}


def module(name: str) -> str:
    return name.replace("-", "_")


def imports(folder: pathlib.Path) -> set[str]:
    return {name for file in folder.rglob("*.swift") for name in IMPORT.findall(file.read_text())}


def table(page: str) -> dict[str, tuple[set[str], set[str]]]:
    """By target what of ours it may import, and what it never may; from the rows with three cells whose first names targets."""
    found = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("| `") or len(cells) != 3:
            continue
        for target in re.findall(r"`([\w-]+)`", cells[0]):
            may, _, never = cells[2].partition("never")
            found[target] = (set(re.findall(r"\w+", may)), set(re.findall(r"\w+", never)))
    return found


def main(root: pathlib.Path) -> int:
    dumped = subprocess.run(["swift", "package", "dump-package"], cwd=root, check=True, capture_output=True, text=True).stdout
    targets = {it["name"]: it for it in json.loads(dumped)["targets"]}
    declared = {name: {(dep.get("byName") or dep.get("target") or dep.get("product"))[0] for dep in it["dependencies"]} for name, it in targets.items()}
    known = {module(name) for name in targets} | {module(dep) for all_ in declared.values() for dep in all_}
    ours = {name for name, it in targets.items() if it["type"] != "test"}
    rows = table((root / "docs/ARCHITECTURE.md").read_text())
    wrong = []
    for name, it in targets.items():
        if it["type"] == "system":
            continue
        folder = root / (it.get("path") or f"{'Tests' if it['type'] == 'test' else 'Sources'}/{name}")
        used = imports(folder)
        wrong += [f"{file.relative_to(root)} spawns a process past Subprocess" for file in sorted(folder.rglob("*.swift")) if SPAWN.search(file.read_text())]
        # Programs that tests run are built because the test target names them.
        idle = {dep for dep in declared[name] if module(dep) not in used and targets.get(dep, {}).get("type") != "executable"}
        if list(folder.rglob("*.swift")):
            wrong += [f"Package.swift: {name} depends on {dep} and imports it nowhere" for dep in sorted(idle)]
        wrong += [f"Package.swift: {name} imports {it} without depending on it"
                  for it in sorted(used & known - {module(dep) for dep in declared[name]} - {module(name)})]
        if name in ours:
            if name not in rows:
                wrong.append(f"docs/ARCHITECTURE.md: {name} has no row in the table of targets")
                continue
            may, never = rows[name]
            mine = {dep for dep in ours if module(dep) in used and dep != name}
            free = "all" in may or "need" in " ".join(may)
            bad = mine & never if free else mine - may - EVERYWHERE
            wrong += [f"docs/ARCHITECTURE.md: {name} may not import {dep}" for dep in sorted(bad)]
    print("\n".join(wrong))
    return 1 if wrong else 0


sys.exit(main(pathlib.Path(sys.argv[1])))
