"""What the start page of the screens loads ahead: our style, our settings, and scripts Streamlit asks for too late."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import streamlit

from search_ui import security

ASSETS: Final = Path(__file__).parent.parent / "assets"
_SCRIPTS: Final = Path(streamlit.__file__).parent / "static" / "static" / "js"
_CHUNKS: Final = ("BidiComponent", "Html", "purify.es")
"""Streamlit loads the script of an element when the first of its kind arrives; these are on every screen of ours."""


@cache
def tags() -> str:
    """The elements for the head of the page, in the order they are wanted."""
    chunks = [chunk.name for name in _CHUNKS for chunk in _SCRIPTS.glob(f"{name}.*.js")]
    return "\n    ".join(
        [
            f'<link rel="stylesheet" href="{_versioned("style.css")}" />',
            f'<link rel="stylesheet" href="{_versioned("suggest.css")}" />',
            f'<script src="{_versioned("boot.js")}"></script>',
            f'<script type="module" src="{_versioned("suggest.js")}"></script>',
            f'<script type="module" src="{_versioned("terminal.js")}"></script>',
            *(f'<link rel="modulepreload" crossorigin href="/static/js/{name}" />' for name in chunks),
        ]
    )


def _versioned(name: str) -> str:
    """The address of an asset; a changed file has another one, so that no browser keeps the old."""
    content = (ASSETS / name).read_text("utf-8")
    return f"/assets/{name}?v={security.fingerprint([content])[:8]}"
