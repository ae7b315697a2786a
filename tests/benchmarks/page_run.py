"""Where one run of the search page goes, in process and without a browser.

usage: python -m tests.benchmarks.page_run WORKSPACE FOLDER      prints a JSON list: shares of functions below FOLDER
"""

from __future__ import annotations

import cProfile
import json
import sys
from pathlib import Path

from streamlit.testing.v1 import AppTest

import search_ui
from onestop.wiring import Workspace
from search_ui import services
from search_ui.screens import context, frame
from tests.benchmarks.browser import WORDS
from tests.benchmarks.rows import hottest

SCRIPT = Path(search_ui.__file__).with_name("app.py")


def main(workspace: Path, folder: Path) -> None:
    """Draw the search page once for each word; the first run, which imports, is not counted."""
    context.cookies = dict  # AppTest has no browser that could send any
    with Workspace(workspace) as here:
        services.set_current(here.services)
        test = AppTest.from_file(SCRIPT, default_timeout=60).run()
        pages = test._registered_pages.items()
        test._page_hash = next(page for page, known in pages if known["url_pathname"] == "search")
        search_page(test, WORDS[0])
        profile, run = cProfile.Profile(), frame.run
        frame.run = lambda screens: profile.runcall(run, screens)  # scripts run in a thread of their own
        for word in WORDS[1:]:
            search_page(test, word)
        print(json.dumps(hottest(profile, 25, folder)))


def search_page(test: AppTest, word: str) -> None:
    """The page of one word. Raises AssertionError when it has no hits."""
    test.query_params["q"] = word
    test.run()
    assert any('class="hit"' in element.proto.body for element in test.get("html")), word


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
