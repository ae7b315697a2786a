"""Files: none by a path that leads elsewhere, none without its right, none that is more than it says it is.

Links and bombs in sources (folders, archives, XML, images, PDF) are met in tests/connectors, tests/mappings and
tests/search_ui; here is what comes in and goes out through the house.
"""

from __future__ import annotations

import ast
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mappings.access import Access, Level
from mappings.record import Copy, Record
from search_ui import images
from search_ui.services import Services
from search_ui.web import relayed
from service_desk import sniffing
from service_desk.answers import FILE_BYTES, FILES_BOUND
from service_desk.errors import Invalid
from service_desk.forms import AnswerForm, RequestForm, parse
from service_desk.objects import FolderObjects
from service_desk.ports import Upload
from service_desk.ratelimit import RateLimit
from tests.attack.conftest import As
from tests.attack.doors import changing, doors
from tests.attack.house import filed, furnished, token_of
from tests.search_ui.web import house as web
from tests.search_ui.web.house import LAND_ID, client_of, sign_in

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("onestop", "search_ui", "service_desk", "pipelines", "indexer", "connectors", "mappings")
ELSEWHERE: Final = (
    "../../../../etc/passwd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..%5c..%5cetc%5cpasswd",
    "....//....//etc/passwd",
    "..%252f..%252fetc%252fpasswd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "file:///etc/passwd",
    "..%c0%af..%c0%afetc/passwd",
    "passwd%00.css",
    "..;/..;/etc/passwd",
    "../pyproject.toml",
    "..%2fasgi.py",
    "~root/.ssh/id_rsa",
)
TELLTALE: Final = ("root:x:", "[build-system]", "def create_app", "BEGIN OPENSSH")


@pytest.mark.parametrize("path", ELSEWHERE)
def test_no_address_leads_out_of_what_it_names(services: Services, signed_in: As, path: str) -> None:
    browser = signed_in("coordinator")
    patterns = {door.pattern for door in doors(services) if door.method == "GET" and "{" in door.pattern}
    for begin in ("/assets/", "/static/", "/", *{pattern.partition("{")[0] for pattern in patterns}):
        for end in ("", "/text.txt", "/pages/1/image"):
            answer = browser.get(f"{begin}{path}{end}")
            assert answer.status_code in (200, 303, 307, 401, 403, 404, 405, 422), (begin, answer.status_code)
            assert not any(word in answer.text for word in TELLTALE), begin


@given(st.one_of(st.text(max_size=60), st.sampled_from(ELSEWHERE), st.text(alphabet="./\\a-_", max_size=20)))
def test_no_key_of_an_object_leads_out_of_the_store(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    root = tmp_path_factory.getbasetemp() / "objects"
    store = FolderObjects(root)
    try:
        store.put(key, b"x")
    except (ValueError, OSError):
        return
    inside = root.resolve()
    assert (root / key).resolve().is_relative_to(inside) and (root / key).resolve() != inside
    assert ".." not in key.split("/") and not Path(key).is_absolute()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = furnished(tmp_path_factory.mktemp("files"))
    yield made
    made.desk.close()


@pytest.mark.parametrize(
    "name", [*ELSEWHERE, "a\r\nSet-Cookie: x=1.txt", 'a";x="b.txt', "CON.txt", "x" * 500 + ".txt", "\u202etxt.exe"]
)
def test_the_name_of_a_file_is_nothing_but_a_name(own: Services, name: str) -> None:
    """Where its bytes lie follows from them alone; where it is saved is one name, in one header."""
    clerk = own.desk.accounts.viewer("coordinator")
    form = {"resource_id": LAND_ID, "type": "query", "name": "n", "contact": "c"}
    asked = own.desk.filing.submit(parse(RequestForm, form), clerk)
    own.desk.requests.answer(asked.receipt, AnswerForm(), clerk, [Upload(name, "text/plain", name.encode())])
    answer = client_of(own).get(f"/api/v1/requests/{asked.receipt}/files/1", headers={"x-request-secret": asked.secret})
    assert answer.content == name.encode() and "set-cookie" not in answer.headers
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; filename*=UTF-8''")
    saved = disposition.partition("''")[2]
    assert not set(saved) & set('/\\"\r\n; ') and len(saved) < 2_000


def test_a_file_is_asked_for_anew_each_time(own: Services) -> None:
    """Its address is no key: with the right gone, so is the file."""
    addresses = (f"/s/{filed(own).of_chen}/files/1", f"/api/v1/requests/{filed(own).of_chen}/files/1")
    browser, stranger = client_of(own), client_of(own)
    sign_in(browser, "chen")
    for address in addresses:
        assert (browser.get(address).status_code, stranger.get(address).status_code) == (200, 404)
    own.desk.sessions.end_all("chen")
    assert [browser.get(address).status_code for address in addresses] == [404, 404]


LEVELS: Final[tuple[Level, ...]] = ("registered", "restricted", "closed", "internal")


def guarded(level: Level) -> Record:
    copy = Copy(format="image/png", page_count=1, pages=(web.page(1, "minutes"),))
    return Record(f"guarded-{level}", "Minutes", kind="digital", access=Access(level), copies=(copy,))


def test_an_image_is_asked_for_anew_each_time(tmp_path: Path) -> None:
    """Small images are kept, rights to them are not."""
    more = [web._resource(web._member("scans", guarded(level))) for level in LEVELS]
    services = web.open_house(tmp_path, web.Items(), more=more)
    clerk, stranger = client_of(services), client_of(services)
    sign_in(clerk, "lin")
    records = [web.mint("scans", f"guarded-{level}") for level in LEVELS]
    addresses = [f"{begin}/{one}/pages/1/image?w=400" for one in records for begin in ("/r", "/api/v1/resources")]
    for address in addresses:
        answer, refused = clerk.get(address), stranger.get(address)
        assert (answer.status_code, refused.status_code) == (200, 404), address
        assert len(refused.content) < 1_000 and "public" not in answer.headers["cache-control"]
    services.desk.sessions.end_all("lin")
    assert {clerk.get(address).status_code for address in addresses} == {404}
    services.desk.close()


HANDED_OUT: Final = (
    "presigned",
    "get_presigned_url",
    "presigned_get_object",
    "FileResponse",
    "download_button",
    "st.image",
    "st.video",
    "st.audio",
    "st.pdf",
)
"""Ways in which a file would leave without our asking who takes it: links to a store, a disk, Streamlit's media."""


def test_every_file_goes_through_a_door_that_asks() -> None:
    """So no link has to end after minutes: there is none that opens anything by itself."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            assert [word for word in HANDED_OUT if word in text] == [], file
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "StaticFiles":
                    raise AssertionError(f"{file}: files of a folder, served to anyone")
    assert [file.name for file in (ROOT / "search_ui").rglob("*.py") if "StaticFiles" in file.read_text()] == [
        "assets.py"
    ]


def png_of(width: int, height: int) -> bytes:
    """A picture that says it is so large, in a few bytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
        + chunk(b"IEND", b"")
    )


