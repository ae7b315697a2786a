"""What a record's access is on a day: what it states itself, what a policy says, what a review decided.

Pure: the same record, policy, review and day give the same answer. No answer promises a day on which the next one would
not be open; `tests/mappings/test_opening.py` holds it to that. The order of what counts: a review of the record or of
the nearest unit above it, then what the record states, then the policy, then the default of the source. A policy
loosens no more than its rule says, and nothing ever loosens `internal`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct, structs

from mappings.access import STRICTNESS, Access, Level, effective
from mappings.decisions import Key
from mappings.opening_policy import OpeningPolicy, Rule, Texts, phrases
from mappings.opening_terms import beginning, last_day, of_person, opening_day
from mappings.record import Ancestor, Dates
from mappings.text import fold

State = Literal["not_reviewed", "under_review", "open", "extended", "closed", "partly"]
STATES: Final[tuple[State, ...]] = ("not_reviewed", "under_review", "open", "extended", "closed", "partly")


class Review(Struct, frozen=True, omit_defaults=True):
    """What staff decided about a record or a unit with all below it, on `day`. `until` is the day an extension or
    closure ends, of ``open`` the day from which; `number` tells which came later.
    """

    key: Key
    state: State
    day: dt.date
    until: dt.date | None = None
    article: str | None = None
    number: int = 0


class Named(Struct, frozen=True, omit_defaults=True):
    """What rules read of a heading."""

    name: str
    type: str = "name"


class _Words(Struct, frozen=True, omit_defaults=True):
    """What rules read of a description."""

    security_class: str = ""
    retention_period: str = ""


class _Name(Struct, frozen=True, omit_defaults=True):
    """That a record describes a name instead of material."""

    type: str = ""


class Facts(Struct, frozen=True, omit_defaults=True):
    """What rules read of a record (`mappings.record.Record`), decoded from its JSON without the rest."""

    source_id: str
    title: str = ""
    kind: str = "physical"
    level: str | None = None
    reference_code: str | None = None
    fonds: str | None = None
    holder: str | None = None
    dates: Dates | None = None
    names: tuple[Named, ...] = ()
    formats: tuple[str, ...] = ()
    description: _Words = _Words()
    values: dict[str, str] = {}
    ancestors: tuple[Ancestor, ...] = ()
    access: Access | None = None
    authority: _Name | None = None


facts_of: Callable[[str | bytes], Facts] = msgspec.json.Decoder(Facts).decode
"""The facts of a record's JSON. Raises msgspec.ValidationError."""
ClassOf = Callable[[Facts, Mapping[str, Sequence[str]]], str | None]
"""The class of a record about private persons, with further words by class."""


class Decided(Struct, frozen=True, omit_defaults=True):
    """The access of a record on a day, the rule that chose it, and the day on which to look again."""

    access: Access
    rule: str = ""
    again: dt.date | None = None


class Opening:
    """A policy made ready to be asked about many records. Without one, records keep what they state."""

    def __init__(self, policy: OpeningPolicy, class_of: ClassOf) -> None:
        self._classes = policy.classes
        self._class_of = class_of
        self._rules = [(rule, list(_tests(rule))) for rule in policy.rules]

    def rule(self, facts: Facts, source: str) -> Rule | None:
        """The first rule that chooses a record. Authorities are names and not material: none chooses them."""
        if facts.authority is not None or not self._rules:
            return None
        asked = _Asked(facts, source, self)
        return next((rule for rule, tests in self._rules if all(test(asked) for test in tests)), None)

    def class_of(self, facts: Facts) -> str | None:
        """The class of a record about private persons."""
        return self._class_of(facts, self._classes)


class _Asked:
    """A record while rules look at it: what takes time is worked out once."""

    def __init__(self, facts: Facts, source: str, opening: Opening) -> None:
        self.facts, self.source, self._opening = facts, source, opening

    @cached_property
    def about(self) -> str | None:
        return self._opening.class_of(self.facts)

    @cached_property
    def title(self) -> str:
        return fold(self.facts.title)


def fonds_of(facts: Facts) -> Iterator[str]:
    """What the topmost unit of a record goes by: its reference code, else its title."""
    if facts.fonds:
        yield facts.fonds
    above = facts.ancestors[0] if facts.ancestors else None
    code, title = (above.reference_code, above.title) if above else (facts.reference_code, facts.title)
    yield code or title


_Test = Callable[[_Asked], bool]


