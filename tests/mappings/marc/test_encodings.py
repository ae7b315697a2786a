"""Encodings, found out from the bytes whatever the leader says."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.formats.marc.encodings import Charsets, marc8
from mappings.record import Record
from tests.mappings.marc.build import UNIMARC, marc, outcomes_of

CHINESE = "佛說無希望經 據大正新修大藏經 不知何人所作"
RUSSIAN = "Основы гидравлического расчета инженерных сетей. Ильина, Татьяна Николаевна. Москва, Издательство Ассоциации"


def encoded(text: str, encoding: str, declared: str, leader: str = "00000nam a2200000 a 4500") -> bytes:
    """A record whose text is in one encoding, while its leader declares another."""
    record = marc("001 1", f"{'200' if leader == UNIMARC else '245'} 10 $a {text}", leader=leader)
    fields = [field.as_marc("utf-8").decode().encode(encoding) for field in record.fields]
    directory, start = b"", 0
    for field, raw in zip(record.fields, fields, strict=True):
        directory += b"%s%04d%05d" % (field.tag.encode(), len(raw), start)
        start += len(raw)
    base = 24 + len(directory) + 1
    mark = (leader[:9] + declared + leader[10:12] + f"{base:05}" + leader[17:]).encode()
    whole = mark + directory + b"\x1e" + b"".join(fields) + b"\x1d"
    return b"%05d" % len(whole) + whole[5:]


CASES = {
    "UTF-8": (CHINESE, "utf-8", "a", []),
    "UTF-8 that says MARC-8": (CHINESE, "utf-8", " ", ["wrong-encoding"]),
    "Windows-1251": (RUSSIAN, "cp1251", " ", ["wrong-encoding"]),
    "GB18030 that says UTF-8": (CHINESE, "gb18030", "a", ["wrong-encoding"]),
    "Big5": (CHINESE, "big5hkscs", " ", ["wrong-encoding"]),
}


@pytest.mark.parametrize(("text", "encoding", "declared", "codes"), CASES.values(), ids=CASES)
def test_encodings_of_marc21(text: str, encoding: str, declared: str, codes: list[str]) -> None:
    (found,) = outcomes_of(encoded(text, encoding, declared))
    assert isinstance(found, Record)
    assert (found.title, [problem.code for problem in found.problems]) == (text, codes)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
def test_encodings_of_cnmarc(encoding: str) -> None:
    (found,) = outcomes_of(encoded(CHINESE, encoding, " ", leader=UNIMARC))
    assert isinstance(found, Record)
    assert (found.title, found.problems) == (CHINESE, ())


def test_records_of_several_encodings_in_one_file() -> None:
    payload = encoded(CHINESE, "gb18030", " ", leader=UNIMARC) + encoded(CHINESE, "utf-8", " ", leader=UNIMARC)
    assert [row.title for row in outcomes_of(payload) if isinstance(row, Record)] == [CHINESE, CHINESE]


def test_bytes_that_are_nothing_are_replaced_and_told() -> None:
    payload = encoded("Société linnéenne XX", "utf-8", "a").replace(b"XX", b"\xff\xfe")
    (found,) = outcomes_of(payload)
    assert isinstance(found, Record)
    assert found.title.startswith("Société linnéenne")
    assert [problem.code for problem in found.problems] == ["bad-characters"]


def test_broken_escapes_of_marc8_are_told() -> None:
    payload = encoded("Sociétéx", "utf-8", " ").replace("é".encode(), b"\xe2e").replace(b"x", b"\x1b")
    (found,) = outcomes_of(payload)
    assert isinstance(found, Record)
    assert (found.title, [problem.code for problem in found.problems]) == ("Société", ["bad-characters"])


MARC8 = {
    "diacritic before its letter": (b"communaut\xe2e", "communauté"),
    "East Asian": (b"\x1b$1!0l!Qa!W>\x1b(B", None),
    "Cyrillic": (b"\x1b(NmOSKWA\x1b(B", "Москва"),
    "half a character at the end": (b"\x1b$1!0l!Q", None),
    "unknown set": (b"\x1b(zabc", None),
    "escape at the end": (b"abc\x1b", "abc"),
    "ANSEL named in full": (b"\x1b)!Ecommunaut\xe2e", "communauté"),
    "Greek symbols, and back": (b"\x1bga\x1bsb", "αb"),
}


@pytest.mark.parametrize(("raw", "text"), MARC8.values(), ids=MARC8)
def test_marc8(raw: bytes, text: str | None) -> None:
    assert marc8(raw) == text if text is not None else marc8(raw)


PIECES = st.sampled_from(
    [b"\x1b", b"$", b"(", b",", b")", b"-", b"!", b"1", b"B", b"E", b"s", b"!0l", b"a", b"\xe2", b"\xff"]
)


@given(st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=20).map(b"".join)))
def test_marc8_never_fails_and_says_nothing(raw: bytes) -> None:
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        assert isinstance(marc8(raw), str)
    assert said.getvalue() == ""


@given(st.binary(max_size=200), st.sampled_from("a #"), st.booleans())
def test_any_bytes_have_an_encoding(raw: bytes, declared: str, marc21: bool) -> None:
    charset = Charsets(raw).of(raw, declared, marc21)
    assert isinstance(charset.decode(raw), str)
