"""The components of one EAD file, one after the other, each with what its containing components say.

libxml2 reports the component elements only; a finished component leaves the tree before the next one is read, so memory
does not grow with the file. What a component contains is read once, at its end - except for those with components
inside, whose own part is read when the first of these begins, since they inherit from it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from io import BytesIO
from typing import Any, BinaryIO

from lxml import etree
from lxml.etree import _Element as Element
from msgspec import Struct

from mappings.formats.ead.text import COMPONENTS
from mappings.formats.reading import read_up_to
from mappings.formats.xml import KEPT, LOCAL, SAFE, Pruning, Sound, first_error
from mappings.record import Identifier, Problem

Parts = dict[str, list[Element]]
_WANTED = [f"{{*}}{name}" for name in sorted(COMPONENTS)]
_GROUPS = frozenset({"descgrp", "archdescgrp", "admininfo", "add", "did"})
_WHOLE = 32 * 2**20
_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_TOKEN = re.compile(rb"<(/?)(?:[A-Za-z_][\w.-]*:)?(c|c0[1-9]|c1[0-2]|archdesc|accessrestrict)(?=[\s/>])")


class Scan(Struct, frozen=True):
    """What is known of a file before it is parsed.

    `audience`: an audience attribute may occur. `late`: an access note may stand behind the components it governs.
    `encoding`: the encoding to read it in when its declaration is wrong.
    """

    audience: bool
    late: bool
    encoding: str | None = None
    problem: Problem | None = None


def scan(payload: bytes) -> Scan:
    """Look at the raw bytes, which is some hundred times cheaper than parsing."""
    if payload[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in payload[:200]:
        return Scan(audience=True, late=True)
    has_entities = b"<!ENTITY" in payload
    encoding, problem = _true_encoding(payload)
    return Scan(b"audience" in payload or has_entities, has_entities or _is_late(payload), encoding, problem)


def _is_late(payload: bytes) -> bool:
    """Does an access note follow the end of a component, its parent still open?"""
    at = payload.find(b"accessrestrict")
    while at >= 0:
        if _last_token(payload, at) == b"/":
            return True
        at = payload.find(b"accessrestrict", at + 14)
    return False


def _last_token(payload: bytes, end: int) -> bytes | None:
    """What precedes a position: b"/" the end of a component, b"" a start of one or of a note, None nothing."""
    window = 1024
    while True:
        start = max(0, end - window)
        last = deque(_TOKEN.finditer(payload, start, end), maxlen=1)
        if last:
            return b"" if last[0][2] == b"accessrestrict" else last[0][1]
        if start == 0:
            return None
        window *= 8


def _true_encoding(payload: bytes) -> tuple[str | None, Problem | None]:
    """A declaration of a legacy encoding over bytes that are UTF-8 beyond doubt is wrong."""
    found = _DECLARED.match(payload)
    declared = found[1].decode("ascii").lower() if found else "utf-8"
    if declared in ("utf-8", "utf8", "us-ascii") or payload.isascii():
        return None, None
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return None, None
    reason = f"the file declares {declared} but is UTF-8; it was read as UTF-8"
    return "utf-8", Problem("wrong-encoding", reason, "correct the XML declaration", "line 1")


class Open:
    """A component on the way: where it stands, and what those inside it inherit."""

    __slots__ = (
        "children", "codes", "context", "element", "identifiers", "internal", "is_copied", "number", "parent", "parts",
        "place", "problems", "staff",
    )  # fmt: skip

    def __init__(self, element: Element, parent: Open | None, number: int) -> None:
        self.element = element
        self.parent = parent
        self.number = number
        self.children = 0
        self.place = ""
        if parent is not None:
            parent.children += 1
            self.place = f"{parent.place}.{parent.children}" if parent.place else str(parent.children)
        self.parts: Parts = {}
        self.staff: list[tuple[str, Element]] = []
        self.internal = False
        self.is_copied = False
        self.context: Any = None  # the mapping's own notes on it
        self.identifiers: list[Identifier] = []
        self.codes: list[str] = []
        self.problems: tuple[Problem, ...] = ()


class Events:
    """Iterating gives (begins, component): True when the first component inside it begins, False at its end.

    `damage` and `root` are known when the iteration is over.
    """

    def __init__(self, payload: BinaryIO, found: Scan) -> None:
        self._sound = Sound(payload)
        self._events = etree.iterparse(
            self._sound,
            events=("start", "end"),
            tag=_WANTED,
            **SAFE,
            encoding=found.encoding,
        )
        self._pruning = Pruning(self._events, self._sound)
        self._audience = found.audience
        self.root: str | None = None
        self.damage: Problem | None = None

    def __iter__(self) -> Iterator[tuple[bool, Open]]:
        stack: list[Open] = []
        finished: Element | None = None
        number = 0
        try:
            for event, element in self._events:
                self._release(finished)
                finished = None
                if event == "start":
                    if not stack:
                        self.root = LOCAL[element.getroottree().getroot().tag]
                        if _is_quoted(element):
                            continue
                    elif not stack[-1].children:
                        self._gather(stack[-1], before=element)
                        yield True, stack[-1]
                    component = Open(element, stack[-1] if stack else None, number)
                    number += 1
                    component.internal = self._audience and _wrapped_internal(component)
                    stack.append(component)
                elif stack:
                    component = stack.pop()
                    self._gather(component, before=None)
                    yield False, component
                    finished = element
        except (etree.LxmlError, ValueError, LookupError, RecursionError) as error:
            self.damage = Problem("damaged-xml", f"not well-formed: {str(error) or type(error).__name__}", KEPT)
        self.root = self.root or _root_name(self._events)
        self.damage = first_error(self._events.error_log) or self.damage or self._sound.problem
        while stack:  # the file ends inside these
            component = stack.pop()
            self._gather(component, before=None)
            yield False, component

    def _release(self, finished: Element | None) -> None:
        """Take a finished component out of the tree, unless the parser may still hold it."""
        if finished is not None and self._pruning.may_cut():
            _drop(finished)

    def _gather(self, component: Open, before: Element | None) -> None:
        """Sort the component's own elements by name; those of an internal audience are taken out, to `staff`.

        They are taken out of the tree itself, or, where the parser may still hold them, out of copies: then once more
        when the component ends.
        """
        component.parts = {}
        if component.is_copied:
            component.staff = []
        component.is_copied = self._audience and self._pruning.is_damaged()
        self._sort(component, component.element, before)

    def _sort(self, component: Open, holder: Element, before: Element | None) -> None:
        parts = component.parts
        for child in list(holder) if self._audience else holder:
            name = LOCAL[child.tag]
            if name in COMPONENTS or name == "dsc":
                if before is not None:
                    break
                continue
            part = deepcopy(child) if component.is_copied else child
            if self._audience and _taken(part, name, component.staff):
                continue
            if name in _GROUPS:
                self._sort(component, part, None)
            elif name in parts:
                parts[name].append(part)
            else:
                parts[name] = [part]


def _taken(part: Element, name: str, staff: list[tuple[str, Element]]) -> bool:
    """Take what is of an internal audience out of a part (its tail stays), or the whole part (True)."""
    if part.get("audience") == "internal":
        _remove_keeping_tail(part)
        staff.append((name, part))
        return True
    for inner in list(part.iterdescendants()):
        if inner.get("audience") == "internal":
            inner_name = LOCAL[inner.tag]
            _remove_keeping_tail(inner)
            staff.append((name if inner_name in ("p", "head", "item") else inner_name, inner))
    return False


def _remove_keeping_tail(element: Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def _is_quoted(element: Element) -> bool:
    """Is this in an authority record (EAC-CPF, ``objectXMLWrap``), which quotes what it refers to?"""
    return any(LOCAL[above.tag] == "objectXMLWrap" for above in element.iterancestors())


def _wrapped_internal(component: Open) -> bool:
    """Is an element between a component and its containing one (dsc, ead) of an internal audience?"""
    stop = component.parent.element if component.parent else None
    above = component.element.getparent()
    while above is not None and above is not stop:
        if above.get("audience") == "internal":
            return True
        above = above.getparent()
    return False


def _drop(element: Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _root_name(events: etree.iterparse) -> str | None:
    root = events.root
    return None if root is None else LOCAL[root.tag]


def prepared(stream: BinaryIO) -> tuple[BytesIO | None, Scan]:
    """A file in memory and what a look at it tells; a large one is not kept (None) and the worst assumed."""
    payload = read_up_to(stream, _WHOLE)
    if len(payload) < _WHOLE:
        return BytesIO(payload), scan(payload)
    return None, Scan(audience=True, late=True)
