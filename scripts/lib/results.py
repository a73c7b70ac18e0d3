"""results.py FOLDER: how many tests passed, failed and were skipped, by the JUnit files of the runners in it."""

import pathlib
import sys
import xml.etree.ElementTree


def counts(folder: pathlib.Path) -> tuple[int, int, int]:
    passed = failed = skipped = 0
    for file in sorted(folder.glob("*.xml")):
        try:
            cases = list(xml.etree.ElementTree.parse(file).iter("testcase"))
        except xml.etree.ElementTree.ParseError:
            # Its runner was ended in the middle.
            failed += 1
            continue
        for case in cases:
            kinds = {it.tag for it in case}
            if kinds & {"failure", "error"}:
                failed += 1
            elif "skipped" in kinds:
                skipped += 1
            else:
                passed += 1
    return passed, failed, skipped


if __name__ == "__main__":
    print(*counts(pathlib.Path(sys.argv[1])))
