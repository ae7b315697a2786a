"""Months, quarters and years, as they are named in addresses: ``2026-03``, ``2026-Q1``, ``2026``."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, Literal

from msgspec import Struct

from service_desk.errors import Invalid

Kind = Literal["month", "quarter", "year"]
KINDS: Final[tuple[Kind, ...]] = ("month", "quarter", "year")
MONTHS: Final[dict[Kind, int]] = {"month": 1, "quarter": 3, "year": 12}
LOOKED_BACK: Final[dict[Kind, int]] = {"month": 12, "quarter": 8}
"""Periods that a course over time shows; a year shows its months."""
FIRST_YEAR, LAST_YEAR = 1990, 2200
_NAME = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", re.ASCII)


class Period(Struct, frozen=True, order=True):
    """A month, quarter or year: its first month and how many it has."""

    year: int
    month: int
    months: int

    @classmethod
    def named(cls, name: str) -> Period:
        """The period of that name. Raises Invalid."""
        found = _NAME.fullmatch(name)
        if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            raise Invalid.one("period", "write a month as 2026-03, a quarter as 2026-Q1, a year as 2026")
        year, quarter, month = found.groups()
        if quarter:
            return cls(int(year), int(quarter) * 3 - 2, 3)
        return cls(int(year), int(month or 1), 1 if month else 12)

    @classmethod
    def of(cls, kind: Kind, day: dt.date) -> Period:
        """The one that a day lies in."""
        months = MONTHS[kind]
        return cls(day.year, (day.month - 1) // months * months + 1, months)

    @property
    def kind(self) -> Kind:
        return next(kind for kind, months in MONTHS.items() if months == self.months)

    @property
    def name(self) -> str:
        names = {"month": f"{self.year}-{self.month:02}", "quarter": f"{self.year}-Q{(self.month + 2) // 3}"}
        return names.get(self.kind, str(self.year))

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, self.month, 1)

    @property
    def end(self) -> dt.date:
        """The day after the last."""
        return self.moved(1).first

    def moved(self, by: int) -> Period:
        """So many periods later, or earlier."""
        year, month = divmod(self.year * 12 + self.month - 1 + by * self.months, 12)
        return Period(year, month + 1, self.months)

    def has(self, day: dt.date) -> bool:
        """Does this day lie in it?"""
        return self.first <= day < self.end

    def course(self) -> list[Period]:
        """This one and those before it, of a year its months; the oldest first."""
        if self.kind == "year":
            return [Period(self.year, month, 1) for month in range(1, 13)]
        return [self.moved(-back) for back in reversed(range(LOOKED_BACK[self.kind]))]
