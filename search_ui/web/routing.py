"""The addresses of the plain pages and their files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route

from search_ui import paths
from search_ui.limits import MAX_BODY
from search_ui.web import (
    about,
    answers,
    asking,
    assets,
    basket,
    case,
    counter,
    crawlers,
    following,
    forms,
    inbox,
    joining,
    kiosk,
    legs,
    lending,
    managing,
    measuring,
    opened,
    opening,
    outgoing,
    pages,
    paper,
    persons,
    printing,
    rating,
    reading_room,
    record,
    relayed,
    reviewing,
    room_plan,
    ruling,
    searches,
    signing,
    similar,
    stack_places,
    stacks,
    suggest,
    tasks,
    terminal,
    verifying,
    visiting,
    window,
    words,
)
from search_ui.web.forms import posted
from search_ui.web.resting import or_paused
from search_ui.web.uploads import posted_if_admitted, posted_with_files

_STAFF = (*stacks.ROUTES, *stack_places.ROUTES, *lending.ROUTES)


def routes() -> list[BaseRoute]:
    """In the order they are tried: source ids hold slashes, so the longer addresses of a record come first."""
    return [
        _get("/r", record.children),
        _get(paths.SUGGEST, suggest.suggest),
        _get("/r/{id:path}/children", record.children),
        _get("/r/{id:path}/pages/{number:int}/image", pages.image),
        _get("/r/{id:path}/pages/{number:int}", pages.panel),
        _get("/r/{id:path}/copies/{number:int}/copy.pdf", pages.copy_pdf),
        _get("/r/{id:path}/text.txt", pages.text),
        _get("/r/{id:path}/description.txt", record.whole_description),
        _get("/r/{id:path}/similar", similar.similar),
        _post("/r/{id:path}/feedback", words.feedback),
        _post("/r/{id:path}/opening", opening.review),
        _get("/r/{id:path}", record.record),
        _get("/view/{id:path}", pages.viewer),
        _get("/s", following.ask),
        _get("/s/", following.ask),
        _post("/s/", following.unlock),
        _get("/s/{receipt}", following.show),
        _get("/s/{receipt}/files/{number:int}", following.answer_file),
        _get("/s/{receipt}/receipt.pdf", printing.for_reader),
        _post("/s/{receipt}/messages", following.write),
        _post("/s/{receipt}/withdraw", following.withdraw),
        _with_files("/s/{receipt}/supply", following.supply),
        _post("/s/{receipt}/agree", following.agree),
        _post("/s/{receipt}/reopen", following.reopen),
        _get(paths.ASK, asking.form),
        _with_files(paths.ASK, asking.send),
        _get(f"{paths.ASK}/part", asking.part),
        _get(f"{paths.ASK}/receipt/{{number}}", asking.receipt),
        _post(f"{paths.ASK}/draft", asking.keep),
        _post(f"{paths.ASK}/draft/delete", asking.throw_away),
        _post(f"{paths.ASK}/wipe", kiosk.wipe),
        _get(paths.FORMS, paper.listed),
        _get(f"{paths.FORMS}/{{type}}", paper.shown),
        _get(paths.WINDOW, window.form),
        _with_files(paths.WINDOW, window.send),
        _get(f"{paths.WINDOW}/receipt/{{number}}", window.receipt),
        _get(f"{paths.WINDOW}/receipt/{{number}}/receipt.pdf", printing.at_window),
        _get(paths.BASKET, basket.shown),
        _post(f"{paths.BASKET}/collect", basket.collect),
        _post(f"{paths.BASKET}/remove", basket.remove),
        _post(f"{paths.BASKET}/clear", basket.clear),
        _post("/s/{receipt}/rating", rating.rate),
        _post("/s/{receipt}/loans/{voucher}/renew", visiting.renew),
        _get("/my-searches", searches.listed),
        _get("/my-searches/new", searches.form),
        _post("/my-searches", searches.save),
        _post("/my-searches/{number:int}/open", searches.open_it),
        _post("/my-searches/{number:int}/rename", searches.rename),
        _post("/my-searches/{number:int}/delete", searches.delete),
        _get("/login", signing.form),
        _post("/login", signing.sign_in),
        _get(paths.OPENID, signing.to_provider),
        _get(paths.OPENID_BACK, signing.from_provider),
        _post("/logout", signing.sign_out),
        _get(paths.REGISTER, joining.register_form),
        _post(paths.REGISTER, joining.register),
        _post(f"{paths.REGISTER}/confirm", joining.confirm),
        _get(paths.RESET, joining.reset_form),
        _post(paths.RESET, joining.ask_reset),
        _post(f"{paths.RESET}/confirm", joining.reset),
        _get(paths.ACCOUNT, joining.account),
        _post(f"{paths.ACCOUNT}/password", joining.change_password),
        _post(f"{paths.ACCOUNT}/sign-out", joining.sign_out_everywhere),
        _get(paths.TERMINAL, terminal.form),
        _post(paths.TERMINAL, terminal.opened),
        _get(paths.INBOX, inbox.listed),
        _get(paths.CASE, inbox.moved),
        Route(f"{paths.INBOX}/bulk", posted(or_paused(inbox.bulk), inbox.MOST_FIELDS), methods=["POST"]),
        _get(paths.CASES + "/{receipt}", case.shown),
        Route(
            paths.CASES + "/{receipt}/acts/{act}",
            forms.posted_with_files(or_paused(case.act), case.may_send),
            methods=["POST"],
        ),
        _get(paths.CASES + "/{receipt}/files/{number:int}", case.attachment),
        _get(paths.CASES + "/{receipt}/receipt.pdf", printing.for_staff),
        _get(paths.PERSONS, persons.listed),
        _post(paths.PERSONS, persons.register),
        _post(f"{paths.PERSONS}/find", persons.find),
        _get(paths.PERSONS + "/{code}", persons.one),
        _post(paths.PERSONS + "/{code}/document", persons.document),
        _post(paths.PERSONS + "/{code}/account", persons.join),
        _get("/relay/{token}", relayed.shown),
        _if_admitted("/relay/{token}", relayed.act, relayed.admitted),
        _get(paths.TASKS, tasks.listed),
        _get(paths.TASKS + "/of/{receipt}", legs.shown),
        _post("/legs/{leg}", legs.act),
        _get(paths.TASKS + "/{leg}", tasks.one),
        _if_admitted(paths.TASKS + "/{leg}", tasks.act, tasks.admitted),
        _get(paths.TASKS + "/{leg}/files/{number:int}", tasks.file),
        _get(paths.ACCOUNTS, managing.listed),
        _post(paths.ACCOUNTS + "/{name:path}/give", managing.give),
        _post(paths.ACCOUNTS + "/{name:path}/take", managing.take),
        _post(paths.ACCOUNTS + "/{name:path}/sign-out", managing.sign_out),
        _post(paths.ACCOUNTS + "/{name:path}/close", managing.close),
        _get(paths.ACCOUNTS + "/{name:path}", managing.one),
        _get(paths.INDICATORS, measuring.shown),
        _get(paths.INDICATOR_CASES, measuring.cases),
        _get(paths.INDICATORS_CSV, measuring.export),
        _get(paths.RATINGS + "/{receipt}", rating.form),
        _post(paths.RATINGS + "/{receipt}", rating.key_in),
        _get(paths.DESK_RULES, ruling.listed),
        _get(paths.DESK_RULES + "/{name}", ruling.one),
        _post(paths.DESK_RULES + "/{name}", ruling.sent, ruling.BODY_BOUND),
        *(_post(path, act) if posts else _get(path, act) for path, act, posts in reviewing.ROUTES),
        *(_post(path, act) if posts else _get(path, act) for path, act, posts in reading_room.ROUTES),
        *(_post(path, act) if posts else _get(path, act) for path, act, posts in room_plan.ROUTES),
        *(_post(path, act) if posts else _get(path, act) for path, act, posts in counter.ROUTES),
        *(_post(path, act) if posts else _get(path, act) for path, act, posts in answers.ROUTES),
        *(_post(path, act) if posts else _get(path, act) for path, act, posts in _STAFF),
        _get(paths.OPENING, opening.shown),
        _get(f"{paths.OPENING}/preview", opening.preview),
        _post(f"{paths.OPENING}/apply", opening.apply),
        _post(f"{paths.OPENING}/undo", opening.undo),
        _get(paths.OPENED, opened.listed),
        _get(paths.OPENED_FEED, opened.feed),
        _get(paths.VERIFY, verifying.verify),
        _get("/f/{token}", verifying.link),
        _post("/f/{token}", verifying.take),
        _get(paths.OUTBOX, outgoing.listed),
        _post(paths.OUTBOX + "/{number:int}/again", outgoing.again),
        _get(paths.NOTICE_TEXTS, outgoing.texts),
        _post(paths.NOTICE_TEXTS, outgoing.try_texts),
        _get("/about", about.about),
        _get("/health", about.health),
        _get("/ready", about.ready),
        _get("/robots.txt", crawlers.robots),
        _get("/sitemap.xml", crawlers.sitemap),
        _get("/assets/fonts.css", assets.fonts),
        Mount("/assets", app=assets.files()),
    ]


def _get(path: str, page: Callable[..., Any]) -> Route:
    return Route(path, or_paused(page), methods=["GET"])


def _post(path: str, page: Callable[..., Any], limit: int = MAX_BODY) -> Route:
    return Route(path, posted(or_paused(page), limit=limit), methods=["POST"])


def _with_files(path: str, page: Callable[..., Any]) -> Route:
    return Route(path, posted_with_files(or_paused(page)), methods=["POST"])


def _if_admitted(path: str, page: Callable[..., Any], admitted: Callable[[Request], bool]) -> Route:
    return Route(path, posted_if_admitted(or_paused(page), admitted), methods=["POST"])
