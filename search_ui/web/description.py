"""The description as a list in the order of ISAD(G): identity, context, content, access, notes; citation last."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from indexer.fields import FACETS
from search_ui import address, paths
from search_ui.i18n import LANGUAGES, Translator

CONTEXT = ("administrative_history", "custodial_history", "acquisition")


@dataclass(frozen=True, slots=True)
class Row:
    """A label and its text; `lines` are paragraphs. `names` are headings that lead to a search instead, and `about` to
    the page of who is meant.
    """

    label: str
    lines: tuple[str, ...] = ()
    names: tuple[dict[str, str], ...] = ()


def description_rows(resource: dict[str, Any], words: Translator, url: str) -> list[Row]:
    """The rows that have something to say."""
    described = {name: text for name, text in resource["description"].items() if name != "preferred_citation"}
    if resource["authority"] is None:
        columns = {value for entry in resource["entries"] for value in entry["values"].values()}
        described = {name: text for name, text in described.items() if text not in columns}
    rows = [
        *_identity(resource, words),
        *_names(resource, words),
        *(_element(name, described.pop(name), words) for name in CONTEXT if name in described),
        *(_element(name, text, words) for name, text in described.items()),
        *(Row(label, _paragraphs(text)) for label, text in _further_values(resource).items()),
        Row(words.term("field", "access"), access_lines(resource, words)),
        Row(words.t("Cite as"), _citation(resource, url)),
    ]
    return [row for row in rows if row.lines or row.names]


def _further_values(resource: dict[str, Any]) -> dict[str, str]:
    """Columns that stand nowhere else on the page: of a database entry all do, of an authority what it is made of."""
    if "physical" not in resource["kinds"] and resource["authority"] is None and resource["entries"]:
        return {}
    told = {resource["title"], *resource["description"].values(), *(name["name"] for name in resource["names"])}
    told |= {source["source_id"] for source in resource["sources"]}
    if authority := resource["authority"]:
        told |= {form["name"] for form in (*authority["variants"], *authority["relations"])}
    return {label: text for label, text in resource["values"].items() if text not in told}


def _identity(resource: dict[str, Any], words: Translator) -> list[Row]:
    dates, level = resource["dates"], resource["level"]
    languages = "; ".join(words.language_name(code) for code in resource.get("languages") or ())
    values = {
        "reference_code": resource["reference_code"],
        "dates": dates["text"] if dates else None,
        "level": words.term("level", level) if level else None,
        "extent": resource["extent"],
        "holder": resource["holder"],
        "languages": languages,
    }
    return [Row(words.term("field", name), (value,)) for name, value in values.items() if value]


def _names(resource: dict[str, Any], words: Translator) -> list[Row]:
    """Headings by what they are: creators first, then each type."""
    groups: dict[str, list[dict[str, str]]] = {}
    creators = {name["name"] for name in resource["names"] if name["role"] == "creator"}
    for name in resource["names"]:
        creator = name["role"] == "creator"
        if not creator and name["name"] in creators and name["type"] != "subject":
            continue
        label = words.term("name_role", "creator") if creator else words.term("name_type", name["type"])
        about = paths.record(name["authority"]["id"]) if name["authority"] else ""
        found = {"name": name["name"], "href": _search(name), "relator": name.get("relator") or "", "about": about}
        groups.setdefault(label, []).append(found)
    return [Row(label[:1].upper() + label[1:], names=tuple(found)) for label, found in groups.items()]


def _search(name: dict[str, Any]) -> str:
    """A search for everything under this heading: by facet where its type has one, else among all names."""
    facet = "person" if name["type"] == "family" else name["type"]
    return address.href(address.toggled(address.NEW, facet if facet in FACETS else "name", name["name"]))


def _element(name: str, text: str, words: Translator) -> Row:
    """An element of the standard by its name, a source's own element by its own label."""
    return Row(words.term("field", name), _paragraphs(text))


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def access_lines(resource: dict[str, Any], words: Translator) -> tuple[str, ...]:
    """Access in words: what is stated, why and by whom, and what it means for this reader now."""
    told = resource["rights"]
    rests = words.t("Under {article}", article=told["article"]) if told["article"] else None
    copies = told["copy_reason"] if told["copy"] != "yes" else None
    return tuple(
        line
        for line in (
            _access(resource, words),
            rests,
            words.t("Description for staff only") if told["description_internal"] else None,
            words.t("No copies: {reason}", reason=copies) if copies else None,
            words.t("For you now: {answers}", answers=answers(told, words)),
            words.term("stated_by", told["stated_by"]),
        )
        if line
    )


def answers(told: dict[str, Any], words: Translator) -> str:
    """The four questions, each with its answer."""
    return words.t("; ").join(
        words.t(
            "{question}: {answer}", question=words.term("right", name), answer=words.term("right_answer", told[name])
        )
        for name in ("know", "describe", "read", "copy")
    )


def _access(resource: dict[str, Any], words: Translator) -> str:
    stated = words.term("access", resource["access"])
    if resource.get("opens_on"):
        day = words.date(dt.date.fromisoformat(resource["opens_on"]), year=True)
        stated = words.t("{access}, opens on {date}", access=stated, date=day)
    reason = resource.get("access_reasons", {}).get(words.language) or resource.get("access_reason")
    if reason in {Translator(language).term("access", resource["access"]) for language in LANGUAGES}:
        reason = None  # the source says no more than the value already does
    because = " · ".join(filter(None, (reason, resource.get("access_article"))))
    return f"{stated[:1].upper()}{stated[1:]}" + (words.t(" ({reason})", reason=because) if because else "")


def _citation(resource: dict[str, Any], url: str) -> tuple[str, ...]:
    preferred = resource["description"].get("preferred_citation")
    if preferred:
        return (*_paragraphs(preferred), url)
    dates, above = resource["dates"], resource["ancestors"]
    place = ", ".join(container for holding in resource["holdings"][:1] for container in holding["containers"])
    known = (
        resource["title"],
        dates["text"] if dates else None,
        above[0]["title"] if above else None,
        resource["reference_code"] or place,
        resource["holder"],
    )
    return (". ".join(dict.fromkeys(part.rstrip(". ") for part in known if part)) + ".", url)
