"""A proposed crosswalk as a source file: the source as it is, and below it the columns, each with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from onestop.errors import SettingsError
from onestop.sources import load_source

Json = Mapping[str, Any]
_LONGEST_LINE = 160
_COMMENT_AT = 50


def write_source(original: Path, report: Json, file: Path, environment: Mapping[str, str]) -> None:
    """Write the source file `original` with what `report` (of `source check`) proposes into the new file `file`.

    Raises SettingsError when there is nothing to propose, the file exists or cannot be written, or would not be a
    source file.
    """
    text = source_text(original.read_text(encoding="utf-8-sig"), report)
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise SettingsError(f"{file} exists already; name a new file, or take it away.") from None
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}.") from error
    try:
        load_source(file, environment)
    except SettingsError:
        file.unlink()
        raise


def source_text(original: str, report: Json) -> str:
    """The text of the new source file. Raises SettingsError when there is nothing to propose."""
    if report["proposal"] is not None:
        lines = _columns(report["source"], report["proposal"], len(report["items"]) > 1)
    elif report["crosswalk"] is not None and "crosswalk" not in _keys(original):
        lines = iter([f"crosswalk: {report['crosswalk']}   # its headers tell it"])
    else:
        raise SettingsError(
            f"There is nothing to propose for {report['source']!r}: it says its columns already, or has no table."
        )
    return "\n".join([original.rstrip(), "", *lines, ""])


def _keys(text: str) -> set[str]:
    return {line.partition(":")[0] for line in text.splitlines()}


def _columns(source: str, proposal: Json, several: bool) -> Iterator[str]:
    chosen = [column for column in proposal["columns"] if column["field"] is not None]
    yield _line(f"# Proposed by `onestop source check {source}` from the first rows of {proposal['item']}.")
    yield "# How sure each column is stands in brackets, 1 being certain. Correct them, then `onestop sync`."
    if several:
        yield "# Files with other columns need a source of their own: settings, glob."
    yield "columns:" if chosen else "columns: {}"
    yield from _id_by_code(chosen)
    for field in dict.fromkeys(column["field"] for column in chosen):
        yield from _field(field, [column for column in chosen if column["field"] == field])
    splits = {column["field"]: column["split"] for column in chosen if column["split"]}
    if splits:
        yield f"split: {json.dumps(splits, ensure_ascii=False)}"
    left = [column for column in proposal["columns"] if column["field"] is None]
    if left:
        yield "# Left among the values, under their own headers, where they are searched and shown as well:"
        yield from (_line(f"# - {column['header']}: {column['why']}") for column in left)


def _id_by_code(chosen: Iterable[Json]) -> Iterator[str]:
    """Where no column is an id, a reference code that does not repeat is: it keeps rows apart when lines move."""
    fields = {column["field"]: column for column in chosen}
    code = fields.get("reference_code")
    if "id" not in fields and code is not None and code.get("unique"):
        yield f"  id: {_quoted(code['header'])}".ljust(_COMMENT_AT) + " # no column is an id, and no code repeats"


def _field(field: str, columns: Iterable[Json]) -> Iterator[str]:
    listed = list(columns)
    if len(listed) == 1:
        yield _reasoned(f"  {field}: {_quoted(listed[0]['header'])}", listed[0])
        return
    yield f"  {field}:"
    for column in listed:
        yield _reasoned(f"    - {_quoted(column['header'])}", column)


def _quoted(header: str) -> str:
    """A header as YAML that nobody takes for something else: a number, a date, yes."""
    return json.dumps(header, ensure_ascii=False)


def _reasoned(line: str, column: Json) -> str:
    return f"{line:{_COMMENT_AT}} # " + _line(f"{column['why']} ({column['confidence']})")


def _line(text: str) -> str:
    """Text that stays on its line."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:_LONGEST_LINE]
