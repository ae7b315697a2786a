"""What stands in a value of `onestop.toml` or of a source file for something else, and how an address is shown.

``${NAME}`` is taken from the environment, ``${file:PATH}`` from a file. In an address (``scheme://...``), what stands
for a user, a password or the value of a parameter is percent-encoded, so that it may hold any character; elsewhere, and
where a variable is the whole address, it is put in as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from onestop.errors import SettingsError

HIDDEN = "***"
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_WORD = re.compile(r"(?:\$\{[^}]*\}|\S)+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SECRET = re.compile(r"key|secret|pass|pwd|token|sig|cred|auth", re.IGNORECASE)
"""In the name of a parameter: its value is not shown."""


def expand(value: str, environment: Mapping[str, str], where: str, base: Path | None = None) -> str:
    """The value with what its variables stand for; `where` says in a message whose value it is, and the files of
    ``${file:PATH}`` lie in `base`. Raises SettingsError for what is not there.
    """
    encoded = {place for word in _WORD.finditer(value) for place in _secret_places(word[0], word.start())}

    def replace(match: re.Match[str]) -> str:
        said = _content(match[1], environment, where, base or Path())
        return quote(said, safe="") if match.start() in encoded else said

    return _VARIABLE.sub(replace, value)


def shown(address: str) -> str:
    """An address as it may be told: a password, and the value of a parameter that is named like a secret, are ***."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        return address
    login, at, place = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    told = f"{user}:{HIDDEN}@" if colon else f"{HIDDEN}@" if at else ""
    path, question, query = place.partition("?")
    return f"{scheme}://{told}{path}{question}{'&'.join(map(_shown_parameter, query.split('&')))}"


def _shown_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    return f"{name}={HIDDEN}" if equals and _SECRET.search(name) else parameter


def _secret_places(word: str, offset: int) -> list[int]:
    """Where in the whole value those variables of an address begin that stand for a user, a password or the value of a
    parameter.
    """
    scheme = _SCHEME.match(word)
    if not scheme:
        return []
    plain = _VARIABLE.sub(lambda match: "x" * len(match[0]), word)
    ends = [plain.find(sign, scheme.end()) for sign in "/?#"]
    end = min((place for place in ends if place >= 0), default=len(plain))
    login = plain.rfind("@", scheme.end(), end)
    query = plain.find("?", scheme.end())
    return [
        offset + match.start()
        for match in _VARIABLE.finditer(word, scheme.end())
        if match.start() < login or (0 <= query < match.start() and _is_value(plain, query, match.start()))
    ]


def _is_value(plain: str, query: int, place: int) -> bool:
    """Does ``name=`` stand before this place of a query?"""
    return "=" in plain[max(query, plain.rfind("&", query, place)) : place]


def _content(name: str, environment: Mapping[str, str], where: str, base: Path) -> str:
    """What a variable stands for."""
    if name.startswith("file:"):
        return _read(base / name.removeprefix("file:"), where)
    if name not in environment:
        raise SettingsError(
            f"{where} uses ${{{name}}}, but the environment variable {name} is not set; set it or write the value."
        )
    return environment[name]


def _read(file: Path, where: str) -> str:
    """The content of a file without the line end that editors put there."""
    try:
        text = file.read_text(encoding="utf-8-sig").rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(
            f"{where} names the file {file}, which cannot be read: {reason}; make it or correct its path."
        ) from None
    if not text:
        raise SettingsError(f"{where} names the file {file}, which is empty; put the secret into it.")
    return text
