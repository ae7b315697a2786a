"""Archives in a folder: their members are items, whatever packed them, and nothing in them gets out or grows."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import archive_members, archive_tar, archive_zip, archives
from connectors.base import Connector, RawItem, SkipItem, StopSource
from connectors.registry import connector as make
from tests.contracts.connector_contract import ConnectorContract, items_of

FILES = {"a.xml": b"<a/>", "sub/b.csv": b"x,y\n1,2\n", "卷/目录.txt": "光緒".encode() * 500}


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, payload in files.items():
            archive.writestr(zipfile.ZipInfo(name), payload, method)
    return out.getvalue()


def tarred(files: dict[str, bytes], *others: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, payload in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(payload)
            archive.addfile(info, io.BytesIO(payload))
        for info in others:
            archive.addfile(info)
    return out.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


PACKED: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "a.zip": zipped,
    "stored.ZIP": lambda files: zipped(files, zipfile.ZIP_STORED),
    "bzip2.zip": lambda files: zipped(files, zipfile.ZIP_BZIP2),
    "a.tar": tarred,
    "a.tar.gz": lambda files: gzip.compress(tarred(files)),
    "two members.tgz": lambda files: gzip.compress(tarred(files)[:512]) + gzip.compress(tarred(files)[512:]),
    "a.tar.bz2": lambda files: bz2.compress(tarred(files)),
    "a.tbz2": lambda files: bz2.compress(tarred(files)),
    "a.tar.xz": lambda files: lzma.compress(tarred(files)),
    "two.txz": lambda files: lzma.compress(tarred(files)[:512]) + lzma.compress(tarred(files)[512:]),
}


@pytest.fixture(autouse=True)
def _nothing_open() -> Iterator[None]:
    """Archives stay open in a process; files of one path come and go here."""
    yield
    archives._opened.cache_clear()


def folder(path: Path, **settings: object) -> Connector:
    return make("folder", {"path": str(path), **settings}, Path("/"))


def read(path: Path, cursor: str | None = None) -> dict[str, bytes | str]:
    """What is there: bytes, or the sentence why not."""
    return {item.key: taken(item) for item in items_of(folder(path), cursor)}


def taken(item: RawItem) -> bytes | str:
    try:
        with item.open() as stream:
            return stream.read()
    except SkipItem as error:
        assert "\n" not in str(error)
        return str(error)


class TestFolderWithArchives(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        (tmp_path / "a.zip").write_bytes(zipped({**FILES, "in.tgz": gzip.compress(tarred(FILES))}))
        (tmp_path / "b.tar.gz").write_bytes(gzip.compress(tarred(FILES)))
        (tmp_path / "plain.xml").write_bytes(b"<plain/>")
        return folder(tmp_path)


class TestOneArchive(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        (tmp_path / "a.tar").write_bytes(tarred(FILES))
        return folder(tmp_path / "a.tar")


@pytest.mark.parametrize("name", PACKED)
def test_the_members_of_an_archive_are_items(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(PACKED[name](FILES))
    made = folder(tmp_path)
    assert read(tmp_path) == {f"{name}!/{member}": payload for member, payload in FILES.items()}
    assert [item.size for item in items_of(made)] == [len(payload) for payload in FILES.values()]
    assert made.complete
    with made.fetch(f"{name}!/sub/b.csv") as stream:
        assert stream.read() == FILES["sub/b.csv"]
    for key in (f"{name}!/", f"{name}!/nothing", f"{name}!/../a.xml", f"../{name}!/a.xml", f"{name}!/a.xml!/b"):
        with pytest.raises(SkipItem):
            made.fetch(key)


@pytest.mark.parametrize("outer", ["o.zip", "o.tar", "o.tar.xz"])
@pytest.mark.parametrize("inner", ["i.zip", "i.tar", "i.tgz"])
def test_an_archive_in_an_archive_is_opened_and_one_deeper_is_not(tmp_path: Path, outer: str, inner: str) -> None:
    pack = {**PACKED, "i.zip": zipped, "i.tar": tarred, "i.tgz": PACKED["a.tar.gz"]}
    pack |= {"o.zip": zipped, "o.tar": tarred, "o.tar.xz": PACKED["a.tar.xz"]}
    deepest = zipped({"never.xml": b"<n/>"})
    (tmp_path / outer).write_bytes(pack[outer]({inner: pack[inner]({"x.xml": b"<x/>", "deep.zip": deepest})}))
    assert read(tmp_path) == {f"{outer}!/{inner}!/deep.zip": deepest, f"{outer}!/{inner}!/x.xml": b"<x/>"}
    with folder(tmp_path).fetch(f"{outer}!/{inner}!/x.xml") as stream:
        assert stream.read() == b"<x/>"
    with pytest.raises(SkipItem):
        folder(tmp_path).fetch(f"{outer}!/{inner}!/deep.zip!/never.xml")


def test_archives_can_be_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(FILES))
    made = folder(tmp_path, archives=False)
    assert [item.key for item in items_of(made)] == ["a.zip"]
    with pytest.raises(SkipItem):
        made.fetch("a.zip!/a.xml")


def test_a_glob_chooses_archives_as_it_chooses_files(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(FILES))
    (tmp_path / "b.xml").write_bytes(b"<b/>")
    assert [item.key for item in items_of(folder(tmp_path, glob="*.xml"))] == ["b.xml"]
    assert len(items_of(folder(tmp_path, glob="*.zip"))) == 3


def test_a_workbook_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(zipped({"xl/workbook.xml": b"<w/>"}))
    assert list(read(tmp_path)) == ["a.xlsx"]


def test_folders_whose_names_look_so(tmp_path: Path) -> None:
    (tmp_path / "x.zip!").mkdir()
    (tmp_path / "x.zip!/a.xml").write_bytes(b"<here/>")
    (tmp_path / "x.zip!/b.zip").write_bytes(zipped({"c.xml": b"<c/>"}))
    made = folder(tmp_path)
    assert read(tmp_path) == {"x.zip!/a.xml": b"<here/>", "x.zip!/b.zip!/c.xml": b"<c/>"}
    for item in items_of(made):
        with made.fetch(item.key) as fetched, item.open() as listed:
            assert fetched.read() == listed.read()


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_hidden_files_are_left_out_and_equal_names_told_apart(
    tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    clutter = {".DS_Store": b"x", "__MACOSX/._a.xml": b"x", ".git/config": b"x"}
    (tmp_path / "a.zip" if pack is zipped else tmp_path / "a.tar").write_bytes(
        pack({**clutter, "./a.xml": b"1", "a.xml": b"2", "b//c.xml": b"3"})
    )
    assert sorted(map(str, read(tmp_path).values())) == ["b'1'", "b'2'", "b'3'"]
    assert {key.split("!/")[1] for key in read(tmp_path)} == {"a.xml", "a.xml~2", "b/c.xml"}


# What must not be unpacked

REFUSED = {
    "../out.txt": "leads out of the archive",
    "a/../../out.txt": "leads out of the archive",
    "/etc/passwd": "absolute path",
    "C:/windows.txt": "absolute path",
}


@pytest.mark.parametrize("suffix", ["zip", "tar"])
@pytest.mark.parametrize(("name", "said"), REFUSED.items())
def test_paths_that_lead_out_are_refused(tmp_path: Path, suffix: str, name: str, said: str) -> None:
    pack = zipped if suffix == "zip" else tarred
    (tmp_path / f"a.{suffix}").write_bytes(pack({name: b"evil", "good.txt": b"good"}))
    found = read(tmp_path)
    assert found.pop(f"a.{suffix}!/good.txt") == b"good"
    assert [said in str(reason) for reason in found.values()] == [True]
    assert folder(tmp_path).complete
    assert list(tmp_path.iterdir()) == [tmp_path / f"a.{suffix}"]


@pytest.mark.parametrize("name", ["..\\out.txt", "a\\..\\..\\out.txt", "C:\\out.txt"])
def test_paths_of_windows_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({name: b"evil"}))
    assert all("path" in str(reason) for reason in read(tmp_path).values())


@pytest.mark.parametrize(
    ("info", "said"),
    [
        (special("link", tarfile.SYMTYPE, "/etc/passwd"), "link"),
        (special("hard", tarfile.LNKTYPE, "good.txt"), "link"),
        (special("null", tarfile.CHRTYPE), "device"),
        (special("disk", tarfile.BLKTYPE), "device"),
        (special("pipe", tarfile.FIFOTYPE), "device"),
    ],
)
def test_links_and_devices_are_refused(tmp_path: Path, info: tarfile.TarInfo, said: str) -> None:
    (tmp_path / "a.tar").write_bytes(tarred({"good.txt": b"good"}, info))
    found = read(tmp_path)
    assert found["a.tar!/good.txt"] == b"good"
    assert said in str(found[f"a.tar!/{info.name}"])


BOMB = bytes(40 << 20)


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("a.zip", zipped({"zeros": BOMB, "good.txt": b"good"})),
        ("a.tgz", gzip.compress(tarred({"good.txt": b"good", "zeros": BOMB}))),
        ("a.tar.bz2", bz2.compress(tarred({"good.txt": b"good", "zeros": BOMB}))),
        ("a.tar.xz", lzma.compress(tarred({"good.txt": b"good", "zeros": BOMB}))),
        ("nested.zip", zipped({"a.tgz": gzip.compress(tarred({"zeros": BOMB})), "good.txt": b"good"})),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bombs_are_refused(tmp_path: Path, name: str, payload: bytes) -> None:
    (tmp_path / name).write_bytes(payload)
    found = read(tmp_path)
    assert any("-fold when unpacked" in str(reason) for reason in found.values())
    assert sum(isinstance(value, bytes) for value in found.values()) == (1 if name.endswith("zip") else 0)


def test_a_bomb_of_memory_is_refused(tmp_path: Path) -> None:
    """An xz that asks for a dictionary of 1.5 GB: the size is one byte in the header of its first block, after the 12
    bytes of the stream's (format: https://tukaani.org/xz/xz-file-format.txt).
    """
    payload = bytearray(lzma.compress(tarred(FILES)))
    header = slice(12, 12 + (payload[12] + 1) * 4 - 4)
    payload[16] = 37
    payload[header.stop : header.stop + 4] = struct.pack("<I", zlib.crc32(bytes(payload[header])))
    (tmp_path / "a.tar.xz").write_bytes(bytes(payload))
    assert "emory usage limit" in str(read(tmp_path)["a.tar.xz!/"])


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (archive_zip, archive_tar, archives):
        monkeypatch.setattr(module, "MEMBERS", 3)
    many = {f"{number}.xml": b"<a/>" for number in range(4)}
    (tmp_path / "a.zip").write_bytes(zipped(many))
    (tmp_path / "b.tar").write_bytes(tarred(many))
    (tmp_path / "c.zip").write_bytes(zipped({f"{number}.zip": zipped({"x": b"1"}) for number in range(3)}))
    found = read(tmp_path)
    assert [key for key, value in found.items() if "more than 3 members" in str(value)] == [
        "a.zip!/",
        "b.tar!/",
        "c.zip!/",
    ]
    assert len(found) == 4


def test_too_much_in_all_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_members, "TOTAL", 10)
    (tmp_path / "a.zip").write_bytes(zipped({"a": b"12345678", "b": b"12345678"}))
    assert [isinstance(value, bytes) for value in read(tmp_path).values()] == [True, False]


def test_a_directory_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_zip, "_DIRECTORY", 100)
    (tmp_path / "a.zip").write_bytes(zipped(FILES))
    assert "directory is larger" in str(read(tmp_path)["a.zip!/"])


def test_a_password_is_said(tmp_path: Path) -> None:
    payload = bytearray(zipped({"secret.xml": b"<s/>", "good.xml": b"<g/>"}))
    payload[6] |= 1
    payload[payload.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(bytes(payload))
    found = read(tmp_path)
    assert "locked with a password" in str(found["a.zip!/secret.xml"])
    assert found["a.zip!/good.xml"] == b"<g/>"


@pytest.mark.parametrize("method", [9, 14, 98, 99])
def test_a_method_nobody_knows_is_said(tmp_path: Path, method: int) -> None:
    payload = bytearray(zipped({"a.xml": b"<a/>"}))
    struct.pack_into("<H", payload, 8, method)
    struct.pack_into("<H", payload, payload.index(b"PK\x01\x02") + 10, method)
    (tmp_path / "a.zip").write_bytes(bytes(payload))
    assert "pack it with deflate" in str(read(tmp_path)["a.zip!/a.xml"])


# Damage


def test_a_wrong_checksum_is_said(tmp_path: Path) -> None:
    payload = bytearray(zipped({"a.xml": b"<a>text</a>"}, zipfile.ZIP_STORED))
    payload[payload.index(b"text")] ^= 1
    (tmp_path / "a.zip").write_bytes(bytes(payload))
    assert "Bad CRC-32" in str(read(tmp_path)["a.zip!/a.xml"])


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize(
    "payload", [b"", b"no archive at all, only text " * 40, bytes(4000)], ids=["empty", "text", "zeros"]
)
def test_what_is_no_archive_says_so(tmp_path: Path, name: str, payload: bytes) -> None:
    (tmp_path / name).write_bytes(payload)
    made = folder(tmp_path)
    found = {item.key: taken(item) for item in items_of(made)}
    if payload.strip(b"\0") or not name.endswith("tar"):
        assert "cannot be read as an archive" in str(found[f"{name}!/"])


@pytest.mark.parametrize("name", PACKED)
def test_an_archive_cut_off_anywhere_gives_what_is_there_and_says_so(tmp_path: Path, name: str) -> None:
    files = {f"{number}.bin": bytes([number]) * 700 for number in range(4)}
    whole = PACKED[name](files)
    best = 0
    for cut in range(1, len(whole), max(1, len(whole) // 40)):
        (tmp_path / name).write_bytes(whole[:cut])
        archives._opened.cache_clear()
        made = folder(tmp_path)
        found = {item.key: taken(item) for item in items_of(made)}
        good = {key.partition("!/")[2]: value for key, value in found.items() if isinstance(value, bytes)}
        assert good.items() <= files.items()
        if len(good) < len(files):
            assert isinstance(found[f"{name}!/"], str)
        best = max(best, len(good))
    assert best > 0 or name.endswith(("xz", "bz2", "gz"))


@given(st.data())
def test_bytes_that_are_wrong_are_never_more_than_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(PACKED)))
    payload = bytearray(PACKED[name](FILES))
    for _ in range(data.draw(st.integers(1, 6))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    base = tmp_path_factory.mktemp("wrong")
    (base / name).write_bytes(bytes(payload))
    archives._opened.cache_clear()
    assert all(isinstance(value, bytes | str) for value in read(base).values())


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tgz", "b.zip"])
def test_what_was_in_an_archive_before_it_was_damaged_is_not_gone(tmp_path: Path, name: str) -> None:
    packs = {
        **PACKED,
        "a.tgz": PACKED["a.tar.gz"],
        "b.zip": lambda files: zipped({"in.tgz": PACKED["a.tar.gz"](files)}),
    }
    whole = packs[name](FILES)
    (tmp_path / name).write_bytes(whole)
    before = read(tmp_path)
    made = folder(tmp_path)
    items_of(made)
    cursor = made.next_cursor()
    for cut in (len(whole) // 2, 10, len(whole) // 3):
        (tmp_path / name).write_bytes(whole[:cut])
        made = folder(tmp_path)
        found = {item.key: taken(item) for item in items_of(made, cursor)}
        assert set(found) > set(before)
        assert "archive is damaged" in str(found.values()) or "cut off" in str(found[f"{name}!/"])
        assert made.complete
        assert sorted(made.keys()) == sorted(found)
        cursor = made.next_cursor()
    (tmp_path / name).write_bytes(whole)
    assert read(tmp_path, cursor) == before


def test_what_was_in_too_many_archives_is_known_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_REMEMBERED", 2)
    (tmp_path / "a.zip").write_bytes(zipped(FILES))
    made = folder(tmp_path)
    items_of(made)
    cursor = made.next_cursor()
    (tmp_path / "a.zip").write_bytes(zipped(FILES)[:100])
    items_of(made, cursor)
    assert not made.complete
    with pytest.raises(StopSource, match="cannot be listed to its end"):
        list(made.keys())


def test_other_files_do_not_suffer(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"broken")
    (tmp_path / "b.xml").write_bytes(b"<b/>")
    assert read(tmp_path)["b.xml"] == b"<b/>"


# Names


def raw_named(name: bytes, extra: bytes = b"", system: int = 3) -> bytes:
    """A ZIP whose one member has these bytes for a name, and no flag that says UTF-8."""
    plain = "x" * len(name)
    info = zipfile.ZipInfo(plain)
    info.create_system, info.extra = system, extra
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, b"content")
    return out.getvalue().replace(plain.encode(), name)


@pytest.mark.parametrize(
    ("name", "extra", "expected"),
    [
        ("民国档案/目录.csv".encode("gbk"), b"", "民国档案/目录.csv"),
        ("鐵路局/公文.xml".encode("big5"), b"", "鐵路局/公文.xml"),
        ("鐵路局/公文.xml".encode(), b"", "鐵路局/公文.xml"),
        ("Übersicht.xml".encode("cp437"), b"", "Übersicht.xml"),
        (b"plain.xml", b"", "plain.xml"),
        (b"????.xml", struct.pack("<HHBI", 0x7075, 5 + 10, 1, 0) + "卷一.xml".encode(), "卷一.xml"),
    ],
)
def test_names_whose_encoding_nobody_wrote_down(tmp_path: Path, name: bytes, extra: bytes, expected: str) -> None:
    (tmp_path / "a.zip").write_bytes(raw_named(name, extra))
    assert read(tmp_path) == {f"a.zip!/{expected}": b"content"}


def test_separators_of_windows(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(raw_named(b"sub\\a.xml", system=0))
    assert read(tmp_path) == {"a.zip!/sub/a.xml": b"content"}


def test_names_of_a_tar_in_gbk(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT, encoding="gbk") as archive:
        info = tarfile.TarInfo("民国档案/目录.csv")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    (tmp_path / "a.tar").write_bytes(out.getvalue())
    assert read(tmp_path) == {"a.tar!/民国档案/目录.csv": b"x"}


def test_only_what_is_read_is_unpacked(tmp_path: Path) -> None:
    """Of a member that is damaged at its end, the beginning can be looked at; and a stream goes anywhere."""
    payload = random.Random(5).randbytes(6 << 20)
    whole = bytearray(zipped({"big": payload}, zipfile.ZIP_STORED))
    (tmp_path / "a.zip").write_bytes(bytes(whole))
    with items_of(folder(tmp_path))[0].open() as stream:
        assert stream.read(10) == payload[:10]
        assert stream.seek(-10, 2) == len(payload) - 10
        assert stream.read() == payload[-10:]
        stream.seek(1 << 20)
        assert stream.read(1 << 20) == payload[1 << 20 : 2 << 20]
        assert stream.seek(5, 1) == (2 << 20) + 5
    whole[5 << 20] ^= 1
    (tmp_path / "a.zip").write_bytes(bytes(whole))
    with items_of(folder(tmp_path))[0].open() as stream:
        assert stream.read(10) == payload[:10]
        with pytest.raises(SkipItem, match="CRC"):
            stream.read()


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tgz"])
def test_several_threads_read_from_one_archive(tmp_path: Path, name: str) -> None:
    pack = {**PACKED, "a.tgz": PACKED["a.tar.gz"]}[name]
    files = {f"{number}": random.Random(number).randbytes(3 << 19) for number in range(12)}
    (tmp_path / name).write_bytes(pack(files))
    items = items_of(folder(tmp_path))
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(taken, items))
    assert found == [files[item.key.partition("!/")[2]] for item in items]


# Night after night


@pytest.mark.parametrize("name", PACKED)
def test_tokens_tell_what_changed(tmp_path: Path, name: str) -> None:
    def tokens() -> dict[str, str | None]:
        return {item.key: item.token for item in items_of(folder(tmp_path))}

    (tmp_path / name).write_bytes(PACKED[name](FILES))
    before = tokens()
    assert None not in before.values()
    (tmp_path / name).touch()
    assert tokens() == before
    (tmp_path / name).write_bytes(PACKED[name]({**FILES, "a.xml": b"<b/>"}))
    changed = {key for key, token in tokens().items() if token != before[key]}
    assert f"{name}!/a.xml" in changed
    if name.lower().endswith("zip"):
        assert changed == {f"{name}!/a.xml"}


def test_what_is_unchanged_is_not_unpacked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.tgz").write_bytes(gzip.compress(tarred(FILES)))
    (tmp_path / "b.zip").write_bytes(
        zipped({"in.zip": zipped(FILES), "in.txz": lzma.compress(tarred(FILES)), "x": b"1"})
    )
    made = folder(tmp_path)
    before = [(item.key, item.size, item.token) for item in items_of(made)]
    cursor = made.next_cursor()
    archives._opened.cache_clear()

    def never(*args: object) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(archive_tar, "_PACKINGS", dict.fromkeys(("gz", "xz"), never))
    monkeypatch.setattr(archive_zip.ZipArchive, "pieces", never)
    again = folder(tmp_path)
    assert [(item.key, item.size, item.token) for item in items_of(again, cursor)] == before
    assert again.next_cursor() == cursor
    (tmp_path / "a.tgz").write_bytes(gzip.compress(tarred({"new.xml": b"<n/>"})))
    with pytest.raises(AssertionError, match="unpacked"):
        items_of(folder(tmp_path), cursor)


@pytest.mark.parametrize("cursor", ["{", "[]", "3", '{"of": "x"}', "null"])
def test_a_cursor_of_something_else_is_none(tmp_path: Path, cursor: str) -> None:
    (tmp_path / "a.tgz").write_bytes(gzip.compress(tarred(FILES)))
    assert len(items_of(folder(tmp_path), cursor)) == 3


def test_an_archive_replaced_while_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(FILES))
    first, *others = items_of(folder(tmp_path))
    (tmp_path / "a.zip").write_bytes(zipped({"a.xml": b"<other and longer/>"}))
    assert taken(first) == b"<other and longer/>"
    assert all("no such file" in str(taken(item)) for item in others)
    (tmp_path / "a.zip").unlink()
    assert "cannot be read" in str(taken(first))


@pytest.mark.corpus
def test_the_broken_zips_of_the_corpus(corpus: Path) -> None:
    made = folder(corpus / "bad" / "zip")
    found = {item.key: taken(item) for item in items_of(made)}
    refused = {key: str(value) for key, value in found.items() if isinstance(value, str)}
    assert sorted(found) == [
        "gbk-names-no-utf8-flag.zip!/民国档案/第一卷/0001.jpg",
        "gbk-names-no-utf8-flag.zip!/民国档案/第一卷/目录.csv",
        "path-traversal.zip!/../../outside.txt",
        "path-traversal.zip!/good.txt",
        "ratio-1000.zip!/zeros.bin",
        "truncated.zip!/",
        "truncated.zip!/../../outside.txt",
        "truncated.zip!/good.txt",
    ]
    assert "grows more than 200-fold" in refused["ratio-1000.zip!/zeros.bin"]
    assert "leads out" in refused["path-traversal.zip!/../../outside.txt"]
    assert "cut off" in refused["truncated.zip!/"]
    assert len(refused) == 4
