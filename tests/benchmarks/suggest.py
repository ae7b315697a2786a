"""Suggestions while typing, in process: against the search page on the same index, and against a bare prefix lookup on
the same structures, taking turns.

usage: python -m tests.benchmarks.suggest WORKSPACE      (its index is in ``WORKSPACE/index``); prints one JSON line

The bare lookup asks tantivy itself: it walks the dictionary of names that begin so or hold such a word, and reads the
eight weightiest resources with such a word in their title that are for the viewer. Ours does that, too, prefers what
begins so, counts what it shows, looks for codes, readings and initials, and tells groups, marks and hints.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from time import thread_time
from typing import Any

from tantivy import Occur, Order
from tantivy import Query as Raw

from indexer.engines.tantivy_engine import TantivyEngine
from indexer.fields import KEYS, TITLE, VALUES, WEIGHT
from indexer.plan import Plan, rights_of
from indexer.query import Query
from indexer.search import Searcher
from indexer.suggest import TERMS
from indexer.suggest_keys import BREAK, EDGE, KEY_LENGTH, OUTSET, WITHIN, WORD, audiences, normalised
from mappings.access import ANONYMOUS
from mappings.pinyin import syllables
from mappings.text import STOP_WORDS, fold, is_han, runs
from tests.benchmarks.rows import Row

PAGE_GOAL = 0.5
BARE_GOAL = 1.5
TITLES = 60
NAMES = 40
SHORTEST_TITLE = 4
LONGEST_TYPED = 12
ROUNDS = 5
SHOWN = 8
Ask = Callable[[str], object]


def rows(document: dict[str, Any]) -> list[Row]:
    """The rows of what this program printed."""
    size, made = document["resources"], []
    for key in ("p50", "p95"):
        ours, page, bare = (document[side][key] for side in ("suggest", "page", "bare"))
        detail = {"resources": size, "typed": document["typed"]}
        made.append(Row(f"suggestions, to the search page, {key}", "ms", ours, page, goal=PAGE_GOAL, detail=detail))
        made.append(Row(f"suggestions, to a bare lookup, {key}", "ms", ours, bare, goal=BARE_GOAL, detail=detail))
    return made


def run(workspace: Path) -> dict[str, Any]:
    """Milliseconds of processor time of every side, over everything typed: nothing here waits for anything, and other
    programs take no part in it."""
    engine = TantivyEngine(workspace / "index")
    searcher, sample = Searcher(engine), random.Random(11)
    wholes = chosen(engine, sample)
    typed = [beginning for whole in wholes for beginning in typed_of(whole, sample)]
    asked = [" ".join(runs(fold(whole))[:2]) for whole in wholes]
    sides: dict[str, tuple[Ask, Sequence[str]]] = {
        "suggest": (lambda text: searcher.suggest(text, ANONYMOUS), typed),
        "bare": (lambda text: bare(engine, text), typed),
        "page": (lambda text: searcher.search(Query(text), ANONYMOUS), asked),
    }
    taken: dict[str, dict[str, float]] = {side: {} for side in sides}
    for _ in range(ROUNDS):
        for side, (ask, texts) in sides.items():
            for text in texts:
                begun = thread_time()
                ask(text)
                spent = (thread_time() - begun) * 1e3
                taken[side][text] = min(spent, taken[side].get(text, spent))
    resources = engine.search(Plan(rights_of(ANONYMOUS, dt.date.today()), size=0)).total
    return {
        "resources": resources,
        "typed": len(typed),
        **{side: _quantiles(list(times.values())) for side, times in taken.items()},
    }


def chosen(engine: TantivyEngine, sample: random.Random) -> list[str]:
    """Titles and names of the index, of which half the Han ones are typed as they are read."""
    rights = rights_of(ANONYMOUS, dt.date.today())
    total = engine.search(Plan(rights, size=0)).total
    titles = [_title(engine, sample.randrange(total)) for _ in range(TITLES)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    terms = [term for letter in letters for term, _ in engine.values(OUTSET + letter, rights, 200)]
    names = [term.split(BREAK)[2] for term in sample.sample(terms, min(NAMES, len(terms)))]
    return [whole for whole in (*titles, *names) if len(whole) >= SHORTEST_TITLE and runs(fold(whole))]


def _title(engine: TantivyEngine, at: int) -> str:
    """The title of a resource somewhere in the index."""
    rights = rights_of(ANONYMOUS, dt.date.today())
    hits = engine.search(Plan(rights, size=1, offset=at, pages_per_hit=0)).hits
    return str(hits[0].stored["title"]) if hits else ""


def typed_of(whole: str, sample: random.Random) -> list[str]:
    """Three moments of typing a title or a name from one of its words on."""
    words = [word for word in runs(fold(whole)) if word not in STOP_WORDS] or runs(fold(whole))
    text = " ".join(words[sample.randrange(min(3, len(words))) :])
    if is_han(text[0]) and sample.random() < 0.5:
        text = "".join(syllables(text))
    longest = min(LONGEST_TYPED, len(text))
    return [text[: sample.randint(1, longest)].strip() or text[0] for _ in range(3)]


def bare(engine: TantivyEngine, text: str) -> list[Any]:
    """The lookup by hand."""
    engine.refresh()
    compiler, searcher = engine._ready()
    known = Raw.term_query(compiler._schema, "scope", "resource:reader")
    begun = normalised(text)[:KEY_LENGTH]
    names = [
        found
        for audience, place in product(audiences("reader"), (OUTSET, WITHIN))
        for found in searcher.terms_with_prefix(VALUES, audience + place + begun, limit=TERMS)
    ]
    last = runs(fold(text))[-1]
    if is_han(last) or len(last) > EDGE:
        beginning = last[:2] if is_han(last) else last
        words = Raw.fuzzy_term_query(compiler._schema, TITLE.gram_layer, beginning, 0, prefix=True)
    else:
        words = Raw.term_query(compiler._schema, KEYS, WORD + last)
    both = Raw.boolean_query([(Occur.Must, known), (Occur.Must, words)])
    found = searcher.search(both, SHOWN, count=False, order_by_field=WEIGHT, order=Order.Desc).hits
    return [*names, *(searcher.doc(address) for _, address in found)]


def _quantiles(times: list[float]) -> dict[str, float]:
    times.sort()
    return {"p50": round(times[len(times) // 2], 3), "p95": round(times[int(len(times) * 0.95)], 3)}


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]))))
