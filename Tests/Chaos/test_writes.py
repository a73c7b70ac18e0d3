"""The check for stale writes finds each kind, and nothing in a log that is as it should be."""

import json

import pytest
from writes import Attempt, recorded, stale

ATTEMPTS = {7: Attempt(job=1, begin=100, end=110), 8: Attempt(job=2, begin=110, end=float("inf"))}


def line(at=105.0, agent="store-worker/7.0123abcd", method="POST", namespace="store-a", uid=None) -> str:
    return json.dumps({"at": at, "userAgent": agent, "method": method, "path": "/api/v1/x", "namespace": namespace, "uid": uid})


def found(*lines: str) -> list[str]:
    return stale(recorded(lines), ATTEMPTS, margin=2)


def test_what_is_right_passes() -> None:
    assert found(line(), line(at=111.9), line(agent="store-worker/8.0123abcd", at=1e9), line(method="DELETE", uid="u")) == []


def test_helm_is_not_judged_here() -> None:
    assert recorded([line(agent="Helm/4.0.0")]) == []


@pytest.mark.parametrize(("entry", "word"), [
    (line(at=112.1), "2.10 s after attempt 7"),
    (line(at=97.9), "was over"),
    (line(agent="store-worker"), "names no attempt"),
    (line(agent="store-worker/9.0123abcd"), "names no attempt"),
    (line(method="DELETE"), "says of no object"),
])
def test_what_is_wrong_is_found(entry: str, word: str) -> None:
    assert [word in text for text in found(entry)] == [True]


def test_an_attempt_stays_in_its_namespace() -> None:
    assert len(found(line(), line(namespace="store-b"))) == 1
