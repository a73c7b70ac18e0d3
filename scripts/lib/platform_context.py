"""The context of docker/platform's Dockerfile with the programs that were compiled here given to it, for where no image can be had to compile in."""

import os
import pathlib
import platform
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What makes a base that has them of a base whose C library is older than this machine's.
NEWER_LIBRARIES = ROOT / "scripts/lib/node/newer-libraries"
PROGRAMS = ("store-api", "store-courier", "store-gate", "store-vault", "store-worker", "helm-guard", "storectl")


def runs_on(version: str) -> bool:
    """Whether what was compiled here runs where libc6 has this version of Debian's."""
    def parts(text: str) -> tuple[int, ...]:
        return tuple(int(it) for it in text.split("-")[0].split(".")[:2])

    return parts(platform.libc_ver()[1]) <= parts(version)


def libraries(program: pathlib.Path) -> set[pathlib.Path]:
    """The shared libraries that a program takes from elsewhere than the system: Swift's."""
    lines = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout.splitlines()
    paths = {pathlib.Path(line.split()[2]) for line in lines if "=> /" in line}
    return {it for it in paths if not str(it).startswith(("/lib", "/usr/lib/x86_64", "/usr/lib/aarch64"))}


def make(context: pathlib.Path, built: pathlib.Path, helm: str | pathlib.Path) -> pathlib.Path:
    """`built`: where the programs are. Times are kept: the same programs make the same image. NODE_CHARTS=DIR has further charts for the workers."""
    for name in ("docker/platform", "helm/store", "helm/medusa-store", "helm/released"):
        shutil.copytree(ROOT / name, context / name)
    if further := os.environ.get("NODE_CHARTS"):
        shutil.copytree(further, context / "helm/released", dirs_exist_ok=True)
    for name in ("Sources", "Tests"):
        (context / name).mkdir()
    (context / "Package.swift").touch()
    given = context / "docker/platform/programs"
    for name in ("bin", "lib", "resources"):
        (given / name).mkdir(exist_ok=True)
    for name in PROGRAMS:
        subprocess.run(["strip", "--preserve-dates", "-o", given / "bin" / name, built / name], check=True)
        for library in libraries(built / name):
            shutil.copy2(library, given / "lib")
    for bundle in built.glob("*.resources"):
        shutil.copytree(bundle, given / "resources" / bundle.name)
    shutil.copy2(helm, given / "bin/helm")
    shutil.copy2(ROOT / "Package.resolved", given)
    return context
