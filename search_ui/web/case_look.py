"""What the sections of the page of a case are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from search_ui.web.render import Here
from service_desk.called import Called
from service_desk.ports import FrozenHit
from service_desk.views import Case

Json = dict[str, Any]
RECORDS: Final = 20
"""Records of one request that are offered to be kept of."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An act that was not done: which, the sentence that says why, the fields it is about, and what was typed."""

    act: str
    sentence: str
    fields: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    code: int = 422


@dataclass(frozen=True)
class Look:
    """A case as somebody looks at it, in the words of their language."""

    context: Here
    case: Case
    called: Called
    failed: Failed | None = None

    def may(self, act: str) -> bool:
        """Is this act offered now?"""
        return act in self.case.actions

    @cached_property
    def keeps(self) -> tuple[FrozenHit, ...]:
        """The records of which a copy may be kept for everyone; search is asked for them, once for a page."""
        return self.context.services.desk.made.offered(self.case.receipt, self.context.viewer)[:RECORDS]


class Section(NamedTuple):
    """A part of the page: its template, and what gives its values; None where there is nothing to show."""

    template: str
    values: Callable[[Look], Json | None]


def drawn(sections: tuple[Section, ...], look: Look) -> list[tuple[str, Json]]:
    """The templates of those that have something to show, each with its values."""
    filled = ((section.template, section.values(look)) for section in sections)
    return [(template, values) for template, values in filled if values is not None]
