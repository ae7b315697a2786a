"""What a PDF says of itself, field by field: document information (ISO 32000-1, 14.3.3), XMP, catalog.

Much of it was written by programs; what says nothing of the document is passed over.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from msgspec import Struct

from mappings.dates import parse
from mappings.formats.pdf.document import Attachment, Bookmark
from mappings.identifiers import typed
from mappings.languages import code_of
from mappings.record import Dates, Identifier, Name, clean

_LONGEST_TITLE = 1_000
_MOST_NAMES = 200
_EMPTY_TITLES = re.compile(
    r"untitled.*|unspecified|unknown|none|title|document\s*\d*|dokument\s*\d*|slide\s*\d*|book\s*\d*|\(?anonymous\)?"
    r"|powerpoint presentation|scan(ned)?( document)?\W*\d*|无标题.*|無標題.*|未命名.*|幻灯片\s*\d*|文档\s*\d*",
    re.IGNORECASE,
)
_PROGRAM_TITLES = re.compile(
    r"microsoft (?:word|powerpoint|excel|office)\s*-.*|(?:file|https?)://.*"
    r"|.*\.(?:docx?|rtf|odt|xlsx?|pptx?|indd|qxd|pmd|tex|dvi|ps|eps|cdr|pdf|tiff?|jpe?g|wpd|html?)",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\(?(?:anonymous|unknown|unspecified|user|default user|admin|administrator|owner|author|root|scanner|none"
    r"|microsoft|hp|用户|管理员|微软用户|admin\w*)\)?",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:D:)?\s*(\d{4})(\d{2})?(\d{2})?")
_ACCENTS = re.compile(r"[\xa1-\xfe]+")
_BETWEEN_NAMES = re.compile(r"\s*[;；、]\s*")
_BETWEEN_WORDS = re.compile(r"\s*[;,；，、|]\s*")


class Said(Struct, frozen=True):
    """Values of the information dictionary by key, of XMP by element of Dublin Core, and the catalog's language."""

    information: dict[str, str]
    dublin_core: dict[str, list[str]]
    language: str | None


def legible(value: str) -> str:
    """A value as written; one in GB 2312 that claims to be PDFDocEncoding, as Chinese programs wrote for years, in
    Chinese. Accents of other languages stand alone or are few.
    """
    runs = _ACCENTS.findall(value)
    if sum(map(len, runs)) < 4 or any(len(run) % 2 for run in runs) or 2 * sum(map(len, runs)) < len(value):
        return value
    try:
        return value.encode("latin-1").decode("gb2312")
    except UnicodeError:
        return value


def title(said: Said, name: str) -> str | None:
    """``Title``, else ``dc:title``; not what a program put there: a file's name, "untitled", "Microsoft Word - x"."""
    for value in [said.information.get("Title", ""), *said.dublin_core.get("title", [])]:
        if value and not _is_junk(value, name):
            return value[:_LONGEST_TITLE]
    return None


def supplied_title(name: str) -> str:
    """The file's name without its ending (ISAD(G) 3.1.2)."""
    return clean(PurePosixPath(name).stem) or name


def _is_junk(value: str, name: str) -> bool:
    path = PurePosixPath(name)
    if value.casefold() in (path.stem.casefold(), path.name.casefold()):
        return True
    if not any(char.isalpha() for char in value):
        return True
    return bool(_EMPTY_TITLES.fullmatch(value) or _PROGRAM_TITLES.fullmatch(value))


def creators(said: Said) -> tuple[Name, ...]:
    """``dc:creator`` where it names more than one, else ``Author``, several divided at semicolons. Commas stay: they
    stand within names, too.
    """
    listed = said.dublin_core.get("creator", [])
    written = said.information.get("Author") or "; ".join(listed)
    values = listed if len(listed) > 1 else _BETWEEN_NAMES.split(written)
    named = [value for value in values if value and not _NOBODY.fullmatch(value)]
    return tuple(Name(value, "name", "creator") for value in dict.fromkeys(named[:_MOST_NAMES]))


def publishers(said: Said) -> tuple[Name, ...]:
    """``dc:publisher``."""
    return tuple(
        Name(value, "name", "name", "publisher") for value in said.dublin_core.get("publisher", ())[:_MOST_NAMES]
    )


def subjects(said: Said) -> tuple[Name, ...]:
    """``Keywords`` divided at commas and semicolons, and ``dc:subject``."""
    words = _BETWEEN_WORDS.split(said.information.get("Keywords") or "") + said.dublin_core.get("subject", [])
    found = dict.fromkeys(word for word in words if word and len(word) < 200)
    return tuple(Name(word, "subject", "subject") for word in list(found)[:_MOST_NAMES])


def dates(said: Said) -> Dates | None:
    """``CreationDate`` (``D:20220403193102+02'00'``) as a day; a bare year or month stays one."""
    found = _DATE.match(said.information.get("CreationDate") or "")
    if found is None or found[1] == "0000":
        return None
    text = "-".join(part for part in found.groups() if part)
    start, end = parse(text)
    return Dates(text, start, end) if start is not None else None


def languages(said: Said) -> tuple[str, ...]:
    """The catalog's ``Lang``, else ``dc:language``."""
    stated = [said.language] if said.language else said.dublin_core.get("language", [])
    return tuple(dict.fromkeys(code for value in stated if (code := code_of(value))))


def identifiers(said: Said) -> tuple[Identifier, ...]:
    """``dc:identifier``, where its form says what it is (DOI, ISBN, ARK, handle); a file's own UUID is none."""
    found = [typed(value) for value in said.dublin_core.get("identifier", ())]
    return tuple(one for one in found if one is not None and not one.value.startswith(("urn:uuid:", "uuid:")))


def abstract(said: Said) -> str | None:
    """``Subject``, which says what the document is about, else ``dc:description``."""
    for value in [said.information.get("Subject", ""), *said.dublin_core.get("description", [])]:
        if value and not _EMPTY_TITLES.fullmatch(value):
            return value
    return None


def rights(said: Said) -> str | None:
    """``dc:rights``."""
    return "\n".join(said.dublin_core.get("rights", ())) or None


def contents(outline: list[Bookmark], labels: list[str | None]) -> str | None:
    """The outline as a list, a line an entry, indented by its depth, with the page it leads to as printed."""
    return "\n".join(_entry(bookmark, labels) for bookmark in outline) or None


def _entry(bookmark: Bookmark, labels: list[str | None]) -> str:
    text = "\u2003" * bookmark.depth + bookmark.title
    if bookmark.page is None or bookmark.page >= len(labels):
        return text
    return f"{text} ... {labels[bookmark.page] or bookmark.page + 1}"


def attached(attachments: list[Attachment]) -> str | None:
    """The embedded files, a line each: name, type, size."""
    return "\n".join(_file(one) for one in attachments) or None


def _file(one: Attachment) -> str:
    size = f"{one.size:,} bytes" if one.size is not None else None
    about = ", ".join(part for part in (one.type, size) if part)
    return f"{one.name} ({about})" if about else one.name
