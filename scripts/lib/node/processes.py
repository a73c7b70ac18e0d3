"""The node's processes on the machine: each has a file with its number and when it began, as scripts/lib/processes.sh keeps them."""

import os
import pathlib
import signal
import subprocess
import time

from place import NodeError, Place


def began(pid: int) -> str | None:
    """When a process began, in the kernel's ticks; None when it has ended."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


class Processes:
    """What runs for one node."""

    def __init__(self, place: Place):
        self.place = place

    def pid(self, name: str) -> int | None:
        """The process of this name, if it still runs."""
        try:
            pid, since = (self.place.pids / name).read_text().split()
        except (OSError, ValueError):
            return None
        return int(pid) if began(int(pid)) == since else None

    def names(self) -> list[str]:
        """All that were started and not ended here, whether they run or not."""
        return sorted(it.name for it in self.place.pids.glob("*"))

    def start(self, name: str, *command, inside: bool = True, environment: dict | None = None) -> None:
        """Starts a program, in the node's network unless `inside` is false; its output goes to a file of its name."""
        if self.pid(name):
            return
        for folder in (self.place.pids, self.place.logs):
            folder.mkdir(parents=True, exist_ok=True)
        words = [*(["nsenter", f"--net={self.place.netns}"] if inside else []), *map(str, command)]
        path = f"{self.place.bin}:{self.place.bin}/cni:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        with open(self.place.logs / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={"PATH": path, "HOME": str(self.place.state), "LANG": "C.UTF-8", **(environment or {})},
            )
        (self.place.pids / name).write_text(f"{process.pid}\n{began(process.pid)}\n")

    def end(self, *names: str, patience: float = 10) -> None:
        """Ends them one after the other: TERM, then KILL when the patience is over."""
        for name in names:
            for number, limit in ((signal.SIGTERM, patience), (signal.SIGKILL, 5)):
                if pid := self.pid(name):
                    os.kill(pid, number)
                    deadline = time.monotonic() + limit
                    while self.pid(name) and time.monotonic() < deadline:
                        time.sleep(0.05)
            (self.place.pids / name).unlink(missing_ok=True)

    def kill(self, name: str) -> None:
        """As a crash: KILL at once."""
        if pid := self.pid(name):
            os.kill(pid, signal.SIGKILL)
            while self.pid(name):
                time.sleep(0.02)
        (self.place.pids / name).unlink(missing_ok=True)

    def last_words(self, name: str) -> str:
        """The end of what it said."""
        try:
            return "\n".join((self.place.logs / f"{name}.log").read_text(errors="replace").splitlines()[-15:])
        except OSError:
            return ""


def wait_for(what: str, seconds: float, holds, processes: Processes, name: str) -> None:
    """Asks until it holds; fails when the time is over or the process that it depends on has ended."""
    deadline = time.monotonic() + seconds
    while not holds():
        if processes.pid(name) is None:
            raise NodeError(f"{name} has ended: {processes.place.logs}/{name}.log\n{processes.last_words(name)}")
        if time.monotonic() > deadline:
            raise NodeError(f"{what} took more than {seconds} s: {processes.place.logs}/{name}.log\n{processes.last_words(name)}")
        time.sleep(0.1)
