"""A workspace with a volume about a private person, page images and recognised words. All of it is invented."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from onestop.cli import run

ALTO = """<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Layout><Page WIDTH="600" HEIGHT="400"><PrintSpace>
{lines}</PrintSpace></Page></Layout></alto>"""
LINES = (("Name:", "Walter", "Hensley"), ("Phone:", "+4420", "79460018"))
SOURCE = "title: Hospital\nconnector: folder\nmapping: alto\naccess: restricted\nsettings: {path: data}\n"
PASSWORD = "a long password"
ID = "hospital:case"
Lines = Sequence[tuple[str, ...]]


def _line(words: tuple[str, ...], top: int) -> str:
    strings = "<SP/>".join(
        f'<String CONTENT="{word}" HPOS="{40 + 150 * at}" VPOS="{top}" WIDTH="120" HEIGHT="30"/>'
        for at, word in enumerate(words)
    )
    return f"<TextLine>{strings}</TextLine>"


def scan(color: str) -> bytes:
    """A picture without anything on it."""
    out = io.BytesIO()
    Image.new("RGB", (600, 400), color).save(out, "PNG")
    return out.getvalue()


def write_page(folder: Path, lines: Lines, name: str = "case/1") -> None:
    """The words of a page, in boxes."""
    text = ALTO.format(lines="".join(_line(words, 40 + 60 * at) for at, words in enumerate(lines)))
    (folder / "data" / f"{name}.xml").write_text(text, encoding="utf-8")


def volume(folder: Path, name: str, title: str, pages: int = 1) -> Path:
    """A volume with pictures."""
    made = folder / "data" / name
    made.mkdir(parents=True)
    (made / "volume.yml").write_text(f"title: {title}\n", encoding="utf-8")
    for number in range(1, pages + 1):
        (made / f"{number}.png").write_bytes(scan("white"))
    return made


def begun(folder: Path) -> Path:
    """A workspace with one volume and two accounts, not synchronised."""
    assert run(["init", str(folder)]) == 0
    volume(folder, "case", "Hospital patient record of 1962")
    write_page(folder, LINES)
    (folder / "sources" / "hospital.yml").write_text(SOURCE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONESTOP_WORKSPACE", str(folder))
        patch.setenv("ONESTOP_PASSWORD", PASSWORD)
        assert run(["user", "add", "li", "--role", "staff"]) == 0
        assert run(["user", "add", "wang", "--role", "reader"]) == 0
    return folder


def synced(folder: Path) -> None:
    """The night's run."""
    assert run(["--workspace", str(folder), "sync"]) == 0
