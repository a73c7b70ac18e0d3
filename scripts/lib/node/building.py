"""Builds images by buildah on a Debian base; what was built of the same files is not built again."""

import dataclasses
import hashlib
import json
import os
import pathlib
import subprocess

from place import NodeError

ROOT = pathlib.Path(__file__).resolve().parents[3]
CONTAINERS = ROOT / ".tools/containers"
# As scripts/lib/images.sh has it, which makes the base.
STORAGE = ["--root", str(CONTAINERS / "storage"), "--runroot", str(CONTAINERS / "run"), "--storage-driver", "overlay"]
DEBIAN = "localhost/store-weaver-test/debian"
LOGS = pathlib.Path(os.environ.get("LOGS") or ROOT / ".run/log")


@dataclasses.dataclass
class Recipe:
    """How an image is built: a folder with its Dockerfile, and what the Dockerfile is given. `contexts`: further folders, by name."""

    folder: pathlib.Path
    file: pathlib.Path | None = None
    target: str | None = None
    arguments: dict[str, str] = dataclasses.field(default_factory=dict)
    contexts: dict[str, pathlib.Path] = dataclasses.field(default_factory=dict)


def run(*command, log: pathlib.Path | None = None) -> str:
    done = subprocess.run(
        [str(it) for it in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT if log else subprocess.PIPE,
        text=True, errors="replace", check=False,
    )
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout)
    if done.returncode:
        words = done.stdout if log else done.stderr
        raise NodeError(f"{' '.join(map(str, command[:3]))} …: {words.strip()[-1500:]}" + (f"\nThe whole log is {log}." if log else ""))
    return done.stdout


def podman(*words, log: pathlib.Path | None = None) -> str:
    return run("podman", *STORAGE, "--events-backend", "file", *words, log=log)


def has_image(name: str) -> bool:
    return subprocess.run(["podman", *STORAGE, "image", "exists", name], check=False).returncode == 0


def digest_of(folder: pathlib.Path) -> str:
    """Changes when a file of the folder does; of large ones size and time count, not content."""
    sum_ = hashlib.sha256()
    for path in sorted(it for it in folder.rglob("*") if it.is_file() or it.is_symlink()):
        about = path.lstat()
        content = os.readlink(path) if path.is_symlink() else about.st_mtime_ns if about.st_size > 1 << 20 else hashlib.sha256(path.read_bytes()).hexdigest()
        sum_.update(f"{path.relative_to(folder)} {about.st_mode} {about.st_size} {content}\n".encode())
    return sum_.hexdigest()


def key_of(recipe: Recipe) -> str:
    """What an image is known by: all that goes into it."""
    said = {"arguments": recipe.arguments, "target": recipe.target, "file": recipe.file.read_text() if recipe.file else ""}
    said |= {name: digest_of(path) for name, path in {"folder": recipe.folder, **recipe.contexts}.items()}
    said["bases"] = [podman("image", "inspect", "--format", "{{.Id}}", it).strip() for it in sorted(set(recipe.arguments.values())) if it.startswith(("localhost/", "node.local/"))]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def build(name: str, recipe: Recipe, logs: pathlib.Path) -> str:
    """The full name of the image, which is built unless it is there."""
    image = f"node.local/{name}:{key_of(recipe)}"
    if has_image(image):
        return image
    print(f"==> Building the image {name}", flush=True)
    words = [word for key, value in recipe.arguments.items() for word in ("--build-arg", f"{key}={value}")]
    words += [word for key, path in recipe.contexts.items() for word in ("--build-context", f"{key}={path}")]
    words += ["--file", recipe.file] if recipe.file else []
    words += ["--target", recipe.target] if recipe.target else []
    # Where this runs in a container itself, the usual limits may be above what that one has.
    run("buildah", *STORAGE, "bud", "--format", "docker", "--isolation", "chroot", "--network", "host", "--ulimit", "nofile=1024:1024",
        *words, "--tag", image, recipe.folder, log=logs / f"image-{name}.log")
    for old in podman("images", "--format", "{{.Repository}}:{{.Tag}}", f"node.local/{name}").split():
        if old != image:
            # One that another is built on stays.
            subprocess.run(["podman", *STORAGE, "--events-backend", "file", "rmi", old], check=False, capture_output=True)
    return image


def save(image: str, archive: pathlib.Path) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    unfinished = archive.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    podman("save", "--quiet", "--output", unfinished, image)
    unfinished.rename(archive)
