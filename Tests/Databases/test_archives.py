"""A backup becomes one file in the vault, which any tar opens, and which is there whole or does not count."""

import hashlib
import io
import json
import os
import random
import tarfile

import pytest
from servers import MySQL, PostgreSQL
from test_keeper import data, keeper, server, uploads, vault  # noqa: F401  # their fixtures


@pytest.fixture
def archive():
    return f"archive-{random.getrandbits(48):012x}"


def fetch(vault, archive: str, **headers: str):
    return vault.ask("GET", f"/{archive}/", vault.token(archive, "read"), headers=headers)


def test_an_export_is_a_tar_file_with_the_database_and_the_uploads(keeper, data, uploads, vault, archive):
    long = "x" * 120 + ".jpg"
    (uploads / "2026/11" / long).write_bytes(b"long")
    (uploads / "link").symlink_to("/etc/passwd")
    os.chown(uploads / "2026/11" / long, (uploads / "Zoë's.txt").stat().st_uid, -1)
    data.order()
    taken = keeper.backup()
    code, made = keeper.export(taken, archive)
    assert code == 0, (made, keeper.said())
    status, headers, content = fetch(vault, archive)
    assert (status, len(content), hashlib.sha256(content).hexdigest()) == (200, made["bytes"], made["sha256"])
    assert headers["ETag"] == f'"{made["sha256"]}"' and headers["Accept-Ranges"] == "bytes"

    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        names = tar.getnames()
        assert names[:3] == ["README.txt", "manifest.json", "database.sql"]
        assert {"uploads/2026/11/tee.jpg", "uploads/Zoë's.txt", f"uploads/2026/11/{long}"} < set(names) and "uploads/link" not in names
        assert json.load(tar.extractfile("manifest.json"))["engine"] == data.engine
        dump = tar.extractfile("database.sql").read()
        assert len(dump) == taken["databaseBytes"] and (b"-- Dump completed" in dump or b"PostgreSQL database dump complete" in dump)
        assert tar.extractfile("uploads/2026/11/tee.jpg").read() == (uploads / "2026/11/tee.jpg").read_bytes()

    status, headers, part = fetch(vault, archive, Range=f"bytes={made['bytes'] - 1000}-")
    assert (status, part) == (206, content[-1000:])
    assert headers["Content-Range"] == f"bytes {made['bytes'] - 1000}-{made['bytes'] - 1}/{made['bytes']}"
    assert fetch(vault, archive, Range=f"bytes={made['bytes']}-")[0] == 416
    assert vault.ask("DELETE", f"/{archive}/", vault.token(archive, "manage"))[0] == 204
    assert fetch(vault, archive)[0] == 404


def test_an_export_that_cannot_be_made_has_a_code_of_its_own(keeper, data, vault, archive):
    taken = keeper.backup()
    assert keeper.export({**taken, "snapshot": "0" * 64}, archive)[1]["error"] == "no-snapshot"
    assert keeper.export(taken, archive, right="read")[1]["error"] == "vault-refused"
    code, result = keeper.export({**taken, "files": taken["snapshot"], "snapshot": taken["files"]}, archive)
    assert (code, result["error"]) == (1, "export-failed"), result


def test_a_token_opens_its_own_archive_for_its_own_purpose(vault, archive):
    other = "archive-" + "0" * 12
    whole = os.urandom(20 << 20)
    assert vault.ask("PUT", f"/{archive}/", vault.token(archive, "append"), body=whole)[0] == 201
    for method, path, right in [
        ("GET", archive, "append"), ("DELETE", archive, "append"), ("PUT", archive, "read"), ("PUT", archive, "prune"), ("GET", other, "read"),
        ("DELETE", other, "manage"), ("PUT", other, "append"), ("GET", archive, "manage")]:
        assert vault.ask(method, f"/{path}/", vault.token(archive, right), body=b"x" if method == "PUT" else None)[0] == 403, (method, path, right)
    # Whoever may sign tokens for archives may not sign them for stores.
    store = "a00000000001"
    assert vault.ask("GET", f"/{store}/config", vault.token(store, "read", key=b"a" * 32))[0] == 401
    assert vault.ask("GET", f"/{archive}/", vault.token(archive, "read", key=b"k" * 32))[0] == 401
    assert vault.ask("GET", f"/{archive}/config", vault.token(archive, "read"))[0] == 404
    # In the middle of the pieces that the vault keeps it in.
    assert fetch(vault, archive, Range=f"bytes={(8 << 20) - 3}-{(8 << 20) + 2}")[2] == whole[(8 << 20) - 3:(8 << 20) + 3]
    assert fetch(vault, archive)[2] == whole
    assert vault.ask("PUT", f"/{archive}/", vault.token(archive, "append"), body=b"anew")[0] == 201
    assert fetch(vault, archive)[2] == b"anew"


