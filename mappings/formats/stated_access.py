"""What a list or a file beside pages states of access in fields of its own, beside who may read: the article, who may
have copies, who may read the description (``access_article``, ``access_copy``, ``access_describe``).

What nobody understands restricts, and is told.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from mappings.access import LEVELS, Access, only, together
from mappings.access_statements import copying
from mappings.record import Problem

FIELDS = ("access_article", "access_copy", "access_describe")
_HIDDEN = ("internal", "不公开", "不公開")
_DESCRIBE = {"open": "open", "公开": "open", "公開": "open"} | dict.fromkeys(_HIDDEN, "internal")


def with_fields(access: Access | None, one: Callable[[str], str | None]) -> tuple[Access | None, list[Problem]]:
    """The statement with what those fields say, and problems for words that are not known."""
    problems: list[Problem] = []
    found = [access, _copy(one("access_copy"), problems), _describe(one("access_describe"), problems)]
    whole = together(each for each in found if each is not None)
    article = one("access_article")
    return (structs.replace(whole, article=article) if whole is not None and article else whole), problems


def _copy(said: str | None, problems: list[Problem]) -> Access | None:
    if said is None:
        return None
    level = next((level for level in LEVELS if level == said), None)
    if level is not None:
        return only(copy=level)
    known = copying(said)
    if known is None:
        problems.append(_unknown("access_copy", said, f"copies are restricted until it is: {', '.join(LEVELS)}"))
    return known or only(copy="restricted", copy_reason=said)


def _describe(said: str | None, problems: list[Problem]) -> Access | None:
    if said is None:
        return None
    if said not in _DESCRIBE:
        problems.append(_unknown("access_describe", said, "the description is for staff until it is: open, internal"))
    return only(describe="open" if _DESCRIBE.get(said) == "open" else "internal")


def _unknown(field: str, said: str, what: str) -> Problem:
    before, _, known = what.partition(": ")
    return Problem("unknown-access", f"{field} {said[:80]!r} is not known; {before}", f"known: {known}", field=field)
