"""Reading ahead: same entries, same order, same bytes, bounded; what fails fails for whoever opens it."""

from __future__ import annotations

import io
import pickle
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Checkpoint, Gone, RawItem, RetryLater, SkipItem
from pipelines.items import Unit
from pipelines.prefetch import Bounds, prefetched, without_bytes

SMALL = Bounds(item=40, bytes=100, entries=6, threads=3)


@dataclass
class Far:
    """A source that counts what is asked of it. `held` are the sizes of items opened and not yet handed on."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    opened: list[str] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    most: int = 0
    most_items: int = 0

    def open(self, key: str, payload: bytes, error: Exception | None) -> BinaryIO:
        with self.lock:
            self.opened.append(key)
            self.held[key] = len(payload)
            self.most = max(self.most, sum(self.held.values()))
            self.most_items = max(self.most_items, len(self.held))
        if error is not None:
            raise error
        return io.BytesIO(payload)

    def item(self, key: str, payload: bytes, size: int | None = None, error: Exception | None = None) -> RawItem:
        told = len(payload) if size is None else size
        return RawItem(key, partial(self.open, key, payload, error), told, "v1", token="t1")


ERRORS = st.sampled_from([None, None, None, RetryLater("later", 3), SkipItem("no"), ValueError("a mistake")])
ITEM = st.tuples(st.binary(min_size=1, max_size=60), st.sampled_from(["exact", "untold"]), ERRORS)
ENTRY = st.one_of(
    st.lists(ITEM, min_size=1, max_size=4),
    st.just(Checkpoint("here")),
    st.just(Gone("gone")),
)


def entries_of(far: Far, drawn: list[Any]) -> Iterator[Any]:
    for number, entry in enumerate(drawn):
        if not isinstance(entry, list):
            yield entry
            continue
        contents = [
            far.item(f"{number}/{at}.xml", payload, 0 if told == "untold" else None, error)
            for at, (payload, told, error) in enumerate(entry)
        ]
        yield Unit(str(number), tuple(contents))


def outcome(item: RawItem) -> object:
    """The bytes, or the error that whoever opens it gets."""
    try:
        with item.open() as stream:
            return stream.read()
    except Exception as error:
        return repr(error)


@given(st.lists(ENTRY, max_size=30))
def test_same_entries_same_order_same_bytes_and_never_more_than_the_bounds(drawn: list[Any]) -> None:
    far, direct = Far(), Far()
    seen = 0
    for given_, wanted in zip(prefetched(entries_of(far, drawn), SMALL), entries_of(direct, drawn), strict=True):
        seen += 1
        if not isinstance(wanted, Unit):
            assert given_ == wanted
            continue
        assert given_.key == wanted.key
        for had, item in zip(given_.contents, wanted.contents, strict=True):
            far.held.pop(item.key, None)
            assert (had.key, had.version, had.token) == (item.key, item.version, item.token)
            assert outcome(had) == outcome(item)
            far.held.pop(item.key, None)
    assert seen == len(drawn)
    assert far.most_items <= 4 * SMALL.entries


@given(st.lists(st.integers(1, 60), max_size=60))
def test_sizes_that_are_told_are_never_exceeded_together(sizes: list[int]) -> None:
    far = Far()
    units = (Unit(str(at), (far.item(str(at), b"x" * size),)) for at, size in enumerate(sizes))
    for unit, size in zip(prefetched(units, SMALL), sizes, strict=True):
        assert far.most <= SMALL.bytes
        assert (unit.key in far.opened) == (size <= SMALL.item)
        far.held.pop(unit.key, None)


def test_no_more_entries_are_taken_from_the_listing_than_may_wait() -> None:
    far, taken = Far(), 0

    def listing() -> Iterator[Unit]:
        nonlocal taken
        for taken in range(1, 1001):
            yield Unit(str(taken), (far.item(f"{taken}.xml", b"x"),))

    for given_, _ in enumerate(prefetched(listing(), SMALL), 1):
        assert taken <= given_ + SMALL.entries


def test_bytes_can_be_let_go() -> None:
    far = Far()
    item, row = far.item("a.xml", b"bytes"), RawItem("row", io.BytesIO, row={"id": 1})
    (unit,) = prefetched([Unit("a", (item, row))])
    assert unit.contents[0] != item
    assert without_bytes(unit).contents == (item, row)


tries: list[str] = []


def busy_after_once() -> BinaryIO:
    """An opener that travels, as those of transports do."""
    tries.append("asked")
    if len(tries) > 1:
        raise RetryLater("busy")
    return io.BytesIO(b"bytes")


def test_what_was_read_travels_and_is_not_asked_for_again() -> None:
    tries.clear()
    (unit,) = prefetched([Unit("a", (RawItem("a.xml", busy_after_once, 5),))])
    with pickle.loads(pickle.dumps(unit)).contents[0].open() as one, unit.contents[0].open() as other:
        assert one.read() == other.read() == b"bytes"
    assert tries == ["asked"]


@pytest.mark.parametrize(
    "item",
    [
        RawItem("scan.JPG", partial(pytest.fail, "opened"), 5),
        RawItem("large.xml", partial(pytest.fail, "opened"), 2 << 20),
        RawItem("row", partial(pytest.fail, "opened"), row={"id": 1}),
    ],
    ids=["image", "large", "row"],
)
def test_what_is_not_to_be_read_goes_by_at_once(item: RawItem) -> None:
    def listing() -> Iterator[Unit]:
        yield Unit("a", (item,))
        pytest.fail("more was taken from the listing")

    assert next(prefetched(listing())).contents == (item,)


def test_an_item_larger_than_it_says_is_not_taken_for_whole() -> None:
    far = Far()
    (unit,) = prefetched([Unit("a", (far.item("a.xml", b"x" * 30, size=10),))], SMALL)
    assert outcome(unit.contents[0]) == b"x" * 30


def test_an_error_is_the_items_own_and_a_second_try_may_do() -> None:
    far, tries = Far(), []

    def busy_once() -> BinaryIO:
        tries.append(1)
        if len(tries) == 1:
            raise RetryLater("busy", 5)
        return io.BytesIO(b"second")

    units = [Unit("a", (RawItem("a.xml", busy_once, 6),)), Unit("b", (far.item("b.xml", b"b"),))]
    assert [outcome(unit.contents[0]) for unit in prefetched(units)] == [b"second", b"b"]


def test_a_listing_that_fails_fails_after_what_came_before_it() -> None:
    far = Far()

    def listing() -> Iterator[Unit]:
        yield Unit("a", (far.item("a.xml", b"a"),))
        raise RetryLater("the listing broke off")

    given_: list[str] = []
    with pytest.raises(RetryLater, match="broke off"):
        given_.extend(unit.key for unit in prefetched(listing()))
    assert given_ == ["a"]


def test_nothing_goes_on_reading_when_nobody_asks_any_more() -> None:
    far = Far()
    reading = prefetched((Unit(str(at), (far.item(f"{at}.xml", b"x"),)) for at in range(100)), SMALL)
    next(reading)
    with suppress(AttributeError):
        reading.close()  # type: ignore[attr-defined]
    asked = len(far.opened)
    assert asked <= SMALL.entries + 1
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prefetch")]
