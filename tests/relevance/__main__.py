"""`make relevance`: the cases and the judged sets, through the command line, beside the last accepted run.

    python -m tests.relevance [SET ...] [--accept REASON] [--engine ADDRESS]

The reason is kept with every loss that is accepted; a run without losses needs none (``--accept ""``). On another
engine than tantivy the figures stand beside those of the accepted run, and none is accepted.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.evaluate import MEASURES
from onestop.wiring import Workspace
from tests.conftest import corpus_folder
from tests.relevance import accepted
from tests.relevance.accepted import Result
from tests.relevance.asked import cases_workspace, surprises
from tests.relevance.cases import CASES
from tests.relevance.judged import HELD, SETS, TUNED
from tests.relevance.line import EMBEDDED

CASE_SET = "cases"
SHOWN = 8
"""Changed questions shown of each set."""


def main() -> int:
    arguments = _arguments()
    before = accepted.read()
    results: dict[str, Result] = {}
    surprised: list[str] = []
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if not arguments.sets or CASE_SET in arguments.sets:
            surprised = _cases(folder, arguments.engine)
        for make in SETS:
            judged = make(arguments.corpus)
            if not arguments.sets or judged.name in arguments.sets:
                engine = _beside_others(arguments.engine, judged.name)
                results[judged.name] = now = accepted.measured(judged, folder / judged.name, engine)
                _put(judged.name, now, before["sets"].get(judged.name))
    lost = [loss for name, now in results.items() for loss in accepted.losses(name, now, before)]
    for loss in lost:
        print("LOSS: {set}, {half}: {measure} from {from} to {to}".format(**loss))
    if arguments.accept is None:
        return 1 if surprised or lost else 0
    if lost and not arguments.accept.strip():
        sys.exit("A loss is accepted with its reason only: --accept REASON")
    accepted.accept(results, arguments.accept)
    return 1 if surprised else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.relevance", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"{CASE_SET}, or the name of a judged set; all of them")
    parser.add_argument("--corpus", type=Path, default=corpus_folder(), help="the shared corpus")
    parser.add_argument("--accept", metavar="REASON", help="make this run the accepted one")
    parser.add_argument("--engine", metavar="ADDRESS", default=EMBEDDED, help="an index of another engine, to be made")
    given = parser.parse_args()
    if given.accept is not None and given.engine != EMBEDDED:
        parser.error("the accepted run is that of tantivy: leave out --engine")
    return given


def _beside_others(engine: str, name: str) -> str:
    """The address of an index for one set: workspaces do not share one."""
    if engine == EMBEDDED:
        return engine
    place, question, parameters = engine.partition("?")
    return f"{place}-{name}{question}{parameters}"


def _cases(folder: Path, engine: str) -> list[str]:
    with Workspace(cases_workspace(folder / CASE_SET, _beside_others(engine, CASE_SET))) as here:
        surprised = surprises(here, CASES)
    failing = sum(bool(case.failing) for case in CASES)
    print(f"{len(CASES)} cases, {failing} known not to hold, {len(surprised)} other than said", *surprised, sep="\n  ")
    return surprised


def _put(name: str, now: Result, before: Result | None) -> None:
    print(f"\n{name} (a page of 20: p50 {now['latency_ms']['p50']} ms, p95 {now['latency_ms']['p95']} ms)")
    for part in (TUNED, HELD):
        pairs = [(measure, now[part][measure], before and before[part][measure]) for measure in MEASURES]
        print(f"  {part:5}", "  ".join(f"{measure} {value:.4f}{_beside(value, old)}" for measure, value, old in pairs))
    changed = accepted.changes(now, before)
    better = sum(new > old for _, old, new in changed)
    if changed:
        print(f"  {better} questions better, {len(changed) - better} worse:", end=" ")
        print(", ".join(f"{question} {old:.2f} > {new:.2f}" for question, old, new in changed[:SHOWN]))


def _beside(value: float, old: float | None) -> str:
    return f" ({value - old:+.4f})" if old is not None and value != old else ""


if __name__ == "__main__":
    sys.exit(main())
