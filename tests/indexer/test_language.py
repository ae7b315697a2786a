"""What was typed, and the tree it is read as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.language import parse, relax
from indexer.plan import And, Either, Every, Most, Node, Not, Or, Span, Term, terms


def shape(node: Node) -> object:
    """A tree as nested tuples of words, short enough to write down."""
    match node:
        case Every():
            return "*"
        case Term():
            mark = {"word": "", "phrase": "''", "exact": "=", "prefix": "*"}[node.kind]
            return f"{node.field + ':' if node.field else ''}{mark}{node.folded}"
        case And(parts):
            return ("and", *map(shape, parts))
        case Either(parts):
            return ("either", *map(shape, parts))
        case Or(parts):
            return ("or", *map(shape, parts))
        case Not(part):
            return ("not", shape(part))
        case Most(parts, at_least):
            return (at_least, *map(shape, parts))
        case Either(parts):
            return ("either", *map(shape, parts))
        case Span(first, last):
            return (first, last)
    raise AssertionError(node)


CASES = {
    "nothing": ("", "*"),
    "star": ("*", "*"),
    "a word": ("Railways", "railways"),
    "two words": ("farm bureau", ("and", "farm", "bureau")),
    "a star among words says nothing": ("farm *", "farm"),
    "phrase": ('"farm bureau"', "''farm bureau"),
    "curly quotes": ("“farm bureau”", "''farm bureau"),
    "exact": ('="鐵路"', "=铁路"),
    "phrase without its end": ('"farm bureau', ("and", "farm", "bureau")),
    "field": ("title:farm", "title:farm"),
    "field and phrase": ('subject:"land reform"', "subject:''land reform"),
    "unknown field is words": ("ratio 10:30", ("and", "ratio", "''10:30")),
    "excluded": ("farm -coal", ("and", "farm", ("not", "coal"))),
    "a hyphen inside is no minus": ("land-owner", ("either", ("and", "land", "owner"), "landowner")),
    "a compound among words": (
        "long-distance calls",
        ("and", ("either", ("and", "long", "distance"), "longdistance"), "calls"),
    ),
    "initials": ("U.S. army", ("and", ("either", "''u.s.", "us"), "army")),
    "an elided article": ("l'école", ("either", "l'ecole", "ecole", "lecole")),
    "a letter and its accent": ("cafe\u0301", "cafe"),
    "NOT": ("farm NOT coal", ("and", "farm", ("not", "coal"))),
    "excluded phrase": ('farm -"coal mine"', ("and", "farm", ("not", "''coal mine"))),
    "only excluded": ("-war", ("and", "*", ("not", "war"))),
    "AND is between words anyway": ("a1 AND b2", ("and", "a1", "b2")),
    "AND before OR": ("farm bureau OR coal mine", ("or", ("and", "farm", "bureau"), ("and", "coal", "mine"))),
    "operators without words": ("AND OR", ("or",)),
    "lower case or is a word": ("farm or coal", ("and", "farm", "coal")),
    "prefix": ("railw*", "*railw"),
    "Han": ("鐵路", "铁路"),
    "Han words": ("石碇鄉土地", ("and", "石碇乡", "土地")),
    "Han function words are not asked for": ("上海的鐵路", ("and", "上海", "铁路")),
    "Han with latin": ("石碇 land", ("and", "石碇", "land")),
    "code": ("Z013-1-001-005", "''z013-1-001-005"),
    "year in Chinese": ("1984年", "''1984年"),
    "a sentence holding a number is several words": ("1984年上海的婚姻登记", ("and", "1984", "上海", "婚姻登记")),
    "stop words": ("history of the farm", ("and", "history", "farm")),
    "nothing but stop words": ("the of", ("and", "the", "of")),
    "possessive": ("women's", "women's"),
    "field in Chinese": ("題名:土地", "title:土地"),
    "field in the other script, with a wide colon": ("标题：土地", "title:土地"),
    "field of another name": ("author:smith", "creator:smith"),
    "punctuation only": ("--- ... !", ("or",)),
}


@pytest.mark.parametrize("name", CASES)
def test_is_read_as(name: str) -> None:
    typed, tree = CASES[name]
    assert shape(parse(typed).node) == tree


def test_words_are_shown_as_typed() -> None:
    assert parse("石碇鄉 Railways 石碇鄉").words == ("石碇鄉", "Railways")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("farm bureau records", False),
        ("what became of the farm bureau in the nineteen thirties in the eastern counties", True),
        ("上海铁路在哪里？", True),
    ],
)
def test_sentences(typed: str, sentence: bool) -> None:
    assert parse(typed).sentence is sentence


def test_relaxing_keeps_what_is_excluded() -> None:
    node = relax(parse("farm bureau women -coal").node, 0.4)
    assert node is not None
    assert shape(node) == ("and", (1, "farm", "bureau", "women"), ("not", "coal"))
    assert relax(parse("farm").node, 0.4) is None


def test_long_queries_are_cut_and_say_so() -> None:
    parsed = parse(" ".join(f"word{n}" for n in range(500)))
    assert len(list(terms(parsed.node))) == 64
    assert parsed.notes == ("too-long",)


@pytest.mark.parametrize(
    ("typed", "notes"),
    [
        ("farm bureau", ()),
        ('"farm bureau', ("unfinished-quotation",)),
        ("farm AND", ("lone-operator",)),
        ("OR farm", ("lone-operator",)),
        ("farm AND OR coal", ("lone-operator",)),
        ("farm AND NOT coal", ()),
        ("NOT coal", ()),
        ("foo:bar", ("unknown-field",)),
        ("title: farm", ("empty-field",)),
        ("foo: farm", ()),
        ("10:30 ark:/12345/x9 http://example.org", ()),
        ("題名:土地 title:farm", ()),
    ],
)
def test_slips_are_told(typed: str, notes: tuple[str, ...]) -> None:
    assert parse(typed).notes == notes


@given(st.text(alphabet=st.sampled_from('ab土地鐵 "“”=:*-ANDORNOT\n\t1é'), max_size=60))
def test_never_fails(typed: str) -> None:
    parse(typed)


@given(st.text(max_size=80))
def test_never_fails_whatever_the_script(typed: str) -> None:
    parse(typed)
