"""Files of mixed formats, each told by its bytes."""

from __future__ import annotations

import pytest

from mappings.base import MappingOptions, Skipped
from mappings.formats.auto import AutoMapping
from mappings.record import Record
from tests.contracts.mapping_contract import Bytes, MappingContract, Sample, mapped
from tests.mappings.alto.test_alto import alto
from tests.mappings.alto.test_alto import line as alto_line
from tests.mappings.hocr.test_hocr import hocr
from tests.mappings.hocr.test_hocr import line as hocr_line
from tests.mappings.image.test_image import image
from tests.mappings.mets.test_mets import FILES, TWO
from tests.mappings.page.test_page_xml import line, pcgts, region

MAPPING = AutoMapping(MappingOptions(holder="East"))
EAD = b"<ead><archdesc level='fonds'><did><unittitle>Papers</unittitle></did></archdesc></ead>"


class TestAuto(MappingContract):
    @pytest.fixture
    def mapping(self) -> AutoMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        return [("v/1.xml", alto(alto_line("Marne"))), ("v/1.jpg", image())]


def test_page_texts_of_all_formats_and_images_of_a_folder_are_one_volume() -> None:
    (record,) = mapped(
        MAPPING,
        ("v/1.xml", alto(alto_line("one"))),
        ("v/2.html", hocr(hocr_line("two"))),
        ("v/3.xml", pcgts(region(line("three")))),
        ("v/4.tif", image("TIFF", frames=2)),
        ("v/volume.yml", b"title: Mixed"),
    )
    assert isinstance(record, Record)
    assert (record.source_id, record.title) == ("v", "Mixed")
    assert [page.text for page in record.pages] == ["one", "two", "three", "", ""]


def test_suffixes_do_not_matter() -> None:
    (record,) = mapped(MAPPING, ("v/1.dat", alto(alto_line("one"))), ("v/2", image()), ("v/3.xml", image("PNG")))
    assert isinstance(record, Record)
    assert [(page.text, page.image) for page in record.pages] == [("one", None), ("", "v/2"), ("", "v/3.xml")]


def test_a_second_text_of_a_page_has_its_row() -> None:
    found = mapped(MAPPING, ("v/1.html", hocr(hocr_line("a"))), ("v/1.xml", alto(alto_line("b"))))
    assert [outcome.problem.code for outcome in found if isinstance(outcome, Skipped)] == ["second-version"]


def test_every_other_file_goes_to_its_own_mapping() -> None:
    found = mapped(
        MAPPING, ("a.xml", EAD), ("list.csv", "题名,日期,档号\n购地卷,1905,J1\n".encode()), ("b/mets.xml", TWO), *FILES
    )
    assert [(o.source_id, o.title, len(o.pages)) for o in found if isinstance(o, Record)] == [
        ("a.xml", "Papers", 0),
        ("b/mets.xml", "Des Grafen Werke: nach", 2),
        ("list.csv#row-2", "购地卷", 0),
    ]


def test_rows_are_a_table() -> None:
    (record,) = MAPPING.records([Bytes("7", row={"title": "Wang", "born": 1021})])
    assert isinstance(record, Record) and record.title == "Wang"


SKIPPED = {
    "no format we know": (("a.bin", b"\0\1\2\3"), "unknown-format"),
    "a database": (("a.sqlite", b"SQLite format 3\0" + bytes(100)), "unknown-format"),
    "an archive": (("a.zip", b"PK\x03\x04" + bytes(100)), "unknown-format"),
    "other XML": (("a.xml", b"<svg/>"), "unknown-format"),
    "empty": (("a.xml", b""), "empty-file"),
    "the bookkeeping of a package": (("bag/bagit.txt", b"BagIt-Version: 0.97\n"), "bag-file"),
}


@pytest.mark.parametrize(("file", "code"), SKIPPED.values(), ids=SKIPPED)
def test_the_rest_has_its_row(file: tuple[str, bytes], code: str) -> None:
    (skipped,) = mapped(MAPPING, file)
    assert isinstance(skipped, Skipped)
    assert (skipped.problem.code, skipped.source_id) == (code, file[0])
