"""What is proposed to be masked, as tables of named cases: the text with what is found in brackets."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.record import Ancestor, Name, Record
from pipelines.deidentify.classes import class_of
from pipelines.deidentify.find import spans_of
from pipelines.deidentify.flow import flow_of


def found(marked: str, kind: str | None, with_names: bool = True) -> tuple[list[str], list[str]]:
    """What is found of a kind in a text without its brackets, and what stood in them."""
    text = re.sub(r"[\[\]]", "", marked)
    [spans] = spans_of([text], with_names)
    return [text[one.start : one.end] for one in spans if kind in (None, one.kind)], re.findall(
        r"\[(.*?)\]", marked, re.S
    )


CASES = {
    # identity numbers
    "resident, whatever its check digit": ("身份证[33010619580312041X]", "id_number"),
    "resident, without a word": ("张三 [110101194910010013] 已核", "id_number"),
    "resident, of the older kind": ("证号[110101491001001]", "id_number"),
    "resident, widely set": ("号码：[3301 0619 7203 1400 21]", "id_number"),
    "officer": ("军官证：[军字第0245718号]，营长", "id_number"),
    "of a hospital": ("住院号：[0098231] 内科", "id_number"),
    "passport": ("护照号[G28733019]，未婚", "id_number"),
    "Taiwan, wrong check digit": ("統一編號：[A123456780]。", "id_number"),
    "social security": ("SSN [245-18-7763], hired", "id_number"),
    "national insurance": ("N.I. No. [QQ 12 34 56 C].", "id_number"),
    "MRN": ("MRN: [00482193]   Ward 3", "id_number"),
    "nothing says what it is": ("Transferred under [4471920] to B wing", "id_number"),
    "no sum of money": ("the sum of $1200450 and 1,204,000 and £440000", "id_number"),
    "no number of a case": ("(2002)南民初字第318号民事判决", "id_number"),
    "no year": ("In 1931 and 1932-1934, pp. 112-118", "id_number"),
    # telephones
    "mobile, in groups": ("手机[138 5731 2209]。", "phone"),
    "seven digits behind a word": ("电话：[3821145]", "phone"),
    "with an area in brackets": ("办公电话[（0791）8633-2071]；", "phone"),
    "Taiwan": ("行動電話[0912-345-678]", "phone"),
    "American": ("Telephone of counsel: [(919) 555-0142].", "phone"),
    "British": ("Home [01274 555 0133] or work", "phone"),
    "of an exchange": ("Phone [Whitehall 5509]", "phone"),
    "abroad": ("mother [+34 91 555 01 22]", "phone"),
    # cards
    "UnionPay in groups": ("卡号[6228 4800 3012 3456 786]", "bank_card"),
    "American Express": ("card [3782 822463 10005].", "bank_card"),
    "wrong check digit behind a word": ("paid by Visa [4111 1111 1111 1112]", "bank_card"),
    # births
    "in a judgment": ("男，[1958年3月12日]出生，汉族", "birth_date"),
    "behind the sex": ("女，[1955年3月8日]，由江苏迁来", "birth_date"),
    "of the Republic": ("[民國三十七年五月二日]生", "birth_date"),
    "before the Republic": ("生於[民國前三年二月]", "birth_date"),
    "of Shōwa": ("[昭和十二年三月五日]生", "birth_date"),
    "by the moon": ("生于[1931年农历三月初五]", "birth_date"),
    "in numerals": ("[二〇〇一年八月十九日]午时生", "birth_date"),
    "behind a name": ("项长生，[1952年1月]，务农", "birth_date"),
    "month first": ("DOB: [7/19/1948]", "birth_date"),
    "Roman month": ("b. [12.IV.1923] Krakow", "birth_date"),
    "somewhere": ("Born Enugu [8th May 1957]; single", "birth_date"),
    "by the moon, with 日": ("[1931年农历三月初三日]出生", "birth_date"),
    "in words": ("born the [third of March, nineteen hundred and thirty-one] at Leeds", "birth_date"),
    "behind dots": ("Date of Birth ..... [3 March 1931]", "birth_date"),
    "behind a time of day": ("was born at 4 a.m. on [3 March 1931]", "birth_date"),
    "before it is said": ("On [3 March 1931] a daughter was born", "birth_date"),
    "behind the sex, in English": ("Sex: M  [3 March 1931]", "birth_date"),
    "no day of a certificate": ("as the letter of 3 March 1931, birth certificate enclosed, says", "birth_date"),
    "no date of anything else": ("Appointed 1 March 1951. Died 2 June 1986.", "birth_date"),
    "nobody born before 1900": ("born 4 May 1851 and 光绪十年三月生", "birth_date"),
    # names
    "a party and a witness": ("原告[张伟民]诉被告[李秀兰]，证人[吕大川]出庭", "name"),
    "two characters before a verb": ("上诉人[马建]因与被上诉人[周丽华]纠纷一案", "name"),
    "a compound family name": ("第三人[欧阳文静]述称", "name"),
    "of a married woman": ("妻：[葛王氏]，被告[陈王玉兰]", "name"),
    "with a dot": ("自报姓名[阿不都·热依木]，维吾尔族", "name"),
    "a list": ("[管平]、[卢俊]、[邓立]等五人", "name"),
    "a title behind": ("经[倪思远]主任看过，[毕成功]同志签字", "name"),
    "widely set": ("姓 名 [樊 素 珍] 性 别 女", "name"),
    "a line end within": ("患者[瞿\n慧君]于昨日手术", "name"),
    "no names": ("会议讨论了审判工作中的问题，要求提高办案质量", "name"),
    "titles": ("[Walter Hensley] saw Mr. [Okafor] and Dr. [Amir Haddad].", "name"),
    "a given name alone": ("We think [Darren] left with [Joan].", "name"),
    "inverted": ("[SUTHERLAND, Ewan James]. Clerk", "name"),
    "a family name first": ("[Zhang Meiling], ward 3", "name"),
    "a family name again": ("[Leroy Dawkins] ran. She saw [Dawkins] run.", "name"),
    "two of one title": ("Present: Mr [Cobb], Mrs [Iqbal] (chair)", "name"),
    "no institutions": ("County Court, Market Street, on Monday 4 March", "name"),
}


@pytest.mark.parametrize(("marked", "kind"), CASES.values(), ids=CASES)
def test_what_is_found(marked: str, kind: str) -> None:
    spans, expected = found(marked, kind)
    assert spans == expected


def test_names_and_bare_numbers_stay_in_other_records() -> None:
    spans, _ = found("Walter Hensley, 原告张伟民, 4471920, 身份证33010619580312041X", None, with_names=False)
    assert spans == ["33010619580312041X"]


def test_a_name_known_from_one_page_is_found_on_another() -> None:
    texts = ["Plaintiff: Roscoe Tillman.", "as Tillman had said", "原告沈阿满。", "那晚沈阿满来了"]
    spans = [
        [text[one.start : one.end] for one in some] for text, some in zip(texts, spans_of(texts, True), strict=True)
    ]
    assert spans == [["Roscoe Tillman"], ["Tillman"], ["沈阿满"], ["沈阿满"]]


CLASSES = {
    "a judgment": (Record("1", "南湖区人民法院民事判决书"), "court"),
    "traditional": (Record("1", "臺北地方法院卷宗"), "court"),
    "a hospital": (Record("1", "Patient register, 1931"), "medical"),
    "a form": (Record("1", "Volume 3", names=(Name("Census records", "genre", "subject"),)), "civil"),
    "what contains it": (Record("1", "甲", ancestors=(Ancestor("0", "干部人事卷"),)), "personnel"),
    "the nearest": (Record("1", "住院病案", ancestors=(Ancestor("0", "法院"),)), "medical"),
    "letters of a poet": (Record("1", "Letters to Ezra Pound"), None),
    "a word within another": (Record("1", "Courtesy cards of the wardrobe"), None),
}


@pytest.mark.parametrize(("record", "expected"), CLASSES.values(), ids=CLASSES)
def test_classes_of_records(record: Record, expected: str | None) -> None:
    assert class_of(record) == expected


OWN = {"court": ["訴訟檔", "quarter sessions"], "none": ["法院院刊", "circulars"]}
OWN_CLASSES = {
    "another word": ("诉讼档第三册", "court"),
    "another word of two": ("Rolls of the Quarter Sessions", "court"),
    "what stays": ("法院院刊", None),
    "what stays, in Latin": ("Court circulars", None),
    "what is known anyway": ("Hospital", "medical"),
}


@pytest.mark.parametrize(("title", "expected"), OWN_CLASSES.values(), ids=OWN_CLASSES)
def test_an_archive_has_words_of_its_own(title: str, expected: str | None) -> None:
    assert class_of(Record("1", title), OWN) == expected


@given(st.text("张三 \n\u3000aB1２。", max_size=60))
def test_running_text_leads_back(text: str) -> None:
    flow = flow_of(text)
    assert len(flow.text) == len(flow.places)
    assert list(flow.places) == sorted(set(flow.places))
    left_out = set(range(len(text))) - set(flow.places)
    assert all(text[at].isspace() for at in left_out)


@given(st.text("张王李建国12 3年月日生男，。：Mr.John身份证\n", max_size=80))
def test_spans_are_apart_and_within_the_text(text: str) -> None:
    [spans] = spans_of([text], True)
    ends = 0
    for one in spans:
        assert ends <= one.start < one.end <= len(text)
        ends = one.end
