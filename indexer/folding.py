"""Near-identical hits shown as one: decided from the keys of the best ranks, the same on every engine.

Within the first `WINDOW` ranks, hits that share a key (near-identical siblings, or two descriptions of one thing; see
`indexer.documents`) are shown as the best of them; behind the window nothing is folded. So every hit is shown once or
folded under one that is shown, whatever page is asked for, and no page needs to know more than the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WINDOW = 200
"""Best ranks among which hits are folded: ten pages, which few readers leave."""
Keys = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a folded list: ranks of the window, each shown one followed by those folded under it, then so many
    ranks behind the window, from `offset` on. `hidden` are the ranks of the whole window that are not shown.
    """

    shown: list[list[int]]
    offset: int
    size: int
    hidden: int


def fold(keys: Sequence[Keys]) -> list[list[int]]:
    """Ranks that are shown, each followed by the ranks folded under it: those that share a key with itself. A key that
    is None is shared with nobody."""
    shown: list[list[int]] = []
    of: dict[int, list[int]] = {}
    for rank, own in enumerate(keys):
        said = [key for key in own if key is not None]
        together = next((of[key] for key in said if key in of), None)
        if together is not None:
            together.append(rank)
            continue
        shown.append([rank])
        of.update((key, shown[-1]) for key in said)
    return shown


def page(keys: Sequence[Keys], offset: int, size: int) -> Page:
    """The page of a folded list that begins at `offset`; `keys` are those of the first `WINDOW` ranks, or of all when
    there are fewer."""
    everything = fold(keys)
    shown = everything[offset : offset + size]
    behind = len(keys) + max(offset - len(everything), 0)
    return Page(shown, behind, size - len(shown), len(keys) - len(everything))
