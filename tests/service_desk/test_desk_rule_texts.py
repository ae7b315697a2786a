"""Comments of rules are their help; a part of one text is put into another."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from service_desk.rule_documents import DOCUMENTS
from service_desk.rule_texts import help_of, with_parts
from service_desk.rules import bundled_text, pack_text, packs, read

TEXT = """\
# What it is.
#
#   aligned   as it stands

# right above
a: 1                 # beside
b:
  # of the inner one
  c: "no # comment"  # and a real one
  d: |
    text
    # no comment either
  e: {f: 1, g: 'x'}  # of the line
# left over
"""


def test_comments_stand_with_their_keys():
    found = help_of(TEXT)
    assert found.head == "What it is.\n\n  aligned   as it stands\n\nright above".replace("\n\nright", "\nright")
    assert [(one.place, one.line, one.text) for one in found.keys] == [
        ("a", 6, "beside"),
        ("b.c", 9, "of the inner one\nand a real one"),
        ("b.e", 13, "of the line"),
    ]


@pytest.mark.parametrize("text", ["", "# only words\n", "a: [", "a: *b", "- 1\n", "\x00", "just words"])
def test_whatever_stands_there_is_no_mistake(text):
    help_of(text)


@given(st.text(alphabet="ab:# \n-\"'{}[]|>", max_size=120))
def test_no_text_breaks_it(text):
    help_of(text)
    with_parts(text, "a: 1\n")
    with_parts("a: 1\n", text)


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.name)
def test_every_document_has_help(kind):
    found = help_of(bundled_text(kind))
    assert found.head or found.keys


def test_a_part_takes_the_place_of_its_key_and_comments_stay():
    made = with_parts(TEXT, "# new\nb: {z: 1}\n")
    assert yaml.safe_load(made) == {"a": 1, "b": {"z": 1}}
    assert "# What it is." in made and "# left over" in made and "# new" in made
    assert yaml.safe_load(with_parts(TEXT, "k: 2\n")) == {**yaml.safe_load(TEXT), "k": 2}


@given(
    st.dictionaries(st.sampled_from("abcd"), st.integers() | st.lists(st.integers(), max_size=3), min_size=1),
    st.dictionaries(st.sampled_from("cdef"), st.integers() | st.dictionaries(st.sampled_from("xy"), st.integers())),
)
def test_it_says_what_both_say(ours, part):
    if part:
        made = with_parts(yaml.safe_dump(ours, sort_keys=False), yaml.safe_dump(part, sort_keys=False))
        assert yaml.safe_load(made) == {**ours, **part}


def test_every_pack_can_be_put_into_the_text_as_delivered():
    for kind in DOCUMENTS:
        for pack in packs(kind):
            read(kind, pack_text(kind, pack, bundled_text(kind)))