def _tests(rule: Rule) -> Iterator[_Test]:
    """What a record must pass to be chosen, what is quick first."""
    chosen = rule.select
    plain: dict[str, Sequence[str]] = {name: getattr(chosen, name) for name in ("kind", "level", "holder")}
    if chosen.source:
        yield lambda asked: asked.source in chosen.source
    for name, values in plain.items():
        if values:
            yield _is_one_of(name, values)
    if chosen.code:
        yield lambda asked: (asked.facts.reference_code or "").startswith(chosen.code)
    if chosen.fonds:
        yield lambda asked: any(name in chosen.fonds for name in fonds_of(asked.facts))
    if chosen.form:
        yield _has_form({fold(form) for form in chosen.form})
    yield from _worded(rule)
    if chosen.about:
        yield lambda asked: asked.about in chosen.about


def _worded(rule: Rule) -> Iterator[_Test]:
    chosen = rule.select
    titles = tuple(map(fold, chosen.title))
    security, retention = tuple(map(fold, chosen.security)), tuple(map(fold, chosen.retention))
    if security:
        yield lambda asked: fold(asked.facts.description.security_class).startswith(security)
    if retention:
        yield lambda asked: fold(asked.facts.description.retention_period).startswith(retention)
    if titles:
        yield lambda asked: any(word in asked.title for word in titles)


def _is_one_of(name: str, values: Sequence[str]) -> _Test:
    return lambda asked: getattr(asked.facts, name) in values


def _has_form(forms: set[str]) -> _Test:
    def test(asked: _Asked) -> bool:
        facts = asked.facts
        said = (*facts.formats, *(name.name for name in facts.names if name.type == "genre"))
        return any(fold(form) in forms for form in said)

    return test


# What holds on a day


class _Said(Struct, frozen=True):
    """One voice on a day: the value, why, and the day on which it ends."""

    access: Access
    until: dt.date | None = None


def decide(
    facts: Facts, source: str, default: Level | None, opening: Opening, reviews: Iterable[Review], today: dt.date
) -> Decided:
    """The access of a record of a source with this default on that day. `reviews` are those of the record and of the
    units above it, the nearest first.
    """
    base = effective(facts.access, default)
    if base.value == "internal":
        return Decided(base)
    rule = opening.rule(facts, source)
    review = next(iter(reviews), None)
    record = _Record(base, None if rule is None or rule.leave else rule, _term(rule, facts), review)
    return record.decided(today)


def _term(rule: Rule | None, facts: Facts) -> dt.date | None:
    """The day a rule's years are over; None when that is not known."""
    if rule is None or rule.closed_for is None:
        return None
    days = {
        "end": lambda: last_day(facts.dates),
        "beginning": lambda: beginning(facts.dates),
        "birth": lambda: of_person(facts.values, "birth"),
        "death": lambda: of_person(facts.values, "death"),
    }
    found = (days[name]() for name in rule.counted_from)
    day = next((one for one in found if one is not None), None)
    return None if day is None else opening_day(day, rule.closed_for, rule.counting == "calendar_years")


