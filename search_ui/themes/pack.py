"""The ready pack: what is in it for this viewer, and the ZIP to take away.

A resource that this viewer may not know of is not in it, and leaves no gap: neither in the list nor in the register.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from indexer.query import Corner, Query
from mappings.access import Viewer
from search_ui import paths
from search_ui.i18n import Translator
from search_ui.services import CopiesRefused, Services
from search_ui.themes.files import csv_text, zipped
from search_ui.themes.model import MOST_RESOURCES, PackItem, Said, Theme

MOST_BYTES: Final = 100 * 1024 * 1024
"""Of texts and images in one pack; what comes after is told in the register, with where it can be read."""
MOST_PAGES: Final = 2_000
"""Pages looked at for one pack."""
_UNSAFE = re.compile(r"[^\w.-]+")
_ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A resource of a pack, as this viewer may see it, with what staff say of it."""

    resource: Json
    note: Said | None


def members(services: Services, theme: Theme, viewer: Viewer) -> list[Member]:
    """What this viewer finds in the pack, in its order, each once. Raises indexer.errors.SearchError."""
    found: dict[str, Member] = {}
    for item in theme.pack.items if theme.pack else ():
        for resource in _resources(services, theme, item, viewer):
            found.setdefault(resource["id"], Member(resource, item.note))
    return list(islice(found.values(), MOST_RESOURCES))


def _resources(services: Services, theme: Theme, item: PackItem, viewer: Viewer) -> Iterable[Json]:
    if item.id is not None:
        resource = services.resource(item.id, viewer)
        return [resource] if resource else []
    filters = {field: tuple(values) for field, values in item.filters.items()}
    query = Query(item.query or "*", filters, size=item.limit, corner=Corner(theme.standing))
    hits: list[Json] = services.search(query, viewer)["hits"]
    return hits


@dataclass(slots=True)
class _Room:
    """What may still be put into a pack."""

    size: int = MOST_BYTES
    pages: int = MOST_PAGES

    def takes(self, content: bytes) -> bool:
        if len(content) > self.size:
            return False
        self.size -= len(content)
        return True


_MASKED = "This is the de-identified copy: names and numbers are masked."


@dataclass(slots=True)
class _Taken:
    """What of a resource went into the pack."""

    text_file: str = ""
    texts: int = 0
    images: int = 0
    full: bool = False


