"""The workers' own writes to the cluster, by its log of changes, held against the attempts that PostgreSQL granted."""

import dataclasses
import json
import re
from collections.abc import Iterable

from installation import Installation


@dataclasses.dataclass
class Write:
    """A request of a worker that took effect `at` that time (seconds since 1970). `fence`: of the attempt that it names, or `None`."""

    at: float
    method: str
    path: str
    namespace: str | None
    uid: str | None
    fence: int | None


@dataclasses.dataclass
class Attempt:
    """Held its namespace from `begin` to `end`, when PostgreSQL knew that it was over: settled, or lapsed and put back."""

    job: int
    begin: float
    end: float


def recorded(lines: Iterable[str]) -> list[Write]:
    """Leaves out what Helm did: the recorder in Helm's place looks after that. An order that a probe begins goes through the API server's proxy to the
    store, and changes nothing in the cluster."""
    writes = []
    for entry in map(json.loads, lines):
        program, _, mark = entry["userAgent"].partition("/")
        if program == "store-worker" and not re.search(r"/services/[^/]+/proxy(/|$)", entry["path"]):
            named = re.fullmatch(r"(\d+)\.[0-9a-f]{8}", mark)
            writes.append(Write(entry["at"], entry["method"], entry["path"], entry.get("namespace"), entry.get("uid"), int(named[1]) if named else None))
    return writes


def granted(installation: Installation) -> dict[int, Attempt]:
    return {
        fence: Attempt(job, begin, end) for fence, job, begin, end in installation.sql(
            """SELECT fence, job_id, extract(epoch FROM at)::float8, coalesce(extract(epoch FROM ended), 'infinity')::float8 FROM (
                 SELECT *, lead(at) OVER (PARTITION BY job_id ORDER BY id) AS ended FROM job_history) h
               WHERE to_state = 'running'"""
        )
    }


def stale(writes: list[Write], attempts: dict[int, Attempt], margin: float) -> list[str]:
    """What was written outside of its attempt's life, give or take `margin` seconds for what was on its way; and what cannot be judged."""
    broken = []
    places: dict[int, str] = {}
    for write in writes:
        what = f"{write.method} {write.path}"
        attempt = attempts.get(write.fence) if write.fence is not None else None
        if attempt is None:
            broken.append(f"{what} names no attempt that PostgreSQL knows: {write.fence}")
            continue
        if not attempt.begin - margin <= write.at <= attempt.end + margin:
            broken.append(f"{what} took effect {write.at - attempt.end:.2f} s after attempt {write.fence} of job {attempt.job} was over")
        if write.method == "DELETE" and not write.uid:
            broken.append(f"{what} by attempt {write.fence} says of no object that it is the one that was seen")
        if write.namespace and places.setdefault(write.fence, write.namespace) != write.namespace:
            broken.append(f"{what} by attempt {write.fence}, which works on {places[write.fence]}")
    return broken
