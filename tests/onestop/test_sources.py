"""Source files: what they may say, and what is said when they cannot be followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from onestop.errors import SettingsError, UnknownName
from onestop.scaffold import FILES
from onestop.sources import load_sources

GOOD = "title: East\nconnector: folder\nmapping: ead\nsettings: {path: data}\n"


def write(workspace: Path, text: str, name: str = "east.yml") -> None:
    (workspace / "sources").mkdir(exist_ok=True)
    (workspace / "sources" / name).write_text(text, encoding="utf-8")


def test_a_source_is_named_after_its_file(tmp_path: Path) -> None:
    write(tmp_path, GOOD + "access: open\nexpect: {min_records: 3}\n")
    spec = load_sources(tmp_path, [], {})["east"]
    assert (spec.name, spec.title, spec.access, spec.min_records, spec.base) == ("east", "East", "open", 3, tmp_path)


def test_numbers_among_the_words_of_a_table_are_text(tmp_path: Path) -> None:
    write(tmp_path, GOOD + "values: {access: {1: open}}\nfixed: {level: 2}\n")
    spec = load_sources(tmp_path, ["east"], {})["east"]
    assert (spec.values, spec.fixed) == ({"access": {"1": "open"}}, {"level": "2"})


def test_variables_are_filled_in_from_the_environment(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("data", "'${WHERE}/data'"))
    assert load_sources(tmp_path, [], {"WHERE": "/mnt"})["east"].settings == {"path": "/mnt/data"}


def test_secrets_in_an_address_come_from_files_of_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p@ss/w\n", encoding="utf-8")
    write(tmp_path, GOOD.replace("path: data", "url: 'postgresql://u:${file:password}@db.example/d'"))
    settings = load_sources(tmp_path, [], {})["east"].settings
    assert settings == {"url": "postgresql://u:p%40ss%2Fw@db.example/d"}


WRONG = {
    "unknown key": (GOOD + "acess: open", ["'acess'", "did you mean 'access'?"]),
    "unknown key inside": (GOOD + "expect: {min_record: 3}", ["'expect.min_record'", "did you mean 'min_records'?"]),
    "unknown connector": (GOOD.replace("folder", "foldr"), ["connector 'foldr'", "did you mean 'folder'?"]),
    "unknown mapping": (GOOD.replace("ead", "eda"), ["mapping 'eda'", "did you mean 'ead'?"]),
    "unknown access": (GOOD + "access: public", ["access must be one of", "registered"]),
    "unknown crosswalk": (GOOD + "crosswalk: atom-isda", ["crosswalk 'atom-isda'", "did you mean 'atom-isad'?"]),
    "missing title": (GOOD.replace("title: East\n", ""), ["no 'title'"]),
    "blank title": (GOOD.replace("East", '""'), ["title"]),
    "YAML's yes": (GOOD + "values: {access: {yes: open}}", ["values.access", "quotes"]),
    "fewer than nothing": (GOOD + "expect: {min_records: -1}", ["expect.min_records"]),
    "bounds crossed": (GOOD + "expect: {min_records: 5, max_records: 4}", ["expect", "more than"]),
    "not YAML": ("title: [", ["YAML", "line"]),
    "only a word": ("title", ["key: value"]),
    "empty": ("", ["key: value"]),
    "unset variable": (GOOD.replace("data", "'${NOWHERE}'"), ["${NOWHERE}"]),
}


@pytest.mark.parametrize(("text", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError) as raised:
        load_sources(tmp_path, [], {})
    message = str(raised.value)
    assert "east.yml" in message
    assert [word for word in words if word not in message] == []


def test_a_password_stays_out_of_messages(tmp_path: Path) -> None:
    write(tmp_path, "title: East\nconnector: sql\nmapping: table\nsettings: [hunter2]\n")
    with pytest.raises(SettingsError) as raised:
        load_sources(tmp_path, [], {})
    assert "hunter2" not in str(raised.value)


def test_a_password_stays_out_of_messages_about_the_syntax(tmp_path: Path) -> None:
    write(tmp_path, "settings: {url: hunter2")
    with pytest.raises(SettingsError, match="line 1") as raised:
        load_sources(tmp_path, [], {})
    assert "hunter2" not in str(raised.value)


def test_an_unknown_source_is_answered_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(UnknownName, match="did you mean 'east'"):
        load_sources(tmp_path, ["esat"], {})


def test_a_file_name_that_cannot_be_part_of_an_id_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "a:b.yml")
    with pytest.raises(SettingsError, match="named after its file"):
        load_sources(tmp_path, [], {})


def test_the_example_of_a_new_workspace_is_a_source(tmp_path: Path) -> None:
    write(tmp_path, FILES["sources/example.yml.example"], "example.yml")
    assert load_sources(tmp_path, [], {})["example"].mapping == "ead"
