"""The thematic tables that are not about land: Tang poets and poems (SQLite), newspaper titles (JSON Lines)."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHORTEST_LIFE = 20  # characters; many of the 3,675 poets have one phrase only
SCHEMA = """
CREATE TABLE poets (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, courtesy_name TEXT, native_place TEXT, biography TEXT NOT NULL
);
CREATE TABLE poems (id TEXT PRIMARY KEY, title TEXT NOT NULL, author TEXT NOT NULL, tags TEXT, text TEXT NOT NULL);
"""
STATES = {
    "ACT": "Australian Capital Territory",
    "NSW": "New South Wales",
    "NT": "Northern Territory",
    "QLD": "Queensland",
    "SA": "South Australia",
    "TAS": "Tasmania",
    "VIC": "Victoria",
    "WA": "Western Australia",
}


def poets(authors: list[dict[str, Any]]) -> Iterator[tuple[str | None, ...]]:
    """Poets with a life; where the same life follows in other editions, only the first is kept."""
    seen = set()
    for author in authors:
        life = re.split(r"\s{2,}", author["desc"].strip())[0].strip()
        if len(life) < SHORTEST_LIFE or author["id"] in seen:
            continue
        seen.add(author["id"])
        courtesy = re.search(r"字([^，。、]{1,3})[，。]", life[:40])
        native = re.search(r"[，。]([^，。、封女]{2,5})(?<!夫)人[，。也]", life[:60])
        yield author["id"], author["name"], courtesy and courtesy[1], native and native[1], life


def poems(rows: list[dict[str, Any]]) -> Iterator[tuple[str | None, ...]]:
    """The poems, lines joined."""
    for row in rows:
        yield row["id"], row["title"], row["author"], ";".join(row.get("tags", [])) or None, "".join(row["paragraphs"])


def write_poets(path: Path, folder: Path) -> None:
    """The database of poets and poems, written anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    with connection:
        connection.executescript(SCHEMA)
        connection.executemany("INSERT INTO poets VALUES (?, ?, ?, ?, ?)", poets(_json(folder / "authors.tang.json")))
        connection.executemany(
            "INSERT INTO poems VALUES (?, ?, ?, ?, ?)", poems(_json(folder / "poet.tang.10000.json"))
        )
    connection.execute("VACUUM")
    connection.close()


def _json(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return rows


def newspapers(folder: Path) -> Iterator[dict[str, Any]]:
    """One row a title: name, place, state, years and coordinates; titles without a place of their own are left out."""
    places = {row["title_id"]: row for row in _rows(folder / "trove-newspaper-titles-locations.csv") if row["place"]}
    seen = set()
    for row in _rows(folder / "trove_newspaper_titles_first_appearance_2009_2021.csv"):
        if row["title_id"] in seen or row["title_id"] not in places:
            continue
        seen.add(row["title_id"])
        place = places[row["title_id"]]
        yield {
            "title_id": row["title_id"],
            "title": row["title"],
            "place": place["place"],
            "state": STATES.get(place["state"], place["state"]),
            "dates": row["dates"],
            "latitude": float(place["latitude"]),
            "longitude": float(place["longitude"]),
            "digitised_since": row["capture_date"],
        }


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def write_newspapers(path: Path, folder: Path) -> None:
    """JSON Lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(row, ensure_ascii=False) for row in newspapers(folder))
    path.write_text("\n".join(lines) + "\n", "utf-8")
