"""The faults: what each does, and the seeded schedule by which they strike."""

import dataclasses
import random
import signal
import threading
import time

import redis
from asking import Refused
from installation import Installation, Program
from polling import until
from wires import FORGED, Wire


@dataclasses.dataclass
class Strike:
    """One fault at one moment. `draw` is the schedule's own random number, so that the seed repeats what is struck and for how long."""

    at: float
    kind: str
    draw: float


@dataclasses.dataclass
class Kill:
    """A worker that died with these jobs running, by the wall clock."""

    at: float
    jobs: list[int]


def schedule(seed: int, span: float, kinds: dict[str, int]) -> list[Strike]:
    """Every kind as often as it says, in random order, at random moments from 0 to `span`."""
    source = random.Random(seed)
    order = [kind for kind, count in kinds.items() for _ in range(count)]
    source.shuffle(order)
    moments = sorted(source.uniform(0, span) for _ in order)
    return [Strike(moment, kind, source.random()) for moment, kind in zip(moments, order, strict=True)]


class Faults:
    """Each method hurts one part and repairs it again by itself; what takes long goes on in a thread of its own.

    `pause`: how long a killed worker stays away, in seconds, from and to."""

    def __init__(self, installation: Installation, pause: tuple[float, float] = (0.5, 5)) -> None:
        self.installation = installation
        self.pause = pause
        self.counts: dict[str, int] = {kind: 0 for kind in KINDS | WIRES}
        self.kills: list[Kill] = []
        self._lost: set[int] = set()
        self.refused: list[str] = []
        self._busy = {program.name: threading.Lock() for program in (*installation.workers, *installation.apis)}
        self._slow = threading.Lock()
        self._servers = {"redis": threading.Lock(), "postgres": threading.Lock()}
        self._wires = {server: threading.Lock() for server in SERVERS}
        self._threads: list[threading.Thread] = []

    def strike(self, strike: Strike) -> None:
        def run() -> None:
            try:
                (KINDS | WIRES)[strike.kind](self, strike.draw)
                self.counts[strike.kind] += 1
            except Exception as error:  # Whatever it is, it is told at the end: a fault that does not strike proves nothing.
                self.refused.append(f"{strike.kind}: {error!r}")

        thread = threading.Thread(target=run, name=strike.kind, daemon=True)
        thread.start()
        self._threads.append(thread)

    def wait(self) -> None:
        for thread in self._threads:
            thread.join(400)

    def heal(self) -> None:
        """Ends what still lasts in the cluster."""
        self.installation.kubernetes("DELETE", "/simulator/faults")
        for wire in self.installation.wires.all:
            wire.mode = "pass"

    # Programs

    def _one(self, programs: list[Program], draw: float) -> Program:
        return programs[int(draw * len(programs))]

    def _span(self, draw: float, low: float, high: float) -> float:
        # Of the same draw, but not in step with the choice of the program.
        return low + (draw * 7919 % 1) * (high - low)

    def worker_kill(self, draw: float) -> None:
        worker = self._one(self.installation.workers, draw)
        with self._busy[worker.name]:
            held = self.installation.sql("SELECT id, fence FROM jobs WHERE state = 'running' AND worker = %s", worker.name)
            # What an earlier kill of the same worker took is its doing.
            self.kills.append(Kill(time.time(), [job for job, fence in held if fence not in self._lost]))
            self._lost.update(fence for _, fence in held)
            worker.kill()
            time.sleep(self._span(draw, *self.pause))
            worker.start()

    def worker_freeze(self, draw: float) -> None:
        worker = self._one(self.installation.workers, draw)
        with self._busy[worker.name]:
            worker.freeze()
            # Some within the lease, most beyond it.
            lease = self.installation.lease.lease
            time.sleep(self._span(draw, lease / 3, lease * 1.8))
            worker.thaw()

    def worker_rollout(self, draw: float) -> None:
        worker = self._one(self.installation.workers, draw)
        with self._busy[worker.name]:
            worker.end()
            worker.start()

    def api_kill(self, draw: float) -> None:
        api = self._one(self.installation.apis, draw)
        with self._busy[api.name]:
            api.kill()
            time.sleep(self._span(draw, 0.2, 2))
            api.start()

    def api_freeze(self, draw: float) -> None:
        api = self._one(self.installation.apis, draw)
        with self._busy[api.name]:
            api.freeze()
            time.sleep(self._span(draw, 1, 6))
            api.thaw()

    def _worker_with_helm(self, draw: float) -> Program:
        """A worker whose Helm changes a namespace right now, and will take longer about it than the lease lasts."""
        installation = self.installation
        found: list[Program] = []

        def at_work() -> bool:
            namespaces = installation.helm_namespaces(since)
            rows = installation.sql("SELECT DISTINCT worker FROM jobs WHERE state = 'running' AND namespace = ANY(%s)", list(namespaces))
            names = {row[0] for row in rows}
            found[:] = [worker for worker in installation.workers if worker.name in names and not worker.frozen]
            return bool(found)

        with self._slow:
            since = time.clock_gettime(time.CLOCK_BOOTTIME)
            installation.slow.write_text("30\n")
            try:
                until(at_work, "a Helm at work", 240)
            finally:
                installation.slow.unlink()
        return self._one(found, draw)

    def worker_kill_with_helm(self, draw: float) -> None:
        worker = self._worker_with_helm(draw)
        with self._busy[worker.name]:
            worker.kill()
            time.sleep(1)
            worker.start()

    def worker_freeze_with_helm(self, draw: float) -> None:
        worker = self._worker_with_helm(draw)
        with self._busy[worker.name]:
            worker.freeze()
            time.sleep(22)
            worker.thaw()

    # Servers

    def redis_flush(self, draw: float) -> None:
        def waits() -> bool:
            return self.installation.sql("SELECT count(*) FROM jobs WHERE state = 'queued'")[0][0] >= 2

        # Somebody pauses the queue at the prompt, jobs gather, and all of it is forgotten.
        with self._servers["redis"]:
            until(lambda: self._try(lambda client: client.set("sq:{prov}:paused", "chaos")), "Redis", 30)
            until(waits, "jobs that wait", 240)
            until(lambda: self._try(lambda client: client.flushall()), "Redis", 30)

    def redis_kill(self, draw: float) -> None:
        with self._servers["redis"]:
            self.installation.server("redis", "kill")
            time.sleep(self._span(draw, 0.5, 4))
            self.installation.server("redis", "start", "--port", str(self.installation.redis_port))

    def redis_restart(self, draw: float) -> None:
        with self._servers["redis"]:
            self.installation.server("redis", "stop")
            self.installation.server("redis", "start", "--port", str(self.installation.redis_port))

    def postgres_restart(self, draw: float) -> None:
        with self._servers["postgres"]:
            self.installation.server("postgres", "restart")

    def postgres_terminate(self, draw: float) -> None:
        with self._servers["postgres"]:
            self.installation.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'storeweaver' AND pid <> pg_backend_pid() AND random() < 0.7"
            )

    # The cluster

    def _cluster(self, fault: dict, seconds: float, draw: float) -> None:
        living = self.installation.sql("SELECT namespace FROM stores WHERE deleted_at IS NULL ORDER BY id")
        namespace = living[int(draw * len(living))][0] if living else "*"
        self.installation.kubernetes("PUT", f"/simulator/faults/{namespace}", {"faults": [fault]})
        time.sleep(seconds)
        self.installation.kubernetes("DELETE", f"/simulator/faults/{namespace}")

    def kubernetes_errors(self, draw: float) -> None:
        self._cluster({"kind": "apiErrors", "probability": 0.5, "status": 503}, self._span(draw, 3, 8), draw)

    def kubernetes_latency(self, draw: float) -> None:
        self._cluster({"kind": "latency", "seconds": self._span(draw, 0.2, 2)}, 6, draw)

    def slow_pods(self, draw: float) -> None:
        self._cluster({"kind": "slow", "factor": 3}, 10, draw)

    def keeper_kill(self, draw: float) -> None:
        """A pod that saves or loads a store's data is removed; every second time the next load of any store ends in its middle."""
        if draw < 0.5:
            self.installation.kubernetes("PUT", "/simulator/faults/*", {"faults": [{"kind": "restoreHalf", "count": 1}]})
            return
        self._remove_keeper(draw, lambda task: True)

    def archive_keeper_kill(self, draw: float) -> None:
        """The same of a pod that makes or loads an archive."""
        self._remove_keeper(draw, lambda task: task in ("export", "import"))

    def _remove_keeper(self, draw: float, wanted) -> None:
        found: list[dict] = []

        def at_work() -> bool:
            pods = self.installation.kubernetes("GET", "/api/v1/pods?labelSelector=app.kubernetes.io/component%3Dkeeper")["items"]
            found[:] = [
                pod for pod in pods if pod.get("status", {}).get("phase") not in ("Succeeded", "Failed") and "deletionTimestamp" not in pod["metadata"]
                and wanted(next(it["value"] for container in pod["spec"]["containers"] for it in container.get("env", []) if it["name"] == "KEEPER_TASK"))
            ]
            return bool(found)

        until(at_work, "a keeper at work", 300)
        pod = found[int(draw * 7919) % len(found)]["metadata"]
        try:
            self.installation.kubernetes("DELETE", f"/api/v1/namespaces/{pod['namespace']}/pods/{pod['name']}", {"gracePeriodSeconds": 0})
        except Refused as error:
            # It ended by itself meanwhile: then it was near its end.
            if error.status != 404:
                raise

    def vault_away(self, draw: float) -> None:
        """For the keepers of all stores, and for the APIs."""
        with self._wires["vault"]:
            self.installation.kubernetes("PUT", "/simulator/faults/*", {"faults": [{"kind": "vaultAway"}]})
            wires = self.installation.wires.to("vault")
            for wire in wires:
                wire.mode, wire.chance = "cut", 1
            time.sleep(self._span(draw, 2, 6))
            for wire in wires:
                wire.mode, wire.chance = "pass", Wire.chance
            self.installation.kubernetes("DELETE", "/simulator/faults/*")

    # The queue

    def duplicate_enqueue(self, draw: float) -> None:
        """A job that runs is handed out once more, as a Redis that lost its last second would."""
        running = self.installation.sql("SELECT id FROM jobs WHERE state IN ('queued', 'running') ORDER BY id")
        if not running:
            # Nothing lives just now: an old job stands in line again.
            running = self.installation.sql("SELECT id FROM jobs ORDER BY id")
        job = running[int(draw * len(running))][0]
        store, namespace, kind = self.installation.sql("SELECT store_id, namespace, kind FROM jobs WHERE id = %s", job)[0]
        base = "sq:{prov}:"

        def again(client: redis.Redis) -> None:
            client.hset(f"{base}job:{job}", mapping={
                "id": job, "kind": kind, "store": store, "ns": namespace, "user": "", "traceparent": "", "score": 0, "state": "ready",
            })
            client.zrem(base + "running", job)
            client.delete(f"{base}lock:{namespace}")
            client.zadd(base + "ready", {str(job): 0})

        until(lambda: self._try(again), "Redis", 30)

    # The wires

    def wire(self, server: str, mode: str, draw: float) -> None:
        """One program's wire, or every second time all programs'."""
        wires = self.installation.wires.to(server)
        with self._wires[server]:
            struck = wires if draw < 0.5 else [self._one(wires, draw * 2 - 1)]
            for wire in struck:
                wire.mode = mode
            time.sleep(self._span(draw, 5, 12 if len(struck) > 1 else 25))
            for wire in struck:
                wire.mode = "pass"

    def _try(self, act) -> bool:
        """False while Redis is away, which is another fault's doing."""
        try:
            act(self.installation.redis)
            return True
        except redis.RedisError:
            return False

    def clock_skew(self, draw: float) -> None:
        """The worker whose clock is off comes anew, so that it surely has part in what happens."""
        worker = self.installation.workers[-1]
        assert worker.environment.get("FAKETIME"), "no worker's clock is off"
        with self._busy[worker.name]:
            worker.send(signal.SIGTERM)
            worker.end(20)
            worker.start()


