"""The themes of the samples in the product: all hold, their packs and data are there, their forms owe nothing."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from indexer.query import Query
from mappings.access import ANONYMOUS, Viewer
from onestop.themes import check, load_theme
from onestop.wiring import Workspace
from search_ui.i18n import LANGUAGES, Translator
from search_ui.themes import form, guide
from search_ui.themes.data import Table
from search_ui.themes.model import Theme
from search_ui.themes.pack import PackFile, members

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
THEMES = ("land", "tang_poets", "work_and_family")
STAFF = Viewer("staff", frozenset({"staff"}))
_here: dict[str, Workspace] = {}


@pytest.fixture(scope="module", autouse=True)
def workspace(synced_samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A copy of the samples, synchronised."""
    folder = tmp_path_factory.mktemp("samples") / "workspace"
    shutil.copytree(synced_samples, folder)
    with Workspace(folder, {}) as opened:
        _here["workspace"] = opened
        yield opened
    _here.clear()


def test_nothing_is_wrong_with_them(workspace: Workspace) -> None:
    told = check(workspace, None)
    assert told["ok"], told
    assert {theme["theme"]: theme["records"] > 50 for theme in told["themes"]} == dict.fromkeys(THEMES, True)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_in_its_language(name: str, language: str) -> None:
    theme = load_theme(SAMPLES, name)
    texts = [theme.title, theme.introduction, *(field.label for field in theme.form), theme.guide.contents]
    simplified = re.compile("[们这为时没读检请发复专档数据库题页]")
    for text in texts:
        assert guide.markup(text.in_(language))
        assert language != "zh-Hant" or not simplified.search(text.in_(language)), text.in_(language)


@pytest.mark.parametrize("name", THEMES)
def test_a_pack_is_there_to_take_away(workspace: Workspace, name: str) -> None:
    services, theme = workspace.services, load_theme(SAMPLES, name)
    words = Translator("zh-Hans", "web")
    listed = members(services, theme, ANONYMOUS)
    assert len(listed) >= 8
    made = b"".join(PackFile(services, theme, ANONYMOUS, words, "https://archive.example").stream())
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {"目录.csv", "README.md"} <= set(archive.namelist())
        assert archive.read("目录.csv").decode("utf-8-sig").count("https://archive.example/r/") == len(listed)


def test_data_has_its_types(workspace: Workspace) -> None:
    theme = load_theme(SAMPLES, "land")
    assert theme.data is not None
    table = Table(workspace.services, theme, theme.data, ANONYMOUS, "https://archive.example")
    read = parquet.read_table(io.BytesIO(b"".join(table.parquet())))
    rows = read.to_pylist()
    assert len(rows) == 790 and len({row["entry"] for row in rows}) == 790
    assert rows[0]["registered"] == dt.date(1983, 5, 12) and rows[0]["area"] == 291.0
    assert sum(row["area"] is not None for row in rows) == 97
    assert len(list(table.csv())) == 1 + 1 + len(rows)
    assert "790" in table.readme(Translator("en", "web"))


def test_lives_of_poets_are_data(workspace: Workspace) -> None:
    theme = load_theme(SAMPLES, "tang_poets")
    assert theme.data is not None
    rows = list(Table(workspace.services, theme, theme.data, ANONYMOUS, "").rows())
    assert len(rows) == 1980 and sum(row[2] is not None for row in rows) > 300
    assert next(row for row in rows if row[1] == "王維")[2] == "摩詰"


def test_several_names_and_a_year_at_once(workspace: Workspace) -> None:
    theme = load_theme(SAMPLES, "work_and_family")
    found = _found(workspace, theme, {"person": ["何秋禾；顾望春"], "year": ["1958"]}, ANONYMOUS)
    assert found[0]["title"] == "何秋禾招收为云江航运公司固定工审批表"
    assert found[0]["available"][0]["action"] == "apply"
    marriage = _found(workspace, theme, {"person": ["何秋禾"], "matter": ["marriage"]}, ANONYMOUS)
    assert len(marriage) == 2 and all("结婚登记" in hit["title"] for hit in marriage)


def _found(workspace: Workspace, theme: Theme, typed: dict[str, list[str]], viewer: Viewer) -> list[dict[str, Any]]:
    """Every hit of a form, page by page."""
    filled = form.fill(theme, typed)
    assert filled.mistakes == ()
    return list(_all(workspace, filled.query(theme, Query(size=200)), viewer))


def _all(workspace: Workspace, query: Query, viewer: Viewer) -> Iterator[dict[str, Any]]:
    for offset in itertools.count(0, 200):
        hits = workspace.searcher.search(replace(query, offset=offset), viewer)["hits"]
        yield from hits
        if len(hits) < 200:
            return


WORDS = [
    "石碇",
    "石碇乡",
    "中國國民黨",
    "贈與",
    "王維",
    "李白",
    "長安",
    "杜甫 詩",
    "何秋禾",
    "云江机械厂",
    "工龄",
    "1984",
    "qqq",
]
TYPED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "land": (("owner", "place"), ("dated.from",)),
    "tang_poets": (("poet", "origin", "words"), ()),
    "work_and_family": (("person", "employer", "place"), ("year",)),
}


@st.composite
def filled(draw: st.DrawFn) -> tuple[str, dict[str, list[str]]]:
    """A theme and what somebody types into its form."""
    name = draw(st.sampled_from(THEMES))
    worded, dated = TYPED[name]
    typed = {field: [draw(st.sampled_from(WORDS))] for field in worded if draw(st.booleans())}
    if len(typed) and draw(st.booleans()):
        first = next(iter(typed))
        typed[first] = typed[first] if first == "words" else [*typed[first], draw(st.sampled_from(WORDS[:8]))]
    typed |= {field: [draw(st.sampled_from(["1958", "1970", "1984"]))] for field in dated if draw(st.booleans())}
    return name, typed


@settings(max_examples=30)
@given(filled(), st.sampled_from([ANONYMOUS, STAFF]))
def test_a_form_finds_what_the_box_finds(asked: tuple[str, dict[str, list[str]]], viewer: Viewer) -> None:
    workspace, (name, typed) = _here["workspace"], asked
    theme = load_theme(SAMPLES, name)
    form_filled = form.fill(theme, typed)
    assert form_filled.mistakes == ()
    first = int(typed["dated.from"][0]) if "dated.from" in typed else None
    box = Query(form_filled.text or "*", dict(theme.standing), first, size=200)
    boxed = {hit["id"] for hit in _all(workspace, box, viewer)}
    found = {hit["id"] for hit in _all(workspace, form_filled.query(theme, Query(size=200)), viewer)}
    assert boxed <= found, (name, typed)
