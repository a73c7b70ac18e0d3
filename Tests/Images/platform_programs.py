"""The platform's images with programs that were built here, since a Swift image to compile in is more than the suite can have."""

import os
import pathlib
import sys

from containers import ROOT, base, build

sys.path.append(str(ROOT / "scripts/lib"))
import platform_context  # noqa: E402


def context(folder: pathlib.Path) -> pathlib.Path:
    return platform_context.make(folder, ROOT / ".build/debug", os.environ["HELM_PATH"])


def build_image(folder: pathlib.Path, target: str) -> str:
    debian = base()
    return build(target, folder, file=folder / "docker/platform/Dockerfile", target=target, SWIFT_IMAGE=debian, BASE_IMAGE=debian)
