"""A source of a bad day: whatever could act on a page instead of standing on it, in every field a reader or staff see.

Each text names itself ``pwned`` where it would leave a trace: an element of that id or class, a variable of the window.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from PIL import Image

SCRIPT: Final = "<script>window.pwned=1</script>"
IMAGE: Final = '<img id="pwned-img" src="https://foreign.example/x.png" onerror="window.pwned=2">'
MARKDOWN: Final = "[x](javascript:window.pwned=3) **b** :red[x] ![i](https://foreign.example/i.png) `c` $a_1$"
TEMPLATE: Final = "{{7*7}} ${7*7} {% raw %} %s {0}"
BREAKOUT: Final = (
    """"'><svg onload=window.pwned=4></textarea></title></script><style id="pwned-style">*{display:none}</style>"""
)
REVERSED: Final = "evil\u202egpj.exe"
UNBROKEN: Final = "Unbroken" + "W" * 600
EMOJI: Final = "👩‍👩‍👧‍👦 family 🏳️‍🌈 e\u0301 \U0001f4dc"
NULLISH: Final = "null undefined NaN None"
WORD: Final = "zzhostile"
"""Stands in every description, so that one search finds them all."""

TEXTS: Final = {
    "script": SCRIPT,
    "image": IMAGE,
    "markdown": MARKDOWN,
    "template": TEMPLATE,
    "breakout": BREAKOUT,
    "reversed": REVERSED,
    "unbroken": UNBROKEN,
    "emoji": EMOJI,
    "nullish": NULLISH,
}
LEADER: Final = "script"
"""The record that also has pages and an entry."""
CODE: Final = "ODD-1"
FONDS: Final = "ODD"
NAME: Final = f"{SCRIPT}{MARKDOWN}"
"""What a reader of this kind calls themselves."""
TRACES: Final = """() => ({
    pwned: window.pwned ?? null,
    elements: document.querySelectorAll('[id^=pwned], .pwned, a[href^="javascript:" i], [onerror], [onload]').length,
    foreign: [...document.querySelectorAll('[src], [href]')]
        .filter(e => (e.currentSrc || e.src || e.href || '').includes('foreign.example'))
        .filter(e => e.tagName !== 'A').length,
})"""


def write(workspace: Path) -> None:
    """Three sources more in a workspace: a list, a volume of pages, a database, all hostile."""
    data = workspace / "data" / "odd"
    data.mkdir()
    _lines(data / "list.jsonl", [_record(name, text) for name, text in TEXTS.items()])
    entry = {"id": f"E {SCRIPT}", "code": CODE, "fonds": FONDS, "label": IMAGE, f"{SCRIPT} heading": MARKDOWN}
    _lines(data / "entries.jsonl", [entry])
    volume = data / "volumes" / CODE
    volume.mkdir(parents=True)
    (volume / "volume.yml").write_text(
        json.dumps({"title": BREAKOUT, "reference_code": CODE, "fonds": FONDS}), encoding="utf-8"
    )
    Image.new("RGB", (400, 560), (240, 235, 220)).save(volume / "0001.png")
    (volume / "0001.xml").write_text(
        _alto([WORD, SCRIPT, IMAGE, MARKDOWN, REVERSED, UNBROKEN, EMOJI]), encoding="utf-8"
    )
    for name, source in _sources().items():
        (workspace / "sources" / f"{name}.yml").write_text(json.dumps(source), encoding="utf-8")


def _record(name: str, text: str) -> dict[str, Any]:
    leads = name == LEADER
    return {
        "id": name,
        "title": text,
        "code": CODE if leads else f"{FONDS} {text[:80]}",
        "fonds": FONDS,
        "creator": text,
        "subject": text,
        "extent": text[:100],
        "scope": f"{WORD} {text}",
        "note": text,
        "url": "javascript:window.pwned=5",
        "location": text,
        f"own {text[:60]}": text,
    }


def _sources() -> dict[str, dict[str, Any]]:
    common = {"connector": "folder", "holder": f"Odd House {IMAGE}", "access": "open"}
    columns = {
        **{
            "id": "id",
            "title": "title",
            "reference_code": "code",
            "fonds": "fonds",
            "creator": "creator",
            "subject": "subject",
        },
        **{"extent": "extent", "scope_and_content": "scope", "note": "note", "link": "url", "location": "location"},
    }
    entry = {"id": "id", "reference_code": "code", "fonds": "fonds", "title": "label"}
    volumes = {"path": "data/odd/volumes"}
    return {
        "odd_list": {
            **common,
            "title": f"Odd list {SCRIPT}",
            "mapping": "table",
            "settings": {"path": "data/odd/list.jsonl"},
            "columns": columns,
            "fixed": {"kind": "physical", "level": "file"},
        },
        "odd_entries": {
            **common,
            "title": f"Odd entries {MARKDOWN}",
            "mapping": "table",
            "settings": {"path": "data/odd/entries.jsonl"},
            "columns": entry,
            "fixed": {"kind": "thematic", "level": "entry"},
        },
        "odd_pages": {**common, "title": f"Odd pages {IMAGE}", "mapping": "alto", "settings": volumes},
    }


def _alto(words: list[str]) -> str:
    from xml.sax.saxutils import quoteattr

    strings = "".join(
        f'<String HPOS="20" VPOS="{40 * place}" WIDTH="200" HEIGHT="30" CONTENT={quoteattr(word)}/>'
        for place, word in enumerate(words, 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description>'
        "<MeasurementUnit>pixel</MeasurementUnit><sourceImageInformation><fileName>0001.png</fileName>"
        '</sourceImageInformation></Description><Layout><Page ID="P1" PHYSICAL_IMG_NR="1" WIDTH="400" HEIGHT="560">'
        '<PrintSpace HPOS="0" VPOS="0" WIDTH="400" HEIGHT="560"><TextBlock ID="B1"><TextLine ID="L1">'
        f"{strings}</TextLine></TextBlock></PrintSpace></Page></Layout></alto>"
    )


def _lines(file: Path, rows: list[dict[str, Any]]) -> None:
    file.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
