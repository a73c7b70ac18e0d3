"""What must hold when the dust has settled, seen from outside: by SQL, by Kubernetes' API and by the record of Helm's runs."""

import collections
import json
import os
import subprocess
import threading

import writes
from clients import Promise
from installation import Installation

LEGAL_STATUSES = {
    (None, "provisioning"), ("provisioning", "ready"), ("provisioning", "failed"), ("provisioning", "deleting"), ("ready", "failed"),
    ("ready", "deleting"), ("failed", "provisioning"), ("failed", "deleting"), ("deleting", "failed"), ("deleting", "deleted"),
}
LEGAL_STATES = {
    (None, "queued"), ("queued", "running"), ("running", "queued"), ("queued", "cancelled"), ("running", "succeeded"),
    ("running", "failed"), ("running", "cancelled"),
}
FINAL = {"succeeded", "failed", "cancelled"}


class Watch(threading.Thread):
    """Looks at the quotas and the cap again and again while things happen."""

    def __init__(self, installation: Installation, cap: int) -> None:
        super().__init__(name="watch", daemon=True)
        self.installation = installation
        self.cap = cap
        self.looks = 0
        self.broken: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        total, each = self.installation.limits
        while not self.over.wait(0.3):
            # A store whose delete was given up counts again, but nobody asked for it: it may lie over a quota that was filled meanwhile.
            counted = self.installation.sql(
                """SELECT coalesce(s.owner, ''), count(*) FROM stores s LEFT JOIN jobs j ON j.id = s.job_id
                   WHERE s.deleted_at IS NULL AND NOT s.verification AND s.status <> 'deleting' AND NOT (s.status = 'failed' AND j.kind = 'delete') GROUP BY s.owner"""
            )
            running = self.installation.sql("SELECT count(*) FROM jobs WHERE state = 'running' AND class = 1")[0][0]
            self.looks += 1
            if sum(count for _, count in counted) > total or any(count > each for _, count in counted):
                self.broken.append(f"a quota was exceeded, {total} in all or {each} of a user: {counted}")
            if running > self.cap:
                self.broken.append(f"{running} provisions ran at once, {self.cap} may")


def unsettled(installation: Installation) -> list[tuple]:
    """Stores and jobs that are not final yet."""
    return installation.sql(
        """SELECT s.id, s.status, j.id, j.kind, j.state, j.attempt, j.reclaims, j.run_after, j.error FROM stores s
           LEFT JOIN jobs j ON j.store_id = s.id AND j.state IN ('queued', 'running')
           WHERE j.id IS NOT NULL OR (s.deleted_at IS NULL AND s.status IN ('provisioning', 'deleting'))"""
    )


def check(installation: Installation, promises: list[Promise]) -> dict[str, list[str]]:
    """Each invariant with what breaks it."""
    return {
        "no store was lost": lost(installation, promises),
        "every failure has a true reason": reasons(installation),
        "every job has exactly one final state": jobs(installation),
        "every transition was legal": transitions(installation),
        "every generation was applied, or kept with a reason": generations(installation),
        "no store left ready by a change": left_ready(installation),
        "each ready store's release is as its spec says": specs(installation),
        "no two Helms in one namespace": overlaps(installation),
        "no two attempts at one store at a time, by the records": attempts(installation),
        "no write of an attempt that was over": stale_writes(installation),
        "the cluster agrees with the database": cluster(installation),
        "the quotas' counters are right": counters(installation),
        "no orphan was reported where there is none": orphans(installation),
        "no hidden store outlives its test": hidden(installation),
        "no backup and no export changed its store": harmless(installation),
        "every archive in the vault is known, and as its row says": archives(installation),
    }


