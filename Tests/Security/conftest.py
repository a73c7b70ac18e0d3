"""The live stack as it stands on the internet: callers are counted, and Helm is watched while it runs."""

import os
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))

from helm_witness import witnessing_helm  # noqa: E402
from stack import Stack  # noqa: E402

# Small enough to be reached by a test, by a user of its own; the address is everybody's.
PER_USER = 30
STREAMS = 3
REQUEST_TIMEOUT = 2


def pytest_collection_modifyitems(items):
    """What was written is searched when all has been written."""
    items.sort(key=lambda item: item.path.name == "test_secrets.py")


@pytest.fixture(scope="session")
def stack(request):
    stack = Stack()
    stack.environment |= {
        "RATE_LIMIT_PER_USER": str(PER_USER), "MAX_EVENT_STREAMS_PER_USER": str(STREAMS), "REQUEST_TIMEOUT_SECONDS": str(REQUEST_TIMEOUT),
        "HELM_PATH": str(witnessing_helm(stack.folder, os.environ["HELM_PATH"])), "LOG_LEVEL": "debug", "MAX_STORES": "200",
    }
    try:
        stack.up()
        yield stack
    finally:
        stack.script("down", check=False)
        if request.session.testsfailed:
            for name, text in sorted(stack.logs().items()):
                print(f"\n----- {name}, its last lines\n" + "\n".join(text.splitlines()[-40:]))
        shutil.rmtree(stack.folder, ignore_errors=True)
