"""What people may hand in: each field present, absent, too long, odd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_desk.errors import Invalid
from service_desk.forms import (
    AnswerForm,
    FeedbackForm,
    MessageForm,
    OpenRequestForm,
    RefusalForm,
    RequestForm,
    as_email,
    one_line,
    parse,
    without_controls,
)

REQUEST = {"resource_id": "r-1", "type": "copy", "name": "A", "contact": "a@example.org"}
FEEDBACK = {"resource_id": "r-1", "kind": "wrong"}
MISSING = object()

WRONG = {
    "no resource": (RequestForm, REQUEST, "resource_id", MISSING),
    "blank resource": (RequestForm, REQUEST, "resource_id", " "),
    "resource no text": (RequestForm, REQUEST, "resource_id", 7),
    "no type": (RequestForm, REQUEST, "type", MISSING),
    "unknown type": (RequestForm, REQUEST, "type", "no type!"),
    "no name": (RequestForm, REQUEST, "name", MISSING),
    "blank name": (RequestForm, REQUEST, "name", " \t\n\x00"),
    "long name": (RequestForm, REQUEST, "name", "x" * 201),
    "no contact": (RequestForm, REQUEST, "contact", None),
    "long contact": (RequestForm, REQUEST, "contact", "x" * 301),
    "long note": (RequestForm, REQUEST, "note", "x" * 10_001),
    "long query": (RequestForm, REQUEST, "query", "x" * 1_001),
    "rank 0": (RequestForm, REQUEST, "rank", 0),
    "rank too high": (RequestForm, REQUEST, "rank", 100_001),
    "rank as text": (RequestForm, REQUEST, "rank", "3"),
    "rank as truth": (RequestForm, REQUEST, "rank", True),
    "rank as fraction": (RequestForm, REQUEST, "rank", 1.5),
    "unknown field": (RequestForm, REQUEST, "status", "answered"),
    "unknown language": (RequestForm, REQUEST, "language", "tlh"),
    "a question without one": (RequestForm, REQUEST | {"type": "question"}, "note", ""),
    "no hit and no note": (OpenRequestForm, {"type": "copy", "name": "A", "contact": "1"}, "note", MISSING),
    "unknown kind": (FeedbackForm, FEEDBACK, "kind", "great"),
    "feedback without resource": (FeedbackForm, FEEDBACK, "resource_id", MISSING),
    "long answer": (AnswerForm, {}, "text", "x" * 10_001),
    "refused without reason": (RefusalForm, {"alternative": "x"}, "reason", " "),
    "empty message": (MessageForm, {}, "text", ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_field_that_is_wrong_is_named(name):
    form, values, field, value = WRONG[name]
    changed = {key: kept for key, kept in (values | {field: value}).items() if kept is not MISSING}
    with pytest.raises(Invalid) as caught:
        parse(form, changed)
    assert [error.field for error in caught.value.errors] == [field]
    assert caught.value.errors[0].message and caught.value.errors[0].code


def test_all_wrong_fields_are_named_at_once():
    with pytest.raises(Invalid) as caught:
        parse(RequestForm, {"type": "", "name": "", "rank": 0})
    assert {error.field for error in caught.value.errors} == {"resource_id", "type", "name", "contact", "rank"}


BOUNDS = {"name": "x" * 200, "contact": "x" * 300, "note": "x" * 10_000, "query": "x" * 1_000, "rank": 100_000}


def test_the_bounds_themselves_are_in():
    assert parse(RequestForm, REQUEST | BOUNDS).model_dump().items() >= BOUNDS.items()


def test_blank_is_absent():
    form = parse(RequestForm, REQUEST | {"query": "  ", "note": "\n"})
    assert (form.query, form.note, form.rank) == (None, "", None)


CLEANED = {
    "null": ("a\0b", "ab"),
    "escape": ("a\x1b[31mb", "a[31mb"),
    "direction overrides": ("a\u202etxt\u2069b", "atxtb"),
    "lone surrogate": ("a\ud800b", "ab"),
    "line ends": ("a\r\nb\rc\n", "a\nb\nc"),
    "tabs stay": ("a\tb", "a\tb"),
    "markup stays": ("<b>&amp;</b>", "<b>&amp;</b>"),
    "joiners stay": ("👩‍🏫 क्‍ष", "👩‍🏫 क्‍ष"),
    "rare characters stay": ("𠮷\U000e0100", "𠮷\U000e0100"),
}


@pytest.mark.parametrize("name", CLEANED)
def test_control_characters_go_and_the_rest_stays(name):
    typed, kept = CLEANED[name]
    assert without_controls(typed) == kept


@given(st.text(st.characters(codec=None)))
def test_cleaned_text_is_stable_and_can_be_stored(text):
    once = without_controls(text)
    assert without_controls(once) == once
    once.encode("utf-8")
    assert "\0" not in once
    assert "\n" not in one_line(text)


EMAILS = {
    "wang@example.org": True,
    "王@例え.jp": True,
    "a@b": False,
    "13800000000": False,
    "a@b.org\nBcc: x@y.org": False,
    "a@b.org, c@d.org": False,
    "Wang <a@b.org>": False,
    "a" * 250 + "@b.org": False,
    "": False,
}


@pytest.mark.parametrize("contact", EMAILS)
def test_what_mail_can_be_sent_to(contact):
    assert (as_email(contact) == contact) is EMAILS[contact]
