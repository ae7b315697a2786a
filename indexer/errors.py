"""Errors of the index, each a sentence for the person who meets it."""

from __future__ import annotations


class SearchError(Exception):
    """Root of all errors of this package."""


class QueryError(SearchError):
    """The call asks for something that does not exist: an unknown filter or sort, a year or page size out of range."""


class IndexMissing(SearchError):
    """There is no index yet; `onestop sync` makes one."""


class IndexVersionMismatch(SearchError):
    """The index was built by another version of onestop; it has to be rebuilt from the record store."""


class IndexDamaged(IndexVersionMismatch):
    """The files of the index cannot be read; it has to be rebuilt from the record store."""


class IndexIncomplete(SearchError):
    """A new index does not hold all that was written into it; the one before it is shown."""


class EngineUnavailable(SearchError):
    """The engine does not answer or its address is not understood."""


class EngineUnsupported(EngineUnavailable):
    """What answers is not the server that the address names, or a version of it that is too old: waiting is no help."""


class IndexPartial(SearchError):
    """A part of the index is on servers that do not answer now, and what was asked cannot be told without it."""
