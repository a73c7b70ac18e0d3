"""The stack of the end-to-end tests, and whatever follows its events."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))

from stack import running  # noqa: E402


@pytest.fixture(scope="session")
def stack(request):
    # Many stores fail at once here.
    with running(request, MAX_STORES="5000", MAX_STORES_PER_USER="5000", MAX_CONCURRENT_PROVISIONS="8") as stack:
        yield stack