class PackFile:
    """The ZIP of a pack for one viewer, in the reader's language; `words` is of the domain ``web``."""

    def __init__(self, services: Services, theme: Theme, viewer: Viewer, words: Translator, base: str) -> None:
        """`base` is where the house is reached from outside. Raises indexer.errors.SearchError."""
        self._services, self._theme, self._viewer, self._words, self._base = services, theme, viewer, words, base
        self._members = members(services, theme, viewer)
        self._room = _Room()

    def stream(self) -> Iterator[bytes]:
        """The archive, piece by piece."""
        return zipped(self._files())

    def _files(self) -> Iterator[tuple[str, bytes]]:
        rows: list[list[Any]] = [self._header()]
        for number, member in enumerate(self._members, 1):
            taken = _Taken()
            yield from self._of(member.resource, f"{number:03d}-{_file_name(member.resource)}", taken)
            rows.append(self._row(number, member, taken))
        yield self._words.t("register.csv"), "".join(csv_text(rows)).encode()
        yield "README.md", self._readme().encode()

    def _of(self, resource: Json, name: str, taken: _Taken) -> Iterator[tuple[str, bytes]]:
        """Texts and images of the pages this viewer may have copies of now."""
        note = self._words.t(_MASKED) + "\n" if _is_masked(resource) else ""
        head = f"{resource['title']}\n{resource['reference_code'] or ''}\n{note}".encode()
        texts: list[bytes] = []
        for number in range(1, resource["page_total"] + 1):
            if self._room.pages <= 0:
                taken.full = True
                break
            self._room.pages -= 1
            if text := self._text(resource["id"], number, taken):
                texts.append(text)
            yield from self._image(resource["id"], number, name, taken)
        if texts:
            taken.text_file, taken.texts = f"texts/{name}.txt", len(texts)
            yield taken.text_file, b"\n".join([head, *texts])

    def _text(self, identifier: str, number: int, taken: _Taken) -> bytes:
        """The text of a page; nothing when there is none for this viewer, or no room."""
        pieces: list[bytes] = []
        for piece in self._services.page_text(identifier, number, self._viewer):
            if not self._room.takes(encoded := piece.encode()):
                taken.full = True
                return b""
            pieces.append(encoded)
        return b"".join(pieces)

    def _image(self, identifier: str, number: int, name: str, taken: _Taken) -> Iterator[tuple[str, bytes]]:
        try:
            image = self._services.page_image(identifier, number, self._viewer)
        except CopiesRefused:
            return
        if image is None:
            return
        if not self._room.takes(image.data):
            taken.full = True
            return
        taken.images += 1
        yield f"pages/{name}/{number:04d}.{_ENDINGS.get(image.media_type, 'bin')}", image.data

    def _header(self) -> list[str]:
        t = self._words.t
        return [
            t("Number"),
            t("Title"),
            self._words.term("field", "reference_code"),
            t("Dates"),
            t("Held by"),
            t("Access"),
            t("Address"),
            t("File of the text"),
            t("Pages with text"),
            t("Images of pages"),
            t("Pages in all"),
            t("What is not here"),
            t("Note"),
        ]

    def _row(self, number: int, member: Member, taken: _Taken) -> list[Any]:
        resource, words = member.resource, self._words
        return [
            number,
            resource["title"],
            resource["reference_code"],
            resource["dates"]["text"] if resource["dates"] else None,
            resource["holder"],
            words.term("access", resource["access"]),
            self._base + paths.record(resource["id"]),
            taken.text_file,
            taken.texts,
            taken.images,
            resource["page_total"],
            self._missing(resource, taken),
            member.note.in_(words.language) if member.note else None,
        ]

    def _missing(self, resource: Json, taken: _Taken) -> str:
        """Why pages are not in the pack; nothing where all are, or where there are none."""
        t = self._words.t
        if taken.full:
            return t("The pack is full; read the rest at the address")
        if _is_masked(resource):
            return t(_MASKED)
        if max(taken.texts, taken.images) < resource["page_total"]:
            return t("Not for everyone to read here and now; the address says what you can do")
        return ""

    def _readme(self) -> str:
        t, theme, language = self._words.t, self._theme, self._words.language
        pack, guide = theme.pack, theme.guide
        lines = [
            f"# {theme.title.in_(language)}",
            pack.introduction.in_(language) if pack else "",
            f"{self._services.text('name', language) or 'onestop'}, {today()}",
            t("Here are the descriptions (register), and of texts and images what you may read at that time."),
            f"## {t('What is in it')}\n\n{guide.contents.in_(language)}",
            f"## {t('How to read it')}\n\n{guide.reading.in_(language)}",
            f"## {t('How to cite it')}\n\n{guide.citing.in_(language)}",
            f"## {t('Whom to ask')}\n\n{guide.contact.in_(language)}",
        ]
        text = "\n\n".join(line.strip() for line in lines if line) + "\n"
        return text.replace("](/", f"]({self._base}/")  # away from the house, its own addresses need its name


def _is_masked(resource: Json) -> bool:
    """Are pages of it those of the de-identified copy?"""
    return any(action["action"] == "deidentified" for action in resource["available"])


def today() -> str:
    """The day as data."""
    return dt.date.today().isoformat()


def _file_name(resource: Json) -> str:
    """A name for files: the reference code, else the title, else the id."""
    told = resource["reference_code"] or resource["title"] or resource["id"]
    return _UNSAFE.sub("-", told)[:60].strip("-.") or "resource"
