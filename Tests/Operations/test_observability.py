"""Metrics, traces and logs of the live stack."""

import json
import os
import re
import subprocess

import pytest
from asking import ask
from polling import until
from stack import ROOT

CATALOGUE = ROOT / "Sources" / "Observability" / "Metrics" / "MetricCatalogue.swift"


def scrape(url: str) -> str:
    answer = ask(url).good()
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return answer.text


@pytest.fixture(scope="module")
def scrapes(stack):
    """What the API, both workers and the gate tell after a store was made and backed up, a request refused, and an unknown host was asked for."""
    with stack.live_store("Measured", user="ada") as store:
        stack.settled(store["id"], "ready")
        assert stack.request("POST", f"/api/stores/{store['id']}/backups", user="ada").status == 202
        until(lambda: stack.store(store["id"])["lastBackupAt"], "the backup")
        crowd = [stack.create(f"Crowd {number}", user="bob") for number in range(5)]
        assert stack.request("POST", "/api/stores", {"name": "Too Many", "engine": "medusa"}, user="bob").status == 429
        stack.delete(*(one["id"] for one in crowd))
        assert stack.visit("nobody.localhost").status == 404
        api, courier, gate, *workers = [scrape(url) for url in stack.script("status", "--metrics").stdout.split()]
    assert len(workers) == 2
    return api, workers, gate


def test_what_is_told_is_in_prometheus_format(scrapes):
    for text in (scrapes[0], *scrapes[1], scrapes[2]):
        done = subprocess.run([os.environ["PROMTOOL_PATH"], "check", "metrics"], input=text, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr or done.stdout


def test_the_api_tells_of_the_installation_and_itself(scrapes):
    api = scrapes[0]
    for line in (
        r'storeweaver_database_up 1', r'storeweaver_redis_up 1', r'storeweaver_workers\{state="well"\} 2', r'storeweaver_stores_limit 12',
        r'storeweaver_stores\{engine="woocommerce",health="healthy",status="ready"\} \d+', r'storeweaver_queue_paused 0',
        r'storeweaver_leases\{state="overdue"\} 0', r'storeweaver_quota_refusals_total\{quota="user"\} 1',
        r'storeweaver_backups\{kind="manual",status="done"\} [1-9]\d*', r'storeweaver_backup_bytes [1-9]\d*',
        r'storeweaver_http_request_seconds_count\{route="/api/stores",method="POST",status="429"\} 1',
        r'storeweaver_http_request_seconds_count\{route="/api/stores/\{id\}",method="GET",status="200"\} \d+',
        r'storeweaver_pool_connections\{pool="postgres",state="idle"\} \d+', r'storeweaver_event_streams 0',
    ):
        assert re.search(f"^{line}$", api, re.MULTILINE), line


def test_the_gate_tells_what_it_answered(scrapes):
    for line in (r'storeweaver_gate_answers_total\{state="unknown"\} 1', r'storeweaver_gate_lookups_total\{outcome="done"\} 1'):
        assert re.search(f"^{line}$", scrapes[2], re.MULTILINE), line


def test_workers_tell_of_attempts_helm_and_sweeps(scrapes):
    workers = "".join(scrapes[1])
    for line in (
        r'storeweaver_attempt_seconds_count\{kind="provision",engine="woocommerce",outcome="ready"\} \d+',
        r'storeweaver_job_wait_seconds_bucket\{kind="provision",le="\+Inf"\} \d+',
        r'storeweaver_helm_seconds_count\{command="upgrade",outcome="done"\} \d+',
        r'storeweaver_backups_total\{kind="manual",outcome="done"\} [1-9]\d*', r'storeweaver_sweeps_total\{outcome="done"\} \d+',
        r'storeweaver_slots\{state="free"\} \d+',
    ):
        assert re.search(f"^{line}$", workers, re.MULTILINE), line


def test_no_metric_is_told_that_the_catalogue_does_not_have(scrapes):
    known = set(re.findall(r'^ +"(storeweaver_\w+)":', CATALOGUE.read_text(), re.MULTILINE))
    told = set(re.findall(r"^# TYPE (\S+)", "".join((scrapes[0], *scrapes[1])), re.MULTILINE))
    assert len(told) > 20 and told <= known


def test_one_id_leads_from_the_click_to_helm(stack, collector):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = stack.request(
        "POST", "/api/stores", {"name": "Traced", "engine": "woocommerce"}, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    )
    assert answer.headers["traceresponse"].split("-")[1] == trace
    store = answer.body["store"]
    stack.settled(store["id"], "ready")
    helm = until(lambda: next((it for it in collector.of(trace) if it["name"] == "helm upgrade"), None), "Helm's span", 30)
    spans = {span["spanId"]: span for span in collector.of(trace)}
    attempt = until(lambda: {it["spanId"]: it for it in collector.of(trace)}.get(helm["parentSpanId"]), "the attempt's span", 30)
    request = {it["spanId"]: it for it in collector.of(trace)}[attempt["parentSpanId"]]
    assert (request["name"], request["service"], request["parentSpanId"]) == ("POST /api/stores", "store-api", "00f067aa0ba902b7")
    assert (attempt["name"], attempt["service"]) == ("attempt provision", "store-worker")
    told = {it["key"]: it["value"]["stringValue"] for it in attempt["attributes"]}
    assert (told["store"], told["outcome"]) == (store["id"], "ready")
    assert int(request["startTimeUnixNano"]) <= int(attempt["startTimeUnixNano"]) <= int(helm["startTimeUnixNano"]) < int(helm["endTimeUnixNano"])
    assert spans

    lines = [json.loads(line) for text in stack.logs().values() for line in text.splitlines() if trace in line]
    said = {line["message"]: line for line in lines}
    assert {"A job was accepted", "An attempt begins", "Helm runs", "An attempt ends"} <= set(said)
    job = str(stack.job_numbers(store["id"])[0])
    assert {said[name]["job"] for name in ("A job was accepted", "An attempt begins", "An attempt ends")} == {job}
    assert said["An attempt begins"]["attempt"] == said["Helm runs"]["attempt"] == told["attempt"]
    assert said["Helm runs"]["arguments"].startswith(f"upgrade --install {store['id']} ")
    stack.delete(store["id"])


def test_a_request_without_a_trace_begins_one(stack):
    answers = [stack.request("GET", "/api/stores", headers=headers) for headers in ({}, {}, {"traceparent": "nonsense"})]
    traces = {answer.headers["traceresponse"].split("-")[1] for answer in answers}
    assert len(traces) == 3
