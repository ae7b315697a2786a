"""Ready crosswalks: each sheet is recognised by its headers, and its rows are what an archivist would make of them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.access import Access
from mappings.base import Failed, MappingOptions, Outcome, Skipped
from mappings.crosswalks import crosswalk, names
from mappings.formats.table import TableMapping
from mappings.formats.table.compose import Template
from mappings.formats.table.plan import MANY, OWN
from mappings.formats.table.recognise import recognised
from mappings.record import Ancestor, Authority, Copy, Dates, Holding, Name, Record, Variant
from tests.contracts.mapping_contract import Bytes, MappingContract, Sample, check_outcome, mapped

PLAIN = TableMapping(MappingOptions())


def sheet(*rows: dict[str, str]) -> bytes:
    """A CSV with the columns of all rows."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def given_by(*rows: dict[str, str], **options: Any) -> list[Outcome]:
    return mapped(TableMapping(MappingOptions(**options)), ("a.csv", sheet(*rows)))


def records_of(*rows: dict[str, str], **options: Any) -> list[Record]:
    found = given_by(*rows, **options)
    assert all(isinstance(outcome, Record) for outcome in found), found
    return [outcome for outcome in found if isinstance(outcome, Record)]


# Enough of the headers of each sheet to tell it.
SHEETS = {
    "archivesspace-accessions": "accession_title accession_number_1 accession_publish",
    "archivesspace-archival-objects": "ead title hierarchy level begin end",
    "archivesspace-assessments": "record surveyed_by survey_begin",
    "archivesspace-bulk-digital-objects": "ead ao_ref_id digital_object_title rep_file_uri",
    "archivesspace-digital-objects": "digital_object_id digital_object_title",
    "archivesspace-locations": "location_building location_coordinate_1_label",
    "archivesspace-subjects": "subject_source term_1 term_type_1",
    "archivesspace-top-containers": "ref_id ead_id title top_container_type top_container_indicator",
    "atom-accessions": "accessionNumber acquisitionDate title donorName",
    "atom-authorities": "culture typeOfEntity authorizedFormOfName",
    "atom-deaccessions": "accessionNumber deaccessionNumber",
    "atom-events": "legacyId eventActorName eventType culture",
    "atom-isad": "legacyId parentId title levelOfDescription extentAndMedium culture",
    "atom-rad": "legacyId title levelOfDescription extentAndMedium radEdition culture",
    "atom-relationships": "subjectAuthorizedFormOfName relationType objectAuthorizedFormOfName",
    "atom-repositories": "legacyId authorizedFormOfName collectingPolicies holdings culture",
    "atom-storage": "legacyId name type location culture descriptionSlugs",
    "cbdb-persons": "person_id name gender born_year died_year dynasty native_place",
    "china-divisions": "code name cityCode provinceCode",
    "da-t-46": "聚合层次 电子文件号 档号 题名 责任者 文件编号 稿本 电子属性",
    "da-t-documents": "序号 文件题名 责任者 文件编号 页号 备注",
    "da-t-files": "全宗号 目录号 案卷号 件号 题名 责任者 成文日期",
    "da-t-volumes": "案卷号 案卷题名 起止日期 页数 保管期限",
    "library": "title author publisher isbn year",
    "museum": "object_number object_name maker dimensions image_url",
}


@pytest.mark.parametrize("name", names())
def test_every_sheet_is_recognised(name: str) -> None:
    assert recognised(SHEETS[name].split()) == name


@pytest.mark.parametrize(
    "headers",
    [
        "id title",
        "编号 题名",
        "title_id newspaper_title state place",
        "primary_id title dynasty author edition",
        "a b c d",
    ],
)
def test_what_is_no_known_sheet_is_not_taken_for_one(headers: str) -> None:
    assert recognised(headers.split()) is None


@pytest.mark.parametrize("name", names())
def test_every_crosswalk_says_where_it_is_from_and_is_usable(name: str) -> None:
    found = crosswalk(name)
    assert found.address.startswith("https://")
    assert found.standard and found.title
    assert found.skip or found.columns
    assert set(found.fixed) <= OWN
    assert set(found.split) <= {*found.columns, *MANY}
    TableMapping(MappingOptions(crosswalk=name))


def test_an_unknown_crosswalk_is_one_sentence_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'atom-isad'"):
        TableMapping(MappingOptions(crosswalk="atom-isda"))


