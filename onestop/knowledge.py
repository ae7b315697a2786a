"""What the desk is told by search and by the rules for personal data: its ports, filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onestop.alternatives import SearchAlternatives
from onestop.finding import SearchFinder
from onestop.personal import DeidentifyRules
from service_desk.knowledge import Knowledge

if TYPE_CHECKING:
    from onestop.wiring import Workspace


def knowledge_of(here: Workspace) -> Knowledge:
    """The ports of one workspace; nothing is opened before it is asked."""
    return Knowledge(
        alternatives=SearchAlternatives(lambda: here.searcher),
        finder=SearchFinder(lambda: here.searcher, here.themes.all),
        personal=DeidentifyRules(),
    )
