"""One task of a keeper as its pod runs it: `store-keeper prepare`, then both halves side by side, by the image's own scripts."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from polling import until
from servers import DEADLINE, ROOT, USER, MySQL, own

IMAGE = ROOT / "docker/store-keeper"
ENGINES = {"MySQL": "woocommerce", "PostgreSQL": "medusa"}


class Keeper:
    """`uploads`: the store's volume, where it has one. `password`: its repository's."""

    def __init__(self, vault, server, store: str, uploads: pathlib.Path | None = None, password: str = "the repository's own"):
        self.vault, self.server, self.store, self.uploads, self.password = vault, server, store, uploads, password
        self.timeout, self.address, self.path, self.halves = 30, None, "", {}
        self.home = self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sw-keeper-", dir="/tmp"))
        own(self.home)

    def begin(self, task: str, right: str, archive: str = "", **settings: str) -> "Keeper":
        """`archive`: the address of the one that the task writes or reads."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{task}-", dir=self.home))
        for name in ("work", "secrets", "tmp"):
            (self.folder / name).mkdir()
        if task not in ("import", "count"):
            (self.folder / "secrets/repository").write_text(self.address or self.vault.address(self.store, right))
            (self.folder / "secrets/password").write_text(self.password)
        (self.folder / "secrets/archive").write_text(archive)
        own(self.folder, *self.folder.rglob("*"))
        self.environment = {
            "PATH": self.path + self.server.environment()["PATH"], "WORK": str(self.folder / "work"), "SECRETS": str(self.folder / "secrets"),
            "STORE_SECRETS": str(self.server.secrets), "LIBRARY": str(IMAGE / "lib"), "TMPDIR": str(self.folder / "tmp"),
            "RESULT": str(self.folder / "result"), "UPLOADS": str(self.uploads or self.folder / "none"),
            "KEEPER_TASK": task, "KEEPER_ENGINE": ENGINES[type(self.server).__name__], "KEEPER_STORE": self.store,
            "KEEPER_DATABASE_HOST": "127.0.0.1", "KEEPER_DATABASE_PORT": str(self.server.port), "KEEPER_TIMEOUT": str(self.timeout), **settings}
        assert self.start("prepare", [IMAGE / "bin/store-keeper", "prepare"]).wait(timeout=DEADLINE) == 0, self.said()
        if task not in ("prune", "export"):
            self.halves["database"] = self.start("database", ["/bin/sh", self.folder / "work/bin/database"])
        self.halves["keeper"] = self.start("keeper", [IMAGE / "bin/store-keeper", "run"])
        return self

    def start(self, name: str, command: list) -> subprocess.Popen:
        with (self.folder / f"{name}.log").open("wb") as output:
            return subprocess.Popen(command, env=self.environment, user=USER, group=USER, extra_groups=None if USER is None else [],
                                    start_new_session=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def end(self) -> tuple[int, dict]:
        """The keeper's exit code and its termination message."""
        for half in self.halves.values():
            half.wait(timeout=DEADLINE)
        text = (self.folder / "result").read_text() if (self.folder / "result").exists() else "{}"
        assert len(text) < 4096
        return self.halves["keeper"].returncode, json.loads(text)

    def kill(self, *names: str, number: int = signal.SIGKILL) -> None:
        """All of a half's processes, as a container ends; both halves where none is named."""
        for name in names or list(self.halves):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.halves[name].pid, number)

    def backup(self, backup: str = "b00000000001") -> dict:
        code, result = self.begin("backup", "append", KEEPER_BACKUP=backup).end()
        assert code == 0, (result, self.said())
        return result

    def restore(self, taken: dict, right: str = "read") -> tuple[int, dict]:
        return self.begin("restore", right, KEEPER_BACKUP="b00000000001", KEEPER_SNAPSHOT=taken["snapshot"], KEEPER_FILES=taken["files"]).end()

    def export(self, taken: dict, archive: str, right: str = "append", **settings: str) -> tuple[int, dict]:
        manifest = {"format": "store-weaver-archive", "formatVersion": 1, "engine": ENGINES[type(self.server).__name__]}
        return self.begin("export", "read", self.vault.address(archive, right), KEEPER_BACKUP="b00000000001", KEEPER_SNAPSHOT=taken["snapshot"],
                          KEEPER_FILES=taken["files"], KEEPER_MANIFEST=json.dumps(manifest), **settings).end()

    def load(self, archive: str) -> tuple[int, dict]:
        return self.begin("import", "", self.vault.address(archive, "read")).end()

    def count(self) -> tuple[int, dict]:
        return self.begin("count", "").end()

    def prune(self, *kept: str, forgotten: str = "", right: str = "prune", check: str = "1/1") -> tuple[int, dict]:
        return self.begin("prune", right, KEEPER_BACKUP="", KEEPER_KEEP=" ".join(kept), KEEPER_FORGET=forgotten, KEEPER_CHECK=check).end()

    def restic(self, *arguments: str) -> str:
        """As somebody with the repository's password asks for it."""
        done = subprocess.run(["restic", "--no-cache", *arguments], capture_output=True, text=True, timeout=DEADLINE, check=False, env={
            "PATH": os.environ["PATH"], "RESTIC_PASSWORD": self.password,
            "RESTIC_REPOSITORY": "rest:" + self.vault.address(self.store, "read")})
        assert done.returncode == 0, done.stderr
        return done.stdout

    def snapshots(self) -> list[dict]:
        return json.loads(self.restic("snapshots", "--json")) if self.vault.size(self.store) else []

    def said(self) -> str:
        return "".join(f"-- {it.name}\n{it.read_text(errors='replace')}" for it in sorted(self.folder.glob("*.log")))

    def until(self, holds, what: str) -> None:
        until(holds, what, DEADLINE, 0.02, said=self.said)

    def close(self) -> None:
        self.kill()
        for half in self.halves.values():
            half.wait(timeout=DEADLINE)
        shutil.rmtree(self.home, ignore_errors=True)


