"""Rules for texts in Latin script as English-language catalogues write them: they look at capitals and at small words.

Precision comes first: a family name or a given name alone names nobody, and the name of a street, a hall or a prize is
not that of the person it remembers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pipelines.enrichment.found import Found
from pipelines.enrichment.words import lines, words

_WORD = r"[A-Z](?:[a-zß-öø-ÿ]+|['’][A-Z])[a-zA-Zß-öø-ÿ]*(?:[-’'][A-Z][a-zß-öø-ÿ]+)*"
_INITIAL = r"[A-Z]\.(?!\w)"
_PART = rf"(?:{_INITIAL}|{_WORD})"
_PARTICLE = r"(?:(?:van|von|de|der|den|la|le|du|da|di) )*"

# Persons

_TITLES = words("en_titles")
_INSTITUTIONS = words("en_institutions")
"""Words that make a person's name before them the name of something else."""
_AFTER_NAMES = words("en_after_names")
"""Words that end a person's name in a title written with capitals."""
_RUN = re.compile(rf"{_PART}(?:,? (?:\([A-Z][\w .]*\) )?{_PARTICLE}{_PART})*")
_PIECE = re.compile(rf"(?:\([A-Z][\w .]*\) )?{_PARTICLE}(?P<word>{_PART})")
_INVERTED = re.compile(
    rf"(?:^|[;:/(\n]\s*)(?P<name>(?P<family>[A-Z][a-zß-öø-ÿA-Z’']+), (?P<given>{_WORD}|{_INITIAL})"
    rf"(?: {_PART}){{0,2}}(?:, (?:Jr|Sr)\.)?)"
    r"(?=\s*(?:$|[;:/()\n,]|\.\s|\.$|-))"
)
_SUFFIX = re.compile(r",? (?:Jr\.|Sr\.|II|III|IV)(?!\w)")
_LONGEST_NAME = 5


def persons(text: str) -> Iterator[Found]:
    """People by given name, initials or title, and headings written ``Surname, Forename``."""
    for found in _INVERTED.finditer(text):
        if _is_given(found["given"]) and found["family"] not in _NOT_FAMILY and not _is_given(found["family"]):
            yield Found(*found.span("name"), "person")
    for run in _RUN.finditer(text):
        yield from _in_run(text, run)


_NOT_FAMILY = _INSTITUTIONS | _AFTER_NAMES | _TITLES


def _in_run(text: str, run: re.Match[str]) -> Iterator[Found]:
    """The name in a run of words with capitals. Commas divide it: what stands between two is looked at by itself."""
    start = run.start()
    for part in re.split(r"(, )", run[0]):
        if part != ", ":
            yield from _in_part(text, start, part)
        start += len(part)


def _in_part(text: str, offset: int, part: str) -> Iterator[Found]:
    pieces = [(found.start("word"), found["word"]) for found in _PIECE.finditer(part)]
    first = next((at for at, (_, word) in enumerate(pieces) if _begins(pieces, at, word)), None)
    if first is None:
        return
    is_titled = first > 0 and pieces[first - 1][1].rstrip(".") in _TITLES
    length = _length(pieces[first:])
    following = pieces[first + length] if first + length < len(pieces) else None
    if length < 2 or (following is not None and following[1] in _INSTITUTIONS):
        return
    start = offset + pieces[first][0]
    last_at, last = pieces[first + length - 1]
    end = offset + last_at + len(last)
    given = pieces[first][1]
    is_sure = is_titled or _is_sure(text, start, [word for _, word in pieces[first : first + length]])
    is_place = text[start:end] in lines("en_places")
    if is_sure and not is_place and given not in _NOT_FAMILY and not _INITIAL_ONLY.fullmatch(last):
        suffix = _SUFFIX.match(text, end)
        yield Found(start, suffix.end() if suffix else end, "person")


_INITIAL_ONLY = re.compile(_INITIAL)


def _begins(pieces: list[tuple[int, str]], at: int, word: str) -> bool:
    """Can a name begin with this word: a given name, an initial, or what follows a title?"""
    if word.rstrip(".") in _TITLES:
        return False
    after_title = at > 0 and pieces[at - 1][1].rstrip(".") in _TITLES
    return _is_given(word) or word in _doubtful() or after_title


def _is_given(word: str) -> bool:
    return word in words("en_forenames") or _INITIAL_ONLY.fullmatch(word) is not None


