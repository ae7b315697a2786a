"""Masked images and PDFs: what was masked is neither in their pixels nor in their text, nor is anything of the file
they come from; bad files give one sentence and nothing else.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pypdfium2
import pytest
from PIL import Image, ImageDraw, TiffImagePlugin

from mappings.deidentification import Kind, Mark, Release
from mappings.formats.page_text import page_of
from mappings.record import Copy, Page, Record, Word
from pipelines.deidentify.drawing import CannotMask, Drawing, image_digests
from pipelines.deidentify.layer import DeidentifiedLayer, deidentified, text_version
from pipelines.deidentify.pdf import OtherText, check

SECRET = ("Featherstone", "330106195803120418")
WORDS = [
    [("Seen", 40, 40, 80, 30), ("by", 130, 40, 40, 30), ("Featherstone", 180, 40, 240, 30)],
    [("原", 40, 120, 30, 30), ("告", 72, 120, 30, 30), ("330106195803120418", 180, 120, 360, 30)],
]
RED = (200, 0, 0)


@pytest.fixture
def drawing() -> Iterator[Drawing]:
    with Drawing() as made:
        yield made


def scan(size: tuple[int, int] = (600, 400)) -> Image.Image:
    """A page whose words are red, each filling its box."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for line in WORDS:
        for _, x, y, width, height in line:
            draw.rectangle((x, y, x + width - 1, y + height - 1), fill=RED)
    return image


def saved(image: Image.Image, kind: str) -> bytes:
    """A file with everything a file may say besides its pixels."""
    out = io.BytesIO()
    if kind == "JPEG":
        exif = Image.Exif()
        exif[0x010E], exif[0x013B] = SECRET
        image.save(out, "JPEG", quality=95, exif=exif, comment=SECRET[0].encode())
    elif kind == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_text("Comment", " ".join(SECRET))
        image.save(out, "PNG", pnginfo=info)
    elif kind == "TIFF":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[270] = " ".join(SECRET)
        image.save(out, "TIFF", tiffinfo=tags, save_all=True, append_images=[image])
    else:
        out.write(born_digital(image.size))
    return out.getvalue()


def born_digital(size: tuple[int, int]) -> bytes:
    """A PDF with text, a title, an attachment, and a comment that says the name."""
    import pypdfium2.raw as pdfium

    document = pypdfium2.PdfDocument.new()
    page = document.new_page(*size)
    font = pdfium.FPDFText_LoadStandardFont(document, b"Helvetica")
    for text, x, y, width, _ in (word for line in WORDS for word in line if word[0].isascii()):
        written = pdfium.FPDFPageObj_CreateTextObj(document, font, 24.0)
        units = (text + "\0").encode("utf-16-le")
        pdfium.FPDFText_SetText(written, pdfium.cast(pdfium.c_char_p(units), pdfium.FPDF_WIDESTRING))
        pdfium.FPDFPageObj_Transform(written, min(width / (13 * len(text)), 1), 0, 0, 1, x, size[1] - y - 24)
        pdfium.FPDFPage_InsertObject(page, written)
    page.gen_content()
    document.new_attachment(f"{SECRET[0]}.txt").set_data(SECRET[1].encode())
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


def brightest(image: Image.Image) -> int:
    """Its lightest pixel in grey: red letters have 60, black boxes a little noise of JPEG."""
    return max(image.convert("L").tobytes())


class Files(dict[str, bytes]):
    """The items of a source."""

    def open(self, key: str) -> BinaryIO:
        return io.BytesIO(self[key])


def record(key: str, frame: int | None = None, pages: int = 1) -> Record:
    made = page_of([tuple(Word(*word) for word in line) for line in WORDS], None, 600.0, 400.0, None)
    one = Page(1, made.text, None, key, 600.0, 400.0, made.lines, frame=frame, url="https://example.org/original")
    return Record("1", "Court records", copies=(Copy(pages=(one,) * pages),))


def layer_of(one: Record, files: Files) -> DeidentifiedLayer:
    marks = [Mark(number, *where) for number, page in enumerate(one.pages, 1) for where in places(page.text)]
    layer = deidentified(one, Release(("s", "1"), text_version(one), tuple(marks), image_digests(one, files.open)))
    assert layer is not None
    return layer


