"""The real engines on known text: what they read, where they see it, and pictures nobody can read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from mappings.record import Page, Problem
from pipelines.ocr import pictures
from pipelines.ocr.engines import Choice, Engines
from pipelines.ocr.reading import Reading, decoded, read_page
from pipelines.ocr.task import ReadTask
from tests.pipelines.ocr.drawing import ENGLISH, SIMPLIFIED, TRADITIONAL, accuracy, drawn, payload

HERE = Engines.here()


def choice(setting: str) -> Choice:
    from mappings.record import Record

    found = HERE.choose(setting, Record("r", "r"))
    assert isinstance(found, Choice), found
    return found


def read(path: Path, setting: str, frame: int = 0) -> Reading | Problem:
    ((_, found),) = ReadTask(str(path), (frame,), choice(setting)).run()
    return found if isinstance(found, Problem) else decoded(found)


def page(path: Path, setting: str, frame: int = 0) -> Page:
    found = read(path, setting, frame)
    assert isinstance(found, Reading), found
    return read_page(Page(1), found)


LEAST = {
    "tesseract:eng": (ENGLISH, "en", 0.98),
    "tesseract:chi_tra": (TRADITIONAL, "zh-tw", 0.85),
    "tesseract:chi_sim": (SIMPLIFIED, "zh-cn", 0.95),
    "rapidocr": (SIMPLIFIED, "zh-cn", 0.97),
}


@pytest.mark.parametrize("setting", LEAST)
def test_known_text(setting: str, tmp_path: Path) -> None:
    lines, language, least = LEAST[setting]
    (tmp_path / "page.png").write_bytes(payload(drawn(lines, language)))
    found = page(tmp_path / "page.png", setting)
    assert accuracy(found.text, lines) >= least, found.text
    assert len(found.lines) == len(lines)
    assert all(0.3 <= (word.confidence or 0) <= 1 for line in found.lines for word in line)


@pytest.mark.parametrize("setting", ["tesseract:chi_sim", "rapidocr"])
def test_boxes_stand_on_what_they_say(setting: str, tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(payload(drawn(SIMPLIFIED, "zh-cn")))
    found = page(tmp_path / "page.png", setting)
    for number, line in enumerate(found.lines):
        top = (2 * number + 1) * 36
        assert all(top - 10 <= word.y and word.y + word.height <= top + 66 for word in line)
        assert [word.x for word in line] == sorted(word.x for word in line)
        assert 50 <= line[0].x <= 100


def test_words_of_english_are_apart(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(payload(drawn(ENGLISH, "en")))
    assert page(tmp_path / "page.png", "tesseract:eng").text.splitlines() == list(ENGLISH)


TURNED = {"upright": (None, 0), "on its side": (6, 90), "upside down": (3, 180)}


@pytest.mark.parametrize("case", TURNED)
def test_what_exif_turns(case: str, tmp_path: Path) -> None:
    orientation, angle = TURNED[case]
    image = drawn(ENGLISH, "en")
    exif = Image.Exif()
    if orientation:
        exif[274] = orientation
    (tmp_path / "page.jpg").write_bytes(payload(image.rotate(angle, expand=True), "JPEG", exif=exif))
    found = page(tmp_path / "page.jpg", "tesseract:eng")
    assert accuracy(found.text, ENGLISH) > 0.95
    assert (found.width, found.height) == image.size


@pytest.mark.parametrize("ink", ["black", "white"])
def test_letters_on_nothing(ink: str, tmp_path: Path) -> None:
    drawing = drawn(ENGLISH, "en").convert("L").point(lambda value: 255 - value)
    image = Image.new("RGBA", drawing.size, ink)
    image.putalpha(drawing)
    (tmp_path / "page.png").write_bytes(payload(image))
    assert accuracy(page(tmp_path / "page.png", "tesseract:eng").text, ENGLISH) > 0.95


@pytest.mark.parametrize("setting", ["tesseract:eng", "rapidocr"])
def test_an_empty_page_has_no_words(setting: str, tmp_path: Path) -> None:
    (tmp_path / "page.jpg").write_bytes(payload(Image.new("RGB", (600, 400), "black"), "JPEG"))
    found = page(tmp_path / "page.jpg", setting)
    assert (found.text, found.lines, found.read_by) == ("", (), None)


def test_pictures_of_a_tiff_and_pages_of_a_pdf(tmp_path: Path) -> None:
    first, second = drawn(ENGLISH, "en"), drawn(("Second picture of the volume",), "en")
    (tmp_path / "pages.tif").write_bytes(payload(first, "TIFF", save_all=True, append_images=[second]))
    (tmp_path / "pages.pdf").write_bytes(payload(first, "PDF", save_all=True, append_images=[second]))
    for name in ("pages.tif", "pages.pdf"):
        assert page(tmp_path / name, "tesseract:eng", 1).text == "Second picture of the volume"


def test_large_pictures_are_read_smaller_and_boxed_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "READ_PIXELS", 150_000)
    (tmp_path / "page.png").write_bytes(payload(drawn(ENGLISH, "en", 72)))
    found = page(tmp_path / "page.png", "tesseract:eng")
    assert accuracy(found.text, ENGLISH) > 0.9
    assert (found.width, found.height) == drawn(ENGLISH, "en", 72).size
    assert found.lines[-1][0].y > 4 * 72


UNREADABLE = {
    "no image": (b"%!PS nothing of the sort", "damaged-image"),
    "cut off": (payload(drawn(ENGLISH, "en"), "JPEG")[:2000], "damaged-image"),
    "nothing": (b"", "damaged-image"),
    "a PDF that is none": (b"%PDF-1.4\nnothing else", "damaged-image"),
    "a bomb": (payload(Image.new("1", (20_000, 20_000))), "image-too-large"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read(case: str, tmp_path: Path) -> None:
    data, code = UNREADABLE[case]
    (tmp_path / "page").write_bytes(data)
    found = read(tmp_path / "page", "tesseract:eng")
    assert isinstance(found, Problem) and found.code == code
    assert str(tmp_path) not in found.reason and found.hint


def test_a_frame_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "page.tif").write_bytes(payload(drawn(ENGLISH, "en"), "TIFF"))
    found = read(tmp_path / "page.tif", "tesseract:eng", 7)
    assert isinstance(found, Problem) and found.code == "damaged-image"


def test_too_many_bytes(tmp_path: Path) -> None:
    with (tmp_path / "page.tif").open("wb") as file:
        file.truncate(pictures.IMAGE_BYTES + 1)
    found = read(tmp_path / "page.tif", "tesseract:eng")
    assert isinstance(found, Problem) and found.code == "image-too-large"


def test_what_one_is_unsure_of_the_other_reads(tmp_path: Path) -> None:
    """A column from top to bottom: Tesseract's horizontal model sees strokes."""
    column = tuple("民國三十八年鐵路局公文檔案")
    image = drawn(column, "zh-tw")
    (tmp_path / "page.png").write_bytes(payload(image.crop((40, 0, 140, image.height))))
    both = Choice("tesseract", "5", "chi_tra", second="1")
    ((_, found),) = ReadTask(str(tmp_path / "page.png"), (0,), both).run()
    assert isinstance(found, bytes)
    assert accuracy(read_page(Page(1), decoded(found)).text, column) > 0.6