def lost(installation: Installation, promises: list[Promise]) -> list[str]:
    known = {row[0]: row[1:] for row in installation.sql("SELECT id, status, deleted_at FROM stores")}
    broken = []
    for promise in promises:
        if promise.store not in known:
            broken.append(f"{promise.store} was accepted and is unknown")
            continue
        status, deleted = known[promise.store]
        # A delete that failed for good says so: that is no loss.
        right = deleted is not None or status == "failed" if promise.wanted == "gone" else deleted is None and status in ("ready", "failed")
        if not right:
            broken.append(f"{promise.store} was to be {promise.wanted} and is {'deleted' if deleted else status}")
    # Beyond what was promised there is nothing: an answer that was lost made no second store.
    for extra in sorted(set(known) - {promise.store for promise in promises}):
        broken.append(f"{extra} exists and was promised to nobody")
    return broken


def reasons(installation: Installation) -> list[str]:
    broken = [
        f"{store} says {message!r}, its job {job} says {error!r}" for store, message, job, error in installation.sql(
            """SELECT s.id, s.error_message, j.id, j.error FROM stores s
               JOIN LATERAL (SELECT * FROM jobs WHERE store_id = s.id ORDER BY id DESC LIMIT 1) j ON true
               WHERE s.deleted_at IS NULL AND s.status = 'failed' AND (coalesce(s.error_message, '') = '' OR s.error_message IS DISTINCT FROM j.error)"""
        )
    ]
    for job, error, attempt, most, reclaims, most_reclaims in installation.sql(
        "SELECT id, coalesce(error, ''), attempt, max_attempts, reclaims, max_reclaims FROM jobs WHERE state = 'failed'"
    ):
        if "workers were lost" in error:
            if reclaims < most_reclaims:
                broken.append(f"job {job} blames lost workers, but lost {reclaims} of {most_reclaims}")
        # A final backup is tried three times; then its store's owner decides.
        elif attempt < (3 if "final backup" in error else most) and "within" not in error:
            broken.append(f"job {job} failed for good in attempt {attempt} of {most}: {error}")
    return broken


def jobs(installation: Installation) -> list[str]:
    broken = [f"{row}" for row in unsettled(installation)]
    ends = collections.Counter(
        row[0] for row in installation.sql("SELECT job_id FROM job_history WHERE to_state IN ('succeeded', 'failed', 'cancelled')")
    )
    for (job,) in installation.sql("SELECT id FROM jobs"):
        if ends[job] != 1:
            broken.append(f"job {job} ended {ends[job]} times")
    return broken


def transitions(installation: Installation) -> list[str]:
    broken = []
    for table, key, column, legal in (
        ("store_history", "store_id", "status", LEGAL_STATUSES), ("job_history", "job_id", "state", LEGAL_STATES),
    ):
        last: dict[str, str] = {}
        fences: dict[str, int] = {}
        for subject, before, after, fence in installation.sql(
            f"SELECT {key}, from_{column}, to_{column}, coalesce(fence, 0) FROM {table} ORDER BY id"
        ):
            if (before, after) not in legal or last.get(subject) != before:
                broken.append(f"{table}: {subject} went from {before} to {after} after {last.get(subject)}")
            if fence < fences.get(subject, 0):
                broken.append(f"{table}: {subject} went from fence {fences[subject]} to {fence}")
            last[subject], fences[subject] = after, max(fence, fences.get(subject, 0))
    return broken


def generations(installation: Installation) -> list[str]:
    """One that was never tried to its end is told as an error of the store, which a retry or the next change makes good."""
    broken = [
        f"{store}: generation {number} of {newest} has come to nothing, applied is {applied}" for store, number, newest, applied in installation.sql(
            """SELECT s.id, g.generation, s.generation, s.applied_generation FROM stores s JOIN store_specs g ON g.store_id = s.id
               WHERE s.deleted_at IS NULL AND s.status = 'ready' AND s.change_error IS NULL AND g.outcome IS NULL"""
        )
    ]
    return broken + [
        f"{store} is {activity} though no job is at it" for store, activity in installation.sql(
            """SELECT id, activity FROM stores WHERE deleted_at IS NULL AND activity IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = stores.id AND j.state IN ('queued', 'running'))"""
        )
    ]


