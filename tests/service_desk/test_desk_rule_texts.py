"""Comments of rules are their help; a part of one text is put into another."""

from __future__ import annotations

from importlib.resources import files

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from service_desk.request_types import Types
from service_desk.rule_documents import DOCUMENTS
from service_desk.rule_texts import help_of, with_entries, with_parts
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


ENTRIES = """\
# What it is.
# It goes on.
#
# limit  explained

kinds:
  a: {limit: 1}
  # of b
  b:
    limit: 2
  c: {limit: 3}
"""
OWN = """\
# The law.
#
# Its articles.

kinds:
  # why
  d: {limit: 4}  # beside
  b:
    # another
    limit: 9
"""


def test_entries_take_the_place_of_their_own_and_new_ones_come_last():
    assert (
        with_entries(ENTRIES, OWN)
        == """\
# The law.
#
# Its articles.
#
# limit  explained

kinds:
  a: {limit: 1}
  b:
    # another
    limit: 9
  c: {limit: 3}
  # why
  d: {limit: 4}  # beside
"""
    )


_MAPPINGS = st.dictionaries(
    st.sampled_from("abcdef"),
    st.dictionaries(st.sampled_from("xyz"), st.integers() | st.lists(st.text(max_size=90), max_size=3)),
    min_size=1,
)


@given(_MAPPINGS, _MAPPINGS)
def test_entries_say_what_both_say_in_the_order_of_the_first(delivered, own):
    texts = [yaml.safe_dump({"kinds": each}, sort_keys=False, allow_unicode=True) for each in (delivered, own)]
    made = yaml.safe_load(with_entries(*texts))["kinds"]
    assert made == {**delivered, **own} and list(made) == list({**delivered, **own})


@pytest.mark.parametrize("pack", ["cn", "tw", "uk", "us", "eu"])
def test_a_pack_says_only_what_differs(pack):
    text = files("service_desk").joinpath("policies", "packs", f"types.{pack}.entries.yml").read_text("utf-8")
    delivered, own = (yaml.safe_load(each)["types"] for each in (bundled_text(Types), text))
    assert [code for code, rule in own.items() if delivered.get(code) == rule] == []
    made = pack_text(Types, pack)
    assert list(yaml.safe_load(made)["types"].items()) == list({**delivered, **own}.items())
    said, explained = help_of(text).head, help_of(bundled_text(Types)).head.partition("\n\n")[2]
    assert help_of(made).head == f"{said}\n\n{explained}"


def test_every_pack_can_be_put_into_the_text_as_delivered():
    for kind in DOCUMENTS:
        for pack in packs(kind):
            read(kind, pack_text(kind, pack, bundled_text(kind)))
