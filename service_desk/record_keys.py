"""Which names of records the desk keeps: what a database refuses in text, or takes no index of, is none."""

from __future__ import annotations

import re

from mappings.decisions import Key

_LONGEST_SOURCE, _LONGEST_ID = 300, 10_000
_REFUSED = re.compile("[\0\ud800-\udfff]")


def can_be_kept(key: Key) -> bool:
    """Are both parts there, bounded, and of characters that a database takes?"""
    source, source_id = key
    fits = 0 < len(source) <= _LONGEST_SOURCE and 0 < len(source_id) <= _LONGEST_ID
    return fits and not _REFUSED.search(source + source_id)
