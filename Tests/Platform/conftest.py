"""helm/platform, its rights, its backups and deploy/k3s; with the charts' and the releases' helpers."""

import os
import pathlib
import sys

import pytest

for name in ("Charts", "Releases"):
    sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / name))

from clusters import open_cluster  # noqa: E402

# On the real API server, which asks for rights, what needs one; else all but that.
ON_A_SERVER = {"test_release.py", "test_worker_rights.py"}
if os.environ.get("RELEASES_ON") == "apiserver":
    collect_ignore = [it.name for it in pathlib.Path(__file__).parent.glob("test_*.py") if it.name not in ON_A_SERVER]
else:
    collect_ignore = ["test_worker_rights.py"]


@pytest.fixture(scope="session")
def cluster():
    it = open_cluster()
    try:
        yield it
    finally:
        it.close()