def left_ready(installation: Installation) -> list[str]:
    return [
        f"{store} failed by job {job}: {message}" for store, job, message in installation.sql(
            """SELECT h.store_id, h.job_id, h.message FROM store_history h JOIN jobs j ON j.id = h.job_id
               WHERE h.from_status = 'ready' AND h.to_status = 'failed' AND j.kind = 'apply'"""
        )
    ]


def specs(installation: Installation) -> list[str]:
    """Of stores whose last change is through: what Helm recorded as the release's values, and what the workloads are."""
    if installation.stub:
        return []
    broken, looked = [], 0
    for store, namespace, *wanted in installation.sql(
        """SELECT id, namespace, name, plan, asleep, admin_revision, host FROM stores
           WHERE deleted_at IS NULL AND status = 'ready' AND (change_error IS NULL OR EXISTS (
               SELECT 1 FROM store_specs g WHERE g.store_id = stores.id AND g.generation = stores.generation AND g.outcome = 'kept'))"""
    ):
        values = json.loads(helm("get", "values", store, "--namespace", namespace, "--output", "json", installation=installation))
        found = [values.get(key) for key in ("storeName", "plan", "asleep", "adminRevision", "host")]
        if found != wanted:
            broken.append(f"{store} is to be {wanted} and was installed as {found}")
        replicas = [
            item["spec"]["replicas"] for kind in ("deployments", "statefulsets")
            for item in installation.kubernetes("GET", f"/apis/apps/v1/namespaces/{namespace}/{kind}")["items"]
        ]
        asleep = wanted[2]
        if not replicas or any((count == 0) != asleep for count in replicas):
            broken.append(f"{store} is {'asleep' if asleep else 'awake'} with {replicas} replicas")
        looked += 1
    return broken if looked else ["there was no ready store to look at"]


def overlaps(installation: Installation) -> list[str]:
    return [line for line in installation.record.read_text().splitlines() if line.startswith("overlap ")]


def attempts(installation: Installation) -> list[str]:
    return [
        f"{store}: attempt {first} ended {late} s after {second} began" for store, first, second, late in installation.sql(
            """SELECT a.store_id, a.fence, b.fence, extract(epoch FROM a.ended_at - b.started_at)::float8 FROM attempts a
               JOIN attempts b ON b.store_id = a.store_id AND b.fence > a.fence WHERE a.ended_at IS NULL OR a.ended_at > b.started_at"""
        )
    ]


def stale_writes(installation: Installation) -> list[str]:
    made = writes.recorded(installation.changes.read_text().splitlines())
    # Without one the check would have nothing to say.
    return writes.stale(made, writes.granted(installation), installation.lease.settle) if made else ["no write of a worker was recorded"]


def cluster(installation: Installation) -> list[str]:
    broken = []
    selector = "labelSelector=app.kubernetes.io/managed-by%3Dstore-weaver"
    found = installation.kubernetes("GET", f"/api/v1/namespaces?{selector}")["items"]
    owners = {item["metadata"]["name"]: item["metadata"]["labels"].get("store-weaver.dev/store-id") for item in found}
    releases = states_of_releases(installation)
    living = {}
    for store, status, namespace in installation.sql("SELECT id, status, namespace FROM stores WHERE deleted_at IS NULL"):
        living[namespace] = store
        if status == "ready":
            if owners.get(namespace) != store:
                broken.append(f"{store} is ready, but namespace {namespace} is {owners.get(namespace, 'absent')}'s")
            if releases.get(store) != "deployed":
                broken.append(f"{store} is ready, but its release is {releases.get(store, 'absent')}")
    for namespace, owner in owners.items():
        if living.get(namespace) != owner:
            broken.append(f"namespace {namespace} of {owner} is left, the store there is {living.get(namespace, 'none')}")
    return broken


