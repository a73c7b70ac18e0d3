"""helm/platform, its rights, its backups and deploy/k3s; with the charts' and the releases' helpers."""

import os
import pathlib

import pytest
from clusters import open_cluster

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
