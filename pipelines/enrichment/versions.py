"""With what names were found: another version of it looks at every record again, with nobody having to say so."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import metadata, util
from pathlib import Path

from mappings.record import checksum

_OTHERS = ("rjieba", "pyahocorasick")


@cache
def code() -> str:
    """A digest of the rules' own files, and the versions of the libraries that decide with them."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in (".py", ".txt"):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for name in _OTHERS:
        digest.update(f"{name} {metadata.version(name)}\0".encode())
    return digest.hexdigest()


def signature(models: Mapping[str, str]) -> str:
    """Of the rules and the trained models named."""
    stated = [f"{language}={model}={_version(model)}" for language, model in sorted(models.items())]
    return checksum(code().encode(), *(text.encode() for text in stated))


def is_there(model: str) -> bool:
    """Is a trained pipeline of that name or folder installed? Looked for without importing anything of it."""
    return (Path(model) / "meta.json").is_file() or (model.isidentifier() and util.find_spec(model) is not None)


def _version(model: str) -> str:
    """What tells one training of a model from the next: its description, or the version of its package."""
    stated = Path(model) / "meta.json"
    if stated.is_file():
        return checksum(stated.read_bytes())
    return metadata.version(model) if is_there(model) else ""
