"""How good proposals are: for every sheet of the corpus, its crosswalk hidden, against `proposal_truth.yml`.

ONESTOP_CORPUS=... python -m tests.mappings.table.proposals
"""

from __future__ import annotations

import os
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import yaml

from mappings.formats.table.proposal import SAMPLE, propose
from mappings.formats.table.reader import rows_of
from mappings.formats.table.rows import NotATable

TRUTH: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("proposal_truth.yml").read_text("utf-8"))
PLACES = ("csv/**/*", "thematic/**/*.[ct]sv", "bad/csv-frictionless/*.[cx]*")


def truth(header: str) -> set[str]:
    """The fields a column may be; none when it is best left among the values."""
    return {field for field, names in TRUTH.items() if any(_is(name, header) for name in names)}


def _is(name: str, header: str) -> bool:
    return bool(re.fullmatch(name[1:-1], header)) if name[0] == "/" else name == header


def sheets(corpus: Path) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """(path, first rows) of every sheet that is a table."""
    for path in sorted({file for place in PLACES for file in corpus.glob(place) if file.is_file()}):
        try:
            with path.open("rb") as stream:
                rows = [row.cells for row in islice(rows_of(stream, path.name, frozenset()), SAMPLE) if row.cells]
        except NotATable:
            continue
        if rows:
            yield (
                path.relative_to(corpus).as_posix(),
                [row for row in rows if not str(next(iter(row.values()))).lower().startswith("field name")],
            )


def measured(corpus: Path) -> tuple[Counter[str], Counter[str], Counter[str], list[str]]:
    """(right, wrong, missed) by field, and a line for each mistake. Columns with text count, empty ones do not."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    lines = []
    for name, rows in sheets(corpus):
        for column in propose(rows):
            fields = truth(column.header)
            if column.sample is None:
                continue
            said = f"{name}: {column.header!r}: {column.why}; it is {sorted(fields) or 'a value'}"
            if column.field is None:
                if fields:
                    missed[min(fields)] += 1
                    lines.append(f"missed {said}")
            elif column.field in fields:
                right[column.field] += 1
            else:
                wrong[column.field] += 1
                lines.append(f"wrong  {column.field} for {said}")
    return right, wrong, missed, lines


def main() -> None:
    warnings.simplefilter("ignore")
    right, wrong, missed, lines = measured(Path(os.environ["ONESTOP_CORPUS"]))
    print("\n".join(lines))
    print(f"{'field':26}right wrong missed")
    for field in sorted({*right, *wrong, *missed}):
        print(f"{field:26}{right[field]:5} {wrong[field]:5} {missed[field]:6}")
    found, false, lost = right.total(), wrong.total(), missed.total()
    print(f"precision {found / (found + false):.3f}, recall {found / (found + lost + false):.3f}")


if __name__ == "__main__":
    main()
