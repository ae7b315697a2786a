"""Suggestions while somebody types: titles, names, subjects and codes, each with what tells it apart.

Everything comes from documents this viewer may know of, by the keys of `indexer.suggest_keys`, so that what is hidden
changes neither a list nor a count, and what a commit changed is in the next list. Two kinds of questions to the engine:
`Engine.values` walks the names, ordinary plans sorted by weight find the resources.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any

from indexer.engines.base import Engine
from indexer.plan import And, Hit, Key, Node, Plan, PlanSort, Rights, Term, rights_of
from indexer.suggest_keys import (
    BREAK,
    CODE,
    CODE_EDGE,
    EDGE,
    FIRST,
    INITIALS,
    KEY_LENGTH,
    OUTSET,
    READ_TOGETHER,
    READING,
    WITHIN,
    WORD,
    initials,
    normalised,
)
from mappings.access import Viewer
from mappings.pinyin import compact, cut, syllables
from mappings.reference_codes import beginning
from mappings.text import STOP_WORDS, boundaries, fold, is_han, runs

LIMIT = 4
"""Suggestions of a group."""
MAX_LIMIT = 20
MAX_TEXT = 200
TERMS = 24
"""Names looked at for one answer, those on most records first."""
ENOUGH = 2
"""How many times as many names as are shown are enough, for some are gone when they are counted."""
MORE = 2
"""Resources looked at beyond those shown, for some have one title."""
INITIALS_LENGTH = 8
Json = dict[str, Any]


@dataclass(slots=True)
class _Value:
    """A name or subject that may be suggested: its field (``=person`` for another form of an authority), how many
    records have it, whether it begins as was typed, and by which form of it it was found."""

    field: str
    value: str
    count: int
    begins: bool
    form: str | None = None

    @property
    def is_form(self) -> bool:
        """Is it another form of an authority's name?"""
        return self.field[0] == "="

    @property
    def filtered(self) -> str:
        """The filter that finds the records it is on."""
        return "name" if self.is_form else self.field


class Suggester:
    """Answers ``{"text", "groups": [{"group", "items"}]}``; groups without items are left out. Holds no state.

    An item has ``text``, and ``parts``: the same in pieces, of which each second one is what was typed. One of the
    groups ``titles`` and ``codes`` has the ``id`` of its resource with ``level``, ``dates``, ``holder`` and
    ``reference_code``; one of ``names`` and ``subjects``, and a title that several resources have, has a ``count``, and
    in ``search`` the ``q`` or ``filter`` that finds as many.
    """

    def __init__(self, engine: Engine, today: Callable[[], dt.date] = dt.date.today) -> None:
        self._engine = engine
        self._today = today

    def suggest(self, text: str, viewer: Viewer, limit: int = LIMIT) -> Json:
        """At most `limit` suggestions of each group for what was typed so far. Raises as `Searcher.search` does."""
        typed = _Typed(text[:MAX_TEXT])
        groups: dict[str, list[Json]] = {}
        if typed.words:
            asked = _Asked(self._engine, rights_of(viewer, self._today()), typed, max(1, min(limit, MAX_LIMIT)))
            groups = {"codes": asked.codes(), **asked.named(), "titles": asked.titles()}
        return {
            "text": text,
            "groups": [{"group": name, "items": items} for name, items in groups.items() if items],
        }