@cache
def _doubtful() -> frozenset[str]:
    return words("en_ambiguous_forenames")


def _length(pieces: list[tuple[int, str]]) -> int:
    """How many words the name has."""
    for count, (_, word) in enumerate(pieces):
        if count and (word in _AFTER_NAMES or word in _INSTITUTIONS or count == _LONGEST_NAME):
            return count
    return len(pieces)


def _is_sure(text: str, start: int, name: list[str]) -> bool:
    """Is a name without a title one of a person? One initial is not enough, nor a given name that is a word, too."""
    if name[0] in _doubtful():
        has_initial = len(name) > 2 and _INITIAL_ONLY.fullmatch(name[1]) is not None
        return has_initial or text[:start].endswith((" by ", " By "))
    if _INITIAL_ONLY.fullmatch(name[0]):
        return len(name) > 2
    return True


# Organisations

_KINDS = sorted(words("en_kinds"))
_HEADS = sorted(words("en_heads"))
_CAPITAL = r"(?:[A-Z][\w’'-]*(?:\.[A-Z]\.?)*|[A-Z]\.(?:[A-Z]\.)*)"
_JOINT = r"(?: (?:of the|of|and|&|for the|for) | |, (?=Inc\.|Ltd\.))"
_CAPITALS = re.compile(rf"{_CAPITAL}(?:{_JOINT}(?:(?:Inc|Ltd|Co|Corp|Bros|Dept|St)\.|{_CAPITAL}))*")
_ENDS = "|".join(sorted(map(re.escape, _KINDS), key=len, reverse=True))
_KIND = re.compile(rf"(?<![\w-])(?:(?:Research|Medical|Community) Center|{_ENDS})(?!\w)")
_HEAD = re.compile(rf"(?<![\w-])(?:{'|'.join(_HEADS)}) (?:of|for)(?: the)? ")
_STARTS = "|".join(sorted(words("en_leading")))
_LEADING = re.compile(rf"(?:(?:{_STARTS})\b(?: (?:of|for|from|by|to)\b)?(?: the\b)? )+")
_GENERIC = words("en_generic")
_NAME_WORDS = re.compile(r"[\w’'.&-]+")
_BUILT = re.compile(r" (?:Building|Hall|House|Street|Road|Avenue|Auditorium|Gymnasium|Stadium)\b")
_TWO_BODIES = re.compile(r" (?:and|&) ")


def organisations(text: str) -> Iterator[Found]:
    """Bodies by the word for their kind: at the end, or before what they are a department, school or bank of."""
    for run in _CAPITALS.finditer(text):
        for start, end in _bodies(run[0]):
            is_building = _BUILT.match(run[0], end) is not None
            if not is_building and any(word not in _GENERIC for word in _NAME_WORDS.findall(run[0][start:end])):
                yield Found(run.start() + start, run.start() + end, "organisation")


def _bodies(run: str) -> Iterator[tuple[int, int]]:
    leading = _LEADING.match(run)
    begin = leading.end() if leading else 0
    for joint in _TWO_BODIES.finditer(run, begin):
        if _ends_in_kind(run[begin : joint.start()]) and _KIND.search(run, joint.end()):
            yield from _one_body(run, begin, joint.start())
            begin = joint.end()
    yield from _one_body(run, begin, len(run))


def _ends_in_kind(text: str) -> bool:
    return any(found.end() == len(text) for found in _KIND.finditer(text))


def _one_body(run: str, begin: int, stop: int) -> Iterator[tuple[int, int]]:
    """Up to the last word for a kind; when that is followed by "of", to the end of what it is of."""
    heads = list(_HEAD.finditer(run, begin, stop))
    kinds = list(_KIND.finditer(run, begin, stop))
    if heads and (not kinds or kinds[-1].end() <= heads[-1].end()):
        yield begin, stop
    elif kinds and " " in run[begin : kinds[-1].end()]:
        yield begin, kinds[-1].end()


# Places

_STATES = "|".join(sorted(map(re.escape, words("en_state_abbreviations")), key=len, reverse=True))


@cache
def _listed_places() -> str:
    return "|".join(sorted(map(re.escape, lines("en_places")), key=len, reverse=True))


@cache
def _known_place() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-])(?=[A-Z])(?P<name>{_listed_places()})(?!\w|-\w| [A-Z])")


