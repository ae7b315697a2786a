"""YAML that people write, read without surprises."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from mappings.sentences import Sentence, quoted, sentence

LONGEST_NUMBER = 40
"""Characters of a number."""


class Loader(yaml.SafeLoader):
    """YAML without surprises: no key twice, of which the first would be lost, and no references, which can multiply."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            problem = sentence("a reference like *name is not followed here")
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Told by its line, whatever a value does not become: a day that is none, a number of any length."""
        kind = node.tag.rpartition(":")[2]
        try:
            if kind == "int" and len(node.value) > LONGEST_NUMBER:
                raise ValueError("which would be worked on for long")
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, TypeError, ArithmeticError) as error:
            problem = sentence("what stands here is read as {kind} and is none; text needs quotes", kind=kind)
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if str(key.value) in seen:
                problem = sentence("the key {key!r} occurs twice", key=str(key.value)[:40])
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


def problem(error: Exception) -> Sentence:
    """What is wrong, without where."""
    if isinstance(error, RecursionError):
        return sentence("it is nested too deep")
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return _of_reader(str(error).splitlines()[0])
    return error.problem if isinstance(error.problem, Sentence) else _of_reader(str(error.problem))


def _of_reader(said: str) -> Sentence:
    """What the reader of YAML says; in other languages, what it says most often."""
    if said == "but found another document":  # of which PyYAML says the beginning elsewhere
        return sentence("another document begins here; keep one")
    for msgid, pattern in _SAID:
        if (found := pattern.fullmatch(said)) is not None:
            return sentence(msgid, **found.groupdict())
    return quoted(said, "this is not written as YAML has it")


def _pattern(msgid: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(msgid)), re.DOTALL)


_SAID: Final = tuple(
    (msgid, _pattern(msgid))
    for msgid in (
        "could not find expected ':'",
        "mapping values are not allowed here",
        "mapping keys are not allowed here",
        "sequence entries are not allowed here",
        "found character {found} that cannot start any token",
        "found unknown escape character {found}",
        "found unexpected end of stream",
        "found unexpected document separator",
        "found unhashable key",
        "expected <block end>, but found {found}",
        "expected ',' or ']', but got {found}",
        "expected the node content, but found {found}",
        "expected '<document start>', but found {found}",
        "could not determine a constructor for the tag {found}",
        "unacceptable character {found}: special characters are not allowed",
    )
)


def line(error: Exception) -> int | None:
    """The line, from 1, as far as it is known."""
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return mark.line + 1 if mark else None
