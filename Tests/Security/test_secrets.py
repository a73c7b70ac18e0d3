"""Every secret that was generated, looked for in everything that was said."""

import base64
import json
import subprocess

import pytest
from backup_secrets import Gathering, seen_of_programs
from helm_witness import seen_of_helm
from polling import until
from stack import ADMIN_TOKEN

ENGINES = ["woocommerce", "medusa"]
# Names and addresses that the charts fix; nobody generated them.
KNOWN = {"admin", "admin@example.com"}


@pytest.fixture(scope="module")
def run(stack):
    """A store of each engine, and all its secrets; what its data was saved, taken away and brought back with; and the installation's own."""
    stores = [stack.create(f"Secretive {engine}", engine, "keeper") for engine in ENGINES]
    for store in stores:
        assert stack.settled(store["id"], "ready")
    secrets = {}
    for store in stores:
        listed = json.loads(stack.kubectl("--namespace", store["namespace"], "get", "secrets", "--output", "json"))["items"]
        for secret in listed:
            if secret["type"] != "helm.sh/release.v1":
                for key, value in secret["data"].items():
                    text = base64.b64decode(value).decode()
                    if text not in KNOWN:
                        secrets[f"{secret['metadata']['name']}.{key}"] = text
    # What seals credentials, signs sessions and opens the vault, as scripts/up made it; and what the tests gave it.
    for file in stack.secrets.iterdir():
        secrets[file.name] = file.read_text().strip().split(":", 1)[-1]
    secrets["escrow-private"] = stack.escrow.read_text().strip().split(":", 1)[-1]
    gathering = Gathering(stack)
    gathering.backup(stores[0])
    gathering.load(gathering.export(stores[0]), ENGINES[0], "keeper")
    assert {"backup.password", "backup.repository", "export.password", "export.repository", "export.archive", "import.archive"} <= gathering.secrets.keys()
    secrets |= gathering.secrets
    assert {"credentials-keys", "auth-keys", "vault-keys", "archive-keys", "platform-backup-password", "escrow-private"} <= secrets.keys()
    stack.seen = gathering.seen
    return stores, secrets


def leaks(secrets, where):
    """Names of the secrets, and where they stand; the secrets themselves are not printed."""
    encoded = {name: (text, base64.b64encode(text.encode()).decode()) for name, text in secrets.items()}
    return sorted(f"{name} in {place}" for place, text in where.items() for name, forms in encoded.items() if any(form in text for form in forms))


def test_the_search_finds_what_is_there(run):
    _, secrets = run
    assert len(secrets) >= 15
    assert all(len(text) >= 16 for text in secrets.values())
    name, text = next(iter(secrets.items()))
    assert leaks(secrets, {"a log": f"password={text}"}) == [f"{name} in a log"]
    assert leaks(secrets, {"a log": base64.b64encode(text.encode()).decode()}) == [f"{name} in a log"]


def test_the_owner_is_shown_what_opens_the_store(stack, run):
    """Before the searches: what is revealed must not have gone anywhere else."""
    stores, secrets = run
    for store, secret in zip(stores, ["wordpress-secret", f"{stores[1]['id']}-secret"], strict=True):
        path = f"/api/stores/{store['id']}/credentials/reveal"
        assert stack.request("POST", path, user="somebody else").status == 404
        answer = stack.request("POST", path, user="keeper")
        assert answer.status == 200
        assert answer.body["password"] == secrets[f"{secret}.admin-password"]
        assert answer.body["user"] in KNOWN
        assert answer.headers["Cache-Control"] == "no-store"
        entries = stack.admin("GET", f"/api/admin/audit?action=credentials.reveal&target={store['id']}").body["entries"]
        told = [(entry["actor"], entry["outcome"], entry["address"]) for entry in entries]
        assert told == [("keeper", "done", "127.0.0.1"), ("somebody else", "refused", "127.0.0.1")]


