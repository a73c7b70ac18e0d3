"""storectl as an operator calls it."""

import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import uuid

import psycopg
import redis
from stack import ROOT, Stack


@dataclasses.dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class Operating:
    # What storectl is started by, if anything.
    launcher: list[str] = []

    def __init__(self, stack: Stack, **changes: str) -> None:
        self.stack = stack
        settings = subprocess.run(
            ["bash", "-c", '. "$1"; for name in DATABASE_URL REDIS_URL KUBECONFIG HELM_PATH SECRETS_DIR BIN; do echo "$name=${!name}"; done', "-",
             stack.folder / "run" / "stack.env"],
            check=True, capture_output=True, text=True,
        ).stdout
        told = dict(line.split("=", 1) for line in settings.splitlines())
        self.program = pathlib.Path(told.pop("BIN")) / "storectl"
        self.settings = told | {"STORECTL_OPERATOR": "grace"} | changes

    def __call__(self, *arguments: str, code: int | None = 0, **changes: str) -> Result:
        """Runs a command, which has to end with `code` (`None`: however it likes)."""
        done = subprocess.run(
            [*self.launcher, self.program, *arguments], env=os.environ | self.settings | changes, cwd=ROOT, capture_output=True, text=True, timeout=60,
            check=False,
        )
        assert code is None or done.returncode == code, f"storectl {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return Result(done.returncode, done.stdout, done.stderr)

    def with_changes(self, **changes: str) -> "Operating":
        return Operating(self.stack, **(self.settings | changes))

    def sql(self, statement: str, *parameters):
        with psycopg.connect(self.settings["DATABASE_URL"], autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else None

    @property
    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.settings["REDIS_URL"], decode_responses=True)

    def create(self, name: str) -> tuple[str, int]:
        """A store and its job, written as the API writes them, in PostgreSQL alone."""
        identifier = "a" + uuid.uuid4().hex[:11]
        namespace = "store-" + name.lower().replace(" ", "-")
        job = self.sql(
            "SELECT accepted_job FROM create_store(%s, %s, 'woocommerce', NULL, %s, %s, 'small', 100, 100, 400, NULL, NULL, NULL)",
            identifier, name, namespace, namespace + "-x",
        )
        return identifier, job[0][0]


@contextlib.contextmanager
def quiet_installation(storectl: Operating):
    url = storectl.settings["DATABASE_URL"]
    name = "quiet_" + uuid.uuid4().hex[:8]
    storectl.sql(f"CREATE DATABASE {name}")
    quiet = storectl.with_changes(DATABASE_URL=url.rsplit("/", 1)[0] + "/" + name, REDIS_URL=storectl.settings["REDIS_URL"] + "/5")
    try:
        quiet("migrate")
        yield quiet
    finally:
        quiet.redis.flushdb()
        storectl.sql(f"DROP DATABASE {name} WITH (FORCE)")
