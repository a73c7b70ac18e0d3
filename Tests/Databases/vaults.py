"""A real store-vault before a real storage: restic-rest-server on a folder, or rclone before a bucket; and tokens for it."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import asking
from ports import await_port, free_port
from servers import DEADLINE, ROOT, USER, own

# The wire's format, written anew: what the worker signs has to be this.
KEY, ARCHIVE_KEY = b"k" * 32, b"a" * 32
PROGRAM = ROOT / ".build/debug/store-vault"


def sign(folder: str, right: str, expires: int, key: bytes = KEY) -> str:
    text = f"v1.test.{folder}.{right}.{expires}"
    # HKDF-SHA256 without a salt, for one block.
    first = hmac.new(bytes(32), key, hashlib.sha256).digest()
    use = b"archive" if folder.startswith("archive-") else b"vault"
    derived = hmac.new(first, b"store-weaver " + use + b" v1\x01", hashlib.sha256).digest()
    code = hmac.new(derived, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(code).decode().rstrip('=')}"


class Vault:
    """`folder`: where restic-rest-server keeps repositories."""

    def __init__(self, folder: pathlib.Path | None = None, reserved: int = 0):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="sw-vault-", dir="/tmp"))
        self.folder = folder or self.home / "repositories"
        self.folder.mkdir(exist_ok=True)
        secrets = self.home / "secrets"
        secrets.mkdir()
        for name, key in (("vault-keys", KEY), ("archive-keys", ARCHIVE_KEY)):
            (secrets / name).write_text(f"test:{base64.b64encode(key).decode()}\n")
        own(self.home, self.folder, secrets, *secrets.iterdir())
        self.reserved, self.processes = reserved, {}
        self.storage_port, self.port = free_port(), free_port()
        self.start()

    def start(self) -> None:
        self.start_storage()
        self.start_program()

    def start_storage(self) -> None:
        self.run("storage", self.storage_port, ["restic-rest-server", "--no-auth", "--path", self.folder, "--listen", f"127.0.0.1:{self.storage_port}"])

    def start_program(self, **settings: str) -> None:
        self.run("vault", self.port, [PROGRAM], HOST="127.0.0.1", PORT=str(self.port), SECRETS_DIR=str(self.home / "secrets"),
                 VAULT_STORAGE_URL=f"http://127.0.0.1:{self.storage_port}", VAULT_RESERVED_MIB=str(self.reserved),
                 **{"VAULT_VOLUME": str(self.folder), **settings})

    def run(self, name: str, port: int, command: list, user: int | None = USER, **environment: str) -> None:
        log = self.home / f"{name}.log"
        with log.open("ab") as output:
            self.processes[name] = subprocess.Popen(
                command, env={"PATH": os.environ["PATH"], "HOME": str(self.home), **environment}, user=user, group=user,
                extra_groups=None if user is None else [], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        await_port(port, self.processes[name], log)

    def stop(self, name: str, number: int = signal.SIGTERM) -> None:
        self.processes[name].send_signal(number)
        self.processes.pop(name).wait(timeout=DEADLINE)

    def close(self) -> None:
        for name in list(self.processes):
            self.stop(name, signal.SIGKILL)
        shutil.rmtree(self.home, ignore_errors=True)

    def said(self) -> str:
        return "".join(it.read_text(errors="replace") for it in self.home.glob("*.log"))

    def token(self, folder: str, right: str, seconds: float = 3600, key: bytes | None = None) -> str:
        """`folder`: a store's id, or `archive-` and an archive's."""
        return sign(folder, right, int(time.time() + seconds), key or (ARCHIVE_KEY if folder.startswith("archive-") else KEY))

    def address(self, folder: str, right: str, **token) -> str:
        return f"http://{folder}:{self.token(folder, right, **token)}@127.0.0.1:{self.port}/{folder}/"

    def ask(self, method: str, path: str, token: str, user: str | None = None, body: bytes | None = None, headers: dict | None = None):
        """Status, headers and body of one request; `path` goes out as it is."""
        user = user or token.split(".")[2]
        basic = base64.b64encode(f"{user}:{token}".encode()).decode()
        head = {"Authorization": f"Basic {basic}", "Accept": "application/vnd.x.restic.rest.v2", **(headers or {})}
        answer = asking.ask(f"http://127.0.0.1:{self.port}{path}", method, body, head, timeout=60)
        return answer.status, dict(answer.headers), answer.content

    def size(self, store: str) -> int:
        status, _, body = self.ask("GET", f"/{store}/?size", self.token(store, "manage"))
        assert status == 200
        return json.loads(body)["bytes"]