def test_the_watch_ends_the_process_whatever_it_does(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(payload(drawn(ENGLISH, "en")))
    program = (
        "import sys, time; from pipelines.ocr import task; from pipelines.ocr.engines import Choice;"
        "task.picture = lambda *_: time.sleep(60);"
        "list(task.ReadTask(sys.argv[1], (0,), Choice('tesseract', '5', 'eng'), seconds=0.5).run())"
    )
    ran = subprocess.run([sys.executable, "-c", program, str(tmp_path / "page.png")], capture_output=True, timeout=50)
    assert ran.returncode == 1
    assert ran.stderr == b""


REAL = {
    "img_exif_orientation.jpg": ["我是中国人"],
    "white_font_color_transparent.png": ["我是中国人"],
    "black_font_color_transparent.png": ["我是中国人"],
    "test_without_det.jpg": ["在中国作家协会第三届儿童文学"],
    "text_vertical_words.png": ["有是是非非之士師也", "是非不得問之人要取之", "已取之時不參一人見而"],
    "empty_black.jpg": [],
}


@pytest.mark.corpus
@pytest.mark.parametrize("name", REAL)
def test_real_images(name: str, corpus: Path) -> None:
    """Turned, transparent, from top to bottom, black: what RapidOCR makes of them."""
    found = page(corpus / "digitised" / "ocr-images-multilingual" / name, "rapidocr")
    assert found.text.splitlines() == REAL[name]


@pytest.mark.slow
@pytest.mark.corpus
def test_no_real_image_breaks_anything(corpus: Path) -> None:
    for path in sorted((corpus / "digitised" / "ocr-images-multilingual").iterdir()):
        assert isinstance(read(path, "tesseract:chi_sim+eng"), Reading), path.name
