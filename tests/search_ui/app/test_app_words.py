"""Every word of the screens exists in every language, and nothing unsafe is asked of Streamlit."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import app_words
import pytest
import streamlit

from pipelines.likeness import WEIGHTS
from pipelines.link import DECIDED, SIMILAR
from search_ui.i18n import catalogue
from search_ui.screens import links
from search_ui.web.following import COMING
from service_desk.forms import FEEDBACK_KINDS, FEEDBACK_STATES
from service_desk.machine import BY_EVENT, STATUSES
from service_desk.printed.issued import LETTERS
from service_desk.sending.events import CODES, EVENTS
from service_desk.sending.outboxes import REASONS

TERMS = {
    *(f"status.{status}" for status in STATUSES),
    *(f"event.{event}" for event in BY_EVENT),
    *(f"coming.{event}" for events in COMING.values() for event in events),
    *(f"feedback.{kind}" for kind in FEEDBACK_KINDS),
    *(f"feedback_status.{state}" for state in FEEDBACK_STATES),
    *(f"told.{event}" for event in (*EVENTS, *CODES)),
    *(f"unsent.{reason}" for reason in REASONS),
    *(f"printed.{kind}" for kind in LETTERS),
    *(f"link_verdict.{verdict}" for verdict in links.VERDICTS),
    *(f"link_level.{level}" for level in {"near", *links.LEVELS.values()}),
    *(f"link_field.{weight.partition('.')[0]}" for weight in WEIGHTS),
    *(f"link_standing.{standing}" for standing in ("followed", "waiting", "refused")),
    *(f"link_rule.{rule}" for rule in (DECIDED, SIMILAR)),
}
UNSAFE = (
    r"unsafe_allow_html",
    r"unsafe_allow_javascript",
    r"components\.v1",
    r"\bst\.(markdown|write|caption|title|header|subheader|dataframe|iframe)\(",
    r"component\([^)]*\b(html|css)=",
)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_every_word_is_translated(language: str) -> None:
    words, used = catalogue(language, "app"), app_words.used()
    assert {msgid[0] for msgid in used} == set(words)
    assert [msgid for msgid in used if placeholders(msgid[-1]) != placeholders(words[msgid[0]][0])] == []


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_every_code_of_the_desk_has_a_word(language: str) -> None:
    assert sorted(TERMS - set(catalogue(language, "terms"))) == []


def test_traditional_is_not_simplified() -> None:
    simplified = re.compile("[们这为时没读检请发检录复专档数据库题页]")
    assert [text for (text,) in catalogue("zh-Hant", "app").values() if simplified.search(text)] == []


@pytest.mark.parametrize("unsafe", UNSAFE)
def test_nothing_unsafe_is_asked_of_streamlit(unsafe: str) -> None:
    folders = (app_words.HOUSE / "screens", app_words.HOUSE / "components")
    scripts = [app_words.HOUSE / "app.py", *(script for folder in folders for script in folder.rglob("*.py"))]
    assert [script.name for script in scripts if re.search(unsafe, script.read_text("utf-8"))] == []


def test_templates_never_switch_escaping_off() -> None:
    templates = (app_words.HOUSE / "screens/markup").glob("*.html")
    assert [page.name for page in templates if re.search(r"\|\s*safe|autoescape", page.read_text("utf-8"))] == []


def test_streamlit_still_has_the_elements_we_name() -> None:
    ours = (app_words.HOUSE / "assets/style.css", app_words.HOUSE / "components/page/page.js")
    named = {name for file in ours for name in re.findall(r'data-testid="(\w+)"', file.read_text("utf-8"))}
    scripts = (Path(streamlit.__file__).parent / "static/static/js").glob("*.js")
    known = {name for script in scripts for name in re.findall(r"\bst[A-Z]\w+", script.read_text("utf-8"))}
    assert named
    assert sorted(named - known) == []


def test_the_style_stays_small_and_on_stable_ground() -> None:
    style = (app_words.HOUSE / "assets/style.css").read_text("utf-8")
    assert style.count("\n") < 120
    assert "emotion" not in style
