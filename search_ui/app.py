"""The Streamlit script: runs from top to bottom for each change in a browser. Everything it does is in `search_ui.screens`."""

from search_ui import paths
from search_ui.screens import frame, search
from search_ui.screens.frame import Screen

frame.run(
    (
        Screen(paths.LANDING, "One-stop service", search.landing),
        Screen(paths.SEARCH, "Search", search.search),
    )
)
