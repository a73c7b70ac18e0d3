"""scripts/up, status and down. The last of these ends the stack: it has to be the last of all."""

import pathlib

import pytest


def processes_of(folder: pathlib.Path) -> list[str]:
    """The command lines of processes that name the folder in their command line or environment."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + b"\0" + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words:
            found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def test_up_twice_says_so_and_does_no_harm(stack):
    before = {name: stack.pid(name) for name in ("store-api", "store-courier", "store-gate", "store-worker-1", "store-worker-2", "cluster-sim")}
    result = stack.script("up", "--detach")
    assert "is up already" in result.stdout
    assert stack.url in result.stdout
    assert {name: stack.pid(name) for name in before} == before


def test_status_tells_what_runs(stack):
    result = stack.script("status")
    for name in ("store-api", "store-courier", "store-gate", "store-worker-1", "store-worker-2", "cluster-sim", "postgres", "redis"):
        assert f"{name} " in result.stdout
    assert "ended" not in result.stdout


def test_passwords_are_readable_by_their_owner_alone(stack):
    for name in ("stack.env", "postgres/password", "redis/password"):
        assert (stack.folder / "run" / name).stat().st_mode & 0o077 == 0, name


@pytest.mark.skipif(not pathlib.Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
def test_down_leaves_no_process(stack):
    assert processes_of(stack.folder)
    stack.script("down")
    assert processes_of(stack.folder) == []
    assert stack.script("status", check=False).returncode != 0
    assert "Nothing" in stack.script("down").stdout or stack.script("down").returncode == 0
