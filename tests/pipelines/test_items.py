"""Items of several files, from the listing to the record store."""

from __future__ import annotations

import pytest

from connectors.base import Gone, RawItem, SkipItem
from mappings.base import MappingOptions
from mappings.record import Copy, Page, Record
from pipelines import tasks
from pipelines.items import IN_MEMORY, Unit, read_unit, units
from pipelines.tasks import Mapped, MapTask

from .conftest import House, finding_aid, page
from .test_tasks import Scripted, item

METS = (
    "<mets xmlns='http://www.loc.gov/METS/' xmlns:xlink='http://www.w3.org/1999/xlink' LABEL='{label}'><fileSec>"
    "<fileGrp USE='OCR'>{files}</fileGrp></fileSec><structMap TYPE='PHYSICAL'><div>{pages}</div></structMap></mets>"
)


def mets(*hrefs: str, label: str = "Register") -> str:
    """A METS with a page for each file."""
    files = "".join(
        f"<file ID='F{n}' MIMETYPE='text/xml'><FLocat xlink:href='{href}'/></file>" for n, href in enumerate(hrefs)
    )
    pages = "".join(f"<div TYPE='page'><fptr FILEID='F{n}'/></div>" for n in range(len(hrefs)))
    return METS.format(label=label, files=files, pages=pages)


@pytest.fixture
def mixed(house: House) -> House:
    """A house with one source of everything."""
    house.specs = [house.spec("all", "auto")]
    house.write("all/aids/a.xml", finding_aid([("J1-1-1", "Railway"), ("J1-1-2", "Harbour")]))
    house.write("all/aids/b.xml", finding_aid([("J2-1-1", "Bridge")], "J2"))
    house.write("all/v/1.xml", page("one"))
    house.write("all/v/2.xml", page("two"))
    house.write("all/m/mets.xml", mets("p/1.xml", "p/2.xml"))
    house.write("all/m/p/1.xml", page("three"))
    house.write("all/m/p/2.xml", page("four"))
    house.write("all/odd.bin", "\x00\x01\x02")
    return house


def test_a_folder_of_everything(mixed: House) -> None:
    report = mixed.sync()
    assert mixed.counts(report)["all"] == (7, 0, 1, 0, 0)
    assert report.sources[0].pages == 4
    assert {source_id for _, source_id in mixed.records()} == {
        "aids/a.xml", "aids/a.xml#J1-1-1", "aids/a.xml#J1-1-2", "aids/b.xml", "aids/b.xml#J2-1-1", "v", "m/mets.xml",
    }  # fmt: skip
    assert mixed.counts()["all"] == (0, 7, 1, 0, 0)


CHANGES = {
    "a finding aid": ("all/aids/b.xml", finding_aid([("J2-1-1", "Viaduct")], "J2"), {"aids/b.xml"}),
    "a page of a folder": ("all/v/2.xml", page("zwei"), {"v"}),
    "a page of a package": ("all/m/p/2.xml", page("vier"), {"m/mets.xml"}),
    "a METS": ("all/m/mets.xml", mets("p/2.xml", "p/1.xml"), {"m/mets.xml"}),
}


@pytest.mark.parametrize(("path", "text", "items"), CHANGES.values(), ids=CHANGES)
def test_only_the_item_that_changed_is_mapped_again(mixed: House, path: str, text: str, items: set[str]) -> None:
    mixed.sync()
    version = mixed.store.version
    mixed.write(path, text)
    assert mixed.counts()["all"] == (1, 6, 1, 0, 0)
    assert set(mixed.store.rows("item", ["item"], after=version)["item"].to_pylist()) == items


def test_a_page_that_leaves_a_package_and_comes_back(mixed: House) -> None:
    mixed.sync()
    mixed.write("all/m/mets.xml", mets("p/1.xml"))
    mixed.sync()
    assert [found.text for found in mixed.store.get("all", "m/mets.xml").pages] == ["three"]  # type: ignore[union-attr]
    assert [found.text for found in mixed.store.get("all", "m/p").pages] == ["four"]  # type: ignore[union-attr]
    mixed.write("all/m/mets.xml", mets("p/1.xml", "p/2.xml"))
    assert mixed.counts()["all"] == (1, 6, 1, 0, 1)
    assert mixed.store.get("all", "m/p") is None


def test_what_cannot_be_opened_is_still_an_item() -> None:
    def refuse() -> None:
        raise SkipItem("no")

    listing: list[RawItem | Gone] = [RawItem("v/1.xml", refuse, 1), item("v/2.xml", b"<alto/>"), Gone("old")]  # type: ignore[arg-type]
    found = list(units(listing, "mixed"))
    assert [entry.key for entry in found] == ["v", "v/1.xml", "old"]


def test_a_volume_is_not_held_in_memory_as_a_whole() -> None:
    parts = tuple(RawItem(f"v/{n}.xml", item("x", b"x" * 100).opener, IN_MEMORY // 2) for n in range(3))
    large = RawItem("v/9.xml", item("x").opener, IN_MEMORY + 1)
    _, contents = read_unit(Unit("v", (*parts, large)))
    assert [content.payload is None for content in contents] == [False, False, False, True]


def test_pages_of_a_large_volume_come_in_several_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = tuple(Page(n, "x" * 60) for n in range(1, 6))
    monkeypatch.setattr(tasks, "CHUNK_BYTES", 100)
    monkeypatch.setattr(tasks, "_mapping", lambda *_: Scripted([Record("v", "V", copies=(Copy(pages=pages),))]))
    messages: list[Mapped] = list(MapTask("alto", MappingOptions(), (Unit("v", (item("v/1.xml"),)),)).run())
    assert [len(message.pages.item) for message in messages] == [2, 2, 1, 0]
    assert [len(message.records.item) for message in messages] == [0, 0, 1, 0]
    assert [ended.pages for message in messages for ended in message.ended] == [5]


def test_pages_in_several_messages_are_written_and_taken_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines import intake

    monkeypatch.setattr(intake, "IN_MEMORY", 10)  # the volume travels alone
    house.specs = [house.spec("v", "alto")]
    for number in range(4):
        house.write(f"v/b/{number}.xml", page(f"word{number}"))
    house.sync()
    (house.folder / "v/b/3.xml").unlink()
    house.write("v/b/1.xml", page("other"))
    assert house.counts()["v"] == (1, 0, 0, 0, 0)
    assert [found.text for found in house.store.get("v", "b").pages] == ["word0", "other", "word2"]  # type: ignore[union-attr]
