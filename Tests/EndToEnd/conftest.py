import shutil

import pytest
from stack import Stack


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
