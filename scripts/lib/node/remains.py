"""What a node leaves on the machine when its programs end: containers, mounts, cgroups, links of logs, kernel settings. All of it is found by the
node's own names, so it is found after a crash too."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

from network import close_network
from place import Place
from processes import Processes

CGROUPS = pathlib.Path("/sys/fs/cgroup")
# What a kubelet sets for the whole machine, and the number of watched files, which many pods need.
KERNEL = ("vm.overcommit_memory", "vm.panic_on_oom", "kernel.panic", "kernel.panic_on_oops", "kernel.keys.root_maxkeys", "kernel.keys.root_maxbytes",
          "fs.inotify.max_user_instances")


def cgroup_folders(place: Place) -> list[pathlib.Path]:
    """The node's cgroup: one in each hierarchy of version 1, or the one of version 2."""
    roots = [CGROUPS] if (CGROUPS / "cgroup.controllers").exists() else [it for it in CGROUPS.iterdir() if (it / "cgroup.procs").exists()]
    return [root / place.name for root in roots]


def make_cgroups(place: Place) -> None:
    for folder in cgroup_folders(place):
        for controller in ("cpu", "cpuset", "memory", "pids", "hugetlb", "io"):
            with contextlib.suppress(OSError):
                (folder.parent / "cgroup.subtree_control").write_text(f"+{controller}")
        folder.mkdir(exist_ok=True)


def processes_in_cgroups(place: Place) -> set[int]:
    """All processes of the node's pods."""
    found: set[int] = set()
    for folder in cgroup_folders(place):
        for file in folder.rglob("cgroup.procs"):
            with contextlib.suppress(OSError):
                found |= set(map(int, file.read_text().split()))
    return found


def shims(place: Place) -> set[int]:
    """What containerd started to watch over containers, which outlives it; its command line names the node's socket."""
    found = set()
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if str(place.socket).encode() in words and b"containerd-shim" in words[0]:
                found.add(int(path.parent.name))
    return found


def mounts(place: Place) -> list[str]:
    """Below the node's folder, the deepest first."""
    lines = pathlib.Path("/proc/self/mounts").read_text().splitlines()
    points = [line.split()[1].replace("\\040", " ") for line in lines]
    return sorted((it for it in points if it.startswith(f"{place.folder}/")), reverse=True)


def logs(place: Place) -> list[pathlib.Path]:
    """The kubelet's links to logs of pods, in a folder that all kubelets of a machine share; and results of the pods' network."""
    links = [it for it in pathlib.Path("/var/log/containers").glob("*.log") if it.is_symlink() and os.readlink(it).startswith(f"{place.folder}/")]
    return links + list(pathlib.Path("/var/lib/cni/results").glob(f"{place.name}-*"))


def remains(place: Place) -> list[str]:
    """In words, all that is on the machine of this node; empty after it was ended."""
    processes = Processes(place)
    found = [f"process {name}" for name in processes.names() if processes.pid(name)]
    found += [f"process {pid} of a pod" for pid in sorted(processes_in_cgroups(place))] + [f"process {pid}, a container's shim" for pid in sorted(shims(place))]
    found += [f"mount {it}" for it in mounts(place)] + [f"cgroup {it}" for it in cgroup_folders(place) if it.exists()] + [f"file {it}" for it in logs(place)]
    found += [f"network namespace {place.name}"] if place.netns.exists() else []
    found += [f"link {place.host_link}"] if pathlib.Path(f"/sys/class/net/{place.host_link}").exists() else []
    return found


def kill_all(find, seconds: float = 20) -> None:
    """Kills what `find` answers until it answers nothing."""
    deadline = time.monotonic() + seconds
    while (found := find()) and time.monotonic() < deadline:
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def remove_cgroups(place: Place, seconds: float = 10) -> None:
    """Removed from the leaves on; a process that was killed a moment ago may still be in one."""
    deadline = time.monotonic() + seconds
    while any(it.exists() for it in cgroup_folders(place)) and time.monotonic() < deadline:
        for folder in cgroup_folders(place):
            for leaf in sorted((it for it in folder.rglob("*") if it.is_dir()), reverse=True):
                with contextlib.suppress(OSError):
                    leaf.rmdir()
            with contextlib.suppress(OSError):
                folder.rmdir()
        time.sleep(0.05)


def keep_kernel_settings(place: Place) -> None:
    """Notes what they are, to be put back, and lets many pods watch files."""
    saved = place.folder / "kernel-settings"
    if not saved.exists():
        said = subprocess.run(["sysctl", *KERNEL], check=False, capture_output=True, text=True).stdout
        saved.write_text(said)
    watches = pathlib.Path("/proc/sys/fs/inotify/max_user_instances")
    if int(watches.read_text()) < 1024:
        watches.write_text("1024")


def restore_kernel_settings(place: Place) -> None:
    saved = place.folder / "kernel-settings"
    if saved.exists():
        subprocess.run(["sysctl", "-q", "-p", saved], check=False, capture_output=True)
        saved.unlink()


def clear(place: Place) -> None:
    """Removes all of it, whether the node was ended or crashed. What the node has stored stays."""
    kill_all(lambda: shims(place) | processes_in_cgroups(place))
    # A mount may stand on another.
    for _ in range(5):
        for point in mounts(place):
            subprocess.run(["umount", "-l", point], check=False, capture_output=True)
        if not mounts(place):
            break
    remove_cgroups(place)
    close_network(place)
    # As /run is empty after a machine's start.
    for folder in ("containerd", "cni"):
        shutil.rmtree(place.state / folder, ignore_errors=True)
    for path in logs(place):
        path.unlink(missing_ok=True)
    restore_kernel_settings(place)
