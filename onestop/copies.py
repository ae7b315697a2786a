"""De-identified copies on the command line: what is proposed in a record, what staff decide, the copy as a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from mappings.decisions import Key
from mappings.deidentification import KINDS, Kind, Mark
from mappings.record import Record
from onestop import yaml_files
from onestop.errors import SettingsError, UnknownName

if TYPE_CHECKING:
    from mappings.access import Viewer
    from mappings.deidentification import CopyPage
    from onestop.wiring import Workspace
    from pipelines.deidentify.layer import DeidentifiedLayer, Proposal
    from pipelines.personal.spans import Span
    from service_desk.copies import CopyReview, Looked

_RANGE: Final = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
_ADDED: Final = re.compile(r"(\d{1,9}):(\d{1,9})-(\d{1,9}):([a-z_]+)")
_FORMATS: Final = (".pdf", ".txt")
ALL: Final = "all"
_KEPT: Final = 4
_RECENT: dict[tuple[str, bool], Sequence[Sequence[Span]]] = {}
CLASSES: Final = "policies/deidentify.yml"


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decides, as typed: numbers of spans (``1,4-6``, ``all``: those not decided), new spans
    (``PAGE:START-END:KIND``).
    """

    accept: str = ""
    reject: str = ""
    add: Sequence[str] = ()
    note: str = ""
    seen: int | None = None


