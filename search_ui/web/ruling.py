"""``/desk-rules``: the rules of the desk as text that administrators edit, check and bring into force; and the versions
that were.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.mistaken import told
from search_ui.web.render import Here, here, page
from service_desk import rule_changes, rule_documents
from service_desk.errors import Conflict, NotFound
from service_desk.rule_texts import Help, help_of
from service_desk.rules import (
    BUNDLED,
    PACKS,
    TEXT_BOUND,
    Document,
    Rules,
    RulesMistaken,
    pack_text,
    packs,
    plain_lines,
)
from service_desk.told import Title

LISTED: Final = 50
MOST_LINES: Final = 2_000
"""Lines of a change that are shown."""
BODY_BOUND: Final = 9 * TEXT_BOUND + 64 * 1024
"""Bytes of the form: a character may be sent as nine."""
_configure = only("desk.configure")


@_configure
def listed(request: Request) -> Response:
    """Every document, and whose version of it is in force."""
    context = here(request)
    rules = context.services.desk.rules
    rows = [
        {
            "name": kind.name,
            "called": rule_documents.called(kind, context.language),
            "standing": rules.standing(kind),
        }
        for kind in rule_documents.DOCUMENTS
    ]
    offered = [
        {
            "place": PACKS[name].in_language(context.language),
            "documents": [
                (paths.desk_rules(kind.name), rule_documents.called(kind, context.language), name)
                for kind in rule_documents.DOCUMENTS
                if name in packs(kind)
            ],
        }
        for name in PACKS
    ]
    return page(request, "desk_rules.html", rows=rows, packs=offered)


@_configure
def one(request: Request) -> Response:
    """One document: its text - of an older version when asked (``version``) - and what each version changed."""
    try:
        return _shown(request, rule_documents.named(request.path_params["name"]))
    except NotFound:
        return page(request, "not_found.html", 404)


@_configure
def sent(request: Request, fields: Fields) -> Response:
    """``POST /desk-rules/NAME``: a text is checked (``do=check``) or brought into force (``do=apply``). What was typed
    is never lost.
    """
    try:
        kind = rule_documents.named(request.path_params["name"])
    except NotFound:
        return page(request, "not_found.html", 404)
    text = plain_lines(fields.get("text", ""))
    try:
        follows = here(request).services.desk.rules.consequences(kind, text)
    except RulesMistaken as error:
        return _shown(request, kind, 422, text=text, mistakes=error.mistakes, seen=_number(fields.get("seen", "")))
    if fields.get("do") == "apply" and (not follows or fields.get("told") == _digest(text, follows)):
        return _applied(request, kind, text, _number(fields.get("seen", "")))
    values = {"follows": follows, "told": _digest(text, follows), "asked": fields.get("do") == "apply"}
    return _shown(request, kind, text=text, checked=True, seen=_number(fields.get("seen", "")), **values)


def _applied(request: Request, kind: type[Document], text: str, seen: int | None) -> Response:
    context = here(request)
    try:
        number = context.services.desk.rules.put(kind, text, context.viewer, seen)
    except RulesMistaken as error:  # what it names in another document went meanwhile
        return _shown(request, kind, 422, text=text, mistakes=error.mistakes, seen=seen)
    except Conflict:
        return _shown(request, kind, 409, text=text, overtaken=seen)
    done = "same" if number == seen else number
    return RedirectResponse(f"{paths.desk_rules(kind.name)}?done={done}", 303)


def _shown(request: Request, kind: type[Document], code: int = 200, /, **values: Any) -> Response:
    """The page. `seen` is the version that was edited; of somebody who was overtaken, the new one: they are shown what
    it changed.
    """
    context = here(request)
    rules = context.services.desk.rules
    now = rules.version(kind)
    asked = _number(request.query_params.get("version", "")) if "text" not in values else None
    done = request.query_params.get("done")
    overtaken = values.pop("overtaken", None)
    seen = values.pop("seen", None)
    versions = rules.versions(kind)
    pack = request.query_params.get("pack", "") if "text" not in values else ""
    pack = pack if pack in packs(kind) else ""
    shown = {
        "text": pack_text(kind, pack, now.text)
        if pack
        else rules.version(kind, asked).text
        if asked is not None
        else now.text,
        "taken": asked if asked not in (None, now.number) else None,
        "mistakes": (),
        "checked": False,
        "follows": (),
        "told": "",
        "asked": False,
        **values,
    }
    return page(
        request,
        "desk_rule.html",
        code,
        name=kind.name,
        called=rule_documents.called(kind, context.language),
        standing=rules.standing(kind),
        seen=now.number if seen is None else seen,
        done=done if done == "same" or _number(done or "") == now.number else None,
        pack=PACKS[pack].in_language(context.language) if pack else None,
        pack_changes=rule_changes.changes(now.text, shown["text"]) if pack else None,
        help=_help(rules, kind, shown["text"]),
        packs=[(one, PACKS[one].in_language(context.language)) for one in packs(kind)],
        versions=versions[:LISTED],
        more=max(len(versions) - LISTED, 0),
        compared=_compared(request, context, kind),
        overtaken=None if overtaken is None else _between(context, kind, overtaken, now.text),
        bound=TEXT_BOUND,
        most_lines=MOST_LINES,
        **{
            **shown,
            "mistakes": told(shown["mistakes"], context.language),
            "follows": [said.in_language(context.language) for said in shown["follows"]],
        },
    )


def _help(rules: Rules, kind: type[Document], text: str) -> Help:
    """What the comments of the text say; where it has none at its head, those of the text as delivered."""
    own = help_of(text)
    return own if own.head else Help(help_of(rules.version(kind, BUNDLED).text).head, own.keys)


def _compared(request: Request, context: Here, kind: type[Document]) -> dict[str, Any] | None:
    """What the version asked for (``changes``) changed. Raises NotFound."""
    number = _number(request.query_params.get("changes", ""))
    if number is None or request.method != "GET":
        return None
    rules = context.services.desk.rules
    before, after = rules.before(kind, number), rules.version(kind, number)
    return {"before": before.number, "number": number, "lines": rule_changes.changes(before.text, after.text)}


def _between(context: Here, kind: type[Document], number: int, text: str) -> list[rule_changes.Line]:
    """What others changed since that version."""
    try:
        return rule_changes.changes(context.services.desk.rules.version(kind, number).text, text)
    except NotFound:
        return []


def _digest(text: str, follows: list[Title]) -> str:
    """Of a text and of what was told of it: what is brought into force is what somebody was told of."""
    told = "\x1f".join([text, *(said.en for said in follows)])
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
