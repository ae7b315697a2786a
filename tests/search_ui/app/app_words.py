"""The words the screens use: every msgid of the domain ``app``, read out of the code and the templates."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import jinja2
from jinja2 import nodes

import search_ui
from pipelines.ledger import REASONS
from search_ui import paths, suggestions
from search_ui.screens import frame, hits

HOUSE = Path(search_ui.__file__).parent
Found = tuple[str, ...]
"""A msgid alone, or singular and plural."""


def used() -> set[Found]:
    """Every msgid in use."""
    scripts = [
        HOUSE / "app.py",
        HOUSE / "suggestions.py",
        HOUSE / "readings.py",
        *sorted((HOUSE / "screens").glob("*.py")),
    ]
    found = {msgid for script in scripts for msgid in _in_python(script.read_text("utf-8"))}
    found |= {msgid for page in sorted((HOUSE / "screens/markup").glob("*.html")) for msgid in _in_template(page)}
    return found | {(text,) for text in _listed()}


def _listed() -> Iterator[str]:
    yield from frame.LEFTOVERS
    yield from suggestions.LABELS.values()
    yield from (label for _, label in hits.ASKED_BY.values())
    yield from hits.AT_ONCE.values()
    yield from (text for _, text in REASONS.values())
    yield from (label for _, label in (*paths.READER_LINKS, *paths.STAFF_LINKS))


def _in_python(source: str) -> Iterator[Found]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = tuple(str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))
            if name == "Screen":
                yield texts[:1]
            elif name in ("t", "n") and texts and isinstance(node.args[0], ast.Constant):
                yield texts[: 1 if name == "t" else 2]


def _in_template(page: Path) -> Iterator[Found]:
    for call in jinja2.Environment().parse(page.read_text("utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("t", "n"):
            texts = tuple(str(arg.value) for arg in call.args if isinstance(arg, nodes.Const))
            yield texts[: 1 if call.node.name == "t" else 2]
