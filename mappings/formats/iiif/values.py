"""Values of IIIF resources in the shapes both versions allow: text in languages, references, lists that may be one.

https://iiif.io/api/presentation/3.0/#44-language-of-property-values and
https://iiif.io/api/presentation/2.1/#language-of-property-values
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from mappings.record import clean

Json = dict[str, Any]
MAX_TEXT = 200_000
"""Characters of one value; what is longer is cut."""
_MANY = 1_000
"""Values of one property, and languages of one value."""
_TAG = re.compile(r"<[A-Za-z/!][^<>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);")
_WEB = re.compile(r"https?://[^\s{}<>\"']+", re.IGNORECASE)
_NO_LANGUAGE = frozenset({"none", "@none", "und", ""})
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "blockquote"})
_UNSEEN = frozenset({"script", "style", "template"})


class Text(Struct, frozen=True):
    """A value without mark-up, lines divided by newlines, with the addresses of its links behind their words; `words`
    without those. `language` as its source says it.
    """

    value: str
    words: str
    language: str | None = None
    links: tuple[str, ...] = ()


def listed(value: Any) -> list[Any]:
    """A value that may be one, several or none, as a list."""
    if value is None:
        return []
    return value[:_MANY] if isinstance(value, list) else [value]


def objects(value: Any) -> list[Json]:
    """Those of a property's values that are JSON objects."""
    return [one for one in listed(value) if isinstance(one, dict)]


def all_objects(value: Any) -> Iterator[Json]:
    """The objects of a list of any length (canvases, annotations)."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def texts(value: Any) -> list[Text]:
    """All texts of a property, in the order of the file: language maps of version 3; strings and ``@value`` objects of
    version 2.
    """
    found: list[Text] = []
    for one in listed(value):
        if isinstance(one, dict) and "@value" not in one:
            for language, values in list(one.items())[:_MANY]:
                found += [made for text in listed(values) if (made := _text(text, language)) is not None]
        else:
            text, language = (one.get("@value"), one.get("@language")) if isinstance(one, dict) else (one, None)
            if (made := _text(text, language)) is not None:
                found.append(made)
    return found


def first(value: Any) -> str | None:
    """The first text of a property, on one line."""
    return next((clean(text.words) for text in texts(value)), None)


def joined(value: Any) -> str | None:
    """All texts of a property, each once, a paragraph each."""
    return "\n".join(dict.fromkeys(text.value for text in texts(value))) or None


def _text(value: Any, language: Any) -> Text | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    made = plain(str(value)[:MAX_TEXT])
    stated = language if isinstance(language, str) and language not in _NO_LANGUAGE else None
    return replace(made, language=stated) if made.value else None


def plain(value: str) -> Text:
    """The text of a value that may be HTML; an address follows its link's words in brackets unless they say it."""
    if not _TAG.search(value):
        lines = _lines(value)
        return Text(lines, lines)
    reader = _Html()
    reader.feed(value)
    reader.close()
    words = (piece for place, piece in enumerate(reader.pieces) if place not in reader.added)
    return Text(_lines("".join(reader.pieces)), _lines("".join(words)), None, tuple(reader.links))


def _lines(text: str) -> str:
    return "\n".join(line for piece in text.splitlines() if (line := clean(piece)))


class _Html(HTMLParser):
    """The text of HTML; nothing of it is ever shown as HTML again."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.links: list[str] = []
        self.added: set[int] = set()
        self._unseen = 0
        self._href: str | None = None
        self._from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS:
            self.pieces.append("\n")
        self._unseen += tag in _UNSEEN
        if tag == "a":
            self._href, self._from = web_address(dict(attrs).get("href")), len(self.pieces)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS:
            self.pieces.append("\n")
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        if tag == "a" and self._href is not None:
            self.links.append(self._href)
            words = "".join(self.pieces[self._from :])
            if self._href not in words:
                self.added.add(len(self.pieces))
                self.pieces.append(f" ({self._href})")
            self._href = None

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)


def web_address(value: Any) -> str | None:
    """A value that is an address on the web; None for templates (``{{ id.path }}``), fragments and other schemes."""
    text = value.strip() if isinstance(value, str) else ""
    return text if len(text) < 4_000 and _WEB.fullmatch(text) and host(text) else None


def host(address: str) -> str | None:
    """The host of an address; None for one that is malformed."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def identity(resource: Any) -> str | None:
    """The ``id`` or ``@id`` of a resource, or the resource itself where only its id is given; as written."""
    if isinstance(resource, str):
        return resource.strip() or None
    if isinstance(resource, dict):
        value = resource.get("id", resource.get("@id"))
        return value.strip() or None if isinstance(value, str) else None
    return None


def type_of(resource: Any) -> str:
    """The type without its prefix: ``sc:Manifest`` and ``Manifest`` are "Manifest"; empty when there is none."""
    value = resource.get("type", resource.get("@type")) if isinstance(resource, dict) else None
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str)), None)
    return value.rpartition(":")[2].strip() if isinstance(value, str) else ""
