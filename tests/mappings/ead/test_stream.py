"""Identity, order, damage, encodings, entities and memory."""

from __future__ import annotations

import tracemalloc

import pytest

from mappings.base import Failed, MappingOptions, Skipped
from mappings.formats.ead import EadMapping
from mappings.record import Record
from tests.contracts.mapping_contract import Bytes, MappingContract, Sample, mapped, records
from tests.mappings.ead.files import MAPPING, finding_aid, of


class TestEad(MappingContract):
    @pytest.fixture
    def mapping(self) -> EadMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        dsc = (
            "<c id='a' level='series'><did><unittitle>Letters 鐵路</unittitle><unitdate normal='1901/1905'>c. "
            "1903</unitdate>"
            "<container type='box'>1</container><dao href='https://a.example/1'/></did><accessrestrict><p>Closed "
            "until 2050.</p>"
            "</accessrestrict><controlaccess><persname role='subject'>Li</persname></controlaccess><c><did>"
            "<unitid>2</unitid>"
            "</did></c><c audience='internal'><did/></c></c>"
        )
        return [("a.xml", b'<?xml version="1.0" encoding="UTF-8"?>' + finding_aid(dsc))]


def one(payload: bytes, name: str = "a.xml") -> Record | Skipped | Failed:
    (found,) = mapped(MAPPING, (name, payload))
    return found


def test_identity_is_the_id_or_the_position_in_the_tree() -> None:
    dsc = "<c id='x'><c/><c id='y'><c/></c></c><c/><c01 id='1.1'/>"
    found = {record.position: record.source_id for record in records(MAPPING, ("f/a.xml", finding_aid(dsc)))}
    expected = ["", "#x", "#1.1", "#y", "#1.2.1", "#2", "#3"]
    assert [found[number] for number in range(7)] == [f"f/a.xml{tail}" for tail in expected]


def test_an_id_that_occurs_twice_is_told_apart_with_a_problem() -> None:
    found = of(finding_aid("<c id='x'><c id='x'/></c><c id='1.1'/>"))
    assert set(found) == {"", "x", "1.1", "2"}
    assert [problem.code for problem in found["1.1"].problems] == ["duplicate-id"]
    assert "1.1" in found["2"].problems[0].reason


def test_ancestors_are_outermost_first_with_their_titles_and_codes() -> None:
    dsc = "<c id='s' level='series'><did><unittitle>S</unittitle><unitid>F 1-2</unitid></did><c><c id='z'/></c></c>"
    line = of(finding_aid(dsc))["z"].ancestors
    assert [(unit.source_id, unit.title, unit.level, unit.reference_code) for unit in line] == [
        ("a.xml", "Papers", "fonds", "F 1"),
        ("a.xml#s", "S", "series", "F 1-2"),
        ("a.xml#1.1", "S, untitled", None, None),
    ]


def test_two_descriptions_in_one_file_are_told_apart() -> None:
    twice = b"<export>" + finding_aid("<c/>") + finding_aid("<c/>") + b"</export>"
    assert len({record.source_id for record in records(MAPPING, ("a.xml", twice))}) == 4


def test_what_stands_before_the_damage_is_kept() -> None:
    whole = finding_aid("".join(f"<c id='c{n}'><did><unittitle>T{n}</unittitle></did></c>" for n in range(50)))
    found = of(whole[: whole.index(b"T40")])
    assert {f"c{n}" for n in range(41)} < set(found)
    (problem,) = found[""].problems
    assert problem.code == "damaged-xml"
    assert problem.position.startswith("line 1, column ")


def test_a_wrong_end_tag_in_the_middle_loses_nothing_silently() -> None:
    dsc = "<c id='a'><did><unittitle>A</unittitel></did></c><c id='b'><did><unittitle>B</unittitle></did></c>"
    found = of(finding_aid(dsc))
    assert found["b"].title == "B"
    assert any(problem.code == "damaged-xml" for record in found.values() for problem in record.problems)


OTHERS = {
    "authority record": (b"<eac-cpf xmlns='urn:isbn:1-931666-33-4'><control/></eac-cpf>", Skipped, "eac-cpf"),
    "other XML": (b"<html><body/></html>", Skipped, "wrong-format"),
    "header only": (b"<ead><eadheader/></ead>", Skipped, "empty-file"),
    "empty": (b"", Skipped, "empty-file"),
    "cut in the header": (b"<ead><eadheader>", Failed, "damaged-xml"),
    "text": (b"just words", Failed, "damaged-xml"),
    "unknown encoding": (b"<?xml version='1.0' encoding='x-no-such'?><ead/>", Failed, "damaged-xml"),
}


