"""Measures how soon work goes on elsewhere: after SIGKILL, after a hand-back, and how soon a cancelled Helm is gone. Default lease times."""

import argparse
import concurrent.futures
import json
import os
import pathlib
import signal
import statistics
import sys
import time

from installation import Installation, Program
from polling import until

AIMS = {
    "SIGKILL of a worker to its Helm running elsewhere": (13.5, 16.0),
    "hand-back (second SIGTERM) to Helm running elsewhere": (3.0, 3.0),
    "cancel (DELETE sent) to Helm gone": (6.0, 6.0),
}


class Bench:
    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.made = 0

    def at_work(self) -> tuple[str, str, Program]:
        """A new store whose Helm runs right now and will for half a minute: its namespace answers slowly."""
        self.made += 1
        name = f"bench {self.made}"
        namespace = f"store-bench-{self.made}"
        self.installation.kubernetes("PUT", f"/simulator/faults/{namespace}", {"faults": [{"kind": "latency", "seconds": 1}]})
        store = self.installation.ask("POST", "/api/stores", {"name": name, "engine": "woocommerce"})["store"]
        assert store["namespace"] == namespace, store
        until(lambda: self.events(namespace, "begin"), f"Helm in {namespace}")
        worker, = self.installation.sql("SELECT worker FROM jobs WHERE store_id = %s AND state = 'running'", store["id"])[0]
        return store["id"], namespace, next(program for program in self.installation.workers if program.name == worker)

    def events(self, namespace: str, event: str, after: float = 0) -> list[float]:
        """When, by the boot clock in seconds, of which the record has whole hundredths."""
        lines = [line.split(" ") for line in self.installation.record.read_text().splitlines()]
        times = [int(line[1]) / 1000 for line in lines if line[0] == event and line[3] == namespace]
        return [moment for moment in times if moment > after - 0.01]

    def fast_again(self, namespace: str) -> None:
        self.installation.kubernetes("DELETE", f"/simulator/faults/{namespace}")

    def killed(self) -> float:
        store, namespace, worker = self.at_work()
        # Not in step with the renewals.
        time.sleep(self.made * 0.7 % 3)
        began = boottime()
        worker.kill()
        # A Helm that is fast again before its guard has ended it would finish, and nobody would have to start another.
        until(lambda: self.events(namespace, "end", began), "the end of the killed worker's Helm", 60)
        self.fast_again(namespace)
        until(lambda: self.events(namespace, "begin", began), "Helm elsewhere", 60)
        worker.start()
        self.finish(store)
        return self.events(namespace, "begin", began)[0] - began

    def handed_back(self) -> float:
        store, namespace, worker = self.at_work()
        worker.send(signal.SIGTERM)
        time.sleep(0.5)
        began = boottime()
        worker.send(signal.SIGTERM)
        self.fast_again(namespace)
        until(lambda: self.events(namespace, "begin", began), "Helm elsewhere", 60)
        worker.end()
        worker.start()
        self.finish(store)
        return self.events(namespace, "begin", began)[0] - began

    def cancelled(self) -> float:
        store, namespace, _ = self.at_work()
        # Helm may be gone before the answer is here.
        began = boottime()
        self.installation.ask("DELETE", f"/api/stores/{store}")
        until(lambda: self.events(namespace, "end", began), "Helm's end", 60)
        gone = self.events(namespace, "end", began)[0] - began
        self.fast_again(namespace)
        return gone

    def finish(self, store: str) -> None:
        until(lambda: self.installation.sql("SELECT 1 FROM stores WHERE id = %s AND status = 'ready'", store), f"{store} to be ready", 120)
        self.installation.ask("DELETE", f"/api/stores/{store}")


def boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def series(rounds: int, offset: float) -> dict[str, list[float]]:
    """All three in an installation of its own: so many kills, half as many of the others. `offset`: seconds, so that several are not in step."""
    time.sleep(offset)
    # No clock is off here: libfaketime keeps a core busy for each worker that it deceives.
    installation = Installation(pathlib.Path(os.environ["BIN"]), limits=(1000, 1000), skewed=False)
    try:
        installation.start()
        bench = Bench(installation)
        counts = (rounds, -(-rounds // 2), -(-rounds // 2))
        measures = (bench.killed, bench.handed_back, bench.cancelled)
        results = {name: [measure() for _ in range(count)] for name, measure, count in zip(AIMS, measures, counts, strict=True)}
    finally:
        installation.stop()
    installation.remove()
    return results


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench recovery", description=__doc__)
    parser.add_argument("--rounds", type=int, default=52, help="of SIGKILL; half as many of the others (52)")
    parser.add_argument("--installations", type=int, default=4, help="that are measured side by side (4)")
    parser.add_argument("--json", type=pathlib.Path, help="also writes the times there")
    asked = parser.parse_args()
    side = range(max(1, min(asked.installations, asked.rounds)))
    with concurrent.futures.ThreadPoolExecutor(len(side)) as threads:
        parts = list(threads.map(lambda place: series(-(-asked.rounds // len(side)), place * 3), side))
    results = {name: sorted(time for part in parts for time in part[name]) for name in AIMS}
    print(f"\n{'seconds':58} {'n':>3} {'p50':>6} {'p99':>6} {'aim p50':>8} {'aim p99':>8}")
    missed = False
    for name, times in results.items():
        p50, p99 = statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.99))]
        is_met = p50 <= AIMS[name][0] and p99 <= AIMS[name][1]
        missed = missed or not is_met
        print(f"{name:58} {len(times):3} {p50:6.2f} {p99:6.2f} {AIMS[name][0]:8} {AIMS[name][1]:8}  {'met' if is_met else 'MISSED'}")
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=1) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