def pack(*entries) -> bytes:
    """A tar file of what is given: names and contents, or whole headers."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name, what in entries:
            header = what if isinstance(what, tarfile.TarInfo) else tarfile.TarInfo(name)
            header.name = name
            header.size = len(what) if isinstance(what, bytes) else 0
            tar.addfile(header, io.BytesIO(what) if isinstance(what, bytes) else None)
    return content.getvalue()


def send(vault, archive: str, content: bytes) -> None:
    assert vault.ask("PUT", f"/{archive}/", vault.token(archive, "append"), body=content)[0] == 201


def of_kind(kind: bytes, target: str = "") -> tarfile.TarInfo:
    header = tarfile.TarInfo()
    header.type, header.linkname = kind, target
    return header


def test_an_import_puts_the_archive_in_the_place_of_what_there_is(keeper, data, uploads, vault, archive):
    text = data.text()
    data.order()
    code, made = keeper.export(keeper.backup(), archive)
    assert code == 0, made
    picture = (uploads / "2026/11/tee.jpg").read_bytes()
    data.order()
    data.say("CREATE TABLE made_since (id int)")
    (uploads / "2026/11/tee.jpg").write_bytes(b"defaced")
    (uploads / "surplus").write_text("x")
    for _ in range(2):
        code, said = keeper.load(archive)
        assert code == 0 and said["imported"], keeper.said()
        assert (data.orders(), data.text()) == (1, text)
        assert data.server.client("SELECT * FROM made_since").returncode != 0
        assert (uploads / "2026/11/tee.jpg").read_bytes() == picture and (uploads / "Zoë's.txt").read_text() == "kept"
        assert not (uploads / "surplus").exists()
    # The tables are the store's own, as they were.
    data.order()
    data.say("DROP TABLE " + ("wp_options" if data.engine == "woocommerce" else "product"))


FIRST = [("README.txt", b"hello"), ("manifest.json", b"{}")]
HOSTILE = {
    "no tar file": (b"PK" + bytes(5000), "bad-archive"),
    "empty": (bytes(1024), "bad-archive"),
    "without a database": (pack(*FIRST), "bad-archive"),
    "above its folder": (pack(*FIRST, ("database.sql", b"-- PostgreSQL database dump complete\n"), ("uploads/../../escaped", b"x")), "bad-archive"),
    "absolute": (pack(*FIRST, ("/etc/escaped", b"x")), "bad-archive"),
    "a link": (pack(*FIRST, ("database.sql", b"-- PostgreSQL database dump complete\n"), ("uploads/l", of_kind(tarfile.SYMTYPE, "/tmp"))), "bad-archive"),
    "a hard link": (pack(*FIRST, ("database.sql", b"-- PostgreSQL database dump complete\n"), ("uploads/l", of_kind(tarfile.LNKTYPE, "/etc/passwd"))),
                    "bad-archive"),
    "a device": (pack(*FIRST, ("database.sql", b"-- PostgreSQL database dump complete\n"), ("uploads/d", of_kind(tarfile.CHRTYPE))), "bad-archive"),
    "cut": (pack(*FIRST, ("database.sql", b"SELECT 1;\n" * 2000))[:9000], "bad-archive"),
    "a database that is cut": (pack(*FIRST, ("database.sql", b"CREATE TABLE half (id int);\n")), "load-failed"),
}


@pytest.mark.parametrize("server", [PostgreSQL], indirect=True)
@pytest.mark.parametrize("name", HOSTILE)
def test_an_archive_that_is_none_is_refused(keeper, vault, archive, tmp_path, name):
    content, expected = HOSTILE[name]
    send(vault, archive, content)
    code, result = keeper.load(archive)
    assert (code, result["error"]) == (1, expected), (result, keeper.said())
    assert not list(tmp_path.rglob("escaped")) and not os.path.exists("/etc/escaped")


END = b"\n-- PostgreSQL database dump complete\n"
STATEMENTS = {
    "a command of psql": b"SELECT 1;\n\\! touch MARK\n",
    "a command behind a statement": b"SELECT 1 \\! touch MARK\n;\n",
    "a command after the restriction's end": b"\\unrestrict 0123456789\n\\! touch MARK\n",
    "output into a program": b"SELECT 1 \\g |touch MARK\n",
    "a program of the server": b"CREATE TABLE t (l text);\nCOPY t FROM PROGRAM 'touch MARK; echo x';\n",
    "a file of the server": b"CREATE TABLE t (l text);\nCOPY t TO 'MARK';\n",
    "another role": b"SET ROLE medusa;\nCREATE TABLE t (l text);\nCOPY t FROM PROGRAM 'touch MARK; echo x';\n",
}


# What a dump may bring that runs later, with the rights of the store's own user, which may do all; and a word of the refusal.
TABLE = b"CREATE TABLE public.product (id text, deleted_at timestamptz);\n"
BODY = b"RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN COPY public.product TO PROGRAM 'touch MARK'; RETURN NEW; END $$;\n"
EXECUTABLES = {
    "a function": (b"CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n", "function public.f()"),
    "a trigger": (TABLE + b"CREATE FUNCTION public.f() " + BODY + b"CREATE TRIGGER t AFTER INSERT ON public.product EXECUTE FUNCTION public.f();\n",
                  "function public.f(), trigger t on public.product"),
    "a trigger of PostgreSQL's own": (TABLE + b"CREATE TRIGGER t BEFORE UPDATE ON public.product FOR EACH ROW "
                                      b"EXECUTE FUNCTION suppress_redundant_updates_trigger();\n", "trigger t on public.product"),
    "a procedure": (b"CREATE PROCEDURE public.p() LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;\n", "procedure public.p()"),
    "a rule": (TABLE + b"CREATE RULE r AS ON INSERT TO public.product DO ALSO DELETE FROM public.product;\n", "rule r on public.product"),
    "a view": (b"CREATE VIEW public.product AS SELECT current_user::text AS id, NULL::timestamptz AS deleted_at;\n", "view public.product"),
    "a policy": (TABLE + b"CREATE POLICY p ON public.product USING (true);\n", "policy p on public.product"),
    "an operator": (b"CREATE OPERATOR public.=== (FUNCTION = texteq, LEFTARG = text, RIGHTARG = text);\n", "operator public.==="),
    "a cast": (b"CREATE TYPE public.t AS ENUM ('a');\nCREATE CAST (public.t AS xml) WITH INOUT AS ASSIGNMENT;\n", "cast (public.t AS pg_catalog.xml)"),
    "a default that writes files": (b"CREATE TABLE public.product (id int DEFAULT lo_import('MARK'), deleted_at timestamptz);\n", "a call of lo_import"),
    "a quoted one": (b"CREATE TABLE public.product (id text DEFAULT \"pg_catalog\".\"current_setting\"('MARK'));\n", "a call of current_setting"),
    "a check that reads": (TABLE + b"ALTER TABLE public.product ADD CHECK (id <> query_to_xml('SELECT 1', true, true, '')::text);\n", "a call of query_to_xml"),
    "a domain": (b"CREATE DOMAIN public.d AS text DEFAULT current_setting('MARK');\n", "a call of current_setting in d"),
    "an index": (TABLE + b"CREATE INDEX i ON public.product (repeat(id, 2));\n", "a call of repeat in public.i"),
    "an extension": (b"CREATE EXTENSION pg_trgm;\n", "extension"),
    "an event trigger": (b"CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION suppress_redundant_updates_trigger();\n", "event trigger"),
    "a role": (b"CREATE ROLE mallory SUPERUSER;\n", "to create"),
    "a schema": (b"CREATE SCHEMA other;\n", "permission denied for database"),
}


# Of each of both ways one in the suite backups, too.
SOME = ("a trigger", "a default that writes files")


@pytest.mark.parametrize("server", [PostgreSQL], indirect=True)
@pytest.mark.parametrize("name", [it if it in SOME else pytest.param(it, marks=pytest.mark.long) for it in EXECUTABLES])
def test_a_dump_that_brings_what_runs_later_is_refused_with_its_name(keeper, data, vault, archive, tmp_path, name):
    mark = tmp_path / "uploads/mark"
    content, word = EXECUTABLES[name]
    send(vault, archive, pack(*FIRST, ("database.sql", content.replace(b"MARK", str(mark).encode()) + END)))
    code, result = keeper.load(archive)
    assert (code, result["error"]) == (1, "load-failed") and word in result["message"], (result, keeper.said())
    assert not mark.exists()
    assert data.say("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == "0", "nothing of it is left"
    assert data.say("SELECT count(*) FROM pg_proc WHERE oid >= 16384") == "0"


# As Medusa's migrations write it.
USUAL = b"""
CREATE TYPE public.order_status_enum AS ENUM ('pending', 'it''s (so)');
CREATE TABLE public.product (id text NOT NULL PRIMARY KEY, handle character varying(255) DEFAULT 'a(b)'::character varying(20), status text DEFAULT 'draft',
    kind public.order_status_enum DEFAULT 'it''s (so)', amount numeric(10,2) DEFAULT 0, metadata jsonb, created_at timestamptz DEFAULT now() NOT NULL,
    deleted_at timestamptz, CONSTRAINT product_status_check CHECK (status IN ('draft', 'published')));
