"""The workspace: `onestop.toml` and `sources/*.yml`, read, checked and with every relative address made absolute.

`onestop.toml` has flat keys, one line each (TOML 1.0, https://toml.io). The environment (``ONESTOP_ENGINE``, ...) wins
over the file. A value may hold ``${NAME}`` and ``${file:PATH}`` (`onestop.addresses`); `secret`, `identity_key` and
`openid_secret` may be ``file:PATH``.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mappings.mistakes import nearest
from onestop import places
from onestop.addresses import expand, shown
from onestop.errors import SettingsError

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
    objects: str = "file:objects"
    records: str = "file:records"
    database: str = "sqlite:///desk.db"
    outbox: str = field(default="file:outbox", repr=False)
    site: str = ""
    secret: str = ""
    identity_key: str = field(default="", repr=False)
    openid: str = ""
    openid_client: str = ""
    openid_secret: str = field(default="", repr=False)
    alerts: str = field(default="", repr=False)
    proxies: str = "127.0.0.1 ::1"
    spacy_zh: str = ""
    spacy_en: str = ""
    training: str = ""
    training_url: str = ""
    copies_ocr: str = ""

    def __repr__(self) -> str:
        """Without secrets: settings may get into a message or a log."""
        addresses = (self.engine, self.objects, self.records, self.database)
        return f"Settings({str(self.workspace)!r}, {', '.join(map(shown, addresses))})"

    @property
    def is_training(self) -> bool:
        """Is this a training desk, of which nothing leaves the house? Raises SettingsError for another word."""
        if self.training not in ("", "no", "yes"):
            raise SettingsError(f"training of workspace {self.workspace} is {self.training!r}; write 'yes' or no line.")
        return self.training == "yes"

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
        """The SQLAlchemy address, a relative SQLite file resolved against the workspace; that of a training desk on
        PostgreSQL has a schema of its own.
        """
        url = resolve_url(self.database, self.workspace)
        return in_schema(url, TRAINING_SCHEMA) if self.is_training and not _is_in_schema(url) else url

    @property
    def trusted_proxies(self) -> list[str]:
        """Addresses and networks (CIDR) whose word is taken for who asks and whether that came over TLS. Raises
        SettingsError for one that is neither.
        """
        return [_network(word, self.workspace) for word in self.proxies.replace(",", " ").split()]

    def place(self, key: str) -> Path | Bucket:
        """Where objects or records are kept: a folder or a bucket. Raises SettingsError for any other address, and for
        records that hold the objects, since what they do not know is tidied away.
        """
        found = self._place(key)
        if key == "records" and self._holds_objects(found):
            raise SettingsError(
                f"objects of workspace {self.workspace} lie in the folder of records; give each a folder of its own."
            )
        return found

    def _place(self, key: str) -> Path | Bucket:
        return places.place(str(getattr(self, key)), self.workspace, f"{key} of workspace {self.workspace}")

    def _holds_objects(self, records: Path | Bucket) -> bool:
        try:
            return places.is_within(self._place("objects"), records)
        except SettingsError:  # told by whoever wants the objects
            return False

    def folder(self, key: str) -> Path:
        """The folder behind ``file:FOLDER`` (objects, records). Raises SettingsError for any other address."""
        address = str(getattr(self, key))
        found = None if places.is_remote(address) else self._place(key)
        if not isinstance(found, Path):
            raise SettingsError(
                f"{key} = {shown(address)!r} of workspace {self.workspace} is no folder; "
                f"name one: {key} = 'file:{key}'."
            )
        return found


KEYS = tuple(key.name for key in fields(Settings) if key.name != "workspace")
OWN = frozenset({"engine", "objects", "records", "database", "site"})
"""What a training desk takes from its own file alone: the environment of the real house beside it names other places.
"""
TRAINING_SCHEMA = "onestop_training"
"""Where a training desk on PostgreSQL has its rows: no house lies there, whatever database is written."""
_SEARCH_PATH = "-csearch_path="
STAYS_INSIDE = {"outbox": "file:outbox sms=file:outbox", "alerts": "", "openid": "", "openid_secret": ""}
"""What a training desk has whatever is written anywhere: nothing of it leaves the house."""


def load(workspace: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a workspace. Raises SettingsError when there is none, or when it cannot be followed."""
    file = workspace / FILE_NAME
    written = written_in(file)
    values = {key: expand(value, environment, f"{key} in {file}", workspace) for key, value in written.items()}
    is_training = values.get("training") == "yes"
    for key in KEYS:
        name = f"ONESTOP_{key.upper()}"
        if environment.get(name) and key != "training" and not (is_training and key in OWN):
            values[key] = expand(environment[name], environment, name, workspace)
    for key in ("objects", "records"):
        if key in values:
            values[key] = places.with_keys(values[key], environment)
    for key in ("secret", "identity_key", "openid_secret"):
        if key in values:
            values[key] = _secret(key, values[key], workspace, file)
    return Settings(workspace=workspace.resolve(), **{**values, **(STAYS_INSIDE if is_training else {})})


def resolve_url(url: str, base: Path) -> str:
    """A database address with a relative SQLite file made absolute; all others unchanged."""
    prefix, separator, path = url.partition(":///")
    if not separator or not prefix.startswith("sqlite") or not path or path.startswith(("/", ":memory:")):
        return url
    return f"{prefix}:///{(base / path).resolve()}"


def in_schema(url: str, schema: str) -> str:
    """A PostgreSQL address with this schema in place of any that it names; another address as it is."""
    if not url.startswith("postgresql"):
        return url
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        made = make_url(url)
    except ArgumentError:  # told by whoever opens it
        return url
    given = str(made.query.get("options", "")).split()
    options = " ".join([*(one for one in given if not one.startswith(_SEARCH_PATH)), f"{_SEARCH_PATH}{schema}"])
    return made.update_query_dict({"options": options}).render_as_string(hide_password=False)


def _is_in_schema(url: str) -> bool:
    """Does it name the schema of a training desk already, or the one that is filled beside it?"""
    return f"{_SEARCH_PATH}{TRAINING_SCHEMA}" in unquote(url)


def sqlite_file(url: str) -> Path | None:
    """The file behind a resolved SQLite address; None for any other database."""
    prefix, separator, path = url.partition(":///")
    return Path(path) if separator and prefix.startswith("sqlite") and path.startswith("/") else None


def _network(word: str, workspace: Path) -> str:
    """An address or network as it is compared: ``10.0.0.5``, ``10.0.0.0/24``."""
    try:
        return str(ipaddress.ip_network(word) if "/" in word else ipaddress.ip_address(word))
    except ValueError as error:
        raise SettingsError(
            f"proxies of workspace {workspace} names {word!r}, which is no address and no network ({error}); "
            "write the proxy's own address, such as 10.0.0.5, or its network, such as 10.0.0.0/24."
        ) from error


def written_in(file: Path) -> dict[str, str]:
    """The keys of an `onestop.toml` as they are written, all known and all text. Raises SettingsError."""
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


def _secret(key: str, value: str, workspace: Path, file: Path) -> str:
    """The secret itself, from its file when the value is ``file:PATH``."""
    if not value.startswith("file:"):
        return value
    path = workspace / value.removeprefix("file:")
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{key} in {file} names {path}, which cannot be read; make the file or correct its path."
        ) from error
    if not text:
        raise SettingsError(f"{key} in {file} names {path}, which is empty; put the secret into it.")
    return text
