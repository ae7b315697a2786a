"""Theme files: mistakes named by place and line, files read again when they change, one bad one alone."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from onestop.cli import run
from onestop.errors import SettingsError, UnknownName
from onestop.scaffold import make_workspace
from onestop.themes import Mistake, ThemeFiles, ThemeMistakes, load_theme, names
from tests.search_ui.themes.corner import FILE, said

FIELD: dict[str, Any] = {"name": "x", "kind": "text", "label": said("X")}
OPTION: dict[str, Any] = {"value": "a", "label": said("A"), "words": ["a"]}


def choice(*options: dict[str, Any]) -> dict[str, Any]:
    return {**FIELD, "kind": "choice", "options": list(options)}


MISTAKES: dict[str, tuple[dict[str, Any], str, str]] = {
    "a language is missing": ({"title": {"en": "X", "zh-Hans": "Y"}}, "title.zh-Hant", "is missing"),
    "a key nobody knows": ({"fasets": []}, "fasets", "did you mean 'facets'?"),
    "a key nobody knows further in": (
        {"form": [{**FIELD, "lable": said("x")}]},
        "form[0].lable",
        "did you mean 'label'?",
    ),
    "a corner nobody knows": ({"corner": "fun"}, "corner", "must be 'livelihood' or 'research'"),
    "a number for a text": ({"title": {**said("x"), "en": 5}}, "title.en", "needs quotes"),
    "a text for a list": ({"sources": "list"}, "sources", "must be a list"),
    "a text for keys": ({"guide": "read it"}, "guide", "must be lines of keys: contents, reading"),
    "no source": ({"sources": []}, "sources", "at least 1 item"),
    "a filter nobody knows": ({"filters": {"colour": ["red"]}}, "filters", "there is no filter 'colour'"),
    "a facet nobody knows": ({"facets": ["colour"]}, "facets", "there is no facet 'colour'"),
    "a field called as a parameter": ({"form": [{**FIELD, "name": "page"}]}, "form[0].name", "choose another name"),
    "two fields of one name": ({"form": [FIELD, FIELD]}, "form", "two fields are called 'x'"),
    "a kind nobody knows": ({"form": [{**FIELD, "kind": "date"}]}, "form[0].kind", "must be 'text', 'name'"),
    "several years": ({"form": [{**FIELD, "kind": "year", "several": 2}]}, "form[0]", "several is for"),
    "a pattern without words": ({"form": [{**FIELD, "pattern": "[0-9]+"}]}, "form[0]", "needs a message"),
    "a pattern that is none": (
        {"form": [{**FIELD, "pattern": "(", "message": said("x")}]},
        "form[0].pattern",
        "is no regular expression",
    ),
    "years backwards": (
        {"form": [{**FIELD, "kind": "years", "between": [1990, 1912]}]},
        "form[0].between",
        "the earlier one first",
    ),
    "a choice of nothing": ({"form": [{**FIELD, "kind": "choice"}]}, "form[0]", "a choice needs options"),
    "an option twice": ({"form": [choice(OPTION, OPTION)]}, "form[0]", "two options have the same value"),
    "an option that asks nothing": (
        {"form": [choice({"value": "a", "label": said("A")})]},
        "form[0].options[0]",
        "give either filter or words",
    ),
    "an option of another facet": (
        {"form": [choice({"value": "a", "label": said("A"), "filter": "level"})]},
        "form[0].options[0].filter",
        "write FIELD:VALUE",
    ),
    "options of two facets": (
        {"form": [choice(OPTION, {"value": "b", "label": said("B"), "filter": "level:item"})]},
        "form[0]",
        "make two fields of them",
    ),
    "a pack of both": (
        {"pack": {"introduction": said("x"), "items": [{"id": "a:b", "query": "x"}]}},
        "pack.items[0]",
        "give either id or query",
    ),
    "data of another source": ({"data": {**FILE["data"], "source": "other"}}, "", "none of the theme's sources"),
    "a column from nowhere": (
        {"data": {**FILE["data"], "columns": [{"name": "a", "from": "colour", "description": said("x")}]}},
        "data.columns[0].from",
        "value:LABEL",
    ),
    "its own name": ({"name": "land"}, "name", "the name is that of the file"),
}


def write(folder: Path, stem: str = "land", /, **changes: Any) -> Path:
    """A theme file with these keys other than in the right one."""
    file = folder / "themes" / f"{stem}.yml"
    file.parent.mkdir(exist_ok=True)
    content = json.loads(json.dumps({**FILE, **changes}))  # without parts in common, for which YAML has references
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_place_and_what_to_do(tmp_path: Path, name: str) -> None:
    changes, place, what = MISTAKES[name]
    file = write(tmp_path, **changes)
    with pytest.raises(ThemeMistakes, match=str(file)) as told:
        load_theme(tmp_path, "land")
    (mistake,) = [one for one in told.value.mistakes if one.place == place and what in one.what]
    lines = file.read_text(encoding="utf-8").splitlines()
    key = place.rpartition(".")[2].partition("[")[0]
    assert mistake.line is None or key in lines[mistake.line - 1] or "missing" in what or "[" in place


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, corner="fun", facets=["colour"], title={"en": "x"})
    with pytest.raises(ThemeMistakes, match="And 3 more: `onestop theme check land`") as told:
        load_theme(tmp_path, "land")
    assert {mistake.place for mistake in told.value.mistakes} == {"title.zh-Hans", "title.zh-Hant", "corner", "facets"}
    assert str(Mistake("corner", 3, "is odd")) == "corner (line 3): is odd"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: [", "cannot be read as YAML"),
        ("title: a\ntitle: b", "the key 'title' occurs twice on line 2"),
        ("a: &x 1\nb: *x", "a reference like"),
        ("- one", "must be lines of `key: value`"),
    ],
)
def test_what_is_no_yaml_of_ours_is_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path).write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        load_theme(tmp_path, "land")


def test_names(tmp_path: Path) -> None:
    write(tmp_path, "Land & houses")
    write(tmp_path, ".hidden")
    assert names(tmp_path) == ["Land & houses"]
    with pytest.raises(SettingsError, match="rename the file"):
        load_theme(tmp_path, "Land & houses")
    with pytest.raises(UnknownName, match="There is no theme 'lnd'"):
        load_theme(tmp_path, "lnd")


def test_a_file_is_read_again_when_it_changes_and_a_bad_one_is_alone(tmp_path: Path) -> None:
    themes = ThemeFiles(tmp_path)
    assert themes.all() == []
    file = write(tmp_path)
    write(tmp_path, "years", corner="research", order=1)
    write(tmp_path, "work", order=1)
    assert [theme.name for theme in themes.all()] == ["work", "land", "years"]
    write(tmp_path, title=said("Houses"))
    os.utime(file, ns=(1, 1))
    changed = themes.get("land")
    assert changed is not None and changed.title.en == "Houses"
    file.write_text("title: [", encoding="utf-8")
    assert [theme.name for theme in themes.all()] == ["work", "years"] and themes.get("land") is None
    file.unlink()
    write(tmp_path)
    assert themes.get("land") is not None
    assert themes.get("land") is themes.get("land")


def test_the_example_of_a_new_workspace_is_a_theme(tmp_path: Path) -> None:
    folder = make_workspace(tmp_path / "archive")
    assert names(folder) == []
    example = folder / "themes" / "example.yml.example"
    shutil.copy(example, folder / "themes" / "example.yml")
    assert load_theme(folder, "example").form[2].options[0].words == ["gift", "贈與"]


def test_check_tells_what_is_wrong_and_doctor_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_workspace(tmp_path / "archive")
    write(folder, sources=["lst", "register"], pack=None)
    (folder / "themes" / "odd.yml").write_text("title: [", encoding="utf-8")
    write(folder, "wrong", corner="fun")
    assert run(["--workspace", str(folder), "theme", "check", "--json"]) == 1
    told = {theme["theme"]: theme for theme in json.loads(capsys.readouterr().out)["themes"]}
    assert [problem["place"] for problem in told["land"]["problems"]] == ["sources[0]", "sources[1]"]
    assert told["wrong"]["problems"][0]["line"] and "YAML" in told["odd"]["problems"][0]["what"]
    assert run(["--workspace", str(folder), "theme", "check", "wrong"]) == 1
    assert "corner (line" in capsys.readouterr().out
    assert run(["--workspace", str(folder), "theme", "check", "none"]) == 2
    assert "There is no theme 'none'" in capsys.readouterr().err
    run(["--workspace", str(folder), "doctor", "--json"])
    checks = {check["name"]: check["ok"] for check in json.loads(capsys.readouterr().out)["checks"]}
    assert {name: ok for name, ok in checks.items() if name.startswith("theme ")} == {
        "theme land": False,
        "theme odd": False,
        "theme wrong": False,
    }
