"""Printing for the desk: a document laid out with the texts in force, printed, and entered in the register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from service_desk.printed.documents import AcceptanceReceipt, Kind, Mark, Printed
from service_desk.printed.issued import DocumentRegister, Issued
from service_desk.printed.layout import kind_of, laid_out
from service_desk.printed.press import Press
from service_desk.printed.rules import PrintedTexts
from service_desk.rules import Rules


class Printing:
    """What the desk calls to print."""

    def __init__(self, rules: Rules, press: Press, register: DocumentRegister) -> None:
        self._rules = rules
        self.press = press
        self.register = register

    def receipt(self, document: AcceptanceReceipt) -> bytes:
        """A receipt of acceptance. It is not entered in the register: it is proved by the request itself. Raises
        CannotPrint, FontsMissing.
        """
        return self._printed(document)

    def issue(
        self, kind: Kind, made: Callable[[Mark, dt.datetime], Printed], by: str | None, receipt: str | None = None
    ) -> Issued:
        """Print and register what `made` makes of the number, code and time it is given. Raises CannotPrint,
        FontsMissing, Conflict, Unavailable.
        """

        def printed(mark: Mark, at: dt.datetime) -> bytes:
            document = made(mark, at)
            assert kind_of(document).removeprefix("partial_") == kind
            return self._printed(document)

        return self.register.issue(kind, printed, by, receipt)

    def preview(self, document: Printed, mark: str) -> bytes:
        """How a document would look, with `mark` across each page. Raises CannotPrint, FontsMissing."""
        from service_desk.printed.watermark import PDF, watermarked  # draws, and few documents are drawn on

        return watermarked(self._printed(document), PDF, mark, self.press.fonts)

    def _printed(self, document: Printed) -> bytes:
        return self.press.pdf(laid_out(document, self._rules.now(PrintedTexts)))