class RecordCopy:
    """The copy of one record, for one member of staff."""

    def __init__(self, here: Workspace, resource_id: str, viewer: Viewer) -> None:
        """Raises UnknownName for a record there is not, or that has no pages; NotAllowed for readers."""
        self._here, self._viewer = here, viewer
        self._desk = here.desk.copies
        self._key, self._record = _found(here, resource_id, viewer)

    def _look(self) -> tuple[Looked, list[Proposal]]:
        """What the rules propose now, and what stands again elsewhere of what is to be masked."""
        from pipelines.deidentify.layer import proposals, text_version
        from service_desk.copies import Looked

        version, with_names = text_version(self._record), self._class is not None
        nothing = Looked(self._key, version, ())
        masked = [mark for mark, is_masked in self._desk.review(nothing, self._viewer).spans if is_masked]
        found = proposals(self._record, with_names, masked, self._by_rules(version, with_names))
        return Looked(self._key, version, tuple(one.mark for one in found)), found

    def _by_rules(self, version: str, with_names: bool) -> Sequence[Sequence[Span]]:
        """What the rules find, looked for once while somebody decides span by span."""
        from pipelines.deidentify.find import spans_of

        key = (version, with_names)
        if key not in _RECENT:
            found = spans_of([page.text for page in self._record.pages], with_names)
            while len(_RECENT) >= _KEPT:
                _RECENT.pop(next(iter(_RECENT)), None)
            _RECENT[key] = found
        return _RECENT[key]

    @cached_property
    def _class(self) -> str | None:
        from pipelines.deidentify.classes import class_of

        return class_of(self._record, own_classes(self._here.folder))

    def told(self) -> dict[str, Any]:
        """Where the copy stands, its spans with what stands there. For staff eyes only."""
        looked, found = self._look()
        review = self._desk.review(looked, self._viewer)
        source, source_id = self._key
        by_rule = {one.mark: one for one in found}
        return {
            "source": source,
            "source_id": source_id,
            "title": self._record.title,
            "class": self._class,
            "version": looked.version,
            "status": review.status,
            "stale": review.stale,
            "seen": review.number,
            "open": review.open,
            "described": self._described(review),
            "spans": [
                self._span(number, mark, masked, by_rule.get(mark))
                for number, (mark, masked) in enumerate(review.spans, 1)
            ],
        }

    def _described(self, review: CopyReview) -> list[str]:
        """What is masked, or may be, and stands in the description, too, which is no part of the copy."""
        record = self._record
        names = [*(name.name for name in record.names), *(mention.name for mention in record.mentions)]
        told = "\n".join((record.title, *record.description.values(), *record.values.values(), *names))
        said = (self._text(mark).strip() for mark, masked in review.spans if masked is not False)
        return [text for text in dict.fromkeys(said) if len(text) > 1 and text in told]

    def _span(self, number: int, mark: Mark, masked: bool | None, by_rule: Proposal | None) -> dict[str, Any]:
        return {
            "number": number,
            "page": mark.page,
            "start": mark.start,
            "end": mark.end,
            "kind": mark.kind,
            "text": self._text(mark),
            "rule": by_rule.rule if by_rule else None,
            "confidence": by_rule.confidence if by_rule else None,
            "masked": masked,
        }

    def _text(self, mark: Mark) -> str:
        return self._record.pages[mark.page - 1].text[mark.start : mark.end]

    def decide(self, choice: Choice) -> None:
        """Keep decisions. Raises UnknownName for spans there are not, Conflict."""
        looked, _ = self._look()
        review = self._desk.review(looked, self._viewer)
        reject = _chosen(choice.reject, review)
        accept = [mark for mark in _chosen(choice.accept, review) if mark not in reject or choice.accept != ALL]
        if both := sorted(set(accept) & set(reject)):
            raise UnknownName(f"{_place(both[0])} is to be accepted and rejected; name it once.")
        add = [self._added(text) for text in choice.add]
        self._desk.decide(
            looked, self._viewer, accept=accept, reject=reject, add=add, note=choice.note, seen=choice.seen
        )

    def _added(self, text: str) -> Mark:
        found = _ADDED.fullmatch(text)
        if found is None or found[4] not in KINDS:
            raise UnknownName(f"--add {text!r} is not PAGE:START-END:KIND; kinds are {', '.join(KINDS)}.")
        mark = Mark(int(found[1]), int(found[2]), int(found[3]), cast(Kind, found[4]))
        if not self._is_there(mark):
            raise UnknownName(
                f"--add {text!r}: there are no such characters; the text of the page says which there are."
            )
        return mark

    def decide_marks(
        self,
        *,
        accept: Sequence[Mark] = (),
        reject: Sequence[Mark] = (),
        add: Sequence[Mark] = (),
        seen: int | None = None,
    ) -> None:
        """Keep decisions on spans that are named by their place. Raises Invalid, Conflict."""
        from service_desk.errors import Invalid

        for mark in add:
            if not (self._is_there(mark) and self._text(mark).strip()):
                raise Invalid.one("spans", "choose characters of the page")
        self._desk.decide(self._look()[0], self._viewer, accept=accept, reject=reject, add=add, seen=seen)

    def _is_there(self, mark: Mark) -> bool:
        """Are there such characters?"""
        pages = self._record.pages
        return 1 <= mark.page <= len(pages) and 0 <= mark.start < mark.end <= len(pages[mark.page - 1].text)

    def page(self, number: int) -> dict[str, Any] | None:
        """One page as it is looked at: text, image, and where words stand on it. For staff eyes only."""
        from pipelines.deidentify.masks import boxes_of

        if not 1 <= number <= len(self._record.pages):
            return None
        page = self._record.pages[number - 1]
        return {
            "number": number,
            "total": len(self._record.pages),
            "label": page.label,
            "text": page.text,
            "language": page.language,
            "width": page.width,
            "height": page.height,
            "place": (self._key[0], page.image, page.frame) if page.image else None,
            "boxes": lambda start, end: boxes_of(page, start, end),
        }

    def preview(self, number: int) -> CopyPage | None:
        """A page of the copy as it would be now; what nobody has decided is masked. Raises SourceError."""
        from mappings.deidentification import Release
        from pipelines.deidentify.drawing import image_digests
        from pipelines.deidentify.layer import deidentified

        if not 1 <= number <= len(self._record.pages):
            return None
        looked, _ = self._look()
        marks = tuple(mark for mark, masked in self._desk.review(looked, self._viewer).spans if masked is not False)
        images = image_digests(self._record, lambda key: self._here.open_item(self._key[0], key), [number])
        layer = deidentified(self._record, Release(self._key, looked.version, marks, images))
        return layer.pages[number - 1].kept() if layer else None

    def release(self, note: str = "", seen: int | None = None) -> None:
        """Release the copy with the images as they are now. Raises Conflict, SourceError."""
        from pipelines.deidentify.drawing import image_digests

        images = image_digests(self._record, lambda key: self._here.open_item(self._key[0], key))
        self._desk.release(self._look()[0], images, self._viewer, note=note, seen=seen)

    def withdraw(self, note: str = "") -> None:
        """Take it back. Raises Conflict."""
        self._desk.withdraw(self._key, self._viewer, note=note)

    def write(self, file: Path) -> None:
        """The released copy as a file. Raises UnknownName when nothing is released or the format is none, CannotMask,
        SourceError; the file is not touched then.
        """
        from pipelines.deidentify.drawing import Drawing
        from pipelines.deidentify.layer import deidentified

        if file.suffix.lower() not in _FORMATS:
            raise UnknownName(f"{file}: a copy is written as {' or '.join(_FORMATS)}; name the file so.")
        layer = deidentified(self._record, self._desk.released(self._key))
        if layer is None:
            what = f"No copy of {':'.join(self._key)} is released for the text as it is now"
            raise UnknownName(f"{what}; decide its spans, then --release.")
        if file.suffix.lower() == ".txt":
            _write_text(file, layer)
            return
        with Drawing() as drawing:
            drawing.pdf(self._key[0], lambda key: self._here.open_item(self._key[0], key), layer, file)


