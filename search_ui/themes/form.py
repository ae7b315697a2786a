"""A theme's form filled in: values checked field by field, kept as typed, and turned into a question.

Parameters of an address or a call: a field's name, repeated or with several names in one value; a span of years has
``NAME.from`` and ``NAME.to``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from indexer.language import parse
from indexer.query import YEARS, Corner, Part, Query
from mappings import dates, reference_codes
from mappings.text import fold, is_han, runs
from search_ui import address
from search_ui.i18n import Translator
from search_ui.themes.model import FormField, Option, Theme

Parameters = Mapping[str, Sequence[str]]
Standing = tuple[tuple[str, tuple[str, ...]], ...]
LONGEST: Final = 200
"""Characters of one value."""
ENDS: Final = ("from", "to")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BETWEEN = re.compile(r"[;；、\n]")
_BETWEEN_HAN = re.compile(r"[\s,，;；、]+")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a field: the parameter, a code of `sentence`, and what its sentence needs to say."""

    parameter: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in: values as typed by parameter, what is wrong, and what is asked if nothing is.

    `text` is what one would type into the box for the same.
    """

    values: dict[str, tuple[str, ...]]
    mistakes: tuple[Mistake, ...] = ()
    parts: tuple[Part, ...] = ()
    standing: Standing = ()
    text: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.values

    def query(self, theme: Theme, view: Query, whole: bool = False) -> Query:
        """The question to the index; `view` has the filters, years, order and page chosen beside the form. With `whole`
        only what has everything that was filled in."""
        corner = Corner((*theme.standing, *self.standing), self.parts, whole)
        return replace(view, text=self.text or address.EVERYTHING, corner=corner)


@dataclass(slots=True)
class _Asked:
    """What is gathered while the fields are read."""

    mistakes: list[Mistake] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    standing: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def fill(theme: Theme, parameters: Parameters) -> Filled:
    """The theme's form with the values of these parameters. Never raises: what is wrong is told by `mistakes`."""
    values = {name: typed for name in parameter_names(theme) if (typed := _typed(parameters.get(name, ())))}
    asked = _Asked()
    for shown in theme.form:
        _READERS[shown.kind](shown, values, asked)
    text = " ".join(asked.texts)
    if not asked.mistakes and (len(text) > address.MAX_TEXT or parse(text).notes):
        asked.mistakes.append(Mistake(next(iter(values)), "too-much"))
    if asked.mistakes:
        return Filled(values, tuple(asked.mistakes))
    return Filled(values, (), tuple(asked.parts), tuple(asked.standing), text)


def parameter_names(theme: Theme) -> Iterator[str]:
    """The parameters that a theme's form reads."""
    for shown in theme.form:
        yield from ends(shown) if shown.kind == "years" else (shown.name,)


def ends(shown: FormField) -> tuple[str, str]:
    """The two parameters of a span of years."""
    return f"{shown.name}.from", f"{shown.name}.to"


def _typed(given: Sequence[str]) -> tuple[str, ...]:
    listed = [given] if isinstance(given, str) else list(given)[:50]
    return tuple(text for one in listed if (text := _CONTROL.sub(" ", one)[: 10 * LONGEST].strip()))


def names_in(text: str) -> list[str]:
    """Several names in one text: apart by ; or 、, Chinese ones also by commas and blanks."""
    found: list[str] = []
    for piece in _BETWEEN.split(text):
        if all(is_han(run) for run in runs(fold(piece))):
            found += _BETWEEN_HAN.split(piece)
        else:
            found.append(piece)
    return [name for each in found if (name := each.strip())]


def _read_text(shown: FormField, values: Mapping[str, tuple[str, ...]], asked: _Asked) -> None:
    if typed := values.get(shown.name):
        text = " ".join(typed)
        if mistake := _wrong_text(shown, text):
            asked.mistakes.append(mistake)
        asked.texts.append(text)
        asked.parts.append(Part((text,)))


def _read_names(shown: FormField, values: Mapping[str, tuple[str, ...]], asked: _Asked) -> None:
    typed = values.get(shown.name, ())
    names = tuple(dict.fromkeys(_told_apart(shown, typed)))
    if not names:
        if typed:
            asked.mistakes.append(Mistake(shown.name, "no-word"))
        return
    if len(names) > shown.several:
        asked.mistakes.append(Mistake(shown.name, "too-many", {"most": shown.several}))
    asked.mistakes += [mistake for name in names if (mistake := _wrong_text(shown, name))][:1]
    asked.texts += names
    asked.parts.append(Part(names, field=shown.kind))


