"""A promised date and how it was worked out, on plain pages."""

from __future__ import annotations

from dataclasses import dataclass

from search_ui.i18n import Translator
from service_desk.deadlines import Holiday, Promise


@dataclass(frozen=True, slots=True)
class Promised:
    """The date in words, and a sentence on how it came about."""

    due: str
    reason: str


def promised(promise: Promise, words: Translator) -> Promised:
    """What is said of it in the reader's language."""
    return Promised(
        _due(promise, words), f"{_counted(promise, words)}{_passed(promise, words)}{_basis(promise, words)}"
    )


def _due(promise: Promise, words: Translator) -> str:
    return words.moment(promise.at) if promise.at else words.date(promise.due)


def _counted(promise: Promise, words: Translator) -> str:
    start = words.date(promise.start)
    match promise.unit:
        case "hours":
            return words.n("{count} hour after it comes in.", "{count} hours after it comes in.", promise.days)
        case "months":
            return words.n("{count} month after {start}.", "{count} months after {start}.", promise.days, start=start)
        case "calendar_days":
            return words.n("{count} day after {start}.", "{count} days after {start}.", promise.days, start=start)
        case _:
            return words.n(
                "{count} working day after {start}, weekends left out.",
                "{count} working days after {start}, weekends left out.",
                promise.days,
                start=start,
            )


def _passed(promise: Promise, words: Translator) -> str:
    if not promise.skipped:
        return ""
    days = words.t(", ").join(f"{called(day, words)} {day.date:%m-%d}".strip() for day in promise.skipped)
    return " " + words.t("Holidays passed over: {days}.", days=days)


def called(day: Holiday, words: Translator) -> str:
    """What a day off is called: as the house does, else in English alone, since no other names are known."""
    return day.name if day.own or words.language == "en" else ""


def _basis(promise: Promise, words: Translator) -> str:
    return " " + words.t("By {provision}.", provision=promise.basis) if promise.basis else ""
