"""The samples as files, read without any of our mappings: what these tests count, the product must find, too."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import openpyxl
import pytest
import yaml

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture(scope="session")
def samples() -> Path:
    return SAMPLES


@pytest.fixture(scope="session")
def file_list(samples: Path) -> list[dict[str, str]]:
    """Every row of the file list, CSV and workbook."""
    folder = samples / "data" / "file_list"
    with (folder / "land_files.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    header, *cells = openpyxl.load_workbook(folder / "land_tenders.xlsx", read_only=True).active.iter_rows(
        values_only=True
    )
    return rows + [{str(key): str(value or "") for key, value in zip(header, row, strict=True)} for row in cells]


@pytest.fixture(scope="session")
def register(samples: Path) -> list[sqlite3.Row]:
    """Every row of the land register."""
    connection = sqlite3.connect(f"file:{samples / 'data' / 'land_register.sqlite'}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    rows = connection.execute("SELECT * FROM 土地登记").fetchall()
    connection.close()
    return rows


@pytest.fixture(scope="session")
def volumes(samples: Path) -> dict[str, dict[str, str]]:
    """The volumes of the land files: folder name to what its volume.yml states."""
    return {folder.name: _statement(folder) for folder in sorted((samples / "data" / "volumes").iterdir())}


def _statement(folder: Path) -> dict[str, str]:
    file = folder / "volume.yml"
    return yaml.load(file.read_text("utf-8"), yaml.BaseLoader) if file.exists() else {}  # texts only
