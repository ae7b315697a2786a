"""Prepared documents into a new index: by our writer, or by `parallel_bulk` of opensearch-py.

usage: python -m tests.benchmarks.servers_bulk ours|peer ENGINE SHARE FILE ...      prints one JSON line

SHARE of the documents (1: all, 0.25: the first quarter). The index has our settings and mapping on both sides; refresh
and copies are off while it is filled. Seconds are from the first document on, which is read from its file, until all
can be searched: ours also counts what arrived and puts the index in place of the one before.
"""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from opensearchpy import JSONSerializer, OpenSearch, helpers

from indexer.engines import open_engine
from indexer.engines.cluster.address import parse
from indexer.engines.cluster.mapping import mappings, settings
from tests.benchmarks.servers_corpus import lines_of

SENDERS, CHUNK_BYTES = 2, 1 << 20


class FastJSON(JSONSerializer):
    """What is text already goes as it is."""

    def loads(self, s: str) -> Any:
        return orjson.loads(s)

    def dumps(self, data: Any) -> Any:
        return data if isinstance(data, str | bytes) else orjson.dumps(data).decode()


def ours(engine: str, documents: Iterable[bytes]) -> float:
    """By our writer: the seconds it took."""
    writer = open_engine(engine, Path()).writer()
    writer.clear()
    begun = time.perf_counter()
    writer.add(documents)
    refused = writer.commit(1)
    seconds = time.perf_counter() - begun
    writer.close()
    if refused:
        raise ValueError(f"{len(refused)} resources were refused")
    return seconds


def peer(engine: str, documents: Iterable[bytes]) -> float:
    """By the bulk helper of the product's own client."""
    address = parse(engine, Path())
    client = OpenSearch(list(address.nodes), timeout=300, serializer=FastJSON(), http_compress=False)
    index = f"{address.name}-peer"
    client.indices.delete(index=index, ignore_unavailable=True)
    version = client.info()["version"]["number"]
    client.indices.create(index=index, body={"settings": settings(address, version), "mappings": mappings()})
    begun = time.perf_counter()
    actions = ({"_index": index, "_id": str(at), "_source": text.decode()} for at, text in enumerate(documents))
    sent = helpers.parallel_bulk(
        client,
        actions,
        thread_count=SENDERS,
        queue_size=SENDERS * 2,
        chunk_size=100_000,
        max_chunk_bytes=CHUNK_BYTES,
    )
    deque(sent, maxlen=0)
    client.indices.refresh(index=index)
    seconds = time.perf_counter() - begun
    client.indices.delete(index=index)
    return seconds


def counted(documents: Iterable[bytes], counts: list[int]) -> Iterator[bytes]:
    """The documents; how many and how many bytes they were is noted."""
    for document in documents:
        counts[0] += 1
        counts[1] += len(document)
        yield document


def main(side: str, engine: str, share: float, files: list[Path]) -> dict[str, Any]:
    """Documents, bytes, seconds."""
    whole = sum(1 for _ in lines_of(*files)) if share < 1 else None
    documents = islice(lines_of(*files), None if whole is None else round(whole * share))
    counts = [0, 0]
    seconds = {"ours": ours, "peer": peer}[side](engine, counted(documents, counts))
    return {"documents": counts[0], "bytes": counts[1], "seconds": round(seconds, 3)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), list(map(Path, sys.argv[4:])))))
