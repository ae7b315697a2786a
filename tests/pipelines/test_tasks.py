"""One item at a time: what cannot be read, what breaks off, what is told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import BinaryIO

import pytest

from connectors.base import RawItem, RetryLater, SkipItem
from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped
from mappings.record import Copy, Dates, Page, Problem, Record, decode_record
from pipelines import tasks
from pipelines.items import Unit, read_unit, storable, unit_checksum, units
from pipelines.tasks import Ended, Mapped, MapTask, free_id


class Scripted:
    """A mapping that gives what its file says, in Python."""

    unit = "file"

    def __init__(self, outcomes: Sequence[Outcome | Exception]) -> None:
        self._outcomes = outcomes

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        for outcome in self._outcomes:
            if isinstance(outcome, Exception):
                raise outcome
            yield outcome


@pytest.fixture
def mapped(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Mapped]:
    """What a task makes of outcomes, as one message."""

    def run(*outcomes: Outcome | Exception, raw: RawItem | None = None) -> Mapped:
        monkeypatch.setattr(tasks, "_mapping", lambda *_: Scripted(outcomes))
        unit = Unit("a.xml", (raw or item("a.xml"),))
        (message,) = MapTask("ead", MappingOptions(), (unit,)).run()
        return message

    return run


def item(key: str, payload: bytes = b"x") -> RawItem:
    return RawItem(key, lambda: BytesIO(payload), len(payload))


def refusing(error: Exception) -> RawItem:
    def refuse() -> BinaryIO:
        raise error

    return RawItem("a.xml", refuse, 1)


def problem(code: str = "bad") -> Problem:
    return Problem(code, "bad")


OUTCOMES = {
    "a record": ([Record("a.xml#1", "One")], (1, 0, 0, False, True)),
    "a record that failed, known": ([Record("a.xml#1", "One"), Failed(problem(), "a.xml#2")], (1, 0, 1, False, True)),
    "a record that failed, nobody knows which": ([Failed(problem())], (0, 0, 1, True, True)),
    "the file as a whole": ([Failed(problem(), "a.xml")], (0, 0, 1, True, True)),
    "skipped": ([Skipped(problem())], (0, 1, 0, False, True)),
    "damaged": ([Record("a.xml#1", "One", problems=(problem("damaged-xml"),))], (1, 0, 0, True, True)),
    "a doubt": ([Record("a.xml#1", "One", problems=(problem("odd-date"),))], (1, 0, 0, False, True)),
    "a mapping that breaks off": ([Record("a.xml#1", "One"), ZeroDivisionError()], (1, 0, 1, True, False)),
}


@pytest.mark.parametrize(("outcomes", "expected"), OUTCOMES.values(), ids=OUTCOMES)
def test_how_an_item_ends(outcomes: list[Outcome], expected: tuple[object, ...], mapped: Callable[..., Mapped]) -> None:
    (ended,) = mapped(*outcomes).ended
    found = (ended.records, ended.count("skip"), ended.count("error"), ended.lost, ended.checksum is not None)
    assert found == expected


def test_what_cannot_be_opened_is_tried_again(mapped: Callable[..., Mapped]) -> None:
    (ended,) = mapped(raw=refusing(SkipItem("a.xml cannot be read"))).ended
    assert (ended.checksum, ended.lost, ended.problems[0][2].code) == (None, True, "unreadable")


def test_a_transport_that_says_later_is_asked_again(mapped: Callable[..., Mapped]) -> None:
    answers = iter([RetryLater("busy", after=0), RetryLater("busy", after=0), None])

    def opened() -> BinaryIO:
        if error := next(answers):
            raise error
        return BytesIO(b"x")

    (ended,) = mapped(Record("a.xml", "One"), raw=RawItem("a.xml", opened, 1)).ended
    assert ended.records == 1


def test_the_second_of_one_id_is_told_apart(mapped: Callable[..., Mapped]) -> None:
    message = mapped(*(Record("1", title) for title in ("One", "Two", "Three")))
    assert message.records.source_id == ["1", "1~2", "1~3"]
    assert decode_record(message.records.record[2]).problems[0].code == "duplicate-id"
    assert message.foreign == {"a.xml"}


def test_pages_have_rows_of_their_own(mapped: Callable[..., Mapped]) -> None:
    pages = (Page(1, "one"), Page(2, "two"))
    record = Record(
        "a.xml", "Volume", copies=(Copy(page_count=2, pages=pages), Copy(page_count=1, pages=(Page(1, "x"),)))
    )
    message = mapped(record)
    assert (message.pages.page, message.pages.copy) == ([1, 2, 3], [0, 0, 1])
    assert decode_record(message.records.record[0]).pages == ()
    other = mapped(
        Record("a.xml", "Volume", copies=(Copy(page_count=2, pages=pages), Copy(page_count=1, pages=(Page(1, "y"),))))
    )
    assert message.records.checksum != other.records.checksum


def test_messages_are_bounded(mapped: Callable[..., Mapped], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "CHUNK_BYTES", 100)
    monkeypatch.setattr(tasks, "_mapping", lambda *_: Scripted([Record(f"a.xml#{n}", "x" * 60) for n in range(5)]))
    messages = list(MapTask("ead", MappingOptions(), (Unit("a.xml", (item("a.xml"),)),)).run())
    assert [len(message.records.item) for message in messages] == [2, 2, 1]
    assert [len(message.ended) for message in messages] == [0, 0, 1]


def test_free_id() -> None:
    assert free_id("x", {"x", "x~2"}.__contains__) == "x~3"
    assert free_id("x", set[str]().__contains__) == "x"


KEYS = {"plain": ("a/b.xml", "a/b.xml"), "Chinese": ("目录.xml", "目录.xml"), "not UTF-8": ("b\udcff", r"b\xff")}


@pytest.mark.parametrize(("key", "expected"), KEYS.values(), ids=KEYS)
def test_storable_keys(key: str, expected: str) -> None:
    assert storable(key) == expected


def test_files_of_a_folder_are_one_item() -> None:
    listing = [item("a/1.xml"), item("a/b/1.xml"), item("a/2.xml"), item("c/")]
    assert [(unit.key, len(unit.contents)) for unit in units(listing, unit="folder") if isinstance(unit, Unit)] == [
        ("a", 2),
        ("a/b", 1),
        ("c/", 1),
    ]


CHANGES = {
    "content": [item("v/1.xml"), item("v/2.xml", b"y")],
    "name": [item("v/1.xml"), item("v/3.xml")],
    "one more": [item("v/1.xml"), item("v/2.xml"), item("v/3.xml")],
}


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_the_checksum_of_a_folder_covers(changed: list[RawItem]) -> None:
    before = Unit("v", (item("v/1.xml"), item("v/2.xml")))
    assert unit_checksum(before) != unit_checksum(Unit("v", tuple(changed)))


def test_images_are_not_read() -> None:
    image = RawItem("v/1.jpg", lambda: (_ for _ in ()).throw(AssertionError("read")), 10, "10-1")
    assert unit_checksum(Unit("v", (image,))) == unit_checksum(Unit("v", (image,)))


def test_counts_of_an_item() -> None:
    ended = Ended("a", problems=[("skip", None, problem()), ("error", "x", problem()), ("skip", None, problem())])
    assert (ended.count("skip"), ended.count("error")) == (2, 1)


def test_dates_that_name_no_time_are_counted(mapped: Callable[..., Mapped]) -> None:
    texts = (Dates("1901", 1901, 1901), Dates("undated"), Dates("Reagan Years"), None)
    (ended,) = mapped(*(Record(f"a.xml#{at}", "One", dates=dates) for at, dates in enumerate(texts))).ended
    assert (ended.dates, ended.dates_unread) == (3, 1)


def test_of_a_large_volume_only_so_much_is_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.items.IN_MEMORY", 10)
    raws = [RawItem(f"v/{n}.xml", lambda n=n: BytesIO(b"%d234567" % n), 7) for n in range(3)]  # type: ignore[misc]
    unit = Unit("v", tuple(raws))
    checksum, contents = read_unit(unit)
    assert [content.payload is None for content in contents] == [False, True, True]
    assert [content.open().read() for content in contents] == [b"0234567", b"1234567", b"2234567"]
    assert checksum == unit_checksum(unit)
