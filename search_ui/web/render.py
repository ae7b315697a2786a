"""Drawing a plain page: the template, the reader's language, and what every page shows around its own part."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import jinja2
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from mappings.access import ANONYMOUS, Viewer
from search_ui import collected, i18n, idle, paths, security
from search_ui.i18n import Translator
from search_ui.services import Services, current
from search_ui.web import assets, trained
from service_desk.errors import Unavailable

PRIVATE: Final = {"cache-control": "private, no-cache", "vary": "cookie, accept-language"}
_CODE = re.compile(r"``(.+?)``")
_MARK = re.compile(r"(</?mark>)")


@dataclass(frozen=True, slots=True)
class Here:
    """One request for a plain page: who asks, what the account is called, in which language, through which services."""

    services: Services
    viewer: Viewer
    account: str | None
    visitor: str
    words: Translator

    @property
    def language(self) -> str:
        return self.words.language


def here(request: Request) -> Here:
    """The context of a request; the session is looked up each time. While the desk does not answer, nobody is signed
    in: what everybody may see goes on.
    """
    services = current()
    try:
        viewer, account = services.looking(request.cookies)
    except Unavailable:
        viewer, account = ANONYMOUS, None
    words = Translator(request.state.language, "web", services.desk.calendar.timezone)
    return Here(services, viewer, account, request.state.visitor, words)


def page(request: Request, template: str, code: int = 200, /, **values: Any) -> HTMLResponse:
    """A whole page in its frame. Pages differ by reader, so nothing between may keep them; at a terminal not even the
    browser, where somebody else may go back.
    """
    context = here(request)
    kept = PRIVATE | {"cache-control": "no-store"} if idle.at_terminal(context.viewer) else PRIVATE
    return HTMLResponse(markup(context, request, template, **values), code, kept)


def desk_down(request: Request) -> HTMLResponse:
    """The page that says that the desk does not answer."""
    return page(request, "desk_down.html", 503)


def markup(context: Here, request: Request, template: str, /, **values: Any) -> str:
    """The markup of a template, of a page or of a part that a script puts into one."""
    words = context.words
    return (
        environment()
        .get_template(template)
        .render(
            t=words.t,
            n=words.n,
            term=words.term,
            number=words.number,
            day=words.date,
            moment=words.moment,
            stamp=words.stamp,
            language_name=words.language_name,
            lang=words.language,
            viewer=context.viewer,
            openid=context.services.desk.openid is not None,
            csrf=context.services.csrf_token(context.visitor),
            masthead=_masthead(context, request),
            at_terminal=idle.at_terminal(context.viewer),
            wiped_after=idle.SECONDS,
            training=trained.banner(context.services, context.viewer, words.language),
            tour=lambda key: context.services.text(key, words.language),
            **values,
        )
    )


@cache
def environment() -> jinja2.Environment:
    """The templates: everything that is put in is escaped."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("search_ui", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )
    made.filters["marks"] = marks
    made.filters["web_address"] = security.web_address
    made.filters["format_day"] = lambda day: day.strftime("%m-%d")
    made.filters["coded"] = coded
    made.globals["lines"] = lines
    made.globals["kind_of"] = kind_of
    made.globals["asset"] = assets.address
    made.globals["paths"] = paths
    return made


def marks(highlight: str, current: int = 0) -> Markup:
    """A highlight of the search as markup: ``<mark>`` and nothing else, whatever the text contains. The mark with the
    number `current`, from 1, is the one that is looked at, and can be linked to as ``#hit``.
    """
    parts = [part if _MARK.fullmatch(part) else str(escape(html.unescape(part))) for part in _MARK.split(highlight)]
    begins = [at for at, part in enumerate(parts) if part == "<mark>"]
    if 0 < current <= len(begins):
        parts[begins[current - 1]] = '<mark id="hit" class="current">'
    return Markup("").join(Markup(part) for part in parts)  # noqa: S704 - every part is a mark tag or was escaped above


def _masthead(context: Here, request: Request) -> dict[str, Any]:
    """The same as on the screens of the app."""
    words = context.words
    links = paths.masthead(context.viewer, bool(context.services.themes.all()))
    return {
        "name": context.services.text("name", words.language) or "onestop",
        "links": [
            *((path, words.t(label)) for path, label in links),
            *_basket(context, request),
            *trained.way(context.services, context.viewer, words.language),
        ],
        "here": request.url.path,
        "own_name": i18n.OWN_NAMES[words.language],
        "short_name": i18n.SHORT_NAMES[words.language],
        "languages": [(code, label, _in_language(request, code)) for code, label in i18n.OWN_NAMES.items()],
        "account": context.account,
        "sign_in": f"{paths.LOGIN}?{urlencode({'next': address(request)})}",
    }


def _basket(context: Here, request: Request) -> list[tuple[str, str]]:
    """The way to what was collected, when there is something."""
    count = collected.count(context.services, context.viewer, context.visitor, request.cookies)
    return [(paths.BASKET, context.words.n("Basket {count}", "Basket {count}", count))] if count else []


def _in_language(request: Request, code: str) -> str:
    """The same address in another language."""
    kept = [(key, value) for key, value in parse_qsl(request.url.query) if key != "lang"]
    return "?" + urlencode([*kept, ("lang", code)])


def address(request: Request) -> str:
    """The path and query of this request, as a place to come back to; a form's own address leads home."""
    if request.method != "GET" or request.url.path == paths.LOGIN:
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def coded(text: str) -> Markup:
    """Text in which names between double back quotes stand as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before the tags are put in


def lines(said: Any) -> list[str]:
    """What a tour says in one line or in several."""
    return [str(each) for each in said] if isinstance(said, list) else [str(said)] if said else []


def kind_of(schema: Mapping[str, Any]) -> str:
    """What an OpenAPI schema allows, in a word or two."""
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " / ".join(kind_of(each) for each in schema["anyOf"] if each.get("type") != "null")
    if schema.get("type") == "array":
        return f"{kind_of(schema['items'])}, repeated"
    return str(schema.get("type") or schema.get("$ref", "").rsplit("/", 1)[-1])
