"""scripts/place-order against the simulated stores: this proves the script and the platform's check, not a real store."""

import re

import pytest
from polling import until

NAMES = {"woocommerce": "Orders Of Woo", "medusa": "Orders Of Medusa"}


@pytest.fixture(scope="module", params=list(NAMES))
def store(stack, request):
    """A ready store of each engine."""
    with stack.live_store(NAMES[request.param], request.param) as store:
        yield stack.settled(store["id"], "ready")


def test_an_order_is_placed_and_marked_as_simulated(stack, store):
    for arguments in ([], ["--engine", store["engine"]]):
        result = stack.script("place-order", store["url"], *arguments)
        assert re.fullmatch(r"order \d{4} placed \(simulated: .*\)\n", result.stdout), result.stdout


def test_each_order_has_its_own_number(stack, store):
    numbers = {stack.script("place-order", store["url"]).stdout for _ in range(3)}
    assert len(numbers) == 3


def test_the_wrong_engine_fails_at_a_named_step(stack, store):
    other = {"woocommerce": "medusa", "medusa": "woocommerce"}[store["engine"]]
    result = stack.script("place-order", store["url"], "--engine", other, check=False)
    assert result.returncode == 1
    assert "no order was placed: " in result.stdout
    assert "no JSON" in result.stdout


def test_a_store_that_does_not_answer_fails_with_its_status(stack, store):
    with stack.fault(store["namespace"], "brokenStorefront", status=502):
        result = stack.script("place-order", store["url"], "--engine", store["engine"], check=False)
    assert result.returncode == 1
    assert "answered with 502" in result.stdout


def test_a_host_that_is_no_store_fails(stack, store):
    nobody = re.sub(r"//[^.]+\.", "//nobody.", store["url"])
    result = stack.script("place-order", nobody, check=False)
    assert result.returncode == 1
    assert "catalogue: GET" in result.stdout and "404" in result.stdout


@pytest.mark.parametrize("arguments", [[], ["acme.localhost"], ["ftp://acme.localhost"], ["http://acme.localhost", "--engine", "magento"]])
def test_wrong_usage_is_told_apart(stack, arguments):
    assert stack.script("place-order", *arguments, check=False).returncode == 2


@pytest.mark.parametrize("engine", NAMES)
def test_a_store_that_takes_no_orders_does_not_become_ready(stack, engine):
    """Its catalogue is served; what leads to an order is answered with 500, as WordPress did without FS_METHOD."""
    with stack.fault(f"store-orderless-{engine}", "brokenCheckout", status=500), stack.live_store(f"Orderless {engine}", engine) as store:
        until(lambda: any("does not serve" in row["message"] for row in stack.store(store["id"])["events"]), "it to be started anew")
        steps = {step["label"]: step["completed"] for step in stack.store(store["id"])["provisioningSteps"]}
        assert (steps["App deployed"], steps["Ingress ready"]) == (True, False)
        stack.clear_fault(store["namespace"])
        stack.settled(store["id"], "ready")


@pytest.mark.parametrize("engine", NAMES)
def test_a_set_up_that_was_cut_short_heals_by_itself(stack, engine):
    pods = {"woocommerce": "wordpress", "medusa": ""}
    with stack.fault(f"store-halfway-{engine}", "interruptedSetup", count=1, podPrefix=pods[engine]), stack.live_store(f"Halfway {engine}", engine) as store:
        stack.settled(store["id"], "ready")
        assert "order" in stack.script("place-order", stack.store(store["id"])["url"]).stdout


@pytest.mark.parametrize("engine", NAMES)
def test_a_store_is_ready_only_when_its_catalogue_is_served(stack, engine):
    with stack.fault(f"store-broken-{engine}", "brokenStorefront", status=503), stack.live_store(f"Broken {engine}", engine) as store:
        def deployed():
            steps = stack.store(store["id"])["provisioningSteps"]
            return True if {step["label"]: step["completed"] for step in steps}["App deployed"] else None

        until(deployed, "its pods to run")
        assert stack.store(store["id"])["status"] == "provisioning"
        stack.clear_fault(store["namespace"])
        stack.settled(store["id"], "ready")