STORE_TABLES = {
    "woocommerce": [
        "DROP TABLE IF EXISTS wp_posts, wp_options, wp_wc_orders",
        "CREATE TABLE wp_posts (ID int PRIMARY KEY AUTO_INCREMENT, post_type varchar(20), post_status varchar(20), post_content longtext)",
        "CREATE TABLE wp_options (option_name varchar(191), option_value longtext)",
        "INSERT INTO wp_posts (post_type, post_status, post_content) VALUES ('product', 'publish', 'Tee -- Dump completed'), "
        "('product', 'trash', ''), ('product', 'draft', 'Zoë 🎉 \\n\\\\ \\'')",
    ],
    "medusa": [
        "DROP TABLE IF EXISTS product, \"order\"",
        "CREATE TABLE product (id serial PRIMARY KEY, title text, deleted_at timestamptz)",
        "CREATE TABLE \"order\" (id serial PRIMARY KEY, is_draft_order boolean NOT NULL DEFAULT false, deleted_at timestamptz)",
        "INSERT INTO product (title, deleted_at) VALUES ('Tee', NULL), (E'Zoë 🎉 \\n\\\\ \\'', NULL), ('gone', now())",
    ],
}
ORDER = {
    "woocommerce": "INSERT INTO wp_posts (post_type, post_status) VALUES ('shop_order', 'wc-processing')",
    "medusa": 'INSERT INTO "order" DEFAULT VALUES',
}
ORDERS = {
    "woocommerce": "SELECT count(*) FROM wp_posts WHERE post_type = 'shop_order'",
    "medusa": 'SELECT count(*) FROM "order"',
}


class StoreData:
    """What a store has in its database, as small as can be."""

    def __init__(self, server):
        self.server, self.engine = server, ENGINES[type(server).__name__]

    def say(self, statement: str) -> str:
        done = self.server.client(statement)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def make(self) -> None:
        for statement in STORE_TABLES[self.engine]:
            self.say(statement)

    def order(self) -> None:
        self.say(ORDER[self.engine])

    def orders(self) -> int:
        return int(self.say(ORDERS[self.engine]))

    def text(self) -> str:
        return self.say("SELECT post_content FROM wp_posts WHERE ID = 3" if self.engine == "woocommerce" else "SELECT title FROM product WHERE id = 2")

    def grow(self, megabytes: int) -> None:
        """So that a dump takes a while."""
        if isinstance(self.server, MySQL):
            self.say("CREATE TABLE IF NOT EXISTS ballast (id int PRIMARY KEY AUTO_INCREMENT, it longtext)")
            for _ in range(megabytes):
                self.say("INSERT INTO ballast (it) SELECT repeat(sha2(rand(), 512), 8192)")
        else:
            self.say("CREATE TABLE IF NOT EXISTS ballast (id serial PRIMARY KEY, it text)")
            self.say(f"INSERT INTO ballast (it) SELECT repeat(md5(random()::text), 32768) FROM generate_series(1, {megabytes})")
