"""The parts of a request and of a job that run most, each by itself: what they cost, for whoever changes one. No targets, so no verdicts."""

import argparse
import contextlib
import subprocess
import sys

from measuring import ROOT, Servers
from web_servers import fill


@contextlib.contextmanager
def unchanged(path):
    """SwiftPM notes the packages of these benchmarks where those of all else stand."""
    before = path.read_bytes() if path.exists() else None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filter", default=".*", help="a regular expression for names")
    parser.add_argument("--json", help="a folder for the figures")
    options = parser.parse_args()
    with Servers() as servers, unchanged(ROOT / "Package.resolved"):
        fill(servers, 5_000)
        # Its plugin is not let write or connect otherwise.
        command = ["swift", "package", "--disable-sandbox", "--scratch-path", ROOT / ".build-micro", "--allow-writing-to-package-directory", "benchmark"]
        command += ["--target", "HotParts", "--filter", options.filter, "--no-progress"]
        if options.json:
            command += ["--format", "jsonSmallerIsBetter", "--path", options.json]
        return subprocess.run(command, cwd=ROOT, env=servers.environment(MICRO_BENCHMARKS="yes")).returncode


if __name__ == "__main__":
    sys.exit(main())
