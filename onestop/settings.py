"""The workspace: `onestop.toml` and `sources/*.yml`, read, checked and with every relative address made absolute.

`onestop.toml` has flat keys, one line each (TOML 1.0, https://toml.io). The environment (``ONESTOP_ENGINE``, ...) wins
over the file. A value may hold ``${NAME}`` and ``${file:PATH}`` (`onestop.addresses`); `secret` may be ``file:PATH``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from onestop import places
from onestop.addresses import expand, shown
from onestop.errors import SettingsError, nearest

if TYPE_CHECKING:
    from mappings.bucket import Bucket

FILE_NAME = "onestop.toml"
SYNONYM_FILE = "synonyms.txt"
SOURCES = "sources"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the parts of a workspace are. Addresses are as written; the methods resolve them against the workspace."""

    workspace: Path
    engine: str = "tantivy:index"
    objects: str = field(default="file:objects", repr=False)
    records: str = field(default="file:records", repr=False)
    database: str = "sqlite:///desk.db"
    outbox: str = "file:outbox"
    secret: str = ""
    alerts: str = field(default="", repr=False)
    spacy_zh: str = ""
    spacy_en: str = ""

    def __repr__(self) -> str:
        """Without secrets: settings may get into a message or a log."""
        addresses = (self.engine, self.objects, self.records, self.database)
        return f"Settings({str(self.workspace)!r}, {', '.join(map(shown, addresses))})"

    @property
    def models(self) -> dict[str, str]:
        """Trained spaCy pipelines by language: the name of a package, or a folder, resolved against the workspace."""
        named = {"zh": self.spacy_zh, "en": self.spacy_en}
        return {
            language: str(folder) if (folder := self.workspace / model).is_dir() else model
            for language, model in named.items()
            if model
        }

    @property
    def database_url(self) -> str:
        """The SQLAlchemy address, a relative SQLite file resolved against the workspace."""
        return resolve_url(self.database, self.workspace)

    def place(self, key: str) -> Path | Bucket:
        """Where objects or records are kept: a folder or a bucket. Raises SettingsError for any other address, and for
        objects among the records, which tidies away what it does not know.
        """
        found = {
            name: places.place(getattr(self, name), self.workspace, f"{name} of workspace {self.workspace}")
            for name in dict.fromkeys((key, "objects", "records"))
        }
        if places.is_within(found["objects"], found["records"]):
            raise SettingsError(
                f"objects of workspace {self.workspace} lie in the folder of records; give each a folder of its own."
            )
        return found[key]

    def folder(self, key: str) -> Path:
        """The folder behind ``file:FOLDER`` (objects, records, outbox). Raises SettingsError for any other address."""
        address = str(getattr(self, key))
        found = None if places.is_remote(address) else self.place(key)
        if not isinstance(found, Path):
            raise SettingsError(
                f"{key} = {shown(address)!r} of workspace {self.workspace} is not an address that this version can "
                f"open; name a folder: {key} = 'file:{key}'."
                f"{key} = {shown(address)!r} of workspace {self.workspace} is no folder; "
                f"name one: {key} = 'file:{key}'."
            )
        return found


KEYS = tuple(key.name for key in fields(Settings) if key.name != "workspace")


def load(workspace: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a workspace. Raises SettingsError when there is none, or when it cannot be followed."""
    file = workspace / FILE_NAME
    values = {key: expand(value, environment, f"{key} in {file}", workspace) for key, value in _read(file).items()}
    for key in KEYS:
        name = f"ONESTOP_{key.upper()}"
        if environment.get(name):
            values[key] = expand(environment[name], environment, name)
    for key in ("objects", "records"):
        if key in values:
            values[key] = places.with_keys(values[key], environment)
    if "secret" in values:
        values["secret"] = _secret(values["secret"], workspace, file)
    return Settings(workspace=workspace.resolve(), **values)


def resolve_url(url: str, base: Path) -> str:
    """A database address with a relative SQLite file made absolute; all others unchanged."""
    prefix, separator, path = url.partition(":///")
    if not separator or not prefix.startswith("sqlite") or not path or path.startswith(("/", ":memory:")):
        return url
    return f"{prefix}:///{(base / path).resolve()}"


def sqlite_file(url: str) -> Path | None:
    """The file behind a resolved SQLite address; None for any other database."""
    prefix, separator, path = url.partition(":///")
    return Path(path) if separator and prefix.startswith("sqlite") and path.startswith("/") else None


def _read(file: Path) -> dict[str, str]:
    """The keys of an `onestop.toml`, all known and all text."""
    if not file.is_file():
        raise SettingsError(
            f"There is no workspace in {file.parent}: {FILE_NAME} is missing. "
            f"Make one with `onestop init {file.parent}`, or name another with --workspace."
        )
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f'{file} cannot be read as TOML: {error}. Each line is key = "value".') from error
    except OSError as error:
        raise SettingsError(f"{file} cannot be opened: {error.strerror}. Check its permissions.") from error
    for key, value in values.items():
        if key not in KEYS:
            raise SettingsError(f"{file} has an unknown key {key!r}: {nearest(key, KEYS)}")
        if not isinstance(value, str):
            raise SettingsError(f"{key} in {file} must be text in quotes, not {value!r}.")
    return values


def _secret(value: str, workspace: Path, file: Path) -> str:
    """The secret itself, from its file when the value is ``file:PATH``."""
    if not value.startswith("file:"):
        return value
    path = workspace / value.removeprefix("file:")
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"secret in {file} names {path}, which cannot be read; make the file or correct its path."
        ) from error
    if not text:
        raise SettingsError(f"secret in {file} names {path}, which is empty; put the secret into it.")
    return text
