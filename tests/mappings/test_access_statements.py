"""Access words: real notes from finding aids and catalogues, and what each one states."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.access_statements import provision, statement

DAY = dt.date
CASES: dict[str, tuple[str, dt.date | None] | None] = {
    # open
    "Currently available.": ("open", None),
    "Currently available for viewing.": ("open", None),
    "Materials are open without restrictions.": ("open", None),
    "Materials are open without restriction.": ("open", None),
    "Open for research without restrictions.": ("open", None),
    "Open to researchers.": ("open", None),
    "Materials are open to researchers. Please contact the Fales Library.": ("open", None),
    "No restrictions on access.": ("open", None),
    "There are no restrictions on access.": ("open", None),
    "This collection is open for research.": ("open", None),
    "This collection is open for research; access requires at least 48 hours advance notice. "
    "Copies of VHS tapes must be made prior to patron use.": ("open", None),
    "The collection is open and available for use in the department.": ("open", None),
    "None.": ("open", None),
    "Open": ("open", None),
    "Unrestricted": ("open", None),
    "开放": ("open", None),
    "開放": ("open", None),
    "公开": ("open", None),
    "已开放": ("open", None),
    "可公开": ("open", None),
    "向社会开放": ("open", None),
    "無限制": ("open", None),
    # signed in, on site
    "Registered readers only": ("registered", None),
    "实名查阅": ("registered", None),
    "Available for viewing by appointment only.": ("onsite", None),
    "The collection is open for use in the Reading Room of the Archives.": ("onsite", None),
    "by appointment": ("onsite", None),
    "到馆利用": ("onsite", None),
    "馆内查阅": ("onsite", None),
    "预约查阅": ("onsite", None),
    # restricted
    "Restricted": ("restricted", None),
    "Folder 2 is restricted": ("restricted", None),
    "Access to some this file is restricted due to the personal nature of the contents.": ("restricted", None),
    "Repository permission is required for access. Please contact the archive.": ("restricted", None),
    "WRITTEN PERMISSION REQUIRED UNTIL JANUARY 1, 2041.": ("restricted", None),
    "RESTRICTED: Access to these folders requires prior written approval.": ("restricted", None),
    "Access to the materials is restricted to the following persons: students.": ("restricted", None),
    "The images, apart from restricted files in Series 2, are open for research use. "
    "Restricted images in Series 2 are restricted 60 years from date of creation.": ("restricted", None),
    "限制": ("restricted", None),
    "限制利用": ("restricted", None),
    "依申请公开": ("restricted", None),
    "部分限制": ("restricted", None),
    "部分开放": ("restricted", None),
    "须经批准": ("restricted", None),
    # closed
    "Currently not available for viewing.": ("closed", None),
    "Currently unavailable.": ("closed", None),
    "Materials in this folder are closed for 20 years from the latest date.": ("closed", None),
    "Institutional records are closed for a period of 20 years from their creation.": ("closed", None),
    "80-year restriction applies.": ("closed", None),
    "Restricted 60 years from date of creation.": ("closed", None),
    "Restricted until 2018.": ("closed", DAY(2018, 1, 1)),
    "Access to the correspondence with Hemingway is restricted until 2025.": ("closed", DAY(2025, 1, 1)),
    "closed until 2050": ("closed", DAY(2050, 1, 1)),
    "Restricted until May 31, 2030.": ("closed", DAY(2030, 5, 31)),
    "Closed until 31 May 2030": ("closed", DAY(2030, 5, 31)),
    "Embargoed until 2026-03-01": ("closed", DAY(2026, 3, 1)),
    "Closed until February 31, 2030": ("closed", None),
    "封闭": ("closed", None),
    "不开放": ("closed", None),
    "不公開": ("closed", None),
    "未开放": ("closed", None),
    "控制": ("closed", None),
    "延期开放至2046年1月1日": ("closed", DAY(2046, 1, 1)),
    # nothing clear: carriers, copies, "may", templates, words that say something else
    "": None,
    "These files were originally received on a CD. The CD is not available for patron use. "
    "Copies of files from this CD are available upon request.": None,
    "Digital content. Copies of digital files are available upon request.": None,
    "USE COPIES OF ALL RECORDINGS MUST BE PRODUCED PRIOR TO PATRON VIEWING.": None,
    "Copies of cassettes must be made prior to patron use.": None,
    "Audiovisual materials have not been preserved and may not be available to researchers.": None,
    "Material pertaining to individual student records may be restricted.": None,
    "Access to original negatives restricted to staff. Materials are fragile.": None,
    "This film is damaged and cannot be played without extensive conservation work.": None,
    "Researchers may request copies of digital files.": None,
    "Resource-ConditionsGoverningAccess-AT": None,
    "Contact the archivist": None,
    "部分开放给研究者": None,
}


@pytest.mark.parametrize(("text", "expected"), CASES.items(), ids=[text[:50] for text in CASES])
def test_what_a_note_states(text: str, expected: tuple[str, dt.date | None] | None) -> None:
    found = statement(text)
    assert (found and (found.value, found.opens_on)) == expected
    if found is not None:
        assert found.reason == text[:500]
        assert found.stated_by == "record"


def test_the_strictest_sentence_counts() -> None:
    assert statement("The collection is open for research. Restricted until 2090.") == statement(
        "The collection is open for research. Restricted until 2090."
    )
    found = statement("The collection is open for research. Restricted until 2090.")
    assert found is not None and found.value == "closed"


@given(st.text(max_size=200))
def test_nothing_raises(text: str) -> None:
    statement(text)


@given(st.sampled_from([text for text, stated in CASES.items() if stated and stated[0] == "closed"]))
def test_an_opening_beside_a_closure_never_opens(text: str) -> None:
    found = statement(f"{text.rstrip('.')}. Open for research.")
    assert found is not None and found.value == "closed"


@pytest.mark.parametrize(
    ("note", "is_one"),
    [
        ("《中华人民共和国档案法》第二十七条", True),
        ("依《檔案法》第十八條第四款", True),
        ("檔案法第18條第1款", True),
        ("档案法 第二十七条", True),
        ("《中华人民共和国档案法》", False),
        ("依《档案法》第二十七条，满二十五年开放", False),
        ("限馆内终端阅览", False),
        ("", False),
    ],
)
def test_a_note_that_names_a_provision_and_nothing_else(note: str, is_one: bool) -> None:
    assert provision(note) == (note if is_one else None)
