"""Printed documents: their text is whole in each language, no character is a box, pages are numbered, tables break."""

from __future__ import annotations

import io
import os
import re
import shutil
from pathlib import Path

import msgspec
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from printed_parts import HOUSES, ISSUED, LONG, documents

from service_desk.printed import fonts
from service_desk.printed.fonts import FAMILIES, Fonts, FontsMissing
from service_desk.printed.layout import laid_out
from service_desk.printed.press import STAND_IN, CannotPrint, Press
from service_desk.printed.rules import PrintedTexts
from service_desk.printed.sheets import Code, Facts, House, Paragraph, Sheet
from service_desk.rules import bundled_text, read

TEXTS = read(PrintedTexts, bundled_text(PrintedTexts))
PRESS = Press(Fonts())
GOLDEN = Path(__file__).with_name("printed_golden")
KINDS = tuple(documents("en"))


def pages_of(pdf):
    """The text of each page."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def squeezed(text):
    """Without what depends on where lines end, and without the space that is drawn between Han and Latin."""
    return re.sub(r"[\s\u200b]+", "", text)


def everything(value):
    """All text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in ("type", "language", "script", "site", "issued"):
                yield from everything(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from everything(each)


def sheet(*parts, language="zh-Hans", house=HOUSES["zh-Hans"]):
    return Sheet("试", "N-1", language, house, ISSUED, parts, "脚")


@pytest.mark.parametrize("language", HOUSES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_text_of_a_document_is_what_it_was(kind, language):
    """The golden files are what was looked at on the pages (docs/answers.md shows how to make them anew)."""
    pages = pages_of(PRESS.pdf(laid_out(documents(language)[kind], TEXTS)))
    golden = GOLDEN / f"{kind}-{language}.txt"
    told = "\n---\n".join(page.strip() for page in pages) + "\n"
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(told, encoding="utf-8")
        pytest.fail(f"{golden.name} is new; look at it")
    assert squeezed(told) == squeezed(golden.read_text("utf-8"))


@pytest.mark.parametrize("language", HOUSES)
@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_was_put_in_stands_on_the_pages(kind, language):
    drawn = laid_out(documents(language)[kind], TEXTS)
    pages = pages_of(PRESS.pdf(drawn))
    whole = squeezed("".join(pages))
    for text in everything(msgspec.to_builtins(drawn)):
        for line in text.split("\n"):
            assert all(word in whole for word in map(squeezed, line.split())), line
    for number, page in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in page and drawn.number in page


@pytest.mark.parametrize("language", HOUSES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_glyph_is_missing(kind, language):
    """Glyph 0 of a font is the box that stands for what the font has not got."""
    assert boxes(PRESS.pdf(laid_out(documents(language)[kind], TEXTS))) == []


def boxes(pdf):
    """Characters that are drawn as glyph 0: those PDFium finds no Unicode for."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            text = page.get_textpage()
            found += [n for n in range(text.count_chars()) if pypdfium2.raw.FPDFText_GetUnicode(text, n) in (0, 0xFFFD)]
    return found


def test_it_is_a4_and_the_same_bytes_each_time():
    drawn = laid_out(documents("zh-Hans")["certificate"], TEXTS)
    pdf = PRESS.pdf(drawn)
    assert pdf == Press(Fonts()).pdf(drawn)
    assert b"pdfaid" in pdf and pdf.startswith(b"%PDF-1.7")
    with pypdfium2.PdfDocument(pdf) as document:
        assert [tuple(map(round, page.get_size())) for page in document] == [(595, 842)]
        fonts = {object_.get_font().get_base_name() for object_ in text_objects(document[0])}
    assert any("NotoSerifCJKsc" in name or "CJK" in name or "SC" in name for name in fonts)


def text_objects(page):
    return [each for each in page.get_objects() if each.type == pypdfium2.raw.FPDF_PAGEOBJ_TEXT]


def test_shapes_follow_the_language():
    """One character, drawn as each place draws it."""
    drawn = {}
    for language, house in HOUSES.items():
        pdf = PRESS.pdf(sheet(Paragraph("骨直返遍" * 20), language=language, house=house))
        with pypdfium2.PdfDocument(pdf) as document:
            drawn[language] = {each.get_font().get_base_name().partition("+")[2] for each in text_objects(document[0])}
    assert any("SC" in name.upper() for name in drawn["zh-Hans"]), drawn
    assert any("TC" in name.upper() for name in drawn["zh-Hant"]), drawn
    assert drawn["zh-Hans"] != drawn["zh-Hant"]


def test_a_table_breaks_over_pages_with_its_head_on_each():
    pages = pages_of(PRESS.pdf(laid_out(documents("zh-Hant")["voucher"], TEXTS)))
    assert len(pages) > 1 and all("檔號" in page and "題名" in page for page in pages)
    codes = re.findall(r"Z013-1-001-\d{3}", "".join(pages))
    assert codes == [f"Z013-1-001-{n:03d}" for n in range(1, 31)]


def test_nothing_runs_over_the_edge():
    """Long titles wrap, also those with no place to break."""
    long = "x" * 300 + " " + LONG * 5 + " https://archive.example/" + "a" * 200
    pdf = PRESS.pdf(sheet(Facts((("题名", long),)), Paragraph(long), Code("https://a.example/" + "b" * 200, "看")))
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            width, height = page.get_size()
            for each in text_objects(page):
                left, bottom, right, top = each.get_bounds()
                assert 0 < left <= right < width and 0 < bottom <= top < height


NOT_READ = (
    "#panic()",
    "*bold* _it_ $x$",
    "@ref <label>",
    "= not a heading",
    "\\u{41} \\",
    '#import "/etc/passwd"',
    "`raw`",
)


@pytest.mark.parametrize("text", NOT_READ)
def test_what_readers_write_is_drawn_as_it_is(text):
    [page] = pages_of(PRESS.pdf(sheet(Facts(((text, text),)), Paragraph(text))))
    assert squeezed(page).count(squeezed(text)) == 3


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs", "Co", "Cn"]), max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANY_TEXT, st.sampled_from(list(HOUSES)))
def test_whatever_is_written_is_printed_without_a_box(text, language):
    """Characters that no font has become 〓, and which they were is told."""
    pdf = PRESS.pdf(sheet(Paragraph(text), language=language, house=HOUSES[language]))
    assert boxes(pdf) == []


def test_characters_that_no_font_has_are_named():
    [page] = pages_of(PRESS.pdf(sheet(Paragraph("甲\U0001f600乙\ue000丙"))))
    assert f"甲{STAND_IN}乙{STAND_IN}丙" in page and f"{STAND_IN} = U+E000, U+1F600" in page


def test_a_box_is_an_error_of_the_printing_whatever_was_thought_of_the_fonts(monkeypatch):
    monkeypatch.setattr(PRESS.fonts, "uncovered", lambda text, script: [])
    with pytest.raises(CannotPrint, match="cannot be printed"):
        PRESS.pdf(sheet(Paragraph("甲\ue000")))


def test_without_a_font_nothing_is_printed_and_it_is_said_what_to_install():
    bare = Press(Fonts(use_system=False))
    bare.fonts._folders = []
    with pytest.raises(FontsMissing, match="fonts-noto-cjk"):
        bare.pdf(sheet(Paragraph("a")))
    with pytest.raises(FontsMissing):
        bare.fonts.described()


def test_a_font_of_the_house_is_taken(tmp_path):
    """Any of the fonts we know, as a file in its folder."""
    there = PRESS.fonts
    path, _ = there.face("Hans")
    (tmp_path / Path(path).name).symlink_to(path)
    own = Fonts([tmp_path], use_system=False)
    own._folders = [tmp_path]
    assert own.described().split(", ")[0] in FAMILIES["Hans"]
    assert pages_of(Press(own).pdf(sheet(Paragraph("檔案")))) and TTFont(path, fontNumber=0, lazy=True)


def test_a_font_is_read_once_until_its_file_is_another(tmp_path, monkeypatch):
    path, _ = PRESS.fonts.face("Hans")
    own = Path(shutil.copy(path, tmp_path))
    opened = []
    monkeypatch.setattr(fonts, "TTFont", lambda path, **how: opened.append(path) or TTFont(path, **how))

    def characters() -> frozenset[int]:
        there = Fonts([tmp_path], use_system=False)
        there._folders = [tmp_path]
        return there._characters(there.families("Hans")[1])

    with TTFont(path, fontNumber=0, lazy=True) as font:
        assert characters() == characters() == set(font.getBestCmap())
    once = [*opened]
    os.utime(own, (1, 1))
    assert characters() and set(once) == {str(own)} and opened == once * 2


def test_a_document_has_its_bounds():
    with pytest.raises(CannotPrint, match="200,000"):
        PRESS.pdf(sheet(Paragraph("字" * 200_001)))


def test_the_secret_stands_on_a_receipt_only_when_it_is_given():
    receipt = documents("zh-Hans")["receipt"]
    without = pages_of(PRESS.pdf(laid_out(receipt, TEXTS)))
    given_it = msgspec.structs.replace(receipt, secret="ABCD-EFGH-JKLM")
    [page] = pages_of(PRESS.pdf(laid_out(given_it, TEXTS)))
    assert "ABCD-EFGH-JKLM" in page and "查询码" not in squeezed("".join(without)).replace("回执号和查询码", "")


def test_a_house_without_an_address_has_no_square_code():
    plain = House("云江档案馆", script="Hans")
    for document in documents("zh-Hans").values():
        drawn = laid_out(msgspec.structs.replace(document, house=plain), TEXTS)
        assert not [part for part in drawn.parts if isinstance(part, Code)]
        assert PRESS.pdf(drawn)


def test_the_square_code_leads_to_the_page():
    """Read back from the drawn page."""
    cv2 = pytest.importorskip("cv2")
    import numpy

    for kind, address in (
        ("receipt", "https://archive.example/s/A7K2-9QXM"),
        ("certificate", "https://archive.example/verify?number=2026-C-00007&code=K7MX-2Q9A-3BCD"),
    ):
        pdf = PRESS.pdf(laid_out(documents("zh-Hans")[kind], TEXTS))
        with pypdfium2.PdfDocument(pdf) as document:
            picture = numpy.array(document[0].render(scale=2.5).to_pil().convert("RGB"))
        assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == address


def test_pages_have_ink():
    """A page that is drawn empty would pass for its text."""
    pdf = PRESS.pdf(laid_out(documents("zh-Hant")["refusal"], TEXTS))
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=1).to_pil().convert("L")
    dark = sum(count for value, count in enumerate(picture.histogram()) if value < 128)
    assert 0.005 < dark / (picture.width * picture.height) < 0.2
    assert io.BytesIO(pdf).read(4) == b"%PDF"
