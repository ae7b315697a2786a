"""A transport that tells what a test has written down for it, in that order: what real servers do not do on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import BaseModel

from connectors.base import Checkpoint, Listed, RawItem, SkipItem


@dataclass
class Script:
    """What a source tells: entries, and errors to raise once instead of the entry at a place."""

    entries: list[Listed] = field(default_factory=list)
    errors: dict[int, Exception] = field(default_factory=dict)
    keys: list[str] | None = None
    complete: bool = False
    asked: list[str | None] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    fetched: dict[str, bytes] = field(default_factory=dict)
    barrier: threading.Barrier | None = None
    separate: bool = True


SCRIPTS: dict[str, Script] = {}
"""By the name that a source's settings give."""


class ScriptedSettings(BaseModel):
    script: str


class Scripted:
    """Transport ``scripted``; a cursor is the place to go on from."""

    settings_model = ScriptedSettings
    remote = True

    def __init__(self, settings: ScriptedSettings, base: Path) -> None:
        self._script = SCRIPTS[settings.script]
        self.complete = False
        self.separate = self._script.separate

    def read(self, cursor: str | None) -> Iterator[Listed]:
        script = self._script
        script.asked.append(cursor)
        if script.barrier:
            script.barrier.wait(timeout=60)
        self.complete = script.complete and cursor is None
        for at in range(int(cursor or 0), len(script.entries)):
            if error := script.errors.pop(at, None):
                raise error
            yield script.entries[at]
        if error := script.errors.pop(len(script.entries), None):
            raise error

    def next_cursor(self) -> str | None:
        return None if self._script.complete else str(len(self._script.entries))

    def keys(self) -> Iterator[str]:
        if self._script.keys is not None:
            return iter(self._script.keys)
        return iter([entry.key for entry in self._script.entries if isinstance(entry, RawItem)])

    def fetch(self, key: str) -> BinaryIO:
        if key not in self._script.fetched:
            raise SkipItem(f"there is no {key!r}")
        return BytesIO(self._script.fetched[key])


def item(key: str, text: str, token: str | None = None) -> RawItem:
    """An item with these bytes."""
    body = text.encode()
    return RawItem(key, partial(BytesIO, body), len(body), token=token)


def unopened(key: str, token: str) -> RawItem:
    """An item that must not be opened."""
    return RawItem(key, partial(_refuse, key), 10, token=token)


def row(key: str, **columns: Any) -> RawItem:
    """A row of a database."""
    values = {"id": key, **columns}
    return RawItem(key, partial(BytesIO, json.dumps(values).encode()), row=values)


def checkpoint(at: int) -> Checkpoint:
    """A run may start at this place."""
    return Checkpoint(str(at))


def _refuse(key: str) -> BinaryIO:
    raise SkipItem(f"{key} was opened")
