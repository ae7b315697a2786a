"""What each of the four questions on a record is answered, for one viewer on one day: yes, or what is asked first.

May I know that it exists, read its description, read its text and images, get a copy of them (`Access`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Literal

from msgspec import Struct

from mappings.access import Access, Level, Viewer

Answer = Literal["yes", "sign_in", "onsite", "apply", "closed", "no"]
ANSWERS: tuple[Answer, ...] = ("yes", "sign_in", "onsite", "apply", "closed", "no")
"""From the loosest to the strictest."""
_REFUSED: dict[Level, Answer] = {
    "open": "yes",
    "registered": "sign_in",
    "onsite": "onsite",
    "restricted": "apply",
    "closed": "closed",
    "internal": "no",
}
"""What is answered to who is not among those a level lets in."""


class Answers(Struct, frozen=True):
    """The four answers."""

    know: Answer
    describe: Answer
    read: Answer
    copy: Answer


def rights(access: Access, viewer: Viewer, today: dt.date, where: Collection[str] = ()) -> Answers:
    """The answers for this viewer on that day, for a record that belongs there. None is looser than the one before."""
    know: Answer = "yes" if viewer.may_know(access) else "no"
    describe: Answer = "yes" if viewer.may_describe(access) else "no"
    read: Answer = "yes" if viewer.may_read(access, today, where) else stricter(describe, _REFUSED[access.value])
    if viewer.may_copy(access, today, where):
        return Answers(know, describe, read, "yes")
    copied = access.copy or access.value
    return Answers(know, describe, read, stricter(read, "yes" if viewer.lets_in(copied, where) else _REFUSED[copied]))


def stricter(one: Answer, other: Answer) -> Answer:
    """The stricter of two answers."""
    return max(one, other, key=ANSWERS.index)
