"""scripts/lib/medusa.sh, with stand-ins for npm and the build."""

import os
import subprocess

import pytest
from charts import ROOT

COMPILE = """#!/bin/sh
set -eu
# Both are at it at once; their own folders go when they end.
touch "$MEETING/$$"
until [ "$(find "$MEETING" -type f | wc -l)" -ge "${TOGETHER:-1}" ]; do sleep 0.02; done
mkdir -p "$2"
ln -s /srv/uploads "$2/static"
echo 1 >"$2/database-version"
"""
SCRIPT = """set -euo pipefail
say() { printf '%s\\n' "$*"; }; step() { say "$@"; }; have() { command -v "$1" >/dev/null; }
fail() { say "$@" >&2; exit 1; }; quietly() { shift; "$@"; }
. "$1"
require_node22() { :; }
require_medusa
say "$MEDUSA_APP"
"""


@pytest.fixture
def checkout(tmp_path):
    """A checkout with a build of its own, and where scripts/lib/medusa.sh puts what comes of it."""
    compiler = tmp_path / "docker/medusa-backend/build/compile"
    compiler.parent.mkdir(parents=True)
    compiler.write_text(COMPILE)
    compiler.chmod(0o755)
    (tmp_path / "modules/@medusajs").mkdir(parents=True)
    library = (ROOT / "scripts/lib/medusa.sh").read_text().replace("/var/tmp/", f"{tmp_path}/made/")
    (tmp_path / "made").mkdir()
    (tmp_path / "meeting").mkdir()
    (tmp_path / "medusa.sh").write_text(library)
    return tmp_path


def begin(checkout, **environment) -> subprocess.Popen:
    given = {**os.environ, "ROOT": str(checkout), "TOOLS": str(checkout / "tools"), "MEDUSA_MODULES": str(checkout / "modules"),
             "MEETING": str(checkout / "meeting"), **environment}
    return subprocess.Popen(["bash", "-c", SCRIPT, "bash", checkout / "medusa.sh"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=given)


def test_two_builds_at_once_do_not_meet(checkout):
    said = [it.communicate(timeout=60)[0] for it in [begin(checkout, TOGETHER="2") for _ in range(2)]]
    apps = {text.splitlines()[-1] for text in said}
    assert len(apps) == 1, said
    app = checkout / apps.pop()
    assert sorted(it.name for it in app.iterdir()) == ["database-version", "static", "uploads"], said
    assert (app / "static").resolve() == app / "uploads"
    # Nothing of the second one is left, inside or beside.
    assert [it.name for it in app.parent.iterdir()] == [app.name] and len(list((checkout / "made").iterdir())) == 1


def test_a_build_that_fails_leaves_nothing_and_says_so(checkout):
    (checkout / "docker/medusa-backend/build/compile").write_text("#!/bin/sh\nexit 3\n")
    build = begin(checkout)
    said = build.communicate(timeout=60)[0]
    assert build.returncode != 0 and "Medusa was not built" in said
    assert list((checkout / "made").iterdir()) == []