def _told_apart(shown: FormField, typed: Sequence[str]) -> Iterable[str]:
    if shown.several == 1:
        return [" ".join(typed)] if typed else []
    return [name for text in typed for name in names_in(text)]


def _wrong_text(shown: FormField, text: str) -> Mistake | None:
    if len(text) > LONGEST:
        return Mistake(shown.name, "too-long", {"most": LONGEST})
    if not runs(fold(text)):
        return Mistake(shown.name, "no-word")
    if shown.kind == "code" and reference_codes.key(text) is None:
        return Mistake(shown.name, "no-code", {"example": shown.example})
    if shown.pattern and not re.fullmatch(shown.pattern, text):
        return Mistake(shown.name, "pattern", {"message": shown.message})
    return None


def _read_year(shown: FormField, values: Mapping[str, tuple[str, ...]], asked: _Asked) -> None:
    if typed := values.get(shown.name):
        span = _span(shown, shown.name, typed[-1], asked)
        asked.texts.append(typed[-1])
        asked.parts.append(Part((typed[-1],), span))


def _read_years(shown: FormField, values: Mapping[str, tuple[str, ...]], asked: _Asked) -> None:
    first_name, last_name = ends(shown)
    first = _span(shown, first_name, values[first_name][-1], asked) if first_name in values else None
    last = _span(shown, last_name, values[last_name][-1], asked) if last_name in values else None
    if first and last and first[0] > last[1]:
        asked.mistakes.append(Mistake(last_name, "backwards"))
    if first or last:
        asked.parts.append(Part((), (first[0] if first else YEARS[0], last[1] if last else YEARS[-1])))


def _span(shown: FormField, parameter: str, text: str, asked: _Asked) -> tuple[int, int] | None:
    """The years a text means: ``1964``, ``民國53年``, ``1950年代``; a mistake when it means none, or others."""
    first, last = dates.parse(text) if len(text) <= LONGEST else dates.NOTHING
    if first is None or last is None or first not in YEARS or last not in YEARS:
        asked.mistakes.append(Mistake(parameter, "no-year", {"example": shown.example}))
        return None
    if shown.between and (last < shown.between[0] or first > shown.between[1]):
        asked.mistakes.append(Mistake(parameter, "other-years", {"first": shown.between[0], "last": shown.between[1]}))
        return None
    return first, last


def _read_choice(shown: FormField, values: Mapping[str, tuple[str, ...]], asked: _Asked) -> None:
    known = {option.value: option for option in shown.options}
    typed = values.get(shown.name, ())
    chosen = [known[value] for value in dict.fromkeys(typed) if value in known]
    if any(value not in known for value in typed):
        asked.mistakes.append(Mistake(shown.name, "no-option"))
    elif len(chosen) > shown.several:
        asked.mistakes.append(Mistake(shown.name, "too-many", {"most": shown.several}))
    elif chosen:
        _choose(chosen, asked)


def _choose(chosen: list[Option], asked: _Asked) -> None:
    """Any of the options: by a filter, or by any of their words, of which the first is what one would type."""
    worded = [option.words for option in chosen if option.words]
    if worded:
        asked.texts += [words[0] for words in worded]
        asked.parts.append(Part(tuple(word for words in worded for word in words)))
        return
    pairs = [(option.filter or "").partition(":") for option in chosen]
    asked.standing.append((pairs[0][0], tuple(value for _, _, value in pairs)))


_READERS = {
    "text": _read_text,
    "name": _read_names,
    "place": _read_names,
    "code": _read_names,
    "year": _read_year,
    "years": _read_years,
    "choice": _read_choice,
}


def sentence(mistake: Mistake, words: Translator) -> str:
    """What to do about a mistake, in the reader's language (a translator of the domain ``web``)."""
    values = dict(mistake.values)
    example = values.get("example")
    sentences = {
        "too-long": words.t("Write at most {most} characters", most=values.get("most")),
        "too-many": words.t("Give at most {most}; look for the others afterwards", most=values.get("most")),
        "too-much": words.t("Fill in fewer words: together they are too many for one search"),
        "no-word": words.t("Write a word or a number, not signs alone"),
        "no-code": words.t(
            "Write the reference code with its numbers, such as {example}", example=example or "Z013-1-001"
        ),
        "no-year": words.t("Write a year, such as {example}", example=example or "1964, 民國53年"),
        "other-years": words.t(
            "Write a year between {first} and {last}", first=values.get("first"), last=values.get("last")
        ),
        "backwards": words.t("The last year is before the first; write them the other way round"),
        "no-option": words.t("Choose from the list"),
    }
    if mistake.code == "pattern":
        return str(values["message"].in_(words.language))
    return sentences[mistake.code]
