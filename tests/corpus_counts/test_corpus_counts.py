"""The whole shared corpus by the command line: every count against counters that know nothing of the mappings."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from pathlib import Path
from typing import Any
from xml.parsers import expat

import openpyxl
import pytest
from lxml import etree

from tests.bad_input.house import House

pytestmark = [pytest.mark.corpus, pytest.mark.slow, pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")]
COMPONENTS = {"c", *(f"c{number:02}" for number in range(1, 13))}
SAMPLE = 20


def units(file: Path) -> tuple[str, int, int]:
    """(root, descriptions of wholes, components) of an XML file, by a parser that knows no namespaces."""
    seen: Counter[str] = Counter()
    root: list[str] = []

    def start(tag: str, _: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        seen[name] += 1
        root.append(name) if not root else None

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    with file.open("rb") as stream:
        try:
            parser.ParseFile(stream)
        except expat.ExpatError:
            assert root[0] != "ead"  # one authority record gives an attribute twice
    return root[0], seen["archdesc"], sum(seen[name] for name in COMPONENTS)


def filled_rows(file: Path) -> int:
    """Rows with text in a table, its header rows included; the first sheet of a workbook."""
    if file.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(file, data_only=True).worksheets[0]
        rows: Any = sheet.iter_rows(values_only=True)
    else:
        payload = file.read_bytes()
        text = payload.decode("gb18030" if b"gbk" in file.name.encode() else "utf-8-sig")
        rows = csv.reader(io.StringIO(text, newline=""))
    return sum(any(str(cell).strip() for cell in row if cell is not None) for row in rows)


class Trial:
    """The corpus in a workspace, after a sync."""

    def __init__(self, house: House, corpus: Path) -> None:
        self.house = house
        self.ead, self.csv = corpus / "ead", corpus / "csv"
        for name, mapping, path in (("ead", "ead", self.ead), ("csv", "table", self.csv)):
            settings = f"connector: folder\nmapping: {mapping}\naccess: open\nsettings: {{path: {path}}}\n"
            house.source(name, f"title: {name}\n{settings}")
        self.done = house.run("sync", "--json")
        self.reports = self.done.sources()
        password = {"ONESTOP_PASSWORD": "correct horse battery"}
        assert house.run("user", "add", "keeper", "--role", "staff", environment=password).code == 0


@pytest.fixture(scope="session")
def trial(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return Trial(House.new(tmp_path_factory.mktemp("corpus") / "house"), corpus)


def test_every_component_and_every_fonds(trial: Trial) -> None:
    counted = [units(file) for file in trial.ead.rglob("*") if file.is_file()]
    wholes = sum(whole for root, whole, _ in counted if root == "ead")
    components = sum(number for root, _, number in counted if root == "ead")
    others = sum(root != "ead" for root, _, _ in counted)
    report = trial.reports["ead"]
    assert components == 63_934
    assert (report["indexed"], report["skipped"], report["failed"]) == (wholes + components, others, 0)
    assert report["read"] == wholes + components + others


def test_what_was_skipped_are_authority_records(trial: Trial) -> None:
    told = [problem for problem in trial.reports["ead"]["problems"] if problem["code"] in ("eac-cpf", "wrong-format")]
    assert len(told) == trial.reports["ead"]["skipped"]
    assert all("eac-cpf" in problem["item"] or ".CPF." in problem["item"] for problem in told)


def test_every_row_of_every_table(trial: Trial) -> None:
    from pipelines.record_store import RecordStore

    stored = RecordStore(trial.house.folder / "records").current("record", ["item"], source="csv")["item"].to_pylist()
    records = Counter(stored)
    files = sorted(file for file in trial.csv.rglob("*") if file.is_file())
    headers = {str(file.relative_to(trial.csv)): filled_rows(file) for file in files}
    above = {name: filled - records[name] for name, filled in headers.items()}
    assert {name: rows for name, rows in above.items() if rows != 1} == HEADERS
    assert trial.reports["csv"]["indexed"] == sum(headers.values()) - sum(above.values())
    assert trial.reports["csv"]["failed"] == 0


BULK, ATOM = "archivesspace-bulk-import/", "atom-import-samples/"
HEADERS = {
    f"{BULK}aspace_assessment_import_template.csv": 3,
    f"{BULK}aspace_location_import_template.csv": 2,
    f"{BULK}bulk_import_DO_template.csv": 2,
    f"{BULK}bulk_import_DO_template.xlsx": 5,
    f"{BULK}bulk_import_VFIRST01_boolean_columns.csv": 2,
    f"{BULK}bulk_import_VFIRST01_test01.csv": 2,
    f"{BULK}bulk_import_VFIRST01_test01.xlsx": 5,
    f"{BULK}bulk_import_VFIRST01_test01_wont_work_without_solr_connection.xlsx": 5,
    f"{BULK}bulk_import_VFIRST01_with_conditions_governing_access_notes.xlsx": 5,
    f"{BULK}bulk_import_date_era_calendar_test.csv": 2,
    f"{BULK}bulk_import_multi_date_test.csv": 2,
    f"{BULK}bulk_import_template.csv": 2,
    f"{BULK}bulk_import_template.xlsx": 5,
    f"{BULK}testTopLinkerUpload.csv": 5,
    f"{BULK}testTopLinkerUpload.xlsx": 5,
    f"{ATOM}authority_records/example_authority_record_relationships.csv": 2,
    f"{ATOM}example_deaccessions.csv": 3,
    f"{ATOM}example_events.csv": 3,
    f"{ATOM}example_physicalobject.csv": 3,
}
"""Rows that give no record: down to the header, the labels below it, and all rows of sheets that describe nothing."""


def text_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def sample(folder: Path) -> list[tuple[str, str, str | None]]:
    """(source_id, title, unit id) of some components with an id and a plain title, by the XML alone."""
    found = []
    for file in sorted(folder.rglob("*.xml")):
        try:
            root = etree.parse(file).getroot()
        except etree.XMLSyntaxError:
            continue
        for component in root.iter(*(f"{{*}}{name}" for name in COMPONENTS)):
            titles = component.findall("{*}did/{*}unittitle")
            codes = [code for code in component.findall("{*}did/{*}unitid") if not code.attrib]
            if (
                component.get("id")
                and len(titles) == 1
                and not len(titles[0])
                and text_of(titles[0])
                and len(codes) < 2
            ):
                code = text_of(codes[0]) if codes else None
                found.append((f"{file.relative_to(folder)}#{component.get('id')}", text_of(titles[0]), code))
    return random.Random(2026).sample(found, SAMPLE)


def test_some_components_are_what_their_files_say(trial: Trial) -> None:
    for source_id, title, code in sample(trial.ead):
        done = trial.house.ask("show", f"ead:{source_id}", "--json", "--as", "keeper")
        assert done.code == 0, (source_id, done.err)
        assert (done.document["title"], done.document["reference_code"]) == (title, code), source_id


def test_facets_count_what_there_is(trial: Trial) -> None:
    answer = trial.house.search("*", "--as", "keeper")
    counted = {facet["value"]: facet["count"] for facet in answer["facets"]["source"]}
    records = {name: report["indexed"] for name, report in trial.reports.items()}
    assert counted == {**records, "ead": records["ead"] - JOINED, "csv": records["csv"] - ONE_IMAGE}
    assert answer["total"] == sum(counted.values())
    assert sum(facet["count"] for facet in answer["facets"]["access"]) == answer["total"]


JOINED = 3
"""One fonds (EAD3test) is in the corpus in four forms: four records, one resource."""
ONE_IMAGE = 1
"""The samples of AtoM's two templates give their fonds the same digital object."""


def test_a_second_night_changes_nothing(trial: Trial) -> None:
    for name, report in trial.house.sync().items():
        before = trial.reports[name]
        assert (report["indexed"], report["deleted"]) == (0, 0)
        assert report["unchanged"] == before["indexed"]
        assert (report["skipped"], report["failed"], report["read"]) == tuple(
            before[part] for part in ("skipped", "failed", "read")
        )