KINDS = {
    "worker SIGKILL": Faults.worker_kill,
    "worker SIGSTOP": Faults.worker_freeze,
    "worker SIGKILL while Helm is at work": Faults.worker_kill_with_helm,
    "worker SIGSTOP while Helm is at work": Faults.worker_freeze_with_helm,
    "worker SIGTERM": Faults.worker_rollout,
    "API SIGKILL": Faults.api_kill,
    "API SIGSTOP": Faults.api_freeze,
    "Redis FLUSHALL": Faults.redis_flush,
    "Redis kill -9": Faults.redis_kill,
    "Redis restart": Faults.redis_restart,
    "PostgreSQL immediate restart": Faults.postgres_restart,
    "PostgreSQL terminate backends": Faults.postgres_terminate,
    "Kubernetes errors": Faults.kubernetes_errors,
    "Kubernetes latency": Faults.kubernetes_latency,
    "slow pods": Faults.slow_pods,
    "keeper killed": Faults.keeper_kill,
    "archive's keeper killed": Faults.archive_keeper_kill,
    "vault away": Faults.vault_away,
    "duplicate enqueue": Faults.duplicate_enqueue,
    "skewed worker": Faults.clock_skew,
}

# Of the wires between programs and servers; `scripts/chaos --wires`.
SERVERS = {
    "PostgreSQL": ["silent", "mute", "slow", "drip", "cut"],
    "Redis": ["silent", "mute", "slow", "drip", "cut"],
    "Kubernetes": ["silent", "mute", "slow", "drip", "cut", *FORGED],
    "vault": ["silent", "mute", "slow", "drip", "cut", "502"],
}
WIRES = {
    f"wire to {server}: {mode}": lambda faults, draw, server=server, mode=mode: faults.wire(server, mode, draw)
    for server, modes in SERVERS.items() for mode in modes
}
