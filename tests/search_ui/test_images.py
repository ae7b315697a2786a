"""Page images as browsers get them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from search_ui import images


def made(
    kind: str, mode: str = "RGB", size: tuple[int, int] = (60, 40), frames: int = 1, orientation: int = 1
) -> bytes:
    exif = Image.Exif()
    exif[274] = orientation
    pictures = [Image.new(mode, (size[0] + 10 * number, size[1])) for number in range(frames)]
    out = io.BytesIO()
    more: dict[str, Any] = {"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}
    pictures[0].save(out, kind, exif=exif, **more)
    return out.getvalue()


def opened(image: images.PageImage | None) -> Image.Image:
    assert image is not None
    return Image.open(io.BytesIO(image.data))


@pytest.mark.parametrize(("kind", "shown"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_what_browsers_show_is_sent_as_it_is(kind: str, shown: str) -> None:
    data = made(kind, orientation=6)
    assert images.original(data) == images.PageImage(data, shown)


@pytest.mark.parametrize("kind", ["TIFF", "JPEG2000", "BMP"])
def test_what_they_do_not_show_is_sent_as_jpeg(kind: str) -> None:
    found = images.original(made(kind))
    assert found is not None and found.media_type == "image/jpeg"
    assert opened(found).size == (60, 40)


@pytest.mark.parametrize("frame", [0, 1, 2])
def test_a_picture_of_a_tiff(frame: int) -> None:
    assert opened(images.original(made("TIFF", frames=3), frame)).size == (60 + 10 * frame, 40)
    assert opened(images.smaller(made("TIFF", frames=3), 30, frame)).width == 30


@pytest.mark.parametrize("frame", [3, 99])
def test_a_picture_that_is_not_there(frame: int) -> None:
    assert images.original(made("TIFF", frames=3), frame) is None


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_smaller_images_are_upright(kind: str) -> None:
    assert opened(images.smaller(made(kind, orientation=6), 900)).size == (40, 60)


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGBA", "PNG"), ("LA", "PNG"), ("1", "TIFF"), ("I;16", "TIFF"), ("CMYK", "TIFF")]
)
def test_every_kind_of_colour(mode: str, kind: str) -> None:
    assert opened(images.smaller(made(kind, mode), 30)).mode == "RGB"


def test_what_is_transparent_lies_on_white_paper() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(images.smaller(out.getvalue(), 120)).getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_of_grey_are_grey() -> None:
    out = io.BytesIO()
    Image.new("I;16", (10, 10), 32768).save(out, "TIFF")
    pixel = opened(images.smaller(out.getvalue(), 120)).getpixel((5, 5))
    assert isinstance(pixel, tuple) and 120 < pixel[0] < 136


@pytest.mark.parametrize("data", [b"", b"<svg onload='x'/>", b"\xff\xd8\xff", b"II*\x00\xff\xff\xff\xff", b"\x89PNG"])
def test_what_is_no_image_has_no_smaller_one(data: bytes) -> None:
    assert images.smaller(data, 120) is None
