"""What a request is about, suggested from the reader's own words: its type, its matter, the department that has to do
with it. Rules are data (`policies/triage.yml`); a clerk sees each suggestion with its reason, and decides.

Nothing is learned and nobody is asked but, through a port, the index: where the holdings have what the words find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Final, Literal

import structlog
from msgspec import Struct
from pydantic import AfterValidator, Field, model_validator

from mappings.access import Viewer
from mappings.sentences import Sentence, sentence
from mappings.text import fold, is_han, runs, stem
from service_desk import policy
from service_desk.errors import Unavailable
from service_desk.knowledge import Knowledge, Place
from service_desk.ports import FrozenHit
from service_desk.request_types import Types
from service_desk.routes import Departments
from service_desk.rules import Document, Rules
from service_desk.told import Title, Told

log = structlog.get_logger(__name__)
LONGEST: Final = 4_000
"""Characters of a request that are looked at."""
GAP: Final = "…"
_NEAR_HAN, _NEAR_WORDS = 12, 6
"""How far the second part of a word with a gap may stand from the first: characters, words."""
SURE: Final = 1.5
"""A suggestion is sure when it has so many times what the next one has."""
_BESIDE: Final = 2
"""What a matter is worth for its type, and the index for a matter."""
_PLACE_SHARE: Final = 0.5
"""A theme or a holder counts as found when so much of what the words find lies there."""


def _has_letters(word: str) -> str:
    if not any(char.isalnum() for char in word):
        raise ValueError(sentence("has no letter"))
    return word


Name = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]
Word = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_has_letters)]
Weight = Annotated[int, Field(ge=1, le=10)]
Words = dict[Weight, tuple[Word, ...]]


class Sign(Told):
    """Something a request may be, and the words that speak for it and against it, by their weight. `covers` are types
    that the same words speak for: a request that is one of them is what is suggested.
    """

    name: Name
    title: Title
    covers: tuple[Name, ...] = ()
    words: Words
    against: Words = Field(default_factory=dict)


class Matter(Sign):
    """What a request is about: the theme of the thematic corner and the department that have to do with it, and the
    type that requests on it mostly are.
    """

    theme: Annotated[str, Field(max_length=100)] | None = None
    department: Name | None = None
    type: Name | None = None


class TriageRules(Document):
    """The words by which requests are told apart."""

    name: ClassVar[str] = "triage"
    called: ClassVar[Title | None] = Title.of("Triage by words", "分诊词表", "分流詞表")

    least: Annotated[int, Field(ge=1, le=100)]
    otherwise: Name | None = None
    types: Annotated[tuple[Sign, ...], Field(max_length=50)]
    matters: Annotated[tuple[Matter, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> TriageRules:
        for what in (self.types, self.matters):
            names = [one.name for one in what]
            if twice := [name for name in names if names.count(name) > 1]:
                raise ValueError(sentence("{name!r} stands there twice", name=twice[0]))
        types = {one.name for one in self.types}
        if self.otherwise is not None and self.otherwise not in types:
            raise ValueError(sentence("`otherwise` is {name!r}, which is no type here", name=self.otherwise))
        if lost := [one for one in self.matters if one.type and one.type not in types]:
            said = "the matter {name!r} speaks for {type!r}, which is no type here"
            raise ValueError(sentence(said, name=lost[0].name, type=lost[0].type))
        return self

    def unmet(self, other: Callable[[type[Any]], Any]) -> Iterator[Sentence]:
        """Types and departments that there are not."""
        types, departments = other(Types).types, other(Departments).departments
        for name in (one.name for one in self.types if one.name not in types):
            yield sentence("there is no type of requests {name!r}", name=name)
        for one in self.matters:
            if one.department is not None and one.department not in departments:
                said = "the matter {name!r} goes to {department!r}, which is no department"
                yield sentence(said, name=one.name, department=one.department)


More = Callable[[Sign], "list[Reason]"]
Because = Literal["words", "matter", "found", "record", "type", "nothing"]


class Reason(Struct, frozen=True):
    """Why: `words` of the reader speak for it; they are the `matter` of that `title`; what they find lies there,
    `count` of `total` records; or the record that was chosen, called `words`, does; or the type of that `title` goes
    there; or nothing says anything.
    """

    because: Because
    words: tuple[str, ...]
    title: Title | None = None
    count: int = 0
    total: int = 0

    def sentence(self, language: str) -> str:
        """The reason as a clerk reads it."""
        told = _SENTENCES.get(language, _SENTENCES["en"])
        quoted = told["between"].join(told["quoted"].format(word) for word in self.words)
        title = self.title.in_language(language) if self.title else ""
        return told[self.because].format(words=quoted, title=title, count=self.count, total=self.total)


_SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "quoted": "“{}”",
        "between": ", ",
        "words": "says {words}",
        "matter": "{words} is the matter “{title}”",
        "found": "{count} of {total} records with these words lie in {words}",
        "record": "the record {words} belongs to “{title}”",
        "type": "“{title}” goes this way by the rules",
        "nothing": "no word of the rules stands in it",
    },
    "zh-Hans": {
        "quoted": "“{}”",
        "between": "、",
        "words": "写有{words}",
        "matter": "{words}属于“{title}”事项",
        "found": "这些词查到的 {total} 条记录中有 {count} 条属于{words}",
        "record": "所选档案{words}属于“{title}”",
        "type": "“{title}”按规则走这条路径",
        "nothing": "没有出现规则中的词",
    },
    "zh-Hant": {
        "quoted": "「{}」",
        "between": "、",
        "words": "寫有{words}",
        "matter": "{words}屬於「{title}」事項",
        "found": "這些詞查到的 {total} 筆記錄中有 {count} 筆屬於{words}",
        "record": "所選檔案{words}屬於「{title}」",
        "type": "「{title}」依規則走這條路徑",
        "nothing": "沒有出現規則中的詞",
    },
}


class Suggested(Struct, frozen=True):
    """A suggestion: `name` as the rules have it, its `score`, whether it is far ahead of the next, and why; `covers`
    are names that are as good.
    """

    name: str
    title: Title
    score: int
    sure: bool
    reasons: tuple[Reason, ...]
    covers: tuple[str, ...] = ()


class Suggestions(Struct, frozen=True):
    """What a request may be, the likeliest first; nothing where the words do not say. `places` is where the holdings
    have what the words find, as this reader finds it; empty while they do not answer.
    """

    types: tuple[Suggested, ...] = ()
    matters: tuple[Suggested, ...] = ()
    departments: tuple[Suggested, ...] = ()
    themes: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


class Triage:
    """Suggestions of one desk, for staff."""

    def __init__(self, rules: Rules, knowledge: Knowledge) -> None:
        self._rules, self._knowledge = rules, knowledge

    def of(self, text: str, viewer: Viewer, reader: Viewer, hit: FrozenHit | None = None) -> Suggestions:
        """What this text may be; its title counts for the matter, too. `reader` wrote it: the index is asked with their
        rights. Raises NotAllowed for who does not see requests.
        """
        policy.require("requests.see", viewer)
        now = self._rules.now
        return suggest(now(TriageRules), text, hit, self._places(text, hit, reader), now(Departments))

    def _places(self, text: str, hit: FrozenHit | None, reader: Viewer) -> tuple[Place, ...]:
        """Where the holdings have it; nobody has to be asked where the reader has chosen a record."""
        finder = self._knowledge.finder
        if finder is None or hit is not None or not text.strip():
            return ()
        try:
            return finder.places(text[:LONGEST], reader)
        except Unavailable as error:
            log.warning("triage goes on without the holdings", reason=str(error))
            return ()


def suggest(
    rules: TriageRules,
    text: str,
    hit: FrozenHit | None = None,
    places: Sequence[Place] = (),
    departments: Departments | None = None,
) -> Suggestions:
    """What the rules make of a text. Asks nobody."""
    said = Said.of(text)
    about = Said.of(f"{text}\n{hit.title}") if hit else said
    matters = _ranked(rules.matters, about, rules.least, _of_theme(hit, places))
    known = {one.name: one for one in rules.matters}
    types = _ranked(rules.types, said, rules.least, _of_matter(matters[:1], known)) if text.strip() else ()
    types = types or (_otherwise(rules) if text.strip() else ())
    named = [theme for one in matters if (theme := known[one.name].theme)]
    chosen = tuple(dict.fromkeys([*named, *(hit.themes if hit else ())]))
    return Suggestions(types, matters, _departments(departments, matters, known), chosen, tuple(places))


def _otherwise(rules: TriageRules) -> tuple[Suggested, ...]:
    """What is suggested of a text in which no word says anything."""
    signs = (sign for sign in rules.types if sign.name == rules.otherwise)
    return tuple(Suggested(sign.name, sign.title, 0, False, (Reason("nothing", ()),)) for sign in signs)


def _of_matter(matters: Sequence[Suggested], known: Mapping[str, Matter]) -> More:
    """Why the matter speaks for a type."""

    def reasons(sign: Sign) -> list[Reason]:
        speaking = [one for one in matters if known[one.name].type == sign.name and _words_of(one)]
        return [Reason("matter", _words_of(one), one.title) for one in speaking]

    return reasons


def _of_theme(hit: FrozenHit | None, places: Sequence[Place]) -> More:
    """Why the index speaks for a matter: most of what the words find lies in its theme, or the record does."""
    found = {one.name: one for one in places if one.kind == "theme" and is_found(one)}
    on_hit = set(hit.themes) if hit else set()

    def reasons(sign: Sign) -> list[Reason]:
        theme = sign.theme if isinstance(sign, Matter) else None
        if theme in on_hit:
            return [Reason("record", (hit.title if hit else "",), sign.title)]
        place = found.get(theme) if theme else None
        return [Reason("found", (place.name,), sign.title, place.count, place.total)] if place else []

    return reasons


def is_found(place: Place) -> bool:
    """Does most of what the words find lie there?"""
    return place.count >= _PLACE_SHARE * place.total > 0


def _ranked(signs: Sequence[Sign], said: Said, least: int, more: More) -> tuple[Suggested, ...]:
    scored: list[tuple[int, Sign, tuple[Reason, ...]]] = []
    for sign in signs:
        score, words = _score(sign, said)
        reasons = [Reason("words", words)] if words else []
        if beside := more(sign):
            score += _BESIDE
            reasons += beside
        if score >= least:
            scored.append((score, sign, tuple(reasons)))
    scored.sort(key=lambda one: -one[0])  # stable: of two alike the first of the rules
    after = [*(score for score, _, _ in scored), 0][1:]
    return tuple(
        Suggested(sign.name, sign.title, score, score >= SURE * following, reasons, sign.covers)
        for (score, sign, reasons), following in zip(scored, after, strict=True)
    )


def _score(sign: Sign, said: Said) -> tuple[int, tuple[str, ...]]:
    """The sum of the words that are said, and which they are; a word within a longer one that counts is not counted."""
    score, found = 0, list[str]()
    for weight, word in _longest_first(sign.words):
        if said.has(word) and not any(word in other for other in found):
            score += weight
            found.append(word)
    score -= sum(weight for weight, word in _longest_first(sign.against) if said.has(word))
    return score, tuple(found)


def _longest_first(words: Words) -> Iterator[tuple[int, str]]:
    pairs = ((weight, word) for weight, some in words.items() for word in some)
    return iter(sorted(pairs, key=lambda pair: (-len(pair[1]), -pair[0])))


def _departments(
    there: Departments | None, matters: Sequence[Suggested], known: Mapping[str, Matter]
) -> tuple[Suggested, ...]:
    """The departments of the matters that there are, the likeliest first, with the matter as the reason."""
    titles = {name: one.title for name, one in there.departments.items()} if there else {}
    found: dict[str, list[Suggested]] = {}
    for one in matters:
        if (name := known[one.name].department) in titles:
            assert name is not None
            found.setdefault(name, []).append(one)
    return tuple(
        Suggested(
            name,
            titles[name],
            max(one.score for one in some),
            len(found) == 1,
            tuple(Reason("matter", _words_of(one), one.title) for one in some),
        )
        for name, some in found.items()
    )


def _words_of(one: Suggested) -> tuple[str, ...]:
    return tuple(word for reason in one.reasons if reason.because == "words" for word in reason.words)


class Said(Struct, frozen=True):
    """A text as rules look at it: Han characters folded without anything between them, and the stems of other words."""

    han: str
    words: str

    @classmethod
    def of(cls, text: str) -> Said:
        """The text folded: scripts, case and forms are alike."""
        han, words = _split(text[:LONGEST])
        return cls(han, words)

    def has(self, word: str) -> bool:
        """Is it said? With a gap in it: the second part soon after the first."""
        han, words = _parts(word)
        return bool(han or words) and _follow(self.han, han, _NEAR_HAN) and _follow(self.words, words, _NEAR_WORDS * 8)


def _split(text: str) -> tuple[str, str]:
    """Its Han characters, runs of them apart by a blank, and the stems of its words between blanks."""
    found = runs(fold(text))
    han = "".join(run if is_han(run) else " " for run in found) if any(map(is_han, found)) else ""
    words = " ".join(stem(run) for run in found if not is_han(run))
    return han, f" {words} " if words else ""


@lru_cache(maxsize=10_000)
def _parts(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of a word of the rules, in Han and in other scripts."""
    split = [_split(part) for part in word.split(GAP)]
    return tuple(han.strip() for han, _ in split if han.strip()), tuple(words for _, words in split if words)


def _follow(text: str, parts: tuple[str, ...], near: int) -> bool:
    """Do the parts stand in the text in this order, each soon after the one before?"""
    if not parts:
        return True
    first, *rest = parts
    at = text.find(first)
    while at >= 0:
        if _rest_follows(text, at + len(first), rest, near):
            return True
        at = text.find(first, at + 1)
    return False


def _rest_follows(text: str, end: int, rest: Sequence[Any], near: int) -> bool:
    for part in rest:
        at = text.find(part, max(0, end - 1) if part[0] == " " else end, end + near + len(part))
        if at < 0:
            return False
        end = at + len(part)
    return True
