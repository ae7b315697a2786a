"""The hit that somebody acts on, fetched from the holdings as this viewer may know it."""

from __future__ import annotations

import msgspec

from mappings.access import Viewer
from service_desk.errors import NotFound, Unavailable
from service_desk.forms import without_controls
from service_desk.ports import FrozenHit, Holdings


def frozen(holdings: Holdings, resource_id: str, viewer: Viewer) -> FrozenHit:
    """The hit as this viewer may know it; only its id, unchecked, while the holdings do not answer. Raises NotFound."""
    try:
        hit = holdings.hit(resource_id, viewer)
    except Unavailable:
        return FrozenHit(id=resource_id, title=resource_id, checked=False)
    if hit is None:
        raise NotFound("There is no such record.")
    return storable(hit)


def storable(hit: FrozenHit) -> FrozenHit:
    """The hit without characters that a database refuses in text, or in the text it takes out of JSON."""
    cleaned = {name: without_controls(value) for name, value in msgspec.structs.asdict(hit).items()}
    return msgspec.structs.replace(hit, **cleaned)
