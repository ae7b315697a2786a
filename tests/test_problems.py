"""Every problem code that the code gives stands in docs/problems.md, and every code there is given by the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("mappings", "connectors", "pipelines", "onestop")
MAKERS = {"Problem", "NotATable", "hold_back", "_fail"}
"""Calls whose first argument is a code."""


def calls() -> Iterator[ast.Call]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and node.args and _name(node.func) in MAKERS:
                    yield node


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def given() -> set[str]:
    """Codes written out where a problem is made; a choice of two, and f-strings by their fixed end."""
    return {
        part.value
        for call in calls()
        for part in ast.walk(call.args[0])
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value
    }


def documented() -> set[str]:
    page = (ROOT / "docs" / "problems.md").read_text("utf-8")
    return {
        code
        for line in page.splitlines()
        if line.startswith("| `")
        for code in re.findall(r"`([^`]+)`", line.split("|")[1])
    }


def test_every_code_is_documented() -> None:
    missing = {code for code in given() if not any(entry == code or entry.endswith(code) for entry in documented())}
    assert missing == set()


def test_every_documented_code_is_given() -> None:
    everywhere = "\n".join(
        file.read_text("utf-8") for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))
    )
    unused = {code for code in documented() if f'"{code}"' not in everywhere and code not in _COMPOSED}
    assert unused == set()


_COMPOSED = {"fewer-records-than-expected", "more-records-than-expected"}
