"""The platform's images with programs that were built here, since a Swift image to compile in is more than the suite can have."""

import os
import pathlib
import sys

from containers import ROOT, base, build, podman

sys.path.append(str(ROOT / "scripts/lib"))
import platform_context  # noqa: E402


def context(folder: pathlib.Path) -> pathlib.Path:
    return platform_context.make(folder, ROOT / ".build/debug", os.environ["HELM_PATH"])


def base_for_programs() -> str:
    debian = base()
    there = podman("run", "--rm", "--network=none", "--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096", debian,
                   "dpkg-query", "--show", "--showformat=${Version}", "libc6").stdout.strip().splitlines()[-1]
    return debian if platform_context.runs_on(there) else build("newer-libraries", platform_context.NEWER_LIBRARIES, BASE_IMAGE=debian)


def build_image(folder: pathlib.Path, target: str) -> str:
    debian = base_for_programs()
    return build(target, folder, file=folder / "docker/platform/Dockerfile", target=target, SWIFT_IMAGE=debian, BASE_IMAGE=debian)
