"""The Streamlit script: runs from top to bottom for each change in a browser. All it does is in `search_ui.screens`."""

from search_ui import paths
from search_ui.screens import frame, links, my_requests, runs, search, staff
from search_ui.screens.frame import Screen

frame.run(
    (
        Screen(paths.LANDING, "One-stop service", search.landing, box=True),
        Screen(paths.SEARCH, "Search", search.search, box=True),
        Screen(paths.MY_REQUESTS, "My requests", my_requests.draw),
        Screen(paths.FEEDBACK_LIST, "Feedback", staff.feedback, staff=True),
        Screen(paths.LINKS, "Links", links.draw, staff=True),
        Screen(paths.RUNS, "Nightly runs", runs.draw, staff=True),
    )
)