CREATE TABLE public."order" (id serial PRIMARY KEY, is_draft_order boolean DEFAULT false NOT NULL, deleted_at timestamptz,
    product_id text REFERENCES public.product (id) ON DELETE CASCADE);
CREATE UNIQUE INDEX "IDX_product_handle" ON public.product (handle) WHERE deleted_at IS NULL;
CREATE INDEX "IDX_product_metadata" ON public.product USING gin (metadata);
CREATE INDEX "IDX_product_lower" ON public.product (lower(handle));
CREATE TABLE public.parts (kind text) PARTITION BY LIST (kind);
CREATE TABLE public.parts_one PARTITION OF public.parts FOR VALUES IN ('one');
INSERT INTO public.product (id) VALUES ('1');
INSERT INTO public."order" (product_id) VALUES ('1');
"""


@pytest.mark.parametrize("server", [PostgreSQL], indirect=True)
def test_a_dump_with_what_medusa_needs_becomes_the_stores_own(keeper, data, vault, archive):
    send(vault, archive, pack(*FIRST, ("database.sql", USUAL + END)))
    assert keeper.load(archive) == (0, {"imported": True, "products": 1, "orders": 1}), keeper.said()
    foreign = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner <> 'medusa'::regrole"
    assert data.say(foreign) == "0" and data.say("SELECT count(*) FROM pg_roles WHERE rolname = 'weaver_import'") == "0"
    data.order()


MYSQL_END = b"\n-- Dump completed\n"
REACHING = {
    "a procedure of root's": (b"CREATE DEFINER=`root`@`localhost` PROCEDURE p() DELETE FROM mysql.user;\n", "1227"),
    "an event of root's": (b"CREATE DEFINER=`root`@`localhost` EVENT e ON SCHEDULE EVERY 1 SECOND DO SELECT 1;\n", "1227"),
    "a trigger of root's": (b"CREATE TABLE wp_posts (id int);\n"
                            b"CREATE DEFINER=`root`@`localhost` TRIGGER t BEFORE INSERT ON wp_posts FOR EACH ROW SET NEW.id = 1;\n", "1227"),
    "a user": (b"CREATE USER mallory;\n", "1227"),
    "a function of a library": (b"CREATE FUNCTION s RETURNS STRING SONAME 'evil.so';\n", "denied"),
    "a file": (b"SELECT 'x' INTO OUTFILE 'MARK';\n", "denied"),
    "another database": (b"USE mysql;\nUPDATE user SET Super_priv = 'Y';\n", "denied"),
}


@pytest.mark.parametrize("server", [MySQL], indirect=True)
@pytest.mark.parametrize("name", REACHING)
def test_a_dump_of_mysql_gets_no_further_than_the_stores_own_user(keeper, vault, archive, tmp_path, name):
    """What it brings runs with the rights of that user, which has its own database alone: as WordPress does, and its plugins."""
    mark = tmp_path / "uploads/mark"
    statement, word = REACHING[name]
    send(vault, archive, pack(*FIRST, ("database.sql", statement.replace(b"MARK", str(mark).encode()) + MYSQL_END)))
    code, result = keeper.load(archive)
    assert (code, result["error"]) == (1, "load-failed") and word in result["message"], (result, keeper.said())
    assert not mark.exists()


@pytest.mark.parametrize("server", [PostgreSQL], indirect=True)
@pytest.mark.parametrize("name", STATEMENTS)
def test_a_dump_that_would_run_programs_is_not_loaded(keeper, data, vault, archive, tmp_path, name):
    mark = tmp_path / "uploads/mark"
    send(vault, archive, pack(*FIRST, ("database.sql", STATEMENTS[name].replace(b"MARK", str(mark).encode()) + END)))
    code, result = keeper.load(archive)
    assert (code, result["error"]) == (1, "load-failed"), (result, keeper.said())
    assert not mark.exists()
