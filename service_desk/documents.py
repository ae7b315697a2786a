"""Identity documents: their numbers are compared and never kept. What is kept is a digest under a key of the
installation, slow to compute, and the last characters, by which people recognise their own.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from functools import cached_property
from typing import Literal, get_args

from msgspec import Struct
from stdnum.cn import ric

from service_desk.errors import Invalid

DocumentKind = Literal["cn_id", "passport", "permit", "other"]
KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)
SHORTEST, LONGEST = 5, 40
LAST = 4
_COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32, "maxmem": 64 * 2**20}
"""scrypt as OWASP's lower bound has it with 16 MiB: some 50 ms, so that a stolen key and database still cost."""


class Seen(Struct, frozen=True):
    """What is kept of a document: `digest` in hex, and the last characters of its number."""

    kind: DocumentKind
    digest: str
    last: str


class Documents:
    """Digests of document numbers under the key of this installation."""

    def __init__(self, key: Callable[[], str]) -> None:
        """`key` is asked for when the first document is seen: a house that sees none needs none."""
        self._ask = key

    @cached_property
    def _key(self) -> bytes:
        return self._ask().encode()

    def seen(self, kind: str, number: str) -> Seen:
        """What is kept of a document. Raises Invalid for a number that cannot be; that of a Chinese identity card has
        to fit its check digit (GB 11643).
        """
        known = next((each for each in KINDS if each == kind), None)
        if known is None:
            raise Invalid.one("kind", f"one of {', '.join(KINDS)}")
        written = _written(known, number)
        salt = hmac.new(self._key, known.encode(), hashlib.sha256).digest()
        digest = hashlib.scrypt(written.encode(), salt=salt, **_COST)
        return Seen(known, digest.hex(), written[-LAST:])

    def possible(self, number: str) -> list[Seen]:
        """The documents of every kind that may have this number; none for what is no number."""
        found = []
        for kind in KINDS:
            try:
                found.append(self.seen(kind, number))
            except Invalid:
                continue
        return found


def _written(kind: DocumentKind, number: str) -> str:
    """The number in the one way of writing it."""
    folded = unicodedata.normalize("NFKC", number[:200]).upper()
    written = "".join(char for char in folded if char.isalnum())
    if not (SHORTEST <= len(written) <= LONGEST and written.isascii() and any(char.isdigit() for char in written)):
        raise Invalid.one("number", f"{SHORTEST} to {LONGEST} letters and digits")
    if kind == "cn_id" and not ric.is_valid(written):
        raise Invalid.one("number", "no number of an identity card: compare it with the card once more")
    return written
