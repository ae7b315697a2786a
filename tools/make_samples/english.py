"""The English volume: the historical note of a finding aid, set as an old typescript."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from make_samples.sheet import FAINT, HEIGHT, INK, WIDTH, Sheet

NOTES = {"bioghist": "Historical Note", "scopecontent": "Scope and Contents"}
LINE, LINES = 58, 24
LEFT, TOP, LEADING, SIZE = 104, 150, 38, 20


def paragraphs(finding_aid: Path) -> Iterator[tuple[str, str]]:
    """Heading and text of each paragraph of the notes about the whole, in the order of `NOTES`."""
    description = etree.parse(finding_aid).find("{*}archdesc")
    for element, heading in NOTES.items():
        for note in description.iterfind(f"{{*}}{element}"):
            for part in note.iterfind(".//{*}p") if note.find(".//{*}p") is not None else [note]:
                if text := " ".join("".join(part.itertext()).split()):
                    yield heading, text


def pages(finding_aid: Path, title: str, reference_code: str) -> list[Sheet]:
    """A title page and as many typed pages as the notes need."""
    lines = list(_lines(paragraphs(finding_aid)))
    sheets = [_title_page(title, reference_code)]
    for number, start in enumerate(range(0, len(lines), LINES), 2):
        sheet = _typed(f"{reference_code}/{number}")
        sheet.row(f"{reference_code}    {title}", LEFT, 84, 15, "mono", FAINT)
        sheet.row(f"- {number} -", WIDTH / 2 - 30, HEIGHT - 96, 18, "mono")
        for index, (text, bold) in enumerate(lines[start : start + LINES]):
            sheet.row(text, LEFT, TOP + LEADING * index, SIZE, "mono-bold" if bold else "mono")
        sheets.append(sheet)
    return sheets


def _typed(seed: str) -> Sheet:
    return Sheet(seed, language="en", spaced=True)


def _lines(notes: Iterator[tuple[str, str]]) -> Iterator[tuple[str, bool]]:
    """Typed lines and whether each is a heading."""
    above = ""
    for heading, text in notes:
        if heading != above:
            yield heading.upper(), True
            yield "", False
        above = heading
        for line in textwrap.wrap(text, LINE, initial_indent="     ", break_on_hyphens=False):
            yield line, False
        yield "", False


def _title_page(title: str, reference_code: str) -> Sheet:
    sheet = _typed(f"{reference_code}/1")
    for index, line in enumerate(textwrap.wrap(title.upper(), 26)):
        sheet.row(line, 150, 330 + 56 * index, 36, "mono-bold")
    sheet.draw.line((150, 470, WIDTH - 150, 470), fill=INK, width=3)
    for index, line in enumerate((reference_code, "Notes from the collection guide", "Typeset for demonstration")):
        sheet.row(line, 150, 510 + 46 * index, 22, "mono")
    return sheet
