"""A program: take one folder of finding aids into a new record store, and print the peaks of memory it took.

usage: python -m tests.long.take_in FOLDER STORE      prints {"records", "parent_mib", "worker_mib"}
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from pipelines.intake import Intake
from pipelines.link import link
from pipelines.record_store import RecordStore
from pipelines.source import SourceSpec
from pipelines.workers import Workers


def main(folder: Path, place: Path) -> None:
    """What the nightly run does before the index."""
    store = RecordStore(place)
    spec = SourceSpec("aids", "Finding aids", "folder", "ead", settings={"path": str(folder)})
    with Workers() as pool:
        report = Intake(spec, store, pool, "run").run()
        link(store, "run")
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"records": report.indexed, "parent_mib": peaks[0], "worker_mib": peaks[1]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