class _Record:
    """One record with all that is said of it."""

    def __init__(self, base: Access, rule: Rule | None, term: dt.date | None, review: Review | None) -> None:
        self._base, self._rule, self._term, self._review = base, rule, term, review
        self._is_stated = base.stated_by in ("record", "ancestor")

    def decided(self, today: dt.date) -> Decided:
        """What holds today, with the day it opens, if the next thing that happens to it is that it opens."""
        now = self._on(today)
        named = "" if self._rule is None else self._rule.name
        later = [(day, self._on(day)) for day in self._days(today)]
        again = next((day for day, then in later if then != now), None)
        change = next(((day, then) for day, then in later if then.value != now.value), None)
        opens = now.value == "closed" and change is not None and change[1].value == "open"
        return Decided(structs.replace(now, opens_on=change[0] if opens and change else None), named, again)

    def _days(self, today: dt.date) -> list[dt.date]:
        """Days to come on which something may change."""
        ends = (self._base.opens_on, self._term, self._review.until if self._review else None)
        return sorted({day for day in ends if day is not None and day > today})

    def _on(self, day: dt.date) -> Access:
        """The access on a day, without a day of opening."""
        review = self._review
        if review is None or review.state == "not_reviewed":
            return self._unreviewed(day)
        if review.state == "open":
            return self._opened(day, review)
        if review.state == "under_review":
            return self._frozen(day, review)
        if review.until is not None and day >= review.until:
            return self._unreviewed(day)
        return self._reviewed("closed", _WORDS[review.state], review)

    def _unreviewed(self, day: dt.date) -> Access:
        """What record, policy and source say."""
        own = self._own(day)
        if self._rule is None:
            return own
        ruled = self._ruled(day, approved=False)
        keeps = self._rule.loosens == "nothing" or (self._rule.loosens == "default" and self._is_stated)
        ends = None if self._term is None or self._term <= day else self._term
        return _stricter(own, ruled, self._base.opens_on, ends) if keeps else ruled

    def _own(self, day: dt.date) -> Access:
        """What is stated, open once its closure is over."""
        base = self._base
        over = base.value == "closed" and base.opens_on is not None and base.opens_on <= day
        return structs.replace(base, value="open" if over else base.value, opens_on=None)

    def _ruled(self, day: dt.date, approved: bool) -> Access:
        """What the rule says."""
        rule = self._rule
        if rule is None:
            raise ValueError("asked for what no rule says")
        if self._term is None or day < self._term:
            phrase = "undated" if rule.closed_for is not None and self._term is None else None
            return self._by(rule, rule.before, phrase)
        if rule.review and not approved:
            return self._by(rule, rule.before, "not_reviewed")
        return self._by(rule, rule.after, None)

    def _by(self, rule: Rule, value: Level, phrase: str | None) -> Access:
        reason, *more = _told(*filter(None, (rule.reason, phrases_of(phrase) if phrase else None)))
        said = {"reason": reason, "reasons": tuple(more), "article": rule.article}
        return structs.replace(self._base, value=value, opens_on=None, stated_by="policy", **said)

    def _frozen(self, day: dt.date, review: Review) -> Access:
        """Nothing opens by itself while it is under review; what was open then stays so."""
        then = self._unreviewed(min(day, review.day))
        return then if then.value == "open" else self._reviewed(then.value, "under_review", review)

    def _opened(self, day: dt.date, review: Review) -> Access:
        """Staff said yes: on the day they named, else when its time is over; at once where no time runs."""
        after = self._rule.after if self._rule else "open"
        if review.until is not None and day >= review.until:
            return self._reviewed(after, "reviewed_open", review)
        if review.until is not None:  # a day to come takes nothing away but what would be open before it
            before = self._unreviewed(day).value
            return self._reviewed("closed" if before == "open" else before, "opens_later", review)
        if self._rule is not None and self._term is not None and day < self._term:
            return self._ruled(day, approved=True)
        own = self._own(day)
        if self._rule is None and own.value == "closed" and self._base.opens_on is not None:
            return own
        return self._reviewed(after, "reviewed_open", review)

    def _reviewed(self, value: Level, phrase: str, review: Review) -> Access:
        reason, *more = (_dated(text, review.until) for text in _told(phrases_of(phrase)))
        article = review.article or (self._rule.article if self._rule else None)
        said = {"reason": reason, "reasons": tuple(more), "article": article}
        return structs.replace(self._base, value=value, opens_on=None, stated_by="review", **said)


_WORDS: Final = {"extended": "extended", "closed": "reviewed_closed", "partly": "partly"}


def _stricter(own: Access, ruled: Access, own_end: dt.date | None, ruled_end: dt.date | None) -> Access:
    """The stricter of what is stated and what a rule says; of two closures the one that lasts longer."""
    if own.value == ruled.value == "closed":
        return max((own, own_end), (ruled, ruled_end), key=lambda one: one[1] or dt.date.max)[0]
    return max(own, ruled, key=lambda access: STRICTNESS[access.value])


def _dated(text: Any, until: dt.date | None) -> Any:
    """A text, or a text with the tag of its language, with the day of a review."""
    if isinstance(text, str):
        return text.replace("{until}", str(until))
    return text[0], text[1].replace("{until}", str(until))


@cache
def phrases_of(name: str) -> Texts:
    """What is said beside a rule's reason, by its name."""
    return _phrases()[name]


@cache
def _phrases() -> Mapping[str, Texts]:
    return phrases()


@cache
def _told(*texts: Texts) -> tuple[Any, ...]:
    """Some texts one after the other: in English, then (language, text) for each other language."""
    said = [text.by_language() for text in texts]
    joined = {tag: ("" if tag.startswith("zh") else " ").join(each[tag] for each in said) for tag in said[0]}
    return (joined.pop("en"), *joined.items())