class _Typed:
    """What was typed, as the keys have it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        self.words = runs(self.folded)
        self.normalised = normalised(text)
        letters = compact(text)
        self.cut = cut(letters) if letters and len(letters) <= MAX_TEXT // 4 else None
        self.letters = letters if letters and self.cut else None
        """The same as a reading of Han characters, if it can be one."""
        short = letters is not None and 2 <= len(letters) <= INITIALS_LENGTH
        self.initials = letters if short else None

    @property
    def is_letter(self) -> bool:
        """Is this one letter? Then only what begins so is offered: half of all there is has a word that does."""
        return len(self.normalised) == 1 and not is_han(self.normalised)

    def key(self) -> str:
        """The beginning of keys that begin so."""
        return self.normalised[:KEY_LENGTH]

    def code(self) -> str:
        """The beginning of codes that begin so; empty for what does not look like one."""
        text = self.text.strip()
        likely = any(char.isdigit() for char in text) or (text.isupper() and 2 <= len(text) <= EDGE * 2)
        return beginning(text) if likely else ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question: the engine, who asks, what was typed, how many of each group."""

    engine: Engine
    rights: Rights
    typed: _Typed
    limit: int

    def named(self) -> dict[str, list[Json]]:
        """Names and subjects, those that begin so first, then those on most records."""
        found = sorted(self._values(), key=_order)
        names = self._confirmed(one for one in found if one.field != "subject")
        subjects = self._confirmed(one for one in found if one.field == "subject")
        return {
            "names": [shown for one in names if (shown := self._shown_name(one))],
            "subjects": [_shown_value(one, self.typed) for one in subjects],
        }

    def _values(self) -> list[_Value]:
        """Names and subjects that begin so; when these are not enough of either, those in which a word does, too."""
        found = _as_one(self._walked(OUTSET))
        subjects = sum(one.field == "subject" for one in found)
        if self.typed.is_letter or min(subjects, len(found) - subjects) >= ENOUGH * self.limit:
            return found
        return _as_one([*found, *self._walked(WITHIN)])

    def _walked(self, place: str) -> list[_Value]:
        beginnings = dict.fromkeys(filter(None, (self.typed.key(), (self.typed.letters or "")[:KEY_LENGTH])))
        found: dict[tuple[str, str], _Value] = {}
        for begun in beginnings:
            for term, count in self.engine.values(place + begun, self.rights, TERMS):
                _, kind, value, *form = term.split(BREAK)
                if self._goes_on(form[0] if form else value):
                    other = form[0] if form and form[0] != value else None
                    found.setdefault((kind, value), _Value(kind, value, count, place == OUTSET, other))
        return list(found.values())

    def _goes_on(self, value: str) -> bool:
        """Does a value hold what was typed beyond the length of a key?"""
        if len(self.typed.normalised) <= KEY_LENGTH:
            return True
        return self.typed.normalised in normalised(value) or bool(
            self.typed.letters and self.typed.letters in "".join(syllables(fold(value)))
        )

    def _confirmed(self, found: Iterable[_Value]) -> list[_Value]:
        """The first of some names that there are, with how many records their filter finds now. Other forms of
        authorities also stand there when no record names them."""
        confirmed: list[_Value] = []
        left = iter(found)
        while len(confirmed) < self.limit and (some := list(islice(left, self.limit - len(confirmed)))):
            plans = [Plan(self.rights, filters={one.filtered: (one.value,)}) for one in some]
            for one, total in zip(some, self.engine.counts(plans), strict=True):
                one.count = total
            confirmed += [one for one in some if one.count or one.is_form]
        return sorted(confirmed, key=_order)

    def _shown_name(self, one: _Value) -> Json | None:
        return _shown_value(one, self.typed) if one.count else self._authority(one)

    def _authority(self, one: _Value) -> Json | None:
        """An authority that no record names is opened itself, if it is still there."""
        title = Term(one.value, fold(one.value), "phrase", "title")
        hits = self._resources(title, 5)
        hit = next((hit for hit in hits if hit.stored["authority"] and hit.stored["title"] == one.value), None)
        return {**_shown_value(one, self.typed), "count": None, "id": hit.stored["id"], "search": None} if hit else None

    def codes(self) -> list[Json]:
        """Resources whose code begins so."""
        key = self.typed.code()
        if not key:
            return []
        hits = self._resources(Key(CODE + key, prefix=len(key) > CODE_EDGE), self.limit, "reference_code")
        return [
            {**_shown_hit(hit), "text": code, "title": hit.stored["title"], "parts": _parts_of_code(code, self.typed)}
            for hit in hits
            if (code := hit.stored["reference_code"])
        ]

    def titles(self) -> list[Json]:
        """Resources whose title begins so, then those with such a word in it, then those that are read so."""
        found: dict[str, Hit] = {}
        for node, is_reading in self._title_nodes():
            hits = self._resources(node, self.limit + MORE)
            found |= {hit.stored["id"]: hit for hit in hits if not is_reading or self._read(hit)}
            if len({fold(hit.stored["title"]) for hit in found.values()}) >= self.limit:
                break
        by_title: dict[str, list[Hit]] = {}
        for hit in found.values():
            by_title.setdefault(fold(hit.stored["title"]), []).append(hit)
        return [self._shown_title(hits) for hits in list(by_title.values())[: self.limit]]

    def _title_nodes(self) -> Iterator[tuple[Node, bool]]:
        """What to ask for, one after the other, and whether it is a reading of the title."""
        node, words = self._in_title(), self.typed.words
        first = Key(FIRST + words[0][:EDGE])
        yield (And((first, node)) if node != Key(WORD + words[0]) else first), False
        if self.typed.is_letter:
            return
        yield node, False
        if self.typed.cut and self.typed.letters:
            read, whole = self.typed.cut, len(self.typed.cut) > READ_TOGETHER
            if len(self.typed.letters) > EDGE:
                yield Key(READING + "".join(read[:READ_TOGETHER]), prefix=not whole), True
        if self.typed.initials:
            yield Key(INITIALS + self.typed.initials, prefix=True), True

    def _in_title(self) -> Node:
        """All that was typed, somewhere in a title; the last word is perhaps unfinished."""
        *before, last = self.typed.words
        wanted = [word for word in before if word not in STOP_WORDS]
        nodes: list[Node] = [Term(word, word, "phrase", "title") for word in wanted]
        if is_han(last):
            nodes.append(Term(last, last, "phrase", "title"))
        else:
            nodes.append(Key(WORD + last) if len(last) <= EDGE else Term(last, last, "prefix", "title"))
        return And(tuple(nodes)) if len(nodes) > 1 else nodes[0]

    def _read(self, hit: Hit) -> bool:
        """Is there something in this title to be marked? A key of readings is cut, the title is not."""
        return len(_parts(hit.stored["title"], self.typed)) > 1

    def _shown_title(self, hits: Sequence[Hit]) -> Json:
        title = hits[0].stored["title"]
        shown = {**_shown_hit(hits[0]), "text": title, "parts": _parts(title, self.typed)}
        if len(hits) == 1:
            return shown
        node = Term(title, fold(title), "phrase", "title")
        count = self.engine.counts([Plan(self.rights, node)])[0]
        quoted = title.replace('"', " ")
        return {
            "text": title,
            "parts": shown["parts"],
            "id": None,
            "count": count,
            "search": {"q": f'title:"{quoted}"'},
        }

    def _resources(self, node: Node, size: int, sort: PlanSort = "weight") -> list[Hit]:
        return self.engine.search(Plan(self.rights, node, sort=sort, size=size, pages_per_hit=0)).hits


