"""schema.org for machines that read the record page (ArchiveComponent, https://schema.org/ArchiveComponent)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def describe(resource: dict[str, Any], url: str, address_of: Callable[[str], str]) -> dict[str, Any]:
    """The record as schema.org has it; only what this reader sees on the page itself."""
    dates, above = resource["dates"], resource["ancestors"]
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ArchiveComponent" if above else ["Collection", "ArchiveComponent"],
        "@id": url,
        "url": url,
        "name": resource["title"],
        "identifier": resource["reference_code"],
        "dateCreated": dates["text"] if dates else None,
        "description": resource["description"].get("scope_and_content") or resource["description"].get("abstract"),
        "creator": {"@type": "Thing", "name": resource["creator"]} if resource["creator"] else None,
        "holdingArchive": {"@type": "ArchiveOrganization", "name": resource["holder"]} if resource["holder"] else None,
        "materialExtent": resource["extent"],
        "inLanguage": resource.get("languages") or None,
        "isAccessibleForFree": True if resource["access"] == "open" else None,
    }
    if above:
        parent = above[-1]
        found["isPartOf"] = {"@type": "ArchiveComponent", "@id": address_of(parent["id"]), "name": parent["title"]}
    return {key: value for key, value in found.items() if value is not None}


def script(described: dict[str, Any]) -> Markup:
    """The content of the script element: JSON in which nothing can end the element or begin a tag."""
    return Markup(json.dumps(described, ensure_ascii=False).translate(_ESCAPES))  # noqa: S704 - < > & are escaped above
