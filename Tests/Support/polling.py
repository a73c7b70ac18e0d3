"""Waiting for a condition. PYTHONPATH has this folder: scripts/lib/tools.sh."""

import time


def until(probe, what: str, seconds: float = 180, pause: float = 0.2, ended=lambda: False, said=lambda: ""):
    """Asks again and again; the first answer that is true. `ended`: whether nothing can come any more; `said`: what the failure tells beside."""
    deadline = time.monotonic() + seconds
    while not (answer := probe()):
        assert not ended(), f"it ended while the test waited for {what}\n{said()}"
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}\n{said()}"
        time.sleep(pause)
    return answer
