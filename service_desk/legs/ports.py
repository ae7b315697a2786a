"""What relaying needs of others, as protocols that `onestop/` fills."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct

SECRET_LENGTH = 32
"""Characters that a secret has at least."""


class Reply(Struct, frozen=True):
    """What another house said: header names in lower case, the body whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Courier(Protocol):
    """Calls other houses."""

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", largest: int = ...) -> Reply:
        """The answer to one call, redirects not followed. Raises OSError, whose text can be shown, when there is none:
        no connection, too slow, more than `largest` bytes, an address that may not be called.
        """
        ...


@dataclass(frozen=True, slots=True)
class Relays:
    """How this house reaches others: by which courier, with which secrets (by the name of their variable), what it is
    called and where others find it (``https://archive.example``), empty when nobody said so.
    """

    courier: Courier | None = None
    secret: Callable[[str], str | None] = lambda name: None
    archive: Callable[[str], str] = lambda language: ""
    site: str = ""

    def secret_of(self, name: str) -> bytes | None:
        """A secret that is long enough; None when there is none."""
        found = self.secret(name) or ""
        return found.encode() if len(found) >= SECRET_LENGTH else None
