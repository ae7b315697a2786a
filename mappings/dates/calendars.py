"""Years of other calendars as days of ours: the Hijri, the Hebrew and the French republican one."""

from __future__ import annotations

from mappings.dates.days import Stretch, of_ordinal, years

_HIJRI_EPOCH = 1948440
"""Julian day number of 1 Muharram 1 in the tabular calendar."""
_REPUBLICAN_YEARS = (
    2375840,
    2376205,
    2376570,
    2376936,
    2377301,
    2377666,
    2378031,
    2378397,
    2378762,
    2379127,
    2379492,
    2379858,
    2380223,
    2380588,
)
"""Julian day numbers of 1 Vendémiaire of the years I to XIV (22 September 1792 to 23 September 1805)."""


def hijri(year: int) -> Stretch | None:
    """A year of the Hijra by the tabular calendar; sighting moves its ends by a day or two."""
    if not 1 <= year <= 1600:
        return None
    return Stretch(
        of_ordinal(_hijri_new_year(year)), of_ordinal(_hijri_new_year(year + 1) - 1), "year", "hijri", approximate=True
    )


def _hijri_new_year(year: int) -> int:
    return _HIJRI_EPOCH + 354 * (year - 1) + (3 + 11 * year) // 30


def hebrew(year: int) -> Stretch:
    """A year of the world: it begins in the autumn 3761 years earlier, so two of ours hold it."""
    return years(year - 3761, year - 3760, "year", "hebrew")


def republican(year: int, month: int | None = None, number: int | None = None) -> Stretch | None:
    """A year, month or day of the French republican calendar (years I to XIV)."""
    if not 1 <= year <= 14:
        return None
    first = _REPUBLICAN_YEARS[year - 1]
    if month is None:
        after = _REPUBLICAN_YEARS[year] if year < 14 else first + 100
        return Stretch(of_ordinal(first), of_ordinal(after - 1), "year", "republican")
    begin = first + 30 * (month - 1)
    if number is not None and 1 <= number <= 30:
        at = of_ordinal(begin + number - 1)
        return Stretch(at, at, "day", "republican")
    return Stretch(of_ordinal(begin), of_ordinal(begin + 29), "month", "republican")
