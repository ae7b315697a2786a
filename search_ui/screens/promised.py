"""A promised date and how it was worked out, on the screens of staff."""

from __future__ import annotations

from typing import Any

from search_ui.i18n import Translator


def promised(promise: Any, words: Translator) -> dict[str, Any]:
    """The date, and a sentence, in the reader's language."""
    reason = words.n(
        "{count} working day after {start}, weekends left out.",
        "{count} working days after {start}, weekends left out.",
        promise.days,
        start=words.date(promise.start),
    )
    passed = "、".join(f"{day.name} ({day.date.isoformat()})" for day in promise.skipped)
    if passed:
        reason += " " + words.t("Holidays passed over: {days}.", days=passed)
    return {"due": words.date(promise.due), "reason": reason}
