import pathlib
import shutil
import tempfile

import pytest
from wordpress import database, first_run, image, pod, secret, sells, store, values  # noqa: F401  fixtures


@pytest.fixture(scope="module")
def folder():
    """For volumes and secrets."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="sw-images-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)
