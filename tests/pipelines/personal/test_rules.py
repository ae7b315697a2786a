"""The rules on single texts: what they find to the character, and what they leave alone."""

from __future__ import annotations

import datetime as dt
import string
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from mappings.record import Ancestor, Dates
from pipelines.personal.find import Described, in_page, in_record, in_text
from pipelines.personal.numbers import is_hong_kong, is_resident, is_taiwanese
from pipelines.personal.spans import Span

FOUND = {
    "身份证号110101199003077774。": {("110101199003077774", "id_number")},
    "born before the place had its code 440304195003077772": {("440304195003077772", "id_number")},
    "身份证１１０１０１１９９００３０７７７７４": {("１１０１０１１９９００３０７７７７４", "id_number")},
    "ID 110101 19900307 7774": {("110101 19900307 7774", "id_number")},
    "old number 110105491231002": {("110105491231002", "id_number")},
    "字號A123456789": {("A123456789", "id_number")},
    "holder of C123456(9)": {("C123456(9)", "id_number")},
    "账号6222021001116245702": {("6222021001116245702", "bank_card")},
    "card 4539 1488 0343 6467": {("4539 1488 0343 6467", "bank_card")},
    "手机13912345678，电话(010) 62751234": {("13912345678", "phone"), ("(010) 62751234", "phone")},
    "+86 139-1234-5678": {("+86 139-1234-5678", "phone")},
    "tel. 212-998-2641": {("212-998-2641", "phone")},
    "電話：02-2382-5678": {("02-2382-5678", "phone")},
    "from +44 20 7946 0958 to": {("+44 20 7946 0958", "phone")},
    "write to a.b-c@mail.example.org.": {("a.b-c@mail.example.org", "email")},
    "信箱：wang＠example．com": {("wang＠example．com", "email")},
    "住上海市静安区南京西路1266号": {("上海市静安区南京西路1266号", "address")},
    "台北市中正區重慶南路一段122號3樓": {("台北市中正區重慶南路一段122號3樓", "address")},
    "現住北平西四北大街三十六號": {("北平西四北大街三十六號", "address")},
    "of 1234 North Main Street, Springfield, IL 62704": {("1234 North Main Street, Springfield, IL 62704", "address")},
    "born on 12 March 1950 in Leeds": {("12 March 1950", "birth_date")},
    "b. July 4, 1931; clerk": {("July 4, 1931", "birth_date")},
    "born 29 DEC 1954": {("29 DEC 1954", "birth_date")},
    "出生日期：1949-12-31": {("1949-12-31", "birth_date")},
    "一九五〇年三月十二日生于北京": {("一九五〇年三月十二日", "birth_date")},
    "生於民國38年5月1日": {("民國38年5月1日", "birth_date")},
}


@pytest.mark.parametrize("text", FOUND)
def test_what_is_found(text: str) -> None:
    assert {(text[span.start : span.end], span.kind) for span in in_text(text)} == FOUND[text]


LEFT = {
    "an ISBN": "ISBN 978-7-302-12345-6, 9787302123454, 7-302-12345-8",
    "a standard": "GB 11643-1999, GB/T 2260-2007, ISO/IEC 7812-1:2017",
    "a call number": "J123-1956-0110101199003077774-12",
    "an identity number in a longer one": "9110101199003077774 and 1101011990030777745",
    "an identity number in a code": "QZ.110101199003077774 or 110101199003077774/3 or A110101199003077774",
    "a wrong check digit": "110101199003077775",
    "a day that never was": "110101199002307777",
    "a place that never was": "990101199003077774",
    "a card with a wrong check digit": "4539 1488 0343 6468",
    "a card of no issuer": "7992739871300000",
    "the card of examples": "4111 1111 1111 1111",
    "a number of papers": "民政字第123號，社救字第一二三號",
    "a parcel of land": "新北市板橋市介壽段73號",
    "years": "1923-1949; 1949.10.01; 2021/03/04",
    "a telephone without a word for it": "212-998-2641",
    "coordinates": "120.48619586348, 22.670006872684",
    "measures": "16236000元, 6486739.2, 13912345678901",
    "a barcode": "6901234567892",
    "births of long ago": "born 12 March 1850; 1850年3月12日生于北京; 生於光緒三十八年五月一日",
    "a year alone": "born 1950 in Leeds; 生于1950年",
    "no address": "a@b, @home, user@, x@y.z9",
    "a street without number": "Washington Square, 南京西路",
}


@pytest.mark.parametrize("case", LEFT)
def test_what_is_left_alone(case: str) -> None:
    assert in_text(LEFT[case]) == []


# Properties

PLACES = ("110101", "310106", "440304", "650102", "330106", "510104")
BEFORE = st.sampled_from(["", "号码", "证：", "ID ", "(", "，", "\n", "No. ", "、"])
BEHIND = st.sampled_from(["", "。", " 住址", ")", "，电话", "\n", ".", "; "])
residents = st.builds(
    lambda place, day, order: _checked(f"{place}{day:%Y%m%d}{order:03d}"),
    st.sampled_from(PLACES),
    st.dates(min_value=dt.date(1985, 1, 1), max_value=dt.date(2020, 12, 31)),
    st.integers(0, 999),
)


def _checked(number: str) -> str:
    return number + ric.calc_check_digit(number + "0")


