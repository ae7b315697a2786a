"""Engines of tests share what was compiled, when they would compile the same."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import Engine, create_engine, literal, select
from sqlalchemy.engine.interfaces import CacheStats

from service_desk.database import make_engine


def asked(engine: Engine, value: int) -> tuple[int | None, CacheStats]:
    """What a statement gives that no other test asks, and whether it had been compiled."""
    with engine.connect() as connection:
        result = connection.execute(select(literal(value).label("compiled_once")))
        return result.scalar(), result.context.cache_hit


def test_a_statement_is_compiled_for_the_first_engine_alone(tmp_path: Path) -> None:
    one, other = (make_engine(f"sqlite:///{tmp_path}/{name}.db") for name in ("one", "other"))
    assert asked(one, 1)[0] == 1
    assert asked(other, 2) == (2, CacheStats.CACHE_HIT)


def test_engines_of_other_settings_are_not_the_same(tmp_path: Path) -> None:
    plain, named, writing = (
        create_engine(f"sqlite:///{tmp_path}/desk.db", **settings)
        for settings in ({}, {"paramstyle": "named"}, {"json_serializer": json.dumps})
    )
    again = create_engine(f"sqlite:///{tmp_path}/desk.db")
    assert plain.dialect == again.dialect and hash(plain.dialect) == hash(again.dialect)
    assert len({plain.dialect, again.dialect, named.dialect, writing.dialect}) == 3
    assert plain.dialect != create_engine("postgresql+psycopg://x@localhost/x").dialect
