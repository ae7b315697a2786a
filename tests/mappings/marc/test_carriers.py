"""The carriers, whole and damaged: nothing that was read is lost without a row that says where."""

from __future__ import annotations

import json

import pymarc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.base import Failed, Outcome, Skipped
from mappings.formats.marc import iso2709
from mappings.record import Record
from tests.contracts.mapping_contract import check_outcome
from tests.mappings.marc.build import iso2709 as written
from tests.mappings.marc.build import marc, marcxml, outcomes_of, record_of

ONE, TWO = written(marc("001 1", "245 10 $a One /")), written(marc("001 2", "245 10 $a Two", "500 ## $a Note"))


def rows(found: list[Outcome]) -> list[tuple[str | None, list[str]]]:
    """(source_id, codes of the problems) of each row."""
    return [
        (row.source_id, [problem.code for problem in (row.problems if isinstance(row, Record) else (row.problem,))])
        for row in found
    ]


DAMAGE: dict[str, tuple[bytes, list[tuple[str | None, list[str]]]]] = {
    "whole": (ONE + TWO, [("1", []), ("2", [])]),
    "line ends between records": (ONE + b"\r\n" + TWO + b"\n\n", [("1", []), ("2", [])]),
    "junk between": (ONE + b"\r\n\0junk" + TWO, [("1", []), ("2", ["junk-between-records"])]),
    "wrong length": (b"00099" + ONE[5:] + TWO, [("1", ["bad-length"]), ("2", [])]),
    "no length": (b"     " + ONE[5:], [("1", ["bad-length"])]),
    "wrong base address": (ONE[:12] + b"99999" + ONE[17:] + TWO, [("1", ["bad-leader"]), ("2", [])]),
    "terminator missing": (ONE[:-1] + TWO, [("1", ["bad-length"]), ("2", [])]),
    "cut in the data": (ONE + TWO[:-8], [("1", []), ("2", ["truncated-record", "bad-directory"])]),
    "cut in the directory": (ONE + TWO[:30], [("1", []), ("a.mrc#record-2", ["truncated-record"])]),
    "no directory": (ONE + b"nothing\x1d" + TWO, [("1", []), ("a.mrc#record-2", ["bad-leader"]), ("2", [])]),
    "no field": (b"00026     2200025   4500\x1e\x1d" + ONE, [("a.mrc#record-1", ["empty-record"]), ("1", [])]),
    "entry that is no number": (
        ONE.replace(b"0010002", b"001xxxx") + TWO, [("1", ["bad-directory"]), ("2", [])]
    ),
    "tag that is none": (TWO.replace(b"5000009", b"5-00009"), [("2", ["bad-tag"])]),
    "field outside the directory": (
        ONE[:-1] + b"  \x1faLost\x1e\x1d", [("1", ["bad-length", "bad-directory"])]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("payload", "expected"), DAMAGE.values(), ids=DAMAGE)
def test_damaged_iso_2709(payload: bytes, expected: list[tuple[str | None, list[str]]]) -> None:
    found = outcomes_of(payload)
    assert rows(found) == expected
    assert [row.title for row in found if isinstance(row, Record)] == [
        {"1": "One", "2": "Two"}[row.source_id] for row in found if isinstance(row, Record)
    ]


def test_a_problem_names_record_and_byte() -> None:
    (_, failed) = outcomes_of(ONE + TWO[:30])
    assert isinstance(failed, Failed)
    assert failed.problem.position == f"record 2, byte {len(ONE)}"
    assert failed.problem.hint


def test_lengths_counted_in_characters_are_survived() -> None:
    record = marc("001 1", "245 10 $a 解說日本経済統計", "500 ## $a 注")
    text = written(record).decode()
    lengths = [len(field.as_marc("utf-8").decode()) for field in record.fields]
    directory, start = "", 0
    for field, length in zip(record.fields, lengths, strict=True):
        directory += f"{field.tag}{length:04}{start:05}"
        start += length
    head, _, rest = text.partition("\x1e")
    (found,) = outcomes_of((head[:24] + directory + "\x1e" + rest).encode())
    assert isinstance(found, Record)
    assert (found.title, found.description) == ("解說日本経済統計", {"note": "注"})
    assert [problem.code for problem in found.problems] == ["bad-directory"]


def test_a_record_longer_than_any_is_told_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iso2709, "LONGEST", 2_000_000)
    long = ONE[:-1] + b"x" * 5_000_000 + b"\x1d"
    found = outcomes_of(ONE + long + TWO)
    assert rows(found) == [("1", []), ("a.mrc#record-2", ["too-large"]), ("2", [])]
    (again,) = outcomes_of(TWO)
    assert found[2] == again