def places(text: str) -> list[tuple[int, int, Kind]]:
    kinds: list[tuple[str, Kind]] = [(SECRET[0], "name"), (SECRET[1], "id_number")]
    return [(text.index(secret), text.index(secret) + len(secret), kind) for secret, kind in kinds]


KINDS = ("JPEG", "PNG", "TIFF", "PDF")


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_are_gone_and_the_file_says_nothing(kind: str, drawing: Drawing) -> None:
    files = Files(item=saved(scan(), kind))
    layer = layer_of(record("item", 1 if kind == "TIFF" else 0 if kind == "PDF" else None), files)
    mask = layer.pages[0].image
    assert mask is not None
    data = drawing.image("s", files.open, mask, 1)
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG" and not image.getexif() and "comment" not in image.info
    assert "icc_profile" not in image.info
    assert not any(secret.encode() in data for secret in SECRET)
    scale = image.width / 600
    for box, is_black in (((180, 40, 420, 70), True), ((180, 120, 540, 150), True), ((40, 40, 120, 70), False)):
        left, top, right, bottom = (round(side * scale) for side in box)
        assert (brightest(image.crop((left, top, right, bottom))) < 24) is is_black


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_pdf_has_pictures_and_the_masked_text_alone(kind: str, drawing: Drawing, tmp_path: Path) -> None:
    files = Files(item=saved(scan(), kind))
    layer = layer_of(record("item", 0 if kind == "PDF" else None, pages=2), files)
    drawing.pdf("s", files.open, layer, tmp_path / "copy.pdf")
    data = (tmp_path / "copy.pdf").read_bytes()
    assert not any(secret.encode() in data for secret in SECRET)
    document = pypdfium2.PdfDocument(data)
    assert len(document) == 2 and document.count_attachments() == 0
    said = document.get_metadata_dict()
    assert {said[key] for key in ("Title", "Author", "Subject", "Keywords", "Producer", "ModDate")} == {""}
    assert list(document.get_toc()) == []
    for page, masked in zip(document, layer.pages, strict=True):
        text = page.get_textpage().get_text_bounded()
        assert text.split() == masked.page.text.split() == ["Seen", "by", "Person", "A", "原告〔证件号码〕"]
        shown = page.render(scale=600 / page.get_width()).to_pil()
        assert brightest(shown.crop((182, 42, 418, 68))) < 24
        assert brightest(shown.crop((182, 122, 538, 148))) < 24
        assert brightest(shown.crop((42, 42, 118, 68))) > 24


def test_words_of_the_new_pdf_stand_where_they_stood(drawing: Drawing, tmp_path: Path) -> None:
    files = Files(item=saved(scan(), "PNG"))
    drawing.pdf("s", files.open, layer_of(record("item"), files), tmp_path / "copy.pdf")
    page = pypdfium2.PdfDocument(tmp_path / "copy.pdf")[0]
    scale = 600 / page.get_width()
    left, _, right, top = page.get_textpage().get_charbox(0)
    assert (round(left * scale), round((page.get_height() - top) * scale)) == (40, 40)
    assert round((right - left) * scale) == 16  # a fifth of Seen with its blank, 80 wide


def test_a_line_from_top_to_bottom_is_read_as_one(drawing: Drawing, tmp_path: Path) -> None:
    files = Files(item=saved(scan(), "PNG"))
    column = [Word("政府", 300, 20, 29, 60), Word("贈予", 301, 84, 28, 58), Word("某甲", 299, 150, 28, 58)]
    made = page_of([tuple(column), (Word("清冊", 240, 20, 29, 60),)], None, 600.0, 400.0, None)
    page = Page(1, made.text, None, "item", 600.0, 400.0, made.lines)
    layer = layer_or_none(Record("1", "卷", copies=(Copy(pages=(page,)),)), files)
    drawing.pdf("s", files.open, layer, tmp_path / "copy.pdf")
    new = pypdfium2.PdfDocument(tmp_path / "copy.pdf")[0]
    assert new.get_textpage().get_text_bounded().split() == ["政府贈予某甲", "清冊"]
    scale = 600 / new.get_width()
    left, _, right, top = (round(side * scale) for side in new.get_textpage().get_charbox(1))
    assert (left, right) == (299, 329) and round(new.get_height() * scale) - top == 52