class TestArchivesSpace(MappingContract):
    @pytest.fixture
    def mapping(self) -> TableMapping:
        return PLAIN

    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.csv", sheet(SERIES, FILE))]


class TestAtom(TestArchivesSpace):
    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.csv", sheet(FONDS, ITEM))]


FONDS = {
    "legacyId": "7",
    "parentId": "",
    "title": "Board of Works",
    "levelOfDescription": "Fonds",
    "identifier": "F7",
    "extentAndMedium": "3 m",
    "language": "en|fr",
    "eventActors": "Board|Clerk",
    "eventTypes": "Creation|Publication",
    "eventDates": "1901-1939|1920",
    "eventStartDates": "1901-00-00|",
    "eventEndDates": "1939-00-00|",
    "physicalObjectName": "12|13",
    "physicalObjectType": "Box|Box",
    "physicalObjectLocation": "Aisle 2|Aisle 3",
    "accessConditions": "Open for research.",
    "generalNote": "One|Two",
    "publicationStatus": "Published",
    "sources": "kept",
    "script": "Latn",
    "culture": "en",
}
ITEM = dict.fromkeys(FONDS, "") | {
    "legacyId": "8",
    "parentId": "7",
    "title": "Minutes",
    "levelOfDescription": "Item",
    "eventActors": "NULL",
    "publicationStatus": "Draft",
    "culture": "en",
}


def test_an_atom_description_with_its_item() -> None:
    fonds, item = records_of(FONDS, ITEM)
    assert (fonds.source_id, fonds.level, fonds.languages, fonds.extent) == ("7", "fonds", ("en", "fr"), "3 m")
    assert fonds.dates == Dates("1901-1939; 1920 (Publication)", 1901, 1939)
    assert fonds.names == (Name("Board", "name", "creator"), Name("Clerk", "name", "name", "publisher"))
    assert fonds.holdings == (Holding(("Box 12",), location="Aisle 2"), Holding(("Box 13",), location="Aisle 3"))
    assert fonds.description["note"] == "One\nTwo"
    assert fonds.access == Access("open", "Open for research.")
    assert fonds.values == {"script": "Latn"}
    assert item.ancestors == (Ancestor("7", "Board of Works", "fonds", "F7"),)
    assert (item.names, item.access) == ((), Access("internal"))


def test_a_translation_is_no_record_of_its_own() -> None:
    french = dict.fromkeys(FONDS, "") | {
        "legacyId": "7",
        "title": "Bureau des travaux",
        "physicalObjectLocation": "Allée 2",
        "culture": "fr",
    }
    fonds, translation, item = given_by(FONDS, french, ITEM)
    assert isinstance(fonds, Record) and isinstance(item, Record)
    assert fonds.values["title (fr)"] == "Bureau des travaux"
    assert not any("Allée" in text for text in fonds.values.values())  # where it lies is for staff
    assert isinstance(translation, Skipped) and translation.problem.code == "translation"
    assert item.ancestors[0].source_id == "7"


def test_an_atom_authority() -> None:
    (record,) = records_of(
        {
            "typeOfEntity": "Corporate body",
            "authorizedFormOfName": "Board of Works",
            "parallelFormsOfName": "Bureau|工務局",
            "otherFormsOfName": "B.W.",
            "datesOfExistence": "1850-1939",
            "history": "Founded.",
            "culture": "en",
        }
    )
    variants = (
        Variant("Bureau", "parallelFormsOfName"),
        Variant("工務局", "parallelFormsOfName"),
        Variant("B.W.", "otherFormsOfName"),
    )
    assert (record.title, record.authority) == ("Board of Works", Authority("organisation", (), variants))
    assert (record.access, record.dates) == (None, Dates("1850-1939", 1850, 1939))
    assert record.description["administrative_history"] == "Founded."


def test_donors_are_for_staff() -> None:
    (record,) = records_of({"accessionNumber": "A1", "acquisitionDate": "2001", "title": "Gift", "donorName": "Ann"})
    assert record.access == Access("internal")
    assert record.staff_notes == {"note": "donorName: Ann"}
    assert "Ann" not in str(record.values)


