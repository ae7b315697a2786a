"""Texts of notices: Jinja in which only the values that a notice has, comparisons and ``{% if %}`` may stand, so that
whoever edits them can neither reach into the program nor make it work for long.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Final

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mappings.mistakes import nearest
from mappings.sentences import Sentence, quoted, sentence

TEXT_BOUND: Final = 4_000
"""Characters of a text as it is written."""
VALUE_BOUND: Final = 500
"""Characters of a value that is put in."""
_ENVIRONMENT: Final = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_BLANK_LINES: Final = re.compile(r"\n\s*\n")
_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.Const,
    nodes.Not,
    nodes.And,
    nodes.Or,
)


def checked(source: str, names: Collection[str]) -> str:
    """The text, if it can be drawn with values of these names. Raises ValueError, which tells the line and what is
    wrong there.
    """
    found = next(_mistakes(source, names), None)
    if found is not None:
        raise ValueError(found)
    return source


def _mistakes(source: str, names: Collection[str]) -> Iterator[Sentence]:
    if len(source) > TEXT_BOUND:
        yield sentence("has more than {bound:,} characters; make it shorter", bound=TEXT_BOUND)
        return
    try:
        tree = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as error:
        said = "line {line} of the text: {{{{ }}}} or {{% %}} is not written as it must be"
        yield quoted(f"line {error.lineno} of the text: {(error.message or '').rstrip('.')}", said, line=error.lineno)
        return
    for node in _all(tree):
        if not isinstance(node, _ALLOWED):
            said = "line {line} of the text: only {{{{ a value }}}} and {{% if a value %}} may stand here"
            yield sentence(said, line=node.lineno)
        elif isinstance(node, nodes.Name) and node.name not in names:
            said = "line {line} of the text: there is no value {name!r} here; {nearest}"
            yield sentence(said, line=node.lineno, name=node.name, nearest=nearest(node.name, names))


def _all(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for below in node.iter_child_nodes():
        yield from _all(below)


def drawn(source: str, values: Mapping[str, str], bound: int = VALUE_BOUND) -> str:
    """The text with its values, of each as many characters; of lines that were left out there stays one blank line."""
    text = _template(source).render({name: value[:bound] for name, value in values.items()})
    return _BLANK_LINES.sub("\n\n", text).strip()


@lru_cache(maxsize=512)
def _template(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)