def test_characters_beyond_the_first_plane(drawing: Drawing, tmp_path: Path) -> None:
    files = Files(item=saved(scan(), "PNG"))
    made = page_of([(Word("𠮷", 40, 40, 30, 30), Word("田", 80, 40, 30, 30))], None, 600.0, 400.0, None)
    page = Page(1, made.text, None, "item", 600.0, 400.0, made.lines)
    layer = layer_or_none(Record("1", "卷", copies=(Copy(pages=(page,)),)), files)
    drawing.pdf("s", files.open, layer, tmp_path / "copy.pdf")
    assert pypdfium2.PdfDocument(tmp_path / "copy.pdf")[0].get_textpage().get_text_bounded() == "𠮷田"


def layer_or_none(one: Record, files: Files) -> DeidentifiedLayer:
    layer = deidentified(one, Release(("s", "1"), text_version(one), (), image_digests(one, files.open)))
    assert layer is not None
    return layer


BAD = {
    "no image at all": (b"nothing of the kind", "cannot be decoded"),
    "a JPEG cut off": (saved(scan(), "JPEG")[:900], "cannot be decoded"),
    "a PDF cut off": (b"%PDF-1.7\n1 0 obj <<", "cannot be rendered"),
    "another image": (saved(scan((400, 600)), "PNG"), "400 x 600"),
    "an empty file": (b"", "cannot be decoded"),
}


@pytest.mark.parametrize(("data", "why"), BAD.values(), ids=BAD)
def test_a_bad_file_gives_one_sentence_and_no_file(data: bytes, why: str, drawing: Drawing, tmp_path: Path) -> None:
    files = Files(item=data)
    layer = layer_of(record("item", pages=2), files)
    with pytest.raises(CannotMask, match=r"^s: item, page 1: .*\.$") as caught:
        drawing.pdf("s", files.open, layer, tmp_path / "copy.pdf")
    assert why in str(caught.value) and "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    files["item"] = saved(scan(), "PNG")
    drawing.pdf("s", files.open, layer_of(record("item"), files), tmp_path / "copy.pdf")
    assert len(pypdfium2.PdfDocument(tmp_path / "copy.pdf")) == 1, "what was drawn before the bad page is forgotten"


def test_a_page_without_places_leaves_the_older_file_as_it_was(drawing: Drawing, tmp_path: Path) -> None:
    old = tmp_path / "copy.pdf"
    old.write_bytes(b"older")
    files = Files(item=saved(scan(), "PNG"))
    one = record("item")
    without = Record("1", "Court", copies=(Copy(pages=(*one.pages, Page(2, "Featherstone"))),))
    with pytest.raises(CannotMask, match="s, page 2"):
        drawing.pdf("s", files.open, layer_or_none(without, files), old)
    assert old.read_bytes() == b"older"


def test_another_file_than_the_one_released(drawing: Drawing) -> None:
    files = Files(item=saved(scan(), "PNG"))
    mask = layer_of(record("item"), files).pages[0].image
    assert mask is not None
    files["item"] = saved(scan(), "JPEG")
    with pytest.raises(CannotMask, match="s: item, page 1: this is another file"):
        drawing.image("s", files.open, mask, 1)


def test_a_process_that_dies_costs_one_page(drawing: Drawing) -> None:
    files = Files(item=saved(scan(), "PNG"))
    mask = layer_of(record("item"), files).pages[0].image
    assert mask is not None
    drawing.image("s", files.open, mask, 1)
    drawing._process[0].kill()
    drawing._process[0].wait()
    assert drawing.image("s", files.open, mask, 1).startswith(b"\xff\xd8")


def test_the_check_of_a_new_pdf_sees_what_is_too_much() -> None:
    data = born_digital((600, 400))
    check(data, [f"Seen by {' '.join(SECRET)}"])
    with pytest.raises(OtherText, match="page 1"):
        check(data, ["Seen by Person A"])


def test_boxes_are_plain_data() -> None:
    import msgspec

    files = Files(item=b"")
    layer = layer_of(record("item"), files)
    assert msgspec.convert(json.loads(msgspec.json.encode(layer)), DeidentifiedLayer) == layer
