"""Reading with Tesseract: a program of its own with one thread (its own threads make it six times slower where
processes share the cores), asked for TSV.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final

from msgspec import Struct
from PIL import Image

from mappings.record import Word, clean
from pipelines.ocr.reading import Line, in_reading_order, word

PROGRAM: Final = "tesseract"
_SURE: Final = 0.3
"""Confidence below which a word is noise: stains and rules of a page."""
_COLUMNS: Final = 12
_WORD: Final = "5"


class Failed(Exception):
    """The program could not read a picture; the message says what it said."""


class Installed(Struct, frozen=True):
    """The program's version and the names of its languages (``chi_tra``, ``eng``)."""

    version: str
    languages: frozenset[str]


@lru_cache(maxsize=1)
def installed() -> Installed | None:
    """What is installed here; None without the program, or when it cannot say."""
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    try:
        version = re.search(r"\d+(?:\.\d+)+", _said(program, "--version"))
        languages = _said(program, "--list-langs").splitlines()[1:]
    except (OSError, subprocess.SubprocessError):
        return None
    found = frozenset(name.strip() for name in languages) - {"osd", ""}
    return Installed(version[0] if version else "", found) if found else None


def _said(program: str, question: str) -> str:
    asked = subprocess.run([program, question], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
    return asked.stdout or asked.stderr


def read(image: Image.Image, scale: float, languages: str, seconds: float) -> tuple[Line, ...]:
    """The lines of a picture that is `scale` times as large as the page. Raises Failed."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise Failed("tesseract is not there any more")
    out = io.BytesIO()
    image.convert("L").save(out, "PPM")
    command = [program, "stdin", "stdout", "-l", languages, "--psm", "3", "-c", "tessedit_create_tsv=1"]
    try:
        ran = subprocess.run(  # noqa: S603  # a program of the system, told what we made
            command,
            input=out.getvalue(),
            capture_output=True,
            timeout=seconds,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"tesseract took more than {seconds:g} seconds for it") from None
    if ran.returncode:
        said = clean(ran.stderr.decode("utf-8", "replace"))
        raise Failed(f"tesseract ended with {ran.returncode}: {(said or 'it says nothing')[:200]}")
    return in_reading_order(list(_lines(ran.stdout.decode("utf-8", "replace"), scale)))


def _lines(table: str, scale: float) -> Iterator[Line]:
    """Rows of words (level 5) by page, block, paragraph and line."""
    rows = [row.split("\t", _COLUMNS - 1) for row in table.splitlines()]
    words = (row for row in rows if len(row) == _COLUMNS and row[0] == _WORD)
    for _, members in groupby(words, key=lambda row: row[1:5]):
        line = tuple(found for row in members if (found := _word(row, scale)) is not None)
        if line:
            yield line


def _word(row: list[str], scale: float) -> Word | None:
    text, confidence = clean(row[11]), float(row[10]) / 100
    if text is None or confidence < _SURE:
        return None
    return word(text, [float(value) for value in row[6:10]], confidence, scale)