@cache
def _state_after() -> re.Pattern[str]:
    """The comma between a town and its state. What stands before it is looked at only then: most words are no town."""
    return re.compile(rf", (?=[A-Z])(?=(?:{_listed_places()}|{_STATES}|{_WORD} County)(?!\w))")


_STATE = re.compile(rf"(?<=, )(?=[A-Z])(?P<name>{_STATES})(?![\w])")
_KIND_OF_PLACE = re.compile(r" (?:County|Parish|Township|River|Islands?|Mountains|Peninsula)(?!\w)")
_KIND_BEFORE = re.compile(rf"(?<!\w)(?P<name>(?:Lake|Mount|Cape|Fort|Gulf of) {_WORD})(?!\w)")
_UP_TO = {most: re.compile(rf"{_WORD}(?: {_WORD}){{0,{most - 1}}}\Z") for most in (2, 3)}
_LOOKED_BACK = 120


def _words_before(text: str, end: int, most: int) -> int | None:
    """Where up to `most` words with capitals begin that end there, None when there is none."""
    found = _UP_TO[most].search(text, max(0, end - _LOOKED_BACK), end)
    return None if found is None else found.start()


_NOT_TOWNS = _NOT_FAMILY | _GENERIC | frozenset(_KINDS)


def places(text: str) -> Iterator[Found]:
    """Places of the list, towns before their state, and by the word for their kind."""
    for found in _known_place().finditer(text):
        yield Found(*found.span("name"), "place")
    for start, end in _towns(text):
        if _NOT_TOWNS.isdisjoint(text[start:end].split()) and not _is_month(text[start:end].split()[0]):
            yield Found(start, end, "place")
    for start, end in _by_kind(text):
        first = text[start:end].split()[0]
        if first not in _NOT_TOWNS and not _is_month(first):
            yield Found(start, end, "place")


def _towns(text: str) -> Iterator[tuple[int, int]]:
    for found in _state_after().finditer(text):
        start = _words_before(text, found.start(), 3)
        if start is not None:
            yield start, found.start()


def _by_kind(text: str) -> Iterator[tuple[int, int]]:
    for found in _STATE.finditer(text):
        yield found.span("name")
    for found in _KIND_OF_PLACE.finditer(text):
        start = _words_before(text, found.start(), 2)
        if start is not None:
            yield start, found.end()
    for found in _KIND_BEFORE.finditer(text):
        yield found.span("name")


def _is_month(word: str) -> bool:
    return word in _MONTHS


_MONTHS = words("en_months")

# Offices and events

_OFFICES = re.compile(
    r"(?<![\w-])(?:(?:Vice|Deputy|Assistant|Acting) )?(?:President|Governor|Chancellor|Provost|Mayor|"
    r"Prime Minister|Attorney General|Chief Justice|Postmaster General|Secretary-General|Lieutenant Governor|"
    rf"(?:Secretary|Minister|Commissioner|Undersecretary) of (?:the )?{_WORD}(?: and {_WORD})?)"
    r"(?!\w|['’]s? [A-Z]|, [A-Z]|-\w)"
)
_EVENT_FORMS = re.compile(rf"(?<!\w)(?:Treaty|Battle|Siege|Congress|Convention|Peace) of {_WORD}(?: {_WORD})?(?!\w)")
_KIND_OF_EVENT = re.compile(
    r" (?:War|Revolution|Rebellion|Uprising|Riots?|Strike|Massacre|Treaty|Flood|Earthquake|Exposition)(?!\w)"
)
_NOT_EVENTS = words("en_not_events")


@cache
def _events() -> re.Pattern[str]:
    listed = "|".join(sorted(map(re.escape, lines("en_events")), key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?=[A-Z])(?:{listed})(?!\w)")


def offices(text: str) -> Iterator[Found]:
    """Positions written with capitals."""
    for found in _OFFICES.finditer(text):
        yield Found(*found.span(), "office")


def events(text: str) -> Iterator[Found]:
    """Wars, treaties and the like that have a name."""
    for found in _events().finditer(text):
        yield Found(*found.span(), "event")
    for found in _EVENT_FORMS.finditer(text):
        yield Found(*found.span(), "event")
    for found in _KIND_OF_EVENT.finditer(text):
        start = _words_before(text, found.start(), 2)
        if start is not None and text[start : found.end()].split()[0] not in _NOT_EVENTS:
            yield Found(start, found.end(), "event")
