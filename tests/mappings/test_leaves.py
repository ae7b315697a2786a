"""Pages of large volumes, packed until they are asked for."""

from __future__ import annotations

import pytest

from mappings.base import MappingOptions
from mappings.formats import leaves
from mappings.formats.alto import AltoMapping
from mappings.formats.leaves import Leaf, PackedPages
from mappings.record import Page, Record, decode_record, encode
from pipelines import record_json
from tests.contracts.mapping_contract import records
from tests.mappings.alto.test_alto import alto, line

FILES = [
    *((f"v/{number}.xml", alto(line("word", str(number)))) for number in range(1, 8)),
    ("v/3.jpg", b"image"),
    ("v/5b.png", b"image"),
]


def volume() -> Record:
    (record,) = records(AltoMapping(MappingOptions()), *FILES)
    return record


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> Record:
    """The volume with all pages but the first packed."""
    monkeypatch.setattr(leaves, "PLAIN_WORDS", 3)
    return volume()


def test_packed_pages_are_those_of_the_plain_volume(packed: Record) -> None:
    plain = volume().copies[0].pages
    pages = packed.copies[0].pages
    assert isinstance(pages, PackedPages)
    assert pages == tuple(pages) and tuple(pages) == pages
    assert [(p.number, p.image, p.text) for p in pages] == [(p.number, p.image, p.text) for p in plain]
    assert (len(pages), pages[2].image, [p.number for p in pages[1:3]], pages[-1].number) == (8, "v/3.jpg", [2, 3], 8)


def test_a_packed_record_is_encoded_and_compared_as_any_other(packed: Record) -> None:
    again = decode_record(encode(packed))
    assert again == packed and packed == again
    assert isinstance(again.copies[0].pages, tuple)
    assert again.pages == packed.pages


def test_pages_from_the_store_are_unpacked_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_json, "LARGE", 10)
    record = volume()
    stored = [(0, encode(page).decode()) for page in record.pages]
    found = record_json.with_pages(record, stored)
    assert isinstance(found.copies[0].pages, PackedPages)
    assert found == record


def test_pages_are_equal_page_by_page() -> None:
    one = PackedPages([Leaf(Page(0, "a"), 1), Leaf(Page(0, "b"), 2, "b.jpg", 4)])
    assert one == (Page(1, "a"), Page(2, "b", image="b.jpg", frame=4))
    assert one != (Page(1, "a"), Page(2, "c"))
    assert one != (Page(1, "a"),)
    assert one != "ab"
