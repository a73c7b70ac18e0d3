import pathlib
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "Charts"))

from clusters import open_cluster  # noqa: E402


@pytest.fixture(scope="session")
def cluster():
    it = open_cluster()
    try:
        yield it
    finally:
        it.close()
