"""What goes into each printed document. Values come as they are to be read: whoever prints looks them up, and tells
moments by the archive's clock."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from msgspec import Struct

from service_desk.printed.sheets import House, Language

Kind = Literal["receipt", "voucher", "report", "certificate", "estimate", "refusal"]


class Mark(Struct, frozen=True):
    """What a document can be verified by: its number, and the code that is told nowhere but on it."""

    number: str
    code: str


class AcceptanceReceipt(Struct, frozen=True, kw_only=True):
    """What somebody gets who has filed a request. `secret` is printed only at the window, at the moment of filing."""

    house: House
    language: Language
    issued: dt.datetime
    receipt: str
    kind: str
    asked: tuple[str, ...]
    filed: dt.date
    applicant: str = ""
    accepted: dt.date | None = None
    due: dt.date | None = None
    steps: tuple[str, ...] = ()
    secret: str | None = None


class Lent(Struct, frozen=True):
    reference_code: str
    title: str
    count: int = 1
    note: str = ""


class LoanVoucher(Struct, frozen=True, kw_only=True):
    """What goes with records that leave the house or the stacks."""

    house: House
    language: Language
    issued: dt.datetime
    mark: Mark
    receipt: str
    borrower: str
    lent: tuple[Lent, ...]
    lent_on: dt.date
    due: dt.date
    place: str = ""


class Finding(Struct, frozen=True):
    """A record that says something on the matter: what it says word for word, how it is cited, where it is read."""

    reference_code: str
    title: str
    dates: str = ""
    passage: str = ""
    citation: str = ""
    link: str = ""


class Certificate(Struct, frozen=True, kw_only=True):
    """A report of a search, or, `is_certified`, the statement that the house stands for under its seal."""

    house: House
    language: Language
    issued: dt.datetime
    mark: Mark
    receipt: str
    person: str
    question: str
    findings: tuple[Finding, ...]
    searched: tuple[str, ...] = ()
    purpose: str = ""
    statement: str = ""
    is_certified: bool = False
    signed_by: str = ""


class Charge(Struct, frozen=True):
    """`price` is that of one `unit`; it comes to `off` less on the ground of `why`."""

    what: str
    unit: str
    count: Decimal
    price: Decimal
    off: Decimal = Decimal(0)
    why: str = ""


class Estimate(Struct, frozen=True, kw_only=True):
    """What something will cost. Nothing is made before the reader agrees."""

    house: House
    language: Language
    issued: dt.datetime
    mark: Mark
    receipt: str
    person: str
    charges: tuple[Charge, ...]
    currency: str
    valid_until: dt.date

    @property
    def total(self) -> Decimal:
        """All of it, to two places."""
        return sum((amount(charge) for charge in self.charges), Decimal(0)).quantize(CENT)


class RefusalLetter(Struct, frozen=True, kw_only=True):
    """Why something cannot be had, by which rule, what can be had instead. How to object is text of the house."""

    house: House
    language: Language
    issued: dt.datetime
    mark: Mark
    receipt: str
    person: str
    asked: tuple[str, ...]
    decided: dt.date
    reasons: tuple[str, ...]
    basis: tuple[str, ...]
    alternatives: tuple[str, ...]
    is_partial: bool = False


Printed = AcceptanceReceipt | LoanVoucher | Certificate | Estimate | RefusalLetter
CENT = Decimal("0.01")


def amount(charge: Charge) -> Decimal:
    """What a line comes to."""
    return (charge.count * charge.price - charge.off).quantize(CENT, ROUND_HALF_UP)
