"""Ports for the tests' own servers. PYTHONPATH has this folder: scripts/lib/common.sh."""

import random
import socket

# Below every system's range of ports for outgoing connections, and below Kubernetes's NodePorts: no client or listener on port 0 takes
# one between the moment it is found free and the moment its server listens.
LOWEST, HIGHEST = 20_000, 26_000
_given: set[int] = set()


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on, another one at each call. Runs side by side begin at random places."""
    for _ in range(1000):
        port = random.SystemRandom().randrange(LOWEST, HIGHEST)
        if port in _given:
            continue
        with socket.socket() as it:
            try:
                it.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise RuntimeError(f"no free port between {LOWEST} and {HIGHEST}")