@given(residents, BEFORE, BEHIND)
def test_every_right_identity_number_is_found_where_it_stands(number: str, before: str, behind: str) -> None:
    found = in_text(before + number + behind)
    assert found == [Span(len(before), len(before) + 18, "id_number", "cn-resident", 0.99)]


@given(residents, st.integers(1, 10), BEFORE, BEHIND)
def test_no_wrong_check_digit_is_taken(number: str, shift: int, before: str, behind: str) -> None:
    digits = "0123456789X"
    wrong = number[:17] + digits[(digits.index(number[17]) + shift) % 11]
    assert not is_resident(wrong)
    assert all(span.kind != "id_number" for span in in_text(before + wrong + behind))


@given(
    residents,
    st.text(string.digits + string.ascii_letters, min_size=1, max_size=12),
    st.sampled_from(["", "-", "/", "."]),
)
def test_nothing_is_taken_out_of_a_longer_code(number: str, more: str, sign: str) -> None:
    for text in (more + sign + number, number + sign + more):
        assert all(span.end - span.start > 18 or span.kind != "id_number" for span in in_text(text))


cards = st.builds(
    lambda front, rest: _with_luhn(front + rest), st.just("622202"), st.text(string.digits, min_size=12, max_size=12)
)


def _with_luhn(number: str) -> str:
    return number + luhn.calc_check_digit(number)


@given(cards, BEFORE, BEHIND)
def test_every_right_card_is_found(number: str, before: str, behind: str) -> None:
    assume(len(set(number)) > 3)
    (span,) = in_text(before + number + behind)
    assert (span.kind, span.start, span.end) == ("bank_card", len(before), len(before) + len(number))


@given(st.integers(0, 25), st.sampled_from("1289"), st.text(string.digits, min_size=7, max_size=7))
def test_one_check_digit_in_ten_fits_in_taiwan(letter: int, sex: str, digits: str) -> None:
    front = "ABCDEFGHJKLMNPQRSTUVXYWZIO"[letter] + sex + digits
    assert sum(is_taiwanese(front + str(last)) for last in range(10)) == 1


@given(st.text(string.ascii_uppercase, min_size=1, max_size=2), st.text(string.digits, min_size=6, max_size=6))
def test_one_check_digit_in_eleven_fits_in_hong_kong(letters: str, digits: str) -> None:
    assert sum(is_hong_kong(letters, digits, last) for last in "0123456789A") == 1


@given(st.text(alphabet=st.sampled_from("0123456789 -./@号號路市AaBb生于出born年月日()+民國St"), max_size=300))
def test_spans_are_apart_and_within_the_text(text: str) -> None:
    found = in_text(text)
    assert all(0 <= span.start < span.end <= len(text) for span in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert found == in_text(text)


HOSTILE = (
    "1" * 50_000,
    "1 " * 30_000,
    "(" * 50_000,
    "a" * 50_000 + "@",
    "a@" * 20_000,
    "路1" * 20_000 + "號",
    "生于" * 20_000,
    "1 Aa " * 10_000,
    "+1" * 20_000,
    "0" * 20_000 + "-" * 20_000,
    "號" * 30_000,
    "一" * 30_000 + "号",
    "市" * 30_000 + "路1号" * 5_000,
)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_texts_end(number: int) -> None:
    """They would take hours if a rule were worse than linear."""
    assert len(in_text(HOSTILE[number])) <= len(HOSTILE[number])


# Records


def test_the_fields_of_a_record() -> None:
    record = Described(
        "Letter of a@b.org",
        {"scope_and_content": "tel. 212-998-2641"},
        {"acquisition": "bought from 13912345678"},
        {"出生日期": "1950-03-12", "備註": "born 12 March 1950"},
    )
    found = [(one.field, one.kind) for one in in_record(record)]
    assert found == [
        ("title", "email"),
        ("description.scope_and_content", "phone"),
        ("staff_notes.acquisition", "phone"),
        ("values.出生日期", "birth_date"),
        ("values.備註", "birth_date"),
    ]


NAMES = {
    "an owner": (Described("介壽段73號", values={"所有權人": "王大明、李小華"}), ["王大明", "李小華"]),
    "a couple": (Described("結婚登記簿", values={"姓名": "張三豐", "配偶": "周芷若"}), ["張三豐", "周芷若"]),
    "a register above it": (
        Described("No. 12", values={"Name": "John Smith"}, ancestors=(Ancestor("a", "Register of births, Leeds"),)),
        ["John Smith"],
    ),
    "an owner that is no person": (
        Described("介壽段", values={"所有權人": "裕台開發實業股份有限公司、王大明"}),
        ["王大明"],
    ),
    "names in no register": (Described("唐代詩人", values={"姓名": "李白"}), []),
    "people of long ago": (Described("結婚登記簿", values={"姓名": "張三豐"}, dates=Dates("1850", 1850, 1850)), []),
    "what is no name": (Described("死亡登記", values={"姓名": "不詳（見備註第三十二頁）"}), []),
}


@pytest.mark.parametrize("case", NAMES)
def test_names_in_registers(case: str) -> None:
    record, names = NAMES[case]
    found = [record.values[one.field.partition(".")[2]][one.start : one.end] for one in in_record(record)]
    assert found == names


def test_a_page() -> None:
    (found,) = in_page("first line\n身份证 110101199003077774")
    assert (found.field, found.start, found.end) == ("text", 15, 33)
