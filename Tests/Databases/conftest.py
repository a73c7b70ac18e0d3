"""Fails at once, with what to do, when a server is missing."""

import os
import shutil

import pytest


def pytest_sessionstart(session):
    path = f"{os.environ.get('MYSQL_BIN', '')}:{os.environ['PATH']}"
    if not (shutil.which("mysqld", path=path) and shutil.which("mysql", path=path)):
        pytest.exit("mysqld and mysql are missing: set MYSQL_BIN, or run scripts/test databases, which gets them", returncode=2)
