"""The texts of printed documents: what they are called, their labels, what they say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, TypeAlias

from pydantic import Field, create_model

from service_desk.rules import Document
from service_desk.told import Title, Told

LABELS: Final = (
    "receipt_code", "kind", "asked", "applicant", "filed", "accepted", "due", "secret", "secret_note", "next",
    "follow", "follow_without_site", "number", "code", "verify", "verify_without_site", "borrower", "lent_on",
    "bring_back", "place", "reference_code", "title", "count", "note", "total", "person", "question", "purpose",
    "searched", "findings", "nothing_found", "what", "unit", "price", "amount", "valid_until", "decided", "reasons",
    "basis", "alternatives", "objection", "issued", "seal", "signature",
)  # fmt: skip
"""The words that documents are put together from."""
TITLES: Final = ("receipt", "voucher", "report", "certificate", "estimate", "refusal", "partial_refusal")
SAYINGS: Final = TITLES
"""Each kind has a text that stands below."""

Text = Annotated[str, Field(max_length=4_000)]


def _titles(kind: str, names: tuple[str, ...]) -> Any:
    fields: dict[str, Any] = {f"{kind}_{name}": (Title, Field(alias=name)) for name in names}
    return create_model(kind.capitalize(), __base__=Told, **fields)


if TYPE_CHECKING:
    Labels: TypeAlias = Told
    Titles: TypeAlias = Told
    Sayings: TypeAlias = Told
else:
    Labels, Titles, Sayings = _titles("label", LABELS), _titles("title", TITLES), _titles("saying", SAYINGS)


class PrintedTexts(Document):
    """The document `printed`."""

    name: ClassVar[str] = "printed"
    called: ClassVar[Title | None] = Title.of("Printed forms", "打印单据", "列印單據")

    titles: Titles
    labels: Labels
    sayings: Sayings
    objection: Title

    def label(self, name: str, language: str) -> str:
        """A label."""
        return _said(getattr(self.labels, f"label_{name}"), language)

    def title(self, kind: str, language: str) -> str:
        """What a document is called."""
        return _said(getattr(self.titles, f"title_{kind}"), language)

    def saying(self, kind: str, language: str) -> str:
        """What stands below a document of this kind; may be empty."""
        return _said(getattr(self.sayings, f"saying_{kind}"), language)


def _said(title: Title, language: str) -> str:
    return title.in_language(language)
