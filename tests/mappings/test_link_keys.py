"""What joins and what does not: typed identifiers, and reference codes qualified by holder and fonds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.identifiers import normalised, typed
from mappings.link_keys import link_keys
from mappings.record import Identifier, Record
from mappings.reference_codes import beginning, fonds_of, is_fonds_code, key, looks_like_code, normalise


def keys(
    code: str | None = None, fonds: str | None = None, holder: str | None = "East Wing", *found: Identifier
) -> set[tuple[str, str]]:
    return set(link_keys(Record("a", "t", reference_code=code, fonds=fonds, identifiers=found), holder))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Z013-1-001-005", None), ("z013 1 001 005", None)),
        (("Z013-1-001-005", None), ("Z013·1·001·005", "Z013")),
        (("Ｚ０１３－１－００１－００５", None), ("Z013-1-001-005", "Z013")),
        (("MC 00313", "MC 00313"), ("mc-00313", "MC 00313")),
        (("MC 00313 b1 f2", "MC 00313"), ("MC 00313-b1-f2", "mc 00313")),
    ],
)
def test_two_writings_of_one_code_join(one: tuple[str, str | None], other: tuple[str, str | None]) -> None:
    assert keys(*one) & keys(*other)


@pytest.mark.parametrize(
    ("code", "fonds"),
    [
        ("1", None),
        ("1", "Z013"),
        ("Box 2", None),
        ("Box 2 Folder 3", None),
        ("Box 2", "MC 00313"),
        ("Folder-2-3", None),
        ("cuid2625", "TAM 416"),
        ("2001-01-02", None),
        ("Series I", None),
        ("A-B-C", None),
        ("", None),
        ("---", None),
        (None, "Z013"),
    ],
)
def test_a_number_that_does_not_say_its_fonds_joins_nothing(code: str | None, fonds: str | None) -> None:
    assert keys(code, fonds) == set()


def test_other_holders_and_fonds_and_no_holder_do_not_join() -> None:
    code = "Z013-1-001-005"
    assert not keys(code) & keys(code, None, "West Wing")
    assert not keys(code, "Z013") & keys(code, "Z014")
    assert not keys(code) & keys("Z014-1-001-005")
    assert keys(code, None, None) == set()
    assert keys(code, None, "EAST wing") == keys(code)


def test_the_holder_of_the_record_counts_before_that_of_the_source() -> None:
    record = Record("a", "t", reference_code="Z013-1-1", holder="North")
    assert link_keys(record, "South") == (("reference_code", "north|z013|z013-1-1"),)


IDENTIFIERS = {
    "ark": (("ark:/99999/yj-00001", None), ("https://n2t.net/ark:/99999/yj00001", None)),
    "handle": (("hdl:2333.1/AbC", None), ("http://hdl.handle.net/2333.1/abc", None)),
    "doi": (("10.1000/XYZ", None), ("https://doi.org/10.1000/xyz", "uri")),
    "isbn": (("0-306-40615-2", "isbn"), ("ISBN 978-0-306-40615-7", None)),
    "issn": (("ISSN 0317-8471", None), ("03178471", "issn")),
    "uri": (("https://Example.org/a/", None), ("http://example.org/a#top", None)),
}


@pytest.mark.parametrize("rule", IDENTIFIERS)
def test_two_writings_of_one_identifier_join(rule: str) -> None:
    one, other = (typed(*value) for value in IDENTIFIERS[rule])
    assert one is not None and other is not None
    shared = keys(None, None, None, one) & keys(None, None, None, other)
    assert {found for found, _ in shared} == {rule}


def test_the_address_of_a_digital_object_joins_by_itself_and_by_what_it_resolves() -> None:
    found = keys(None, None, None, Identifier("link", "https://n2t.net/ark:/99999/yj00001"))
    assert found == {("link", "n2t.net/ark:/99999/yj00001"), ("ark", "ark:99999/yj00001")}


@pytest.mark.parametrize(
    "identifier",
    [
        Identifier("link", "https://library.example/"),
        Identifier("link", "images/0001.jpg"),
        Identifier("link", "http://[broken"),
        Identifier("aspace_uri", "/repositories/2/archival_objects/1"),
        Identifier("identifier", "17"),
        Identifier("isbn", "123"),
    ],
)
def test_what_is_no_identifier_beyond_its_source_joins_nothing(identifier: Identifier) -> None:
    assert keys(None, None, None, identifier) == set()


@pytest.mark.parametrize("value", ["1", "Box 2", "MC 00246", "Z013-1-001-005", "10 boxes", "2001/12", "0306406152"])
def test_a_plain_number_or_code_has_no_type(value: str) -> None:
    assert typed(value) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Z013-1-001-005", True),
        ("J12-3-45", True),
        ("0013-2-1", True),
        ("全宗12-3-4", True),
        ("MC 00313", False),
        ("alto_concat_421", False),
        ("page-1-of", False),
        ("2", False),
    ],
)
def test_what_looks_like_a_code(text: str, expected: bool) -> None:
    assert looks_like_code(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MC 00313", True),
        ("TAM 416", True),
        ("Box 0012", False),
        ("issue-173", False),
        ("yj00001", False),
        ("Z013-1-1", False),
        (None, False),
    ],
)
def test_what_is_the_code_of_a_fonds(text: str | None, expected: bool) -> None:
    assert is_fonds_code(text) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [("Z013-1-001", "Z013"), ("J12/3", "J12"), ("J12", None), ("", None), (None, None), ("-3", None)],
)
def test_the_fonds_of_a_code(code: str | None, expected: str | None) -> None:
    assert fonds_of(code) == expected


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_nothing_raises_and_normal_forms_are_stable(code: str, fonds: str, value: str) -> None:
    assert normalise(normalise(code)) == normalise(code)
    for kind in ("ark", "handle", "doi", "isbn", "issn", "uri", "link", "other"):
        normalised(Identifier(kind, value))
        typed(value, kind)
    keys(code, fonds)


@given(st.from_regex(r"[A-Z]{1,3}[-/. ]?\d{1,4}([-/ ]\d{1,4}){0,3}", fullmatch=True), st.integers(0, 20))
def test_a_code_begins_as_its_beginning_does(code: str, length: int) -> None:
    assert (key(code) or "").startswith(beginning(code[:length]))
