"""Images of a folder, read by their headers; the volume they are."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mappings.base import Failed, MappingOptions, Skipped
from mappings.dates import dated
from mappings.formats.image import ImageMapping
from mappings.formats.image_header import Header, read_header
from mappings.record import Dates, Problem, Record
from tests.contracts.mapping_contract import MappingContract, Sample, check_outcome, mapped, records

MAPPING = ImageMapping(MappingOptions(holder="East"))


def image(kind: str = "JPEG", size: tuple[int, int] = (6, 4), frames: int = 1, **exif: Any) -> bytes:
    pictures = [Image.new("RGB", (size[0] + number, size[1])) for number in range(frames)]
    tags = Image.Exif()
    for name, value in exif.items():
        if name == "taken":
            tags.get_ifd(0x8769)[36867] = value
        else:
            tags[{"orientation": 274, "description": 270, "changed": 306}[name]] = value
    out = io.BytesIO()
    more = {"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}
    pictures[0].save(out, kind, exif=tags, **more)
    return out.getvalue()


class TestImage(MappingContract):
    @pytest.fixture
    def mapping(self) -> ImageMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        return [("v/1.jpg", image()), ("v/2.png", image("PNG")), ("v/3.tif", image("TIFF", frames=2))]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "JPEG2000", "BMP"])
def test_every_kind_is_told_by_its_bytes(kind: str) -> None:
    (record,) = records(MAPPING, ("v/1.jpg", image(kind)))
    assert [(page.width, page.height, page.image, page.frame) for page in record.pages] == [(6, 4, "v/1.jpg", None)]
    assert not record.problems


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(("orientation", "size"), [(1, (6, 4)), (3, (6, 4)), (6, (4, 6)), (8, (4, 6)), (99, (6, 4))])
def test_width_and_height_are_those_seen(kind: str, orientation: int, size: tuple[int, int]) -> None:
    (record,) = records(MAPPING, ("v/1.jpg", image(kind, orientation=orientation)))
    assert (record.pages[0].width, record.pages[0].height) == size


def test_a_tiff_has_a_page_for_each_picture() -> None:
    files = [("v/10.jpg", image()), ("v/2.tif", image("TIFF", frames=3)), ("v/3.gif", image("GIF", frames=2))]
    (record,) = records(MAPPING, *files)
    assert [(page.number, page.image, page.frame, page.width) for page in record.pages] == [
        (1, "v/2.tif", 0, 6),
        (2, "v/2.tif", 1, 7),
        (3, "v/2.tif", 2, 8),
        (4, "v/3.gif", None, 6),
        (5, "v/10.jpg", None, 6),
    ]


SAID: dict[str, tuple[list[dict[str, Any]], str | None, Dates | None]] = {
    "nothing": ([{}], None, None),
    "a description": ([{"description": "The mill"}], "The mill", None),
    "the same of all": ([{"description": "The mill"}, {"description": "The mill"}, {}], "The mill", None),
    "different ones": ([{"description": "The mill"}, {"description": "The pond"}], None, None),
    "that of the camera": ([{"description": "OLYMPUS DIGITAL CAMERA         "}], None, None),
    "a day": ([{"taken": "2012:08:07 10:11:12"}], None, dated("2012-08-07")),
    "days": (
        [{"taken": "2013:01:02 00:00:00"}, {"taken": "2012:08:07 10:11:12"}],
        None,
        dated("2012-08-07/2013-01-02"),
    ),
    "a clock never set": ([{"taken": "0000:00:00 00:00:00"}], None, None),
    "the day of the scan file": ([{"changed": "2012:08:07 10:11:12"}], None, None),
}


@pytest.mark.parametrize(("images", "title", "dates"), SAID.values(), ids=SAID)
def test_what_images_say_of_themselves(images: list[dict[str, Any]], title: str | None, dates: Dates | None) -> None:
    (record,) = records(MAPPING, *((f"v/{n}.jpg", image(**said)) for n, said in enumerate(images)))
    assert (None if record.supplied_title else record.title, record.dates) == (title, dates)


def test_what_is_said_beside_them_comes_first() -> None:
    said = image(description="The mill", taken="2012:08:07 10:11:12")
    (record,) = records(MAPPING, ("v/1.jpg", said), ("v/volume.yml", b"title: Views\ndates: '1890'"))
    assert (record.title, record.dates) == ("Views", Dates("1890", 1890, 1890))


def test_a_broken_image_stays_a_page_and_says_so() -> None:
    (record,) = records(MAPPING, ("v/1.jpg", image()), ("v/2.jpg", b"\xff\xd8\xff broken"))
    assert [(page.image, page.width) for page in record.pages] == [("v/1.jpg", 6), ("v/2.jpg", None)]
    assert [(problem.code, problem.position) for problem in record.problems] == [("damaged-image", "v/2.jpg")]


def test_broken_images_alone_are_a_failure() -> None:
    (failed,) = mapped(MAPPING, ("v/1.jpg", b"x"), ("v/2.png", b""))
    assert isinstance(failed, Failed)
    assert (failed.problem.code, failed.source_id) == ("damaged-image", "v")


def test_other_files_and_second_images_have_their_rows() -> None:
    found = mapped(MAPPING, ("v/1.jpg", image()), ("v/1.tif", image("TIFF")), ("v/a.xml", b"<a/>"))
    assert [outcome.problem.code for outcome in found if isinstance(outcome, Skipped)] == [
        "second-version",
        "wrong-format",
    ]
    assert [len(outcome.pages) for outcome in found if isinstance(outcome, Record)] == [1]


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("side", "found"), [(12_000, Header), (60_000, Problem)])
def test_pixels_are_never_decoded(side: int, found: type) -> None:
    read_header(io.BytesIO(image("PNG")))  # the decoders are loaded
    tracemalloc.start()
    assert isinstance(read_header(io.BytesIO(bomb(side, side))), found)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_a_tiff_that_goes_round_in_circles_ends() -> None:
    whole = bytearray(image("TIFF", frames=2))
    second = whole.rindex(struct.pack("<I", 0))
    whole[second : second + 4] = whole[4:8]
    found = read_header(io.BytesIO(bytes(whole)))
    assert isinstance(found, Header | Problem)


@given(st.data())
def test_any_byte_flipped_gives_outcomes(data: Any) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "TIFF", "JPEG2000"]))
    damaged = bytearray(image(kind, frames=1, orientation=6))
    damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    for outcome in mapped(MAPPING, ("v/1.tif", bytes(damaged[: data.draw(st.integers(1, len(damaged)))]))):
        check_outcome(outcome)