def _order(one: _Value) -> tuple[bool, int, str]:
    return not one.begins, -one.count, one.value


_folded = lru_cache(maxsize=16_384)(fold)
"""Names come again while somebody types on."""


def _as_one(found: Iterable[_Value]) -> list[_Value]:
    """Forms of one name (`indexer.fields.WRITTEN_FACETS`) as the commonest, with the sum of their counts: that is what
    its filter finds. An authority's other forms give way to a heading that is in use.
    """
    known: dict[tuple[str, str], _Value] = {}
    for one in sorted(found, key=lambda one: (one.is_form, not one.begins, -one.count, one.value)):
        first = known.setdefault((one.field.lstrip("="), _folded(one.value)), one)
        if first.value != one.value and not one.is_form:
            first.count, first.begins = first.count + one.count, first.begins or one.begins
    return list(known.values())


def _shown_value(one: _Value, typed: _Typed) -> Json:
    kind = one.field.lstrip("=")
    return {
        "text": one.value,
        "parts": _parts(one.value, typed),
        "kind": kind,
        "form": one.form,
        "count": one.count,
        "id": None,
        "search": {"filter": f"{one.filtered}:{one.value}"},
    }


def _shown_hit(hit: Hit) -> Json:
    stored = hit.stored
    return {
        "id": stored["id"],
        "kind": stored["authority"]["type"] if stored["authority"] else None,
        "level": stored["level"],
        "dates": stored["dates"]["text"] if stored["dates"] else None,
        "holder": stored["holder"],
        "reference_code": stored["reference_code"],
        "count": None,
        "search": None,
    }


def _parts(text: str, typed: _Typed) -> list[str]:
    """A text in pieces, of which each second one is what was typed; one piece when nothing of it is seen there."""
    span = _whole(text, typed) or _by_words(text, typed) or _as_read(text, typed)
    if span is None:
        return [text]
    spans = span if isinstance(span, list) else [span]
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], text[start:end]]
        at = end
    return [*pieces, text[at:]]


Span = tuple[int, int]


def _whole(text: str, typed: _Typed) -> Span | None:
    """Where all that was typed stands, from the beginning of a word on."""
    folded, wanted = fold(text), typed.folded.strip()
    at = folded.find(wanted) if wanted else -1
    while at >= 0:
        if boundaries(folded, at, len(folded)):
            return at, at + len(wanted)
        at = folded.find(wanted, at + 1)
    return None


def _by_words(text: str, typed: _Typed) -> list[Span]:
    """Where each word that was typed begins one, when all do."""
    found: list[Span] = []
    for word in typed.words:
        one = _Typed(word) if len(typed.words) > 1 else typed
        if word in STOP_WORDS and len(typed.words) > 1:
            continue
        span = _whole(text, one) if one is not typed else None
        if span is None:
            return []
        found.append(span)
    found.sort()
    return found if all(one[1] <= other[0] for one, other in pairwise(found)) else []


def _as_read(text: str, typed: _Typed) -> Span | None:
    """Which Han characters are read as what was typed, or begin with these letters."""
    folded = fold(text)
    read = syllables(folded)
    for start in range(len(read)):
        if not read[start]:
            continue
        if typed.letters and (end := _reading_ends(read, start, typed.letters)):
            return start, end
    if typed.initials:
        letters = [syllable[:1] or " " for syllable in read]
        at = "".join(letters).find(typed.initials)
        if at >= 0 and initials(read[at : at + len(typed.initials)]) == typed.initials:
            return at, at + len(typed.initials)
    return None


def _reading_ends(read: Sequence[str], start: int, letters: str) -> int | None:
    """Where the characters end that are read from `start` on as these letters, the last perhaps only begun."""
    left = letters
    for at in range(start, len(read)):
        if not read[at]:
            return None
        if read[at].startswith(left):
            return at + 1
        if not left.startswith(read[at]):
            return None
        left = left[len(read[at]) :]
    return None


def _parts_of_code(code: str, typed: _Typed) -> list[str]:
    """As much of a code as was typed, however it is written."""
    wanted = beginning(typed.text)
    end = next((at for at in range(1, len(code) + 1) if beginning(code[:at]) == wanted), 0)
    return ["", code[:end], code[end:]] if end else [code]
