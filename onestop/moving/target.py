"""Where a workspace is to go: addresses as they were written, what they change, and `onestop.toml` with them in it."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from onestop import addresses
from onestop.errors import SettingsError
from onestop.places import is_within
from onestop.settings import FILE_NAME, Settings, written_in

PARTS = ("records", "objects", "engine", "database")
"""The addresses that name where things are kept, in the order in which they are moved."""
_PLACEHOLDER = re.compile(r"(\$\{[^}]*\})+")


def wanted(to: Path | None, given: Mapping[str, str | None]) -> dict[str, str]:
    """The new addresses, as written: those of a file like `onestop.toml`, and over them those that were `given`.

    Raises SettingsError when there are none.
    """
    if to is not None and not to.is_file():
        raise SettingsError(f"There is no file {to}; --to names a file with lines like those of {FILE_NAME}.")
    found = written_in(to) if to is not None else {}
    found |= {key: value for key, value in given.items() if value}
    chosen = {key: found[key] for key in PARTS if key in found}
    if not chosen:
        raise SettingsError(
            "Nothing is to be moved; name a new address with --records, --objects, --database or --engine, "
            "or a file that holds them with --to."
        )
    return chosen


def shown(address: str) -> str:
    """An address as it may be told: as it is where variables stand for its secrets, else with *** in their place."""
    return address if all(map(_PLACEHOLDER.fullmatch, _secrets(address))) else addresses.shown(address)


def _secrets(address: str) -> list[str]:
    """The parts of an address that are not to be told."""
    _, separator, rest = address.partition("://")
    login, at, place = rest.rpartition("@")
    user, colon, password = login.partition(":")
    named = [
        parameter
        for parameter in place.partition("?")[2].split("&")
        if addresses.shown(f"x://?{parameter}")[5:] != parameter
    ]
    told = [parameter.partition("=")[2] for parameter in named]
    return [*told, password if colon else user] if separator and at else told


def changed(now: Settings, then: Settings) -> list[str]:
    """The parts that lie elsewhere then, not only under another name of the same place."""
    return [part for part in PARTS if _place(now, part) != _place(then, part)]


def check_apart(now: Settings, then: Settings) -> None:
    """Raises SettingsError when a new place lies within another one, or another one in it."""
    for part in set(changed(now, then)) & {"records", "objects"}:
        new = then.place(part)
        for other, settings in (("records", now), ("objects", now), ("records", then), ("objects", then)):
            old = settings.place(other)
            same = settings is then and other == part
            if not same and (is_within(new, old) or is_within(old, new)):
                raise SettingsError(
                    f"The new place of {part}, {new}, and {old} lie one in the other; name a place of its own."
                )


def _place(settings: Settings, part: str) -> object:
    """Where a part lies, whoever asks for it there."""
    if part == "engine":
        return settings.engine
    if part == "database":
        from sqlalchemy import make_url

        url = make_url(settings.database_url)
        return url.get_backend_name(), url.host, url.port, url.database
    place = settings.place(part)
    return place.resolve() if isinstance(place, Path) else (place.endpoint, place.name, place.prefix)


def check_switch(written: Mapping[str, str], environment: Mapping[str, str]) -> None:
    """Raises SettingsError when the environment says where a part is: a new line in `onestop.toml` changes nothing."""
    for key in written:
        if environment.get(f"ONESTOP_{key.upper()}"):
            raise SettingsError(
                f"ONESTOP_{key.upper()} is set, and wins over {FILE_NAME}: leave --switch out, and change it there."
            )


def switch(workspace: Path, written: Mapping[str, str]) -> Path:
    """Write the new addresses into `onestop.toml`; the file in which the old ones are kept.

    The kept one names every part, so that it can be given to --to on the way back. Raises SettingsError, OSError.
    """
    file = workspace / FILE_NAME
    old = file.read_text(encoding="utf-8-sig")
    before = written_in(file)
    new = _with(old, written)
    if tomllib.loads(new) != before | dict(written):
        raise SettingsError(f"{file} cannot be changed line by line; put the new addresses into it yourself.")
    stated = {key.name: str(key.default) for key in fields(Settings) if key.name in PARTS and key.name not in before}
    kept = workspace / f"onestop.before-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}.toml"
    _write(kept, _with(old, stated), file)
    _write(file, new, file)
    return kept


def _with(text: str, values: Mapping[str, str]) -> str:
    """The text of an `onestop.toml` with these values: in the line of each key, else in a line at the end."""
    lines = text.rstrip().split("\n")
    for key, value in values.items():
        line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        at = next((n for n, old in enumerate(lines) if re.match(rf"[ \t]*{key}[ \t]*=", old)), None)
        if at is None:
            lines.append(line)
        else:
            lines[at] = line
    return "\n".join(lines) + "\n"


def _write(file: Path, text: str, like: Path) -> None:
    """Whole or not at all, with the rights of another file: there may be a password in it."""
    beside = file.with_name(f".{file.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, like.stat().st_mode & 0o777)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(file)
