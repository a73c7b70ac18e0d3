"""store-vault before real storages: what each token may do, what is refused, and what a full or absent storage looks like."""

import base64
import hashlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import threading

import pytest
from keepers import Keeper
from ports import free_port
from servers import PostgreSQL, own
from vaults import Vault

STORE, OTHER = "a00000000001", "a00000000002"


class Bucket(Vault):
    """rclone before a stand-in for S3, which keeps everything in memory."""

    def start_storage(self) -> None:
        credentials = self.home / "credentials"
        credentials.write_text("[default]\naws_access_key_id = someone\naws_secret_access_key = something-secret\n")
        own(credentials)
        if "bucket" not in self.processes:
            self.bucket_port = free_port()
            self.run("bucket", self.bucket_port, [os.environ["MOTO_SERVER"], "-H", "127.0.0.1", "-p", str(self.bucket_port)], user=None)
        self.run("storage", self.storage_port, ["rclone", "serve", "restic", "vault:backups/weaver", "--addr", f"127.0.0.1:{self.storage_port}"],
                 RCLONE_CONFIG=str(self.home / "none"), RCLONE_CONFIG_VAULT_TYPE="s3", RCLONE_CONFIG_VAULT_PROVIDER="Other",
                 RCLONE_CONFIG_VAULT_ENDPOINT=f"http://127.0.0.1:{self.bucket_port}", RCLONE_CONFIG_VAULT_REGION="us-east-1", RCLONE_CONFIG_VAULT_ENV_AUTH="true",
                 AWS_SHARED_CREDENTIALS_FILE=str(credentials))

    def start_program(self) -> None:
        super().start_program(VAULT_VOLUME="")


@pytest.fixture(params=[Vault, Bucket], ids=["a volume", "a bucket"])
def vault(request):
    it = request.param()
    yield it
    it.close()


def put(vault: Vault, kind: str, content: bytes, right: str = "append", store: str = STORE) -> tuple[int, str]:
    name = hashlib.sha256(content).hexdigest()
    return vault.ask("POST", f"/{store}/{kind}/{name}", vault.token(store, right), body=content)[0], name


def test_what_is_there_is_neither_overwritten_nor_deleted_by_who_adds(vault):
    append, prune = vault.token(STORE, "append"), vault.token(STORE, "prune")
    assert vault.ask("POST", f"/{STORE}/?create=true", append)[0] == 200
    content = os.urandom(200_000)
    status, name = put(vault, "data", content)
    path = f"/{STORE}/data/{name}"
    assert status == 200
    assert vault.ask("POST", path, append, body=b"something else")[0] == 403
    assert vault.ask("POST", path, append, body=os.urandom(len(content)))[0] == 400
    assert vault.ask("DELETE", path, append)[0] == 403
    assert vault.ask("DELETE", path, vault.token(STORE, "read"))[0] == 403
    # Once more the same: its first answer may have been lost.
    assert put(vault, "data", content)[0] == 200
    assert vault.ask("GET", path, append)[2] == content
    assert vault.ask("GET", path, append, headers={"Range": "bytes=5-9"})[::2] == (206, content[5:10])
    assert vault.ask("HEAD", path, append)[1]["Content-Length"] == "200000"
    assert json.loads(vault.ask("GET", f"/{STORE}/data/", append)[2]) == [{"name": name, "size": 200_000}]

    assert vault.ask("POST", f"/{STORE}/config", append, body=b"config")[0] == 200
    assert vault.ask("POST", f"/{STORE}/config", append, body=b"config")[0] == 403
    assert vault.ask("DELETE", f"/{STORE}/config", append)[0] == 403
    assert put(vault, "snapshots", b"read only", "read")[0] == 403
    for right in ("append", "read"):
        status, lock = put(vault, "locks", right.encode(), right)
        assert status == 200
        assert vault.ask("DELETE", f"/{STORE}/locks/{lock}", vault.token(STORE, right))[0] == 200
    assert vault.ask("DELETE", path, prune)[0] == 200
    assert vault.ask("GET", path, append)[0] == 404


