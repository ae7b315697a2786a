"""The rules for personal data under atheris: whatever the text, spans lie apart and in it, and finding them ends."""

from __future__ import annotations

from itertools import pairwise

from pipelines.personal.find import Described, in_record, in_text


def try_personal(payload: bytes) -> None:
    """A text, and the same as a column."""
    text = payload.decode("utf-8", "replace")
    found = in_text(text)
    assert all(0 <= span.start < span.end <= len(text) for span in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    label, _, value = text.partition("\n")
    assert all(one.end <= len(text) for one in in_record(Described("戶籍", values={label: value})))


RULES = {"personal": try_personal}
