"""The archive that servers are measured on: documents as our writer gets them, and the opponent's documents.

usage: python -m tests.benchmarks.servers_corpus DATA FOLDER FOLD PAGES STEP      prints what was written as JSON

It is the archive of `finding_corpus`, or every STEP-th resource of it. Descriptions and scanned volumes are files of
their own, so that both can be weighed.
"""

from __future__ import annotations

import json
import sys
from itertools import islice
from pathlib import Path
from typing import Any

from indexer.documents import document_stream
from indexer.resource import mint
from tests.benchmarks.finding_corpus import CORPUS, peer_documents, resources

DESCRIPTIONS, VOLUMES = "descriptions.jsonl", "volumes.jsonl"
"""Prepared documents, one a line; those of a resource follow each other."""


def build(data: Path, folder: Path, fold: int, pages: int, step: int) -> dict[str, int]:
    """How many resources, pages and prepared documents of both kinds were written."""
    counts = {"resources": 0, "volumes": 0, "pages": 0, DESCRIPTIONS: 0, VOLUMES: 0}
    with (
        (folder / DESCRIPTIONS).open("wb") as descriptions,
        (folder / VOLUMES).open("wb") as volumes,
        (folder / CORPUS).open("wb") as opponent,
    ):
        for resource in islice(resources(data, fold, pages), 0, None, step):
            made = list(document_stream(resource, mint))
            is_volume = resource.members[0].source == "scans"
            (volumes if is_volume else descriptions).writelines(document + b"\n" for document in made)
            lines = list(peer_documents(made))
            opponent.writelines(lines)
            counts["volumes" if is_volume else "resources"] += 1
            counts["pages"] += len(lines) - 1
            counts[VOLUMES if is_volume else DESCRIPTIONS] += len(made)
    return counts


def lines_of(*files: Path) -> Any:
    """The documents in some files."""
    for file in files:
        with file.open("rb") as lines:
            for line in lines:
                yield line[:-1]


if __name__ == "__main__":
    print(json.dumps(build(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:6]))))
