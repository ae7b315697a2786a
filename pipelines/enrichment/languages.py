"""One spaCy pipeline a language: words, the gazetteer, the lists and rules of the language, a trained model if named.

Every component adds what it finds to ``doc.user_data["found"]`` by character offsets, and `Finder` chooses among it. So
a trained model may divide the text into words as it was trained to, and a name need not begin where a word does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from mappings.record import MentionType
from mappings.text import HAN, fold, segment
from pipelines.enrichment import chinese, english
from pipelines.enrichment.entries import Entry
from pipelines.enrichment.found import MODEL, RULE, Found
from pipelines.enrichment.gazetteer import Gazetteer
from pipelines.enrichment.words import words

_HAN = re.compile(f"[{HAN}]")
_LATIN = re.compile(r"[A-Z][a-zA-Z]")
_LABELS: dict[str, MentionType] = {
    "PERSON": "person",
    "PER": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "EVENT": "event",
}
"""Entity labels of trained models (OntoNotes, CoNLL) and what they are here; others are not taken over."""


class ChineseWords:
    """spaCy's tokenizer for Chinese: the folded text segmented by rjieba, so both scripts are cut alike."""

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab

    def __call__(self, text: str) -> Doc:
        folded = fold(text)
        parts: list[str] = []
        at = 0
        for word in segment(folded):
            parts.append(text[at : at + len(word)])
            at += len(word)
        return _with_text(Doc(self._vocab, words=parts, spaces=[False] * len(parts)), text, folded, parts)


class EnglishWords:
    """spaCy's own tokenizer for English."""

    def __init__(self, nlp: Language) -> None:
        self._tokenizer: Any = nlp.tokenizer

    def __call__(self, text: str) -> Doc:
        return _with_text(self._tokenizer(text), text, fold(text))


def _with_text(doc: Doc, text: str, folded: str, parts: Sequence[str] = ()) -> Doc:
    doc.user_data |= {"text": text, "folded": folded, "words": parts, "found": []}
    return doc


@Language.factory("onestop_gazetteer", default_config={"path": ""})
def make_gazetteer(nlp: Language, name: str, path: str) -> GazetteerComponent:
    """The component that finds the names of a saved gazetteer."""
    return GazetteerComponent(Gazetteer.load(Path(path)))


