"""Containers by podman, with images and storage of this checkout's own."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".tools/containers"
STORAGE = ["--root", str(FOLDER / "storage"), "--runroot", str(FOLDER / "run"), "--storage-driver", "overlay"]
# Where the tests run in a container themselves, the usual limits may be above what that one has.
LIMITS = ["--ulimit", "nofile=1024:1024"]


def run(*command, check=True, timeout=600) -> subprocess.CompletedProcess:
    """Runs a command with its output in `stdout`, errors included; fails with that output."""
    done = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", timeout=timeout, check=False,
    )
    assert not check or done.returncode == 0, f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-4000:]}"
    return done


def podman(*arguments, **options) -> subprocess.CompletedProcess:
    runtime = ["--runtime", "runc", "--cgroup-manager", "cgroupfs", "--events-backend", "file"]
    return run("podman", *STORAGE, *runtime, *arguments, **options)


def build(name: str, folder: pathlib.Path, *, file: pathlib.Path | None = None, target: str | None = None, contexts: dict | None = None, **arguments) -> str:
    """Builds the image of a folder's Dockerfile, or of `file` with the folder as its context, and answers its full name.

    `contexts` are further build contexts: folders by name.
    """
    tag = f"localhost/store-weaver-test/{name}"
    where = [*(["--file", file] if file else []), *(["--target", target] if target else [])]
    where += [word for key, path in (contexts or {}).items() for word in ("--build-context", f"{key}={path}")]
    given = [word for key, value in arguments.items() for word in ("--build-arg", f"{key}={value}")]
    run("buildah", *STORAGE, "bud", "--format", "docker", "--isolation", "chroot", "--network", "host", *LIMITS, *given, *where, "-t", tag, folder)
    return tag


def base() -> str:
    """The Debian image that scripts/test makes, unless BASE_IMAGE names another."""
    return os.environ.get("BASE_IMAGE") or "localhost/store-weaver-test/debian"


class Container:
    """A running container; `network` is another's, whose loopback the two then share, this machine's ("host"), or none at all."""

    def __init__(self, image: str, *command, options=(), network: "Container | str | None" = None):
        where = f"container:{network.id}" if isinstance(network, Container) else network or "none"
        words = ["run", "--detach", "--network", where, *LIMITS, "--ulimit", "nproc=4096:4096", *options, image, *command]
        self.id = podman(*words).stdout.strip().splitlines()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        podman("rm", "--force", "--time", "5", self.id)

    def inspect(self, template: str) -> str:
        return podman("inspect", "--format", template, self.id).stdout.strip()

    def logs(self) -> str:
        return podman("logs", self.id).stdout

    def wait(self) -> int:
        """Until it ends by itself; its exit code."""
        return int(podman("wait", self.id).stdout.strip().splitlines()[-1])

    def execute(self, *command, check=True) -> subprocess.CompletedProcess:
        return podman("exec", self.id, *command, check=check)

    def beside(self, *command, check=True) -> subprocess.CompletedProcess:
        """Runs a program of this machine in the container's network."""
        return run("nsenter", "--target", self.inspect("{{.State.Pid}}"), "--net", *command, check=check)
