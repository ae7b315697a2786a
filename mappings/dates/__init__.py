"""Dates as catalogues write them: `parse` gives years, `read` everything a text says, `dated` the dates of a record.

`docs/dates.md` says what is read and how ambiguity is decided. In short: a span covers all that a text speaks of, and
all that an ambiguous text can mean; years are astronomical, 0 is 1 BCE. "About", "probably" and brackets widen nothing:
cataloguers' "circa" has no agreed width, and `@normal` says it where it matters; `Reading` keeps that they were there.
"""

from __future__ import annotations

from mappings.dates.reading import LONGEST, NOTHING, Reading, Span, dated, is_unread, joined, parse, read

__all__ = ["LONGEST", "NOTHING", "Reading", "Span", "dated", "is_unread", "joined", "parse", "read"]
