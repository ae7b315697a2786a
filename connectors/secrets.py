"""Passwords and keys in settings: taken from a file, or from the environment before they come here, never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr, ValidationInfo

_PREFIX = "file:"
_LONGEST = 64 << 10


def _taken(value: Any, info: ValidationInfo) -> Any:
    """``file:PATH`` is the text of that file, without the line end; relative to the workspace. Raises ValueError."""
    if not isinstance(value, str) or not value.startswith(_PREFIX):
        return value
    path = Path((info.context or {}).get("base", "")) / value.removeprefix(_PREFIX)
    try:
        with path.open("rb") as stream:
            return stream.read(_LONGEST).decode("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError, ValueError):
        raise ValueError(f"its file {path} cannot be read; check that it is there and may be read") from None


Secret = Annotated[SecretStr, BeforeValidator(_taken)]
"""A setting that holds a secret: ``${NAME}`` (expanded before), ``file:PATH``, or the text itself."""
