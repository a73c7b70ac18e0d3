"""Ports for the tests' own servers. PYTHONPATH has this folder: scripts/lib/common.sh."""

import contextlib
import pathlib
import random
import socket
import subprocess

from polling import until

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


def await_port(port: int, process: subprocess.Popen, log: pathlib.Path, seconds: float = 120) -> None:
    """Until something listens on it; fails with the end of the log when the process ends before."""
    def listens() -> bool:
        assert process.poll() is None, f"port {port} is not served\n{log.read_text(errors='replace')[-3000:]}"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
        return False

    until(listens, f"port {port} to be served", seconds, 0.05)
