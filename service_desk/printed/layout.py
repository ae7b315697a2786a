"""Documents laid out: which parts each kind has, in which order, with the words of the house."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import singledispatchmethod
from urllib.parse import quote, urlencode

from service_desk.printed.days import written
from service_desk.printed.documents import (
    AcceptanceReceipt,
    Certificate,
    Charge,
    Estimate,
    Finding,
    LoanVoucher,
    Mark,
    Printed,
    RefusalLetter,
    amount,
)
from service_desk.printed.rules import PrintedTexts
from service_desk.printed.sheets import (
    Code,
    Facts,
    Heading,
    House,
    Language,
    Listed,
    Paragraph,
    Part,
    Quote,
    Sheet,
    Signed,
    Table,
)

Row = tuple[str, str]


def laid_out(document: Printed, texts: PrintedTexts) -> Sheet:
    """The document as it is printed."""
    return _Layout(document, texts).sheet()


class _Layout:
    """One document being laid out."""

    def __init__(self, document: Printed, texts: PrintedTexts) -> None:
        self._document = document
        self._texts = texts
        self._language: Language = document.language

    def sheet(self) -> Sheet:
        document, kind = self._document, kind_of(self._document)
        number = document.receipt if isinstance(document, AcceptanceReceipt) else document.mark.number
        return Sheet(
            title=self._texts.title(kind, self._language),
            number=number,
            language=self._language,
            house=document.house,
            issued=document.issued,
            parts=tuple(self._parts(document)),
            footer=f"{document.house.name} · {self._texts.title(kind, self._language)} · {number}",
        )

    @singledispatchmethod
    def _parts(self, document: object) -> Iterator[Part]:
        raise TypeError(type(document).__name__)

    @_parts.register
    def _(self, document: AcceptanceReceipt) -> Iterator[Part]:
        yield self._facts(
            ("receipt_code", document.receipt),
            ("secret", document.secret or ""),
            ("applicant", document.applicant),
            ("kind", document.kind),
            ("asked", "\n".join(document.asked)),
            ("filed", self._day(document.filed)),
            ("accepted", self._day(document.accepted)),
            ("due", self._day(document.due)),
        )
        if document.secret:
            yield Paragraph(self._label("secret_note"), is_small=True)
        yield from self._section("next", document.steps)
        yield from self._saying()
        yield self._follow(document.house, document.receipt)

    @_parts.register
    def _(self, document: LoanVoucher) -> Iterator[Part]:
        yield self._facts(
            ("number", document.mark.number),
            ("receipt_code", document.receipt),
            ("borrower", document.borrower),
            ("lent_on", self._day(document.lent_on)),
            ("bring_back", self._day(document.due)),
            ("place", document.place),
        )
        rows = tuple((each.reference_code, each.title, str(each.count), each.note) for each in document.lent)
        head = self._labels("reference_code", "title", "count", "note")
        yield Table(head, rows, (2.2, 4.5, 0.9, 1.8), right=(2,))
        yield from self._saying()
        yield self._verify(document.house, document.mark)
        yield Signed((f"{self._label('signature')}：" + "＿" * 12, self._day(document.issued.date())))

    @_parts.register
    def _(self, document: Certificate) -> Iterator[Part]:
        yield self._facts(
            ("number", document.mark.number),
            ("receipt_code", document.receipt),
            ("person", document.person),
            ("question", document.question),
            ("purpose", document.purpose),
            ("searched", "\n".join(document.searched)),
        )
        yield Heading(self._label("findings"))
        if not document.findings:
            yield Paragraph(self._label("nothing_found"))
        for number, finding in enumerate(document.findings, 1):
            yield from _finding(number, finding)
        if document.statement:
            yield Paragraph(document.statement)
        yield from self._saying()
        yield self._verify(document.house, document.mark)
        sealed = f"{document.house.name}（{self._label('seal')}）" if document.is_certified else document.house.name
        yield Signed((*filter(None, (document.signed_by,)), sealed, self._day(document.issued.date())))

    @_parts.register
    def _(self, document: Estimate) -> Iterator[Part]:
        yield self._facts(
            ("number", document.mark.number),
            ("receipt_code", document.receipt),
            ("person", document.person),
            ("valid_until", self._day(document.valid_until)),
        )
        head = (*self._labels("what", "unit", "count", "price"), f"{self._label('amount')} ({document.currency})")
        foot = (self._label("total"), "", "", "", f"{document.total:,}")
        rows = tuple(_charge(charge) for charge in document.charges)
        yield Table(head, rows, (4.2, 1.2, 1, 1.2, 1.7), right=(2, 3, 4), foot=foot)
        yield from self._saying()
        yield self._verify(document.house, document.mark)
        yield Signed((document.house.name, self._day(document.issued.date())))

    @_parts.register
    def _(self, document: RefusalLetter) -> Iterator[Part]:
        yield self._facts(
            ("number", document.mark.number),
            ("receipt_code", document.receipt),
            ("applicant", document.person),
            ("asked", "\n".join(document.asked)),
            ("decided", self._day(document.decided)),
        )
        yield from self._section("reasons", document.reasons)
        yield from self._section("basis", document.basis)
        yield from self._section("alternatives", document.alternatives)
        yield from self._section("objection", (self._texts.objection.in_language(self._language),))
        yield from self._saying()
        yield self._verify(document.house, document.mark)
        yield Signed((f"{document.house.name}（{self._label('seal')}）", self._day(document.issued.date())))

    def _saying(self) -> Iterator[Part]:
        """What the house says on every document of this kind."""
        if saying := self._texts.saying(kind_of(self._document), self._language):
            yield Paragraph(saying, is_small=True)

    def _facts(self, *rows: Row) -> Facts:
        return Facts(tuple((self._label(name), value) for name, value in rows if value))

    def _section(self, label: str, items: Iterable[str]) -> Iterator[Part]:
        given = tuple(items)
        if given:
            yield Heading(self._label(label))
            yield Listed(given) if len(given) > 1 else Paragraph(given[0])

    def _follow(self, house: House, receipt: str) -> Part:
        if not house.site:
            return Paragraph(self._label("follow_without_site"), is_small=True)
        return Code(f"{house.site}/s/{quote(receipt, safe='')}", self._label("follow"))

    def _verify(self, house: House, mark: Mark) -> Part:
        facts = ((self._label("number"), mark.number), (self._label("code"), mark.code))
        if not house.site:
            return Facts((*facts[1:], ("", self._label("verify_without_site"))))
        address = f"{house.site}/verify?{urlencode({'number': mark.number, 'code': mark.code})}"
        return Code(address, self._label("verify"), facts)

    def _label(self, name: str) -> str:
        return self._texts.label(name, self._language)

    def _labels(self, *names: str) -> tuple[str, ...]:
        return tuple(map(self._label, names))

    def _day(self, day: dt.date | None) -> str:
        return written(day, self._language) if day else ""


def kind_of(document: Printed) -> str:
    """The kind of a document, by which its title and texts are found."""
    if isinstance(document, Certificate):
        return "certificate" if document.is_certified else "report"
    if isinstance(document, RefusalLetter):
        return "partial_refusal" if document.is_partial else "refusal"
    kinds = {AcceptanceReceipt: "receipt", LoanVoucher: "voucher", Estimate: "estimate"}
    return kinds[type(document)]


def _finding(number: int, finding: Finding) -> Iterator[Part]:
    named = "  ".join(filter(None, (finding.reference_code, finding.title, finding.dates)))
    yield Paragraph(f"{number}. {named}")
    if finding.passage or finding.citation or finding.link:
        yield Quote(finding.passage, finding.citation, finding.link)


def _charge(charge: Charge) -> tuple[str, ...]:
    less = f"{charge.why} (−{charge.off:,})" if charge.off else charge.why
    what = "\n".join(filter(None, (charge.what, less)))
    return (what, charge.unit, _plain(charge.count), f"{charge.price:,}", f"{amount(charge):,}")


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
