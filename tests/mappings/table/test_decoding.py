"""Encodings found out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.formats.table.decoding import decode, guess

SIMPLIFIED = "编号,名称,所属\n110101,东城区,北京市\n110102,西城区,北京市市辖区\n440106,天河区,广州市\n"
TRADITIONAL = "編號,題名,朝代\n1,太上洞玄靈寶無量度人上品妙經,明\n2,大學衍義補,宋\n3,資治通鑑長編,宋\n"
WESTERN = "id,nom\n1,Société générale\n2,Café de la gare\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (text, encoding)
        for text, encodings in {
            SIMPLIFIED: ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"),
            TRADITIONAL: ("utf-8", "big5", "big5hkscs", "gbk", "gb18030", "utf-16", "utf-16-le"),
            WESTERN: ("utf-8", "cp1252", "utf-16", "utf-16-le"),
            "a,b\n1,2\n": ("ascii", "utf-16-be"),
        }.items()
        for encoding in encodings
    ],
)
def test_an_encoding_is_found_out(text: str, encoding: str) -> None:
    found = decode(text.encode(encoding))
    assert found is not None
    assert found.lines.lstrip("\ufeff") == text
    assert not found.odd and found.problem is None
    guessed = guess(text.encode(encoding))
    assert guessed is not None and text.encode(encoding).decode(guessed).lstrip("\ufeff") == text


def test_characters_beyond_gbk_are_read_as_gb18030() -> None:
    text = SIMPLIFIED + "1,\u3400\U00020000\u20ac,北京\n"
    found = decode(text.encode("gb18030"))
    assert found is not None and found.lines == text


def test_a_file_of_several_encodings_is_read_line_by_line() -> None:
    lines = ["編號,題名", "1,資治通鑑長編", "2,大學衍義補遺", "3,太上感應篇注疏", "4,ascii"]
    encodings = ["utf-8", "big5", "gb18030", "utf-8", "ascii"]
    payload = b"\n".join(line.encode(encoding) for line, encoding in zip(lines, encodings, strict=True))
    found = decode(payload)
    assert found is not None
    assert found.lines.split("\n") == lines
    assert found.odd == {2: "big5hkscs", 3: "gb18030"}


def test_text_encoded_twice_is_decoded_twice() -> None:
    found = decode(TRADITIONAL.encode().decode("latin-1").encode())
    assert found is not None and found.problem is not None
    assert (found.lines, found.problem.code) == (TRADITIONAL, "double-encoding")


def test_bytes_that_are_no_text() -> None:
    assert decode(b"\x00\x01\x02\x03\x00\x00rest\x00") is None
    assert guess(b"\x00\x01\x02\x03\x00\x00rest\x00") is None


@given(st.binary(max_size=400))
def test_nothing_raises(payload: bytes) -> None:
    decode(payload)
    guess(payload)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=200))
def test_utf8_stays_itself(text: str) -> None:
    found = decode(text.encode())
    assert found is not None
    assert found.lines == text or found.problem is not None
