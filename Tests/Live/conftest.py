"""The stack of the end-to-end tests, and whatever follows its events."""


import pytest
from stack import running


@pytest.fixture(scope="session")
def stack(request):
    # Many stores fail at once here.
    with running(request, MAX_STORES="5000", MAX_STORES_PER_USER="5000", MAX_CONCURRENT_PROVISIONS="8") as stack:
        yield stack
