"""Ports of knowledge for tests of the desk: a few facts, and `down` for whoever does not answer."""

from __future__ import annotations

from mappings.access import Viewer
from service_desk.errors import Unavailable
from service_desk.knowledge import Alternative, Knowledge, Place
from service_desk.ports import FrozenHit


class FakeKnowledge:
    """All three ports in one: the rail file has an open neighbour, words lie in J12, one person is known."""

    def __init__(self) -> None:
        self.down = False

    def ports(self) -> Knowledge:
        """As the desk takes them."""
        return Knowledge(self, self, self)

    def for_hit(self, hit: FrozenHit, reader: Viewer) -> tuple[Alternative, ...]:
        """An open record, and who may grant access."""
        self._answer()
        near = Alternative("similar", "r-open", "Rail map", "/r/r-open", "same_fonds", holder="East Wing")
        holder = hit.holder or "East Wing"
        return (near, Alternative("holder", hit.id, holder, f"/r/{hit.id}", "grants_access", holder=holder))

    def places(self, text: str, reader: Viewer) -> tuple[Place, ...]:
        """Where the words lie."""
        self._answer()
        return (Place("fonds", "J12", 3, 4),) if text else ()

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """The person."""
        self._answer()
        at = text.find("李四")
        return [(at, at + 2, "name")] if at >= 0 else []

    def masked(self, text: str) -> str:
        """The text without the person."""
        self._answer()
        return text.replace("李四", "某甲")

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("away")
