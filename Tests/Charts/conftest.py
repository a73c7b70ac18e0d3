"""Fails at once, with what to do, when a Helm is missing."""

import pytest
from charts import helms


def pytest_sessionstart(session):
    try:
        helms()
    except RuntimeError as error:
        pytest.exit(str(error), returncode=2)
