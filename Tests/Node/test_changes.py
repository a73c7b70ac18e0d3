"""Changes of a live store: each is made while visitors ask for pages; the outage is printed."""

import json
import os
import time

import pytest
from cluster import ROOT, until
from visits import Outage

AIM = "(aim: at most 10 s)"


@pytest.fixture
def release(cluster, store):
    """Upgrades the store's release as the worker does, with further values."""
    name = cluster.helm("list", "--namespace", store["namespace"], "--short").split()[0]
    values = json.loads(cluster.helm("get", "values", name, "--namespace", store["namespace"], "--output", "json"))

    def upgrade(**more) -> None:
        cluster.helm("upgrade", name, ROOT / "helm/store", "--namespace", store["namespace"], "--values", ROOT / "helm/store/values-local.yaml",
                     "--values", "-", "--wait", "--timeout", "5m", text=json.dumps({**values, **more}))

    return upgrade


def test_a_password_is_renewed(installation, store, storefront, note):
    before = installation.credentials(store)
    with Outage(storefront) as outage:
        began = time.monotonic()
        installation.asked("POST", f"/api/stores/{store['id']}/credentials/regenerate", 202)

        def renewed():
            answer = installation.api("POST", f"/api/stores/{store['id']}/credentials/reveal")
            return answer.json if answer.status == 200 and answer.json["password"] != before["password"] else None

        after = until(renewed, "a new password", 180)
        until(lambda: storefront.log_in(after["user"], after["password"]), "the new password to let in", 180)
        took = time.monotonic() - began
    note("password renewed: outage", outage.seconds, f"{AIM}; renewed after {took:.1f} s")
    assert storefront.log_in(before["user"], before["password"]) is None
    installation.ready(store)


@pytest.mark.parametrize("plan", ["medium", "small"])
def test_a_plan_is_changed(cluster, store, storefront, release, note, plan):
    with Outage(storefront) as outage:
        began = time.monotonic()
        release(plan=plan)
        until(lambda: storefront.get("/").status == 200, "the storefront", 120)
        took = time.monotonic() - began
    note(f"plan changed to {plan}: outage", outage.seconds, f"{AIM}; Helm was through after {took:.1f} s")
    assert storefront.order("woocommerce")


def test_an_image_is_upgraded(cluster, installation, store, storefront, release, note):
    """The same image under another name, so that what the change of an image costs is seen alone."""
    image = cluster.pod(store["namespace"], "app")["spec"]["containers"][0]["image"]
    repository, _, tag = image.rpartition(":")
    if cluster.own:
        cluster.control("tag", f"docker.io/{image}", f"docker.io/{repository}:next")
        tag = "next"
    elif "NEXT_TAG" in os.environ:
        tag = os.environ["NEXT_TAG"]
    else:
        pytest.skip("NEXT_TAG names no other image of the store on this cluster")
    with Outage(storefront) as outage:
        release(image={"tag": tag})
        until(lambda: storefront.get("/").status == 200, "the storefront", 120)
    note("image upgraded: outage", outage.seconds, AIM)
    assert cluster.pod(store["namespace"], "app")["spec"]["containers"][0]["image"].endswith(f":{tag}")
    assert storefront.order("woocommerce")
    release()
    until(lambda: installation.store(store)["health"] == "healthy", "the store to be healthy", 120)
