"""Printing: a sheet becomes a PDF/A, or is refused; never a document with boxes in place of characters."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from functools import cached_property
from importlib.resources import files
from typing import Any, Final

import msgspec
import segno
import typst

from service_desk.errors import DeskError
from service_desk.forms import without_controls
from service_desk.printed.fonts import Fonts
from service_desk.printed.sheets import Code, Paragraph, Script, Sheet

STANDARD: Final = "a-2u"
"""PDF/A-2u (ISO 19005-2): fonts are in the file, every glyph says which character it is; one without a glyph is an
error of the printing and never a box.
"""
CHARACTERS: Final = 200_000
"""Of one document, some hundred pages."""
STAND_IN: Final = "〓"
"""What printers set for a character that they have no type for."""
AT_ONCE: Final = 2
_REGIONS: Final = {"en": ("en", "GB"), "zh-Hans": ("zh", "CN"), "zh-Hant": ("zh", "TW")}
_SCRIPTS: Final[dict[str, Script]] = {"zh-Hans": "Hans", "zh-Hant": "Hant"}


class CannotPrint(DeskError):
    """This document cannot be printed; the message says why."""


class Press:
    """Prints documents with the fonts there are. Safe to share between threads."""

    def __init__(self, fonts: Fonts, across: str = "") -> None:
        """`across` stands across every page."""
        self.fonts = fonts
        self._across = across
        self._busy = threading.Semaphore(AT_ONCE)

    def pdf(self, sheet: Sheet) -> bytes:
        """The document as PDF/A on A4; the same bytes for the same sheet. Raises CannotPrint for one too long,
        FontsMissing.
        """
        script = _SCRIPTS.get(sheet.language, sheet.house.script)
        content = _cleaned(msgspec.to_builtins(sheet))
        if sum(map(len, _texts(content))) > CHARACTERS:
            raise CannotPrint(f"This document has more than {CHARACTERS:,} characters; make several of it.")
        content = self._substituted(content, script)
        for part, given in zip(sheet.parts, content["parts"], strict=False):
            if isinstance(part, Code):
                given["svg"] = qr(part.address)
        lang, region = _REGIONS[sheet.language]
        look = {"lang": lang, "region": region, "fonts": list(self.fonts.families(script)), "across": self._across}
        inputs = {"sheet": _json(content), "look": _json(look)}
        with self._busy:
            return self._printed(inputs, sheet)

    def _printed(self, inputs: dict[str, str], sheet: Sheet) -> bytes:
        try:
            made: Any = typst.compile(
                self._template,
                format="pdf",
                font_paths=self.fonts.found,
                ignore_system_fonts=True,
                sys_inputs=inputs,
                pdf_standards=STANDARD,
                timestamp=int(sheet.issued.timestamp()),
            )
        except typst.TypstError as error:
            raise CannotPrint(f"This document cannot be printed ({error.message[:200]}).") from error
        assert isinstance(made, bytes)
        return made

    def _substituted(self, content: dict[str, Any], script: Script) -> dict[str, Any]:
        """Characters that no font has stand as 〓, and which they were is said at the end."""
        missing = self.fonts.uncovered(_texts(content), script)
        if not missing:
            return content
        table = {ord(char): STAND_IN for char in missing}
        changed: dict[str, Any] = _mapped(content, lambda text: text.translate(table))
        told = ", ".join(f"U+{ord(char):04X}" for char in missing[:20])
        note = Paragraph(f"{STAND_IN} = {told}", is_small=True)
        changed["parts"].append(msgspec.to_builtins(note))
        return changed

    @cached_property
    def _template(self) -> bytes:
        return files("service_desk").joinpath("printed", "templates", "document.typ").read_bytes()


def qr(address: str, *, fits: bool = False) -> str:
    """A square code of an address, as SVG; one that `fits` takes the size of what it stands in."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=0, xmldecl=False, nl=False, omitsize=fits
    )
    return drawn.getvalue().decode()


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _cleaned(value: Any) -> Any:
    return _mapped(value, lambda text: str(without_controls(text)).replace("\t", " "))


def _mapped(value: Any, change: Any) -> Any:
    """The same with every text changed, but keys and the names of parts."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: each if key == "type" else _mapped(each, change) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mapped(each, change) for each in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)
