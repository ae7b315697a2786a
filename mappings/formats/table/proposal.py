"""A crosswalk proposed for a sheet that nobody described: by the words in its headers and by what its cells look like.

The words are data (`mappings/data/headers.yml`). A header that is a word for a field, or ends in one, names the field;
the cells confirm or refuse it. Cells speak for themselves only where they cannot mislead: addresses, ISBN, written
dates, access words. What stays open is better left among the values, where it is searched as well.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from msgspec import Struct

from mappings.formats.table.columns import Look, look
from mappings.formats.table.plan import SINGLE, plain
from mappings.text import fold, is_han

SAMPLE = 200
"""Rows looked at: more did not change a proposal in the sheets of the corpus."""
_LONGEST = 500  # characters of a cell that are looked at
_FUZZY = 0.9  # ratio; "tittle" is .91 of "title", "containerList" .87 of "containers"
_SLIP = 2  # characters more or less in a header that is nearly a word
_TWO_DATES = 2


class Proposed(Struct, frozen=True):
    """One column: its header, a cell as an example, the field proposed (None: leave it among the values), how sure
    from 0 to 1, why, the sign that divides its cells, and whether each row has a cell of its own.
    """

    header: str
    sample: str | None
    field: str | None
    confidence: float
    why: str
    split: str | None = None
    unique: bool = False


class _Guess(Struct, frozen=True):
    field: str | None
    confidence: float
    why: str


def propose(rows: Iterable[dict[str, Any]]) -> list[Proposed]:
    """A proposal for each column of some rows, in their order. A field that takes one column goes to the surest."""
    cells: dict[str, list[str]] = {}
    count = 0
    for row in rows:
        count += 1
        for header, cell in row.items():
            column = cells.setdefault(header, [])
            if (text := plain(cell)) is not None:
                column.append(text[:_LONGEST])
    looks = {header: look(texts) for header, texts in cells.items()}
    guesses = {header: _guess(header, looks[header]) for header in cells}
    _one_column_each(guesses)
    _title_of_last_resort(guesses, looks)
    return [
        Proposed(
            header,
            next(iter(texts), None),
            guess.field,
            round(guess.confidence, 2),
            guess.why,
            looks[header].separator if guess.field in _DIVIDED else None,
            looks[header].filled == count and looks[header].distinct == 1.0,
        )
        for header, texts in cells.items()
        for guess in (guesses[header],)
    ]


def _title_of_last_resort(guesses: dict[str, _Guess], looks: dict[str, Look]) -> None:
    """Where nothing is called a title, the column that nobody knows and whose cells say most and hardly repeat.

    Only in Chinese lists, which call it by many names: tried on all sheets, it was wrong six times and right never.
    """
    if len(guesses) < _FEW or any(guess.field == "title" for guess in guesses.values()):
        return
    telling = [
        (seen.length, header)
        for header, seen in looks.items()
        if guesses[header].field is None
        and re.fullmatch(r"[\u4e00-\u9fff]{2,8}", header)
        and _LEAST <= seen.length <= _MOST
        and seen.distinct > 0.8
        and max(seen.dates, seen.numbers, seen.codes, seen.addresses) < 0.2
    ]
    if telling:
        guesses[max(telling)[1]] = _Guess("title", 0.5, "no header says title, and no other cells tell as much")


_FEW = 3  # columns; of a sheet with fewer, one is not surer than the others
_LEAST, _MOST = 4, 120
"""Characters of cells, on average, that may be titles: shorter ones are words, longer ones texts."""
_DIVIDED = frozenset(
    {"subject", "creator", "person", "place", "organisation", "name", "language", "format", "variants"}
)


def _guess(header: str, seen: Look) -> _Guess:
    named = _by_name(header)
    if named is not None:
        return _confirmed(named, seen)
    return _by_content(seen)


def _by_name(header: str) -> _Guess | None:
    """A word for a field: the whole header, its end, or nearly so."""
    words = _words(header)
    if not words or re.fullmatch(r"column \d+", header):
        return None
    whole = "".join(words)
    if field := _vocabulary().get(whole):
        return _Guess(field, 0.97 if _is_first_word(field, whole) else 0.95, f"“{header}” is a word for it")
    return _by_ending(header, words) or _by_han_ending(header, whole) or _by_likeness(header, whole)


def _by_ending(header: str, words: Sequence[str]) -> _Guess | None:
    for start in range(1, len(words)):
        ending = "".join(words[start:])
        if (field := _vocabulary().get(ending)) and _may_end(ending, words[:start]):
            return _Guess(field, 0.75, f"“{header}” ends in “{' '.join(words[start:])}”")
    if words[-1] == "id" and not _OF_OTHERS & set(words):
        return _Guess("id", 0.6, f"“{header}” ends in “id”")
    return None


def _by_han_ending(header: str, whole: str) -> _Guess | None:
    """Chinese words are not divided: the longest end of the header that is a word (办理日期). Dates of the list itself
    say nothing of the material.
    """
    if _OF_THE_LIST.search(whole):
        return None
    for start in range(1, len(whole) - 1):
        ending = whole[start:]
        if is_han(ending) and (field := _vocabulary().get(ending)) in _HAN_ENDINGS:
            return _Guess(field, 0.75, f"“{header}” ends in “{ending}”")
    return None


_HAN_ENDINGS = frozenset({"title", "dates", "creator", "person", "organisation", "name", "note", "place", "location"})
_OF_THE_LIST = re.compile("录入|修改|更新|著录|入库|打印|建档|扫描|数字化|移交|接收|登录|上传|审核")


def _by_likeness(header: str, whole: str) -> _Guess | None:
    near = difflib.get_close_matches(whole, _vocabulary(), 1, _FUZZY) if len(whole) > 3 else []
    if not near or near[0][0] != whole[0] or abs(len(near[0]) - len(whole)) > _SLIP:
        return None
    return _Guess(_vocabulary()[near[0]], 0.6, f"“{header}” is nearly “{near[0]}”")


def _may_end(ending: str, before: Sequence[str]) -> bool:
    """May a word at the end of a longer header stand for it? "agent_contact_city" is no place of the material."""
    return ending not in _TOO_SHORT and not _OF_OTHERS & set(before) and all(len(word) > 1 for word in before)


_TOO_SHORT = frozenset(
    {
        "id",
        "no",
        "type",
        "types",
        "name",
        "number",
        "note",
        "date",
        "dates",
        "end",
        "begin",
        "form",
        "ead",
        "名",
        "号",
        "字",
        "市",
        "县",
        "省",
    }
)
_OTHER_WORDS = """
agent contact donor user processing cataloged processed file xlink checksum rights event acknowledgement agreement
transferred survey surveyed md record use parallel statement numbering rad of coordinate
"""
_OF_OTHERS = frozenset(_OTHER_WORDS.split())
_SIGNS = re.compile(r"[\s_\-./:：()（）\[\]【】*#,，]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _words(header: str) -> list[str]:
    """The words of a header in one case and script, numbers of repeated columns and machine prefixes left out."""
    text = _HUMP.sub(" ", header)
    words = [fold(word) for word in _SIGNS.split(text) if word and not word.isdigit()]
    return words[1:] if len(words) > 1 and len(words[0]) == 1 and words[0] == "n" else words


@cache
def _vocabulary() -> dict[str, str]:
    """Word -> field."""
    return {word: field for field, words in _words_of_fields().items() for word in words}


def _is_first_word(field: str, word: str) -> bool:
    """The first word of a field in the list is its own name, and says it more surely than its synonyms."""
    return _words_of_fields()[field][0] == word


@cache
def _words_of_fields() -> dict[str, list[str]]:
    payload = resources.files("mappings").joinpath("data/headers.yml").read_bytes()
    listed = msgspec.yaml.decode(payload, type=dict[str, list[str]])
    return {field: [fold("".join(word.split())) for word in words] for field, words in listed.items()}


def _confirmed(named: _Guess, seen: Look) -> _Guess:
    """What the name says, believed less, or not, when the cells look otherwise."""
    if not seen.filled:
        return _Guess(named.field, named.confidence - 0.2, f"{named.why}; it is empty so far")
    refused = _refusal(named.field or "", seen)
    if refused is not None:
        other = _by_content(seen)
        if other.field is not None:
            return other
        return _Guess(None, named.confidence, f"{named.why}, but {refused}")
    proof = _proof(named.field or "", seen)
    return _Guess(named.field, min(0.99, named.confidence + 0.1), f"{named.why}; {proof}") if proof else named


def _refusal(field: str, seen: Look) -> str | None:
    """Why cells cannot be of a field."""
    checks = {
        "dates": (seen.dates < 0.5, "its cells are no dates"),
        "link": (seen.addresses < 0.5, "its cells are no addresses"),
        "uri": (seen.addresses < 0.5, "its cells are no addresses"),
        "isbn": (seen.isbn < 0.5, "its cells are no ISBN"),
        "language": (seen.languages < 0.5, "its cells are no languages"),
        "id": (seen.distinct < 0.9, "its cells repeat"),
        "parent": (seen.length > 60, "its cells are too long for one"),
        "depth": (seen.numbers < 0.9, "its cells are no numbers"),
        "level": (seen.length > 30, "its cells are too long for one"),
        "opens_on": (seen.dates < 0.5, "its cells are no dates"),
    }
    wrong, why = checks.get(field, (False, ""))
    if wrong:
        return why
    if seen.flags > 0.9 and seen.numbers < 0.9 and field not in ("access", "published"):
        return "its cells are yes or no"
    if field not in _NUMBERS and seen.numbers > 0.9 and field in _WORDS:
        return "its cells are numbers"
    return None


_WORDS = frozenset({"title", "creator", "person", "organisation", "subject", "place", "format", "variants", "holder"})
_NUMBERS = frozenset({"id", "reference_code", "dates", "extent", "page_count", "containers", "depth", "parent"})


def _proof(field: str, seen: Look) -> str | None:
    """How cells speak for a field."""
    proofs = {
        "dates": (seen.dates, "its cells are dates"),
        "link": (seen.addresses, "its cells are addresses"),
        "isbn": (seen.isbn, "its cells are ISBN"),
        "language": (seen.languages, "its cells are languages"),
        "access": (seen.access, "its cells say who may read"),
        "level": (seen.levels, "its cells are levels of description"),
        "reference_code": (seen.codes, "its cells look like reference codes"),
        "id": (seen.distinct, "no cell repeats"),
    }
    share, why = proofs.get(field, (0.0, ""))
    return f"{why} ({share:.0%})" if share >= 0.8 else None


def _by_content(seen: Look) -> _Guess:
    """What cells are that cannot be anything else."""
    few = "few cells to go by; " if seen.filled < 3 else ""
    for share, field, least, sure, why in (
        (seen.isbn if seen.filled > 2 else 0, "isbn", 0.9, 0.9, "its cells are ISBN"),
        (seen.addresses, "link", 0.9, 0.8, "its cells are addresses"),
        (seen.codes - seen.written_dates, "reference_code", 0.9, 0.7, "its cells look like reference codes"),
        (seen.levels, "level", 0.9, 0.7, "its cells are levels of description"),
    ):
        if share >= least:
            return _Guess(field, sure - (0.2 if few else 0), f"{few}{why} ({share:.0%})")
    if seen.length >= 80 and seen.distinct > 0.5 and seen.filled >= 3:
        return _Guess("scope_and_content", 0.55, f"long texts, {seen.length:.0f} characters a cell")
    if not seen.filled:
        return _Guess(None, 1.0, "empty, and its header is no known word")
    return _Guess(None, 0.5, f"neither header nor cells tell; {_shape(seen)}")


def _shape(seen: Look) -> str:
    if seen.distinct == 1.0 and seen.filled > 1:
        return "no cell repeats"
    if seen.distinct < 0.2:
        return f"{round(seen.distinct * seen.filled)} different cells in {seen.filled}"
    return f"{seen.length:.0f} characters a cell"


def _one_column_each(guesses: dict[str, _Guess]) -> None:
    """Of several columns for a field that takes one, the surest, then the first; dates take two: first and last."""
    best: dict[str, list[str]] = {}
    for header, guess in sorted(guesses.items(), key=lambda entry: -entry[1].confidence):
        if guess.field in SINGLE or guess.field == "dates":
            best.setdefault(guess.field or "", []).append(header)
    for field, headers in best.items():
        room = _TWO_DATES if field == "dates" else 1
        for header in headers[room:]:
            why = f"{guesses[header].why}; but “{headers[0]}” is surer for {field}"
            guesses[header] = _Guess(None, guesses[header].confidence, why)
