"""YAML files of the workspace, read without surprises; mistakes are named by file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from onestop.errors import SettingsError


class Loader(yaml.SafeLoader):
    """YAML without surprises: no key twice, of which the first would be lost, and no references, which can multiply."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="a reference like *name is not followed here", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                problem = f"the key {str(key.value)[:40]!r} occurs twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def in_folder(folder: Path) -> list[Path]:
    """The YAML files of a folder but the hidden ones."""
    return [file for pattern in ("*.yml", "*.yaml") for file in folder.glob(pattern) if not file.name.startswith(".")]


def read(file: Path, example: str) -> dict[Any, Any]:
    """The keys of a file. Raises SettingsError naming file and line; `example` is a line of a right one."""
    try:
        content = Loader(file.read_text(encoding="utf-8-sig")).get_single_data()
    except OSError as error:
        raise SettingsError(f"{file} cannot be opened: {error.strerror}. Check its permissions.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{file} cannot be read as YAML: {_syntax(error)}.") from error
    if not isinstance(content, dict):
        raise SettingsError(f"{file} must be lines of `key: value`, such as `{example}`.")
    return content


def _syntax(error: Exception) -> str:
    """What is wrong and on which line, without the line itself, which may hold a password."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return str(error).splitlines()[0]
    return f"{error.problem} on line {error.problem_mark.line + 1}"
