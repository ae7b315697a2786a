"""What our style sheet says of Streamlit's markup is still true: an upgrade fails here, not at a reader's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

import search_ui
from search_ui import paths
from tests.browser.conftest import SCREENS
from tests.browser.house import House, address
from tests.browser.people import Person

STYLE: Final = Path(search_ui.__file__).parent / "assets" / "style.css"
HOOK: Final = re.compile(r'\[data-testid="\w+"\]|\.st[A-Z]\w+|\.st-key-[\w-]+')
"""Parts of selectors that are Streamlit's: test ids, its named classes, keys."""
FRAGILE: Final = ("st-emotion-cache", "css-", ":nth-child")


def test_nothing_leans_on_names_that_change_with_each_build() -> None:
    rules = re.sub(r"/\*.*?\*/", "", STYLE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not [word for word in FRAGILE if word in rules]
    assert len(rules.splitlines()) < 120


@pytest.mark.parametrize("screen", [SCREENS[-1]], ids=str, indirect=True)
def test_every_hook_is_on_some_page(clerk: Person, house: House) -> None:
    missing = set(HOOK.findall(STYLE.read_text(encoding="utf-8")))
    assert missing
    for path in (address(paths.SEARCH, q="石碇"), paths.FEEDBACK_LIST):
        clerk.open(path)
        expect(clerk.h1).to_have_count(1)
        clerk.page.wait_for_load_state("networkidle")  # a widget's script may come when the page is there
        missing = {hook for hook in missing if not clerk.page.locator(hook).count()}
    for hook in missing:
        expect(clerk.page.locator(hook).first).to_be_attached()
