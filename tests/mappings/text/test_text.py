"""Plain text, Markdown lists, Org outlines. All texts here are made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.base import MappingOptions, Skipped
from mappings.formats.text import TextMapping
from mappings.formats.text.catalogue import Title, title
from mappings.formats.text.outline import Heading, unmarked
from mappings.record import Copy, Dates, Identifier, Name, Record
from tests.contracts.mapping_contract import MappingContract, Sample, check_outcome, mapped, records

MAPPING = TextMapping(MappingOptions())
ORG = """# -*- mode: org; -*-
#+TITLE: 書目
#+DATE: 2015-02-08
* A1 史部
** A1a0001 山海記-元-王某
:PROPERTIES:
:KR_ID: A1a0001
:CUSTOM_ID: Z1
:EXTENT: 5 卷
:BOOK: 2
:_RESP: （元）王某
:END:
Text below
*** 附錄
*** 人物
**** 王某
     :PROPERTIES:
     :DYNASTY: 元
     :FUNCTION: 撰
     :FUNCTION: 注
     :DATES: 1280 - 1340
     :END:
*** 版本
**** WYG
:PROPERTIES:
:EDITION: 宋刊本
:END:
*** 电子版
[[https://x.example/1][冊 1]] ++ [[krpimg:a/b.tif][冊 2]]
** A1a0002 海圖  Haitu :can:
"""


def org(text: str, options: MappingOptions | None = None, name: str = "a.org") -> list[Record]:
    return records(TextMapping(options) if options else MAPPING, (name, text.encode()))


class TestOrg(MappingContract):
    @pytest.fixture
    def mapping(self) -> TextMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.org", ORG.encode())]


class TestPlainText(MappingContract):
    @pytest.fixture
    def mapping(self) -> TextMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.txt", "Minutes of the board\n\nPresent: all.\fPage two, 第二頁".encode())]


def test_headings_with_their_ancestors() -> None:
    found = org(ORG)
    assert [(one.source_id, one.title) for one in found] == [
        ("a.org", "書目"),
        ("a.org#1", "史部"),
        ("a.org#Z1", "山海記"),
        ("a.org#Z1.1", "附錄"),
        ("a.org#1.2", "海圖"),
    ]
    assert [ancestor.title for ancestor in found[3].ancestors] == ["書目", "史部", "山海記"]
    assert [one.position for one in found] == [0, 1, 2, 3, 4]


def test_a_work_with_its_sections() -> None:
    work = org(ORG)[2]
    assert (work.reference_code, work.extent) == ("A1a0001", "5 卷")
    assert work.names == (Name("王某", "person", "creator", "撰、注"),)
    assert work.dates == Dates("元, 1280 - 1340", 1280, 1340)
    assert work.description == {"edition": "WYG: 宋刊本", "text": "Text below"}
    assert work.values == {"BOOK": "2"}
    assert work.copies == (Copy("https://x.example/1", "冊 1"),)
    assert work.identifiers == (Identifier("link", "https://x.example/1"),)


def test_drawers_go_where_columns_say() -> None:
    options = MappingOptions(
        columns={"extent": "BOOK", "note": "REMARK", "access": "OPEN"},
        values={"access": {"no": "closed"}},
        holder="Ours",
    )
    one = org("* T\n:PROPERTIES:\n:BOOK: 3 冊\n:REMARK: Worn\n:OPEN: no\n:END:\n** Below\n", options)
    assert (one[0].extent, one[0].description, one[0].holder) == ("3 冊", {"note": "Worn"}, "Ours")
    assert [one.access.value for one in one if one.access is not None] == ["closed", "closed"]


TITLES = {
    "plain": ("Minutes", Title("Minutes")),
    "code": ("KR1a0001 周易", Title("周易", "KR1a0001")),
    "two codes": ("KR2k ZB2k 地理類", Title("地理類", "KR2k")),
    "starred code and romanised": ("JY004* 元始經 Yuanshi jing", Title("元始經", "JY004", "Yuanshi jing")),
    "dynasty and author": ("KR1a0003 易註-漢-鄭玄", Title("易註", "KR1a0003", None, "漢", "鄭玄")),
    "no dynasty": ("KR2k0001 黃圖--闕名", Title("黃圖", "KR2k0001", None, None, "闕名")),
    "hyphens without a code": ("A-B-C", Title("A-B-C")),
    "class with a period": ("KR4d 別集類-宋", Title("別集類-宋", "KR4d")),
    "link": ("[[file:KR1a.txt][KR1a 易類]]", Title("易類", "KR1a")),
    "a word with digits is no code": ("MS12 letters", Title("MS12 letters")),
    "blank": ("", Title(None)),
}


@pytest.mark.parametrize(("text", "expected"), TITLES.values(), ids=TITLES)
def test_titles(text: str, expected: Title) -> None:
    assert title(Heading(1, text, 1)) == expected


def test_responsibility_without_a_section_of_people() -> None:
    (stated,) = org("* 文選\n:PROPERTIES:\n:_RESP: （梁）蕭統,（唐）李善\n:END:\n")
    assert [name.name for name in stated.names] == ["蕭統", "李善"]
    assert stated.dates is not None and stated.dates.text == "梁"
    (headed,) = org("* KR1a0003 易註-漢-鄭玄\n:PROPERTIES:\n:X: y\n:END:\n")
    assert headed.names == (Name("鄭玄", "person", "creator"),)


def test_years_before_the_common_era() -> None:
    (found,) = org("* 史記\n** 人物\n*** 司馬遷\n:PROPERTIES:\n:DYNASTY: 漢\n:DATES: ca. -145 - ca. -86\n:END:\n")
    assert found.dates == Dates("漢, ca. -145 - ca. -86", -144, -85)


def test_a_section_behind_other_headings_belongs_to_the_work() -> None:
    work, appendix = org("* W\n** 坿\n** 人物\n*** 王弼\n:PROPERTIES:\n:FUNCTION: 注\n:END:\n")
    assert [name.name for name in work.names] == ["王弼"] and appendix.names == ()


HIDDEN = {"tag": "* Comments  :noexport:\n** Inside\n", "keyword": "* COMMENT Comments\n** Inside\n"}


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_what_is_not_for_export_is_skipped(text: str) -> None:
    found = mapped(MAPPING, ("a.org", (text + "* Shown\n").encode()))
    assert [type(one) for one in found] == [Skipped, Skipped, Record]
    assert isinstance(found[0], Skipped) and found[0].problem.code == "not-for-export"


def test_ids_that_repeat_give_way_to_positions() -> None:
    text = "* A\n:PROPERTIES:\n:ID: x\n:END:\n* B\n:PROPERTIES:\n:ID: x\n:END:\n"
    assert [one.source_id for one in org(text)] == ["a.org#x", "a.org#2"]


def test_an_outline_is_told_by_its_drawers_too() -> None:
    assert len(org("* A\n  :PROPERTIES:\n  :X: y\n  :END:\n* B\n", name="list.txt")) == 2


@given(
    st.lists(
        st.sampled_from(["* A", "** 人物", "*** B", ":PROPERTIES:", ":ID: x", ":END:", "text", "", "** C :noexport:"])
    )
)
def test_every_heading_leaves_a_row_or_belongs_to_one(lines: list[str]) -> None:
    found = mapped(MAPPING, ("a.org", "\n".join(["* First", *lines]).encode()))
    for outcome in found:
        check_outcome(outcome)
    assert len({outcome.source_id for outcome in found}) == len(found)
    assert len(found) <= 1 + sum(line.startswith("*") for line in lines)


LIST = """# Register

## Letters

- **To the board** (1901)
  with a map
- [Plan](https://x.example/plan.pdf) of the line
* Third

## Maps

1. Canton
"""


def test_a_markdown_list_gives_a_record_for_each_item() -> None:
    found = records(MAPPING, ("a.md", LIST.encode()))
    assert [(one.title, [above.title for above in one.ancestors]) for one in found] == [
        ("Register", []),
        ("Letters", ["Register"]),
        ("To the board (1901)", ["Register", "Letters"]),
        ("Plan of the line", ["Register", "Letters"]),
        ("Third", ["Register", "Letters"]),
        ("Maps", ["Register"]),
        ("Canton", ["Register", "Maps"]),
    ]
    assert found[2].description == {"text": "with a map"}
    assert found[3].copies == (Copy("https://x.example/plan.pdf", None, "application/pdf"),)


def test_markdown_prose_is_one_text() -> None:
    text = "Intro.\n\n# A *report*\n\nMuch text\nover lines.\n\n- one item\n"
    (found,) = records(MAPPING, ("a.md", text.encode()))
    assert (found.title, found.kind) == ("A report", "digital")
    assert found.pages[0].text.startswith("Intro.\n# A *report*")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**bold** and `code`", "bold and code"),
        ("[a](http://x) b", "a b"),
        ("![i](x.png)", "i"),
        ("plain * star", "plain * star"),
    ],
)
def test_marks_are_taken_out(text: str, expected: str) -> None:
    assert unmarked(text) == expected


TEXTS = {
    "first line": ("Minutes of the board\nPresent: all.", "Minutes of the board", False),
    "blank lines first": ("\n\n 會議紀錄 \n出席", "會議紀錄", False),
    "a long first line": (f"{'word ' * 40}\nmore", "a", True),
    "a line that goes on": ("It was a day,\nand a night.", "a", True),
}


@pytest.mark.parametrize(("text", "title", "supplied"), TEXTS.values(), ids=TEXTS)
def test_the_title_of_a_text(text: str, title: str, supplied: bool) -> None:
    (found,) = records(MAPPING, ("dir/a.txt", text.encode()))
    assert (found.source_id, found.title, found.supplied_title) == ("dir/a.txt", title, supplied)


def test_form_feeds_divide_pages() -> None:
    (found,) = records(MAPPING, ("a.txt", b"One\ntwo\f\fThree"))
    assert [(page.number, page.text) for page in found.pages] == [(1, "One\ntwo"), (2, ""), (3, "Three")]
    assert (found.copies[0].page_count, found.copies[0].format) == (3, "text/plain")


def test_a_long_text_is_divided_between_lines() -> None:
    (found,) = records(MAPPING, ("a.txt", ("line of text\n" * 5000).encode()))
    assert len(found.pages) > 2
    assert sum(page.text.count("line") for page in found.pages) == 5000
    (one,) = records(MAPPING, ("a.txt", ("x" * 50_000).encode()))
    assert [len(page.text) for page in one.pages] == [20_000, 20_000, 10_000]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "big5"])
def test_encodings(encoding: str) -> None:
    text = "這是一個在中國的地方，我們都會說的話。\n第二行"
    if encoding == "gb18030":
        text = "这是一个在中国的地方，我们都会说的话。\n第二行"
    (found,) = records(MAPPING, ("a.txt", text.encode(encoding)))
    assert found.pages[0].text == text


def test_lines_in_another_encoding_are_said() -> None:
    payload = "我們的中國是這個地方\n".encode() * 3 + "我們的中國是這個地方".encode("big5")
    (found,) = records(MAPPING, ("a.txt", payload))
    assert [problem.code for problem in found.problems] == ["mixed-encoding"]


NOTHING = {
    "empty": ("a.txt", b" \n", "empty-file"),
    "blank pages": ("a.txt", b"\f \f", "empty-file"),
    "a PDF": ("a.txt", b"%PDF-1.7", "wrong-format"),
    "XML": ("a.xml", b"<?xml version='1.0'?><a/>", "wrong-format"),
    "bytes": ("a.bin", b"\0\1\2\3\0\0", "wrong-format"),
    "an outline without anything": ("a.org", b"# -*- mode: org -*-\n", "empty-file"),
}


@pytest.mark.parametrize(("name", "payload", "code"), NOTHING.values(), ids=NOTHING)
def test_what_gives_no_record(name: str, payload: bytes, code: str) -> None:
    (found,) = mapped(MAPPING, (name, payload))
    assert isinstance(found, Skipped) and found.problem.code == code


@given(st.binary(max_size=200), st.sampled_from(["a.txt", "a.md", "a.org"]))
def test_any_bytes_give_rows(payload: bytes, name: str) -> None:
    for outcome in mapped(MAPPING, (name, payload)):
        check_outcome(outcome)
