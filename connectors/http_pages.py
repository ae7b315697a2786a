"""Pages of a listing over HTTP: how one leads to the next, and the rows in each.

Nothing is guessed: where rows lie and what leads on is said in the source file. A listing that leads in a circle is
told from one that ends: the same address, or the same rows, twice stop the source.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, BinaryIO, ClassVar, Literal
from urllib.parse import urljoin

import httpx2
from lxml import etree
from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.base import StopSource
from connectors.rows import row_bytes, value_at
from connectors.web import Answer, Web, again, ask, shown

LARGEST_JSON = 64 << 20
"""A page of JSON is in memory as a whole; larger listings come as JSON Lines or XML, which stream."""
LONGEST_LINE = 16 << 20
_DEEPEST = 10
_BLANK = b"\xef\xbb\xbf \t\r\n"
_EMPTY_PAGES = 10
"""In a row, while each names a next one: more is a listing that never ends."""
_NOTHING_THERE = frozenset({404})
_NO_CONTENT = 204


class Items(BaseModel):
    """What makes an item: the whole answer (``file``), the objects at a dotted `path` of JSON (an empty one is the
    answer itself), those on `lines` of their own, or every `element` of that name in XML, as columns or ``as: xml``.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", hide_input_in_errors=True, populate_by_name=True)
    path: str | None = None
    lines: bool = False
    element: str | None = Field(default=None, min_length=1)
    given_as: Literal["row", "xml"] = Field(default="row", alias="as")

    @model_validator(mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        if isinstance(value, str):
            known: dict[str, dict[str, Any]] = {"file": {}, "lines": {"lines": True}}
            if value not in known:
                raise ValueError("it is file, lines, {path: ...} or {element: ...}")
            return known[value]
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Items:
        if (self.path is not None) + self.lines + (self.element is not None) > 1:
            raise ValueError("give one of path, lines and element")
        if self.given_as == "xml" and self.element is None:
            raise ValueError("as: xml needs element")
        return self

    @property
    def is_file(self) -> bool:
        return self.path is None and self.element is None and not self.lines


class Next(BaseModel):
    """What leads to the next page: the address at a `path` of the answer, the `parameter` that takes the value at a
    `path`, a `parameter` that counts pages from `start`, or rows (with `step`, the rows of a page); or ``link-header``
    (RFC 8288).
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", hide_input_in_errors=True)
    path: str | None = Field(default=None, min_length=1)
    parameter: str | None = Field(default=None, min_length=1)
    step: int | None = Field(default=None, ge=1)
    start: int | None = Field(default=None, ge=0)
    link_header: bool = False

    @model_validator(mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        if isinstance(value, str):
            if value != "link-header":
                raise ValueError("it is link-header, {path: ...} or {parameter: ...}")
            return {"link_header": True}
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Next:
        if not (self.path or self.parameter or self.link_header):
            raise ValueError("give path, parameter or both, or link-header")
        if self.path and (self.step is not None or self.start is not None):
            raise ValueError("step and start count, a path does not")
        return self

    @property
    def counts(self) -> bool:
        """Does a number lead on, so that an empty page is the end?"""
        return self.parameter is not None and self.path is None

    @property
    def first(self) -> int:
        """The number of the first page or row."""
        return self.start if self.start is not None else (1 if self.step is None else 0)


@dataclass(slots=True)
class Row:
    """One row: its columns, its bytes (canonical JSON, or XML), and for a line that is none what is wrong with it."""

    values: dict[str, Any]
    content: bytes
    wrong: str | None = None


class Page:
    """One answer. `count`, `digest` and `pointer` (what the path of `next` leads to) hold once the rows are read."""

    def __init__(self, answer: Answer, items: Items, rule: Next | None) -> None:
        self.answer = answer
        self.count = 0
        self.pointer: Any = None
        self._items = items
        self._path = rule.path if rule is not None else None
        self._digest = blake2b(digest_size=16)

    @property
    def digest(self) -> bytes:
        return self._digest.digest()

    def rows(self) -> Iterator[Row]:
        """The rows in their order. Raises StopSource when the answer is not what the settings say."""
        body = self.answer.body
        if body is None or self.answer.status == _NO_CONTENT:
            return
        with body:
            for row in self._parser()(body):
                self.count += 1
                self._digest.update(row.content + b"\0")
                yield row

    def _parser(self) -> Callable[[BinaryIO], Iterator[Row]]:
        return self._lines if self._items.lines else self._objects if self._items.element is None else self._elements

    def _objects(self, body: BinaryIO) -> Iterator[Row]:
        payload = body.read(LARGEST_JSON + 1)
        if len(payload) > LARGEST_JSON:
            raise StopSource(
                f"{self._where} is a page of more than {LARGEST_JSON >> 20} MiB of JSON; ask for fewer rows"
            )
        try:
            document = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise StopSource(f"{self._where} is no JSON ({_line(error)}); check settings.url and items") from None
        if self._path is not None:
            self.pointer = value_at(document, self._path)
        found = value_at(document, self._items.path or "")
        if found is None and isinstance(document, dict) and self._is_null(document):
            return
        if not isinstance(found, list):
            there = ", ".join(map(repr, document)) if isinstance(document, dict) else f"a {type(document).__name__}"
            raise StopSource(f"{self._where} has no list at items.path {self._items.path!r}; there is: {there[:300]}")
        yield from map(_row, found)

    def _is_null(self, document: dict[str, Any]) -> bool:
        """Is the list there, but null: an empty page in other words?"""
        above, _, last = (self._items.path or "").rpartition(".")
        holder = value_at(document, above)
        return isinstance(holder, dict) and last in holder

    def _lines(self, body: BinaryIO) -> Iterator[Row]:
        for line in iter(lambda: body.readline(LONGEST_LINE), b""):
            if not line.strip(_BLANK):
                continue
            try:
                yield _row(json.loads(line.decode("utf-8-sig")))
            except (ValueError, RecursionError) as error:
                yield Row({}, line, f"the line is no JSON: {_line(error)}")

    def _elements(self, body: BinaryIO) -> Iterator[Row]:
        wanted = f"{{*}}{self._items.element}"
        tags = [wanted] if self._path is None else [wanted, f"{{*}}{self._path}"]
        events = ("start", "end")
        inside = 0
        try:
            for event, element in etree.iterparse(body, events, tag=tags, resolve_entities=False, no_network=True):
                if etree.QName(element).localname == self._items.element:
                    inside += 1 if event == "start" else -1
                    if inside == 0:
                        yield self._element(element)
                        _forget(element)
                elif event == "end" and inside == 0:
                    self.pointer = _text(element).strip() or element.get("href")
        except etree.XMLSyntaxError as error:
            raise StopSource(f"{self._where} is no well-formed XML ({_line(error)}); check settings.url") from None

    def _element(self, element: etree._Element) -> Row:
        values = columns(element)
        if self._items.given_as == "xml":
            return Row(values, etree.tostring(element, encoding="utf-8", with_tail=False))
        return Row(values, row_bytes(values).getvalue())

    @property
    def _where(self) -> str:
        return shown(self.answer.url)


class Pages:
    """The pages from an address on, one after the other; each is to be read to its end before the next is asked for."""

    def __init__(self, web: Web, url: str, items: Items, rule: Next | None) -> None:
        self._web, self._items, self._rule = web, items, rule
        self._base = httpx2.URL(url)
        self._number = rule.first if rule is not None else 0
        self._addresses: set[str] = set()
        self._digests: set[bytes] = set()
        self._empty = 0

    def __iter__(self) -> Iterator[Page]:
        """Raises RetryLater or StopSource."""
        url: str | None = str(self._numbered() if self._rule is not None and self._rule.counts else self._base)
        while url is not None:
            if url in self._addresses:
                raise StopSource(f"{shown(url)} comes twice: the listing leads in a circle; check settings.next")
            page = self._page(url)
            if page is None:
                return
            yield page
            self._addresses.add(url)
            self._check(page)
            url = self._following(page)

    def _page(self, url: str) -> Page | None:
        """None when a number beyond the last page is answered with 404, as some servers do."""
        if not self._addresses:
            return Page(ask(self._web, url, StopSource), self._items, self._rule)
        may_be_beyond = self._rule is not None and self._rule.counts and self._rule.step is None
        accept = _NOTHING_THERE if may_be_beyond else frozenset()
        answer = again(lambda: ask(self._web, url, StopSource, accept=accept))
        return None if answer.status in accept else Page(answer, self._items, self._rule)

    def _check(self, page: Page) -> None:
        if page.count == 0:
            self._empty += 1
            if self._empty > _EMPTY_PAGES:
                raise StopSource(f"{shown(page.answer.url)}: {self._empty} empty pages in a row; check settings.next")
            return
        self._empty = 0
        if page.digest in self._digests:
            raise StopSource(f"{shown(page.answer.url)} gives the same page twice; check settings.next")
        self._digests.add(page.digest)

    def _following(self, page: Page) -> str | None:
        """The address of the next page, None after the last."""
        rule = self._rule
        if rule is None:
            return None
        if rule.counts:
            self._number += 1 if rule.step is None else page.count
            return str(self._numbered()) if page.count else None
        pointer = _next_link(page.answer.headers) if rule.link_header else page.pointer
        if pointer is None or pointer is False or pointer == "":
            return None
        if not isinstance(pointer, str | int):
            raise StopSource(f"{shown(page.answer.url)}: what next.path leads to is neither address nor value")
        if rule.parameter is not None:
            return str(self._base.copy_set_param(rule.parameter, str(pointer)))
        return urljoin(page.answer.url, str(pointer))

    def _numbered(self) -> httpx2.URL:
        assert self._rule is not None and self._rule.parameter is not None
        return self._base.copy_set_param(self._rule.parameter, str(self._number))


def flat(values: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Objects inside objects as columns ``a.b``, ten levels deep; text without halves of surrogate pairs, which no
    store can hold.
    """
    found: dict[str, Any] = {}
    for key, inner in values.items():
        name = prefix + _whole(key)
        if isinstance(inner, dict) and depth < _DEEPEST:
            found.update(flat(inner, f"{name}.", depth + 1))
        else:
            found[name] = _whole(inner)
    return found


def columns(element: etree._Element) -> dict[str, Any]:
    """An element as columns: names of its children without namespace, ``a.b`` for what is inside them, ``@a`` for
    attributes; what is there several times is a list. A child with text between its elements is its text, too.
    """
    found: dict[str, Any] = {f"@{etree.QName(name).localname}": value for name, value in element.attrib.items()}
    for child in element.iterchildren(tag=etree.Element):
        name = etree.QName(child).localname
        inner = columns(child)
        is_leaf = all(column.startswith("@") for column in inner)
        if is_leaf or (child.text or "").strip():
            _add(found, name, _text(child).strip())
        for column, value in inner.items():
            _add(found, f"{name}.{column}", value)
    return found


def _text(element: etree._Element) -> str:
    """All text in an element, without comments and what entities would stand for."""
    inside = ((_text(node) if isinstance(node.tag, str) else "") + (node.tail or "") for node in element)
    return (element.text or "") + "".join(inside)


def _add(found: dict[str, Any], name: str, value: Any) -> None:
    if name not in found:
        found[name] = value
        return
    before = found[name] if isinstance(found[name], list) else [found[name]]
    found[name] = before + (value if isinstance(value, list) else [value])


def _row(value: Any) -> Row:
    if not isinstance(value, dict):
        return Row({}, json.dumps(value).encode(), "it is no JSON object")
    values = flat(value)
    return Row(values, row_bytes(values).getvalue())


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    return value


def _forget(element: etree._Element) -> None:
    """Free what has been read, and everything that lies before it."""
    element.clear(keep_tail=False)
    for above in element.xpath("ancestor-or-self::*"):
        while above.getprevious() is not None:
            del above.getparent()[0]


def _next_link(headers: httpx2.Headers) -> str | None:
    links = httpx2.Response(200, headers=headers).links.values()
    return next((link["url"] for link in links if "next" in link.get("rel", "").lower().split()), None)


def _line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