def test_a_picture_larger_than_it_seems_is_not_opened() -> None:
    assert images.smaller(png_of(60_000, 60_000), 400) is None
    frames = io.BytesIO()
    Image.new("L", (10, 10)).save(frames, "TIFF", save_all=True, append_images=[Image.new("L", (10, 10))] * 50)
    assert images.smaller(frames.getvalue(), 400, 10_000) is None


def zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 50_000_000)
    return packed.getvalue()


def test_what_is_handed_in_is_never_unpacked(own: Services) -> None:
    """A ZIP is kept as it came and handed on as it is; its size is that of the file."""
    bomb = zip_bomb()
    assert len(bomb) < 100_000
    kept = sniffing.checked("bomb.zip", bomb)
    assert (kept.media_type, len(kept.data)) == ("application/zip", len(bomb))


FALSE: Final = {
    "script.pdf": b"<script>alert(1)</script>",
    "page.png": b"<html>",
    "page.svg": b"<svg onload=alert(1)>",
    "page.html": b"<html>",
    "run.exe": b"MZ",
    "text.txt": b"\0binary",
    "table.csv": b"\xff\xfe",
    "word.docx": b"PK\x05\x06",
    "none": b"x",
    "a.php.png": b"<?php",
}


@pytest.mark.parametrize("name", FALSE)
def test_a_file_is_what_its_bytes_say(name: str) -> None:
    with pytest.raises(sniffing.Refused):
        sniffing.checked(name, FALSE[name])


def test_files_have_bounds_in_size_and_number(own: Services) -> None:
    with pytest.raises(sniffing.Refused):
        sniffing.checked("large.txt", b"x" * (sniffing.MAX_BYTES + 1))
    clerk = own.desk.accounts.viewer("coordinator")
    asked = own.desk.filing.submit(
        parse(RequestForm, {"resource_id": LAND_ID, "type": "query", "name": "n", "contact": "c"}), clerk
    )
    for files in ([Upload("a", "x/y", b"1")] * (FILES_BOUND + 1), [Upload("a", "x/y", bytes(FILE_BYTES + 1))]):
        with pytest.raises(Invalid):
            own.desk.requests.answer(asked.receipt, AnswerForm(), clerk, files)


LARGER: Final = (
    "/desk-rules/{name}",
    "/staff/requests/{receipt}/findings",
    "/counter-search",
    "/counter-search/findings",
)
"""Forms of staff that take longer texts; they are bounded, too."""


def test_no_body_is_larger_than_a_form(services: Services, signed_in: As, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every door that takes one, whatever it says of its length; nor deeper than one."""
    monkeypatch.setattr(relayed, "_TRIES", RateLimit(calls=10))  # links that lead nowhere were tried above
    browser = signed_in("coordinator")
    token = browser.get("/api/v1/session").json()["csrf_token"]
    for door in changing(services):
        size = 5_000_000 if door.pattern in LARGER else 100_000
        large = b"x" * size
        headers = {
            "x-csrf-token": token,
            "content-type": "application/json" if door.is_api else "application/x-www-form-urlencoded",
        }
        for body in (large, iter([large[: size // 2], large[size // 2 :]])):
            assert browser.post(door.address(services), content=body, headers=headers).status_code == 413, door
        if door.is_api:
            assert browser.post(door.address(services), content=b"[" * 5_000, headers=headers).status_code == 422, door
        else:
            many = "&".join(f"f{number}=x" for number in range(size // 100)) + f"&csrf={token_of(browser)}"
            assert browser.post(door.address(services), content=many, headers=headers).status_code == 413, door
