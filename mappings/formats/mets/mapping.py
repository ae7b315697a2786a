"""METS: the pages of a digital object in order, with text and image of each, and what the whole is.

https://www.loc.gov/standards/mets/  In any profile: OCR-D packages, DFG viewer and Kitodo, DSpace.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from lxml.etree import _Element as Element

from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped, Unit
from mappings.formats.mets.object import DigitalObject
from mappings.formats.reading import read_up_to
from mappings.formats.volume import LARGEST, is_image
from mappings.formats.xml import LOCAL, parse
from mappings.record import Problem, clean
from mappings.sniff import HEAD, sniff


class MetsMapping:
    """Mapping ``mets``."""

    unit: ClassVar[Unit] = "package"

    def __init__(self, options: MappingOptions) -> None:
        self._options = options

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """A record for each METS; of files that no METS here refers to, a row each."""
        present = {content.name: content for content in contents}
        used: set[str] = set()
        for content in contents:
            if len(contents) == 1 or _is_mets(content):
                used.add(content.name)
                yield from self._read(content, present, used)
        for name in present.keys() - used:
            reason = "no METS of the source refers to it"
            yield Skipped(Problem("not-in-mets", reason, "choose a glob that leaves it out", name), name)

    def _read(self, content: Content, present: dict[str, Content], used: set[str]) -> Iterator[Outcome]:
        """The objects of one file, which may be an answer of OAI-PMH with several."""
        with content.open() as stream:
            payload = read_up_to(stream, LARGEST + 1)
        if not payload.strip():
            yield Skipped(Problem("empty-file", "the file is empty", "export it again"), content.name)
            return
        if len(payload) > LARGEST:
            yield Failed(Problem("too-large", "the METS is larger than 64 MiB", "split it"), content.name)
            return
        root, problem = parse(payload)
        found = [] if root is None else [element for element in root.iter("{*}mets") if LOCAL[element.tag] == "mets"]
        if not found:
            yield _not_read(content.name, problem)
        for source_id, element in _identified(content.name, found):
            made = DigitalObject(element, content.name, present, self._options)
            used.update(made.referenced)
            yield made.outcome(source_id, problem)


def _not_read(name: str, problem: Problem | None) -> Outcome:
    """A damaged METS failed; anything else is no METS."""
    if problem is not None and problem.code == "damaged-xml" and name.lower().endswith(("mets.xml", ".mets")):
        return Failed(problem, name)
    reason = "no METS, nor does one of the source refer to it"
    return Skipped(Problem("not-in-mets", reason, "choose a glob that leaves it out", name), name)


def _identified(name: str, found: list[Element]) -> Iterator[tuple[str, Element]]:
    """A METS has the id of its file; of several in one file, each its own ``OBJID`` or place behind it."""
    seen: set[str] = set()
    for ordinal, element in enumerate(found, 1):
        own = clean(element.get("OBJID")) or str(ordinal)
        own = own if own not in seen else str(ordinal)
        seen.add(own)
        yield name if len(found) == 1 else f"{name}#{own}", element


def _is_mets(content: Content) -> bool:
    if is_image(content.name):
        return False
    with content.open() as stream:
        return sniff(read_up_to(stream, HEAD), content.name) == "mets"
