"""Own and inherited access, and audience="internal": what must never be public."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from mappings.access import Access, effective, only
from mappings.record import encode
from tests.mappings.ead.files import finding_aid, of

OPEN = "<accessrestrict><p>Open for research.</p></accessrestrict>"
CLOSED = "<accessrestrict><p>Closed until 2050.</p></accessrestrict>"
VAGUE = "<accessrestrict><p>Please contact us.</p></accessrestrict>"
INTERNAL = " audience='internal'"
EXTERNAL = " audience='external'"


def c(name: str, inside: str = "", attributes: str = "", notes: str = "") -> str:
    return f"<c id='{name}'{attributes}><did><unittitle>{name}</unittitle></did>{notes}{inside}</c>"


# name: (finding aid, what is stated of "" (the fonds), of its component a, and of b within a)
CASES: dict[str, tuple[bytes, list[tuple[str, str] | None]]] = {
    "nothing stated": (finding_aid(c("a", c("b"))), [None, None, None]),
    "own": (finding_aid(c("a", c("b", notes=CLOSED))), [None, None, ("closed", "record")]),
    "from the fonds": (
        finding_aid(c("a", c("b")), OPEN),
        [("open", "record"), ("open", "ancestor"), ("open", "ancestor")],
    ),
    "the nearest wins": (
        finding_aid(c("a", c("b"), notes=CLOSED), OPEN),
        [("open", "record"), ("closed", "record"), ("closed", "ancestor")],
    ),
    "a statement loosens": (
        finding_aid(c("a", c("b", notes=OPEN), notes=CLOSED)),
        [None, ("closed", "record"), ("open", "record")],
    ),
    "vague words do not": (
        finding_aid(c("a", c("b", notes=VAGUE), notes=CLOSED)),
        [None, ("closed", "record"), ("closed", "ancestor")],
    ),
    "behind the components": (
        finding_aid(c("a", c("b")), after=CLOSED),
        [("closed", "record"), ("closed", "ancestor"), ("closed", "ancestor")],
    ),
    "behind inner ones": (finding_aid(c("a", c("b") + CLOSED)), [None, ("closed", "record"), ("closed", "ancestor")]),
    "internal": (finding_aid(c("a", c("b"), INTERNAL)), [None, ("internal", "record"), ("internal", "ancestor")]),
    "internal fonds": (
        finding_aid(c("a", c("b")), attributes=INTERNAL),
        [("internal", "record"), ("internal", "ancestor"), ("internal", "ancestor")],
    ),
    "an access note does not publish": (
        finding_aid(c("a", c("b", notes=OPEN), INTERNAL)),
        [None, ("internal", "record"), ("internal", "ancestor")],
    ),
    "internal beats its own note": (
        finding_aid(c("a", c("b"), INTERNAL, OPEN)),
        [None, ("internal", "record"), ("internal", "ancestor")],
    ),
    "external publishes": (finding_aid(c("a", c("b", "", EXTERNAL), INTERNAL)), [None, ("internal", "record"), None]),
    "external falls back to the nearest statement": (
        finding_aid(c("a", c("b", "", EXTERNAL), INTERNAL), CLOSED),
        [("closed", "record"), ("internal", "record"), ("closed", "ancestor")],
    ),
    "external with its own note": (
        finding_aid(c("a", c("b", "", EXTERNAL, OPEN), INTERNAL)),
        [None, ("internal", "record"), ("open", "record")],
    ),
    "external alone says nothing": (
        finding_aid(c("a", c("b", "", EXTERNAL)), OPEN),
        [("open", "record"), ("open", "ancestor"), ("open", "ancestor")],
    ),
    "an internal note is no statement": (
        finding_aid(
            c("a", c("b"), notes="<accessrestrict audience='internal'><p>Open for research.</p></accessrestrict>")
        ),
        [None, None, None],
    ),
    "internal by ead": (
        finding_aid(c("a", c("b")), root=INTERNAL),
        [("internal", "record"), ("internal", "ancestor"), ("internal", "ancestor")],
    ),
    "internal by dsc": (
        finding_aid(c("a", c("b"))).replace(b"<dsc>", b"<dsc audience='internal'>"),
        [None, ("internal", "record"), ("internal", "ancestor")],
    ),
    "internal by an entity": (
        b"<!DOCTYPE ead [<!ENTITY x \"<c id='a' &#97;udience='internal'><did/><c id='b'/></c>\">]>"
        + finding_aid("&x;"),
        [None, ("internal", "record"), ("internal", "ancestor")],
    ),
}


@pytest.mark.parametrize(("payload", "expected"), CASES.values(), ids=CASES)
def test_access(payload: bytes, expected: list[tuple[str, str] | None]) -> None:
    found = of(payload)
    stated = [found[key].access for key in ("", "a", "b")]
    assert [access and (access.value, access.stated_by) for access in stated] == expected


NO_PHOTOGRAPHS = "<userestrict><p>Photography is prohibited.</p></userestrict>"
FREE = "<userestrict><p>No restrictions on use.</p></userestrict>"
UNDESCRIBED = "<accessrestrict><p>Closed Document, Closed Description</p></accessrestrict>"
TYPED = "<accessrestrict type='RestrictedCurApprSpecColl'><p>Ask the curator.</p></accessrestrict>"


def test_each_question_has_the_nearest_statement() -> None:
    """Access at the fonds, use at the series: both hold for the file, each with its reason."""
    found = of(finding_aid(c("a", c("b"), notes=NO_PHOTOGRAPHS), OPEN))
    assert found[""].access == Access("open", "Open for research.")
    whole = Access("open", "Open for research.", copy="closed", copy_reason="Photography is prohibited.")
    assert found["a"].access == found["b"].access == structs.replace(whole, stated_by="ancestor")


def test_a_note_on_use_says_nothing_of_reading() -> None:
    found = of(finding_aid(c("a", c("b", notes=FREE), notes=CLOSED + NO_PHOTOGRAPHS)))
    b = found["b"].access
    assert b is not None
    assert (b.value, b.stated_by, b.copy, b.copy_reason) == ("closed", "ancestor", "open", "No restrictions on use.")
    alone = of(finding_aid(c("a", notes=NO_PHOTOGRAPHS)))["a"].access
    assert alone == only("closed", "Photography is prohibited.")
    assert effective(alone, "open") == Access(
        "open", stated_by="source", copy="closed", copy_reason="Photography is prohibited."
    )


def test_below_a_closed_description_the_title_is_told_to_nobody() -> None:
    found = of(finding_aid(c("a", c("b", c("d", notes=OPEN)), notes=UNDESCRIBED)))
    accesses = [found[key].access for key in "abd"]
    assert [access and (access.value, access.describe) for access in accesses] == [
        ("closed", "internal"),
        ("closed", "internal"),
        ("open", "internal"),
    ]
    assert [ancestor.internal for ancestor in found["d"].ancestors] == [False, True, True]


def test_a_type_of_restriction_is_a_word_of_its_vocabulary() -> None:
    found = of(finding_aid(c("a", notes=TYPED) + c("b", notes=TYPED.replace("type=", "localtype="))))
    assert [found[key].access for key in "ab"] == [Access("restricted", "restricted")] * 2


def test_ancestors_say_whether_they_are_internal() -> None:
    found = of(finding_aid(c("a", c("b", c("d"), EXTERNAL), INTERNAL)))
    assert [ancestor.internal for ancestor in found["d"].ancestors] == [False, True, False]


def test_the_day_a_closure_ends_is_inherited() -> None:
    access = of(finding_aid(c("a"), CLOSED))["a"].access
    assert access is not None and str(access.opens_on) == "2050-01-01"


PARTS = st.sampled_from(
    [
        "unittitle",
        "unitid",
        "unitdate",
        "physdesc",
        "container",
        "physloc",
        "origination",
        "langmaterial",
        "dao",
        "abstract",
        "scopecontent",
        "odd",
        "accessrestrict",
        "controlaccess",
        "bioghist",
        "note",
    ]
)


@given(PARTS, st.booleans(), st.booleans())
def test_no_part_of_an_internal_audience_is_ever_public(part: str, inner: bool, with_component: bool) -> None:
    """Whatever the element, marked itself or around a nested one: its words stand in the staff notes or nowhere."""
    marked = f"<{part}{INTERNAL}><persname>hush</persname><p>hush</p></{part}>"
    if inner:
        marked = f"<{part}>said <emph{INTERNAL}>hush</emph> <persname{INTERNAL}>hush</persname></{part}>"
    inside = c("b") if with_component else ""
    for payload in (f"<c id='a'><did>{marked}</did>{inside}</c>", f"<c id='a'><did/>{marked}{inside}</c>"):
        for record in of(finding_aid(payload)).values():
            assert b"hush" not in encode(structs.replace(record, staff_notes={}))
