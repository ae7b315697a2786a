"""The typeset pages: every word has a box, inside its page, where there is ink."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from PIL import Image

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "data"
VOLUMES = sorted([*(SAMPLES / "volumes").iterdir(), *(SAMPLES / "typescripts").iterdir()])
FOOT = "示範排印件"


def boxes(file: Path) -> list[tuple[str, int, int, int, int]]:
    """Text, left, top, right and bottom of each word of an ALTO file."""
    found = []
    for string in etree.parse(file).iter("{*}String"):
        left, top, width, height = (int(string.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
        found.append((string.get("CONTENT"), left, top, left + width, top + height))
    return found


def lines(file: Path) -> list[str]:
    """The text of each line of an ALTO file, words joined."""
    return [
        "".join(string.get("CONTENT") for string in line.iter("{*}String"))
        for line in etree.parse(file).iter("{*}TextLine")
    ]


@pytest.mark.parametrize("volume", VOLUMES, ids=lambda volume: volume.name)
def test_every_page_is_an_image_with_words_on_it(volume: Path) -> None:
    texts = sorted(volume.glob("*.xml"))
    assert [file.with_suffix(".jpg") for file in texts] == sorted(volume.glob("*.jpg"))
    assert [file.stem for file in texts] == [f"{number:04d}" for number in range(1, len(texts) + 1)]
    assert 2 <= len(texts) <= 8
    for file in texts:
        _check_page(file)


def _check_page(file: Path) -> None:
    page = next(etree.parse(file).iter("{*}Page"))
    image = Image.open(io.BytesIO(file.with_suffix(".jpg").read_bytes())).convert("L")
    assert image.size == (int(page.get("WIDTH")), int(page.get("HEIGHT")))
    shades = np.asarray(image, dtype=np.float32)
    paper = float(np.median(shades))
    for text, left, top, right, bottom in boxes(file):
        assert text.strip() == text != ""
        assert 0 <= left < right <= image.width
        assert 0 <= top < bottom <= image.height
        assert shades[top:bottom, left:right].min() < paper - 20, f"{file.name}: no ink under {text!r}"


def test_the_pages_say_what_their_row_says(file_list: list[dict[str, str]]) -> None:
    rows = {row["档号"]: row for row in file_list}
    for volume in VOLUMES:
        if row := rows.get(volume.name):
            text = "".join(line for file in sorted(volume.glob("*.xml")) for line in lines(file) if FOOT not in line)
            assert "".join(row["题名"].split()) in text
            assert "".join(row["附注"].split()) in text


def test_every_page_says_that_it_was_typeset() -> None:
    for volume in (SAMPLES / "volumes").iterdir():
        for file in volume.glob("*.xml"):
            assert FOOT in lines(file)[-1]
    first = next((SAMPLES / "typescripts").iterdir()) / "0001.xml"
    assert "Typeset for demonstration" in " ".join(word[0] for word in boxes(first))