def test_what_is_cut_or_called_wrong_is_not_kept(vault):
    token = vault.token(STORE, "append")
    vault.ask("POST", f"/{STORE}/?create=true", token)
    assert vault.ask("POST", f"/{STORE}/data/{'0' * 64}", token, body=b"x" * 300_000)[0] == 400
    content = os.urandom(1_000_000)
    name = hashlib.sha256(content).hexdigest()
    connection = http.client.HTTPConnection("127.0.0.1", vault.port, timeout=60)
    connection.putrequest("POST", f"/{STORE}/data/{name}")
    connection.putheader("Authorization", "Basic " + base64.b64encode(f"{STORE}:{token}".encode()).decode())
    connection.putheader("Content-Length", str(len(content)))
    connection.endheaders()
    connection.send(content[:900_000])
    connection.close()
    # It comes whole where nothing of the cut one is in its way.
    assert put(vault, "data", content)[0] == 200
    assert vault.ask("GET", f"/{STORE}/data/{name}", token)[2] == content
    assert vault.size(STORE) == 1_000_000


def test_a_token_is_for_one_store_one_right_and_its_time(vault):
    path = f"/{STORE}/config"
    assert vault.ask("GET", path, vault.token(STORE, "read"))[0] == 404
    refused = [
        vault.token(STORE, "read", seconds=-1), vault.token(STORE, "read", key=b"x" * 32), vault.token(STORE, "write"),
        vault.token(STORE, "read")[:-1], "",
    ]
    for token in refused:
        status, headers, _ = vault.ask("GET", path, token, user=STORE)
        assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="vault"'), token
    assert vault.ask("GET", path, vault.token(STORE, "read"), user=OTHER)[0] == 401
    assert vault.ask("GET", path, vault.token(OTHER, "read"))[0] == 403
    assert vault.ask("GET", path, vault.token(STORE, "manage"))[0] == 403
    assert vault.ask("GET", f"/{STORE}/?size", vault.token(STORE, "prune"))[0] == 403
    assert vault.ask("DELETE", f"/{STORE}/", vault.token(STORE, "prune"))[0] == 403
    for path in (f"/{STORE}/../{OTHER}/config", f"/{STORE}/%2e%2e/{OTHER}/config", f"/{STORE}/data/..%2fconfig", "/", f"/{STORE}/tmp/x"):
        assert vault.ask("GET", path, vault.token(STORE, "prune"))[0] == 404
    assert vault.ask("POST", f"/{STORE}/data/{'0' * 64}", vault.token(STORE, "prune"), body=b"", headers={"Content-Length": str(1 << 30)})[0] == 413


def test_a_repository_is_removed_as_a_whole_and_no_other(vault):
    manage = vault.token(STORE, "manage")
    assert vault.size(STORE) == 0
    for store in (STORE, OTHER):
        vault.ask("POST", f"/{store}/?create=true", vault.token(store, "append"))
        vault.ask("POST", f"/{store}/config", vault.token(store, "append"), body=b"config")
        for kind in ("keys", "data", "index", "snapshots", "locks"):
            assert put(vault, kind, kind.encode(), store=store)[0] == 200
    assert vault.size(STORE) == len("configkeysdataindexsnapshotslocks")
    for _ in range(2):
        assert vault.ask("DELETE", f"/{STORE}/", manage)[0] == 204
        assert vault.size(STORE) == 0
    assert not [it for it in vault.folder.rglob("*") if STORE in str(it) and it.is_file()]
    if type(vault) is Vault:
        assert not (vault.folder / STORE).exists()
    assert vault.size(OTHER) == 33


def test_what_is_in_escrow_lies_beside_the_repository_for_who_manages_it_alone(vault):
    manage, content = vault.token(STORE, "manage"), b"sealed to the operator's key"
    status, _, body = vault.ask("GET", f"/{STORE}/escrow/", manage)
    assert status == 404 or json.loads(body) == []
    status, name = put(vault, "escrow", content, "manage")
    path = f"/{STORE}/escrow/{name}"
    assert status == 200
    assert [it["name"] for it in json.loads(vault.ask("GET", f"/{STORE}/escrow/", manage)[2])] == [name]
    assert vault.ask("GET", path, manage)[2] == content
    for right in ("append", "read", "prune"):
        assert vault.ask("GET", path, vault.token(STORE, right))[0] == 403
        assert put(vault, "escrow", b"other", right)[0] == 403
    if type(vault) is Vault:
        assert (vault.folder / STORE / "escrow/keys" / name).read_bytes() == content
    assert vault.ask("DELETE", f"/{STORE}/", manage)[0] == 204
    assert vault.ask("GET", path, manage)[0] == 404
    assert vault.ask("DELETE", "/platform/", vault.token("platform", "manage"))[0] == 403


