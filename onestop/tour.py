"""`tour.yml` of a workspace: what the landing page says of the house, by language."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from onestop.errors import SettingsError

FILE: Final = "tour.yml"


def read_tour(folder: Path) -> dict[str, dict[str, Any]]:
    """What the workspace in `folder` says of its house; empty without the file. Raises SettingsError."""
    file = folder / FILE
    if not file.is_file():
        return {}
    try:
        content = _parsed(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{file} cannot be read as YAML; correct it or take it away.") from error
    if not isinstance(content, dict) or not all(isinstance(said, dict) for said in content.values()):
        raise SettingsError(f"{file} must say things by language: a line `en:`, indented below it `name: ...`.")
    return content


@lru_cache(maxsize=8)
def _parsed(text: str) -> Any:
    """Read with every notice that is queued, so parsed once for each text; nobody changes what it gives."""
    return yaml.safe_load(text)
