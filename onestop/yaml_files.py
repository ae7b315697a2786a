"""YAML files of the workspace, read without surprises; mistakes are named by file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from mappings import yaml_text
from onestop.errors import SettingsError


def in_folder(folder: Path) -> list[Path]:
    """The YAML files of a folder but the hidden ones."""
    return [file for pattern in ("*.yml", "*.yaml") for file in folder.glob(pattern) if not file.name.startswith(".")]


def read(file: Path, example: str) -> dict[Any, Any]:
    """The keys of a file. Raises SettingsError naming file and line; `example` is a line of a right one."""
    try:
        content = yaml_text.content(text_of(file))
    except OSError as error:
        raise SettingsError(f"{file} cannot be opened: {error.strerror}. Check its permissions.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{file} cannot be read as YAML: {yaml_text.syntax(error)}.") from error
    if not isinstance(content, dict):
        raise SettingsError(f"{file} must be lines of `key: value`, such as `{example}`.")
    return content


def text_of(file: Path) -> str:
    """The text of a file, without the mark that some editors put before it."""
    return file.read_text(encoding="utf-8-sig")
