"""``volume.yml``: what somebody wrote down about the volume a folder of pages is."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import yaml

from mappings.access import LEVELS, Access
from mappings.formats.stated_access import FIELDS, with_fields
from mappings.formats.table.plan import IDENTIFIERS
from mappings.identifiers import typed
from mappings.record import Identifier, Problem, clean

SIDECAR = "volume.yml"
KEYS = frozenset({
    "title", "reference_code", "fonds", "dates", "level", "language", "access", "opens_on", "access_reason", "creator",
    "identifiers", "note", "scope_and_content", *FIELDS, *IDENTIFIERS,
})  # fmt: skip


class Statement:
    """The values of a sidecar file by key, each a list of texts."""

    def __init__(self, values: dict[str, list[str]] | None = None) -> None:
        self._values = values or {}

    def one(self, key: str) -> str | None:
        """The first value of a key."""
        return next(iter(self._values.get(key, ())), None)

    def all(self, key: str) -> list[str]:
        """All values of a key."""
        return self._values.get(key, [])

    def identifiers(self) -> tuple[Identifier, ...]:
        """Typed identifiers, by their key or by their form."""
        found = []
        for key in ("identifiers", *IDENTIFIERS):
            stated = None if key in ("identifiers", "identifier") else key
            found += [typed(value, stated) or Identifier(stated or "identifier", value) for value in self.all(key)]
        return tuple(found)

    def access(self) -> Access | None:
        """The access statement, checked when the file was read."""
        return with_fields(self._read_access(), self.one)[0]

    def _read_access(self) -> Access | None:
        value, opens_on = self.one("access"), self.one("opens_on")
        day = dt.date.fromisoformat(opens_on) if opens_on else None
        if value is None:
            return Access("closed", opens_on=day) if day else None
        return Access(cast(Any, value), self.one("access_reason"), day if value == "closed" else None)


def read_statement(payload: bytes, name: str) -> tuple[Statement, list[Problem]]:
    """What a sidecar file says, and what is wrong with it: text or lists of text under known keys."""
    try:
        loaded = yaml.safe_load(payload)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        place = getattr(error, "problem_mark", None)
        where = f"{name}, line {place.line + 1}" if place else name
        return Statement(), [Problem("bad-sidecar", "the file is not YAML", "one `key: value` on each line", where)]
    if loaded is None:
        return Statement(), []
    if not isinstance(loaded, dict):
        return Statement(), [Problem("bad-sidecar", "the file holds no keys", "one `key: value` on each line", name)]
    values: dict[str, list[str]] = {}
    problems = []
    for key, value in loaded.items():
        problem = _checked(str(key), value, values)
        if problem is not None:
            hint = f"known: {', '.join(sorted(KEYS))}" if key not in KEYS else "see docs/formats.md"
            problems.append(Problem("bad-sidecar", problem, hint, name, str(key)[:40]))
    return Statement(values), problems


def _checked(key: str, value: Any, values: dict[str, list[str]]) -> str | None:
    """Take a value over; or say why not."""
    if key not in KEYS:
        return f"the key {key[:40]!r} is not known"
    given = value if isinstance(value, list) else [value]
    texts = [text for item in given if _is_plain(item) and (text := clean(item))]
    if len(texts) != len(given):
        return f"{key} is neither a text nor a list of texts"
    if key == "access" and texts[0] not in LEVELS:
        values[key] = ["restricted"]  # somebody meant to restrict something
        return f"access {texts[0]!r} is not one of {', '.join(LEVELS)}; the volume is restricted until it is"
    if key in FIELDS and (wrong := with_fields(None, {key: texts[0]}.get)[1]):
        values[key] = texts
        return f"{wrong[0].reason}, {wrong[0].hint}"
    if key == "opens_on" and not _is_day(texts[0]):
        return f"opens_on {texts[0]!r} is not a day like 2031-12-31"
    values[key] = texts
    return None


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | dt.date) and not isinstance(value, bool)


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
