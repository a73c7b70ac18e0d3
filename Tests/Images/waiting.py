"""Waiting for a container to do something."""

import polling


def until(holds, container, seconds: float = 60) -> None:
    """Asks again and again; what the container said is the failure's message."""
    ended = lambda: container.inspect("{{.State.Running}}") != "true"  # noqa: E731
    polling.until(holds, "what its container does", seconds, ended=ended, said=container.logs)
