"""The platform's images with programs that were built here, since a Swift image to compile in is more than the suite can have."""

import os
import pathlib
import shutil
import subprocess

from containers import ROOT, base, build

PROGRAMS = ("store-api", "store-worker", "helm-guard", "storectl")


def libraries(program: pathlib.Path) -> set[pathlib.Path]:
    """The shared libraries that a program takes from the Swift toolchain."""
    lines = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout.splitlines()
    paths = {pathlib.Path(line.split()[2]) for line in lines if "=> /" in line}
    return {it for it in paths if not str(it).startswith(("/lib", "/usr/lib/x86_64", "/usr/lib/aarch64"))}


def context(folder: pathlib.Path) -> pathlib.Path:
    """The context of the build, with the programs of .build/debug as given ones."""
    built = ROOT / ".build/debug"
    for name in ("docker/platform", "helm/store", "helm/medusa-store"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("Sources", "Tests"):
        (folder / name).mkdir()
    (folder / "Package.swift").touch()
    given = folder / "docker/platform/programs"
    for name in ("bin", "lib", "resources"):
        (given / name).mkdir()
    for name in PROGRAMS:
        subprocess.run(["strip", "-o", given / "bin" / name, built / name], check=True)
        for library in libraries(built / name):
            shutil.copy(library, given / "lib")
    for bundle in built.glob("*.resources"):
        shutil.copytree(bundle, given / "resources" / bundle.name)
    shutil.copy(os.environ["HELM_PATH"], given / "bin/helm")
    shutil.copy(ROOT / "Package.resolved", given)
    return folder


def build_image(folder: pathlib.Path, target: str) -> str:
    debian = base()
    return build(target, folder, file=folder / "docker/platform/Dockerfile", target=target, SWIFT_IMAGE=debian, BASE_IMAGE=debian)
