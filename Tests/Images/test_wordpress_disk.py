"""A store whose uploads volume is used up: uploads are refused with the reason, and the rest of the store goes on."""

import json

import pytest
from waiting import until
from wordpress import get

UPLOAD = """
require "/srv/wordpress/wp-load.php"; require ABSPATH . "wp-admin/includes/admin.php";
wp_set_current_user(1);
file_put_contents("/tmp/picture", str_repeat("x", 4096));
$file = ["name" => "words.txt", "type" => "text/plain", "tmp_name" => "/tmp/picture", "error" => 0, "size" => 4096];
$done = wp_handle_sideload($file, ["test_form" => false, "test_type" => false]);
echo $done["error"] ?? "uploaded", "\\n";
echo wp_upload_bits("more.txt", null, "more")["error"] ?: "written", "\\n";
"""


@pytest.fixture(scope="module")
def values():
    return {"persistence": {"uploads": {"size": "1Gi"}}}


def upload(store) -> list[str]:
    return store.execute("php", "-r", UPLOAD).stdout.splitlines()


def count(store, used: int) -> None:
    store.execute("sh", "-c", f"echo {used} >/tmp/store-uploads")


def test_uploads_are_refused_where_there_is_no_room_and_the_store_goes_on(store):
    assert upload(store) == ["uploaded", "written"]
    count(store, 2**30 - 5000)
    # The first one takes the room of the second.
    first, second = upload(store)
    assert first == "uploaded" and second == "written"
    count(store, 2**30 - 10)
    first, second = upload(store)
    assert "no room for this upload" in first
    assert second == "written"
    count(store, 2**30)
    assert all("no room" in it for it in upload(store))
    assert get(store, "/")[0] == 200 and get(store, "/-/ready")[0] == 200


def test_the_platform_is_told_what_is_used_and_visitors_are_not(store):
    count(store, 12345)
    told = json.loads(store.beside("curl", "-fsS", "-H", "Host: 10.0.0.1:6443", "http://127.0.0.1:8080/-/storage").stdout)
    volumes = {it["name"]: it for it in told["volumes"]}
    assert volumes["uploads"]["usedBytes"] == 12345 and volumes["uploads"]["sizeBytes"] == 2**30
    assert 100_000 < volumes["database"]["usedBytes"] < 2**30
    assert get(store, "/-/storage", check=False)[0] == 404
    # Under a domain of the owner's, as the ingress controller hands it on.
    visitor = ["-H", "Host: www.example.com", "-H", "X-Real-Ip: 203.0.113.9", "http://127.0.0.1:8080/-/storage"]
    assert store.beside("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *visitor).stdout == "404"


def test_cron_counts_what_the_volume_holds(pod, database, store):
    with pod.start("cron", network=database, environment={"CRON_SECONDS": "1"}) as cron:
        until(lambda: cron.execute("test", "-s", "/tmp/store-uploads", check=False).returncode == 0, cron)
        assert int(cron.execute("cat", "/tmp/store-uploads").stdout) > 4096
