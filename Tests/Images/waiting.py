"""Waiting for a container to do something."""

import time


def until(holds, container, seconds: float = 60) -> None:
    """Asks again and again; what the container said is the failure's message."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline and container.inspect("{{.State.Running}}") == "true", container.logs()
        time.sleep(0.2)
