"""The OpenAPI document taken at its word: whatever is sent, within it or beside it, no answer is a 5xx."""

import os
import pathlib
import re
import subprocess
import sys

import pytest
from stack import ADMIN_TOKEN

# A stream does not end by itself; what waits for a worker may answer 503 in order.
LEFT_OUT = [
    "/api/stores/events", "/api/stores/{id}/events", "/api/stores/{id}/logs",
    # It takes a tar file: what else may come is ArchiveHeadTests' matter.
    "/api/imports",
]
SEED = "20260101"


@pytest.fixture(scope="module", autouse=True)
def keeper(stack):
    """A worker that keeps backups, for where the stack's keep none: what it answers then is 501 in order."""
    statement = (
        "INSERT INTO worker_reports (worker, reported_at, version, slots, busy, kubernetes, helm, keeps_backups)"
        " VALUES ('keeper', now() + interval '1 hour', '4', 1, 0, true, true, true)"
    )
    script = '. "$0"; psql -q "$DATABASE_URL" -c "$1"'
    subprocess.run(["bash", "-c", script, str(stack.folder / "run" / "stack.env"), statement], env=stack.environment, check=True)


@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_no_case_gets_a_server_error(stack, tmp_path, mode):
    command = [
        str(pathlib.Path(sys.executable).with_name("schemathesis")), "run", f"{stack.url}/openapi.yaml", "--url", stack.url,
        "--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing", "--mode", mode, "--max-examples", "20", "--seed", SEED,
        "--generation-database", "none", "--request-timeout", "20", "--workers", "1", "--no-color", "--header", f"Authorization: Bearer {ADMIN_TOKEN}",
    ]
    for path in LEFT_OUT:
        command += ["--exclude-path", path]
    # Pausing the queue would hold up whatever comes after.
    command += ["--exclude-path-regex", "^/api/admin/queue/(pause|resume)"]
    result = subprocess.run(command, cwd=tmp_path, env=os.environ | {"NO_COLOR": "1"}, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    cases = re.search(r"([\d,]+) generated", result.stdout)
    assert cases and int(cases[1].replace(",", "")) >= 1000, result.stdout[-2000:]
