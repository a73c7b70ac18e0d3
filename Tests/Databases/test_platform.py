"""The platform's own database goes into the vault and comes back: the schema and the keys of the real storectl, the keeper's scripts, restic, the vault."""

import base64
import json
import os
import subprocess
import urllib.parse

import pytest
from keepers import Keeper, StoreData
from servers import DEADLINE, ROOT, PostgreSQL
from vaults import KEY, Vault

PASSWORD = "the platform's own"


class Platform(Keeper):
    """The tasks of helm/platform's CronJobs."""

    def __init__(self, vault, server):
        super().__init__(vault, server, "platform", password=PASSWORD)
        self.say = StoreData(server).say
        password = urllib.parse.quote((server.secrets / "postgres-password").read_text(), safe="")
        self.settings = {
            "PATH": os.environ["PATH"], "DATABASE_URL": f"postgresql://medusa:{password}@127.0.0.1:{server.port}/medusa", "PLATFORM_BACKUP_PASSWORD": PASSWORD,
            "VAULT_URL": f"http://127.0.0.1:{vault.port}", "VAULT_KEYS": f"test:{base64.b64encode(KEY).decode()}",
        }

    def storectl(self, *arguments) -> None:
        done = subprocess.run([ROOT / ".build/debug/storectl", *arguments], env=self.settings, capture_output=True, text=True, timeout=DEADLINE, check=False)
        assert done.returncode == 0, done.stderr

    def run(self, task: str, keys: str | None = None, **told: str) -> tuple[int, dict]:
        """`keys`: of which task the keys are."""
        self.storectl("platform", "keys", keys or task, "--keeper", self.home, "--database", self.server.secrets)
        (self.server.secrets / "service").chmod(0o644)
        self.address = (self.home / "repository").read_text()
        return self.begin(task, "", KEEPER_ENGINE="platform", **told).end()


@pytest.fixture(scope="module")
def platform():
    vault, server = Vault(), PostgreSQL()
    try:
        server.start()
        server.until_usable()
        it = Platform(vault, server)
        it.storectl("migrate")
        yield it
        it.close()
    finally:
        server.close()
        vault.close()


def create(platform, identifier: str) -> None:
    platform.say("SELECT accepted_job FROM create_store("
        f"'{identifier}', 'Acme', 'woocommerce', NULL, 'store-{identifier}', 'x-{identifier}', 'small', 9, 9, 36, NULL, NULL, NULL)")


def test_the_platforms_database_is_saved_lost_and_brought_back_by_its_newest_backup(platform):
    create(platform, "a00000000001")
    code, first = platform.run("backup", KEEPER_BACKUP="0" * 12)
    assert code == 0 and (first["products"], first["files"]) == (1, ""), (first, platform.said())
    create(platform, "a00000000002")
    assert platform.run("backup", KEEPER_BACKUP="0" * 12)[0] == 0, platform.said()
    platform.say("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    # As a new installation is: the schema is there already, and something has begun.
    platform.storectl("migrate")
    create(platform, "a00000000003")
    code, said = platform.run("restore", KEEPER_SNAPSHOT="latest")
    assert code == 0 and said["restored"], platform.said()
    assert platform.say("SELECT string_agg(id, ' ' ORDER BY id) FROM stores") == "a00000000001 a00000000002"
    platform.storectl("migrate")
    create(platform, "a00000000004")
    assert platform.run("restore", KEEPER_SNAPSHOT=first["snapshot"])[0] == 0
    assert platform.say("SELECT string_agg(id, ' ') FROM stores") == "a00000000001"


def test_old_backups_go_by_the_policy_and_only_by_the_right_to_it(platform):
    for _ in range(3):
        assert platform.run("backup", KEEPER_BACKUP="0" * 12)[0] == 0, platform.said()
    before = platform.snapshots()
    code, said = platform.run("prune", "backup", KEEPER_POLICY="24h,7d,4w,6m", KEEPER_CHECK="1/1")
    assert code == 1 and said["error"] == "vault-refused", platform.said()
    assert platform.run("prune", KEEPER_POLICY="24h,7d,4w,6m", KEEPER_CHECK="1/1") == (0, {"checked": True, "pruned": True}), platform.said()
    # The newest of the hour; and the first of all, as restic has it until there are enough.
    left = [it["id"] for it in platform.snapshots()]
    assert len(left) < len(before) and {left[0], left[-1]} == {before[0]["id"], before[-1]["id"]}
    assert platform.run("restore", KEEPER_SNAPSHOT="latest")[0] == 0
    assert platform.run("prune", KEEPER_POLICY="a lot", KEEPER_CHECK="1/1")[1]["error"] == "task-failed"


def test_the_doctor_says_how_old_the_newest_backup_is(platform):
    """By what the storage says of it. Of Redis and a cluster there is nothing here."""
    assert platform.run("backup", KEEPER_BACKUP="0" * 12)[0] == 0, platform.said()
    done = subprocess.run([ROOT / ".build/debug/storectl", "doctor", "--json"], env={**platform.settings, "REDIS_URL": "redis://127.0.0.1:9"},
                          capture_output=True, text=True, timeout=DEADLINE, check=False)
    found = next(it for it in json.loads(done.stdout) if it["check"] == "platform-backup")
    assert (found["grade"], found["message"]) == ("ok", "the platform's own database was saved 0 h ago")


def test_a_repository_without_a_snapshot_and_another_password_are_said_and_leave_the_database(platform):
    before = platform.say("SELECT count(*) FROM stores")
    assert platform.run("restore", KEEPER_SNAPSHOT="0" * 64)[1]["error"] == "no-snapshot"
    platform.password = "another"
    assert platform.run("restore", KEEPER_SNAPSHOT="latest")[1]["error"] == "wrong-key"
    platform.password = PASSWORD
    assert platform.say("SELECT count(*) FROM stores") == before
