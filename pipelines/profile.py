"""What a workspace holds, as data frames: the calls behind `notebooks/collection_profile.ipynb`.

Reads the record store only, so it answers while the search engine is down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from mappings.access import Level
from mappings.record import Record, decode_record
from pipelines.decided import DecidedAccess
from pipelines.documents import access_of
from pipelines.record_store import RecordStore

NOT_STATED = "not stated"
SHORT_TITLE = 4
"""Characters: "A-C" and 同上 say little on their own. 楊貴妃 is as short and a good title, but comes with a text."""
POOR = ("no date", "no title of its own", "short title", "no description")
_COLUMNS = ("level", "holder", "access", "kind", "languages", "decade")


def holdings(store: RecordStore, source_access: Mapping[str, Level | None] | None = None) -> pd.DataFrame:
    """One row a current record. `source_access` is what the source files state for records that state nothing.

    Columns: source, source_id, resource (none for a record joined with no other), title, kind, level, holder, access,
    languages (a list), start, end, decade, pages, and one column of booleans for each of `POOR`. A date counts for the
    decade it begins in.
    """
    table = store.current("record", ["source", "source_id", "record"])
    defaults = source_access or {}
    keys = list(zip(table["source"].to_pylist(), table["source_id"].to_pylist(), strict=True))
    decided = DecidedAccess.read(store).texts(keys)
    rows = [
        _row(source, decode_record(record), defaults.get(source), access)
        for (source, _), record, access in zip(keys, table["record"].to_pylist(), decided, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=list(_row("", Record("", ""), None)))
    links = store.current("link", ["source", "source_id", "resource"]).to_pandas()
    return frame.merge(links, on=["source", "source_id"], how="left")


def count_by(frame: pd.DataFrame, column: str) -> pd.Series:
    """Records by the values of a column, most first; records with several languages count under each."""
    if column not in _COLUMNS:
        raise ValueError(f"{column!r} is not counted; choose one of {', '.join(_COLUMNS)}")
    values = frame[column].explode() if column == "languages" else frame[column]
    counts = values.fillna(NOT_STATED).value_counts().rename("records")
    return counts.sort_index(key=lambda index: index.astype(str)) if column == "decade" else counts


def cross(frame: pd.DataFrame, rows: str, columns: str) -> pd.DataFrame:
    """Records by the values of two columns."""
    return pd.crosstab(frame[rows].fillna(NOT_STATED), frame[columns].fillna(NOT_STATED))


def faces(frame: pd.DataFrame) -> pd.Series:
    """Resources by the kinds of records they join ("digital + physical"); most are one record alone."""
    joined = frame["kind"].groupby(_resource(frame)).agg(lambda kinds: " + ".join(sorted(set(kinds))))
    return joined.value_counts().rename("resources")


def digitised(frame: pd.DataFrame) -> pd.DataFrame:
    """Per holder: records, those with pages or a digital counterpart, their share, and the number of pages."""
    with_pages = set(frame.loc[frame["pages"] > 0, "resource"].dropna())
    seen = (frame["pages"] > 0) | frame["resource"].isin(with_pages)
    groups = frame.assign(digitised=seen, holder=frame["holder"].fillna(NOT_STATED)).groupby("holder")
    table = groups.agg(records=("source_id", "size"), digitised=("digitised", "sum"), pages=("pages", "sum"))
    return table.assign(share=table["digitised"] / table["records"]).sort_values("records", ascending=False)


def poor(frame: pd.DataFrame) -> pd.DataFrame:
    """Per source: the share of records with each weakness of `POOR` that no record of the same resource makes good."""
    return _weak(frame).groupby(frame["source"]).mean().sort_index()


def poorest(frame: pd.DataFrame, number: int = 20) -> pd.DataFrame:
    """The records with the most weaknesses, by the measure of `poor`."""
    weak = frame.assign(weaknesses=_weak(frame).sum(axis="columns"))
    order = weak.sort_values(["weaknesses", "source", "source_id"], ascending=[False, True, True], kind="stable")
    return order.loc[order["weaknesses"] > 0, ["source", "source_id", "title", "weaknesses"]].head(number)


def _resource(frame: pd.DataFrame) -> pd.Series:
    """What each record is part of; only joined records have a resource on record."""
    return frame["resource"].fillna(frame["source"] + ":" + frame["source_id"])


def _weak(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[list(POOR)].groupby(_resource(frame)).transform("all")


def _row(source: str, record: Record, default: Level | None, decided: str | None = None) -> dict[str, object]:
    start = record.dates.start if record.dates else None
    facts: dict[str, object] = {
        "source": source,
        "source_id": record.source_id,
        "title": record.title,
        "kind": record.kind,
        "level": record.level,
        "holder": record.holder,
        "access": access_of(decided, record, default).value,
        "languages": list(record.languages) or None,
        "start": start,
        "end": record.dates.end if record.dates else None,
        "decade": None if start is None else f"{start // 10 * 10}s",
        "pages": sum(copy.page_count for copy in record.copies),
    }
    return facts | dict.fromkeys(POOR, False) | dict.fromkeys(_weaknesses(record), True)


def _weaknesses(record: Record) -> Iterator[str]:
    described = bool(record.description or record.values or record.copies)
    if record.dates is None or record.dates.start is None:
        yield "no date"
    if record.supplied_title:
        yield "no title of its own"
    elif len(record.title) < SHORT_TITLE and not described:
        yield "short title"
    if not described:
        yield "no description"
