"""What documents of IIIF lead to: their type, their address, and the key of a manifest."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

from connectors.base import SourceError, StopSource
from connectors.web import Web, ask, shown

Json = dict[str, Any]
LARGEST = 64 << 20


def document(web: Web, url: str, final: type[SourceError] = StopSource) -> tuple[str, Json]:
    """A JSON document and the address it came from. Raises RetryLater, or `final` when it cannot be had or is none."""
    answer = ask(web, url, final)
    assert answer.body is not None
    with answer.body as body:
        payload = body.read(LARGEST + 1)
    if len(payload) > LARGEST:
        raise final(f"{shown(url)} is larger than {LARGEST >> 20} MiB; divide the collection")
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        raise final(f"{shown(url)} is no JSON; check that it is the address of a IIIF document") from None
    if not isinstance(found, dict):
        raise final(f"{shown(url)} is no JSON object; check that it is the address of a IIIF document")
    return answer.url, found


def type_of(resource: Any) -> str:
    """The type without the prefix of version 2 (``sc:Manifest``)."""
    if not isinstance(resource, dict):
        return ""
    found = resource.get("type", resource.get("@type"))
    return found.rpartition(":")[2] if isinstance(found, str) else ""


def address_of(reference: Any, base: str) -> str | None:
    """The address of a reference: a text, or an object with ``id`` or ``@id``. None when there is none."""
    if isinstance(reference, dict):
        reference = reference.get("id", reference.get("@id"))
    if not isinstance(reference, str) or not reference.strip():
        return None
    named = reference.strip().encode("utf-8", "replace").decode("utf-8")
    try:
        return urljoin(base, named).partition("#")[0]
    except ValueError:
        return named


def key_of(url: str) -> str:
    """The key of a manifest: its address without ``https://``, since the same manifest moves between the two."""
    return url.removeprefix("https://").removeprefix("http://")
