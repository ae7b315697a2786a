"""The register from a table: every row ends in the report as added, changed, unchanged or rejected, with what is wrong
and what to do; what can be read is taken whatever the other rows say, and a second import of the same table changes
nothing. Places that the table does not name stay.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal

from msgspec import Struct, structs
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mappings.formats.table.reader import rows_of
from mappings.formats.table.rows import NotATable, Row, folded
from service_desk.stacks import shelving
from service_desk.stacks.faults import SAID, Refused, Wrong
from service_desk.stacks.finding import Stretch
from service_desk.stacks.shelving import KINDS, By
from service_desk.stacks.tables import Place

Outcome = Literal["added", "changed", "unchanged", "rejected"]
COLUMNS: Final[dict[str, str]] = {
    "barcode": "barcode code 条码 條碼 条形码 條形碼 编码 編碼",
    "kind": "kind type 类型 類型 类别 類別",
    "title": "title name 名称 名稱 题名 題名",
    "inside": "inside in parent 上级 上級 所在 上级条码 上級條碼",
    "contents": "contents codes reference_codes 档号 檔號 档号范围 檔號範圍 内容 內容",
    "resources": "resources resource_ids 资源 資源",
    "containers": "containers container 盒号 盒號 箱号 箱號",
}
"""Column of the register -> the headers it may have."""
REQUIRED: Final = ("barcode", "kind", "title")
KIND_WORDS: Final[dict[str, str]] = {
    "building": "building 楼 樓 库楼 庫樓 馆舍 館舍",
    "room": "room stack 库房 庫房 房间 房間",
    "row": "row range 列 排 架列",
    "shelf": "shelf 架 层 層 格 搁板 擱板",
    "box": "box container 盒 箱 卷盒",
}
ADVICE: Final[dict[str, str]] = {
    "barcode": "Give the row a barcode; it is what is scanned.",
    "twice": "Take one of the two rows out, or mend its barcode.",
    "kind": "Write building, room, row, shelf or box.",
    "kind_changed": "Give the new place a barcode of its own.",
    "title": "Give it a title, such as what is written on it.",
    "no_parent": "Write the barcode of the place it stands in.",
    "unknown_parent": "Add a row for that place, or mend the barcode.",
    "parent_rejected": "Mend that row first; then import the table again.",
    "not_inside": "Name a place that can hold it: building, room, row, shelf, box, from wide to narrow.",
    "inside_itself": "Mend the barcode of the place it stands in.",
    "no_box": "Leave the contents empty, or write a row for each box.",
    "code": "Write codes as in the catalogue, several with a semicolon between them.",
    "backwards": "Write the lower code first.",
    "unlike_ends": "Write a stretch within one series, or several stretches with a semicolon between them.",
    "claimed": "Take it out of one of the two boxes.",
    "container": "Write the fonds as its reference code, a colon, and the container as the catalogue calls it.",
    "too_much": "Write stretches in place of single codes.",
    "unreadable": "Save the table again as UTF-8 CSV or XLSX, or mend the row.",
}
"""What to do about each fault a row can have."""
MOST_ROWS: Final = 200_000
_SEPARATORS = re.compile(r"[;；|\n]+")
_MEANS = {folded(word): column for column, words in COLUMNS.items() for word in words.split()}
_KIND_MEANS = {word: kind for kind, words in KIND_WORDS.items() for word in words.split()}


class RowReport(Struct, frozen=True):
    """What became of a row: `row` as its file counts. A rejected one has the `code` of what is wrong, with `values`; a
    changed one says in `changes` what: ``title``, ``moved``, ``contents``; so does one rejected for its contents alone,
    whose place was taken (``added`` when it is new). `taken_out` are contents that the row does not name any more.
    """

    row: int
    barcode: str
    outcome: Outcome
    code: str = ""
    values: dict[str, Any] = {}
    changes: tuple[str, ...] = ()
    taken_out: tuple[str, ...] = ()

    @property
    def wrong(self) -> str:
        """What is wrong, in English."""
        return SAID[self.code].format(**self.values) if self.code else ""

    @property
    def advice(self) -> str:
        """What to do about it, in English."""
        return ADVICE.get(self.code, "")


class ImportReport(Struct, frozen=True):
    """All rows in the order of the table; `kept` places are in the register and not in the table, and stay."""

    rows: tuple[RowReport, ...]
    kept: int
    dry_run: bool = False

    def count(self, outcome: Outcome) -> int:
        """How many rows ended so."""
        return sum(row.outcome == outcome for row in self.rows)


class _Said(Struct):
    """A row as it was read."""

    row: int
    barcode: str
    kind: str
    title: str
    inside: str
    contents: list[Stretch] | None


class _Rejected(Exception):
    """A row that cannot be taken: its report."""

    def __init__(self, report: RowReport) -> None:
        super().__init__(report.code)
        self.report = report


def read_rows(data: bytes, name: str) -> Iterator[tuple[Row, dict[str, str]]]:
    """Rows with their cells by column of the register. Raises Wrong when the file is no table, or lacks a column."""
    try:
        rows = list(rows_of(io.BytesIO(data), name, frozenset(_MEANS)))
    except NotATable as error:
        raise Wrong("file", "table", reason=error.problem.reason) from None
    headers = list(next((row.cells for row in rows if row.cells), {}) or {})
    meant: dict[str, str] = {}
    for header in headers:
        if (column := _MEANS.get(folded(header))) is not None:
            meant.setdefault(column, header)
    for column in REQUIRED:
        if column not in meant:
            raise Wrong("file", "no_columns", column=column)
    if len(rows) > MOST_ROWS:
        raise Wrong("file", "table", reason=f"more than {MOST_ROWS:,} rows")
    for row in rows:
        cells = row.cells or {}
        yield row, {column: _text(cells.get(header)) for column, header in meant.items()}


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


class Importer:
    """One import in one transaction of the caller."""

    def __init__(self, session: Session, by: By) -> None:
        self._session, self._by = session, by
        self._places: dict[str, Place] = {place.barcode: place for place in session.scalars(select(Place))}
        self._reports: dict[int, RowReport] = {}
        self._named: set[str] = set()

    def take(self, rows: Iterator[tuple[Row, Mapping[str, str]]], dry_run: bool) -> ImportReport:
        """Take all rows: read first, then the wide places before what stands in them, contents last."""
        said = self._read(rows)
        widest_first = sorted(said, key=lambda one: KINDS.index(one.kind))
        changes = {one.row: self._or_rejected(one, self._placed) for one in self._boxes_in_order(widest_first)}
        taken_out = {one.row: self._emptied(one) for one in said if one.row not in self._reports}
        for one in said:
            if one.row in self._reports:
                continue
            filled = self._or_rejected(one, self._filled)
            self._report(one, changes[one.row], filled or bool(taken_out[one.row]), taken_out[one.row])
        named = {one.barcode for one in said}
        total = self._session.scalar(select(func.count()).select_from(Place)) or 0
        known = len(named & self._places.keys())
        reports = tuple(self._reports[row] for row in sorted(self._reports))
        return ImportReport(reports, total - known, dry_run)

    def _read(self, rows: Iterator[tuple[Row, Mapping[str, str]]]) -> list[_Said]:
        said: list[_Said] = []
        first: dict[str, int] = {}
        for row, cells in rows:
            try:
                one = _said(row, cells)
                if one.barcode in first:
                    values = {"barcode": one.barcode, "row": first[one.barcode]}
                    raise _Rejected(RowReport(row.number, one.barcode, "rejected", "twice", values))
                first[one.barcode] = row.number
                self._named.add(one.barcode)
                said.append(one)
            except _Rejected as rejected:
                self._reports[row.number] = rejected.report
                self._named.add(rejected.report.barcode)
        return said

    def _boxes_in_order(self, said: list[_Said]) -> Iterator[_Said]:
        """Boxes that stand in boxes come after them, whatever their order in the table."""
        waiting = list(said)
        while waiting:
            pending = {one.barcode for one in waiting}
            ready = [one for one in waiting if one.inside not in pending]
            yield from ready or waiting  # some stand in each other: said of each
            waiting = [one for one in waiting if one.inside in pending] if ready else []

    def _or_rejected(self, one: _Said, step: Callable[[_Said], Any]) -> Any:
        """A step of a row, undone and reported when it cannot be."""
        try:
            with self._session.begin_nested():
                return step(one)
        except (Wrong, Refused) as error:
            self._reports[one.row] = RowReport(one.row, one.barcode, "rejected", error.code, dict(error.values))
            return None

    def _placed(self, one: _Said) -> tuple[str, ...] | None:
        """The place itself; what changed about it, None for a new one."""
        parent = self._parent(one)
        place = self._places.get(one.barcode)
        if place is None:
            made = shelving.new_place(self._session, one.barcode, one.kind, one.title, parent, self._by)
            self._places[one.barcode] = made
            return None
        if place.kind != one.kind:
            raise Wrong("kind", "kind_changed", barcode=place.barcode, kind=place.kind)
        changes = []
        if place.title != one.title:
            place.title = one.title
            changes.append("title")
        if shelving.put(self._session, place, parent, self._by):
            changes.append("moved")
        return tuple(changes)

    def _parent(self, one: _Said) -> Place | None:
        if not one.inside:
            return None
        parent = self._places.get(one.inside)
        if parent is None:
            is_named = one.inside in self._named
            raise Wrong("inside", "parent_rejected" if is_named else "unknown_parent", barcode=one.inside)
        return parent

    def _emptied(self, one: _Said) -> tuple[str, ...]:
        """What is in the box and no more in its row goes first, so that another row may have it."""
        if one.contents is None:
            return ()
        place, wanted = self._places[one.barcode], {stretch.key for stretch in one.contents}
        gone = [had for had in shelving.contents_of(self._session, place.id) if had.key not in wanted]
        shelving.take_out(self._session, place, gone)
        return tuple(stretch.text for stretch in gone)

    def _filled(self, one: _Said) -> bool:
        if not one.contents:
            return False
        place = self._places[one.barcode]
        had = {stretch.key for stretch in shelving.contents_of(self._session, place.id)}
        added = [stretch for stretch in one.contents if stretch.key not in had]
        shelving.put_in(self._session, place, added)
        return bool(added)

    def _report(
        self, one: _Said, changes: tuple[str, ...] | None, contents_changed: bool, taken_out: tuple[str, ...]
    ) -> None:
        rejected = self._reports.get(one.row)
        if rejected is not None:  # for its contents; the place itself was taken
            done = ("added",) if changes is None else changes
            self._reports[one.row] = structs.replace(rejected, changes=done, taken_out=taken_out)
            return
        if changes is None:
            self._reports[one.row] = RowReport(one.row, one.barcode, "added", taken_out=taken_out)
            return
        every = (*changes, *(("contents",) if contents_changed else ()))
        outcome: Outcome = "changed" if every else "unchanged"
        self._reports[one.row] = RowReport(one.row, one.barcode, outcome, changes=every, taken_out=taken_out)


def _said(row: Row, cells: Mapping[str, str]) -> _Said:
    barcode = cells.get("barcode", "")
    try:
        if row.cells is None:
            reason = "; ".join(problem.reason for problem in row.problems) or "it is damaged"
            raise Wrong("row", "unreadable", reason=reason)
        barcode = shelving.barcode_of(barcode)
        kind = shelving.kind_of(_KIND_MEANS.get(cells["kind"].casefold(), cells["kind"]))
        return _Said(row.number, barcode, kind, shelving.title_of(cells["title"]), cells.get("inside", ""),
                     _contents(barcode, kind, cells))  # fmt: skip
    except (Wrong, Refused) as error:
        raise _Rejected(RowReport(row.number, barcode[:64], "rejected", error.code, dict(error.values))) from None


def _contents(barcode: str, kind: str, cells: Mapping[str, str]) -> list[Stretch] | None:
    """Contents of the row; None when the table has no column for any."""
    columns = [cells.get(name) for name in ("contents", "resources", "containers")]
    if all(cell is None for cell in columns):
        return None
    codes, resources, containers = (split(cell or "") for cell in columns)
    if kind != "box":
        if codes or resources or containers:
            raise Wrong("contents", "no_box", barcode=barcode, kind=kind)
        return None
    return shelving.read_contents(codes, resources, containers)


def split(cell: str) -> list[str]:
    """Several things in one cell: semicolons, bars or lines stand between them."""
    return [part.strip() for part in _SEPARATORS.split(cell) if part.strip()]
