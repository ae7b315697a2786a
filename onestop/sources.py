"""Source files: `sources/NAME.yml`, one small file a source, checked before anything is fetched.

The connector checks `settings` itself; here stands what every source has. The name of a source is the stem of its file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from connectors.registry import CONNECTORS
from mappings import crosswalks, made
from mappings.access import LEVELS, Level
from mappings.mistakes import nearest
from mappings.registry import MAPPINGS
from onestop import yaml_files
from onestop.addresses import expand
from onestop.errors import SettingsError, UnknownName
from onestop.settings import SOURCES
from pipelines.source import Errors, SourceSpec

_NAME = re.compile(r"\w[\w.-]*")
_Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, frozen=True)


class Expect(_Part):
    """How many records a healthy run of the source finds."""

    min_records: int | None = Field(default=None, ge=0)
    max_records: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Expect:
        if self.min_records is not None and self.max_records is not None and self.min_records > self.max_records:
            raise ValueError(f"min_records {self.min_records} is more than max_records {self.max_records}")
        return self


class ErrorBudget(_Part):
    """How much may fail before the source is stopped: items and records in all, one after the other, as a share."""

    total: int | None = Field(default=None, ge=1)
    in_a_row: int | None = Field(default=1000, ge=1)
    share: float | None = Field(default=None, gt=0, le=1)


class SourceFile(_Part):
    """What a source file says (README, "A source file")."""

    title: _Text
    connector: _Text
    mapping: _Text
    holder: str | None = None
    access: Level | None = None
    settings: dict[str, Any] = {}
    columns: dict[str, _Text | list[_Text]] = {}
    values: dict[str, dict[str, str]] = {}
    split: dict[str, _Text] = {}
    fixed: dict[str, str] = {}
    crosswalk: _Text | None = None
    expect: Expect = Expect()
    errors: ErrorBudget = ErrorBudget()
    reconcile: float = Field(default=7, gt=0)
    patience: float = Field(default=10, ge=0)
    ocr: _Text | None = None
    enrich: bool = True

    def spec(self, name: str, workspace: Path) -> SourceSpec:
        """The same for the nightly run."""
        said = self.model_dump(exclude={"expect", "errors"})
        errors = Errors(**self.errors.model_dump())
        return SourceSpec(name=name, base=workspace, errors=errors, **said, **self.expect.model_dump())


def names(workspace: Path) -> list[str]:
    """The names of all sources of a workspace, sorted."""
    return sorted(file.stem for file in _files(workspace))


def load_sources(workspace: Path, wanted: Iterable[str], environment: Mapping[str, str]) -> dict[str, SourceSpec]:
    """The wanted sources (all, when none is named), by name, each once. Raises UnknownName or SettingsError."""
    files = {file.stem: file for file in _files(workspace)}
    chosen = list(dict.fromkeys(wanted)) or sorted(files)
    for name in chosen:
        if name not in files:
            raise UnknownName(f"There is no source {name!r} in {workspace / SOURCES}: {nearest(name, files)}")
    return {name: load_source(files[name], environment).spec(name, workspace) for name in chosen}


def source_file(workspace: Path, name: str) -> Path:
    """The file of a source that there is."""
    return next(file for file in _files(workspace) if file.stem == name)


def load_source(file: Path, environment: Mapping[str, str]) -> SourceFile:
    """One source file. Raises SettingsError naming the file, the key and what to do."""
    if not _NAME.fullmatch(file.stem):
        raise SettingsError(
            f"{file}: a source is named after its file, by letters, digits, - . and _; rename the file."
        )
    if file.stem == made.SOURCE:
        raise SettingsError(f"{file}: copies made to order are a source of this name; give the file another one.")
    content = yaml_files.read(file, "title: Papers in the east wing")
    try:
        source = SourceFile.model_validate(_expanded(content, environment, file))
    except ValidationError as error:
        raise SettingsError(_message(file, error)) from error
    for key, name, known in (
        ("connector", source.connector, CONNECTORS),
        ("mapping", source.mapping, MAPPINGS),
        ("crosswalk", source.crosswalk, crosswalks.names()),
    ):
        if name is not None and name not in known:
            raise SettingsError(f"{file} names an unknown {key} {name!r}: {nearest(name, known)}")
    return source


def _files(workspace: Path) -> list[Path]:
    return yaml_files.in_folder(workspace / SOURCES)


def _expanded(value: Any, environment: Mapping[str, str], file: Path) -> Any:
    """The same content with what ``${NAME}`` and ``${file:PATH}`` stand for in every text."""
    if isinstance(value, str):
        return expand(value, environment, str(file), file.parent.parent)
    if isinstance(value, dict):
        return {key: _expanded(inner, environment, file) for key, inner in value.items()}
    if isinstance(value, list):
        return [_expanded(inner, environment, file) for inner in value]
    return value


def _message(file: Path, error: ValidationError) -> str:
    """The first thing wrong, a misspelt key before the one that is missing for it. Values stay out of it: an address
    may hold a password.
    """
    errors = error.errors(include_url=False, include_input=False)
    first = next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])
    path = [str(part) for part in first["loc"] if part != "[key]"]
    key = ".".join(path)
    if first["type"] == "extra_forbidden":
        parts: dict[str, type[BaseModel]] = {"expect": Expect, "errors": ErrorBudget}
        known = parts.get(path[0], SourceFile).model_fields
        return f"{file} has an unknown key {key!r}: {nearest(path[-1], known)}"
    if first["type"] == "missing":
        return f"{file} has no {key!r}; add a line `{key}: ...`."
    if path[:1] == ["access"]:
        return f"{file}: access must be one of {', '.join(LEVELS)}."
    return f"{file}: {key or 'the file'} is wrong: {first['msg']}. What YAML reads as yes, no or a date needs quotes."
