"""YAML that people write, read without surprises."""

from __future__ import annotations

from typing import Any

import yaml

LONGEST_NUMBER = 40
"""Characters of a number."""


class Loader(yaml.SafeLoader):
    """YAML without surprises: no key twice, of which the first would be lost, and no references, which can multiply."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="a reference like *name is not followed here", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Told by its line, whatever a value does not become: a day that is none, a number of any length."""
        kind = node.tag.rpartition(":")[2]
        try:
            if kind == "int" and len(node.value) > LONGEST_NUMBER:
                raise ValueError("which would be worked on for long")
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, TypeError, ArithmeticError) as error:
            problem = f"what stands here is read as {kind} and is none; text needs quotes"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if str(key.value) in seen:
                problem = f"the key {str(key.value)[:40]!r} occurs twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def content(text: str) -> Any:
    """What a YAML text says. Raises yaml.YAMLError, RecursionError."""
    return Loader(text).get_single_data()


def syntax(error: Exception) -> str:
    """What is wrong and on which line, without the line itself, which may hold a password."""
    number = line(error)
    return problem(error) if number is None else f"{problem(error)} on line {number}"


def problem(error: Exception) -> str:
    """What is wrong, without where."""
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return str(error).splitlines()[0]
    return str(error.problem)


def line(error: Exception) -> int | None:
    """The line, from 1, as far as it is known."""
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return mark.line + 1 if mark else None
