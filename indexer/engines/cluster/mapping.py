"""Settings and mapping of an index on a cluster, made from `indexer.fields`: nothing that is not declared gets in.

Tokens come ready, joined by spaces, and go through the whitespace analyzer that every installation has. What a hit
shows is stored beside them as it is; the documents themselves are not kept (`_source`), since nothing is ever read from
them and an index is only a view of the record store.
"""

from __future__ import annotations

from typing import Any

from indexer.engines.cluster.address import ClusterAddress, Product
from indexer.fields import (
    FACETS,
    FILTER,
    FORMS,
    HEADINGS,
    KEYS,
    PAGE_FORMS,
    PROFILES,
    SCHEMA_VERSION,
    VALUES,
    WEIGHT,
    facet_field,
)
from indexer.layers import every_field

STORED = ("hit", "full", "staff")
MOST_IDS = 65_536
"""Values of one `terms` query: what both products allow."""
Json = dict[str, Any]

_WORDS = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
_GRAMS = {"type": "text", "analyzer": "whitespace", "index_options": "positions"}
_SET = {"type": "text", "analyzer": "whitespace", "index_options": "docs", "norms": False}
_SCORED = {"type": "text", "analyzer": "keyword", "index_options": "docs", "norms": False}
"""Whole values whose rarity counts: a `keyword` scores by rarity on one product and not on the other."""
_KEY = {"type": "keyword", "doc_values": False}
_SORTED = {"type": "keyword"}
_COUNTED = {"type": "keyword", "index": False}
_NUMBER = {"type": "long"}
_ORDER = {"type": "long", "index": False}
_UNUSED = {"type": "long", "index": False, "doc_values": False}
_BYTES = {"type": "binary", "store": True, "doc_values": False}


def properties() -> dict[str, Json]:
    """The mapping of every field."""
    found: dict[str, Json] = {
        **dict.fromkeys(("id", "fonds", "sort_code", VALUES), _SORTED),
        **dict.fromkeys(("scope", "content", "place", "release", "above", "parent", "record", "authority"), _KEY),
        **dict.fromkeys((FILTER, "code_key", KEYS), _SCORED),
        **dict.fromkeys((HEADINGS, FORMS, PAGE_FORMS), _SET),
        **{facet_field(name): _COUNTED for name in FACETS},
        **dict.fromkeys(
            ("from", "to", "opens", "shuts", "number", "order", "alike", "store_version", "schema_version"), _NUMBER
        ),
        **dict.fromkeys(("sort_date", "twin", WEIGHT), _ORDER),
        **dict.fromkeys(("owner", "paged", "fonds_key", *PROFILES), _UNUSED),
        **dict.fromkeys(STORED, _BYTES),
    }
    for field in every_field():
        if field.words:
            found[field.word_layer] = _WORDS
        if field.grams:
            found[field.gram_layer] = _GRAMS
    return found


def mappings() -> Json:
    """What an index holds, and by whom it was made."""
    return {
        "dynamic": "strict",
        "_source": {"enabled": False},
        "_meta": {"onestop": {"schema": SCHEMA_VERSION}},
        "properties": properties(),
    }


def settings(address: ClusterAddress, version: str) -> Json:
    """Of an index while it is built: no copies, and nothing visible before it is asked for. `version` is the server's.

    The score is BM25 with its factor k1 + 1, which the weights of `indexer` were measured with; newer OpenSearch leaves
    it out unless it is asked.
    """
    found: Json = {
        "number_of_shards": address.shards,
        "number_of_replicas": 0,
        "refresh_interval": "-1",
        "max_terms_count": MOST_IDS,
    }
    if needs_legacy_scores(address.product, version):
        found["similarity"] = {"default": {"type": "LegacyBM25"}}
    return {"index": found}


def needs_legacy_scores(product: Product, version: str) -> bool:
    """Does this server score without the factor k1 + 1 when nothing is said?"""
    return product == "opensearch" and int(version.partition(".")[0]) >= 3
