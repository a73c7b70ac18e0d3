"""Accounts, quotas and keys under the operator's hand."""

import base64
import pathlib
import secrets

import pytest
from operating import Operating

KEYS = {name: f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}" for name in ("old", "new")}


def account(quiet, email: str) -> dict:
    return next(one for one in quiet("users", "list", "--json").json if one["email"] == email)


def test_an_account_from_its_making_to_its_end(quiet):
    made = quiet("users", "create", "ada@example.org", "--role", "operator", "--json").json
    assert made["role"] == "operator" and len(made["password"]) == 20
    again = quiet("users", "create", "ADA@example.org", code=2)
    assert "has an account already" in again.err
    [(kept,)] = quiet.sql("SELECT password_hash FROM accounts")
    assert kept.startswith("scrypt$15$8$3$") and made["password"] not in kept
    quiet("users", "set-role", "ada@example.org", "admin")
    quiet("users", "disable", "ada@example.org")
    listed = account(quiet, "ada@example.org")
    assert listed["role"] == "admin" and listed["disabled"] is not None
    quiet("users", "enable", "ada@example.org")
    assert account(quiet, "ada@example.org")["disabled"] is None
    reset = quiet("users", "reset-password", "ada@example.org", "--json").json
    assert reset["password"] != made["password"]
    assert quiet.sql("SELECT password_hash FROM accounts") != [(kept,)]
    assert "has no account" in quiet("users", "disable", "eve@example.org", code=2).err
    actions = [entry["action"] for entry in quiet("audit", "--json").json]
    assert actions == [
        "account.reset-password", "account.enable", "account.disable", "account.role", "account.create", "account.create",
    ]


@pytest.mark.parametrize("arguments", [["no-address"], ["ada@example.org", "--role", "king"]])
def test_what_cannot_be_is_refused_with_the_usage(quiet, arguments):
    assert quiet("users", "create", *arguments, code=64).err


def test_a_user_s_quota_counts_before_the_role_s(quiet):
    made = quiet("users", "create", "ada@example.org", "--json").json

    def quota() -> int:
        return quiet.sql("SELECT store_quota(%s, 'user', 100)", made["id"])[0][0]

    assert quota() == 100
    quiet("users", "set-quota", "--role", "user", "7")
    assert quota() == 7
    quiet("users", "set-quota", "--email", "ada@example.org", "9")
    assert quota() == 9
    quiet("users", "set-quota", "--user", made["id"], "default")
    assert quota() == 7
    quiet("users", "set-quota", "--role", "user", "default")
    assert quota() == 100
    assert quiet("users", "set-quota", "9", code=64).err


def test_what_a_header_s_owner_has_becomes_an_account_s(quiet):
    store, _ = quiet.create("Moving House")
    quiet.sql("UPDATE stores SET owner = 'ada' WHERE id = %s", store)
    quiet.sql("INSERT INTO store_usage VALUES ('user:ada', 1) ON CONFLICT (scope) DO UPDATE SET used = 1")
    made = quiet("users", "create", "ada@example.org", "--json").json
    moved = quiet("users", "map-owner", "ada", "ada@example.org", "--json").json
    assert moved["stores"] == 1
    assert quiet.sql("SELECT owner FROM stores WHERE id = %s", store) == [(made["id"],)]
    assert quiet.sql("SELECT scope, used FROM store_usage WHERE scope LIKE 'user:%%' ORDER BY used") == [("user:ada", 0), (f"user:{made['id']}", 1)]
    assert account(quiet, "ada@example.org")["stores"] == 1


def test_an_invitation_is_told_once_and_kept_as_a_hash(quiet):
    told = quiet("users", "invite", "eve@example.org", "--days", "3", "--json").json
    assert told["path"].endswith(told["invitation"])
    [(kept,)] = quiet.sql("SELECT secret_hash FROM invitations")
    assert kept not in told["invitation"] and told["invitation"].split("_")[2] not in kept


def test_credentials_are_sealed_anew_with_the_new_key_and_none_is_lost(stack):
    """Sealed by a worker with the old key; then the new one is put before it, and at last the old one dropped."""
    store = stack.create("Rekeyed")
    stack.settled(store["id"], "ready")
    whole = Operating(stack)
    key = (pathlib.Path(whole.settings["SECRETS_DIR"]) / "credentials-keys").read_text().strip()
    before = whole.sql("SELECT key_id, sealed FROM store_credentials WHERE store_id = %s", store["id"])
    assert before[0][0] == key.split(":")[0]
    said = whole("credentials", "rekey", "--json", CREDENTIALS_KEYS=f"{KEYS['new']},{key}").json
    assert said["changed"] >= 1 and said["failed"] == []
    [(name, _)] = whole.sql("SELECT key_id, sealed FROM store_credentials WHERE store_id = %s", store["id"])
    assert name == "new"
    assert whole("credentials", "rekey", "--json", CREDENTIALS_KEYS=KEYS["new"]).json["changed"] == 0
    # A key that opens nothing changes nothing, and says so.
    lost = whole("credentials", "rekey", "--json", code=3, CREDENTIALS_KEYS=KEYS["old"])
    assert lost.json["changed"] == 0 and store["id"] in lost.out
    assert whole.sql("SELECT key_id FROM store_credentials WHERE store_id = %s", store["id"]) == [("new",)]
    # Back to the key that the running stack has.
    whole("credentials", "rekey", CREDENTIALS_KEYS=f"{key},{KEYS['new']}")
    answer = stack.request("POST", f"/api/stores/{store['id']}/credentials/reveal")
    assert answer.status == 200 and answer.body["user"] == "admin"
