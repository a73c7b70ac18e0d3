"""What every peer's job does: nothing, but for those that are told a file, into which they write when they began."""

import pathlib
import time


def work(sent: int, path: str) -> None:
    """`sent`: when it was enqueued, in nanoseconds of the wall clock."""
    if path:
        now = time.time_ns()
        with pathlib.Path(path).open("a") as file:
            file.write(f"{sent} {now}\n")
