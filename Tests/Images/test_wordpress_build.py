"""What the build of the WordPress image takes and refuses."""

import hashlib

import pytest
from containers import base, build
from wordpress import build_image


def refused(**arguments) -> str:
    with pytest.raises(AssertionError) as failure:
        build_image("refused", **arguments)
    return str(failure.value)


def test_an_archive_with_another_sum_is_refused():
    said = refused(archives={"woocommerce.1.0.zip": b"something else"}, WOOCOMMERCE_VERSION="1.0", WOOCOMMERCE_SHA256="0" * 64)
    assert "woocommerce.1.0.zip has the SHA-256 " + hashlib.sha256(b"something else").hexdigest() in said


def test_an_archive_without_a_sum_is_refused_with_the_command_that_tells_it():
    assert "curl -fsSL https://downloads.wordpress.org/plugin/woocommerce.1.0.zip | sha256sum" in refused(WOOCOMMERCE_VERSION="1.0", WOOCOMMERCE_SHA256="")


def test_the_official_image_is_refused_without_a_digest(tmp_path):
    (tmp_path / "Dockerfile").write_text(f"FROM {base()}\nRUN mkdir -p /usr/src/wordpress\n")
    official = build("official", tmp_path)
    assert f"{official} is not pinned by its digest" in refused(BASE_IMAGE=official)
