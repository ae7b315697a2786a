"""What a record is: the one model that every format becomes and everything above works on.

Names follow ISAD(G) 2nd ed. (https://www.ica.org/resource/isadg/) and, for Chinese catalogues, DA/T 18. Absent is
``None`` or an empty tuple, never an empty string: a mapping calls `clean` on every value it takes over.

The structs validate when decoded (`decode_record`) and are immutable, so they can be shared between threads and hashed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from mappings.access import Access

Kind = Literal["physical", "digital", "thematic"]
Role = Literal["creator", "subject", "name"]
AgentType = Literal["person", "organisation", "family", "place", "subject", "genre", "function", "title", "name"]


class Dates(Struct, frozen=True, omit_defaults=True):
    """A date as the cataloguer wrote it and the years understood, astronomical (0 is 1 BCE), both ends included.

    `earliest` and `latest` are ISO 8601 days, there only when they say more than the years (`mappings.dates.dated`).
    """

    text: str
    start: int | None = msgspec.field(default=None, name="from")
    end: int | None = msgspec.field(default=None, name="to")
    earliest: str | None = None
    latest: str | None = None


class Identifier(Struct, frozen=True, omit_defaults=True):
    """A typed identifier, valid outside its source: ark, handle, doi, uri, isbn, issn, link (the address of a digital
    object).
    """

    type: str
    value: str


class Name(Struct, frozen=True, omit_defaults=True):
    """A heading as written: who or what it is (`type`), and how it stands to the record (`role`).

    `authority` is the identifier of who is meant: an address, ``(scheme)value``, or an id within the same source.
    """

    name: str
    type: AgentType = "name"
    role: Role = "name"
    relator: str | None = None
    authority: str | None = None


class Variant(Struct, frozen=True, omit_defaults=True):
    """Another form of an authority's heading; `kind` says which, in the words of its source (parallel, former, 字)."""

    name: str
    kind: str | None = None
    language: str | None = None


class Relation(Struct, frozen=True, omit_defaults=True):
    """Another authority this one stands to: `kind` in the words of its source (earlier, broader, 父), `authority` as
    in `Name`.
    """

    name: str
    kind: str | None = None
    authority: str | None = None


class Authority(Struct, frozen=True, omit_defaults=True):
    """What a record is when it describes a name instead of material: ISAAR(CPF) 5.1.2-5.1.5, 5.3; MARC 21 authority
    1XX, 4XX, 5XX.

    The record's title is the authorised form, its dates are those of existence, its identifiers those of the name.
    `headings` are further authorised forms (another script or another set of rules), equal in rank with the title.
    """

    type: AgentType
    headings: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    relations: tuple[Relation, ...] = ()


class Holding(Struct, frozen=True, omit_defaults=True):
    """A physical carrier. `containers` are as a reader writes them on a slip; `location` and `barcode` are for staff
    eyes only.
    """

    containers: tuple[str, ...] = ()
    extent: str | None = None
    form: str | None = None
    note: str | None = None
    location: str | None = None
    barcode: str | None = None


class Word(Struct, frozen=True, array_like=True):
    """A recognised word with its box in pixels of the page image. Encoded as an array to keep volumes small."""

    text: str
    x: float
    y: float
    width: float
    height: float
    confidence: float | None = None


class Divided(Struct, frozen=True, array_like=True):
    """A word that a line end divides. It stands whole at the end of line `line` (from 0), in the box of its first part,
    which is its first `at` characters; the rest of it has this box on a later line.
    """

    line: int
    at: int
    x: float
    y: float
    width: float
    height: float


class Page(Struct, frozen=True, omit_defaults=True):
    """One page of a copy: `number` from 1 in reading order, `label` as printed, `image` the item's path within its
    source.

    `lines` are recognised lines of words; `text` is those lines joined by newlines, so offsets follow from it. `width`
    and `height` are those of the coordinate system of the boxes. `frame` says which image of a file of several, from 0;
    for a PDF its page. `url` is where the page can be seen at its owner: shown as a link, never fetched. `read_by` is
    the engine by which we read the text ourselves, None for text that came with the page. `divided` are words that
    stand whole in `lines` and on two lines of the image.
    """

    number: int
    text: str = ""
    label: str | None = None
    image: str | None = None
    width: float | None = None
    height: float | None = None
    lines: tuple[tuple[Word, ...], ...] = ()
    language: str | None = None
    frame: int | None = None
    url: str | None = None
    read_by: str | None = None
    divided: tuple[Divided, ...] = ()


class Copy(Struct, frozen=True, omit_defaults=True):
    """A digital surrogate: pages of our own, or the address of one elsewhere (`url`)."""

    url: str | None = None
    title: str | None = None
    format: str | None = None
    page_count: int = 0
    pages: tuple[Page, ...] = ()


class Ancestor(Struct, frozen=True, omit_defaults=True):
    """A containing unit of description, outermost first in `Record.ancestors`."""

    source_id: str
    title: str
    level: str | None = None
    reference_code: str | None = None
    internal: bool = False


