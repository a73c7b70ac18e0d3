"""How many files a program may open (ulimit -n): too few stop its start in words, and it takes what the hard limit allows."""

import os
import pathlib
import re
import subprocess

import pytest
from charts import ROOT
from polling import until
from ports import free_port

PROGRAMS = ROOT / ".build/debug"


def start(program: str, limits: str) -> subprocess.Popen:
    environment = {"PATH": os.environ["PATH"], "HOST": "127.0.0.1", "PORT": str(free_port())}
    return subprocess.Popen(["bash", "-c", f'ulimit {limits}; exec "$0"', PROGRAMS / program], env=environment,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("program", ["store-api", "store-courier", "store-gate", "store-vault", "store-worker"])
def test_too_few_stop_the_start_in_words(program):
    process = start(program, "-n 64")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and "may open 64 files" in said and "ulimit -Hn" in said, said


def test_the_soft_limit_is_raised():
    """As a service of systemd has it, 1024 of many more: no limit for 2,000 browsers."""
    process = start("store-api", "-Sn 512")
    here = pathlib.Path(f"/proc/{process.pid}")

    def is_raised() -> bool:
        assert process.poll() is None, process.communicate()[0]
        # The shell before it has another limit until it sets this one.
        if (here / "exe").resolve().name != "store-api":
            return False
        soft, hard = re.search(r"^Max open files +(\w+) +(\w+)", (here / "limits").read_text(), re.MULTILINE).groups()
        return int(soft) == (65_536 if hard == "unlimited" else min(int(hard), 65_536))

    try:
        until(is_raised, "the highest limit", 60)
    finally:
        process.kill()
        process.communicate()
