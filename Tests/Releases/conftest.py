
import pytest
from clusters import open_cluster


@pytest.fixture(scope="session")
def cluster():
    it = open_cluster()
    try:
        yield it
    finally:
        it.close()