SERIES = {
    "Field code": "",
    "ead": "V1",
    "title": "Letters",
    "unit_id": "S1",
    "hierarchy": "1",
    "level": "Series",
    "begin": "1901",
    "end": "1939",
    "expression": "",
    "dates_label": "creation",
    "begin_2": "1950",
    "end_2": "",
    "expression_2": "about 1950",
    "dates_label_2": "Copyright",
    "number": "2",
    "extent_type": "linear_feet",
    "container_summary": "5 boxes",
    "people_agent_header_1": "Woolf, Virginia",
    "people_agent_role_1": "Creator",
    "people_agent_header_2": "Bell, Vanessa",
    "people_agent_role_2": "Source",
    "subject_1_term": "Bloomsbury",
    "subject_1_type": "geographic",
    "l_lang": "English",
    "restrictions_flag": "TRUE",
    "n_accessrestrict": "Closed until 2050.",
    "p_accessrestrict": "TRUE",
    "n_abstract": "Not for readers",
    "p_abstract": "FALSE",
    "n_physloc": "Shelf 9",
    "type_1": "",
    "indicator_1": "",
    "barcode": "",
    "type_2": "",
    "indicator_2": "",
    "type_1_2": "",
    "indicator_1_2": "",
    "rep_file_uri": "",
    "digital_object_publish": "",
}
FILE = dict.fromkeys(SERIES, "") | {
    "ead": "V1",
    "title": "To Vita",
    "hierarchy": "2",
    "level": "File",
    "type_1": "Box",
    "indicator_1": "1",
    "barcode": "B77",
    "type_2": "Folder",
    "indicator_2": "3",
    "type_1_2": "Reel",
    "indicator_1_2": "4",
    "rep_file_uri": "https://a.example/1.pdf",
}


def test_an_archivesspace_sheet() -> None:
    labels = dict.fromkeys(SERIES, "label") | {"Field code": "Field name "}
    other = dict.fromkeys(SERIES, "") | {"ead": "V1", "title": "Diaries", "hierarchy": "1", "level": "Series"}
    skipped, *found = given_by(labels, SERIES, FILE, other)
    series, file, diaries = (outcome for outcome in found if isinstance(outcome, Record))
    assert isinstance(skipped, Skipped) and skipped.problem.code == "header-row"
    assert series.dates == Dates("1901 - 1939; about 1950 (Copyright)", 1901, 1950)
    assert (series.level, series.extent, series.languages) == ("series", "2 linear feet (5 boxes)", ("en",))
    assert series.names == (
        Name("Woolf, Virginia", "person", "creator"),
        Name("Bell, Vanessa", "person", "name", "Source"),
        Name("Bloomsbury", "place", "subject"),
    )
    assert series.access == Access("closed", "Closed until 2050.", dt.date(2050, 1, 1))
    assert series.staff_notes == {"note": "abstract: Not for readers\nShelf 9"}
    assert "abstract" not in series.description
    assert file.holdings == (Holding(("Box 1", "Folder 3"), barcode="B77"), Holding(("Reel 4",)))
    assert file.copies == (Copy("https://a.example/1.pdf", format="application/pdf"),)
    assert [unit.title for unit in file.ancestors] == ["Letters"]
    assert (file.access and file.access.stated_by, diaries.ancestors) == ("ancestor", ())


def test_rows_of_another_fonds_lie_in_none_of_this_one() -> None:
    first, second = records_of(
        {"ead": "V1", "title": "A", "hierarchy": "1", "level": "series"},
        {"ead": "V2", "title": "B", "hierarchy": "2", "level": "file"},
    )
    assert (first.fonds, second.fonds, second.ancestors) == ("V1", "V2", ())


def test_a_component_of_a_digital_object_lies_in_it() -> None:
    whole, part = records_of(
        {"digital_object_id": "d1", "digital_object_title": "Album", "digital_object_component_id": ""},
        {"digital_object_id": "d1", "digital_object_title": "Leaf 1", "digital_object_component_id": "1"},
    )
    assert (whole.source_id, part.source_id, part.ancestors[0].source_id) == ("d1", "d1#1", "d1")
    assert (whole.kind, part.problems) == ("digital", ())


def test_a_file_that_is_not_published_is_for_staff() -> None:
    (record,) = records_of(
        {
            "digital_object_id": "d1",
            "digital_object_title": "Album",
            "file_version_file_uri_1": "https://a.example/1",
            "file_version_publish_1": "TRUE",
            "file_version_file_uri_2": "https://a.example/2",
            "file_version_publish_2": "FALSE",
        }
    )
    assert [copy.url for copy in record.copies] == ["https://a.example/1"]
    assert record.staff_notes == {"note": "not published: https://a.example/2"}


