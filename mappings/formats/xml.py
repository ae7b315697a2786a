"""One way to parse XML from outside: no network, no DTD, no entities from outside, no huge trees, damage reported with
its place.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from lxml import etree
from lxml.etree import _Element as Element

from mappings.record import Problem

# "internal": entities declared in the file itself are replaced, within libxml2's amplification limit; all others are
# not.
SAFE: dict[str, Any] = {
    "recover": True,
    "no_network": True,
    "load_dtd": False,
    "resolve_entities": "internal",
    "remove_comments": True,
    "remove_pis": True,
    "huge_tree": False,
}


KEPT = "what could be read was kept; repair the file and run again"


def parse(payload: bytes) -> tuple[Element | None, Problem | None]:
    """(root or None, what is wrong with the file or None)."""
    parser = etree.XMLParser(**SAFE)
    try:
        root = etree.parse(BytesIO(payload), parser).getroot()
    except (etree.LxmlError, ValueError, LookupError) as error:
        return None, first_error(parser.error_log) or Problem("damaged-xml", f"not well-formed: {error}", KEPT)
    return root, first_error(parser.error_log)


def first_error(log: Any) -> Problem | None:
    """The first error libxml2 recovered from, with its place; undeclared prefixes do not count."""
    for entry in log:
        if entry.level >= etree.ErrorLevels.ERROR and entry.domain != etree.ErrorDomains.NAMESPACE:
            reason = f"not well-formed: {entry.message.strip()[:200]}"
            return Problem("damaged-xml", reason, KEPT, f"line {entry.line}, column {entry.column}")
    return None


class _LocalNames(dict[object, str]):
    """Tag -> local name, worked out once per tag; nodes that are no elements have none."""

    def __missing__(self, tag: object) -> str:
        name = tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""
        if len(self) < 10_000:  # a hostile file may invent names without end
            self[tag] = name
        return name


LOCAL = _LocalNames()
