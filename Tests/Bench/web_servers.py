"""The servers that bench_api.py sends requests to: ours, and peers that answer the same routes from the same rows."""

import contextlib
import os
import pathlib
import subprocess

from asking import ask
from contenders import PEERS
from http_load import READER
from measuring import BIN, HERE, ROOT, Servers, process
from polling import until
from ports import free_port

HTTP_PEERS = HERE / "peers/http"
COLUMNS = (
    "id,name,engine,status,namespace,owner,url,error_message,created_at,updated_at,provisioning_started_at,ready_at,"
    "replicas,pods_running,pod_restarts"
)
# Both the reader's: one as it was recorded, and one of which everything is there that an operator sees of a store that runs.
STORE, RUNNING = f"a{7:011x}", f"a{107:011x}"
# Twelve resources, ten events of Kubernetes, twelve of the worker, four Secrets, and the job that made it.
RUNS = """
INSERT INTO store_snapshots (
    store_id, taken_at, term, resource_kinds, resource_names, resource_statuses, resource_replicas, resources_made_at,
    event_times, event_kinds, event_messages, quotas)
SELECT %s, now(), 1, r.*, e.*, '{500m,2,1Gi,4Gi,2,4}' FROM
    (SELECT array_agg((ARRAY['Deployment', 'StatefulSet', 'Service', 'Pod', 'Ingress', 'PersistentVolumeClaim'])[mod(n, 6) + 1]),
            array_agg('store-seed-107-part-' || n), array_agg('Running'::text), array_agg('1/1'::text), array_agg(to_timestamp(1795000000 + n))
       FROM generate_series(1, 12) n) r,
    (SELECT array_agg(to_timestamp(1795000000 + n)), array_agg('Normal'::text), array_agg('Pulled: Container image is present on the machine, ' || n)
       FROM generate_series(1, 10) n) e;
INSERT INTO store_releases (store_id, fence, secret_names, secrets_made_at)
    SELECT %s, 1, array_agg('store-seed-107-secret-' || n), array_agg(to_timestamp(1795000000 + n)) FROM generate_series(1, 4) n;
INSERT INTO store_events (store_id, kind, message, source)
    SELECT %s, 'Normal', 'Step ' || n || ' of the provision is done', 'worker' FROM generate_series(1, 12) n;
INSERT INTO jobs (store_id, kind, namespace, owner, state) SELECT id, 'provision', namespace, owner, 'succeeded' FROM stores WHERE id = %s
"""
OURS, GO, EXPRESS, FASTAPI = "ours", "Go net/http, pgx", "Express, pg", "FastAPI, asyncpg"


def fill(servers: Servers, stores: int) -> None:
    """Ready stores of a hundred owners, and the tables of the peers."""
    subprocess.run([BIN / "storectl", "migrate"], env=servers.environment(), check=True, stdout=subprocess.DEVNULL)
    servers.sql(
        "INSERT INTO stores (id, name, engine, status, namespace, owner)"
        " SELECT 'a' || lpad(to_hex(i), 11, '0'), 'Load ' || i, 'woocommerce', 'provisioning', 'store-seed-' || i, 'owner-' || mod(i, 100)"
        " FROM generate_series(1, %s::integer) i", stores,
    )
    servers.sql("UPDATE stores SET status = 'ready', url = 'http://' || namespace || '.localhost', ready_at = now()")
    servers.sql((HTTP_PEERS / "schema.sql").read_text())
    for statement in RUNS.split(";"):
        servers.sql(statement, RUNNING)
    servers.sql("VACUUM ANALYZE")


def command(name: str, servers: Servers, node_path: str) -> tuple[list, dict[str, str]]:
    if name == OURS:
        return [BIN / "store-api"], {
            "HOST": "127.0.0.1", "LOG_LEVEL": "warning", "MAX_STORES": "1000000", "MAX_STORES_PER_USER": "1000000",
            # Requests are counted, but none is too many.
            "RATE_LIMIT_PER_USER": "10000000", "RATE_LIMIT_PER_ADDRESS": "10000000",
        }
    if name == GO:
        program = servers.folder / "go-peer"
        build = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(servers.folder / "go-cache")}
        subprocess.run(["go", "build", "-o", program, "."], cwd=HTTP_PEERS / "go", env=build, check=True)
        return [program], {"ENQUEUE_SCRIPT": str(HTTP_PEERS / "enqueue.lua")}
    if name == EXPRESS:
        return ["node", HTTP_PEERS / "express_peer.js"], {"NODE_PATH": node_path, "NODE_ENV": "production"}
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    return [PEERS / "bin/uvicorn", "fastapi_peer:app", *options, "--app-dir", HTTP_PEERS], {}


class WebServer:
    def __init__(self, name: str, servers: Servers, stack: contextlib.ExitStack) -> None:
        self.name, self.port = name, free_port()
        words, settings = command(name, servers, os.environ.get("EXPRESS_MODULES", "/usr/share/nodejs"))
        if name == FASTAPI:
            words += ["--port", self.port]
        environment = servers.environment(PORT=str(self.port), COLUMNS_READ=COLUMNS, **settings)
        log: pathlib.Path = servers.folder / f"{name.split(',')[0].replace('/', '-')}.log"
        self.pid = stack.enter_context(process(words, environment, log, ROOT)).pid
        try:
            until(self.answers, name, 20)
        except AssertionError:
            print(log.read_text())
            raise

    def answers(self) -> bool:
        try:
            return "Load 7" in ask(f"http://127.0.0.1:{self.port}/api/stores/{STORE}", headers={"X-User-Id": READER}, timeout=2).text
        except OSError:
            return False
