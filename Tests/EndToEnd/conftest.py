import shutil

import pytest
from stack import Stack


def pytest_collection_modifyitems(items):
    """The tests of the scripts end the stack that all the others use."""
    items.sort(key=lambda item: item.path.name == "test_scripts.py")


@pytest.fixture(scope="session")
def stack(request):
    stack = Stack()
    try:
        stack.up()
        yield stack
    finally:
        stack.script("down", check=False)
        if request.session.testsfailed:
            for name, text in sorted(stack.logs().items()):
                print(f"\n----- {name}, its last lines\n" + "\n".join(text.splitlines()[-40:]))
        shutil.rmtree(stack.folder, ignore_errors=True)