def test_a_new_password_is_made_when_it_is_asked_for(stack, run):
    """The Secret has it, the setup step is told by a number, and who reveals gets the new one. The old one is looked for no less."""
    stores, secrets = run
    store = stores[0]
    path = f"/api/stores/{store['id']}/credentials"
    assert stack.request("POST", f"{path}/regenerate", user="somebody else").status == 404
    before = stack.request("POST", f"{path}/reveal", user="keeper").body["password"]
    answer = stack.request("POST", f"{path}/regenerate", user="keeper")
    assert answer.status == 202 and (answer.body["store"]["status"], answer.body["store"]["activity"]) == ("ready", "renewing-password")
    assert stack.request("POST", f"{path}/regenerate", user="keeper").status == 409
    until(lambda: stack.store(store["id"])["activity"] is None, "the new password")
    assert stack.store(store["id"])["changeError"] is None
    after = stack.request("POST", f"{path}/reveal", user="keeper").body["password"]
    assert after != before and len(after) == 32
    secret = json.loads(stack.kubectl("--namespace", store["namespace"], "get", "secret", "wordpress-secret", "--output", "json"))
    assert base64.b64decode(secret["data"]["admin-password"]).decode() == after
    assert secret["metadata"]["annotations"]["store-weaver.dev/admin-revision"] == "1"
    store = json.loads(stack.kubectl("--namespace", store["namespace"], "get", "configmaps", "--output", "json"))
    assert any('"adminRevision":1' in text for one in store["items"] for text in one.get("data", {}).values())
    secrets["the new admin-password"] = after


def test_no_secret_stands_in_a_log(stack, run):
    _, secrets = run
    logs = stack.logs()
    assert "store-api.log" in logs and any("worker" in name for name in logs)
    assert leaks(secrets | {"ADMIN_TOKEN": ADMIN_TOKEN}, logs) == []


def test_no_secret_stands_in_an_answer(stack, run):
    stores, secrets = run
    answers = {}
    paths = ["/api/stores", "/api/health"]
    for store in stores:
        paths += [f"/api/stores/{store['id']}{part}" for part in ("", "/status", "/detail", "/log", "/attempts", "/health", "/logs")]
    for path in paths:
        answer = stack.request("GET", path)
        assert answer.status < 500, (path, answer)
        answers[path] = json.dumps(answer.body)
    for path in [f"/api/stores/{stores[0]['id']}/{part}" for part in ("backups", "exports")] + ["/api/imports", "/api/stores/deleted"]:
        answers[path] = json.dumps(stack.request("GET", path, user="keeper").body)
    for path in ("/api/admin/jobs", "/api/admin/queue", "/api/admin/workers", "/api/admin/audit"):
        answers[path] = json.dumps(stack.admin("GET", path).body)
    assert leaks(secrets, answers) == []


def test_no_secret_stands_in_the_records_or_the_queue(stack, run):
    _, secrets = run
    script = 'pg_dump "$DATABASE_URL"; redis-cli -u "$REDIS_URL" --scan | while read -r key; do redis-cli -u "$REDIS_URL" dump "$key"; done'
    line = f'set -e; for part in common processes servers stack; do . scripts/lib/$part.sh; done; load_stack; {script}'
    dump = subprocess.run(["bash", "-c", line], env=stack.environment, capture_output=True, check=True).stdout.decode(errors="replace")
    assert all(store["id"] in dump for store in run[0])
    assert leaks(secrets, {"the dump": dump}) == []


def test_no_secret_stands_in_the_cluster_but_in_a_secret(stack, run):
    _, secrets = run
    assert len(stack.seen) == 3 and all('"kind": "Job"' in text and "KEEPER_TASK" in text for text in stack.seen.values())
    assert leaks(secrets, stack.seen) == []


def test_no_program_has_a_secret_in_its_arguments_or_its_environment(stack, run):
    _, secrets = run
    seen = seen_of_programs(stack)
    for name in ("store-api", "store-worker-1", "cluster-sim"):
        assert name.removesuffix("-1") in seen[f"the cmdline of {name}"] and "PATH=" in seen[f"the environ of {name}"]
    assert leaks(secrets, seen) == []
    assert leaks({"ADMIN_TOKEN": ADMIN_TOKEN}, {name: text for name, text in seen.items() if "cmdline" in name}) == []


def test_no_secret_can_be_seen_of_helm(stack, run):
    """Arguments and environment of every Helm that ran, and of the guards; with the platform's own secrets."""
    _, secrets = run
    # scripts/up asks for the version, too, with the settings of who called it.
    seen = {name: text for name, text in seen_of_helm(stack.helm_folder).items() if "{{.Version}}" not in text.split("--environ--")[0]}
    assert any("upgrade" in text for text in seen.values())
    assert any(name.endswith(".guard") for name in seen)
    assert all("--environ--" in text for text in seen.values())
    assert leaks(secrets | {"ADMIN_TOKEN": ADMIN_TOKEN}, seen) == []
    for text in seen.values():
        environment = text.split("--environ--\n")[1]
        names = {line.split("=", 1)[0] for line in environment.splitlines()}
        assert not names & {"DATABASE_URL", "REDIS_URL", "ADMIN_TOKEN", "CREDENTIALS_KEYS", "AUTH_KEYS"}
