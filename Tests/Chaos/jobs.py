"""`scripts/chaos --jobs N`: many jobs under many more faults, with a stub in Helm's place; the invariants are the same."""

import argparse
import os
import pathlib
import threading
import time

import invariants
import writes
from clients import Shopper
from faults import Faults, schedule
from installation import Installation, Lease
from invariants import Watch

WORKERS, SLOTS, PROVISION_CAP, USERS, KEPT = 8, 4, 24, 24, 3
# So that a killed worker's namespaces are free again within seconds.
LEASE = Lease(renewal=1, term=3, kill=4, lease=5, settle=1)
# For 10,000 jobs; fewer jobs have proportionally fewer, but each kind at least once.
FAULTS = {"worker SIGKILL": 1000, "worker SIGSTOP": 100, "Redis FLUSHALL": 20, "Redis kill -9": 10, "PostgreSQL immediate restart": 10}
HERE = pathlib.Path(__file__).resolve().parent


def installation(switched_off: str) -> Installation:
    return Installation(
        pathlib.Path(os.environ["BIN"]), limits=(USERS * (KEPT + 2), KEPT + 2), workers=WORKERS, slots=SLOTS, cap=PROVISION_CAP, lease=LEASE,
        speed=10_000, skewed=False, stub=HERE / "stub_helm.sh", switched_off=switched_off,
    )


def limit(asked: argparse.Namespace) -> float:
    """How long the jobs may take, in seconds."""
    return asked.minutes * 60 or 120 + asked.jobs * 0.2


def run(installation: Installation, asked: argparse.Namespace, stuck: float) -> dict[str, list[str]]:
    kinds = {} if asked.wires else {kind: max(1, round(count * asked.jobs / 10_000)) for kind, count in FAULTS.items()}
    if asked.wires:
        # All the time: of what goes between programs and servers, one exchange in fifty is cut within a message.
        for wire in installation.wires.to("PostgreSQL") + installation.wires.to("Redis"):
            wire.mode = "cut"
    # Moments are counted in jobs, so that the faults keep step with the work however fast the machine is.
    strikes = schedule(asked.seed, asked.jobs, kinds)
    print(f"chaos with a STUB HELM: {asked.jobs} jobs, {len(strikes)} faults, seed {asked.seed}, at most {limit(asked) / 60:.0f} min; "
          f"{WORKERS} workers with {SLOTS} slots, lease times {LEASE}", flush=True)
    faults, watch, over = Faults(installation, pause=(0.1, 0.6)), Watch(installation, PROVISION_CAP), threading.Event()
    customers = [Shopper(installation, f"user-{number}", KEPT, asked.seed, over) for number in range(USERS)]
    began = time.monotonic()
    for thread in (watch, *customers):
        thread.start()
    accepted, told = 0, 0
    while accepted < asked.jobs and time.monotonic() < began + limit(asked):
        time.sleep(0.2)
        accepted = installation.sql("SELECT count(*) FROM jobs")[0][0]
        while strikes and strikes[0].at <= accepted:
            faults.strike(strikes.pop(0))
        if accepted >= told + asked.jobs / 10:
            told = accepted
            print(f"{time.monotonic() - began:6.0f} s  {accepted:6} jobs accepted, {sum(faults.counts.values())} faults", flush=True)
    late = [] if accepted >= asked.jobs else [f"only {accepted} of {asked.jobs} jobs were accepted"]
    seconds = time.monotonic() - began
    faults.wait()
    faults.heal()
    last_fault = time.monotonic()
    over.set()
    for customer in customers:
        customer.join(150)
    while (waiting := invariants.unsettled(installation)) and time.monotonic() < last_fault + stuck:
        time.sleep(1)
    settled = time.monotonic() - last_fault
    watch.over.set()
    watch.join(10)
    report(installation, faults, customers, watch, accepted, seconds, settled)
    promises = [promise for customer in customers for promise in customer.promises]
    return {
        "every fault struck": faults.refused
        + [f"{kind}: {faults.counts[kind]} times, not {count}" for kind, count in kinds.items() if faults.counts[kind] < count],
        f"the jobs were accepted within {limit(asked) / 60:.0f} min": late,
        "customers got what the API promises": [word for customer in customers for word in customer.wrong]
        + [f"{customer.user} is still waiting" for customer in customers if customer.is_alive()],
        f"nothing is stuck {stuck:.0f} s after the last fault": [f"{row}" for row in waiting],
        "quotas and cap held at every look": watch.broken + ([] if watch.looks else ["nobody looked"]),
    } | invariants.check(installation, promises)


def report(
    installation: Installation, faults: Faults, customers: list[Shopper], watch: Watch, accepted: int, seconds: float, settled: float
) -> None:
    print()
    for kind in FAULTS:
        print(f"{faults.counts[kind]:6}  {kind}")
    print(f"{sum(wire.cuts for wire in installation.wires.all):6}  exchanges cut")
    print(f"\n{accepted} jobs in {seconds:.0f} s, {accepted / seconds:.1f} a second, with a STUB HELM; {sum(customer.refused for customer in customers)} stores refused by quota; "
          f"{watch.looks} looks at quotas; all settled {settled:.1f} s after the last fault")
    for kind, state, count, reclaims in installation.sql("SELECT kind, state, count(*), sum(reclaims) FROM jobs GROUP BY 1, 2 ORDER BY 1, 2"):
        print(f"{count:6}  {kind} {state}, {reclaims} times taken from vanished workers")
    begun = [line.split(" ")[4] for line in installation.record.read_text().splitlines() if line.startswith("begin ")]
    print("changing runs of the stub Helm: " + ", ".join(f"{begun.count(verb)} {verb}" for verb in sorted(set(begun))))
    own = len(writes.recorded(installation.changes.read_text().splitlines()))
    print(f"{own} writes of workers to the cluster; {sum(len(kill.jobs) for kill in faults.kills)} running jobs lost their worker to SIGKILL")