@pytest.mark.parametrize("piece", [1, 7, len(TWO), len(TWO) + 1, 1000])
def test_records_over_the_end_of_what_is_read_at_once(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(iso2709, "_PIECE", piece)
    found = outcomes_of(TWO * 50 + ONE)
    assert [row.source_id for row in found] == ["2"] * 50 + ["1"]
    assert isinstance(found[49], Record)
    assert not any(row.problems for row in found if isinstance(row, Record))


def test_indicators_that_are_missing_or_too_many() -> None:
    payload = written(marc("001 1", "245 10 $a One"))
    for indicators in (b"", b"1", b"10x"):
        (found,) = outcomes_of(payload.replace(b"10\x1fa", indicators + b"\x1fa"))
        assert isinstance(found, Record) and found.title == "One"


def test_a_subfield_code_with_a_diacritic() -> None:
    (found,) = outcomes_of(ONE.replace(b"\x1faOne", "\x1fáOne".encode()))
    assert isinstance(found, Record) and found.title == "One"


XML = {
    "collection": ("<collection xmlns='http://www.loc.gov/MARC21/slim'>{}</collection>", ["1"]),
    "one record": ("{}", ["1"]),
    "prefix nobody declared": ("<m:record><m:controlfield tag='001'>1</m:controlfield></m:record>", ["1"]),
    "OAI-PMH": (
        "<OAI-PMH><ListRecords><record><header/><metadata>{}</metadata></record>"
        "<record><header status='deleted'><identifier>oai:2</identifier></header></record></ListRecords></OAI-PMH>",
        ["1", "oai:2"],
    ),
    "OAI-PMH of something else": (
        "<OAI-PMH><GetRecord><record><header/><metadata><dc/></metadata></record></GetRecord></OAI-PMH>",
        ["a.xml#record-1"],
    ),
    "SRU": ("<z:r xmlns:z='z'><z:record><z:recordData>{}</z:recordData></z:record></z:r>", ["1"]),
    "empty record": ("<collection><record/>{}</collection>", ["a.xml#record-1", "1"]),
}  # fmt: skip
RECORD = "<record><leader>00000nam a2200000 a 4500</leader><controlfield tag='001'>1</controlfield></record>"


@pytest.mark.parametrize(("text", "ids"), XML.values(), ids=XML)
def test_marcxml(text: str, ids: list[str]) -> None:
    assert [row.source_id for row in outcomes_of(text.format(RECORD).encode(), "a.xml")] == ids


def test_damaged_marcxml_keeps_what_could_be_read() -> None:
    text = f"<collection>{RECORD}<record><datafield tag='245'><subfield code='a'>One</subfield></datafield><record>"
    found = outcomes_of(text.encode(), "a.xml")
    assert isinstance(found[0], Record) and found[0].source_id == "1"
    assert rows(found)[-1][1][-1] == "damaged-xml"


def test_entities_from_outside_are_not_read() -> None:
    outside = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
    text = outside + RECORD.replace(">1<", ">&e;<")
    assert "root:" not in str(outcomes_of(text.encode(), "a.xml"))


GOOD = marc("001 1", "245 10 $a One").as_json()
JSON = {
    "one object": (GOOD, [("1", [])]),
    "array": (f"[{GOOD},\n{GOOD}]", [("1", []), ("1", [])]),
    "lines": (f"{GOOD}\n\n{GOOD}\n", [("1", []), ("1", [])]),
    "control character in a string": (GOOD.replace("One", "O\tne"), [("1", [])]),
    "broken line": (
        f'{GOOD}\n{{"leader": "x", "fields": [\n{GOOD}', [("1", []), ("a.json#record-2", ["damaged-json"]), ("1", [])]
    ),
    "broken element": (
        f'[{GOOD}, {{"leader": "x" "fields": []}}, {GOOD}]',
        [("1", []), ("a.json#record-2", ["damaged-json"]), ("1", [])]
    ),
    "no fields": (f'{GOOD}\n{{"leader": "x"}}', [("1", []), ("a.json#record-2", ["empty-record"])]),
    "wrapped": (f'{{"source_record": [{GOOD}]}}', [("1", [])]),
    "wrapped deeply": (f'{{"parsedRecord": {{"content": {GOOD}}}}}', [("1", [])]),
    "other JSON": ('{"type": "FeatureCollection"}', [("a.json", ["wrong-format"])]),
    "odd values": ('{"leader": 5, "fields": [{"001": 1}, {"245": {"subfields": [{"a": null}, 7]}}, "x"]}', [("1", [])]),
    "deep": ('{"fields": ' + "[" * 100_000, [("a.json#record-1", ["damaged-json"])]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), JSON.values(), ids=JSON)
def test_marc_in_json(text: str, expected: list[tuple[str | None, list[str]]]) -> None:
    assert rows(outcomes_of(text.encode(), "a.json")) == expected


def test_items_of_folio_are_holdings() -> None:
    item = {"barcode": "42", "enumeration": "v.1", "callNumber": {"callNumber": "HA 1"}}
    location = {"location": {"effectiveLocation": {"name": "Stacks", "library": {"name": "Main"}}}}
    wrapper = {"items": [item | location], "source_record": [json.loads(GOOD)]}
    (found,) = outcomes_of(json.dumps(wrapper).encode(), "a.json")
    assert isinstance(found, Record)
    (held,) = found.holdings
    assert (held.containers, held.location, held.barcode) == (("HA 1 v.1",), "Main, Stacks", "42")


def test_a_deleted_record_is_not_taken() -> None:
    (found,) = outcomes_of(written(marc("001 1", "245 10 $a One", leader="00000dam a2200000 a 4500")))
    assert isinstance(found, Skipped)
    assert (found.problem.code, found.source_id) == ("deleted-record", "1")


WORDS = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs", "Mn", "Cf", "Co", "Cn"]), min_size=1, max_size=30
)


@settings(max_examples=40)
@given(title=WORDS, note=WORDS)
def test_all_carriers_give_the_same_record(title: str, note: str) -> None:
    record = marc("001 1", "245 10 $a x", "500 ## $a x")
    for field, said in zip(record.fields[1:], (title, note), strict=True):
        field.subfields = [pymarc.Subfield("a", said)]
    carried = [written(record), marcxml(record), record.as_json().encode()]
    ((first,), *others) = [outcomes_of(payload) for payload in carried]
    assert isinstance(first, Record)
    assert first.description.get("note")
    assert all(other == [first] for other in others)


@settings(max_examples=60)
@given(data=st.data())
def test_any_cut_gives_a_row_for_what_is_left(data: st.DataObject) -> None:
    payload = ONE + TWO
    cut = data.draw(st.integers(25, len(payload) - 1))
    found = outcomes_of(payload[:cut])
    assert len(found) == (1 if cut <= len(ONE) else 2)
    for outcome in found:
        check_outcome(outcome)


def test_the_writer_of_the_tests_is_read_as_it_is() -> None:
    assert record_of("001 1", "245 10 $a One").problems == ()
