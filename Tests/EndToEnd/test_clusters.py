"""What scripts/up does for k3d and for a registry, and scripts/images, with stand-ins for docker, k3d and k3s that write down what they are asked."""

import os
import pathlib
import subprocess

import pytest
from stack import ROOT

OWN = ["storeplatform/medusa-backend:2.21.2", "storeplatform/medusa-storefront:2.21.2", "storeplatform/store-mysql:8.4",
       "storeplatform/wordpress-woocommerce:11.2.0"]
OTHERS = ["postgres:17-alpine", "redis:7-alpine"]


@pytest.fixture
def shell(tmp_path):
    """Runs functions of scripts/lib; answers the run and the lines that docker and k3d were called with."""
    said = tmp_path / "said"
    for name in ("docker", "k3d", "k3s"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>{said}\ncase "$1-$2" in cluster-get) exit 1 ;; kubeconfig-get) echo "# kubeconfig" ;; $FAILS) exit 1 ;; buildx-imagetools) echo "$DIGEST" ;; esac\n')
        program.chmod(0o755)

    def run(command: str, fails: str = "none", digest: str = "") -> tuple[subprocess.CompletedProcess, list[str]]:
        environment = os.environ | {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "RUN_DIR": str(tmp_path / "run"), "FAILS": fails, "DIGEST": digest}
        # Port 80 may be taken where the tests run.
        line = f"for part in common processes store_images cluster; do . scripts/lib/$part.sh; done; taken() {{ false; }}; mkdir -p $RUN_DIR; {command}"
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", line], env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        return done, said.read_text().splitlines() if said.exists() else []

    return run


def test_k3d_gets_a_cluster_with_port_80_and_our_images(shell, tmp_path):
    done, said = shell("start_k3d; echo $KUBECONFIG:$INGRESS_PORT.")
    assert done.returncode == 0, done.stderr
    assert "k3d cluster create store-platform --port 80:80@loadbalancer --kubeconfig-update-default=false" in said
    for image in OWN:
        folder = image.split("/")[1].split(":")[0]
        assert said.index(f"docker build -t {image} {ROOT}/docker/{folder}") < said.index(f"k3d image import {image} -c store-platform")
    assert len([line for line in said if " import " in line]) == len(OWN)
    kubeconfig = pathlib.Path(tmp_path / "run/kubeconfig")
    assert kubeconfig.read_text() == "# kubeconfig\n" and kubeconfig.stat().st_mode & 0o077 == 0
    assert done.stdout.endswith(f"{kubeconfig}:.\n")


def test_an_image_that_is_not_built_ends_it_with_what_to_do(shell):
    done, said = shell("start_k3d", fails="build--t")
    assert done.returncode == 1
    assert "was not built" in done.stderr and "README.md tells what it needs" in done.stderr
    assert not [line for line in said if "import" in line]


def test_a_base_without_a_digest_gets_the_one_of_the_registry(shell, tmp_path):
    for name, pin in (("missing", '""'), ("pinned", "sha256:456")):
        (tmp_path / name).write_text(f"ARG BASE_IMAGE=wordpress:1.2-apache\nARG BASE_DIGEST={pin}\n")
    done, said = shell(f"missing_digest {tmp_path}/missing", digest="sha256:123")
    assert (done.returncode, done.stdout) == (0, "sha256:123\n")
    assert said == ["docker buildx imagetools inspect wordpress:1.2-apache --format {{.Manifest.Digest}}"]
    for other in (tmp_path / "pinned", ROOT / "docker/medusa-storefront/Dockerfile"):
        done, said = shell(f"missing_digest {other}", digest="sha256:123")
        assert (done.returncode, done.stdout, len(said)) == (0, "", 1)
    assert shell(f"missing_digest {tmp_path}/missing", fails="buildx-imagetools")[0].returncode == 1


def test_a_registry_gets_all_images_of_the_charts(shell):
    done, said = shell("push_images registry.example.com:5000/")
    assert done.returncode == 0, done.stderr
    assert [line.removeprefix("docker push ") for line in said if line.startswith("docker push")] == sorted(f"registry.example.com:5000/{it}" for it in OWN + OTHERS)
    assert [line.removeprefix("docker pull ") for line in said if line.startswith("docker pull")] == OTHERS


def test_charts_that_do_not_render_end_it(shell):
    for command in ("start_k3d", "push_images registry.example.com"):
        done, said = shell(f"HELM_PATH=false; {command}")
        assert done.returncode == 1 and "does not render the charts" in done.stderr
        assert not [line for line in said if "build" in line or "push" in line]


def test_a_registry_is_for_the_current_cluster_alone(stack):
    result = stack.script("up", "--registry", "registry.example.com", "--cluster", "k3d", check=False)
    assert result.returncode == 1 and "a registry is for --cluster current" in result.stdout


PLATFORM = ["storeplatform/store-api:1.0.0", "storeplatform/store-vault:1.0.0", "storeplatform/store-worker:1.0.0"]
KEEPER = ["storeplatform/store-keeper:1.0.0"]


def test_scripts_images_builds_the_platforms_too(shell):
    done, said = shell("scripts/images --k3s")
    assert done.returncode == 0, done.stderr
    for image in PLATFORM:
        target = image.split("/")[1].split(":")[0]
        assert f"docker build -t {image} --file {ROOT}/docker/platform/Dockerfile --target {target} {ROOT}" in said
    assert [line.removeprefix("docker save ") for line in said if line.startswith("docker save")] == sorted(OWN + PLATFORM + KEEPER)
    assert said.count("k3s ctr images import -") == len(OWN + PLATFORM + KEEPER)


def test_scripts_images_pushes_everything(shell):
    done, said = shell("scripts/images --push registry.example.com")
    assert done.returncode == 0, done.stderr
    assert [line.removeprefix("docker push registry.example.com/") for line in said if line.startswith("docker push")] == sorted(OWN + OTHERS + PLATFORM + KEEPER)


@pytest.mark.parametrize("words", ["--push", "--push r --k3s", "--pull"])
def test_scripts_images_refuses_what_it_does_not_know(shell, words):
    done, said = shell(f"scripts/images {words}")
    assert done.returncode != 0 and said == []