class GazetteerComponent:
    """Adds what a gazetteer knows to ``doc.user_data["found"]``."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer, self._find = gazetteer, gazetteer.find

    def __call__(self, doc: Doc) -> Doc:
        data: dict[str, Any] = doc.user_data
        if found := self._find(data["text"], data["folded"], data["words"]):
            data["found"] += found
        return doc


@Language.component("onestop_chinese_rules")
def chinese_rules(doc: Doc) -> Doc:
    """What Chinese forms of words give away."""
    folded = doc.user_data["folded"]
    if chinese.is_verse(folded):
        return doc
    masked = _MASKED.sub(lambda found: "□" * len(found[0]), folded)
    starts = accumulate(map(len, doc.user_data["words"]), initial=0)
    tokens = [(at, masked[at : at + len(word)]) for at, word in zip(starts, doc.user_data["words"], strict=False)]
    found = doc.user_data["found"]
    found += chinese.persons(masked)
    found += chinese.places(masked, tokens)
    found += chinese.organisations(masked, tokens)
    found += chinese.events(masked)
    return doc


_MASKED = re.compile(r"《[^《》]*》|\d+(?:[.\-/]\d+)*[" + fold("年月日號") + "]?")
"""Titles of works, and numbers with what they count: nothing in them is a name."""


@Language.component("onestop_english_rules")
def english_rules(doc: Doc) -> Doc:
    """What capitals and small words give away."""
    text, found = doc.user_data["text"], doc.user_data["found"]
    for rule in (english.persons, english.organisations, english.places, english.offices, english.events):
        found += rule(text)
    return doc


@Language.factory("onestop_lists")
def make_lists(nlp: Language, name: str) -> ListComponent:
    """The component that finds the offices, events and rulers of the bundled lists."""
    return ListComponent()


class ListComponent:
    """The bundled lists for Chinese, as a gazetteer without authorities."""

    def __init__(self) -> None:
        lists: tuple[tuple[str, MentionType], ...] = (
            ("zh_offices", "office"),
            ("zh_events", "event"),
            ("zh_rulers", "person"),
        )
        found = [Entry("", word, kind, (fold(word),)) for name, kind in lists for word in sorted(words(name))]
        self._gazetteer = Gazetteer(found)

    def __call__(self, doc: Doc) -> Doc:
        data = doc.user_data
        listed = self._gazetteer.find(data["text"], data["folded"], (), everywhere=True)
        data["found"] += [Found(one.start, one.end, one.type, RULE) for one in listed]
        return doc


@Language.factory("onestop_model", default_config={"model": ""})
def make_model(nlp: Language, name: str, model: str) -> ModelComponent:
    """The component that asks a trained pipeline, by the name of its package or its folder. Raises OSError."""
    return ModelComponent(spacy.load(model))


class ModelComponent:
    """The entities of a trained pipeline, which reads the text by itself."""

    def __init__(self, trained: Language) -> None:
        self._trained = trained

    def __call__(self, doc: Doc) -> Doc:
        data = doc.user_data
        for entity in self._trained(data["text"]).ents:
            if kind := _LABELS.get(entity.label_):
                data["found"].append(Found(entity.start_char, entity.end_char, kind, MODEL))
        return doc


def chinese_pipeline(gazetteer: Path | None = None, model: str | None = None) -> Language:
    """Both scripts. Raises OSError when there is no such model."""
    nlp = spacy.blank("zh")
    nlp.tokenizer = ChineseWords(nlp.vocab)
    return _completed(nlp, ("onestop_lists", "onestop_chinese_rules"), gazetteer, model)


def english_pipeline(gazetteer: Path | None = None, model: str | None = None) -> Language:
    """Latin script. Raises OSError when there is no such model."""
    nlp = spacy.blank("en")
    nlp.tokenizer = EnglishWords(nlp)
    return _completed(nlp, ("onestop_english_rules",), gazetteer, model)


def _completed(nlp: Language, rules: Iterable[str], gazetteer: Path | None, model: str | None) -> Language:
    nlp.vocab.lex_attr_getters = {}  # type: ignore[attr-defined]  # what words look like: a third of the time, and nobody here asks
    if gazetteer is not None:
        nlp.add_pipe("onestop_gazetteer", config={"path": str(gazetteer)})
    for rule in rules:
        nlp.add_pipe(rule)
    if model:
        nlp.add_pipe("onestop_model", config={"model": model})
    return nlp


class Finder:
    """Names in texts of either script; `models` are trained pipelines by language (zh, en)."""

    def __init__(self, gazetteer: Path | None = None, models: Mapping[str, str] | None = None) -> None:
        """Raises OSError when a model cannot be loaded."""
        named = models or {}
        self._chinese = chinese_pipeline(gazetteer, named.get("zh"))
        self._english = english_pipeline(gazetteer, named.get("en"))
        pipe = self._chinese.get_pipe("onestop_gazetteer") if gazetteer is not None else None
        self.entries: list[Entry] = pipe.gazetteer.entries if isinstance(pipe, GazetteerComponent) else []

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Texts read together: their words are forgotten afterwards, so memory stays that of one batch."""
        with self._chinese.memory_zone(), self._english.memory_zone():
            yield

    def claims(self, text: str) -> list[Found]:
        """Whatever may be named in a text: `found.chosen` says what is."""
        claims: list[Found] = []
        if _HAN.search(text):
            claims += self._chinese(text).user_data["found"]
        if _LATIN.search(text):
            claims += self._english(text).user_data["found"]
        return claims
