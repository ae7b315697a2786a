"""What is to be masked in the texts of a record, proposed by rule: spans for staff to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from mappings.deidentification import KINDS
from pipelines.deidentify.birthdays import birthdays, birthdays_of
from pipelines.deidentify.codes import codes, leftovers
from pipelines.deidentify.flow import Flow, flow_of
from pipelines.deidentify.names import persons
from pipelines.personal.find import in_text
from pipelines.personal.spans import Span, apart

VERSION: Final = "1"
"""Of the rules."""


def spans_of(texts: Sequence[str], with_names: bool) -> list[list[Span]]:
    """The personal data in each of a record's texts, in order, apart from each other; offsets count characters.

    `with_names`: names of persons, too (`pipelines.deidentify.classes` says in which records).
    """
    flows = [flow_of(text) for text in texts]
    names = persons([flow.text for flow in flows]) if with_names else [[] for _ in flows]
    return [_together(text, flow, some, with_names) for text, flow, some in zip(texts, flows, names, strict=True)]


def _together(text: str, flow: Flow, names: Sequence[Span], is_private: bool) -> list[Span]:
    """Spans of running text and of the page as it is, on the page."""
    dates = (*birthdays(flow.text), *birthdays_of(flow.text, names))
    found = [*in_text(flow.text), *codes(flow.text), *dates, *names]
    if is_private:
        found += [*leftovers(flow.text, found)]
    spans = [_placed(span, flow) for span in found]
    spans += in_text(text)
    return apart(_widest(spans))


def _placed(span: Span, flow: Flow) -> Span:
    start, end = flow.span(span.start, span.end)
    return Span(start, end, span.kind, span.rule, span.confidence)


def _widest(spans: Iterable[Span]) -> list[Span]:
    """Of spans of one kind that overlap, one that covers all of them: no end of a number is left over."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: (KINDS.index(one.kind), one.start, -one.end)):
        before = kept[-1] if kept and kept[-1].kind == span.kind and span.start < kept[-1].end else None
        if before is None:
            kept.append(span)
            continue
        surer = max(before, span, key=lambda one: one.confidence)
        kept[-1] = Span(before.start, max(before.end, span.end), span.kind, surer.rule, surer.confidence)
    return kept
