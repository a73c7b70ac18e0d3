"""How the images that the charts name are built for a node, from this checkout and Debian's packages."""

import os
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Callable

import building
from building import DEBIAN, ROOT, Recipe
from place import NodeError

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import platform_context  # noqa: E402

# What `swift build` made, unless BIN says where the programs are.
PROGRAMS = pathlib.Path(os.environ.get("BIN") or ROOT / ".build/debug")


def system(_: pathlib.Path) -> Recipe:
    return Recipe(HERE / "system", arguments={"BASE_IMAGE": DEBIAN})


def database(target: str, suite: str) -> Callable[[pathlib.Path], Recipe]:
    return lambda _: Recipe(HERE / "databases", target=target, arguments={"BASE_IMAGE": DEBIAN, "SUITE": suite})


def newer_debian() -> str:
    """The Debian base with the packages of Debian's unstable: restic, rclone and restic-rest-server as Debian 13 and later have them."""
    return building.build("newer-debian", Recipe(HERE / "databases", target="debian", arguments={"BASE_IMAGE": DEBIAN, "SUITE": "sid"}), building.LOGS)


def store_mysql(_: pathlib.Path) -> Recipe:
    return Recipe(ROOT / "docker/store-mysql", arguments={"BASE_IMAGE": image("mysql")})


def keeper(_: pathlib.Path) -> Recipe:
    return Recipe(ROOT / "docker/store-keeper", arguments={"BASE_IMAGE": newer_debian()})


def wordpress_next(scratch: pathlib.Path) -> Recipe:
    """What a store of the other image is upgraded to: the tree of WORDPRESS_NEXT_DIR; without it, the same."""
    return wordpress(scratch, "WORDPRESS_NEXT_DIR" if os.environ.get("WORDPRESS_NEXT_DIR") else "WORDPRESS_DIR")


def wordpress(scratch: pathlib.Path, tree: str = "WORDPRESS_DIR") -> Recipe:
    """WordPress of Debian without WooCommerce; or the tree of WORDPRESS_DIR, and the plugin of WOOCOMMERCE_ZIP."""
    given = scratch / "given"
    given.mkdir()
    if folder := os.environ.get(tree):
        if not (pathlib.Path(folder) / "wp-load.php").exists():
            raise NodeError(f"{tree}={folder} is no tree of WordPress: it has no wp-load.php")
        shutil.copytree(folder, given / "wordpress", symlinks=True)
    if archive := os.environ.get("WOOCOMMERCE_ZIP"):
        if not pathlib.Path(archive).is_file():
            raise NodeError(f"WOOCOMMERCE_ZIP={archive} is no file")
        shutil.copy2(archive, given)
    return Recipe(ROOT / "docker/wordpress-woocommerce", arguments={"BASE_IMAGE": DEBIAN}, contexts={"given": given})


def medusa(scratch: pathlib.Path) -> Recipe:
    """Medusa's backend of what scripts/lib/medusa.sh built: MEDUSA_APP, and the Node.js on PATH."""
    app, program = os.environ.get("MEDUSA_APP"), shutil.which("node")
    if not app or not program:
        raise NodeError("Medusa is not built: set MEDUSA_MODULES to the node_modules that docker/medusa-backend/package-lock.json names")
    (scratch / "node").mkdir()
    shutil.copy2(pathlib.Path(program).resolve(), scratch / "node/node")
    contexts = {"app": pathlib.Path(app), "node": scratch / "node"}
    return Recipe(ROOT / "docker/medusa-backend", file=HERE / "medusa/Dockerfile", arguments={"BASE_IMAGE": DEBIAN}, contexts=contexts)


def storefront(_: pathlib.Path) -> Recipe:
    base = building.build("nginx", Recipe(ROOT / "Tests/Images/nginx", arguments={"BASE_IMAGE": DEBIAN}), building.LOGS)
    return Recipe(ROOT / "docker/medusa-storefront", arguments={"BASE_IMAGE": base})


def base_for_programs() -> str:
    """The Debian base; where this machine's C library is newer, with a newer one: what was compiled here needs it."""
    there = building.podman("run", "--rm", "--network=none", "--runtime=runc", "--cgroup-manager=cgroupfs", "--ulimit=nofile=1024:1024",
                            "--ulimit=nproc=4096:4096", DEBIAN, "dpkg-query", "--show", "--showformat=${Version}", "libc6").strip()
    if platform_context.runs_on(there):
        return DEBIAN
    return building.build("newer-libraries", Recipe(platform_context.NEWER_LIBRARIES, arguments={"BASE_IMAGE": DEBIAN}), building.LOGS)


def program_image(target: str) -> Callable[[pathlib.Path], Recipe]:
    """One of Store Weaver's own, with the programs that were compiled here given to docker/platform's Dockerfile."""
    def recipe(scratch: pathlib.Path) -> Recipe:
        if missing := [it for it in platform_context.PROGRAMS if not (PROGRAMS / it).exists()]:
            raise NodeError(f"{PROGRAMS} lacks {', '.join(missing)}: swift build")
        helm = os.environ.get("HELM_PATH") or shutil.which("helm") or ROOT / ".tools/bin/helm"
        context = platform_context.make(scratch / "platform", PROGRAMS, helm)
        base = base_for_programs()
        arguments = {"SWIFT_IMAGE": base, "BASE_IMAGE": base} | ({"VAULT_BASE_IMAGE": newer_debian()} if target == "store-vault" else {})
        return Recipe(context, file=context / "docker/platform/Dockerfile", target=target, arguments=arguments)

    return recipe


# By the last part of an image's name. Each gets a folder for what it puts together.
RECIPES: dict[str, Callable[[pathlib.Path], Recipe]] = {
    "system": system,
    "mysql": database("mysql", "sid"),
    "store-mysql": store_mysql,
    "postgres": database("postgres", "trixie"),
    "redis": database("redis", ""),
    "wordpress-woocommerce": wordpress,
    "wordpress-next": wordpress_next,
    "medusa-backend": medusa,
    "medusa-storefront": storefront,
    "store-api": program_image("store-api"),
    "store-worker": program_image("store-worker"),
    "store-vault": program_image("store-vault"),
    "store-keeper": keeper,
}


def image(name: str) -> str:
    """Builds the image of this short name, unless the same is there; its full name in podman's store."""
    if name not in RECIPES:
        raise NodeError(f"there is no recipe for the image {name}: put it into NODE_IMAGES, as `docker save` writes it")
    with tempfile.TemporaryDirectory(prefix=f"sw-{name}-") as scratch:
        return building.build(name, RECIPES[name](pathlib.Path(scratch)), building.LOGS)
