"""``/forms/TYPE``: the forms to print and fill in by hand, for whoever has no screen, and for days without one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from search_ui.web import asked
from search_ui.web.asked import Row
from search_ui.web.render import here, page
from service_desk.fees import Fees
from service_desk.materials import Materials, Supposed
from service_desk.request_types import Types


def listed(request: Request) -> Response:
    """``/forms``: one for each type."""
    context = here(request)
    types, called = context.services.desk.rules.now(Types).types, context.services.desk.called(context.language)
    return page(request, "paper_forms.html", types=[(code, called.type(code)) for code in types])


def shown(request: Request) -> Response:
    """The form of a type, with what it needs."""
    context, code = here(request), request.path_params["type"]
    desk = context.services.desk
    rules, materials = desk.rules.now(Types), desk.rules.now(Materials)
    if code not in rules.types:
        return page(request, "not_found.html", 404)
    called = desk.called(context.language)

    def rows(relation: str | None) -> list[Row]:
        needed = materials.checklist(Supposed(code, relation), ())
        return [Row(one, called.material(one), called.how(one), "missing") for one in needed]

    always = rows(None)
    by_relation = [(called.relation(one), _more(rows(one), always)) for one in materials.relations]
    rule, notice = rules.types[code], asked.notice_of(context)
    wishes = asked.wishes_of(desk.rules.now(Fees), code, context.language)
    values = {"code": code, "title": called.type(code), "always": always, "rule": rule, "notice": notice}
    return page(request, "paper_form.html", **values, wishes=wishes, by_relation=[one for one in by_relation if one[1]])


def _more(rows: list[Row], always: list[Row]) -> list[Row]:
    known = {row.code for row in always}
    return [row for row in rows if row.code not in known]
