"""One parser under atheris: whatever the bytes, it gives whole records or reasons, and ends.

Run by ``tests.fuzz`` as a process of its own: libFuzzer never returns.  ``python -m tests.fuzz.target FORMAT ARGS...``
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import atheris

with atheris.instrument_imports(include=["mappings", "connectors", "pipelines.personal"]):
    from mappings.base import MappingOptions
    from mappings.registry import mapping
    from tests.fuzz.rules import RULES
    from tests.fuzz.transports import TRANSPORTS

from tests.contracts.mapping_contract import Bytes, check_outcome

SUFFIXES = {"table": ".csv", "image": ".jpg", "alto": ".xml", "page": ".xml", "hocr": ".html", "mets": "/mets.xml"}


def main(arguments: list[str]) -> None:
    """Fuzz the parser named first; the rest goes to libFuzzer."""
    name, *rest = arguments
    others = {**TRANSPORTS, **RULES}
    atheris.Setup([sys.argv[0], *rest], others[name] if name in others else _of_mapping(name))
    atheris.Fuzz()


def _of_mapping(name: str) -> Callable[[bytes], None]:
    parser = mapping(name, MappingOptions())

    def try_one(payload: bytes) -> None:
        for outcome in parser.records([Bytes(f"folder/item{SUFFIXES.get(name, '')}", payload)]):
            check_outcome(outcome)

    return try_one


if __name__ == "__main__":
    main(sys.argv[1:])
