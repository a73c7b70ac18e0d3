"""The live stack as it stands on the internet: callers are counted, and Helm is watched while it runs."""

import os
import pathlib
import secrets
import subprocess
import tempfile

import pytest
from helm_witness import witnessing_helm
from stack import running

# Small enough to be reached by a test, by a user of its own; the address is everybody's.
PER_USER = 30
STREAMS = 3
REQUEST_TIMEOUT = 2


def pytest_collection_modifyitems(items):
    """What was written is searched when all has been written."""
    items.sort(key=lambda item: item.path.name == "test_secrets.py")


@pytest.fixture(scope="session")
def stack(request):
    limits = {"RATE_LIMIT_PER_USER": PER_USER, "MAX_EVENT_STREAMS_PER_USER": STREAMS, "REQUEST_TIMEOUT_SECONDS": REQUEST_TIMEOUT, "MAX_STORES": 200}
    with tempfile.TemporaryDirectory(prefix="sw-helm-") as folder:
        # A worker may be another user.
        os.chmod(folder, 0o755)
        witness = witnessing_helm(pathlib.Path(folder), os.environ["HELM_PATH"])
        # The keys that scripts/up makes come beside these.
        own = pathlib.Path(folder) / "secrets"
        own.mkdir(mode=0o700)
        (own / "platform-backup-password").write_text(secrets.token_hex(20))
        escrow = pathlib.Path(folder) / "escrow-private"
        storectl = pathlib.Path(os.environ["BIN"]) / "storectl"
        public = subprocess.run([storectl, "escrow", "new", escrow], capture_output=True, text=True, check=True).stdout.strip()
        settings = {name: str(limit) for name, limit in limits.items()}
        settings |= {"HELM_PATH": str(witness), "LOG_LEVEL": "debug", "SECRETS_DIR": str(own), "BACKUP_ESCROW_KEY": public}
        with running(request, **settings) as stack:
            stack.helm_folder, stack.secrets, stack.escrow = pathlib.Path(folder), own, escrow
            yield stack
