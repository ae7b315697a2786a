"""Triage suggests, with reasons, what a request is; measured on requests written after the rules were last changed.

``python -m pytest tests/service_desk/test_desk_triage.py -k measured -s`` tells the figures.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml
from desk_parts import CLERK, ONCE, READER
from hypothesis import given
from hypothesis import strategies as st

from mappings.access import ANONYMOUS
from service_desk import rules
from service_desk.errors import NotAllowed, Unavailable
from service_desk.knowledge import Knowledge, Place
from service_desk.ports import FrozenHit
from service_desk.rules import RulesMistaken, bundled_text
from service_desk.triage import Said, Triage, TriageRules, suggest

BUNDLED = rules.read(TriageRules, bundled_text(TriageRules))
JUDGED = yaml.safe_load((Path(__file__).parent / "triage_requests.yml").read_text("utf-8"))
SMALL = """
least: 2
otherwise: question
types:
  - name: question
    title: {en: Question, zh-Hans: 咨询, zh-Hant: 諮詢}
    words: {3: [how do I]}
  - name: copy
    title: {en: Copy, zh-Hans: 复制, zh-Hant: 複製}
    words: {3: [复印, copy, 发到…邮箱], 5: [彩色复印]}
    against: {4: [不要复印]}
  - name: query
    title: {en: Query, zh-Hans: 查档, zh-Hant: 查檔}
    words: {3: [证明]}
matters:
  - name: land
    title: {en: land, zh-Hans: 土地, zh-Hant: 土地}
    theme: land
    type: query
    department: holdings
    words: {2: [土地, plot]}
"""


def small(**changes):
    text = SMALL
    for old, new in changes.values():
        text = text.replace(old, new)
    return rules.read(TriageRules, text)


def first(found):
    return found[0].name if found else ""


def shares(half):
    """Of the requests of a half: how many have the right type first, among the first two, the right matter; and of the
    suggestions that are sure, how many are right."""
    told = Counter()
    for kind, matter, text in JUDGED[half]:
        found = suggest(BUNDLED, text)
        told["type"] += first(found.types) == kind
        told["among two"] += kind in [one.name for one in found.types[:2]]
        told["matter"] += first(found.matters) == matter
        if found.types[0].sure:
            told["sure"] += 1
            told["sure and right"] += found.types[0].name == kind
    return told, len(JUDGED[half])


def test_it_is_measured():
    told, total = shares("held_out")
    print({name: f"{count} of {total}" for name, count in told.items()})
    assert total >= 45
    assert told["type"] / total >= 0.6
    assert told["matter"] / total >= 0.75
    assert told["sure and right"] / told["sure"] >= 0.85
    tuned, total = shares("tuned")
    assert tuned["type"] / total >= 0.95


def test_a_word_counts_once_in_any_script_and_a_longer_one_in_place_of_what_is_in_it():
    told = small()
    found = suggest(told, "請彩色複印，再彩色複印一份").types
    assert [(one.name, one.score) for one in found] == [("copy", 5)]
    assert [one.score for one in suggest(told, "two COPIES please").types] == [3]
    assert suggest(told, "photocopier").types[0].score == 0


def test_what_speaks_against_takes_away():
    assert first(suggest(small(), "不要复印").types) == "question"


def test_a_gap_is_short():
    told = small()
    assert first(suggest(told, "请发到我的邮箱").types) == "copy"
    assert first(suggest(told, "发到" + "很远" * 20 + "邮箱").types) == "question"


def test_reasons_are_sentences_in_the_language_of_the_clerk():
    found = suggest(small(), "土地证明")
    (kind,) = found.types
    assert (kind.name, kind.score, kind.sure) == ("query", 5, True)
    assert [one.sentence("en") for one in kind.reasons] == ["says “证明”", "“土地” is the matter “land”"]
    assert [one.sentence("zh-Hant") for one in kind.reasons] == ["寫有「证明」", "「土地」屬於「土地」事項"]
    nothing = suggest(small(), "嗯")
    assert [one.sentence("zh-Hans") for one in nothing.types[0].reasons] == ["没有出现规则中的词"]
    assert not nothing.types[0].sure
    assert suggest(small(), " ").types == ()


def test_the_record_and_the_index_speak_for_a_theme():
    told = small()
    on_hit = suggest(told, "請查", FrozenHit("r", "清冊", themes=("land",)))
    assert (first(on_hit.matters), on_hit.themes) == ("land", ("land",))
    assert on_hit.matters[0].reasons[0].sentence("en") == "the record “清冊” belongs to “land”"
    many, few = Place("theme", "land", 9, 10), Place("theme", "land", 2, 10)
    assert first(suggest(told, "石碇", places=[many]).matters) == "land"
    assert suggest(told, "石碇", places=[few]).matters == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name: copy", "name: query"), "twice"),
        (("type: query", "type: loan"), "no type here"),
        (("otherwise: question", "otherwise: x"), "no type here"),
        (("土地, plot", "土地, …"), "no letter"),
        (("{2:", "{11:"), "less than or equal to 10"),
    ],
)
def test_mistakes_are_told(change, said):
    with pytest.raises(RulesMistaken, match=said):
        small(change=change)


@ONCE
def test_what_the_rules_name_has_to_be_there(desk):
    desk.rules.check(TriageRules, bundled_text(TriageRules))
    with pytest.raises(RulesMistaken, match="no department"):
        desk.rules.check(TriageRules, SMALL.replace("holdings", "nowhere"))
    with pytest.raises(RulesMistaken, match="'loan'"):
        desk.rules.check(TriageRules, SMALL.replace("name: copy", "name: loan"))


def test_at_the_desk_rules_change_at_once_and_the_index_may_be_away(desk, open_desk):
    text = "我想複印土地清冊"
    assert first(desk.triage.of(text, CLERK, READER).types) == "copy"
    open_desk().rules.bring_into_force(TriageRules, SMALL.replace("[复印, copy", "[抄写"), "test")
    found = desk.triage.of(text, CLERK, READER)
    assert (first(found.types), first(found.matters)) == ("query", "land")
    assert [(one.name, one.title.en) for one in found.departments] == [("holdings", "Stacks and preservation")]
    with pytest.raises(NotAllowed):
        desk.triage.of(text, READER, READER)

    class Away:
        def places(self, text, reader):
            raise Unavailable("away")

    away = Triage(desk.rules, Knowledge(finder=Away()))
    assert away.of(text, CLERK, ANONYMOUS) == found


@given(st.text(max_size=300), st.text(max_size=300))
def test_more_words_never_take_a_word_back(one, other):
    """What is said is said, whatever stands around it."""
    both = Said.of(f"{one}\n{other}")
    for sign in (*BUNDLED.types[:2], *BUNDLED.matters[:2]):
        for word in (word for some in sign.words.values() for word in some):
            if "…" not in word and (Said.of(one).has(word) or Said.of(other).has(word)):
                assert both.has(word)
