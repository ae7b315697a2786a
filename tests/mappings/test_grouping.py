"""Which files make one item."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from mappings.base import Unit
from mappings.grouping import found_in, groups
from tests.contracts.mapping_contract import Bytes

ALTO = b"<alto/>"
EAD = b"<ead/>"


def mets(*hrefs: str) -> bytes:
    locations = "".join(f"<file><FLocat xlink:href='{href}'/></file>" for href in hrefs)
    return f"<mets xmlns:xlink='http://www.w3.org/1999/xlink'>{locations}</mets>".encode()


FILES = {
    "b/mets.xml": mets("img/1.jpg", "../../../etc/passwd", "http://x.org/2.jpg"),
    "b/img/1.jpg": b"",
    "b/img/2.jpg": b"",
    "b/guide.xml": EAD,
    "v/p1.xml": ALTO,
    "v/p1.jpg": b"",
    "v/volume.yml": b"title: x",
    "v/list.csv": b"a,b\n1,2\n3,4\n",
    "w/volume.yml": b"title: y",
    "a.xml": EAD,
}
EXPECTED: dict[Unit, dict[str, list[str]]] = {
    "file": {name: [name] for name in FILES},
    "folder": {
        ".": ["a.xml"],
        "b": ["b/guide.xml", "b/mets.xml"],
        "b/img": ["b/img/1.jpg", "b/img/2.jpg"],
        "v": ["v/list.csv", "v/p1.jpg", "v/p1.xml", "v/volume.yml"],
        "w": ["w/volume.yml"],
    },
    "package": {
        **{name: [name] for name in FILES if name != "b/img/1.jpg"},
        "b/mets.xml": ["b/mets.xml", "b/img/1.jpg"],
    },
    "mixed": {
        "a.xml": ["a.xml"],
        "b/guide.xml": ["b/guide.xml"],
        "b/img": ["b/img/2.jpg"],
        "b/mets.xml": ["b/mets.xml", "b/img/1.jpg"],
        "v": ["v/p1.jpg", "v/p1.xml", "v/volume.yml"],
        "v/list.csv": ["v/list.csv"],
        "w/volume.yml": ["w/volume.yml"],
    },
}


@pytest.mark.parametrize(("unit", "expected"), EXPECTED.items(), ids=EXPECTED)
def test_the_items_of_a_source(unit: Unit, expected: dict[str, list[str]]) -> None:
    found = found_in([Bytes(name, payload) for name, payload in FILES.items()], unit)
    assert {key: [content.name for content in group] for key, group in found} == expected


@pytest.mark.parametrize("unit", EXPECTED)
def test_every_file_is_in_an_item(unit: Unit) -> None:
    found = found_in([Bytes(name, payload) for name, payload in FILES.items()], unit)
    assert {content.name for _, group in found for content in group} == FILES.keys()
    assert len({key for key, _ in found}) == len(found)


def test_two_packages_may_share_files() -> None:
    files = {"b/1.xml": mets("img/1.jpg"), "b/2.xml": mets("img/1.jpg"), "b/img/1.jpg": b""}
    found = found_in([Bytes(name, payload) for name, payload in files.items()], "package")
    assert [[content.name for content in group] for _, group in found] == [
        ["b/1.xml", "b/img/1.jpg"],
        ["b/2.xml", "b/img/1.jpg"],
    ]


def test_rows_pass_as_they_come_and_images_are_not_opened() -> None:
    def listing() -> Iterator[Bytes]:
        yield Bytes("1", row={"a": 1})
        raise AssertionError("the whole listing was asked for")

    assert next(groups("mixed", listing(), lambda *_: b""))[0] == "1"

    def refuse(*_: object) -> bytes:
        raise AssertionError("opened")

    assert len(list(groups("mixed", [Bytes("v/1.jpg"), Bytes("v/2.tif")], refuse))) == 1


def test_what_cannot_be_opened_is_an_item_by_itself() -> None:
    found = list(groups("mixed", [Bytes("v/1.xml", ALTO), Bytes("locked/")], lambda *_: b""))
    assert [key for key, _ in found] == ["locked/", "v/1.xml"]


def test_contents_are_the_files_given() -> None:
    (content,) = found_in([Bytes("a.xml", EAD)], "mixed")[0][1]
    assert dataclasses.is_dataclass(content)
