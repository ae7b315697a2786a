"""Watermarks: on every page, light enough to read through, on images and PDFs, within bounds."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageStat
from printed_parts import documents
from test_desk_printed import PRESS, TEXTS

from service_desk.printed import watermark
from service_desk.printed.layout import laid_out
from service_desk.printed.press import CannotPrint
from service_desk.printed.watermark import FORMATS, watermarked

TEXT = "王小明 A7K2-9QXM\n2026-03-02 學術研究"


def picture(kind="PNG", size=(1200, 1600), colour=(235, 225, 205), **more):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **more)
    return out.getvalue()


def marked(data, media_type="image/png", text=TEXT):
    return watermarked(data, media_type, text, PRESS.fonts)


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("colour", [(255, 255, 255), (128, 128, 128), (0, 0, 0)])
def test_the_mark_is_seen_everywhere_and_does_not_cover(media_type, colour):
    kind = FORMATS[media_type]
    before = picture(kind, colour=colour)
    with Image.open(io.BytesIO(marked(before, media_type))) as after, Image.open(io.BytesIO(before)) as plain:
        assert (after.format, after.size) == (kind, plain.size)
        difference = ImageChops.difference(after.convert("RGB"), plain.convert("RGB")).convert("L")
    width, height = difference.size
    for left in range(0, width, width // 3):  # each ninth of the page has some of it
        for top in range(0, height, height // 3):
            part = difference.crop((left, top, min(left + width // 3, width), min(top + height // 3, height)))
            if part.width > width // 4 and part.height > height // 4:
                assert part.getextrema()[1] > 12, (left, top)
    assert ImageStat.Stat(difference).mean[0] < 25, "what is below can be read"


def test_another_text_is_another_mark():
    assert marked(picture()) != marked(picture(), text=TEXT.replace("王", "李"))


def test_each_page_of_a_tiff():
    pages = [Image.new("L", (500, 700), 200) for _ in range(3)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    with Image.open(io.BytesIO(marked(out.getvalue(), "image/tiff"))) as after:
        assert after.n_frames == 3
        for number in range(3):
            after.seek(number)
            low, high = after.convert("L").getextrema()
            assert high - low > 12


def test_a_pdf_stays_one_and_its_pages_become_images():
    pdf = PRESS.pdf(laid_out(documents("zh-Hant")["voucher"], TEXTS))
    done = marked(pdf, "application/pdf")
    with pypdfium2.PdfDocument(pdf) as before, pypdfium2.PdfDocument(done) as after:
        assert len(before) == len(after) > 1
        for old, new in zip(before, after, strict=True):
            assert new.get_size() == pytest.approx(old.get_size(), abs=0.1)
            kinds = {each.type for each in new.get_objects()}
            assert kinds == {pypdfium2.raw.FPDF_PAGEOBJ_IMAGE}, "a mark that stands apart could be taken off"
            one, other = (page.render(scale=1).to_pil().convert("L") for page in (old, new))
            assert ImageStat.Stat(ImageChops.difference(one, other)).mean[0] > 0.5


def test_what_a_picture_says_of_itself_is_left_out():
    exif = Image.Exif()
    exif[0x010E] = "taken at the house of Wang"
    data = picture("JPEG", exif=exif)
    assert b"house of Wang" in data and b"house of Wang" not in marked(data, "image/jpeg")


REFUSED = {
    "no image": (b"no image at all", "image/png"),
    "another kind than it says": (picture("JPEG"), "image/png"),
    "cut off": (picture("JPEG")[:300], "image/jpeg"),
    "empty": (b"", "image/png"),
    "no pdf": (b"%PDF-1.7 nothing", "application/pdf"),
    "text": (b"x", "text/plain"),
    "svg": (b"<svg/>", "image/svg+xml"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_marked_is_refused(case):
    with pytest.raises(CannotPrint):
        marked(*REFUSED[case])


def test_bounds(monkeypatch):
    monkeypatch.setattr(watermark, "MAX_PIXELS", 1_000)
    with pytest.raises(CannotPrint, match="megapixels"):
        marked(picture())
    monkeypatch.setattr(watermark, "MAX_BYTES", 10)
    with pytest.raises(CannotPrint, match="MiB"):
        marked(picture())
