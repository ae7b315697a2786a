"""Digitised volumes: register pages of land files, typeset from the words of the very rows they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from make_samples.land import ARK, FONDS, Parcel, opening
from make_samples.sheet import BLUE, FAINT, HEIGHT, INK, RULE, WIDTH, Sheet, font

SEAL = "雲江檔案"
FOOT = "示範排印件"
MARGIN = 74
COLUMN_PITCH = 66
COLUMN_CHARACTERS = 30
COLUMNS_PER_PAGE = 10
ROW_CHARACTERS = 26
ROWS_PER_PAGE = 20

# Notes of some length, every opening status a reader can meet, and three fonds beside the first.
CHOSEN = (
    "Z013-1-001-001",
    "Z013-1-001-002",
    "Z013-1-001-004",
    "Z013-1-001-005",
    "Z013-1-001-006",
    "Z013-1-001-007",
    "Z013-1-001-010",
    "Z013-1-002-001",
    "Z013-1-002-006",
    "Z013-1-002-007",
    "Z013-1-002-008",
    "Z013-1-002-010",
    "Z013-1-003-001",
    "Z013-1-003-003",
    "Z013-1-003-004",
    "Z013-1-003-006",
    "Z013-1-003-009",
    "Z013-1-004-003",
    "Z013-1-004-004",
    "Z013-1-004-006",
    "Z013-1-005-009",
    "Z013-1-006-001",
    "Z013-1-006-004",
    "Z013-1-006-009",
    "Z013-1-007-005",
    "Z013-1-008-001",
    "Z013-1-009-009",
    "Z013-1-010-003",
    "Z013-1-002-009",
    "Z013-1-005-010",
    "Z031-1-004-010",
    "Z034-1-001-006",
    "Z052-1-001-001",
)
BY_ARK = ("Z013-1-002-009", "Z013-1-005-010", "Z013-1-010-003")
"""These three are joined by ARK: their folders do not carry the reference code."""


def folder_name(code: str) -> str:
    """Where the pages of a file lie: its reference code, or the last part of its ARK."""
    return ARK.format(BY_ARK.index(code) + 1).rpartition("/")[2] if code in BY_ARK else code


def pages(parcel: Parcel) -> list[Sheet]:
    """The pages of one file: cover, register form, then the notes (vertical in one file, horizontal in another)."""
    set_notes = _vertical_notes if _is_vertical(parcel) else _horizontal_notes
    notes = [set_notes(parcel, number, lines) for number, lines in enumerate(_note_pages(parcel), 3)]
    return [_cover(parcel), _register(parcel), *notes]


def page_count(parcel: Parcel) -> int:
    """How many pages `pages` gives."""
    return 2 + len(_note_pages(parcel))


def _is_vertical(parcel: Parcel) -> bool:
    return int(parcel.code[-3:]) % 3 != 0


def _note_pages(parcel: Parcel) -> list[list[str]]:
    """The lines of each page of notes."""
    if not parcel.note:
        return []
    paragraphs = re.split(r" (?=[一二三四五六七八九十]+、)", parcel.note)
    if _is_vertical(parcel):
        columns = [column for part in paragraphs for column in broken(part, COLUMN_CHARACTERS)]
        return _chunks(["土地登記附註", f"　{parcel.label}", *columns], COLUMNS_PER_PAGE)
    return _chunks([line for part in paragraphs for line in [*broken(part, ROW_CHARACTERS), ""]], ROWS_PER_PAGE)


def _chunks(lines: list[str], size: int) -> list[list[str]]:
    return [lines[start : start + size] for start in range(0, len(lines), size)]


def _sheet(parcel: Parcel, number: int) -> Sheet:
    return Sheet(f"{parcel.code}/{number}")


# -- vertical pages -----------------------------------------------------------------------------------------------


def _frame(sheet: Sheet, ruled: bool = True) -> None:
    """A double frame and thin rules between the columns, as on ruled ledger paper."""
    right, bottom = WIDTH - MARGIN, HEIGHT - MARGIN - 16
    sheet.draw.rectangle((MARGIN, MARGIN, right, bottom), outline=INK, width=4)
    sheet.draw.rectangle((MARGIN + 9, MARGIN + 9, right - 9, bottom - 9), outline=INK, width=1)
    if ruled:
        for x in range(right - 9 - COLUMN_PITCH - 12, MARGIN + 9, -COLUMN_PITCH):
            sheet.draw.line((x, MARGIN + 9, x, bottom - 9), fill=RULE, width=1)


def _foot(sheet: Sheet, parcel: Parcel, number: int) -> None:
    sheet.row(f"{parcel.code}　{FOOT}　{number}", MARGIN + 6, HEIGHT - MARGIN + 4, 17, "hei", FAINT)


def _column_x(index: int) -> int:
    """Left edge of the text in the index-th column from the right."""
    return WIDTH - MARGIN - 9 - 12 - COLUMN_PITCH * (index + 1) + 18


def _cover(parcel: Parcel) -> Sheet:
    sheet = _sheet(parcel, 1)
    _frame(sheet, ruled=False)
    sheet.column(f"全宗　{FONDS[parcel.fonds]}", WIDTH - 160, 130, 27)
    share = -(-len(parcel.title) // -(-len(parcel.title) // 17))
    for index, part in enumerate(broken(parcel.title, share)):
        sheet.column(part, WIDTH / 2 + 30 - 72 * index, 200, 44, 1.16, "song-bold")
    sheet.column(f"檔號　{parcel.code}", 210, 430, 27)
    if parcel.date:
        sheet.column(f"日期　{spoken_date(parcel.date)}", 140, 430, 27)
    sheet.seal(SEAL, 150, 140, 112)
    _foot(sheet, parcel, 1)
    return sheet


def _vertical_notes(parcel: Parcel, number: int, columns: list[str]) -> Sheet:
    sheet = _sheet(parcel, number)
    _frame(sheet)
    for index, text in enumerate(columns):
        if number == 3 and index == 0:
            sheet.column(text, _column_x(index) - 2, 118, 32, 1.16, "song-bold")
        else:
            sheet.column(text, _column_x(index), 118, 28, 1.16)
    sheet.seal(SEAL, 120, HEIGHT - 300, 96)
    _foot(sheet, parcel, number)
    return sheet


def broken(text: str, length: int) -> list[str]:
    """Text cut into lines of a length, no line beginning with a closing mark and no number torn apart."""
    lines: list[str] = []
    while len(text) > length:
        cut = next((cut for cut in range(length, length - 8, -1) if _may_break(text, cut)), length)
        lines.append(text[:cut])
        text = text[cut:]
    return [*lines, text] if text else lines


def _may_break(text: str, cut: int) -> bool:
    inside = re.fullmatch(r"[0-9A-Za-z.-]{2}", text[cut - 1 : cut + 1])
    return not inside and text[cut] not in "，。、；：）」" and text[cut - 1] not in "（「"


# -- horizontal pages ---------------------------------------------------------------------------------------------


def _register(parcel: Parcel) -> Sheet:
    """The form: labels and values in a ruled table."""
    sheet = _sheet(parcel, 2)
    heading = "土地登記簿"
    sheet.row(heading, (WIDTH - font("song-bold", 46).getlength(heading)) / 2, 96, 46, "song-bold")
    sheet.row(f"檔號 {parcel.code}", WIDTH - 330, 170, 21, "hei", FAINT)
    top, left, middle, right = 214, 92, 318, WIDTH - 92
    y = top
    for label, value in _form(parcel):
        lines = broken(value, 17) or ["—"]
        height = 40 + 38 * len(lines)
        sheet.draw.rectangle((left, y, right, y + height), outline=INK, width=2)
        sheet.row(label, left + 18, y + 22, 25, "song-bold")
        for index, line in enumerate(lines):
            sheet.row(line, middle + 18, y + 22 + 38 * index, 26, colour=BLUE)
        y += height
    sheet.draw.line((middle, top, middle, y), fill=INK, width=2)
    sheet.seal(SEAL, right - 150, y + 26, 104)
    sheet.row("登記　　　審查　　　校對", left + 18, y + 60, 24)
    _foot(sheet, parcel, 2)
    return sheet


def _form(parcel: Parcel) -> Iterator[tuple[str, str]]:
    yield "土地坐落", parcel.place
    yield "地號", f"{parcel.lot}號"
    yield "地目、使用分區", parcel.land_class
    yield "面積", f"{parcel.area}平方公尺" if parcel.area else ""
    yield "權利範圍", parcel.share
    yield "登記原因", parcel.case
    yield "登記日期", spoken_date(parcel.date)
    yield "使用單位", parcel.owner
    yield "移轉時公告現值", f"{parcel.price}元" if parcel.price else ""


def _horizontal_notes(parcel: Parcel, number: int, lines: list[str]) -> Sheet:
    """A typed letter page."""
    sheet = _sheet(parcel, number)
    sheet.row("土地清冊附註", 110, 110, 36, "song-bold")
    sheet.row(f"土地：{parcel.label}", 110, 176, 24)
    sheet.draw.line((110, 224, WIDTH - 110, 224), fill=INK, width=2)
    for index, line in enumerate(lines):
        sheet.row(line, 110, 256 + 44 * index, 26)
    sheet.seal(SEAL, WIDTH - 260, HEIGHT - 260, 108)
    _foot(sheet, parcel, number)
    return sheet


def spoken_date(date: str) -> str:
    """``19841231`` as 民國73年12月31日; anything else as it is."""
    if not (match := re.fullmatch(r"(\d{4})(\d\d)(\d\d)", date)):
        return date
    year, month, day = (int(part) for part in match.groups())
    return f"民國{year - 1911}年{month}月{day}日"


# -- files ----------------------------------------------------------------------------------------------------------


def write_volume(folder: Path, sheets: list[Sheet], statement: dict[str, str]) -> None:
    """One image and one ALTO file a page, named by its number; `volume.yml` where the folder name does not say all."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, sheet in enumerate(sheets, 1):
        (folder / f"{number:04d}.jpg").write_bytes(sheet.image())
        (folder / f"{number:04d}.xml").write_text(sheet.alto(f"{number:04d}.jpg"), "utf-8")
    if statement:
        (folder / "volume.yml").write_text("".join(f"{key}: {value}\n" for key, value in statement.items()), "utf-8")


OPENING = {
    "实名利用": "registered",
    "到馆利用": "onsite",
    "依申请利用": "restricted",
    "延期开放": "closed",
    "内部": "internal",
}


def statement(parcel: Parcel) -> dict[str, str]:
    """What the folder's name and the source cannot say: the ARK, an access other than open and the day it ends."""
    status, day, _ = opening(parcel.code)
    said = {}
    if parcel.code in BY_ARK:
        said = {"title": parcel.title, "ark": ARK.format(BY_ARK.index(parcel.code) + 1)}
    if status in OPENING:
        said |= {"access": OPENING[status]}
    return said | ({"opens_on": day} if day else {})