VOLUME = {"全宗号": "J12", "目录号": "3", "案卷号": "45", "件号": "", "题名": "购地", "责任者": "", "成文日期": "1905"}
DOCUMENT = VOLUME | {"件号": "6", "题名": "关于购地的函", "责任者": "工务局"}


def test_a_code_of_dat13_is_composed_and_tells_fonds_and_volume() -> None:
    volume, document = records_of(VOLUME, DOCUMENT)
    assert (volume.source_id, volume.reference_code, volume.fonds) == ("J12-3-45", "J12-3-45", "J12")
    assert (volume.level, document.level) == ("file", "item")
    assert (document.reference_code, document.problems) == ("J12-3-45-6", ())
    assert document.ancestors == (Ancestor("J12-3-45", "购地", "file", "J12-3-45"),)


CODES = {
    "by volume": ({"全宗号": "J12", "目录号": "3", "案卷号": "45", "件号": "6"}, "J12-3-45-6", "J12"),
    "by item, DA/T 22": (
        {"全宗号": "Z109", "年度": "2011", "保管期限": "永久", "机构(问题)": "BGS", "件号": "1"},
        "Z109-WS·2011-Y-BGS-1",
        "Z109",
    ),
    "its own column wins": ({"全宗号": "J12", "档号": "J12-9-9-9", "案卷号": "45", "件号": "6"}, "J12-9-9-9", "J12"),
    "fonds from the code": ({"档号": "J12-9-9-9", "件号": "9", "页数": "2", "备注": ""}, "J12-9-9-9", "J12"),
    "too little": ({"全宗号": "J12", "件号": "6", "页数": "3", "备注": ""}, None, "J12"),
}


@pytest.mark.parametrize(("cells", "code", "fonds"), CODES.values(), ids=CODES)
def test_reference_codes_of_chinese_lists(cells: dict[str, str], code: str | None, fonds: str) -> None:
    (record,) = records_of({"题名": "函", **cells}, crosswalk="da-t-files")
    assert (record.reference_code, record.fonds) == (code, fonds)


ACCESS = {
    "open": ({"开放状态": "开放", "密级": "公开"}, "open"),
    "controlled": ({"开放状态": "控制", "密级": ""}, "restricted"),
    "secret": ({"开放状态": "", "密级": "机密"}, "closed"),
    "declassified": ({"开放状态": "开放", "密级": "秘密"}, "open"),
    "no secret is not yet open": ({"开放状态": "", "密级": "公开"}, None),
}


@pytest.mark.parametrize(("cells", "value"), ACCESS.values(), ids=ACCESS)
def test_access_of_chinese_lists(cells: dict[str, str], value: str | None) -> None:
    (record,) = records_of(DOCUMENT | cells)
    assert (record.access.value if record.access else None) == value
    if cells["密级"]:
        assert record.description["security_class"] == cells["密级"]


def test_elements_of_dat46_by_name_or_code() -> None:
    by_name = {
        "聚合层次": "文件",
        "电子文件号": "E1",
        "全宗号": "J12",
        "目录号": "3",
        "室编案卷号": "4",
        "室编件号": "5",
    }
    by_code = {"M1": "文件", "M7": "E1", "M9": "J12", "M10": "3", "M15": "4", "M17": "5"}
    said = {"题名": "函", "责任者": "工务局", "日期": "2009-01-02", "文种": "通知"}
    coded = {"M22": "函", "M32": "工务局", "M33": "2009-01-02", "M34": "通知"}
    (first,) = records_of(by_name | said)
    (second,) = records_of(by_code | coded)
    for record in (first, second):
        assert (record.source_id, record.level, record.reference_code) == ("E1", "item", "J12-3-4-5")
        assert (record.fonds, record.title, record.formats) == ("J12", "函", ("通知",))
        assert record.names == (Name("工务局", "name", "creator"),)


