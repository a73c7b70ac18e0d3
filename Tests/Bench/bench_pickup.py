"""How soon a worker that has nothing to do begins a job: from before it is sent until it is claimed."""

import sys

from contenders import PEER_NAMES, Peer
from measuring import BIN, Rounds, Servers, Verdicts, arguments, run_json

REDIS = "ours, claimed in Redis"
FENCE = "ours, with its fence in PostgreSQL"


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--without-peers", action="store_true")
    options = parser.parse_args()
    verdicts = Verdicts()
    rounds = Rounds(options.rounds)
    with Servers() as servers:
        run_json([BIN / "queue-bench", "fill", options.jobs * options.rounds], servers.environment())

        def ours(measurement: str):
            def measure() -> dict[str, float]:
                servers.redis.flushall()
                return run_json([BIN / "queue-bench", measurement, options.jobs], servers.environment())

            return measure

        contenders = {REDIS: ours("pickup"), FENCE: ours("claim")}
        if not options.without_peers:
            for name in PEER_NAMES:
                peer = Peer(name, servers, options.jobs)
                contenders[name] = lambda peer=peer: peer.pickup(max(20, options.jobs // 3))
        rounds.run(contenders)
    rounds.table({"p50_ms": "p50 ms", "p99_ms": "p99 ms"})
    verdicts.at_most("pick-up in Redis, p50 ms", rounds.median(REDIS, "p50_ms"), 1)
    verdicts.at_most("pick-up in Redis, p99 ms", rounds.median(REDIS, "p99_ms"), 10)
    if not options.without_peers:
        for name in PEER_NAMES:
            verdicts.at_most(f"pick-up in Redis, p50 over {name}'s", rounds.ratio(REDIS, name, "p50_ms"), 1)
    return verdicts.end(rounds.figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
