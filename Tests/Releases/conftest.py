import os
import pathlib
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "Charts"))

from clusters import open_cluster  # noqa: E402

# The first needs a cluster that asks for rights, the second one that has CronJobs of today's version.
collect_ignore = ["test_k3s.py"] if os.environ.get("RELEASES_ON") == "apiserver" else ["test_worker_rights.py"]


@pytest.fixture(scope="session")
def cluster():
    it = open_cluster()
    try:
        yield it
    finally:
        it.close()