@pytest.mark.parametrize(("payload", "kind", "code"), OTHERS.values(), ids=OTHERS)
def test_what_is_no_finding_aid_has_a_reason(payload: bytes, kind: type, code: str) -> None:
    found = one(payload)
    assert isinstance(found, kind)
    assert not isinstance(found, Record)
    assert found.problem.code == code
    assert found.source_id == "a.xml"


def test_a_file_that_is_not_called_xml_is_skipped() -> None:
    assert isinstance(one(b"just words", "notes.txt"), Skipped)


ENCODINGS = {
    "UTF-8 with BOM": ("utf-8", b"\xef\xbb\xbf", ""),
    "UTF-16": ("utf-16", b"", ""),
    "UTF-16 declared": ("utf-16", b"", "utf-16"),
    "GB18030": ("gb18030", b"", "gb18030"),
    "GBK": ("gbk", b"", "GBK"),
    "Big5": ("big5", b"", "Big5"),
    "UTF-8 declared as GBK": ("utf-8", b"", "GBK"),
    "UTF-8 declared as Latin-1": ("utf-8", b"", "ISO-8859-1"),
}


@pytest.mark.parametrize(("encoding", "mark", "declared"), ENCODINGS.values(), ids=ENCODINGS)
def test_encodings(encoding: str, mark: bytes, declared: str) -> None:
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    text = head + finding_aid("<c id='x'><did><unittitle>購地卷</unittitle></did></c>").decode()
    found = of(mark + text.encode(encoding))
    assert found["x"].title == "購地卷"
    wrong = encoding == "utf-8" and bool(declared)
    assert ["wrong-encoding"] * wrong == [problem.code for problem in found[""].problems]


def test_entities_of_the_file_itself_are_replaced_and_others_are_not_fetched() -> None:
    head = b"<!DOCTYPE ead [<!ENTITY who 'Li Bai'><!ENTITY file SYSTEM 'file:///etc/passwd'><!ENTITY net SYSTEM 'http://127.0.0.1:9/x'>]>"
    body = finding_aid("<c id='x'><did><unittitle>By &who;&file;&net;</unittitle></did></c>")
    assert of(head + body)["x"].title.startswith("By Li Bai")
    assert "root:" not in of(head + body)["x"].title


def test_an_entity_bomb_does_not_go_off() -> None:
    lines = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    head = f"<!DOCTYPE ead [<!ENTITY a0 'lololololol'>{lines}]>".encode()
    tracemalloc.start()
    found = mapped(MAPPING, ("a.xml", head + finding_aid("<c><did><unittitle>&a11;</unittitle></did></c>")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found
    assert peak < 200 * 2**20


def test_memory_does_not_grow_with_the_number_of_components() -> None:
    def peak(count: int) -> int:
        payload = finding_aid(
            "<c><did><unittitle>One of many</unittitle></did><scopecontent><p>x</p></scopecontent></c>" * count
        )
        tracemalloc.start()
        for _ in EadMapping(MappingOptions()).records([Bytes("a.xml", payload)]):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    few, many = peak(500), peak(5000)
    assert many < few + 4500 * 700  # the payload itself and its ids; a record is larger


def test_components_nested_as_deep_as_libxml2_allows_are_read() -> None:
    depth = 100
    found = of(finding_aid("<c>" * depth + "</c>" * depth))
    assert len(found) == depth + 1
    assert max(len(record.ancestors) for record in found.values()) == depth


def test_a_file_beyond_the_memory_limit_is_read_as_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mappings.formats.ead.stream._WHOLE", 100)
    dsc = "<c id='x'><did><unittitle>T</unittitle></did></c>"
    found = of(finding_aid(dsc, after="<accessrestrict><p>Closed until 2050.</p></accessrestrict>"))
    access = found["x"].access
    assert access is not None and access.value == "closed"


def test_internal_parts_of_a_damaged_file_are_for_staff_all_the_same() -> None:
    """Where the parser may still hold what has ended, parts are taken out of copies instead of the tree."""
    note = "<did><unittitle>Letters</unittitle></did><note audience='internal'><p>secret</p></note>"
    damaged = f"<c id='a'>{note}<odd></odder></odd><c id='b'>{note}</c></c><c id='c'>{note}</c>"
    found = of(finding_aid(f"<c id='z'><did></dit></did></c>{damaged}"))
    assert {"a", "b", "c"} <= set(found)
    for name in "abc":
        assert found[name].staff_notes == {"note": "secret"}, name
        assert "secret" not in str(found[name].description)


@pytest.mark.parametrize("at", range(1, 40))
def test_a_broken_byte_anywhere_costs_no_more_than_itself(at: int) -> None:
    dsc = "".join(
        f"<c id='c{n}' audience='internal'><did><unittitle>Letters {n}</unittitle></did></c>" for n in range(9)
    )
    payload = bytearray(finding_aid(dsc))
    payload[len(payload) * at // 40] = 0xB7
    assert records(MAPPING, ("a.xml", bytes(payload)))
