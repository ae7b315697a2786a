"""What the last link step left for people to decide."""

from __future__ import annotations

import msgspec

from pipelines.link import Links
from pipelines.record_store import RecordStore
from pipelines.similar import pair_name, pairs_of
from search_ui.services import LinkState


def link_state(store: RecordStore) -> LinkState:
    """The pairs of a store that people should look at, the likeliest first, and where its records belong."""
    links = Links.read(store)
    steps = store.rows("linked", ["at"])["at"].to_pylist()
    titles: dict[tuple[str, str], str] = {}
    found = []
    for pair in pairs_of(store):
        title = next((field for field in pair.evidence if field["field"] == "title"), {"one": "", "other": ""})
        titles |= {pair.one: title["one"], pair.other: title["other"]}
        if pair.state != "beaten" and links.resource_of(*pair.one) != links.resource_of(*pair.other):
            found.append(pair)
    found.sort(key=lambda pair: (-pair.odds, pair.one, pair.other))
    pairs = [{**msgspec.to_builtins(pair), "id": pair_name(pair.one, pair.other)} for pair in found]
    return LinkState(pairs, titles, links.resource_of, max(steps) if steps else None)
