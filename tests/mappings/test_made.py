"""Copies made to order: pages in the order of their manifest, and a reason for every file that is none of them."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from mappings.base import Failed, MappingOptions, Skipped
from mappings.formats.made import MadeMapping
from mappings.made import MANIFEST
from mappings.record import Record
from tests.contracts.mapping_contract import MappingContract, Sample, mapped, records

MAPPING = MadeMapping(MappingOptions())


def picture(kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (6, 4)).save(stream, kind)
    return stream.getvalue()


def manifest(*names: str) -> tuple[str, bytes]:
    made = {
        "of": ["land", "1"],
        "title": "契約",
        "files": [{"name": name, "media_type": "image/png"} for name in names],
    }
    return f"A7K2/{MANIFEST}", json.dumps(made).encode()


class TestMade(MappingContract):
    @pytest.fixture
    def mapping(self) -> MadeMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        return [manifest("1.png"), ("A7K2/1.png", picture())]


def test_pages_are_in_the_order_of_the_manifest_and_belong_to_staff_until_it_is_decided() -> None:
    [record] = records(MAPPING, ("A7K2/1.png", picture()), ("A7K2/2.png", picture()), manifest("2.png", "1.png"))
    assert [page.image for page in record.pages] == ["A7K2/2.png", "A7K2/1.png"]
    assert (record.copy_of, record.access and record.access.value) == (("land", "1"), "internal")


def test_a_file_that_is_not_there_or_broken_is_told_of_and_the_others_are_read() -> None:
    items = [manifest("1.png", "2.png", "3.png"), ("A7K2/1.png", picture()), ("A7K2/2.png", b"no picture")]
    [record] = records(MAPPING, *items)
    assert len(record.pages) == 1
    assert [problem.position for problem in record.problems] == ["2.png", "3.png"]


def test_a_copy_of_nothing_that_can_be_read_has_failed() -> None:
    [outcome] = mapped(MAPPING, manifest("1.png"))
    assert isinstance(outcome, Failed) and outcome.problem.code == "missing-file"


def test_each_file_beside_a_copy_and_each_without_one_has_its_reason() -> None:
    beside = mapped(MAPPING, manifest("1.png"), ("A7K2/1.png", picture()), ("A7K2/notes.txt", b"x"))
    assert [type(one) for one in beside] == [Record, Skipped]
    alone = mapped(MAPPING, ("B/1.png", picture()), ("B/2.png", picture()))
    told = [*beside[1:], *alone]
    names = [one.problem.position for one in told if isinstance(one, Skipped)]
    assert names == ["A7K2/notes.txt", "B/1.png", "B/2.png"]
