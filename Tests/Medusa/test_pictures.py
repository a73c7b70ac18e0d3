"""Uploaded pictures in the sizes that screens need."""

import http.client
import re
import struct
import subprocess
import urllib.parse

import pytest
from goods import Owner, drawn
from polling import until
from shopper import seen


@pytest.fixture(scope="module")
def owner(store):
    return Owner(store)


PICTURES = {
    "a.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big") + b"\x08\x06" + bytes(40), "image/png"),
    "b.gif": (b"GIF89a" + (640).to_bytes(2, "little") + (480).to_bytes(2, "little") + bytes(40), "image/gif"),
    "c.jpg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(9) + b"\xff\xc0\0\x11\x08" + (480).to_bytes(2, "big") + (640).to_bytes(2, "big") + bytes(40), "image/jpeg"),
    "d.webp": (b"RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0" + (639).to_bytes(3, "little") + (479).to_bytes(3, "little") + bytes(40), "image/webp"),
}


def test_uploaded_pictures_have_their_size_and_others_are_not_shown(store, owner):
    urls = [owner.upload(name, *content) for name, content in PICTURES.items()]
    owner.product("Pictured", 10, thumbnail=urls[0], images=[{"url": it} for it in [*urls, "https://elsewhere.example/e.png"]])
    page = seen(store, "/products/pictured", "<h1>")
    shown = re.findall(r'<img class="picture" src="(/static/[^"]*)"[^>]* width="640" height="480"', page.text)
    assert len(shown) == 4 and "elsewhere" not in page.text
    assert page.text.count('loading="lazy"') == 3
    assert store.ask(shown[0]).status == 200
    assert f'<meta property="og:image" content="http://127.0.0.1:{store.port}{shown[0]}">' in page.text


def measured(content: bytes) -> str:
    return subprocess.run(["gm", "identify", "-format", "%m %wx%h", "-"], input=content, check=True, capture_output=True).stdout.decode().strip()


def fetched(store, path: str) -> tuple[int, object, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", store.port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def turned(jpeg: bytes) -> bytes:
    """The same with Exif's word that the camera was held upright."""
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", 8 + len(tiff)) + b"Exif\0\0" + tiff + jpeg[2:]


@pytest.mark.parametrize(("kind", "change"), [("jpeg", bytes), ("png", bytes), ("webp", bytes), ("jpeg", turned)], ids=["jpeg", "png", "webp", "turned"])
def test_pictures_are_as_wide_as_screens_need(store, owner, kind, change):
    url = owner.upload(f"large.{kind}", change(drawn(kind, 1500, 1000)), f"image/{kind}")
    handle = f"resized-{kind}-{change.__name__}"
    owner.product(handle, 10, handle=handle, thumbnail=url, images=[{"url": url}])
    width, height = (1000, 1500) if change is turned else (1500, 1000)
    page = seen(store, f"/products/{handle}", f'width="{width}" height="{height}"')
    [offered] = re.findall(r'<img class="picture" src="([^"]*)" srcset="([^"]*)" sizes="', page.text)
    widths = [160, 320, 640, 960, 1280, 1500] if width == 1500 else [160, 320, 640, 960, 1000]
    assert [it.split()[1] for it in offered[1].split(", ")] == [f"{it}w" for it in widths]
    for path, word in (it.split() for it in offered[1].split(", ")):
        status, headers, content = fetched(store, path)
        assert status == 200 and "immutable" in headers["Cache-Control"] or path.startswith("/static/")
        if path.startswith("/pictures/"):
            assert headers["Content-Type"] == "image/webp"
            assert measured(content) == f"WEBP {word[:-1]}x{round(height * int(word[:-1]) / width)}"
    assert offered[0].startswith("/pictures/640/") and f'href="{urllib.parse.urlsplit(url).path}"' in page.text
    kept = list((store.app / "static/.resized").glob("*.webp"))
    before = {it: it.stat().st_mtime_ns for it in kept}
    assert fetched(store, offered[0])[0] == 200 and before == {it: it.stat().st_mtime_ns for it in kept}


def test_a_picture_that_cannot_be_made_smaller_is_shown_as_it_is(store, owner):
    """One that is broken, and one that would take too much memory."""
    whole = drawn("png", 1000, 1000)
    broken = owner.upload("broken.png", whole[:60] + b"\0" * 2000, "image/png")
    bomb = owner.upload("bomb.png", whole[:16] + struct.pack(">II", 60_000, 60_000) + whole[24:], "image/png")
    for url in (broken, bomb):
        path = urllib.parse.urlsplit(url).path
        status, headers, _ = fetched(store, path.replace("/static/", "/pictures/320/"))
        assert (status, headers["Location"]) == (302, path) and "immutable" not in headers["Cache-Control"]
    owner.product("Bomb", 10, thumbnail=bomb, images=[{"url": bomb}])
    assert "srcset" not in seen(store, "/products/bomb", "60000").text
    assert any("a picture is shown as it was uploaded" in it for it in store.messages())


@pytest.mark.parametrize("path", [
    "/pictures/321/{}", "/pictures/320/nothing.png", "/pictures/320/%2e%2e/package.json", "/pictures/320/.resized/x.webp", "/pictures/320/%00.png", "/pictures/320/{}/x",
])
def test_no_other_file_is_shown_as_a_picture(store, owner, path):
    url = owner.upload("any.png", drawn("png", 400, 400), "image/png")
    assert fetched(store, path.format(url.rpartition("/")[2]))[0] == 404


def test_pictures_of_other_sites_are_told_to_the_owner(store, owner):
    owner.product("Elsewhere", 10, thumbnail="https://elsewhere.example/a.png")
    seen(store, "/products", "Elsewhere")
    until(lambda: any("lie on other sites" in it and "Elsewhere" in it for it in store.messages()), "the log says so")
