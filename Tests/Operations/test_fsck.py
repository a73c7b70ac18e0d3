"""fsck finds what does not agree, repairs it when asked, and finds nothing then."""

import pytest


@pytest.fixture
def jobs(quiet):
    """Two stores whose jobs Redis knows."""
    made = [quiet.create(f"Store {number}") for number in range(2)]
    quiet("fsck", "--repair", "--no-cluster", code=3)
    assert quiet("fsck", "--no-cluster").out == "No inconsistencies.\n"
    return made


def lose_a_job(quiet, store, job):
    quiet.redis.flushdb()


def lose_a_hash(quiet, store, job):
    quiet.redis.delete(f"sq:{{prov}}:job:{job}")


def lose_a_part_of_a_hash(quiet, store, job):
    quiet.redis.hdel(f"sq:{{prov}}:job:{job}", "ns")


def lose_a_place(quiet, store, job):
    quiet.redis.zrem("sq:{prov}:ready", job)


def leave_a_lock(quiet, store, job):
    quiet.redis.set("sq:{prov}:lock:store-store-0", 4711)


def leave_a_finished_job(quiet, store, job):
    quiet.sql("UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = %s", job)
    quiet.sql("UPDATE stores SET status = 'failed' WHERE id = %s", store)


def leave_an_unknown_job(quiet, store, job):
    quiet.redis.hset("sq:{prov}:job:4711", mapping={
        "id": 4711, "kind": "provision", "class": "interactive", "store": "abc", "ns": "store-x", "user": "", "state": "ready", "score": 1,
    })
    quiet.redis.zadd("sq:{prov}:ready", {"4711": 1})


def miscount(quiet, store, job):
    quiet.sql("UPDATE store_usage SET used = 40 WHERE scope = 'total'")


def lose_a_job_for_good(quiet, store, job):
    quiet.sql("DELETE FROM jobs WHERE id = %s", job)


def let_a_worker_vanish(quiet, store, job):
    quiet.sql("SELECT claim_job(%s, 'gone', 'abc', 0, 9, 9)", job)
    quiet.sql("UPDATE namespace_leases SET expires_at = now() - interval '1 minute'")


FAULTS = [
    (lose_a_job, "redis", "not known here"),
    (lose_a_hash, "redis", "without its hash"),
    (lose_a_part_of_a_hash, "redis", "a part of its hash is missing"),
    (lose_a_place, "redis", "stands nowhere"),
    (leave_a_lock, "redis", "job 4711 holds it"),
    (leave_a_finished_job, "redis", "cancelled in PostgreSQL"),
    (leave_an_unknown_job, "redis", "PostgreSQL does not know it"),
    (miscount, "records", "the counter says 40"),
    (lose_a_job_for_good, "records", "no job is at it"),
    (let_a_worker_vanish, "records", "whose lease is over"),
]


@pytest.mark.parametrize(("plant", "place", "words"), FAULTS, ids=[fault[0].__name__ for fault in FAULTS])
def test_each_fault_is_found_mended_and_gone(quiet, jobs, plant, place, words):
    plant(quiet, *jobs[0])
    found = quiet("fsck", "--no-cluster", "--json", code=3).json
    assert any(it["place"] == place and words in it["detail"] and not it["repaired"] for it in found), found
    assert quiet("fsck", "--no-cluster", "--json", code=3).json == found, "a look alone changes nothing"
    repaired = quiet("fsck", "--repair", "--no-cluster", "--json", code=3).json
    assert all(it["repaired"] for it in repaired), repaired
    # What was repaired here may leave something to repair there.
    quiet("fsck", "--repair", "--no-cluster", code=None)
    assert quiet("fsck", "--no-cluster").out == "No inconsistencies.\n"
    assert quiet("audit", "--json").json[0]["action"] == "fsck.repair"
