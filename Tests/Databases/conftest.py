"""Fails at once, with what to do, when a server is missing. `long` is what the suite `databases` runs beside the suite `backups`."""

import os
import shutil

import pytest

MISSING = "{} missing: run scripts/test databases (or backups), which gets it"


def pytest_configure(config):
    config.addinivalue_line("markers", "long: not in the suite backups")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for it in items:
        if needs_mysql(it) or "a bucket" in it.name:
            it.add_marker(pytest.mark.long)


def needs_mysql(item) -> bool:
    """Those of the charts' starts, too."""
    return "MySQL" in item.name or item.path.name in ("test_kills.py", "test_starts.py")


def pytest_collection_finish(session):
    path = f"{os.environ.get('MYSQL_BIN', '')}:{os.environ['PATH']}"
    needed = ["restic", "rclone", "restic-rest-server", "jq", "curl"]
    if any(needs_mysql(it) for it in session.items):
        needed += ["mysqld", "mysql", "mysqldump"]
    missing = [it for it in needed if not shutil.which(it, path=path)]
    if missing:
        pytest.exit(MISSING.format(", ".join(missing)), returncode=2)
