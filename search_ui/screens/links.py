"""Links to review: two records that may be one thing, side by side, and what staff have decided so far.

A decision is kept at the desk; the next run follows it. A pair that was just decided is not asked again meanwhile.
"""

from __future__ import annotations

from contextlib import suppress
from difflib import SequenceMatcher
from typing import Any, Final

from markupsafe import Markup, escape

from indexer.errors import SearchError
from mappings.text import runs
from search_ui import paths
from search_ui.i18n import Translator
from search_ui.screens.blocks import block
from search_ui.screens.context import Here, here
from search_ui.screens.frame import Drawn
from search_ui.screens.staff import SIZE, for_staff_only, href, page_number, pager
from search_ui.services import LinkState
from service_desk.errors import DeskError
from service_desk.views import LinkDecisionView

Json = dict[str, Any]
Key = tuple[str, str]
VIEWS: Final = ("review", "decided")
VERDICTS: Final = ("same", "apart")
LEVELS: Final = {
    "same": "agree",
    "reordered": "agree",
    "day": "agree",
    "years": "agree",
    "unsaid": "one_side",
    "differs": "differ",
    "unlike": "differ",
    "far": "differ",
}
"""How a level of a field is told; what is not here is near."""


def draw(context: Here) -> Drawn:
    """The pairs one at a time; or the decisions, newest first; or the records of one resource, to part one of them."""
    if not paths.opens_to(context.viewer, paths.LINKS):
        return for_staff_only(context, paths.LINKS)
    state = context.services.links()
    decided = context.services.desk.links.decided(context.viewer)
    if resource := context.parameter("resource"):
        return _members(context, resource, decided)
    known = {(view.one, view.other) for view in decided}
    pairs = [pair for pair in state.pairs if (tuple(pair["one"]), tuple(pair["other"])) not in known]
    view = context.parameter("view") if context.parameter("view") in VIEWS else VIEWS[0]
    names = {
        "review": (context.words.t("To review"), len(pairs)),
        "decided": (context.words.t("Decided"), len(decided)),
    }
    views = [
        {"text": text, "count": count, "href": href(paths.LINKS, view=name), "here": name == view}
        for name, (text, count) in names.items()
    ]
    if view == "decided":
        return _decided(context, views, decided, state)
    return _review(context, views, pairs)


def _review(context: Here, views: list[Json], pairs: list[Json]) -> Drawn:
    number = min(page_number(context, "at"), max(1, len(pairs)))
    shown = _pair(pairs[number - 1], context) if pairs else None
    block(
        "links_review",
        context.words,
        views=views,
        pair=shown,
        at=number,
        total=len(pairs),
        skip=href(paths.LINKS, at=number + 1) if number < len(pairs) else href(paths.LINKS) if number > 1 else None,
    )
    return Drawn(context.words.n("{count} pair to review", "{count} pairs to review", len(pairs)), act=_act)


def _pair(pair: Json, context: Here) -> Json:
    titles = _source_titles(context)
    return {
        "id": pair["id"],
        "score": f"{pair['score']:.2f}",
        "sides": [_side(tuple(pair[name]), titles) for name in ("one", "other")],
        "fields": [_field(field, context.words) for field in pair["evidence"] if not _is_said_already(field)],
    }


def _is_said_already(field: Json) -> bool:
    """The numbers of a title stand in it; they are told apart only where they differ."""
    return bool(field["field"] == "numbers" and field["level"] == "same")


def _side(key: Key, titles: dict[str, str]) -> Json:
    return {"source": titles.get(key[0], key[0]), "id": key[1], "href": paths.record(f"{key[0]}:{key[1]}")}


def _field(field: Json, words: Translator) -> Json:
    level = LEVELS.get(field["level"].removesuffix("-short"), "near")
    said = [words.term("level", text) if field["field"] == "level" else text for text in (field["one"], field["other"])]
    one, other = differing(*said)
    return {
        "name": words.term("link_field", field["field"]),
        "level": level,
        "word": words.term("link_level", level),
        "one": one,
        "other": other,
    }


def differing(one: str, other: str) -> tuple[Markup, Markup]:
    """Both texts as markup, what the other does not have marked; whole words, single Han characters."""
    ours, theirs = _pieces(one), _pieces(other)
    matcher = SequenceMatcher(None, [p.casefold() for p in ours], [p.casefold() for p in theirs], autojunk=False)
    left, right = [], []
    for tag, start, end, from_, to in matcher.get_opcodes():
        left.append(_marked("".join(ours[start:end]), tag != "equal"))
        right.append(_marked("".join(theirs[from_:to]), tag != "equal"))
    return Markup("").join(left), Markup("").join(right)


