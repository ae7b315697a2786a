"""`onestop.toml`: what it may say, what wins, and what is said when it cannot be followed."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onestop.addresses import expand, shown
from onestop.errors import SettingsError
from onestop.settings import KEYS, load, resolve_url, sqlite_file


def workspace(folder: Path, text: str = "") -> Path:
    (folder / "onestop.toml").write_text(text, encoding="utf-8")
    return folder


DEFAULTS = {
    "engine": "tantivy:index",
    "objects": "file:objects",
    "records": "file:records",
    "database": "sqlite:///desk.db",
    "outbox": "file:outbox",
    "site": "",
    "secret": "",
    "identity_key": "",
    "openid": "",
    "openid_client": "",
    "openid_secret": "",
    "alerts": "",
    "proxies": "127.0.0.1 ::1",
    "spacy_zh": "",
    "spacy_en": "",
    "training": "",
    "training_url": "",
    "copies_ocr": "",
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
    assert settings.database_url == "postgresql+psycopg://desk:p%20w@db.example/desk"


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


ADDRESSES = {
    "password": ("a+https://u:${P}@h:9200/x", "a+https://u:p%40%2F%3F%25%3A%20%E5%AF%86@h:9200/x"),
    "user": ("a+https://${P}:w@h", "a+https://p%40%2F%3F%25%3A%20%E5%AF%86:w@h"),
    "user without password": ("a://${P}@h", "a://p%40%2F%3F%25%3A%20%E5%AF%86@h"),
    "query value": ("a://h/x?ca=f&api_key=${P}&b=1", "a://h/x?ca=f&api_key=p%40%2F%3F%25%3A%20%E5%AF%86&b=1"),
    "part of a query value": ("a://h/x?k=id:${P}", "a://h/x?k=id:p%40%2F%3F%25%3A%20%E5%AF%86"),
    "host": ("a://${H}:9200/x", "a://h.example:9200/x"),
    "host after a login": ("a://u:w@${H}:9200/x", "a://u:w@h.example:9200/x"),
    "path": ("a://h/${H}", "a://h/h.example"),
    "query name": ("a://h?${H}=1", "a://h?h.example=1"),
    "whole address": ("${P}", "p@/?%: 密"),
    "no address": ("file:${H}", "file:h.example"),
    "second of two": ("b://h c://u:${P}@h", "b://h c://u:p%40%2F%3F%25%3A%20%E5%AF%86@h"),
    "from a file": ("a://u:${file:pass word}@h", "a://u:from%20a%20file@h"),
    "from a file, no address": ("${file:pass word}", "from a file"),
}


@pytest.mark.parametrize(("written", "expected"), ADDRESSES.values(), ids=ADDRESSES)
def test_what_stands_for_a_secret_in_an_address_may_hold_any_character(
    tmp_path: Path, written: str, expected: str
) -> None:
    (tmp_path / "pass word").write_text("from a file\n", encoding="utf-8")
    assert expand(written, {"P": "p@/?%: 密", "H": "h.example"}, "engine", tmp_path) == expected


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_any_secret_comes_back_as_it_was(user: str, password: str, key: str) -> None:
    environment = {"U": user, "P": password, "K": key}
    parts = urlsplit(expand("a://${U}:${P}@h:1/x?k=${K}&l=2", environment, "engine"))
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)
    assert parse_qsl(parts.query) == [("k", key), ("l", "2")]


SHOWN = {
    "tantivy:index": "tantivy:index",
    "sqlite:///desk.db": "sqlite:///desk.db",
    "a+https://u:hush@h:9200/x?ca=f": "a+https://u:***@h:9200/x?ca=f",
    "a+https://hush@h/x": "a+https://***@h/x",
    "a+https://u:hu/s@h?@h/x": "a+https://u:***@h/x",
    "a://h/x?api_key=hush&shards=2": "a://h/x?api_key=***&shards=2",
    "postgresql://h/d?password=hush": "postgresql://h/d?password=***",
}


@pytest.mark.parametrize("address", SHOWN)
def test_an_address_is_shown_without_its_secrets(address: str) -> None:
    assert shown(address) == SHOWN[address]


def test_settings_show_no_secret(tmp_path: Path) -> None:
    text = 'engine = "opensearch+https://u:hush@h/x"\ndatabase = "postgresql://u:hush@h/d"\nsecret = "hush"'
    assert "hush" not in repr(load(workspace(tmp_path, text), {}))


WRONG = {
    "unknown key": ('engin = "tantivy:index"', ["engin", "did you mean 'engine'?"]),
    "unknown key like no other": ('zzzz = "1"', ["zzzz", "database"]),
    "not text": ("engine = 3", ["engine", "text in quotes"]),
    "a table": ("[engine]\nkind = 'x'", ["engine", "text in quotes"]),
    "not TOML": ("engine tantivy", ["TOML", "line 1"]),
    "unset variable": ('engine = "${NOWHERE}"', ["${NOWHERE}", "engine"]),
    "no such file": ('engine = "a://u:${file:nowhere}@h"', ["nowhere", "cannot be read", "engine"]),
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
