"""A theme's records as a table: typed columns, the same in CSV and Parquet, and a README that explains them."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from indexer.query import MAX_OFFSET, MAX_SIZE, Corner, Query
from mappings import dates
from mappings.access import Viewer
from search_ui import paths
from search_ui.i18n import LANGUAGES, Translator
from search_ui.services import Services
from search_ui.themes.files import Outbox, csv_text
from search_ui.themes.model import Column, Data, Theme

MOST_ROWS: Final = MAX_OFFSET
"""Rows of one download: as many as can be passed over in the index."""
GROUP: Final = 2_000
"""Rows that are written to Parquet together."""

Json = dict[str, Any]
Row = list[Any]


class Table:
    """The data of a theme for one viewer; `base` is where the house is reached from outside."""

    def __init__(self, services: Services, theme: Theme, data: Data, viewer: Viewer, base: str) -> None:
        self._services, self._theme, self._viewer, self._base = services, theme, viewer, base
        self.data = data

    def rows(self) -> Iterator[Row]:
        """A row an entry of the source, in the order of reference codes, typed. Raises indexer.errors.SearchError."""
        return islice(self._rows(), MOST_ROWS)

    def csv(self) -> Iterator[str]:
        """Lines of CSV."""
        return csv_text(self._with_header())

    def _with_header(self) -> Iterator[Row]:
        yield [column.name for column in self.data.columns]
        yield from self.rows()

    def parquet(self) -> Iterator[bytes]:
        """Pieces of a Parquet file; each column knows what it means, the file under which terms it may be used."""
        import pyarrow as pa
        from pyarrow import parquet

        outbox, schema, rows = Outbox(), self._schema(), self.rows()
        with parquet.ParquetWriter(pa.PythonFile(outbox, mode="w"), schema) as writer:
            while group := list(islice(rows, GROUP)):
                cells = zip(zip(*group, strict=True), schema, strict=True)
                columns = [pa.array(values, field.type) for values, field in cells]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
                yield outbox.taken()
        yield outbox.taken()

    def as_of(self) -> str | None:
        """The day the source was last brought up to date."""
        return next((state.as_of for state in self._services.sources() if state.name == self.data.source), None)

    def total(self) -> int:
        """How many records there are for this viewer; entries that are one resource count once."""
        found: int = self._services.search(self._query(0, 0), self._viewer)["total"]
        return found

    def readme(self, words: Translator) -> str:
        """What the table is, under which terms it may be used, and what each column means, in Markdown."""
        t, data, language = words.t, self.data, words.language
        licence = data.licence.name + (f", {data.licence.url}" if data.licence.url else "")
        lines = [
            f"# {data.title.in_(language)}",
            data.description.in_(language),
            f"- {t('As of')}: {self.as_of() or '–'}",
            f"- {t('Records')}: {words.number(self.total())}",
            f"- {t('Terms of use')}: {licence}",
            f"- {t('From')}: {self._base}{paths.theme(self._theme.name)}",
            f"## {t('Columns')}",
            f"| {t('Column')} | {t('Type')} | {t('Meaning')} |\n|---|---|---|",
            *(self._told(column, words) for column in data.columns),
            t("An empty cell: the record does not say it, or not in this type."),
            t("In CSV, text that a spreadsheet would run as a formula begins with an apostrophe."),
        ]
        text = "\n\n".join(line.strip() for line in lines)
        return text.replace("|\n\n|", "|\n|").replace("\n\n- ", "\n- ") + "\n"

    def _told(self, column: Column, words: Translator) -> str:
        kind = words.term("column_type", column.type) + (f" ({column.unit})" if column.unit else "")
        return f"| `{column.name}` | {kind} | {column.description.in_(words.language).replace('|', '/')} |"

    def _query(self, size: int, offset: int) -> Query:
        corner = Corner((*self._theme.standing, ("source", (self.data.source,))))
        return Query(sort="reference_code", size=size, offset=offset, corner=corner)

    def _rows(self) -> Iterator[Row]:
        seen: set[str] = set()
        for offset in range(0, MAX_OFFSET, MAX_SIZE):
            found = self._services.listed(self._query(MAX_SIZE, offset), self._viewer)
            for resource in found:
                if resource["id"] not in seen:  # a commit meanwhile may move some back
                    seen.add(resource["id"])
                    yield from self._of(resource)
            if len(found) < MAX_SIZE:
                return

    def _of(self, resource: Json) -> Iterator[Row]:
        """A row for each entry that the source has of a resource, or one for the resource."""
        for entry in entries(resource, self.data.source):
            found = (value(column, resource, entry, self._base) for column in self.data.columns)
            yield [typed(told, column) for told, column in zip(found, self.data.columns, strict=True)]

    def _schema(self) -> Any:
        import pyarrow as pa

        types = {
            "text": pa.string(),
            "integer": pa.int64(),
            "number": pa.float64(),
            "year": pa.int32(),
            "date": pa.date32(),
            "boolean": pa.bool_(),
        }
        fields = [pa.field(column.name, types[column.type], metadata=_meaning(column)) for column in self.data.columns]
        told = {
            "title": self.data.title.en,
            "description": self.data.description.en,
            "licence": self.data.licence.name,
            "licence_url": self.data.licence.url or "",
            "as_of": self.as_of() or "",
        }
        return pa.schema(fields, metadata=told)


def _meaning(column: Column) -> dict[str, str]:
    told = {f"description.{language}": column.description.in_(language) for language in LANGUAGES}
    return {**told, "unit": column.unit or "", "from": column.source}


def entries(resource: Json, source: str) -> list[Json]:
    """What a source has of a resource (`Searcher.listed`): its entries, or itself as one."""
    found = [entry for entry in resource["entries"] if entry["source"] == source]
    if found:
        return found
    own = next(one for one in resource["sources"] if one["source"] == source)
    return [{"source_id": own["source_id"], "title": resource["title"], "values": resource["values"]}]


def value(column: Column, resource: Json, entry: Json, base: str) -> Any:
    """What an entry of a resource says in a column, as written."""
    kind, colon, name = column.source.partition(":")
    if not colon:
        return _plain(column.source, resource, entry, base)
    if kind == "value":
        return entry["values"].get(name)
    if kind == "description":
        return resource["description"].get(name)
    return "; ".join(one["name"] for one in resource["names"] if name in (one["type"], one["role"])) or None


def _plain(name: str, resource: Json, entry: Json, base: str) -> Any:
    """A column that every record has."""
    if name == "address":
        return base + paths.record(resource["id"])
    if name in ("source_id", "title"):
        return entry[name]
    told = resource["dates"] or {}
    if name in ("dates", "year_from", "year_to"):
        return told.get({"dates": "text", "year_from": "from", "year_to": "to"}[name])
    return resource[name]


def typed(told: Any, column: Column) -> Any:
    """A value in the type of its column; None for what is not of it."""
    if told is None or told == "":
        return None
    return _TYPED[column.type](str(told))


def _integer(text: str) -> int | None:
    number = _number(text)
    return int(number) if number is not None and number.is_integer() else None


def _number(text: str) -> float | None:
    written = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    try:
        number = float(written if written.isascii() and "_" not in written else "")
    except ValueError:
        return None
    return number if abs(number) < 2**53 else None


def _year(text: str) -> int | None:
    return dates.parse(text)[0]


def _date(text: str) -> dt.date | None:
    """A day; a month or a year is none."""
    read = dates.read(text)
    if read.precision != "day" or read.earliest is None or read.earliest != read.latest:
        return None
    try:
        return dt.date.fromisoformat(read.earliest)
    except ValueError:  # before the year 1
        return None


def _boolean(text: str) -> bool | None:
    return {"true": True, "yes": True, "1": True, "是": True, "false": False, "no": False, "0": False, "否": False}.get(
        text.strip().casefold()
    )


_TYPED: Final[dict[str, Callable[[str], Any]]] = {
    "text": str,
    "integer": _integer,
    "number": _number,
    "year": _year,
    "date": _date,
    "boolean": _boolean,
}
