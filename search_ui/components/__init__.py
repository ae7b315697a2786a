"""Our one packaged Streamlit component: what a page still needs once everything on it is drawn (see `page/page.js`).

Streamlit finds packaged components through `pyproject.toml` files of installed wheels only; neither an editable install
nor a plain checkout is seen. So the folder is announced here, which works for all three, and the script stays a file of
our own origin as the content security policy demands (`script-src 'self'`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer

PROJECT = "onestop"
PAGE = f"{PROJECT}.page"
KEY = "page"

_mounts: dict[int, ComponentRenderer] = {}


def _page() -> ComponentRenderer:
    """The mount of this runtime: registered once, again only for a new runtime (each AppTest has its own)."""
    manager = get_bidi_component_manager()
    mount = _mounts.get(id(manager))
    if mount is None or manager.get(PAGE) is None:
        manifest = ComponentManifest(name=PROJECT, version="1", components=[ComponentConfig("page", asset_dir="page")])
        manager.register_from_manifest(manifest, Path(__file__).parent)
        mount = st.components.v2.component(PAGE, js="page.js", isolate_styles=False)
        _mounts.clear()
        _mounts[id(manager)] = mount
    return mount


def finish(data: dict[str, Any], content: str, *, on_go: Callable[[], None], on_act: Callable[[], None]) -> None:
    """Last element of every run, with the content it is to show. `on_go` is called when a link of ours was followed,
    `on_act` when a button of a block was pressed; which, `triggered` tells inside them.
    """
    # As bytes, a line of JSON before the markup: a mapping would be searched for data frames, 2 ms a run.
    payload = f"{json.dumps(data)}\n{content}".encode()
    _page()(data=payload, key=KEY, on_go_change=on_go, on_act_change=on_act)


def triggered(event: str) -> str:
    """The value that came with the event (``go`` an address, ``act`` an act), inside its callback; else empty."""
    value = getattr(st.session_state.get(KEY), event, None)
    return value if isinstance(value, str) else ""
