"""The stack of the end-to-end tests, and whatever follows its events."""

import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))

from stack import Stack  # noqa: E402


@pytest.fixture(scope="session")
def stack(request):
    stack = Stack()
    # Many shops fail at once here.
    stack.environment |= {"MAX_STORES": "5000", "MAX_STORES_PER_USER": "5000", "MAX_CONCURRENT_PROVISIONS": "8"}
    try:
        stack.up()
        yield stack
    finally:
        stack.script("down", check=False)
        if request.session.testsfailed:
            for name, text in sorted(stack.logs().items()):
                print(f"\n----- {name}, its last lines\n" + "\n".join(text.splitlines()[-40:]))
        shutil.rmtree(stack.folder, ignore_errors=True)
