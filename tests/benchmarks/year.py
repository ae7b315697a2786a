"""What a year of a mid-size archive costs at the desk: 20,000 requests with all that happens to them, played by the
desk's own calls, and what the screens of it cost beside plain SQL of the same.

usage: python -m tests.benchmarks.year [REQUESTS] [ADDRESS]      prints one JSON line

ADDRESS is that of an empty database; without it a SQLite file is made. The year is written ahead (`onestop.year`), so
the numbers of its end are known: that the indicators tell them is tested (`tests/onestop/test_year.py`), and that
nothing was lost is looked at here. `cpu_per_thousand` is processor time of this process, which other work of the
machine does not change. The plain side of the inbox reads the columns of a page's rows; that of the indicators reads
every event and rating once, and counts nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, median
from time import perf_counter, process_time
from typing import Any, Final

from sqlalchemy import text

from onestop.year.house import MANAGER, Year, open_year
from onestop.year.plan import plan
from service_desk.indicators.periods import Period
from service_desk.indicators.service import Indicators, Selection
from tests.benchmarks.inbox import _COLUMNS, _ORDER, SIZE, STAFF, WANTED

REQUESTS: Final = 20_000
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
ROUNDS: Final = 11
_WHOLE: Final = Selection(Period.named("2025"))
_PLAIN: Final = (
    "SELECT id, receipt, type, department, hit, version FROM request",
    "SELECT request_id, number, at, party, what, payload FROM event ORDER BY request_id, number",
    "SELECT request_id, closing, stars FROM rating",
)


def run(address: str, folder: Path, requests: int = REQUESTS) -> dict[str, Any]:
    """The figures of a year of so many requests."""
    with open_year(address, folder, plan(requests, FIRST, LAST)) as year:
        begun, used = perf_counter(), process_time()
        year.play()
        return {
            "requests": requests,
            "database": year.desk._database.engine.dialect.name,
            "seconds_per_thousand": _a_thousand(perf_counter() - begun, requests),
            "cpu_per_thousand": _a_thousand(process_time() - used, requests),
            "counts": year.counts(),
            "bytes": _size(year),
            "lost": year.lost()[:10],
            "told": _told(year),
            **_screens(year),
        }


def _told(year: Year) -> dict[str, list[float | None]]:
    """Each indicator as it was constructed, and as the desk tells it."""
    ends = [end for _, end in year.plan.ended()]
    worked = [end for end in ends if end.worked]
    stars = [end.stars for end in ends if end.stars is not None]
    good = [end for end in worked if end.outcome in ("delivered", "partly_delivered")]
    constructed: dict[str, float] = {
        "handling": fmean(end.handled for end in worked),
        "visits": fmean(end.visits for end in worked),
        "fulfilment": len(good) / len(worked),
        "satisfaction": fmean(stars),
        "answered": len(worked),
        "late": sum(end.late for end in worked),
        "median": median(end.handled for end in worked),
    }
    report = year.report(_WHOLE)
    measured: dict[str, float | None] = {key: figure.value for key, figure in report.figures.items()}
    measured |= {"answered": report.spread.n, "late": report.spread.late, "median": report.spread.median}
    return {name: [value, measured[name]] for name, value in constructed.items()}


def _a_thousand(seconds: float, requests: int) -> float:
    return round(seconds * 1000 / requests, 1)


def _screens(year: Year) -> dict[str, Any]:
    """Each of ours with plain SQL of the same: [ours, plain, ratio], in ms of processor time."""
    page = text(f"SELECT {_COLUMNS} FROM request WHERE {WANTED['open']} ORDER BY {_ORDER} LIMIT {SIZE + 1}")
    return {
        "inbox": _beside(lambda: year.desk.inbox.page(STAFF, "open", size=SIZE), lambda: _read(year, page)),
        "indicators_cold": _beside(
            lambda: _anew(year).report(MANAGER, _WHOLE), lambda: [_read(year, text(one)) for one in _PLAIN], 3
        ),
        "indicators": _beside(
            lambda: year.report(_WHOLE), lambda: [_read(year, text(one)) for one in _PLAIN], rounds=3
        ),
    }


def _anew(year: Year) -> Indicators:
    """Indicators that have not looked yet, as after a start."""
    desk = year.desk
    return Indicators(desk._database, year.desk.indicators._clock, desk.rules)


def _read(year: Year, statement: Any) -> int:
    with year.desk._database.read() as session:
        return len(session.execute(statement).all())


def _beside(ours: Callable[[], object], plain: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    ours()
    taken = [(_timed(ours), _timed(plain)) for _ in range(rounds)]
    one, other = (median(side) for side in zip(*taken, strict=True))
    return [round(one, 2), round(other, 2), round(one / other, 2)]


def _timed(work: Callable[[], object]) -> float:
    begun = process_time()
    work()
    return (process_time() - begun) * 1000


def _size(year: Year) -> int:
    """Bytes of the database."""
    sqlite = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    server = "SELECT pg_database_size(current_database())"
    database = year.desk._database
    with database.read() as session:
        return int(session.scalar(text(sqlite if database.engine.dialect.name == "sqlite" else server)) or 0)


def main(arguments: list[str]) -> int:
    requests = int(arguments[0]) if arguments else REQUESTS
    with tempfile.TemporaryDirectory(prefix="year-") as place:
        folder = Path(place)
        address = arguments[1] if len(arguments) > 1 else f"sqlite:///{folder / 'desk.db'}"
        print(json.dumps(run(address, folder, requests)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
