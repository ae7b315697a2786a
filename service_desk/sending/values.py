"""What a notice may say of a request beside its code and title: by when, and how much."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency, get_currency_precision

from service_desk.deadlines import Calendar
from service_desk.forms import language_or
from service_desk.materials import Materials
from service_desk.models import Event, Request
from service_desk.printed.days import written
from service_desk.printed.sheets import Language

_LOCALES: dict[Language, str] = {"en": "en", "zh-Hans": "zh_Hans_CN", "zh-Hant": "zh_Hant_TW"}


def values_of(
    request: Request, calendar: Calendar, materials: Materials, language: Language | None = None
) -> dict[str, str]:
    """`due`, the last day of what is waited for; `amount`, what the newest estimate comes to; `missing`, what was asked
    of the reader and how to supply it, a line each. Left out where there is none. In the reader's language, unless
    somebody else is told of it.
    """
    language = language or language_or(request.language, "en")
    found = {}
    if request.due is not None:  # the moment after the last day
        found["due"] = written(calendar.last_day(request.due), language)
    asked = [event.payload for event in request.events if event.what == "materials_asked"]
    if asked:
        found["missing"] = _missing(asked[-1], materials, language)
    quoted = [event.payload for event in request.events if event.what == "quoted" and event.payload.get("lines")]
    if quoted:
        found["amount"] = _amount(quoted[-1], language)
    return found


def relayed(event: Event, language: str) -> dict[str, str]:
    """`due`, the day by which the reader has word of another house, of the event that tells so; else nothing."""
    by = event.payload.get("by") if event.what == "relayed" else None
    return {"due": written(dt.date.fromisoformat(by), language_or(language, "en"))} if by else {}


def _missing(asked: dict[str, Any], materials: Materials, language: Language) -> str:
    between = ": " if language == "en" else "："
    return "\n".join(
        f"- {materials.title(code, language)}{between}{materials.how(code, language)}"
        for code in asked.get("missing", ())
    )


def _amount(estimate: dict[str, Any], language: Language) -> str:
    currency = str(estimate.get("currency", "CNY"))
    total = sum(int(line["count"]) * int(line["price"]) for line in estimate["lines"])
    return format_currency(
        Decimal(total).scaleb(-get_currency_precision(currency)), currency, locale=_LOCALES[language]
    )
