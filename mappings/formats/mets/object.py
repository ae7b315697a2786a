"""One digital object on its way from a METS to a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from lxml.etree import _Element as Element
from msgspec import structs

from mappings.base import Content, Failed, MappingOptions, Outcome
from mappings.formats.described import Described
from mappings.formats.image_header import read_header
from mappings.formats.leaves import Leaf, Packer, pages_of
from mappings.formats.mets.choice import fits_boxes, images, is_by_product, is_plain, texts
from mappings.formats.mets.description import described
from mappings.formats.mets.files import File, files_of, resolved, shown_name
from mappings.formats.mets.structure import (
    MOST_PARTS,
    described_by,
    file_ids,
    logical_divs,
    page_divs,
    page_label,
    parts,
    physical_root,
)
from mappings.formats.recognised import read_any, read_recognised
from mappings.formats.volume import PageFile, Reader, image_format, read_page_file
from mappings.record import Copy, Page, Problem, Record, clean
from mappings.reference_codes import fonds_of

_READER = Reader("page", (), read_recognised)
_PLAIN_READER = Reader("text", (), read_any)
_SHOWN = 20
_PACKING = frozenset({"data", "mets", "."})
"""Folders that are called after what is in them and not after whom they are about."""


class DigitalObject:
    """A ``mets`` element; `present` are the files at hand by name, `referenced` those it refers to."""

    def __init__(self, mets: Element, name: str, present: Mapping[str, Content], options: MappingOptions) -> None:
        self._mets, self._name, self._present, self._options = mets, name, present, options
        self._files = files_of(mets, name, present.keys())
        self.referenced = {file.name for file in self._files.values() if file.name is not None}
        self._divs = [div for div in page_divs(mets) if self._is_page(div)]
        self._described = {key: described(entry) for entry in mets.iter("{*}dmdSec") if (key := entry.get("ID"))}
        self._problems: list[Problem] = []
        self._missing: dict[str, None] = {}
        self._languages: Counter[str] = Counter()
        self._packer = Packer()
        self._turn: Counter[str] = Counter()
        self._last: tuple[str, PageFile] = ("", PageFile(None))

    def outcome(self, source_id: str, damage: Problem | None) -> Outcome:
        """The record; a failure when there is neither page nor file nor description."""
        leaves = [self._leaf(div) for div in self._divs]
        if not leaves and not self._files and not self._described:
            problem = damage or Problem("no-page", "the METS names no file and describes nothing", "export it again")
            return Failed(problem, source_id)
        if damage is not None:
            self._problems.append(damage)
        self._note_missing()
        return self._record(source_id, leaves)

    # Pages

    def _is_page(self, div: Element) -> bool:
        """One that says so, or has a picture, or a file that is here: not the bitstream of a whole book elsewhere."""
        if (div.get("TYPE") or "").lower() == "page":
            return True
        return any(file.is_image or file.name for key in file_ids(div) if (file := self._files.get(key)))

    def _leaf(self, div: Element) -> Leaf:
        """A page: the best text with words in it, and the best image that fits it."""
        files = [self._files[key] for key in file_ids(div) if key in self._files]
        page = self._text(files)
        image = self._image(files, page)
        name = image.name if image else self._image_named_in(page)
        label = page_label(div) or page.label
        if page.lines and not (page.width and page.height) and name is not None:
            page = self._measured(page, name)
        if image is not None and not fits_boxes(image):
            page = structs.replace(page, width=None, height=None)  # measured on another picture
        if page.language:
            self._languages[page.language] += 1
        return Leaf(self._packer.body(structs.replace(page, label=label)), 0, name)

    def _text(self, files: list[File]) -> Page:
        """The first text that says something; else the first that can be read at all."""
        candidates = texts(files)
        found = None
        for file in candidates:
            page = self._read(file)
            if page is not None and page.text:
                return page
            found = found or page
        if not candidates:
            self._missing.update((shown_name(file), None) for file in files if _is_text_gone(file))
        return found or Page(0)

    def _read(self, file: File) -> Page | None:
        """A page of a text file: the next one each time it is referred to, if it holds several."""
        name = file.name or ""
        if self._last[0] != name:
            found = read_page_file(self._present[name], _PLAIN_READER if is_plain(file) else _READER)
            self._last = (name, found)
            problem = found.problem
            if found.pages is None:
                problem = Problem("wrong-format", "no page text of a known format", "correct its MIMETYPE", name)
            if problem is not None and problem not in self._problems[-_SHOWN:]:
                self._problems.append(problem)
        pages = self._last[1].pages or []
        turn, self._turn[name] = self._turn[name], self._turn[name] + 1
        return pages[turn if turn < len(pages) else 0] if pages else None

    def _image(self, files: list[File], page: Page) -> File | None:
        """The best image that is here; better ones that should be here and are not are noted, unless one better still
        lies elsewhere.
        """
        lies_elsewhere = False
        for file in images(files):
            lies_elsewhere = lies_elsewhere or file.is_remote
            if page.lines and not fits_boxes(file):
                return None
            if file.name is not None:
                return file
            if not lies_elsewhere:
                self._missing.setdefault(shown_name(file))
        return None

    def _image_named_in(self, page: Page) -> str | None:
        """The image that the text itself names, from the folder of the METS on."""
        return resolved(page.image, self._name, self._present.keys()) if page.image else None

    def _measured(self, page: Page, name: str) -> Page:
        """A page whose text does not say how large it is has the size of its image."""
        found = read_header(self._present[name].open())
        if isinstance(found, Problem):
            self._problems.append(structs.replace(found, position=name))
            return page
        width, height = found.frames[0]
        return structs.replace(page, width=float(width), height=float(height))

    def _note_missing(self) -> None:
        names = list(self._missing)
        if names:
            shown = "; ".join(names[:_SHOWN]) + ("; ..." if len(names) > _SHOWN else "")
            reason = f"{len(names)} file(s) that the METS names are not there: {shown}"
            self._problems.append(Problem("missing-file", reason, "put them where the METS says", self._name))

    # The record

    def _record(self, source_id: str, leaves: list[Leaf]) -> Record:
        said, fixed = self._said(), self._options.fixed
        title = said.title or fixed.get("title") or self._label()
        contents = self._contents(leaves)
        return Record(
            source_id=source_id,
            title=title or self._supplied(),
            kind="digital",
            supplied_title=title is None,
            level=fixed.get("level"),
            reference_code=said.reference_code,
            fonds=fixed.get("fonds") or fonds_of(said.reference_code),
            holder=self._options.holder or self._first_text("owner"),
            dates=said.dates,
            names=said.names,
            languages=said.languages or tuple(language for language, _ in self._languages.most_common()),
            formats=said.formats,
            extent=said.extent,
            description=said.description | ({"contents": contents} if contents else {}),
            identifiers=said.identifiers,
            copies=tuple(self._copies(leaves)),
            unit=source_id,
            access=said.access,
            problems=tuple(self._problems),
        )

    def _said(self) -> Described:
        """The description of the whole, blanks filled from that of the physical thing; without a map the first one."""
        keys = (key for div in logical_divs(self._mets) for key in described_by(div))
        wholes = [self._described[key] for key in keys if key in self._described]
        whole = next((one for one in wholes if one.title), None) or next(iter(wholes), None)
        if whole is None:
            whole = next((one for one in self._described.values() if one != Described()), Described())
        for key in described_by(physical_root(self._mets)):
            thing = self._described.get(key, whole)
            blanks = {name: getattr(thing, name) for name in Described.__struct_fields__ if not getattr(whole, name)}
            whole = structs.replace(whole, **blanks)
        return whole

    def _label(self) -> str | None:
        """``mets/@LABEL``, else that of the whole in the logical map."""
        tops = [self._mets, *logical_divs(self._mets)[:1]]
        return next((text for top in tops if (text := clean(top.get("LABEL")))), None)

    def _supplied(self) -> str:
        """The nearest folder with a name of its own, else the name of the file."""
        path = PurePosixPath(self._name)
        names = [part for part in reversed(path.parent.parts) if part.lower() not in _PACKING]
        return next(iter(names), None) or self._options.holder or path.stem

    def _contents(self, leaves: list[Leaf]) -> str | None:
        """The parts in order, each with the label or number of the page it begins at."""
        titles = {key: one.title for key, one in self._described.items() if one.title}
        numbers = {div.get("ID"): (number, div) for number, div in enumerate(self._divs, 1)}
        shown = []
        for title, page in parts(self._mets, titles):
            number, div = numbers.get(page, (None, None))
            where = (page_label(div) or str(number)) if div is not None else None
            shown.append(f"{title} ({where})" if where and leaves else title)
        more = ["..."] if len(shown) > MOST_PARTS else []
        return "; ".join(shown[:MOST_PARTS] + more) or None

    def _copies(self, leaves: list[Leaf]) -> Iterator[Copy]:
        """Our own pages; then what lies elsewhere: the address to look at it, else whole files, else the first page."""
        files = self._files.values()
        of_pages = {key for div in self._divs for key in file_ids(div)}
        remote = [file for file in files if file.is_remote and not file.is_image and file.id not in of_pages]
        here = any(leaf.image or not isinstance(leaf.body, Page) or leaf.body.text for leaf in leaves)
        here = here or (bool(leaves) and not any(file.is_remote for file in files))
        shown = self._first_text("presentation")
        first = next((file for file in images(files) if file.is_remote), None)
        if here:
            yield Copy(format=image_format(leaves), page_count=len(leaves), pages=pages_of(leaves))
        if shown:
            yield Copy(url=shown, page_count=0 if here else len(leaves))
        elif first is not None:
            yield Copy(url=first.href, format=first.media, page_count=0 if here else len(leaves))
        for file in ([file for file in remote if not is_by_product(file)] or remote)[:_SHOWN]:
            yield Copy(url=file.href, format=file.media)

    def _first_text(self, name: str) -> str | None:
        """The DFG viewer's ``owner`` and ``presentation`` in the administrative section."""
        found = (entry for section in self._mets.iter("{*}amdSec") for entry in section.iter(f"{{*}}{name}"))
        return next((text for entry in found if (text := clean(entry.text))), None)


def _is_text_gone(file: File) -> bool:
    """A text that should be here and is not."""
    return file.name is None and not file.is_remote and not file.is_image
