"""Tables: files of any kind, columns as the source file says, and rows that are not right."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook, load_workbook

from connectors.base import RawItem
from connectors.registry import connector
from mappings.access import Access
from mappings.base import Failed, MappingOptions, Outcome, Skipped, outcomes
from mappings.formats.table import TableMapping
from mappings.record import Ancestor, Copy, Dates, Holding, Identifier, Name, Record
from tests.contracts.mapping_contract import Bytes, MappingContract, Sample, check_outcome, mapped, records

PLAIN = TableMapping(MappingOptions())
ROWS = [["档号", "题名", "成文日期"], ["Z1-1", "購地卷", "民國38年"], ["Z1-2", "路線圖", "1905"]]
COLUMNS: dict[str, str | list[str]] = {"id": "档号", "reference_code": "档号", "title": "题名", "dates": "成文日期"}


def table(**options: Any) -> TableMapping:
    return TableMapping(MappingOptions(**options))


def as_csv(rows: list[list[str]], **dialect: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out, **dialect).writerows(rows)
    return out.getvalue().encode()


def as_xlsx(*sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"s{number}")
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_parquet(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({name: [row[place] for row in rows[1:]] for place, name in enumerate(rows[0])}), out)
    return out.getvalue()


def as_lines(rows: list[list[str]]) -> bytes:
    return b"\n".join(json.dumps(dict(zip(rows[0], row, strict=True))).encode() for row in rows[1:])


KINDS = {
    "csv": ("a.csv", as_csv(ROWS)),
    "semicolons": ("a.csv", as_csv(ROWS, delimiter=";")),
    "tabs": ("a.tsv", as_csv(ROWS, delimiter="\t")),
    "bars": ("a.txt", as_csv(ROWS, delimiter="|")),
    "all quoted": ("a.csv", as_csv(ROWS, quoting=csv.QUOTE_ALL)),
    "carriage returns": ("a.csv", as_csv(ROWS, lineterminator="\r")),
    "GBK": ("a.csv", as_csv(ROWS).decode().encode("gb18030")),
    "no suffix": ("table", as_csv(ROWS)),
    "preamble": ("a.csv", b"List of 2024\n\n" + as_csv(ROWS)),
    "xlsx": ("a.xlsx", as_xlsx(ROWS)),
    "xlsx, empty first sheet": ("a.xlsx", as_xlsx([], ROWS)),
    "xlsx, preamble": ("a.xlsx", as_xlsx([["List"], [], *ROWS, [None, None, None]])),
    "parquet": ("a.parquet", as_parquet(ROWS)),
    "JSON lines": ("a.jsonl", as_lines(ROWS)),
    "JSON array": ("a.json", b"[" + as_lines(ROWS).replace(b"\n", b",") + b"]"),
}


@pytest.mark.parametrize("item", KINDS.values(), ids=KINDS)
def test_every_kind_of_file_gives_the_same_records(item: tuple[str, bytes]) -> None:
    found = mapped(table(columns=COLUMNS), item)
    assert [(type(record).__name__, record.source_id) for record in found] == [("Record", "Z1-1"), ("Record", "Z1-2")]
    first = records(table(columns=COLUMNS), item)[0]
    assert (first.title, first.dates, first.kind) == ("購地卷", Dates("民國38年", 1949, 1949), "physical")
    assert first.problems == ()


class TestCsv(MappingContract):
    @pytest.fixture
    def mapping(self) -> TableMapping:
        return PLAIN

    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.csv", as_csv([*ROWS, ["Z1-3", 'with "quotes", and\nlines', "ca. 1920"]]))]


class TestXlsx(MappingContract):
    @pytest.fixture
    def mapping(self) -> TableMapping:
        return PLAIN

    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.xlsx", as_xlsx(ROWS))]


class TestJsonLines(TestCsv):
    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.jsonl", as_lines(ROWS))]


class TestParquet(TestCsv):
    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.parquet", as_parquet(ROWS))]


def row(columns: dict[str, str | list[str]], cells: dict[str, str], **options: Any) -> Record:
    """The record of a table of one row."""
    found = mapped(table(columns=columns, **options), ("a.csv", as_csv([list(cells), list(cells.values())])))
    assert isinstance(found[0], Record), found
    return found[0]


def test_every_field_a_source_file_can_fill() -> None:
    cells = {
        "no": "7",
        "code": "Z1-7",
        "t": "Title",
        "when": "1901-1939",
        "by": "Board; Chair",
        "about": "Land;Rail",
        "who": "Li Bai",
        "body": "Bureau",
        "where": "Canton",
        "lang": "中文",
        "form": "map",
        "size": "3 sheets",
        "box": "9",
        "shelf": "A-1-2",
        "isbn": "0-306-40615-2",
        "url": "https://a.example/7.pdf",
        "sum": "Line one\nline two",
        "rem": "seen",
        "extra": "kept",
        "for staff": "fragile",
        "level": "案卷",
    }
    record = row(
        {
            "id": "no",
            "reference_code": "code",
            "title": "t",
            "dates": "when",
            "creator": "by",
            "subject": "about",
            "person": "who",
            "organisation": "body",
            "place": "where",
            "language": "lang",
            "format": "form",
            "extent": "size",
            "containers": "box",
            "location": "shelf",
            "isbn": "isbn",
            "link": "url",
            "text": ["sum", "rem"],
            "staff_note": "for staff",
            "level": "level",
        },
        cells,
        split={"subject": ";", "creator": ";"},
        values={"level": {"案卷": "file"}},
        fixed={"fonds": "Z1"},
        holder="East",
    )
    assert record == Record(
        source_id="7",
        title="Title",
        reference_code="Z1-7",
        fonds="Z1",
        holder="East",
        level="file",
        dates=Dates("1901-1939", 1901, 1939),
        names=(
            Name("Board", "name", "creator"),
            Name("Chair", "name", "creator"),
            Name("Land", "subject", "subject"),
            Name("Rail", "subject", "subject"),
            Name("Li Bai", "person", "subject"),
            Name("Bureau", "organisation", "subject"),
            Name("Canton", "place", "subject"),
        ),
        languages=("zh",),
        formats=("map",),
        extent="3 sheets",
        description={"text": "Line one\nline two\nseen"},
        staff_notes={"note": "fragile"},
        values={"extra": "kept"},
        identifiers=(Identifier("isbn", "0-306-40615-2"), Identifier("link", "https://a.example/7.pdf")),
        holdings=(Holding(("box 9",), location="A-1-2"),),
        copies=(Copy("https://a.example/7.pdf", format="application/pdf"),),
        unit="a.csv",
    )


ACCESS: dict[str, tuple[dict[str, str], Access | None, list[str]]] = {
    "one of the six": ({"access": "onsite"}, Access("onsite"), []),
    "translated": ({"access": "内部"}, Access("internal", "内部"), []),
    "words": ({"access": "限制利用"}, Access("restricted", "限制利用"), []),
    "words with a day": (
        {"access": "延期开放至2046年1月1日"},
        Access("closed", "延期开放至2046年1月1日", dt.date(2046, 1, 1)),
        [],
    ),
    "day in its own column": (
        {"access": "closed", "opens": "2046-01-01"},
        Access("closed", None, dt.date(2046, 1, 1)),
        [],
    ),
    "a day alone": ({"opens": "2046-01-01"}, Access("closed", None, dt.date(2046, 1, 1)), []),
    "a year alone": ({"opens": "2046"}, Access("closed", None, dt.date(2047, 1, 1)), []),
    "with its ground": ({"access": "closed", "why": "art. 3"}, Access("closed", "art. 3"), []),
    "blank": ({"access": " "}, None, []),
    "a word nobody explained": ({"access": "level 3"}, Access("restricted", "level 3"), ["unknown-access"]),
    "no day": ({"access": "closed", "opens": "later"}, Access("closed"), ["bad-date"]),
}


@pytest.mark.parametrize(("cells", "access", "problems"), ACCESS.values(), ids=ACCESS)
def test_access(cells: dict[str, str], access: Access | None, problems: list[str]) -> None:
    columns: dict[str, str | list[str]] = {"id": "id", "access": "access", "opens_on": "opens", "access_reason": "why"}
    record = row(
        columns, {"id": "1", "access": "", "opens": "", "why": "", **cells}, values={"access": {"内部": "internal"}}
    )
    assert record.access == access
    assert [problem.code for problem in record.problems] == problems


def one(payload: bytes, name: str = "a.csv", **options: Any) -> Outcome:
    (found,) = mapped(table(**options), (name, payload))
    return found


@pytest.mark.parametrize(
    ("cells", "title"),
    [
        ({"t": "", "d": "1901", "c": "X"}, "1901"),
        ({"t": " ", "d": "", "c": "X"}, "X"),
        ({"t": "", "d": "", "c": "", "e": "-"}, "a.csv#row-2"),
    ],
)
def test_a_row_without_a_title_gets_one(cells: dict[str, str], title: str) -> None:
    record = row({"title": "t", "dates": "d", "reference_code": "c"}, cells)
    assert (record.title, record.supplied_title) == (title, True)


def test_ids_are_unique_and_rows_without_one_are_named_by_their_place() -> None:
    payload = b"id,t\nx,A\nx,B\n,C\nx~2,D\nx,E\n"
    found = records(table(columns={"id": "id", "title": "t"}), ("f/a.csv", payload))
    assert [record.source_id for record in found] == ["x", "x~2", "f/a.csv#row-4", "x~2~2", "x~3"]
    assert [len(record.problems) for record in found] == [0, 1, 0, 1, 1]


def test_parents_give_ancestors_and_access() -> None:
    payload = b"id,up,t,a\nf,,Fonds,closed\ns,f,Series,\ni,s,Item,open\nz,nope,Lost,\n"
    found = records(table(columns={"id": "id", "parent": "up", "title": "t", "access": "a"}), ("a.csv", payload))
    assert [tuple(unit.source_id for unit in record.ancestors) for record in found] == [
        (),
        ("f",),
        ("f", "s"),
        ("nope",),
    ]
    assert found[2].ancestors[1] == Ancestor("s", "Series")
    assert [record.access and record.access.value for record in found] == ["closed", "closed", "open", None]
    assert [problem.code for problem in found[3].problems] == ["unknown-parent"]


def test_rows_that_are_not_right_are_kept_with_a_problem() -> None:
    payload = b'id,t\n1,A\n2\n3,C,extra\n\n,\n4,"open\n5,E\n'
    found = mapped(table(columns={"id": "id", "title": "t"}), ("a.csv", payload))
    assert [type(outcome).__name__ for outcome in found] == ["Record"] * 3 + ["Skipped"] * 2 + ["Record"] * 2
    codes = [[problem.code for problem in outcome.problems] for outcome in found if isinstance(outcome, Record)]
    assert codes == [[], ["ragged-row"], ["ragged-row"], ["unclosed-quote"], []]
    third = found[2]
    assert isinstance(third, Record) and third.values == {"column 3": "extra"}
    assert isinstance(found[3], Skipped) and found[3].problem.code == "empty-row"


def test_a_quote_never_closed_costs_one_row_of_many() -> None:
    payload = b"id,t\n" + b"".join(b'%d,"open\n' % n if n == 10 else b"%d,T\n" % n for n in range(6000))
    found = records(table(columns={"id": "id", "title": "t"}), ("a.csv", payload))
    assert len(found) == 6000
    assert [record.source_id for record in found if record.problems] == ["10"]


def test_headers_that_are_blank_or_repeated_lose_nothing() -> None:
    record = row({"id": "id"}, {"id": "1"})
    assert record.source_id == "1"
    payload = b"id,,id,x,x\n1,a,2,b,c\n"
    (found,) = records(table(columns={"id": "id"}), ("a.csv", payload))
    assert found.values == {"column 2": "a", "id (2)": "2", "x": "b", "x (2)": "c"}


def test_a_missing_column_fails_the_file_and_names_the_nearest() -> None:
    found = one(as_csv(ROWS), columns={"id": "档号", "title": "题目名"})
    assert isinstance(found, Failed)
    assert found.problem.code == "missing-column"
    assert "'题目名'" in found.problem.reason and "'题名'" in found.problem.hint


NOT_TABLES = {
    "empty": (b"", "a.csv", Skipped, "empty-file"),
    "blank": (b"\n \n", "a.csv", Skipped, "empty-file"),
    "header only": (b"a,b\n", "a.csv", Skipped, "empty-file"),
    "XML": (b"<a/>", "a.xml", Skipped, "wrong-format"),
    "PDF": (b"%PDF-1.4", "a.pdf", Skipped, "wrong-format"),
    "binary": (b"\x01\0\0\x02\0", "a.csv", Skipped, "wrong-format"),
    "an archive": (b"PK\x03\x04 cut", "a.zip", Skipped, "damaged-xlsx"),
    "a broken workbook": (b"PK\x03\x04 cut", "a.xlsx", Failed, "damaged-xlsx"),
    "broken parquet": (b"PAR1 cut", "a.parquet", Failed, "damaged-parquet"),
    "broken JSON": (b"[{]", "a.json", Failed, "damaged-json"),
    "plain text": (b"words and words\n", "a.txt", Skipped, "wrong-format"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.xls", Skipped, "wrong-format"),
}


@pytest.mark.parametrize(("payload", "name", "kind", "code"), NOT_TABLES.values(), ids=NOT_TABLES)
def test_what_is_no_table_has_a_reason(payload: bytes, name: str, kind: type, code: str) -> None:
    found = one(payload, name)
    assert isinstance(found, kind)
    assert not isinstance(found, Record)
    assert (found.problem.code, found.source_id) == (code, name)


def test_a_line_that_is_not_json_fails_alone() -> None:
    found = mapped(PLAIN, ("a.jsonl", b'{"id": 1, "title": "A"}\n{broken\n[1]\n{"id": 2, "title": {"a": "B"}}\n'))
    assert [type(outcome).__name__ for outcome in found] == ["Record", "Failed", "Failed", "Record"]
    assert isinstance(found[1], Failed) and found[1].problem.position == "line 2"
    assert isinstance(found[3], Record) and found[3].values == {"title.a": "B"}


def test_half_characters_in_json_do_not_reach_a_record() -> None:
    (record,) = records(PLAIN, ("a.jsonl", rb'{"id": "1\ud800", "a\udfff": "b\ud800", "title": "\ud800"}'))
    assert (record.source_id, record.title, record.values) == ("1", "1", {"a": "b"})
    check_outcome(record)


def test_a_first_line_that_is_not_json_fails_alone_too() -> None:
    found = mapped(PLAIN, ("a.jsonl", b'{broken\n{"id": 2, "title": "B"}\n'))
    assert [type(outcome).__name__ for outcome in found] == ["Failed", "Record"]


def test_one_object_over_several_lines_is_one_row() -> None:
    (found,) = mapped(PLAIN, ("a.json", b'{\n "id": 1,\n "title": "A"\n}\n'))
    assert isinstance(found, Record) and found.source_id == "1"


def workbook_with(name: str, payload: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx(ROWS))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part, payload if part.filename == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, payload)
    return out.getvalue()


def test_cells_out_of_order_are_not_lost() -> None:
    with zipfile.ZipFile(io.BytesIO(as_xlsx(ROWS))) as archive:
        name = next(part for part in archive.namelist() if part.startswith("xl/worksheets/"))
        text = archive.read(name).decode()
    for number in (1, 2, 3):
        start, end = text.index(f'<c r="A{number}"'), text.index(f'<c r="B{number}"')
        first = text[start:end]
        text = text.replace(first, "", 1)
        place = text.index("</row>", start)
        text = text[:place] + first + text[place:]
    found = records(table(columns=COLUMNS), ("a.xlsx", workbook_with(name, text.encode())))
    assert [(record.source_id, record.title) for record in found] == [("Z1-1", "購地卷"), ("Z1-2", "路線圖")]


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mappings.formats.table.spreadsheet._LARGEST", 2**20)
    found = one(workbook_with("xl/media/zeros", b"\0" * 2**21), "a.xlsx")
    assert isinstance(found, Failed) and found.problem.code == "too-large"


def test_a_workbook_with_entities_is_refused() -> None:
    bomb = b"<!DOCTYPE x [<!ENTITY a 'lol'><!ENTITY b '&a;&a;'>]><x>&b;</x>"
    found = one(workbook_with("xl/sharedStrings.xml", bomb), "a.xlsx")
    assert isinstance(found, Failed) and found.problem.code == "entities"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"fixed": {"kind": "digtal"}}, "fixed.kind 'digtal' is not known"),
        ({"fixed": {"access": "public"}}, "access 'public' is not known"),
        ({"values": {"access": {"x": "public"}}}, "access 'public' is not known"),
        ({"split": {"zzz": ";"}}, "split.zzz"),
    ],
)
def test_an_option_that_cannot_be_right_is_one_sentence(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        table(**options)


def database_row(cells: dict[str, Any], key: str = "9", **options: Any) -> Outcome:
    (found,) = outcomes(table(**options).records([Bytes(key, row=cells)]))
    return found


def test_a_row_of_a_database_is_a_thematic_entry_with_all_its_columns() -> None:
    found = database_row(
        {"id": 9, "name": "查道", "born": 955, "died": None, "shelf": "A"},
        columns={"id": "id", "title": "name", "location": "shelf"},
    )
    assert isinstance(found, Record)
    assert (found.kind, found.source_id, found.title) == ("thematic", "9", "查道")
    assert found.values == {"id": "9", "name": "查道", "born": "955"}


@pytest.mark.parametrize(
    ("cells", "kind", "code"),
    [({"id": 9, "name": None}, Failed, "missing-column"), ({"id": None, "title": ""}, Skipped, "empty-row")],
)
def test_a_row_of_a_database_that_gives_no_record(cells: dict[str, Any], kind: type, code: str) -> None:
    found = database_row(cells, columns={"id": "id", "title": "title"})
    assert isinstance(found, kind) and not isinstance(found, Record)
    assert (found.problem.code, found.source_id) == (code, "9")


def test_the_second_row_with_one_key_says_so() -> None:
    found = database_row({"id": "9", "title": "A"}, "9~2", columns={"id": "id", "title": "title"})
    assert isinstance(found, Record)
    assert [problem.code for problem in found.problems] == ["duplicate-id"]


def test_a_large_file_is_read_as_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mappings.formats.table.delimited._WHOLE", 200_000)
    payload = ("编号,题名\n" + "".join(f"{number},北京市东城区的档案\n" for number in range(20_000))).encode("gb18030")
    assert len(records(table(columns={"id": "编号", "title": "题名"}), ("a.csv", payload))) == 20_000


def expected_rows(path: Path) -> int:
    """Lines down to the last one with text, by the csv module or openpyxl alone."""
    if path.suffix == ".xlsx":
        sheet = next(sheet for sheet in load_workbook(path).worksheets if sheet.max_row > 1 or sheet.max_column > 1)
        rows = [[cell for cell in row if cell not in (None, "")] for row in sheet.iter_rows(values_only=True)]
    else:
        text = path.read_bytes().decode("gb18030" if "gbk" in path.name else "utf-8-sig")
        rows = [[cell for cell in row if cell.strip()] for row in csv.reader(io.StringIO(text, newline=""))]
    while rows and not rows[-1]:
        rows.pop()
    return len(rows)


# Lines down to the header row, where it is not the first: import templates explain themselves on top. The row of labels
# below it is skipped with a reason.
PREAMBLES = {
    "aspace_assessment_import_template.csv": 2,
    "bulk_import_DO_template.xlsx": 4,
    "bulk_import_VFIRST01_test01.xlsx": 4,
    "bulk_import_VFIRST01_test01_wont_work_without_solr_connection.xlsx": 4,
    "bulk_import_VFIRST01_with_conditions_governing_access_notes.xlsx": 4,
    "bulk_import_template.xlsx": 4,
    "testTopLinkerUpload.csv": 4,
    "testTopLinkerUpload.xlsx": 4,
}


@pytest.mark.corpus
@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_every_row_of_the_corpus_has_its_outcome(corpus: Path) -> None:
    total = 0
    for item in connector("folder", {"path": str(corpus / "csv")}, Path()).read(None):
        assert isinstance(item, RawItem)
        path = corpus / "csv" / item.key
        found = [
            outcome
            for outcome in PLAIN.records([item])
            if not (isinstance(outcome, Skipped) and outcome.problem.code == "empty-file")
        ]
        assert not any(isinstance(outcome, Failed) for outcome in found)
        assert len(found) == expected_rows(path) - PREAMBLES.get(path.name, 1), item.key
        total += len(found)
    assert total == 21_515


def test_the_article_and_who_may_copy_or_read_the_description_have_columns() -> None:
    columns = {
        "title": "题名",
        "access": "开放",
        "access_article": "依据",
        "access_copy": "复制",
        "access_describe": "目录公开",
    }
    rows = [
        list(columns.values()),
        ["甲", "closed", "档案法 第二十七条", "", "不公开"],
        ["乙", "open", "", "复制须经批准", "公开"],
        ["丙", "open", "", "谁知道", "也许"],
    ]
    first, second, third = records(table(columns=columns), ("a.csv", as_csv(rows)))
    assert first.access == Access("closed", article="档案法 第二十七条", describe="internal")
    assert second.access == Access("open", describe="open", copy="restricted", copy_reason="复制须经批准")
    assert third.access is not None
    assert (third.access.copy, third.access.describe) == ("restricted", "internal")
    assert [problem.code for problem in third.problems] == ["unknown-access", "unknown-access"]
