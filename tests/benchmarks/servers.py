"""An archive on servers: writing it, searching it, many clients, and what it weighs; OpenSearch with Elasticsearch
beside it.

usage: python -m tests.benchmarks.servers [bulk] [sync] [page] [clients] [--fold 1] [--pages 11000] [--step 1]

All parts when none is named. `--step 10` takes every tenth resource: for trying. Both servers are started here, with a
heap of 2 GiB each, and end with this program. Exit codes, JSON and table are those of `tests.benchmarks.run`;
definitions stand in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import larger
from tests.benchmarks.growth_corpus import Corpus, write
from tests.benchmarks.places import ROOT, Missing, finding_aids, machine, peers
from tests.benchmarks.programs import Failed, Ran, module, onestop, run
from tests.benchmarks.rows import Row, in_turns, middle
from tests.benchmarks.run import put, refuse
from tests.benchmarks.servers_corpus import DESCRIPTIONS, VOLUMES, build
from tests.services.elasticsearch_server import ElasticsearchServer
from tests.services.opensearch_server import OpenSearchServer, SearchServer
from tests.services.server import NotThere

RESULTS = ROOT / ".bench" / "servers.json"
HEAP = "2g"
INDEX = "bench"
PARAMETERS = "replicas=0&timeout=120"
ROUNDS = 2
PROCESSES, THREADS, SECONDS = 2, 8, 10.0
"""Clients: so many threads in each of so many processes, for so long, each side `ROUNDS` times."""
BULK_GOAL, SYNC_GOAL, PAGE_GOAL, REINDEX_GOAL, UPDATE_GOAL, CLIENTS_GOAL = 0.9, 1.6, 1.15, 0.9, 0.03, 0.9
MEMORY_GOAL = 1.1


@dataclass
class Bench:
    """What the parts share."""

    peers: Path
    data: Path
    work: Path
    opensearch: SearchServer
    elasticsearch: SearchServer
    counts: dict[str, int] = field(default_factory=dict)
    weights: dict[str, Any] = field(default_factory=dict)
    """What docs/capacity.md is worked out from."""

    @property
    def files(self) -> tuple[Path, Path]:
        """The prepared documents."""
        return self.work / DESCRIPTIONS, self.work / VOLUMES

    @property
    def engine(self) -> str:
        """The index of all prepared documents."""
        return self.opensearch.engine(INDEX, PARAMETERS)

    # Writing

    def bulk(self) -> Iterator[Row]:
        for side in ("peer", "ours"):
            self._bulk(side, 0.25, self.opensearch.engine("warmed", PARAMETERS))  # a cold server takes twice as long
        self._ask("DELETE", "/warmed-*")
        turns = in_turns({side: lambda side=side: self._bulk(side) for side in ("peer", "ours")}, ROUNDS)  # type: ignore[misc]
        speeds = {side: [_speed(ran) for ran in runs] for side, runs in turns.items()}
        detail = {
            "runs": speeds,
            "client_cpu_s": {side: round(median(ran.cpu_seconds for ran in runs), 2) for side, runs in turns.items()},
            "peak_mib": {side: max(ran.private_mib for ran in runs) for side, runs in turns.items()},
            **turns["ours"][-1].document,
        }
        pair = (middle(speeds["ours"]), middle(speeds["peer"]))
        yield Row("bulk indexing", "docs/s", *pair, goal=BULK_GOAL, goal_is="at least", detail=detail)
        quarter = self._bulk("ours", 0.25, self.opensearch.engine("quarter", PARAMETERS))
        self._ask("DELETE", "/quarter-*")
        peaks = turns["ours"][-1].private_mib, quarter.private_mib
        yield Row("client memory, all documents to a quarter", "MiB", *peaks, goal=MEMORY_GOAL)
        self._weigh()
        other = _speed(self._bulk("ours", engine=self.elasticsearch.engine(INDEX, PARAMETERS)))
        yield Row("bulk indexing, Elasticsearch to OpenSearch", "docs/s", other, pair[0])

    def _bulk(self, side: str, share: float = 1, engine: str = "", files: Sequence[Path] = ()) -> Ran:
        told(f"  {side}, {share:.0%} of the documents ...")
        where = engine or self.engine
        return run(*module("servers_bulk", side, where, str(share), *(files or self.files)))

    def _weigh(self) -> None:
        """Bytes and seconds of descriptions and of volumes, each in an index of its own."""
        for file, name in zip(self.files, ("resources", "pages"), strict=True):
            engine = self.opensearch.engine(f"weighed-{name}", PARAMETERS)
            ran = self._bulk("ours", engine=engine, files=[file]).document
            size = self._bytes(f"weighed-{name}")
            count = self.counts[name]
            self.weights[name] = {
                "count": count,
                "bytes_each": round(size / count),
                "documents_each": round(ran["documents"] / count, 3),
                "prepared_bytes_each": round(ran["bytes"] / count),
                "per_second": round(count / ran["seconds"]),
            }
            self._ask("DELETE", f"/weighed-{name}-*")
        self._ask("POST", f"/{INDEX}-*/_flush")
        heap = self._ask("GET", "/_nodes/stats/jvm")["nodes"]
        self.weights["heap_used_mib"] = round(next(iter(heap.values()))["jvm"]["mem"]["heap_used_in_bytes"] / 2**20)

    def _bytes(self, index: str) -> int:
        self._ask("POST", f"/{index}/_flush")
        size: int = self._ask("GET", f"/{index}/_stats/store")["_all"]["primaries"]["store"]["size_in_bytes"]
        return size

    def _ask(self, method: str, path: str) -> Any:
        asked = urllib.request.Request(self.opensearch.address + path, method=method)
        with urllib.request.urlopen(asked, timeout=120) as answer:
            return json.load(answer)

    def sync(self) -> Iterator[Row]:
        folder = self.work / "sources"
        write(Corpus(self.data), folder, range(max(1, self.counts.get("fold", 1))))
        thin(folder, self.counts.get("step", 1))
        places = {name: larger.workspace(self.work / name, folder) for name in ("tantivy", "server")}
        settings = places["server"] / "onestop.toml"
        said = settings.read_text(encoding="utf-8").replace(
            '"tantivy:index"', f'"{self.opensearch.engine("night", PARAMETERS)}"'
        )
        settings.write_text(said, encoding="utf-8")
        first = {name: self._run("sync", place) for name, place in places.items()}
        records = larger.indexed(first["server"])
        pair = [round(first[name].seconds, 2) for name in ("server", "tantivy")]
        detail = {"records": records, "peak_mib": first["server"].peak_mib, "index_s": _index(first["server"])}
        yield Row("whole sync, OpenSearch to tantivy", "s", *pair, goal=SYNC_GOAL, detail=detail)
        told("  reindex ...")
        reindex = run(*onestop(places["server"], "reindex", "--json")).document["seconds"]
        speeds = round(records / reindex, 1), round(records / _index(first["server"]), 1)
        yield Row("reindex, to first indexing", "records/s", *speeds, goal=REINDEX_GOAL, goal_is="at least")
        quiet = self._run("sync", places["server"])
        larger.change(folder)
        changed = self._run("sync", places["server"])
        update = round(_index(changed) - _index(quiet), 3), round(_index(first["server"]), 3)
        detail = {
            "records": larger.indexed(changed),
            "seconds": {"first": first["server"].seconds, "quiet": quiet.seconds, "changed": changed.seconds},
        }
        yield Row("one finding aid in a hundred changed", "s", *update, goal=UPDATE_GOAL, detail=detail)
        self.weights["sync"] = {"records": records, "seconds": pair[0], "reindex_seconds": reindex}

    def _run(self, what: str, place: Path) -> Ran:
        told(f"  {what} in {place.name} ...")
        return larger.sync(place)

    # Searching

    def page(self) -> Iterator[Row]:
        self._filled()
        other = self.elasticsearch.engine(INDEX, PARAMETERS)
        if not self._has(self.elasticsearch.address):
            self._bulk("ours", engine=other)
        asked = (self.peers, self.work, self.opensearch.address, self.engine, other, self.opensearch.pid)
        found = run(*module("servers_page", *map(str, asked))).document
        for name, figures in found["classes"].items():
            judged = not name.endswith("equal")
            detail = {side: {key: figures[side][key] for key in ("n", "hits_median", "cpu_ms")} for side in figures}
            detail |= {"ways": found["ways"].get(name), "server_ms": found["server_ms"].get(name)}
            for key in ("p50", "p95"):
                pair = figures["ours"][key], figures["peer"][key]
                goal = PAGE_GOAL if judged else None
                where = found["where"] if judged else []
                yield Row(f"search page, {name}, {key}", "ms", *pair, goal=goal, detail=detail, where=where)
        for name, figures in found["classes"].items():
            if not name.endswith("equal"):
                pair = figures["es"]["p50"], figures["ours"]["p50"]
                yield Row(f"search page, {name}, p50, Elasticsearch to OpenSearch", "ms", *pair)
        self.weights["page_ms"] = {name: figures["ours"] for name, figures in found["classes"].items()}

    def _filled(self) -> None:
        """The index of all documents is there."""
        if not self._has(self.opensearch.address):
            self._bulk("ours")

    def _has(self, address: str) -> bool:
        with urllib.request.urlopen(f"{address}/_aliases", timeout=60) as answer:
            return any(INDEX in index["aliases"] for index in json.load(answer).values())

    def clients(self) -> Iterator[Row]:
        self._filled()
        if not self._has_peer():
            raise Failed("the opponent's index is not there; name the part page, too")
        turns = in_turns({"peer": lambda: self._load("peer"), "ours": lambda: self._load("ours")}, ROUNDS)
        sums = {side: [sum(one["per_second"] for one in both) for both in runs] for side, runs in turns.items()}
        pair = middle(sums["ours"]), middle(sums["peer"])
        name = f"{PROCESSES * THREADS} clients ({PROCESSES} processes of {THREADS} threads)"
        yield Row(name, "pages/s", *pair, goal=CLIENTS_GOAL, goal_is="at least", detail={"runs": turns})

    def _has_peer(self) -> bool:
        with urllib.request.urlopen(f"{self.opensearch.address}/_aliases", timeout=60) as answer:
            return "peer-english" in json.load(answer)

    def _load(self, side: str) -> list[Any]:
        """What each process of one side made."""
        told(f"  {PROCESSES * THREADS} clients, {side} ...")
        where = self.engine if side == "ours" else self.opensearch.address
        commands = [self._client(side, where, 100 * number + 11) for number in range(PROCESSES)]
        running = [
            subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for command in commands
        ]
        said = [process.communicate() for process in running]
        if any(process.returncode for process in running):
            raise Failed("\n".join(error[-1000:] for _, error in said))
        return [json.loads(out) for out, _ in said]

    def _client(self, side: str, where: str, seed: int) -> list[str]:
        """The command line of one process."""
        return module("servers_clients", side, self.peers, self.work, where, str(SECONDS), str(THREADS), str(seed))


PARTS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "bulk": Bench.bulk,
    "sync": Bench.sync,
    "page": Bench.page,
    "clients": Bench.clients,
}


def _speed(ran: Ran) -> float:
    """Documents a second."""
    return round(ran.document["documents"] / ran.document["seconds"], 1)


def _index(ran: Ran) -> float:
    """Seconds of a run beside its sources: links, and the index."""
    whole: float = ran.document["seconds"]
    return whole - sum(source["seconds"] for source in ran.document["sources"])


def thin(folder: Path, step: int) -> None:
    """Keep every n-th file of each kind."""
    for kind in folder.iterdir():
        files = sorted(each for each in kind.rglob("*") if each.is_file())
        for file in set(files) - set(files[::step]):
            file.unlink()


def told(sentence: str) -> None:
    """What goes on, for who waits."""
    print(sentence, file=sys.stderr, flush=True)


def attempts(bench: Bench, chosen: Sequence[str], rows: list[Row]) -> Iterator[tuple[str, str]]:
    """Measure part by part into the rows; gives those that could not be measured, with the reason."""
    for name in chosen:
        begun = time.perf_counter()
        told(f"measuring {name} ...")
        try:
            rows += PARTS[name](bench)
        except (Failed, OSError, RuntimeError) as reason:
            told(str(reason))
            yield name, str(reason)
        told(f"measured {name} in {time.perf_counter() - begun:.0f} s")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.servers", description="Measure on servers.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all when none is named")
    parser.add_argument("--fold", type=int, default=1, help="how often the corpus is repeated")
    parser.add_argument("--pages", type=int, default=11_000, help="pages of scanned volumes")
    parser.add_argument("--step", type=int, default=1, help="take every n-th resource, for trying")
    given = parser.parse_args(arguments)
    chosen = given.parts or list(PARTS)
    if unknown := [name for name in chosen if name not in PARTS]:
        return refuse(f"there is no part {unknown[0]!r} (parts: {', '.join(PARTS)})")
    try:
        opponents, data = peers(), finding_aids().parent
    except Missing as missing:
        return refuse(str(missing))
    before, begun, rows = machine(), time.perf_counter(), []
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="servers-")))
        told("writing the archive ...")
        counts = build(data, work, given.fold, given.pages, given.step)
        told(f"{counts}, {time.perf_counter() - begun:.0f} s; starting the servers ...")
        try:
            opensearch = stack.enter_context(OpenSearchServer(HEAP))
            elasticsearch = stack.enter_context(ElasticsearchServer(HEAP))
        except NotThere as missing:
            return refuse(str(missing))
        size = {"fold": given.fold, "step": given.step}
        bench = Bench(opponents, data, work, opensearch, elasticsearch, counts | size)
        failures = dict(attempts(bench, chosen, rows))
    document = {
        "machine": before,
        "load_after": machine()["load"],
        "seconds": round(time.perf_counter() - begun, 1),
        "archive": counts,
        "heap": HEAP,
        "capacity": bench.weights,
        "rows": [row.to_json() for row in rows],
        "not_measured": failures,
    }
    put(document, rows, RESULTS)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
