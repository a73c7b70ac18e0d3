"""Plugins: those of the installation, in the image; and those of an owner, where the installation lets owners install them."""

import hashlib
import io
import json
import struct
import zipfile

import pytest
from waiting import until
from wordpress import build_image, check, get, make_pod, query, serve, set_up, steps

PLUGIN = """<?php
/* Plugin Name: Greeting
 * Version: 1.2 */
add_action('wp_footer', static fn () => print('<!-- greeting plugin -->'));
"""
GREETING = "<!-- greeting plugin -->"


def archive(files: dict) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as it:
        for name, text in files.items():
            it.writestr(name, text)
    return data.getvalue()


@pytest.fixture
def anew(database):
    query(database, "DROP DATABASE wordpress; CREATE DATABASE wordpress CHARACTER SET utf8mb4")


def entry(kind: str, name: str, version: str, data: bytes) -> dict:
    return {"type": kind, "name": name, "version": version, "sha256": hashlib.sha256(data).hexdigest()}


def test_extensions_and_languages_of_the_installation_are_in_new_stores(folder, secret, database, sells, anew):
    plugin = archive({"greeting/greeting.php": PLUGIN})
    # A catalogue of translations without any.
    language = archive({"de_DE.mo": struct.pack("<7I", 0x950412DE, 0, 0, 28, 28, 0, 28)})
    listed = [entry("plugin", "greeting", "1.2", plugin), entry("language", "de_DE", "6.9", language)]
    image = build_image("extended", extensions=json.dumps(listed), archives={"greeting.1.2.zip": plugin, "de_DE.6.9.zip": language})
    pod = make_pod(image, folder, secret, store={"country": "DE", "currency": "EUR"})
    code, said = set_up(pod, database)
    assert code == 0, said
    assert steps(said)["plugin greeting 1.2"] == "done"
    with serve(pod, database) as it:
        until(lambda: get(it, "/-/ready", check=False)[0] == 200, it)
        page = get(it, "/")[1]
        assert GREETING in page
        assert not sells or '<html lang="de' in page


# As the owner does in wp-admin: WordPress's own installer, in the web server's process, with its rights.
INSTALL = """
require "/srv/wordpress/wp-load.php"; require ABSPATH . "wp-admin/includes/admin.php"; require ABSPATH . "wp-admin/includes/class-wp-upgrader.php";
wp_set_current_user(1);
if (!current_user_can("install_plugins")) { echo "not allowed"; exit; }
$done = (new Plugin_Upgrader(new Automatic_Upgrader_Skin()))->install("/srv/uploads/greeting.zip");
echo is_wp_error($done) ? $done->get_error_message() : var_export($done, true), " ", var_export(activate_plugin("greeting/greeting.php"), true);
"""


@pytest.mark.parametrize("allowed", [True, False])
def test_owners_install_plugins_where_the_installation_lets_them(image, folder, secret, database, sells, anew, allowed):
    pod = make_pod(image, folder, secret, wordpress={"ownerPlugins": allowed})
    links = []
    for _ in range(2):
        code, said = set_up(pod, database)
        assert code == 0, said
        found = (folder / "uploads/wp-content").glob("*/*")
        links.append({it.name: (it.lstat().st_ino, it.lstat().st_mtime_ns) for it in found if it.is_symlink()})
    assert links[0] == links[1], "the pod before this one may still serve by them"
    assert links[0] or not allowed
    with serve(pod, database) as it:
        until(lambda: get(it, "/-/ready", check=False)[0] == 200, it)
        (folder / "uploads/greeting.zip").write_bytes(archive({"greeting/greeting.php": PLUGIN}))
        said = it.execute("php", "-r", INSTALL).stdout
        if not allowed:
            assert "not allowed" in said
            return
        assert "true NULL" in said, said
        assert GREETING in get(it, "/")[1]
        if sells:
            assert check(pod, database)[0] == 0
            assert get(it, "/wp-content/plugins/woocommerce/assets/css/woocommerce.css")[0] == 200
    # It outlives the pod.
    code, said = set_up(pod, database)
    assert code == 0, said
    with serve(pod, database) as it:
        until(lambda: get(it, "/-/ready", check=False)[0] == 200, it)
        assert GREETING in get(it, "/")[1]