def test_a_storage_that_is_away_is_said_and_comes_back(vault):
    token = vault.token(STORE, "append")
    vault.stop("storage")
    assert vault.ask("GET", f"/{STORE}/config", token)[0] == 503
    assert put(vault, "data", b"x")[0] == 503
    assert vault.said().count("The vault's storage does not work") == 1
    vault.start_storage()
    assert vault.ask("GET", f"/{STORE}/config", token)[0] == 404
    assert "The vault's storage works again" in vault.said()


class Early(Vault):
    """Before a storage that answers each write at once that it is full, and reads nothing of it."""

    def start_storage(self) -> None:
        self.asked = threading.Event()
        self.server = socket.create_server(("127.0.0.1", self.storage_port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                threading.Thread(target=self.serve, args=(self.server.accept()[0],), daemon=True).start()
            except OSError:
                return

    def serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head and (part := client.recv(4096)):
            head += part
        status = b"507 Insufficient Storage" if head.startswith(b"POST") else b"404 Not Found"
        client.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        if head.startswith(b"POST"):
            self.asked.set()

    def close(self) -> None:
        super().close()
        self.server.close()


def test_a_storage_that_answers_before_it_has_read_all_ends_nothing():
    vault = Early()
    try:
        body = os.urandom(1 << 20)
        token = vault.token(STORE, "append")
        head = (f"POST /{STORE}/data/{hashlib.sha256(body).hexdigest()} HTTP/1.1\r\nHost: vault\r\nContent-Length: {len(body)}\r\n"
                f"Authorization: Basic {base64.b64encode(f'{STORE}:{token}'.encode()).decode()}\r\n\r\n")
        with socket.create_connection(("127.0.0.1", vault.port), timeout=30) as client:
            client.sendall(head.encode() + body[:1000])
            assert vault.asked.wait(30), "the storage was asked"
            client.sendall(body[1000:])
            assert client.recv(4096).startswith(b"HTTP/1.1 507")
        assert vault.ask("GET", f"/{STORE}/config", token)[0] == 404
        assert vault.processes["vault"].poll() is None
    finally:
        vault.close()


@pytest.fixture
def small(tmp_path):
    """A vault on a volume of 24 MiB, of which a backup may take 20."""
    if os.geteuid() != 0:
        pytest.fail("a volume of its own needs root: sudo scripts/test databases")
    folder = pathlib.Path("/tmp") / f"sw-volume-{os.getpid()}"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0777", "none", folder], check=True)
    it = Vault(folder, reserved=4)
    yield it
    it.close()
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()


@pytest.mark.long
def test_a_full_vault_fails_the_backup_by_name_and_keeps_what_it_has(small):
    server = PostgreSQL()
    server.start()
    server.until_usable()
    uploads = small.home / "uploads"
    uploads.mkdir()
    (uploads / "small").write_bytes(os.urandom(100_000))
    own(uploads, uploads / "small")
    keeper = Keeper(small, server, STORE, uploads)
    try:
        taken = keeper.backup()
        (uploads / "large").write_bytes(os.urandom(30_000_000))
        own(uploads / "large")
        code, result = keeper.begin("backup", "append", KEEPER_BACKUP="b00000000002").end()
        assert (code, result["error"]) == (1, "vault-full"), (result, keeper.said())
        assert "The vault's storage is full" in small.said()
        # What was reserved lets pruning work on; then there is room again.
        assert keeper.restore(taken)[0] == 0, keeper.said()
        assert not (uploads / "large").exists()
        assert keeper.prune("b00000000001")[0] == 0, keeper.said()
        assert keeper.backup("b00000000003")["fileBytes"] == 100_000
    finally:
        keeper.close()
        server.close()


@pytest.mark.long
def test_a_full_vault_fails_an_export_and_an_import_by_name_and_keeps_what_it_has(small):
    server = PostgreSQL()
    server.start()
    server.until_usable()
    uploads = small.home / "uploads"
    uploads.mkdir()
    (uploads / "picture").write_bytes(os.urandom(11_000_000))
    own(uploads, uploads / "picture")
    keeper, archive = Keeper(small, server, STORE, uploads), "archive-e00000000001"
    try:
        taken = keeper.backup()
        # As long as the store: there is no room for both.
        code, result = keeper.export(taken, archive)
        assert (code, result["error"]) == (1, "vault-full"), (result, keeper.said())
        assert small.ask("PUT", f"/{archive}/", small.token(archive, "append"), body=os.urandom(15_000_000))[0] == 507
        assert small.ask("GET", f"/{archive}/", small.token(archive, "read"))[0] == 404, "half of it is none"
        # What it left goes as archives go; the backup is as it was.
        assert small.ask("DELETE", f"/{archive}/", small.token(archive, "manage"))[0] == 204
        assert keeper.restore(taken)[0] == 0, keeper.said()
        (uploads / "picture").write_bytes(b"small")
        own(uploads / "picture")
        later = keeper.backup("b00000000002")
        assert keeper.prune("b00000000002", forgotten="b00000000001")[0] == 0, keeper.said()
        assert keeper.export(later, archive)[0] == 0, keeper.said()
    finally:
        keeper.close()
        server.close()


@pytest.mark.long
def test_a_store_is_saved_in_a_bucket_and_brought_back():
    vault, server = Bucket(), PostgreSQL()
    keeper = None
    try:
        server.start()
        server.until_usable()
        keeper = Keeper(vault, server, STORE)
        taken = keeper.backup()
        assert taken["files"] == "" and taken["databaseBytes"] > 0
        server.client("INSERT INTO orders VALUES (2)")
        assert keeper.restore(taken) == (0, {"restored": True, "products": taken["products"], "orders": taken["orders"]}), keeper.said()
        assert server.orders() == 1
        assert keeper.prune("b00000000001")[0] == 0, keeper.said()
        # The same as a file, whose pieces lie in the bucket, and back.
        archive = "archive-e00000000002"
        code, made = keeper.export(taken, archive)
        assert code == 0, (made, keeper.said())
        status, headers, content = vault.ask("GET", f"/{archive}/", vault.token(archive, "read"))
        assert (status, len(content), hashlib.sha256(content).hexdigest()) == (200, made["bytes"], made["sha256"])
        server.client("INSERT INTO orders VALUES (3)")
        assert keeper.load(archive) == (0, {"imported": True, "products": taken["products"], "orders": taken["orders"]}), keeper.said()
        assert server.orders() == 1
        large = os.urandom(20 << 20)
        assert vault.ask("PUT", f"/{archive}/", vault.token(archive, "append"), body=large)[0] == 201
        part = vault.ask("GET", f"/{archive}/", vault.token(archive, "read"), headers={"Range": f"bytes={(8 << 20) - 3}-"})
        assert (part[0], part[2]) == (206, large[(8 << 20) - 3:])
        # The bucket is away: it is said, and nothing is half there afterwards.
        vault.stop("storage")
        assert vault.ask("PUT", f"/{archive}/", vault.token(archive, "append"), body=b"anew")[0] == 503
        assert vault.ask("GET", f"/{archive}/", vault.token(archive, "read"))[0] == 503
        keeper.timeout = 2
        assert keeper.export(taken, archive)[1]["error"] == "vault-away"
        assert keeper.load(archive)[1]["error"] == "vault-away" and server.orders() == 1
        keeper.timeout = 30
        vault.start_storage()
        assert vault.ask("GET", f"/{archive}/", vault.token(archive, "read"))[2] == large
        assert vault.ask("DELETE", f"/{archive}/", vault.token(archive, "manage"))[0] == 204
        assert vault.ask("GET", f"/{archive}/", vault.token(archive, "read"))[0] == 404
        assert "something-secret" not in vault.said()
    finally:
        if keeper:
            keeper.close()
        server.close()
        vault.close()