def states_of_releases(installation: Installation) -> dict[str, str]:
    """By `helm list`; a stub's by the Secrets in which it keeps them."""
    if installation.stub:
        kept = installation.kubernetes("GET", "/api/v1/secrets?labelSelector=owner%3Dhelm")["items"]
        return {secret["metadata"]["labels"]["name"]: secret["metadata"]["labels"]["status"] for secret in kept}
    listed = helm("list", "--all-namespaces", *(["--all"] if helm_lists_all() else []), "--output", "json", installation=installation)
    return {release["name"]: release["status"] for release in json.loads(listed)}


def helm(*arguments: str, installation: Installation) -> str:
    return subprocess.run(
        [os.environ["HELM_PATH"], *arguments], env=os.environ | {"KUBECONFIG": str(installation.kubeconfig)}, capture_output=True, text=True,
        check=True,
    ).stdout


def orphans(installation: Installation) -> list[str]:
    """A store outlives its namespace in the records: what a worker called an orphan was none."""
    lines = [line for worker in installation.workers for line in worker.log.read_text().splitlines()]
    return [line for line in lines if '"Orphans were found"' in line]


def hidden(installation: Installation) -> list[str]:
    """Stores that test restores left, though nothing is to be done with them any more."""
    return [
        f"{store} is still there, {status}" for store, status in installation.sql(
            """SELECT s.id, s.status FROM stores s WHERE s.verification AND s.deleted_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = s.id AND (j.state IN ('queued', 'running')
                                                                              OR j.finished_at > clock_timestamp() - interval '1 minute'))"""
        )
    ]


def harmless(installation: Installation) -> list[str]:
    return [
        f"{store} went from {before} to {after} by job {job}" for store, job, before, after in installation.sql(
            """SELECT h.store_id, h.job_id, h.from_status, h.to_status FROM store_history h JOIN jobs j ON j.id = h.job_id WHERE j.kind = 'backup'"""
        )
    ]


def archives(installation: Installation) -> list[str]:
    """What has no row is never removed."""
    kept = installation.kubernetes("GET", "/simulator/vault")["archives"]
    rows = {
        f"archive-{identifier}": (size, status) for identifier, size, status in installation.sql(
            """SELECT id, bytes, status FROM exports UNION ALL SELECT id, bytes, CASE WHEN bytes IS NULL THEN 'unfinished' ELSE 'done' END FROM imports"""
        )
    }
    broken = [f"{name} is in the vault and in no row" for name in kept if name not in rows]
    broken += [f"{name} is {status} and not in the vault" for name, (_, status) in rows.items() if status == "done" and name not in kept]
    broken += [f"{name} has {kept[name]} bytes, its row says {size}" for name, (size, status) in rows.items() if status == "done" and kept.get(name, size) != size]
    return broken + [f"{name} is running for ever" for name, (_, status) in rows.items() if status == "running"]


def helm_lists_all() -> bool:
    """Helm 4 lists every state by itself and has dropped the flag."""
    version = subprocess.run([os.environ["HELM_PATH"], "version", "--template", "{{.Version}}"], capture_output=True, text=True, check=True)
    return version.stdout.startswith("v3.")


def counters(installation: Installation) -> list[str]:
    return [
        f"{row}" for row in installation.sql(
            """WITH real AS (
                 SELECT 'total' AS scope, count(*) AS used FROM stores WHERE deleted_at IS NULL AND NOT verification AND status <> 'deleting'
                 UNION ALL SELECT 'user:' || owner, count(*) FROM stores WHERE deleted_at IS NULL AND status <> 'deleting' AND owner IS NOT NULL GROUP BY owner)
               SELECT scope, u.used, coalesce(r.used, 0) FROM store_usage u FULL JOIN real r USING (scope)
               WHERE coalesce(u.used, 0) <> coalesce(r.used, 0)"""
        )
    ]
