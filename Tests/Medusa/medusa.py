"""A store of the Medusa image: the image's files and commands with secrets, settings and a database of the store's own, as user 1000 where this is root."""

import json
import os
import pathlib
import re
import secrets
import signal
import subprocess

import asking
from polling import until
from ports import free_port
from servers import ROOT, Database, Server

# What scripts/lib/medusa.sh built: the image's /srv/medusa.
APP = pathlib.Path(os.environ["MEDUSA_APP"])
# For what a busy machine may need; nothing is expected to come near it.
DEADLINE = 180

FILE = {
    "name": "Käse & Söhne", "region": "United States", "countries": ["us"], "currency": "usd", "city": "San Francisco", "shippingPrice": "5.00",
    "sampleProducts": [
        {"sku": "sample-mug", "name": "Sample Mug", "price": "12.00", "stock": 1000, "description": "A mug."},
        {"sku": "sample-cap", "name": "Sample Cap", "price": "9.50", "stock": 1000},
    ],
}


class Store:
    def __init__(self, folder: pathlib.Path, postgres: Server, redis: Server, name: str, app: pathlib.Path = APP):
        self.folder, self.app, self.redis = folder, app, redis
        self.database = Database(postgres, name)
        self.port, self.process = free_port(), None
        self.log = folder / "log"
        self.file = dict(FILE)
        self.password = "first-" + secrets.token_hex(8)
        for path in (folder, folder / "secrets", folder / "admin"):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o755)
        # For the user who runs it; not /tmp, which others on this machine write to.
        (folder / "home").mkdir()
        (folder / "home").chmod(0o777)
        self.secrets = {"postgres-password": postgres.password, "redis-password": redis.password, "jwt-secret": secrets.token_hex(16), "cookie-secret": secrets.token_hex(16)}
        for key, value in self.secrets.items():
            (folder / "secrets" / key).write_text(value)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder / "home"), "NODE_ENV": "production", "MEDUSA_DISABLE_TELEMETRY": "true", "PORT": str(self.port),
            "DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": str(postgres.port), "DATABASE_NAME": name, "DATABASE_USER": "storeweaver",
            "REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(redis.port), "SECRETS_DIR": str(folder / "secrets"),
            "ADMIN_SECRETS_DIR": str(folder / "admin"), "STORE_FILE": str(folder / "store.json"), "STORE_URL": f"http://127.0.0.1:{self.port}",
        }

    def command(self, script: str, environment: dict) -> list:
        (self.folder / "store.json").write_text(json.dumps(self.file))
        (self.folder / "admin/admin-email").write_text("owner@example.com")
        (self.folder / "admin/admin-password").write_text(self.password)
        user = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "--no-new-privs"] if os.geteuid() == 0 else []
        settings = [f"{key}={value}" for key, value in {**self.environment, **environment}.items()]
        return [*user, "env", "-i", *settings, "node", f"src/store/{script}.js"]

    def setup(self, check: bool = True, **environment) -> subprocess.CompletedProcess:
        """store-setup, the init container."""
        done = subprocess.run(
            self.command("setup", environment), cwd=self.app, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=DEADLINE, check=False,
        )
        assert not check or done.returncode == 0, done.stdout[-4000:]
        return done

    def launch(self, **environment) -> "Store":
        """store-serve, the container; the administrator's Secret is not mounted in it."""
        environment = {"ADMIN_SECRETS_DIR": "/nonexistent", **environment}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(self.command("serve", environment), cwd=self.app, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def start(self, **environment) -> "Store":
        self.launch(**environment)
        until(self.is_ready, "the store is ready")
        return self

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-4000:]
        try:
            return self.ask("/-/ready").status == 200
        except OSError:
            return False

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Its exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=DEADLINE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def ask(self, path: str, body=None, *, method: str | None = None, headers=(), raw: bytes | None = None) -> asking.Answer:
        return asking.ask(f"http://127.0.0.1:{self.port}{path}", method, body if raw is None else raw, dict(headers), timeout=60)

    def order(self) -> subprocess.Popen:
        return subprocess.Popen(
            [ROOT / "scripts/place-order", f"http://127.0.0.1:{self.port}", "--engine", "medusa"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )

    def place_order(self) -> str:
        order = self.order()
        said, _ = order.communicate(timeout=DEADLINE)
        assert order.returncode == 0, said + self.log.read_text()[-2000:]
        return said

    def sign_in(self, password: str | None = None) -> asking.Answer:
        return self.ask("/auth/user/emailpass", {"email": "owner@example.com", "password": password or self.password})

    def as_owner(self) -> dict:
        return {"Authorization": f"Bearer {self.sign_in().body['token']}"}

    def catalogue(self) -> list[str]:
        key = self.ask("/storefront/config").body["publishableKey"]
        return sorted(it["title"] for it in self.ask("/store/products", headers={"x-publishable-api-key": key}).body["products"])

    def messages(self) -> list[str]:
        """What it logged, one message a line; text that is no log line as it is."""
        return [json.loads(line).get("message", "") if line.startswith("{") else line for line in self.log.read_text().splitlines()]


def ids(dump: str) -> set[str]:
    """All the ULIDs and UUIDs in a dump."""
    return set(re.findall(r"[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9a-f]{8}-[0-9a-f-]{27}", dump))
