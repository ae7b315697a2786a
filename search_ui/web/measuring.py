"""``/indicators``: how the desk does, by month, quarter or year; each number with its definition and the cases it was
counted from. For managers and coordinators.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from msgspec import Struct, structs
from starlette.requests import Request
from starlette.responses import Response

from search_ui import paths
from search_ui.i18n import Translator
from search_ui.web.guarded import only
from search_ui.web.measured_charts import course_line, handling_chart
from search_ui.web.render import Here, here, page
from service_desk.deadlines import ONE_DAY, Limit
from service_desk.errors import Invalid
from service_desk.indicators.definitions import DEFINITIONS, HANDLING_BY, Definition, Figure, Outcomes
from service_desk.indicators.periods import FIRST_YEAR, KINDS, LAST_YEAR, Period
from service_desk.indicators.service import Group, Report, Selection
from service_desk.indicators.weak import DIMENSIONS, AskedFor, Late, WeakPoint

SIZE: Final = 50
_LOWER_IS_BETTER: Final = frozenset({"handling", "visits"})
_see = only("indicators.see")


class Names(Struct, frozen=True):
    """What types, departments and themes are called by whoever looks."""

    type: Callable[[str], str]
    department: Callable[[str], str]
    theme: Callable[[str], str]
    material: Callable[[str], str]


@_see
def shown(request: Request) -> Response:
    """The numbers of a period, and what one can do about them."""
    context = here(request)
    selection, failed = _selection(request, context)
    told = context.services.desk.indicators.report(context.viewer, selection)
    names, words = _names(context), context.words
    values = {
        "selection": selection,
        "failed": failed,
        "nothing": not sum(structs.astuple(told.outcomes)),
        "numbers": [_number(one, told, words) for one in DEFINITIONS if one.key != "visits" or _has_visits(told)],
        "periods": _periods(context, selection),
        "choices": [_choice(by, told, selection, names) for by in DIMENSIONS],
        "handling": [_handling(group, names.type, words) for group in told.groups["type"] if group.spread.n],
        "chart": handling_chart(told.groups["type"], words.number),
        "handling_says": HANDLING_BY.in_language(words.language),
        "outcomes": structs.asdict(told.outcomes),
        "satisfied": _said(told.satisfied, "share", words),
        "tables": [(by, [_row(group, getattr(names, by), words) for group in told.groups[by]]) for by in DIMENSIONS],
        "weak": [_weak(point, names, words) for point in told.weak],
        "course": _course(told, words, context.services.desk.indicators.today()),
    }
    return page(request, "indicators.html", 422 if failed else 200, link=_linker(selection), **values)


@_see
def cases(request: Request) -> Response:
    """``/indicators/cases``: what a number (``of``) was counted from."""
    context = here(request)
    selection, failed = _selection(request, context)
    of, given = request.query_params.get("of", "all"), request.query_params.get("page", "")
    at = min(max(int(given), 1), 10_000) if given.isascii() and given.isdecimal() and len(given) < 6 else 1
    try:
        found = context.services.desk.indicators.cases(context.viewer, selection, of, size=SIZE, offset=(at - 1) * SIZE)
    except Invalid:
        return page(request, "not_found.html", 404)
    names = _names(context)
    values = {"found": found, "of": _of_called(of, names, context), "selection": selection, "names": names}
    told = [getattr(names, by)(value) for by, value in selection.narrowed() if value is not None]
    more = at * SIZE < found.total
    return page(
        request,
        "indicator_cases.html",
        422 if failed else 200,
        **values,
        narrowed=told,
        at=at,
        more=more,
        link=_linker(selection, of=of),
    )


@_see
def export(request: Request) -> Response:
    """``/indicators.csv``: the same numbers as rows. That they were taken is kept."""
    context = here(request)
    selection, failed = _selection(request, context)
    if failed:
        return page(request, "not_found.html", 404)
    desk = context.services.desk
    rows = desk.indicators.rows(context.viewer, selection)
    asked = _linker(selection)(paths.INDICATORS)
    desk.audit.saw(context.viewer, "data.export", asked[:300])
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["period", "by", "value", "what", "number", "n"])
    for row in rows:
        number = "" if row.number is None else round(row.number, 4)
        writer.writerow([selection.period.name, row.by, _plain(row.value), row.what, number, row.n])
    headers = {
        "content-disposition": f'attachment; filename="indicators-{selection.period.name}.csv"',
        "cache-control": "private, no-store",
    }
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _selection(request: Request, context: Here) -> tuple[Selection, bool]:
    """What the address asks for; this year when it names no period, and whether it named one that is none."""
    asked = request.query_params
    narrowed = {by: asked.get(by, "")[:100] or None for by in DIMENSIONS}
    today = context.services.desk.indicators.today()
    try:
        named = asked.get("period", "")
        return Selection(Period.named(named) if named else Period.of("year", today), **narrowed), False
    except Invalid:
        return Selection(Period.of("year", today), **narrowed), True


def _linker(selection: Selection, **more: str) -> Callable[..., str]:
    """Makes addresses of the same selection with changes; what is None is left out."""
    base: dict[str, object] = {"period": selection.period.name, **more}
    base.update(selection.narrowed())

    def link(path: str, **changes: object) -> str:
        given = {key: value for key, value in {**base, **changes}.items() if value not in (None, "")}
        return f"{path}?{urlencode(given)}"

    return link


def _periods(context: Here, selection: Selection) -> dict[str, Any]:
    """The kinds of periods, each as the one that the end of this one lies in or today does; before and after."""
    now, today = selection.period, context.services.desk.indicators.today()
    day = min(max(now.first, today), now.end - ONE_DAY)
    kinds = [(kind, Period.of(kind, day).name, kind == now.kind) for kind in KINDS]
    before, after = now.moved(-1), now.moved(1)
    return {
        "kinds": kinds,
        "before": before.name if before.year >= FIRST_YEAR else None,
        "after": after.name if after.first <= today and after.year <= LAST_YEAR else None,
    }


def _names(context: Here) -> Names:
    called = context.services.desk.called(context.language)

    def theme(name: str) -> str:
        found = context.services.themes.get(name)
        return found.title.in_(context.language) if found else name

    return Names(called.type, called.department, theme, called.material)


def _has_visits(told: Report) -> bool:
    return bool(told.figures["visits"].n or told.before["visits"].n)


def _number(one: Definition, told: Report, words: Translator) -> dict[str, Any]:
    """One of the large numbers: value, how it was before, its definition, its course."""
    figure, before = told.figures[one.key], told.before[one.key]
    course = [(point.period.name, point.figures[one.key].value) for point in told.course]
    return {
        "key": one.key,
        "called": one.called.in_language(words.language),
        "says": one.says.in_language(words.language),
        "value": _said(figure, one.unit, words),
        "n": figure.n,
        "change": _change(one, figure, before, words),
        "before": told.selection.period.moved(-1).name,
        "line": course_line([value for _, value in course]),
    }


def _said(figure: Figure, unit: str, words: Translator) -> str | None:
    """A value in words, None when there is none."""
    value = figure.value
    if value is None:
        return None
    if unit == "days":
        return words.n("{count} working day", "{count} working days", _rounded(value, 1))
    if unit == "share":
        return f"{words.number(_rounded(value * 100, 1))}%"
    return (
        words.t("{number} of 5", number=words.number(_rounded(value, 1)))
        if unit == "stars"
        else words.number(_rounded(value, 2))
    )


def _rounded(value: float, places: int) -> Any:
    """Without a fraction when there is none."""
    found = round(value, places)
    return int(found) if found == int(found) else found


def _change(one: Definition, figure: Figure, before: Figure, words: Translator) -> dict[str, Any] | None:
    if figure.value is None or before.value is None:
        return None
    factor, places = (100, 1) if one.unit == "share" else (1, 2 if one.unit == "ratio" else 1)
    by = _rounded((figure.value - before.value) * factor, places)
    if by == 0:
        return {"by": None, "class": "calm"}
    better = (by < 0) == (one.key in _LOWER_IS_BETTER)
    sign = "+" if by > 0 else "−"
    return {"by": f"{sign}{words.number(abs(by))}", "class": "now" if better else "closed"}


def _choice(by: str, told: Report, selection: Selection, names: Names) -> dict[str, Any]:
    known = told.known[by]  # type: ignore[index]
    called = sorted(((value, getattr(names, by)(value)) for value in known), key=lambda one: one[1])
    return {"by": by, "chosen": getattr(selection, by), "values": called}


def _handling(group: Group, called: Callable[[str], str], words: Translator) -> dict[str, Any]:
    told = group.spread
    return {
        "value": group.value,
        "called": called(group.value),
        "n": told.n,
        "median": words.number(_rounded(told.median or 0, 1)),
        "p90": words.number(_rounded(told.p90 or 0, 1)),
        "promised": _limit(group.limit, words),
        "late": told.late,
        "late_share": f"{words.number(_rounded(told.late / told.n * 100, 1))}%",
    }


def _limit(limit: Limit | None, words: Translator) -> str:
    if limit is None:
        return ""
    if limit.unit == "hours":
        return words.n("{count} hour", "{count} hours", limit.count)
    if limit.unit == "months":
        return words.n("{count} month", "{count} months", limit.count)
    if limit.unit == "calendar_days":
        return words.n("{count} calendar day", "{count} calendar days", limit.count)
    return words.n("{count} working day", "{count} working days", limit.count)


def _row(group: Group, called: Callable[[str], str], words: Translator) -> dict[str, Any]:
    """A line of a table: each number of a group."""
    cells = [(one.key, _said(group.figures[one.key], one.unit, words), group.figures[one.key].n) for one in DEFINITIONS]
    return {"value": group.value, "called": called(group.value), "cells": {key: (told, n) for key, told, n in cells}}


def _weak(point: WeakPoint, names: Names, words: Translator) -> dict[str, Any]:
    """A weak point in words, how many cases it has, and which they are."""
    share = f"{words.number(_rounded(point.share * 100, 0))}%"
    if isinstance(point, Late):
        called = getattr(names, point.by)(point.value)
        title = words.t("Late: {what}", what=called)
        note = words.t("{late} of {n} late; {share} of all that is late", late=point.late, n=point.n, share=share)
        return {"title": title, "note": note, "n": point.late, "query": {"of": "late", point.by: point.value}}
    if isinstance(point, AskedFor):
        title = words.t("Asked for most: {what}", what=names.material(point.material))
        note = words.t("in {share} of all requests of the period", share=share)
        return {"title": title, "note": note, "n": point.n, "query": {"of": f"asked.{point.material}"}}
    title = words.t("Longest wait: {what}", what=words.term("status", point.state))
    days = words.n("{count} working day", "{count} working days", _rounded(point.days / point.n, 1))
    note = words.t("{days} on average where it took any; {share} of all waiting", days=days, share=share)
    return {"title": title, "note": note, "n": point.n, "query": {"of": f"stood.{point.state}"}}


def _course(told: Report, words: Translator, today: dt.date) -> list[dict[str, Any]]:
    return [
        {
            "period": point.period.name,
            "cells": {
                one.key: (_said(point.figures[one.key], one.unit, words), point.figures[one.key].n)
                for one in DEFINITIONS
            },
        }
        for point in told.course
        if point.period.first <= today  # a year that is under way ends with this month
    ]


def _of_called(of: str, names: Names, context: Here) -> str:
    """What the cases have in common, in words."""
    words = context.words
    group, _, code = of.partition(".")
    if group == "stood" and code:
        return words.t("Longest wait: {what}", what=words.term("status", code))
    if group == "asked" and code:
        return words.t("Asked for most: {what}", what=names.material(code))
    if of in Outcomes.__struct_fields__ and of != "at_once":
        return words.term("status", of)
    known: Sequence[tuple[str, str]] = (
        ("all", words.t("All that were closed")),
        ("handling", words.t("Answered by people")),
        ("fulfilment", words.t("Answered by people")),
        ("visits", words.t("With visits")),
        ("satisfaction", words.t("Rated")),
        ("dissatisfied", words.t("Rated as dissatisfied")),
        ("late", words.t("Answered late")),
        ("at_once", words.t("There already, answered at once")),
    )
    return dict(known).get(of, of)
