"""Changes of a live store: each is made while visitors ask for pages; the outage is printed."""

import statistics
import time

import pytest
from polling import until
from store_release import StoreRelease
from visits import Outage

AIM = "(aim: at most 10 s)"


@pytest.fixture
def release(cluster, store):
    return StoreRelease(cluster, store, "store")


def test_a_password_is_renewed(installation, store, storefront, note):
    before = installation.credentials(store)
    with Outage(storefront) as outage:
        began = time.monotonic()
        installation.asked("POST", f"/api/stores/{store['id']}/credentials/regenerate", 202)

        def renewed():
            answer = installation.api("POST", f"/api/stores/{store['id']}/credentials/reveal")
            return answer.body if answer.status == 200 and answer.body["password"] != before["password"] else None

        after = until(renewed, "a new password", 180)
        until(lambda: storefront.log_in(after["user"], after["password"]), "the new password to let in", 180)
        took = time.monotonic() - began
    note("password renewed: outage", outage.seconds, f"{AIM}; renewed after {took:.1f} s")
    assert storefront.log_in(before["user"], before["password"]) is None
    installation.ready(store)


@pytest.mark.parametrize("plan", ["medium", "small"])
def test_a_plan_is_changed(installation, store, storefront, note, plan):
    with Outage(storefront) as outage:
        began = time.monotonic()
        assert installation.change(store, {"plan": plan})["plan"] == plan
        took = time.monotonic() - began
    note(f"plan changed to {plan}: outage", outage.seconds, f"{AIM}; applied after {took:.1f} s")
    assert storefront.order("woocommerce")


def test_a_store_sleeps_and_wakes(cluster, installation, store, storefront, note):
    times = []
    for _ in range(3):
        assert installation.change(store, {"asleep": True})["asleep"]
        until(lambda: not cluster.pods(store["namespace"]), "its pods to be gone", 30)
        answer = storefront.gate_says("asleep")
        assert answer.status == 503 and answer.headers["Retry-After"]
        began = time.monotonic()
        installation.asked("PATCH", f"/api/stores/{store['id']}", 202, {"asleep": False})
        until(lambda: storefront.get("/").status == 200, "the storefront", 120)
        times.append(time.monotonic() - began)
        until(lambda: installation.store(store)["activity"] is None, "the store to be awake", 120)
    note("waking, median of three:", statistics.median(times), f"(aim: at most 25 s; {', '.join(f'{seconds:.1f}' for seconds in times)})")
    assert installation.store(store)["health"] == "healthy"
    assert storefront.order("woocommerce")


def test_a_volume_that_cannot_grow_is_kept_as_it_is(installation, store, storefront):
    before = installation.store(store)
    with Outage(storefront) as outage:
        installation.asked("PATCH", f"/api/stores/{store['id']}", 202, {"storage": {"uploads": "64Gi"}})
        after = until(lambda: (lambda it: it if it["changeError"] else None)(installation.store(store)), "the change to be refused", 60)
    assert outage.seconds == 0
    assert (after["status"], after["changeError"]["code"]) == ("ready", "volume-cannot-grow"), after["changeError"]
    assert after["spec"] == before["spec"] and after["activity"] is None


def test_an_image_is_upgraded(installation, store, storefront, release, note):
    tag = release.another_tag("NEXT_TAG")
    with Outage(storefront) as outage:
        release.upgrade(image={"tag": tag})
        until(lambda: storefront.get("/").status == 200, "the storefront", 120)
    note("image upgraded: outage", outage.seconds, AIM)
    assert release.image.endswith(f":{tag}")
    assert storefront.order("woocommerce")
    # The way back is the same image under another name, of which it is known that it changes no data.
    with Outage(storefront) as outage:
        release.upgrade(imageMigrates=False)
    note("an image that changes no data: outage", outage.seconds, AIM)
    assert outage.seconds <= 10 and not release.image.endswith(f":{tag}")
    until(lambda: installation.store(store)["health"] == "healthy", "the store to be healthy", 120)
