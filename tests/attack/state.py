"""What is kept at the desk, as one digest: an attack that fails leaves it as it was."""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import inspect, text

from search_ui.services import Services

SELF_KEPT: Final = frozenset({"audit", "attempts", "setting", "alembic_version", "familiar_browser"})
"""What keeps watch: the log of refusals, counts of attempts."""
TIMES: Final = frozenset({"expires"})
"""What a look moves."""


def kept(services: Services) -> dict[str, str]:
    """A digest of every table, but of those that keep watch themselves."""
    engine = services.desk.audit._database.engine
    tables = [name for name in inspect(engine).get_table_names() if name not in SELF_KEPT]
    with engine.connect() as connection:
        return {
            name: _digest([dict(row) for row in connection.execute(text(f'SELECT * FROM "{name}"')).mappings()])
            for name in tables
        }


def _digest(rows: list[dict[str, object]]) -> str:
    told = sorted(repr(sorted((key, value) for key, value in row.items() if key not in TIMES)) for row in rows)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
