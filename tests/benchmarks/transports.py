"""A first `onestop sync` from a bucket of a MinIO on this machine, against one of the same files from a folder."""

from __future__ import annotations

import json
import shutil
from itertools import count
from pathlib import Path

from tests.benchmarks.ingest import sync, workspace
from tests.benchmarks.places import Missing
from tests.benchmarks.programs import Failed, Ran
from tests.benchmarks.rows import Row, in_turns, middle
from tests.services.minio_server import MinioServer
from tests.services.server import NotThere

ROUNDS = 3
GOAL = 0.7
BUCKET = "finding-aids"
SOURCE = "title: Finding aids\nconnector: s3\nmapping: ead\naccess: open\nsettings: {settings}\n"


def measure(folder: Path, work: Path, rounds: int = ROUNDS) -> Row:
    """The row: records a second of both, from process start to exit. Raises Missing without a MinIO."""
    try:
        server = MinioServer()
    except NotThere as missing:
        raise Missing(str(missing)) from None
    numbers = count()
    with server:
        settings = _filled(server, folder)
        turns = in_turns(
            {
                "s3": lambda: _first(work / f"bucket{next(numbers)}", folder, settings),
                "folder": lambda: _first(work / f"folder{next(numbers)}", folder),
            },
            rounds,
        )
    (records,) = {ran.document["sources"][0]["indexed"] for runs in turns.values() for ran in runs}
    seconds = {name: middle([ran.seconds for ran in runs]) for name, runs in turns.items()}
    intake = {name: middle([ran.document["sources"][0]["seconds"] for ran in runs]) for name, runs in turns.items()}
    return Row(
        "sync from S3, to one from a folder",
        "records/s",
        round(records / seconds["s3"]),
        round(records / seconds["folder"]),
        goal=GOAL,
        goal_is="at least",
        detail={
            "records": records,
            "runs": {name: [round(ran.seconds, 2) for ran in runs] for name, runs in turns.items()},
            "intake": intake,
            "cpu": {name: middle([ran.cpu_seconds for ran in runs]) for name, runs in turns.items()},
            "peak_rss_mib": {name: max(ran.peak_mib for ran in runs) for name, runs in turns.items()},
        },
        where=[f"{intake['s3'] / intake['folder'] - 1:+.0%} time for reading, mapping, storing"],
    )


def _filled(server: MinioServer, folder: Path) -> dict[str, str]:
    """The settings of a source over a bucket that holds the files of a folder."""
    client = server.client()
    client.make_bucket(BUCKET)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        client.fput_object(BUCKET, file.relative_to(folder).as_posix(), str(file))
    return server.settings(BUCKET)


def _first(place: Path, folder: Path, settings: dict[str, str] | None = None) -> Ran:
    """The first sync of a new workspace. Raises Failed when records could not be read."""
    made = workspace(place, folder)
    if settings is not None:
        (made / "sources" / "ead.yml").write_text(SOURCE.format(settings=json.dumps(settings)), encoding="utf-8")
    ran = sync(made)
    shutil.rmtree(made)
    if not ran.document["sources"][0]["indexed"]:
        raise Failed(f"nothing was read: {ran.output[-2000:]}")
    return ran