def test_a_volume_list_has_first_and_last_dates() -> None:
    (record,) = records_of(
        {
            "全宗号": "J12",
            "目录号": "3",
            "案卷号": "45",
            "案卷题名": "购地卷",
            "起始日期": "1905",
            "终止日期": "1911",
            "保管期限": "永久",
        }
    )
    assert (record.level, record.dates, record.reference_code) == ("file", Dates("1905 - 1911", 1905, 1911), "J12-3-45")


def test_the_volume_may_be_known_from_the_row_alone() -> None:
    (record,) = records_of(
        {"全宗号": "J12", "目录号": "3", "案卷号": "45", "件号": "6", "案卷题名": "购地卷", "文件题名": "函"}
    )
    assert record.ancestors == (Ancestor("J12-3-45", "购地卷", "file", "J12-3-45"),)


@pytest.mark.parametrize("name", [name for name in names() if crosswalk(name).skip])
def test_sheets_that_describe_nothing_are_skipped_row_by_row(name: str) -> None:
    found = given_by(dict.fromkeys(SHEETS[name].split(), "x"), dict.fromkeys(SHEETS[name].split(), "y"))
    assert [type(outcome) for outcome in found] == [Skipped, Skipped]
    assert {outcome.problem.code for outcome in found if isinstance(outcome, Skipped)} == {"not-described"}


def test_a_library_and_a_museum() -> None:
    (book,) = records_of(
        {"title": "Atlas", "author": "A; B", "publisher": "P", "isbn": "0-306-40615-2", "year": "1999"}
    )
    assert [name.name for name in book.names] == ["A", "B"]
    assert (book.dates, book.identifiers[0].type) == (Dates("1999", 1999, 1999), "isbn")
    (object_,) = records_of(
        {
            "object_number": "M1",
            "title": "Vase",
            "maker": "Wang",
            "dimensions": "3 cm",
            "location": "Case 4",
            "date": "1720",
        }
    )
    assert (object_.source_id, object_.extent, object_.holdings[0].location) == ("M1", "3 cm", "Case 4")


def test_the_source_file_wins_field_by_field() -> None:
    (record,) = records_of(
        FONDS,
        crosswalk="atom-isad",
        columns={"title": "generalNote"},
        values={"level": {"Fonds": "collection"}},
        fixed={"holder": "East"},
    )
    assert (record.title, record.level, record.reference_code, record.holder) == ("One|Two", "collection", "F7", "East")


def test_columns_alone_use_no_crosswalk() -> None:
    (record,) = records_of(FONDS, columns={"title": "title"})
    assert (record.source_id, record.level) == ("a.csv#row-2", None)


def test_a_column_the_source_file_names_must_be_there_and_one_of_the_crosswalk_need_not() -> None:
    (found,) = given_by(FONDS, crosswalk="atom-isad", columns={"title": "titel"})
    assert isinstance(found, Failed) and found.problem.code == "missing-column"
    assert isinstance(given_by({"title": "A", "culture": "en"}, crosswalk="atom-isad")[0], Record)


def test_a_row_of_a_database_has_its_crosswalk_too() -> None:
    (found,) = PLAIN.records([Bytes("7", row=dict(FONDS))])
    assert isinstance(found, Record)
    assert (found.kind, found.level) == ("thematic", "fonds")
    assert "physicalObjectLocation" not in found.values


TEMPLATES = {
    "all": ("{a}-{b}", {"a": "1", "b": "2"}, "1-2"),
    "one missing": ("{a}-{b}", {"a": "1"}, None),
    "needed, not shown": ("x{?a}", {"a": "1"}, "x"),
    "needed and missing": ("x{?a}", {}, None),
    "text alone": ("x", {}, "x"),
    "text behind": ("{a}·z", {"a": "1"}, "1·z"),
}


@pytest.mark.parametrize(("text", "cells", "filled"), TEMPLATES.values(), ids=TEMPLATES)
def test_templates(text: str, cells: dict[str, str], filled: str | None) -> None:
    assert Template(text).filled(cells.get) == filled


@settings(max_examples=40)
@given(st.sampled_from(sorted(SHEETS)), st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=8), max_size=4))
def test_whatever_stands_in_a_known_sheet_gives_outcomes(name: str, lines: list[list[str]]) -> None:
    headers = [*SHEETS[name].split(), "legacyId (2)", "eventDates", "eventTypes", "hierarchy (2)"]
    for outcome in given_by(*(dict(zip(headers, line, strict=False)) for line in lines or [["x"]])):
        check_outcome(outcome)