def _pieces(text: str) -> list[str]:
    """The text cut into words, Han characters and what is between; put together again they are the text."""
    found: list[str] = []
    rest = text
    for run in runs(text):
        before, _, rest = rest.partition(run)
        found += [*before, *(run if not run.isascii() else [run])]
    return [*found, *rest]


def _marked(text: str, is_marked: bool) -> Markup:
    inner = text.strip()
    if not is_marked or not inner:
        return escape(text)
    before, _, after = text.partition(inner)
    return escape(before) + Markup("<mark>{}</mark>").format(inner) + escape(after)


def _decided(context: Here, views: list[Json], decided: list[LinkDecisionView], state: LinkState) -> Drawn:
    number = page_number(context, "page")
    rows = [_decision(view, context, state) for view in decided[(number - 1) * SIZE : number * SIZE]]
    block(
        "links_decided",
        context.words,
        views=views,
        rows=rows,
        **pager(paths.LINKS, len(decided), number, view="decided"),
    )
    return Drawn(context.words.n("{count} decision", "{count} decisions", len(decided)), act=_act)


def _decision(view: LinkDecisionView, context: Here, state: LinkState) -> Json:
    words = context.words
    return {
        "number": view.id,
        "at": words.moment(view.at),
        "account": view.account,
        "note": view.note,
        "verdict": words.term("link_verdict", view.verdict),
        "sides": [_named(key, context, state) for key in (view.one, view.other)],
        "standing": words.term("link_standing", standing(view, state)),
    }


def standing(view: LinkDecisionView, state: LinkState) -> str:
    """followed, waiting for the next run, or refused: what else holds does not allow it."""
    together = state.resource_of(*view.one) == state.resource_of(*view.other)
    if together == (view.verdict == "same"):
        return "followed"
    return "waiting" if state.as_of is None or view.at > state.as_of else "refused"


def _named(key: Key, context: Here, state: LinkState) -> Json:
    """A record with its own title; where no pair kept it, with that of its resource."""
    side, title = _side(key, _source_titles(context)), state.titles.get(key)
    if title is None:
        found = context.services.resource(f"{key[0]}:{key[1]}", context.viewer)
        title = found["title"] if found else key[1]
    return {**side, "title": title}


def _source_titles(context: Here) -> dict[str, str]:
    """What sources are called; nothing while search is down: they go by their names then."""
    with suppress(SearchError):
        return {source.name: source.title for source in context.services.sources()}
    return {}


def _members(context: Here, resource: str, decided: list[LinkDecisionView]) -> Drawn:
    """Why the records of a resource are one, each with a button that parts it from the others."""
    found = context.services.resource(resource, context.viewer)
    links = found["links"] if found else []
    parted = {frozenset((view.one, view.other)) for view in decided if view.verdict == "apart"}
    keys = [(link["source"], link["source_id"]) for link in links]
    rows = [
        {
            "number": number,
            "source": link["source_title"],
            "id": link["source_id"],
            "kind": context.words.term("kind", link["kind"]),
            "why": context.words.term("link_rule", link["rule"]),
            "value": link["value"],
            "parted": all(frozenset((keys[number], key)) in parted for key in keys if key != keys[number]),
        }
        for number, link in enumerate(links)
    ]
    block("links_members", context.words, rows=rows, resource=found, href=paths.record(resource))
    return Drawn(context.words.n("{count} record", "{count} records", len(rows)), act=_act)


def _act(act: str) -> None:
    """Callback of a button: ``same:PAIR``, ``apart:PAIR``, ``open:NUMBER``, ``part:NUMBER`` (of the resource in the
    address). The desk asks once more whether this is staff.
    """
    verb, _, rest = act.partition(":")
    context = here()
    if not paths.opens_to(context.viewer, paths.LINKS):
        return
    for one, other, verdict in _meant(verb, rest, context):
        try:
            context.services.desk.links.decide(one, other, verdict, context.viewer)
        except DeskError:
            return


def _meant(verb: str, rest: str, context: Here) -> list[tuple[Key, Key, str]]:
    """What a button decides; nothing when what it was about is gone."""
    if verb in VERDICTS:
        found = next((pair for pair in context.services.links().pairs if pair["id"] == rest), None)
        return [(tuple(found["one"]), tuple(found["other"]), verb)] if found else []
    if verb == "open":
        views = context.services.desk.links.decided(context.viewer)
        return [(view.one, view.other, "open") for view in views if str(view.id) == rest]
    if verb == "part" and rest.isdecimal() and len(rest) < 6:
        return _parted(int(rest), context)
    return []


def _parted(number: int, context: Here) -> list[tuple[Key, Key, str]]:
    resource = context.services.resource(context.parameter("resource"), context.viewer)
    keys = [(link["source"], link["source_id"]) for link in resource["links"]] if resource else []
    if number >= len(keys):
        return []
    return [(keys[number], key, "apart") for at, key in enumerate(keys) if at != number]