def own_classes(workspace: Path) -> dict[str, list[str]]:
    """Words by class of records, from the file `CLASSES` of a workspace; none without one. Raises SettingsError."""
    file = workspace / CLASSES
    if not file.exists():
        return {}
    found = yaml_files.read(file, "court: [訴訟檔, assizes]")
    for name, words in found.items():
        if not (
            isinstance(name, str) and isinstance(words, list) and all(isinstance(one, str) and one for one in words)
        ):
            raise SettingsError(f"{file}: {name} must be a list of words, such as `court: [訴訟檔, assizes]`.")
    return found


def _found(here: Workspace, resource_id: str, viewer: Viewer) -> tuple[Key, Record]:
    """The record meant: the one that is named, or the only one of the resource that has pages."""
    from service_desk import policy

    policy.require_staff("review copy", viewer)
    resource = here.searcher.resource(resource_id, viewer)
    if resource is None:
        raise UnknownName(f"There is no resource {resource_id!r}; ids stand in the hits of `onestop search`.")
    keys = [(one["source"], one["source_id"]) for one in resource["sources"]]
    named = [key for key in keys if ":".join(key) == resource_id]
    records = here.store.records(named or keys)
    with_pages = [key for key in records if records[key].pages]
    if not with_pages:
        raise UnknownName(f"{resource_id} has no pages, so there is nothing to make a copy of.")
    if len(with_pages) > 1:
        names = ", ".join(":".join(key) for key in with_pages)
        raise UnknownName(f"{resource_id} is several records with pages ({names}); name one of these.")
    return with_pages[0], records[with_pages[0]]


def _chosen(text: str, review: CopyReview) -> list[Mark]:
    """The spans of these numbers. Raises UnknownName."""
    if text == ALL:
        return [mark for mark, masked in review.spans if masked is None]
    numbers: list[int] = []
    for part in filter(None, text.split(",")):
        found = _RANGE.fullmatch(part.strip())
        if found is None:
            raise UnknownName(f"{part!r} is no number of a span, no range such as 4-6, and not {ALL!r}.")
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last <= len(review.spans):
            raise UnknownName(f"There is no span {part.strip()}; there are {len(review.spans)}.")
        numbers += range(first, last + 1)
    return [review.spans[number - 1][0] for number in numbers]


def _place(mark: Mark) -> str:
    return f"The span on page {mark.page}, characters {mark.start} to {mark.end} ({mark.kind}),"


def _write_text(file: Path, layer: DeidentifiedLayer) -> None:
    """Pages divided by form feeds, as in any text of pages."""
    part = file.with_name(f"{file.name}.part")
    part.write_text("\f".join(page.page.text for page in layer.pages) + "\n", encoding="utf-8")
    part.replace(file)