class Problem(Struct, frozen=True, omit_defaults=True):
    """Something that was wrong with an item: `code` is stable, `reason` says what, `hint` what to do, `position` where
    in the item.
    """

    code: str
    reason: str
    hint: str = ""
    position: str = ""
    field: str | None = None


MentionType = Literal["person", "organisation", "place", "office", "event"]


class Mention(Struct, frozen=True, omit_defaults=True):
    """A name found in a record's text, not catalogued: `text` is ``field[start:end]`` as written (characters), `name`
    the authorised form, or what was found when no authority is known.

    `field` is ``title`` or a key of `Record.description`. `authority` is ``SOURCE:SOURCE_ID`` of who is meant;
    `candidates` are those of homonyms that could not be told apart: nobody is meant then.
    """

    name: str
    type: MentionType
    text: str
    field: str
    start: int
    end: int
    authority: str | None = None
    candidates: tuple[str, ...] = ()


class Record(Struct, frozen=True, omit_defaults=True):
    """One unit of description as one source gives it.

    `description` maps ISAD(G)/DA/T 18 element names (`DESCRIPTION_FIELDS`, or a source's own label) to text for
    everyone, `staff_notes` the same for staff only (EAD ``audience="internal"``). `values` are the columns of a row of
    a thematic database, label to text. `access` is the nearest statement among the record and its ancestors, or None
    when none of them says anything; sources and defaults are applied later (`mappings.access.effective`). `fonds` is
    the reference code of the containing fonds, which qualifies `reference_code`. `position` orders siblings.
    `mentions` are names found in title and description; no mapping gives them (`pipelines.enrichment`).
    `copy_of` is the (source, source_id) of the record this is a copy of, when it was made to order (`mappings.made`).
    """

    source_id: str
    title: str
    kind: Kind = "physical"
    supplied_title: bool = False
    level: str | None = None
    reference_code: str | None = None
    fonds: str | None = None
    holder: str | None = None
    dates: Dates | None = None
    names: tuple[Name, ...] = ()
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    extent: str | None = None
    description: dict[str, str] = {}
    staff_notes: dict[str, str] = {}
    values: dict[str, str] = {}
    identifiers: tuple[Identifier, ...] = ()
    holdings: tuple[Holding, ...] = ()
    copies: tuple[Copy, ...] = ()
    ancestors: tuple[Ancestor, ...] = ()
    position: int = 0
    unit: str | None = None
    access: Access | None = None
    problems: tuple[Problem, ...] = ()
    authority: Authority | None = None
    mentions: tuple[Mention, ...] = ()
    copy_of: tuple[str, str] | None = None

    @property
    def pages(self) -> tuple[Page, ...]:
        """All pages of all copies, in order."""
        return tuple(page for copy in self.copies for page in copy.pages)


DESCRIPTION_FIELDS = (
    # ISAD(G) 3.2-3.6, in the order a reader expects them
    "abstract",
    "scope_and_content",
    "administrative_history",
    "custodial_history",
    "acquisition",
    "appraisal",
    "accruals",
    "arrangement",
    "access_conditions",
    "reproduction_conditions",
    "language_note",
    "physical_characteristics",
    "finding_aids",
    "originals",
    "copies_note",
    "related_material",
    "separated_material",
    "publication_note",
    "note",
    "preferred_citation",
    "processing",
    "retention_period",
    "security_class",
    "carrier",
    "page_count",
    "text",
)


def _unpacked(value: object) -> object:
    """Sequences that make their members as they are asked for, as those of large volumes do."""
    if isinstance(value, Sequence):
        return tuple(value)
    raise NotImplementedError(type(value).__name__)


_encoder = msgspec.json.Encoder(enc_hook=_unpacked)
_decoder = msgspec.json.Decoder(Record)
_page_decoder = msgspec.json.Decoder(Page)


def encode(value: Record | Page) -> bytes:
    """Canonical JSON of a record or page: same content, same bytes."""
    return _encoder.encode(value)


def decode_record(payload: bytes | str) -> Record:
    """The record of `encode`. Raises msgspec.ValidationError when the payload is not one."""
    return _decoder.decode(payload)


def decode_page(payload: bytes | str) -> Page:
    """The page of `encode`. Raises msgspec.ValidationError when the payload is not one."""
    return _page_decoder.decode(payload)


def checksum(*payloads: bytes) -> str:
    """Digest that tells changed content from unchanged: 128 bits of BLAKE2b in hexadecimal."""
    digest = hashlib.blake2b(digest_size=16)
    for payload in payloads:
        digest.update(len(payload).to_bytes(8, "big"))
        digest.update(payload)
    return digest.hexdigest()


def clean(value: object) -> str | None:
    """Text with white space collapsed and control characters gone, or None when nothing is left."""
    if value is None:
        return None
    text = " ".join(str(value).split())
    if not text.isprintable():
        text = " ".join("".join(char for char in text if char.isprintable()).split())
    return text or None


def cleaned(values: ReadOnly[str, object]) -> dict[str, str]:
    """The entries of a mapping that have text, cleaned."""
    return {key: text for key, value in values.items() if (text := clean(value)) is not None}
