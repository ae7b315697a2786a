"""What makes a record page that of an authority: the forms of its name, what it stands to, and who names it."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from search_ui import address, paths
from search_ui.i18n import Translator
from search_ui.web.description import Row
from search_ui.web.ways import Way


def form_rows(resource: dict[str, Any], words: Translator) -> list[Row]:
    """Authorised forms, variants by their kind, related names by what they are; nothing for other records."""
    authority = resource["authority"]
    if authority is None:
        return []
    rows = [Row(words.t("Authorised form"), tuple(authority["headings"]))]
    for kind, variants in _by_kind(authority["variants"]):
        label = _label(kind, words.t("Also found as"), words)
        rows.append(Row(label, (" · ".join(v["name"] for v in variants),)))
    for kind, related in _by_kind(authority["relations"]):
        rows.append(Row(_label(kind, words.t("See also"), words), names=tuple(map(_related, related))))
    return rows


def named_in(resource: dict[str, Any], words: Translator) -> list[Way]:
    """The way to the records that name an authority, when there are any."""
    if resource["authority"] is None or not (named := resource["authority"]["named_in"])["total"]:
        return []
    there = address.href(replace(address.NEW, filters={"name": tuple(named["headings"])}))
    label = words.n("{count} record names it", "{count} records name it", named["total"])
    note = words.t("Under every form of the name that is in use here")
    return [Way("now", label, note, words.t("Now"), words.t("See them"), there)]


def _by_kind(values: list[dict[str, Any]]) -> list[tuple[str | None, list[dict[str, Any]]]]:
    """Values grouped by kind, kinds in the order they first appear."""
    order = {kind: at for at, kind in enumerate(dict.fromkeys(map(_kind, values)))}
    ranked = sorted(values, key=lambda value: order[_kind(value)])
    return [(kind, list(group)) for kind, group in groupby(ranked, key=_kind)]


def _kind(value: dict[str, Any]) -> str | None:
    """What a form or relation is; what its source notes of it stands behind a colon (EAC-CPF, ``descriptiveNote``)."""
    return value["kind"].partition(": ")[0] if value["kind"] else None


def _label(kind: str | None, usual: str, words: Translator) -> str:
    """The word for the kind: of the formats' own codes in the reader's language, else as the source has it."""
    if not kind:
        return usual
    said = words.term("name_kind", kind)
    return f"{said[:1].upper()}{said[1:]}".replace("_", " ")


def _related(relation: dict[str, Any]) -> dict[str, str]:
    """A related name leads to its own page when we have one, else to a search."""
    known = relation["authority"]
    words = relation["name"].replace('"', " ")
    there = paths.record(known["id"]) if known else address.href(address.with_text(address.NEW, f'"{words}"'))
    note = (relation["kind"] or "").partition(": ")[2]
    return {"name": relation["name"], "href": there, "relator": note, "about": ""}
