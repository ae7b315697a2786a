"""Chromium: a cold load until the hits are painted, and Enter until they are, against the same on an empty page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.places import chromium
from tests.benchmarks.programs import Failed
from tests.benchmarks.rows import Row, in_turns, middle

ROUNDS = 15
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WATCH = Path(__file__).with_name("painted.js").read_text(encoding="utf-8")
LEGS = ("sending", "server", "painting")
PATIENCE_MS = 20_000
WORDS = [
    *("letters", "correspondence", "photographs", "minutes", "reports", "diary", "newspaper", "clippings", "maps"),
    *("drawings", "speeches", "notes", "financial", "legal", "university", "committee", "music", "church", "school"),
    "research",
]
"""Words of English finding aids; a new one for each round, so that nothing is answered from memory."""


@dataclass(frozen=True)
class Site:
    """A page to measure: `first` is what a load shows, `selector` and `line` what an answer shows.

    WORD stands where the word of the round belongs.
    """

    base: str
    address: str
    first: dict[str, str]
    selector: str
    line: str
    box: str

    def load(self, word: str) -> str:
        return self.base + self.address.replace("WORD", word)

    def wanted(self, word: str) -> dict[str, str]:
        return {"selector": self.selector.replace("WORD", word), "text": self.line.replace("WORD", word)}


def product(base: str) -> Site:
    """The search page of the product: its first hit, with the question in its address."""
    hit = "article.hit h2 a[href*='q=WORD&']"
    return Site(base, "/search?q=WORD", {"selector": "article.hit h2 a"}, hit, "", "input[type=search]")


def empty(base: str) -> Site:
    """The empty page: its line."""
    line = "[data-testid=stMarkdown] p"
    return Site(base, "/", {"selector": line, "text": "You said"}, line, "You said: WORD", "input[type=text]")


def measure(ours: str, opponent: str, rounds: int = ROUNDS) -> list[Row]:
    """Both rows, for two servers that are up. Raises places.Missing without a browser."""
    with _browser() as browser:
        sites = {"ours": product(ours), "peer": empty(opponent)}
        for site in sites.values():
            _load(browser, site, WORDS[0])
        return [_loads(browser, sites, rounds), _answers(browser, sites, rounds)]


def _loads(browser: Browser, sites: dict[str, Site], rounds: int) -> Row:
    words = {name: iter(WORDS * rounds) for name in sites}
    turns = in_turns({name: _loader(browser, site, words[name]) for name, site in sites.items()}, rounds)
    painted = {name: middle([seen["painted"] for seen in each]) for name, each in turns.items()}
    first = {name: middle([seen["first"] for seen in each]) for name, each in turns.items()}
    return Row(
        "first hits on the screen",
        "ms",
        painted["ours"],
        first["peer"],
        goal=1.3,
        detail={
            "peer_line_painted": painted["peer"],
            "ratio_to_line_painted": round(painted["ours"] / painted["peer"], 3),
            "first_paint": first["ours"],
            "requests": middle([seen["requests"] for seen in turns["ours"]]),
            "peer_requests": middle([seen["requests"] for seen in turns["peer"]]),
            "rounds": rounds,
        },
    )


def _answers(browser: Browser, sites: dict[str, Site], rounds: int) -> Row:
    pages = {name: _open(browser, site) for name, site in sites.items()}
    words = {name: iter(WORDS[1:] * rounds) for name in sites}
    players = {name: _asker(pages[name], site, words[name]) for name, site in sites.items()}
    in_turns(players, 2)
    turns = in_turns(players, rounds)
    for page in pages.values():
        page.context.close()
    return Row(
        "Enter to hits painted",
        "ms",
        middle([legs["all"] for legs in turns["ours"]]),
        middle([legs["all"] for legs in turns["peer"]]),
        goal=1.3,
        detail={
            "rounds": rounds,
            **{leg: [middle([legs[leg] for legs in turns[name]]) for name in sites] for leg in LEGS},
        },
    )


def _loader(browser: Browser, site: Site, words: Iterator[str]) -> Any:
    return lambda: _load(browser, site, next(words))


def _asker(page: Page, site: Site, words: Iterator[str]) -> Any:
    return lambda: _enter(page, site, next(words))


def _load(browser: Browser, site: Site, word: str) -> dict[str, float]:
    """One load with nothing in the browser's cache, in ms since navigation began."""
    page = _new_page(browser, f"window.benchWanted = {json.dumps(site.first)}")
    page.goto(site.load(word), wait_until="commit")
    painted = _when(page)
    seen = page.evaluate("() => window.benchLoad()")
    page.context.close()
    return {"painted": painted, **seen}


def _open(browser: Browser, site: Site) -> Page:
    page = _new_page(browser, f"window.benchWanted = {json.dumps(site.first)}")
    page.goto(site.load(WORDS[0]))
    _when(page)
    page.wait_for_timeout(500)  # what a page still does after it is painted is no part of the next answer
    return page


def _enter(page: Page, site: Site, word: str) -> dict[str, float]:
    """From the Enter key to the new answer on the screen, in ms: the legs of the way and all of it."""
    box = page.locator(site.box).first
    box.fill("")
    box.press_sequentially(word)
    page.evaluate("(wanted) => window.benchAsk(wanted)", site.wanted(word))
    box.press("Enter")
    legs: dict[str, float] = page.evaluate("(painted) => window.benchLegs(painted)", _when(page))
    page.wait_for_timeout(100)
    return legs


def _when(page: Page) -> float:
    """When what is waited for was painted. Raises Failed when it does not come."""
    limit = "(limit) => Promise.race([window.benchPainted, new Promise((over) => setTimeout(() => over(null), limit))])"
    painted = page.evaluate(limit, PATIENCE_MS)
    if painted is None:
        raise Failed(f"{page.url} did not show what was waited for within {PATIENCE_MS / 1e3:.0f} s")
    return float(painted)


def _new_page(browser: Browser, first_script: str) -> Page:
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    context.add_init_script(f"{WATCH};{first_script}")
    return context.new_page()


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
