"""A Medusa store through the same life: made, sold from, its plan and password changed, its pods removed, deleted."""

import datetime
import os
import time

import pytest
from own_domain import live_with_an_own_domain
from polling import until
from store_release import StoreRelease
from visits import Outage, Storefront

if "medusa-backend" not in os.environ.get("NODE_CHART_IMAGES", "medusa-backend"):
    pytest.skip("Medusa's packages are not there: MEDUSA_MODULES=DIR (docs/verification.md)", allow_module_level=True)

AIM = "(aim: at most 10 s)"


@pytest.fixture(scope="module")
def medusa(cluster, installation, note):
    began = time.monotonic()
    ready = installation.ready(installation.create("Bazaar", "medusa"), 600)
    note("Medusa: from POST to ready", time.monotonic() - began)
    return ready


@pytest.fixture(scope="module")
def bazaar(cluster, medusa):
    return Storefront(cluster, medusa)


def test_the_storefront_and_its_api_answer(bazaar):
    assert bazaar.get("/").status == 200
    assert bazaar.get("/storefront/config").body["publishableKey"]


def test_the_owner_signs_in(cluster, installation, medusa, bazaar):
    credentials = installation.credentials(medusa)
    body = {"email": credentials["user"], "password": credentials["password"]}
    assert bazaar.post("/auth/user/emailpass", body).body["token"]
    assert bazaar.post("/auth/user/emailpass", {**body, "password": "wrong"}).status == 401
    assert bazaar.get("/app").status in (200, 301, 302)


def test_an_order_is_placed(bazaar):
    assert bazaar.order("medusa")


@pytest.fixture
def release(cluster, medusa):
    return StoreRelease(cluster, medusa, "medusa-store")


@pytest.mark.parametrize("plan", ["medium", "small"])
def test_a_plan_is_changed(installation, medusa, bazaar, note, plan):
    with Outage(bazaar, "/storefront/config") as outage:
        assert installation.change(medusa, {"plan": plan})["plan"] == plan
    note(f"Medusa: plan changed to {plan}: outage", outage.seconds, AIM)
    assert bazaar.order("medusa")


def start_of(pod: dict) -> str:
    """How long the pod took to be ready, and how much of that the program itself, to the second: no change of an image is faster."""
    def at(text: str) -> float:
        return datetime.datetime.fromisoformat(text).timestamp()

    made, runs = at(pod["metadata"]["creationTimestamp"]), at(pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"])
    ready = at(next(it["lastTransitionTime"] for it in pod["status"]["conditions"] if it["type"] == "Ready"))
    return f"its new pod was ready after {ready - made:.0f} s, {ready - runs:.0f} s of them the start of Medusa alone"


def test_an_image_is_upgraded(cluster, medusa, release, bazaar, note):
    tag = release.another_tag("NEXT_MEDUSA_TAG")
    with Outage(bazaar, "/storefront/config") as outage:
        release.upgrade(image={"tag": tag})
        until(lambda: bazaar.get("/storefront/config").status == 200, "the backend", 180)
    note("Medusa: image upgraded: outage", outage.seconds, f"{AIM}; {start_of(cluster.pod(medusa['namespace'], 'app'))}")
    assert release.image.endswith(f":{tag}")
    assert bazaar.order("medusa")
    # The way back is the same image under another name, of which it is known that it changes no data.
    with Outage(bazaar, "/storefront/config") as outage:
        release.upgrade(imageMigrates=False)
    note("Medusa: an image that changes no data: outage", outage.seconds, AIM)
    assert outage.seconds <= 10 and not release.image.endswith(f":{tag}")
    assert bazaar.order("medusa")


def test_a_password_is_renewed(installation, medusa, bazaar, note):
    before = installation.credentials(medusa)
    with Outage(bazaar, "/storefront/config") as outage:
        installation.asked("POST", f"/api/stores/{medusa['id']}/credentials/regenerate", 202)

        def lets_in():
            answer = installation.api("POST", f"/api/stores/{medusa['id']}/credentials/reveal")
            if answer.status != 200 or answer.body["password"] == before["password"]:
                return None
            body = {"email": answer.body["user"], "password": answer.body["password"]}
            return bazaar.post("/auth/user/emailpass", body).status == 200

        until(lets_in, "the new password to let in", 240)
    note("Medusa: password renewed: outage", outage.seconds, AIM)
    assert bazaar.post("/auth/user/emailpass", {"email": before["user"], "password": before["password"]}).status == 401


@pytest.mark.usefixtures("node")
def test_it_lives_at_its_owners_host(cluster, installation, medusa, bazaar, note):
    live_with_an_own_domain(cluster, installation, medusa, bazaar, "/products", note)


def test_it_sleeps_and_wakes(cluster, installation, medusa, bazaar, note):
    installation.change(medusa, {"asleep": True})
    until(lambda: not cluster.pods(medusa["namespace"]), "its pods to be gone", 30)
    assert bazaar.gate_says("asleep").status == 503
    began = time.monotonic()
    installation.asked("PATCH", f"/api/stores/{medusa['id']}", 202, {"asleep": False})
    until(lambda: bazaar.get("/storefront/config").status == 200, "the backend", 180)
    note("Medusa: waking", time.monotonic() - began)
    until(lambda: installation.store(medusa)["health"] == "healthy", "the store to be well", 120)
    assert bazaar.order("medusa")


def test_it_is_deleted(cluster, installation, medusa, note):
    began = time.monotonic()
    installation.delete(medusa)
    installation.gone(medusa)
    note("Medusa: deleted after", time.monotonic() - began)
    assert cluster.get("namespace", medusa["namespace"]) == []
