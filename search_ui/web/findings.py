"""``/staff/requests/<receipt>/findings``: what a search report or certificate of a case is made of, kept while it is
written; its preview; and how it is issued and given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mappings.access import Viewer
from search_ui import paths
from search_ui.i18n import Translator
from search_ui.letters import Made
from search_ui.matters import common, house_of, of_case
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.issuing import told
from search_ui.web.printing import printed
from search_ui.web.render import Here, here, page
from service_desk.errors import Conflict, DeskError, Invalid, NotAllowed, NotFound
from service_desk.forms import AnswerForm, one_line, parse, without_controls
from service_desk.ports import Upload
from service_desk.printed.documents import Certificate, Finding, Kind, Mark
from service_desk.printed.giving import FINDINGS
from service_desk.printed.press import CannotPrint
from service_desk.printed.rules import PrintedTexts
from service_desk.views import Case

Json = dict[str, Any]
MOST: Final = 40
"""Findings of one document: what a draft holds."""
FIELDS: Final = 400
BODY: Final = 512 * 1024
KINDS: Final[tuple[Kind, ...]] = ("report", "certificate")
WAYS: Final = ("answer", "make_ready")
"""How it reaches the reader, as far as the request is there."""
_LINES: Final[Mapping[str, int]] = {"reference_code": 200, "title": 500, "dates": 100, "citation": 500, "link": 500}
_HEAD: Final[Mapping[str, int]] = {"person": 200, "question": 2_000, "purpose": 500, "searched": 4_000}
_TEXT: Final = 4_000
_EMPTY: Final = {"reference_code": "", "title": "", "dates": "", "passage": "", "citation": "", "link": ""}
_work = only("requests.work", somewhere=True)


def draft_of(context: Here, case: Case) -> Json:
    """What was written so far; to begin with, what the request says."""
    kept = context.services.desk.drafts.load(_form(case), context.viewer)
    question = case.note or "\n".join(of_case(case).asked)
    kind = "certificate" if case.type == "certificate" else "report"
    first = {"kind": kind, "person": case.name, "question": question[:2_000], "purpose": "", "searched": ""}
    return {**first, "statement": "", "signed_by": "", "text": "", "findings": [], **kept}


def _form(case: Case) -> str:
    return f"{FINDINGS}{case.receipt}"


def keep(context: Here, case: Case, draft: Json) -> None:
    """Keep it for whoever writes. Raises Invalid when it is too long."""
    context.services.desk.drafts.save(_form(case), draft, context.viewer)


def add(context: Here, case: Case, found: Iterable[Json], nothing: Iterable[str]) -> int:
    """More findings, each once, and of what nothing was found; how many are written down now. Raises Invalid."""
    draft = draft_of(context, case)
    known = {(one["link"], one["title"], one["passage"]) for one in draft["findings"]}
    new = [one for one in found if (one["link"], one["title"], one["passage"]) not in known]
    draft["findings"] = [*draft["findings"], *new]
    if len(draft["findings"]) > MOST:
        raise Invalid.one("findings", f"at most {MOST} findings in one document")
    if names := [name for name in nothing if name not in draft["statement"]]:
        words = Translator(case.language, "web")
        said = words.t("Nothing was found for: {names}", names=words.t(", ").join(names))
        draft["statement"] = f"{draft['statement']}\n{said}".strip()[:_TEXT]
    keep(context, case, draft)
    return len(draft["findings"])


def finding_of(context: Here, case: Case, resource: Json, passage: str, number: int | None = None) -> Json:
    """A record as a finding: cited in the language of the reader, with the page where its words stand."""
    words, site = Translator(case.language, "web"), (context.services.public_address or "").rstrip("/")
    house = house_of(context.services, case.language).name
    where = words.t("page {number}", number=number) if number else ""
    cited = filter(None, (resource.get("holder") or house, resource["reference_code"], where))
    return {
        "reference_code": resource["reference_code"] or "",
        "title": resource["title"][:500],
        "dates": ((resource.get("dates") or {}).get("text") or "")[:100],
        "passage": str(without_controls(passage))[:_TEXT],
        "citation": words.t(", ").join(cited)[:500],
        "link": f"{site}{paths.record(resource['id'])}" if site else "",
    }


@_work
def shown(request: Request) -> Response:
    """The draft."""
    context = here(request)
    try:
        case = _case(context, request)
    except (NotFound, NotAllowed):
        return page(request, "not_found.html", 404)
    return _page(request, context, case, draft_of(context, case))


@_work
def send(request: Request, fields: Fields) -> Response:
    """One of its buttons: keep it, look at it, issue and give it."""
    context, do = here(request), fields.get("do", "")
    try:
        case = _case(context, request)
        draft = _read(fields)
        keep(context, case, draft)
        if do == "preview":
            return printed(request, lambda: _preview(context, case, draft))
        if do in WAYS:
            _give(context, case, draft, do, fields)
            return RedirectResponse(f"{paths.case(case.receipt)}?done=findings", 303)
    except Invalid as error:
        return _page(request, context, _case(context, request), _read(fields), _sentence(context, error), 422)
    except (DeskError, CannotPrint) as error:
        return told(request, error)
    return RedirectResponse(f"{paths.case(case.receipt)}/findings?kept=1", 303)


def _sentence(context: Here, error: Invalid) -> str:
    t = context.words.t
    if error.errors[0].field == "issue":
        return t("Write the name and the matter, and tick that you compared it with the records.")
    return t("This is too long for one document: make several of it.")


def _case(context: Here, request: Request) -> Case:
    """Raises NotFound, NotAllowed for those who do not work on it."""
    case = context.services.desk.requests.case(request.path_params["receipt"], context.viewer)
    context.services.desk.giving.check(case.receipt, context.viewer, "voucher")
    return case


def _page(request: Request, context: Here, case: Case, draft: Json, wrong: str = "", code: int = 200) -> Response:
    texts = context.services.desk.rules.now(PrintedTexts)
    may = context.services.desk.giving.may(case.receipt, context.viewer)
    rows = [*draft["findings"], *([_EMPTY] if len(draft["findings"]) < MOST else [])]
    return page(
        request,
        "findings.html",
        code,
        case=case,
        draft=draft,
        rows=rows,
        kinds=[(kind, texts.title(kind, context.language)) for kind in KINDS],
        ways=[way for way in WAYS if may and way in case.actions],
        back=paths.case(case.receipt),
        counter=f"{paths.COUNTER_SEARCH}?receipt={case.receipt}",
        kept="kept" in request.query_params,
        wrong=wrong,
    )


def _read(fields: Fields) -> Json:
    """The draft that was sent; findings without anything in them are left out."""
    draft: Json = {name: str(without_controls(fields.get(name, "")))[:bound] for name, bound in _HEAD.items()}
    draft["kind"] = "certificate" if fields.get("kind") == "certificate" else "report"
    draft["statement"] = str(without_controls(fields.get("statement", "")))[:_TEXT]
    draft["signed_by"] = str(one_line(fields.get("signed_by", "")))[:200]
    draft["text"] = str(without_controls(fields.get("text", "")))[:_TEXT]
    rows = [_row(fields, number) for number in range(1, MOST + 2) if f"drop-{number}" not in fields]
    draft["findings"] = [row for row in rows if any(row.values())][:MOST]
    return draft


def _row(fields: Fields, number: int) -> dict[str, str]:
    row = {name: str(one_line(fields.get(f"{name}-{number}", "")))[:bound] for name, bound in _LINES.items()}
    return {**row, "passage": str(without_controls(fields.get(f"passage-{number}", "")))[:_TEXT]}


def certificate(context: Here, case: Case, draft: Json) -> Made:
    """What makes the document of a draft."""
    findings = tuple(Finding(**{name: str(one[name]) for name in _EMPTY}) for one in draft["findings"])
    services = context.services

    def made(mark: Mark, at: dt.datetime) -> Certificate:
        return Certificate(
            **common(services, case, mark, at),
            person=draft["person"],
            question=draft["question"],
            findings=findings,
            searched=tuple(line for line in draft["searched"].splitlines() if line.strip()),
            purpose=draft["purpose"],
            statement=draft["statement"],
            is_certified=draft["kind"] == "certificate",
            signed_by=draft["signed_by"],
        )

    return made


def _preview(context: Here, case: Case, draft: Json) -> tuple[str, bytes]:
    document = certificate(context, case, draft)(Mark("—", "—"), dt.datetime.now(dt.UTC))
    mark = Translator(case.language, "web").t("Preview, not issued")
    return f"{case.receipt}-preview.pdf", context.services.desk.printing.preview(document, mark)


def _give(context: Here, case: Case, draft: Json, way: str, fields: Fields) -> None:
    """Issue it and give it with the answer, or have it collected. Raises Conflict, Invalid, NotAllowed, NotFound."""
    desk, viewer = context.services.desk, context.viewer
    desk.giving.check(case.receipt, viewer)
    seen = fields.get("seen", "")
    if way not in case.actions or seen != str(case.version):
        raise Conflict("The request is no longer where it was.")
    if not (draft["person"] and draft["question"]) or "compared" not in fields:
        raise Invalid.one("issue", "name, matter and a look at the records")
    kind = cast(Kind, draft["kind"])
    name = f"{desk.rules.now(PrintedTexts).title(kind, case.language)}.pdf"
    issued = desk.giving.only_issue(case.receipt, kind, certificate(context, case, draft), viewer)
    desk.giving.withdrawing(
        issued, "not given", viewer, lambda file: _hand(context, case, draft, way, file, viewer), name
    )
    desk.drafts.delete(_form(case), viewer)


def _hand(context: Here, case: Case, draft: Json, way: str, file: Upload, viewer: Viewer) -> None:
    desk = context.services.desk
    if way == "answer":
        form = parse(AnswerForm, {"text": draft["text"]})
        desk.requests.answer(case.receipt, form, viewer, [file], case.version)
    else:
        values = {"how": "pickup", "text": draft["text"]}
        desk.cases.act(case.receipt, "make_ready", values, viewer, case.version, [file])
