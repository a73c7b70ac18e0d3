
import pytest
from stack import running


def pytest_collection_modifyitems(items):
    """The tests of the scripts end the stack that all the others use."""
    items.sort(key=lambda item: item.path.name == "test_scripts.py")


@pytest.fixture(scope="session")
def stack(request):
    with running(request) as stack:
        yield stack
