"""`onestop.toml`: what it may say, what wins, and what is said when it cannot be followed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onestop.errors import SettingsError
from onestop.settings import KEYS, expand, load, resolve_url, sqlite_file


def workspace(folder: Path, text: str = "") -> Path:
    (folder / "onestop.toml").write_text(text, encoding="utf-8")
    return folder


DEFAULTS = {
    "engine": "tantivy:index",
    "objects": "file:objects",
    "records": "file:records",
    "database": "sqlite:///desk.db",
    "outbox": "file:outbox",
    "secret": "",
    "alerts": "",
    "proxies": "127.0.0.1 ::1",
    "spacy_zh": "",
    "spacy_en": "",
}


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    settings = load(workspace(tmp_path), {})
    assert {key: getattr(settings, key) for key in KEYS} == DEFAULTS


def test_relative_parts_lie_in_the_workspace(tmp_path: Path) -> None:
    settings = load(workspace(tmp_path), {})
    assert settings.folder("objects") == tmp_path / "objects"
    assert settings.database_url == f"sqlite:///{tmp_path}/desk.db"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    settings = load(workspace(tmp_path, 'engine = "tantivy:here"'), {"ONESTOP_ENGINE": "tantivy:there"})
    assert settings.engine == "tantivy:there"


def test_trained_models_are_packages_or_folders_of_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "names-zh").mkdir()
    text = 'spacy_zh = "names-zh"'
    settings = load(workspace(tmp_path, text), {"ONESTOP_SPACY_EN": "en_core_web_sm"})
    assert settings.models == {"zh": str(tmp_path / "names-zh"), "en": "en_core_web_sm"}
    assert load(workspace(tmp_path), {}).models == {}


def test_variables_are_filled_in_from_the_environment(tmp_path: Path) -> None:
    text = 'database = "postgresql+psycopg://desk:${DB_PASSWORD}@db.example/desk"'
    settings = load(workspace(tmp_path, text), {"DB_PASSWORD": "p w"})
    assert settings.database_url == "postgresql+psycopg://desk:p w@db.example/desk"


def test_proxies_are_addresses_and_networks(tmp_path: Path) -> None:
    assert load(workspace(tmp_path), {}).trusted_proxies == ["127.0.0.1", "::1"]
    settings = load(workspace(tmp_path), {"ONESTOP_PROXIES": "10.0.0.5, 10.1.0.0/16 FD00::/8"})
    assert settings.trusted_proxies == ["10.0.0.5", "10.1.0.0/16", "fd00::/8"]


@pytest.mark.parametrize("wrong", ["proxy", "*", "10.0.0.5/8", "10.0.0.256"])
def test_a_proxy_without_an_address_is_named(tmp_path: Path, wrong: str) -> None:
    settings = load(workspace(tmp_path, f'proxies = "127.0.0.1 {wrong}"'), {})
    with pytest.raises(SettingsError) as raised:
        _ = settings.trusted_proxies
    assert repr(wrong) in str(raised.value) and "10.0.0.0/24" in str(raised.value)


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hush\n", encoding="utf-8")
    assert load(workspace(tmp_path, 'secret = "file:key"'), {}).secret == "hush"


WRONG = {
    "unknown key": ('engin = "tantivy:index"', ["engin", "did you mean 'engine'?"]),
    "unknown key like no other": ('zzzz = "1"', ["zzzz", "database"]),
    "not text": ("engine = 3", ["engine", "text in quotes"]),
    "a table": ("[engine]\nkind = 'x'", ["engine", "text in quotes"]),
    "not TOML": ("engine tantivy", ["TOML", "line 1"]),
    "unset variable": ('engine = "${NOWHERE}"', ["${NOWHERE}", "engine"]),
    "secret in no file": ('secret = "file:nowhere"', ["nowhere", "cannot be read"]),
}


@pytest.mark.parametrize(("text", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(SettingsError) as raised:
        load(workspace(tmp_path, text), {})
    message = str(raised.value)
    assert "onestop.toml" in message
    assert [word for word in words if word not in message] == []


def test_no_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"onestop init"):
        load(tmp_path, {})


def test_an_address_of_another_kind_is_refused_by_the_part_that_cannot_open_it(tmp_path: Path) -> None:
    settings = load(workspace(tmp_path, 'records = "s3+https://store.example/bucket"'), {})
    with pytest.raises(SettingsError, match="records"):
        settings.folder("records")


URLS = {
    "sqlite:///desk.db": "sqlite:////base/desk.db",
    "sqlite:////abs/desk.db": "sqlite:////abs/desk.db",
    "sqlite:///:memory:": "sqlite:///:memory:",
    "sqlite://": "sqlite://",
    "postgresql+psycopg://db.example/desk": "postgresql+psycopg://db.example/desk",
}


@pytest.mark.parametrize("url", URLS)
def test_only_a_relative_sqlite_file_is_resolved(url: str) -> None:
    assert resolve_url(url, Path("/base")) == URLS[url]


def test_only_a_resolved_sqlite_address_has_a_file() -> None:
    assert sqlite_file("sqlite:////base/desk.db") == Path("/base/desk.db")
    assert sqlite_file("sqlite:///:memory:") is None
    assert sqlite_file("postgresql://db.example/desk") is None


@given(st.text(), st.dictionaries(st.from_regex(r"[A-Z]{1,3}", fullmatch=True), st.text()))
def test_expanding_gives_text_or_a_sentence(value: str, environment: dict[str, str]) -> None:
    try:
        expanded = expand(value, environment, "engine")
    except SettingsError as error:
        assert "${" in value and "engine" in str(error)
    else:
        assert expanded == value or "${" in value
