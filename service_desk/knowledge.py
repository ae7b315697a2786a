"""What the desk asks of search and of the rules for personal data, as protocols that `onestop/` fills.

The desk goes on without any of them: each may raise `errors.Unavailable`, or give nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Protocol

from msgspec import Struct

from mappings.access import Viewer
from service_desk.ports import FrozenHit

AlternativeKind = Literal["same", "similar", "holder", "opens"]
MOST_ALTERNATIVES: Final = 5


class Alternative(Struct, frozen=True):
    """Something a reader can have, or do, where what they asked for is refused.

    `kind`: ``same`` the same record in another way (its de-identified copy, after signing in, in the reading room);
    ``similar`` another record, of the same matter, that this reader may read; ``holder`` somebody who may grant access
    or has a copy; ``opens`` the day on which it opens (`day`, ISO) by which `article`. `reason` is a code that screens
    put into words (`REASONS`); `path` leads there: an address of ours, or one on the web. `words` are what the reason
    speaks of: names both records have, papers to bring.
    """

    kind: AlternativeKind
    id: str
    title: str
    path: str
    reason: str
    holder: str | None = None
    day: str | None = None
    article: str | None = None
    words: tuple[str, ...] = ()


REASONS: Final[tuple[str, ...]] = (
    "deidentified",
    "read_now",
    "on_the_web",
    "open_elsewhere",
    "sign_in",
    "onsite",
    "reading_room",
    "same_names",
    "same_fonds",
    "same_words",
    "grants_access",
    "held_elsewhere",
    "opens_on",
)


class Alternatives(Protocol):
    """What a reader can have in place of what is refused."""

    def for_hit(self, hit: FrozenHit, reader: Viewer) -> tuple[Alternative, ...]:
        """At most `MOST_ALTERNATIVES`, what can be had at once first. Nothing that this reader may not know of.

        `reader` is who asked, not the member of staff who answers. Raises `errors.Unavailable`.
        """
        ...


class Place(Struct, frozen=True):
    """Where words are found most: `kind` is ``theme``, ``fonds`` or ``holder``, `name` which, `count` how many
    records, of `total` in all.
    """

    kind: Literal["theme", "fonds", "holder"]
    name: str
    count: int
    total: int


class Finder(Protocol):
    """Where the holdings have what somebody writes of."""

    def places(self, text: str, reader: Viewer) -> tuple[Place, ...]:
        """The fullest place of each kind, as this reader finds it. Raises `errors.Unavailable`."""
        ...


class Personal(Protocol):
    """The rules that find personal data in a text."""

    def spans(self, text: str) -> Sequence[tuple[int, int, str]]:
        """Start, end and kind (``name``, ``phone``, ...) of each. Raises `errors.Unavailable`."""
        ...

    def masked(self, text: str) -> str:
        """The text with a word for its kind in place of each. Raises `errors.Unavailable`."""
        ...


class Knowledge(Struct, frozen=True):
    """The ports together; None: there is nobody to ask."""

    alternatives: Alternatives | None = None
    finder: Finder | None = None
    personal: Personal | None = None
