import pathlib
import shutil
import sys
import tempfile

import pytest

for name in ("Charts", "Platform"):
    sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / name))

from wordpress import database, first_run, image, pod, secret, sells, store, values  # noqa: E402, F401  fixtures


@pytest.fixture(scope="module")
def folder():
    """For volumes and secrets."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="sw-images-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)
