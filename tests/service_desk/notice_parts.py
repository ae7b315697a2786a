"""Notices for tests of one notice: readers are told of answers, not of filing."""

from __future__ import annotations

from service_desk.desk import Desk
from service_desk.rules import bundled_text
from service_desk.sending.rules import NoticeRules

TEXT = bundled_text(NoticeRules)


def without(text: str, *events: str) -> str:
    """The rules without these events."""
    for event in events:
        start = text.index(f"\n  {event}:\n") + 1
        lines = text[start:].split("\n")
        length = next(n for n, line in enumerate(lines[1:], 1) if not line.startswith("    "))
        text = text[:start] + "\n".join(lines[length:])
    return text


ANSWERS_ONLY = without(TEXT, "submitted", "accepted")


def only_answers(desk: Desk) -> None:
    """Bring them into force."""
    desk.rules.bring_into_force(NoticeRules, ANSWERS_ONLY, "test")
