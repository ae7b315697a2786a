"""The pages of the thematic corner: all themes, and each with its form, what that found, pack, guide and data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from indexer.errors import SearchError
from indexer.query import Corner, Query
from search_ui import address, paths
from search_ui.busy import of_hits
from search_ui.i18n import Translator
from search_ui.screens import hits
from search_ui.themes import form, guide
from search_ui.themes.data import Table
from search_ui.themes.form import Filled
from search_ui.themes.model import FormField, Theme
from search_ui.themes.pack import Member, members
from search_ui.themes.results import Asked, drawn
from search_ui.web import not_found
from search_ui.web.record import base_address
from search_ui.web.render import Here, here, page
from search_ui.web.resting import paused

Json = dict[str, Any]
CORNERS = ("livelihood", "research")
GUIDE_PARTS = ("contents", "reading", "citing", "contact")
SUGGESTED = {"place": "place"}
"""Kinds of fields whose values are suggested while one types, and the facet they come from."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A field as the form draws it: `inputs` are its parameters with label, value and what is wrong with it."""

    field: FormField
    label: str
    hint: str | None
    inputs: list[Json]
    options: list[Json]
    suggestions: list[str]

    @property
    def has_mistake(self) -> bool:
        return any(entry["mistake"] for entry in self.inputs)


def routes() -> list[BaseRoute]:
    """The addresses of the corner."""
    return [
        Route(paths.THEMES, corner, methods=["GET"]),
        Route(f"{paths.THEMES}/{{name}}", theme, methods=["GET"]),
    ]


def corner(request: Request) -> Response:
    """``/themes``: a card a theme; how many records each has for this viewer, as long as search answers."""
    context = here(request)
    themes = context.services.themes.all()
    groups = [(name, [_card(context, theme) for theme in themes if theme.corner == name]) for name in CORNERS]
    return page(request, "themes.html", groups=[group for group in groups if group[1]])


def _card(context: Here, theme: Theme) -> Json:
    try:
        total = context.services.search(Query(size=0, corner=Corner(theme.standing)), context.viewer)["total"]
    except SearchError:
        total = None
    language = context.language
    return {
        "theme": theme,
        "href": paths.theme(theme.name),
        "title": theme.title.in_(language),
        "introduction": theme.introduction.in_(language),
        "total": total,
    }


def theme(request: Request) -> Response:
    """``/themes/<name>``: without a question the theme itself, with one what its form finds."""
    context = here(request)
    found = context.services.themes.get(request.path_params["name"])
    if found is None:
        return not_found(request)
    parameters = {key: request.query_params.getlist(key) for key in request.query_params}
    view = replace(address.read(parameters), text=address.EVERYTHING, folded=False, group="", within=None)
    asked = Asked(found, form.fill(found, parameters), view, "whole" in parameters.get("only", ()))
    chosen = "show" in parameters or bool(address.write(replace(asked.view, folded=True)))
    is_asked = (chosen or not asked.filled.is_empty) and not asked.filled.mistakes
    try:
        return _drawn(context, request, asked, is_asked)
    except SearchError:
        return paused(request) if is_asked else _guide_alone(context, request, asked)


def _guide_alone(context: Here, request: Request, asked: Asked) -> Response:
    """The theme while search rests: its form, its guide, and that the rest comes back."""
    silent: Json = {"facets": {}, "total": None}
    told = {"members": [], "guide": _guide(asked.theme, context), "table": None}
    return _page(context, request, asked, silent, is_asked=False, **told)


def _drawn(context: Here, request: Request, asked: Asked, is_asked: bool) -> Response:
    theme = asked.theme
    answer = context.services.search(asked.query() if is_asked else _everything(theme), context.viewer)
    sections = {} if is_asked or asked.filled.mistakes else _sections(context, request, theme)
    return _page(context, request, asked, answer, is_asked, **sections)


def _page(context: Here, request: Request, asked: Asked, answer: Json, is_asked: bool, **sections: Any) -> Response:
    found, theme = asked.filled, asked.theme
    fields = [_shown(each, found, answer, context.words) for each in theme.form]
    results = _results(asked, answer, context) if is_asked else None
    return page(
        request,
        "theme.html",
        theme=theme,
        said=lambda text: text.in_(context.language),
        fields=fields,
        mistakes=[_told(mistake, context.words) for mistake in found.mistakes],
        is_asked=is_asked,
        results=results,
        total=answer["total"],
        show_all=f"{paths.theme(theme.name)}?show=all",
        **sections,
    )


def _results(asked: Asked, answer: Json, context: Here) -> Markup:
    kept = of_hits(context.services.busy, answer["hits"])
    return Markup(drawn(asked, answer, context.language, kept))  # noqa: S704 - a template of ours


def _everything(theme: Theme) -> Query:
    return Query(size=0, corner=Corner(theme.standing))


def _sections(context: Here, request: Request, theme: Theme) -> Json:
    """Pack, guide and data, which stand there until something is asked."""
    listed = members(context.services, theme, context.viewer)
    data = theme.data
    table = Table(context.services, theme, data, context.viewer, base_address(context, request)) if data else None
    return {
        "members": [_member(each, context) for each in listed],
        "guide": _guide(theme, context),
        "table": {"rows": table.total(), "as_of": table.as_of()} if table else None,
    }


def _guide(theme: Theme, context: Here) -> list[tuple[str, Markup]]:
    return [(part, guide.markup(getattr(theme.guide, part).in_(context.language))) for part in GUIDE_PARTS]


def _member(member: Member, context: Here) -> Json:
    resource, language = member.resource, context.language
    words = Translator(language)
    said = [action for action in resource["available"] if action["action"] != "ask"] or resource["available"]
    return {
        "title": resource["title"],
        "href": paths.record(resource["id"]),
        "meta": [text for text in (resource["reference_code"], (resource["dates"] or {}).get("text")) if text],
        "note": member.note.in_(language) if member.note else None,
        "state": hits.state(said[0], words) if said else None,
    }


def _shown(field: FormField, filled: Filled, answer: Json, words: Translator) -> Shown:
    """The field with what was typed, and what is wrong with that."""
    language = words.language
    mistakes = {mistake.parameter: form.sentence(mistake, words) for mistake in filled.mistakes}
    names = form.ends(field) if field.kind == "years" else (field.name,)
    labels = (words.t("From"), words.t("To")) if field.kind == "years" else (field.label.in_(language),)
    typed = filled.values
    inputs = [
        {
            "name": name,
            "id": name.replace(".", "-"),
            "label": label,
            "value": "; ".join(typed.get(name, ())) if field.kind != "choice" else "",
            "placeholder": field.example if field.kind != "years" else None,
            "mistake": mistakes.get(name),
        }
        for name, label in zip(names, labels, strict=True)
    ]
    options = [
        {"value": each.value, "label": each.label.in_(language), "chosen": each.value in typed.get(field.name, ())}
        for each in field.options
    ]
    suggested = answer["facets"].get(SUGGESTED.get(field.kind, ""), [])
    hint = field.hint.in_(language) if field.hint else None
    return Shown(field, field.label.in_(language), hint, inputs, options, [entry["value"] for entry in suggested])


def _told(mistake: form.Mistake, words: Translator) -> Json:
    return {"id": mistake.parameter.replace(".", "-"), "text": form.sentence(mistake, words)}
