"""What the desk counts on of whoever fills its ports of knowledge: alternatives, places, personal data."""

from __future__ import annotations

from typing import get_args
from urllib.parse import urlsplit

from mappings.access import Viewer
from service_desk.knowledge import (
    MOST_ALTERNATIVES,
    REASONS,
    AlternativeKind,
    Alternatives,
    Finder,
    Personal,
)
from service_desk.ports import FrozenHit


def check_alternatives(port: Alternatives, hit: FrozenHit, reader: Viewer) -> None:
    """Few, each once, the same when asked again, with codes that screens know and addresses that lead somewhere."""
    found = port.for_hit(hit, reader)
    assert len(set(found)) == len(found) <= MOST_ALTERNATIVES
    assert port.for_hit(hit, reader) == found
    for one in found:
        assert one.kind in get_args(AlternativeKind) and one.reason in REASONS
        assert one.title and one.id
        assert one.path.startswith("/") or urlsplit(one.path).scheme in ("http", "https")
        assert (one.day is not None) == (one.kind == "opens")
        assert one.kind != "similar" or one.id != hit.id


def check_finder(port: Finder, text: str, reader: Viewer) -> None:
    """At most one place of each kind, no fuller than all that is found."""
    places = port.places(text, reader)
    assert len({one.kind for one in places}) == len(places)
    for one in places:
        assert one.name and 0 < one.count <= one.total
    assert port.places("", reader) == ()


def check_personal(port: Personal, text: str) -> None:
    """Stretches of the text, in order and apart; nothing of them is left where it is masked."""
    spans, at = port.spans(text), 0
    for start, end, kind in spans:
        assert at <= start < end <= len(text) and kind
        at = end
    masked = port.masked(text)
    assert spans or masked == text
    assert all(text[start:end] not in masked for start, end, _ in spans)
