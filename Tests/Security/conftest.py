"""The live stack as it stands on the internet: callers are counted, and Helm is watched while it runs."""

import os
import pathlib
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))

from helm_witness import witnessing_helm  # noqa: E402
from stack import running  # noqa: E402

# Small enough to be reached by a test, by a user of its own; the address is everybody's.
PER_USER = 30
STREAMS = 3
REQUEST_TIMEOUT = 2


def pytest_collection_modifyitems(items):
    """What was written is searched when all has been written."""
    items.sort(key=lambda item: item.path.name == "test_secrets.py")


@pytest.fixture(scope="session")
def stack(request):
    limits = {"RATE_LIMIT_PER_USER": PER_USER, "MAX_EVENT_STREAMS_PER_USER": STREAMS, "REQUEST_TIMEOUT_SECONDS": REQUEST_TIMEOUT, "MAX_STORES": 200}
    with tempfile.TemporaryDirectory(prefix="sw-helm-") as folder:
        # A worker may be another user.
        os.chmod(folder, 0o755)
        witness = witnessing_helm(pathlib.Path(folder), os.environ["HELM_PATH"])
        settings = {name: str(limit) for name, limit in limits.items()}
        with running(request, HELM_PATH=str(witness), LOG_LEVEL="debug", **settings) as stack:
            stack.helm_folder = pathlib.Path(folder)
            yield stack
