"""What is wrong with YAML that people write and a model describes: where in it, on which line, what, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_origin

import yaml

from mappings import yaml_text

if TYPE_CHECKING:  # commands that need no model start without it
    from pydantic import BaseModel, ValidationError

    Model = type[BaseModel]


class Mistake(NamedTuple):
    """What is wrong with a file: where in its file (``form[2].label``, line), what, and what to do."""

    place: str
    line: int | None
    what: str

    def __str__(self) -> str:
        where = f"{self.place} (line {self.line})" if self.line else self.place
        return f"{where}: {self.what}" if where else self.what


def mistakes_in(text: str, error: ValidationError, model: Model, hidden: str = "") -> Iterator[Mistake]:
    """All that is wrong with YAML whose content the model refused; `hidden` is a key that nobody writes there."""
    tree = yaml.compose(text, yaml_text.Loader)
    for found in error.errors(include_url=False):
        location = tuple(part for part in found["loc"] if part != "[key]")
        yield Mistake(_place(location), _line(tree, location), _sentence(found, location, _Keys(model, hidden)))


def nearest(name: str, known: Iterable[str]) -> str:
    """A clause for a message about an unknown name: the nearest known one, else all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.55)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known are: {', '.join(names)}." if names else "there is none yet."


def _place(location: Iterable[int | str]) -> str:
    """``("form", 2, "label")`` is ``form[2].label``."""
    place = ""
    for part in location:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else part
    return place


def _line(node: yaml.Node | None, location: Iterable[int | str]) -> int | None:
    """The line of the innermost part of a place that there is."""
    line = None
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def _sentence(found: Mapping[str, Any], location: tuple[int | str, ...], keys: _Keys) -> str:
    """What is wrong and what to do, in our words where pydantic's say nothing to somebody who writes YAML."""
    kind, key = found["type"], str(location[-1]) if location else ""
    if kind == "extra_forbidden":
        return f"there is no key {key!r} here; {nearest(key, keys.at(location[:-1]))}"
    if kind == "missing":
        return f"{key!r} is missing; add it."
    if kind == "model_type":
        return f"must be lines of keys: {', '.join(keys.at(location))}."
    if kind in ("list_type", "tuple_type"):
        return "must be a list, such as [one, another]."
    if kind == "string_type":
        return "must be text; what YAML reads as a number, yes, no or a date needs quotes."
    if kind in ("int_type", "int_parsing", "int_from_float", "int_parsing_size"):
        return "must be a whole number, such as 5."
    if kind in ("bool_type", "bool_parsing"):
        return "must be true or false."
    if kind == "literal_error":
        return f"must be {found['ctx']['expected']}, not {str(found['input'])[:60]!r}."
    if kind == "string_pattern_mismatch":
        return f"{str(found['input'])[:60]!r} is not written as it must be: {found['ctx']['pattern']}"
    return f"{str(found['msg']).removeprefix('Value error, ')}."


class _Keys(NamedTuple):
    """The keys that a file may have."""

    model: Model
    hidden: str

    def at(self, location: Iterable[int | str]) -> list[str]:
        """Those that may stand at a place of it."""
        annotation: Any = self.model
        for part in location:
            if isinstance(part, str):
                annotation = _below(annotation, part)
        model = _model_in(annotation)
        return [name for name in _fields(model) if name != self.hidden] if model else []


def _below(annotation: Any, key: str) -> Any:
    """What stands below a key: of a mapping whatever the key is, of a model its field's."""
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    model = _model_in(annotation)
    return _fields(model).get(key) if model else None


def _fields(model: Model) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> Model | None:
    """The model that an annotation (``list[FormField]``, ``Pack | None``) speaks of."""
    from pydantic import BaseModel

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_in(inner))), None)
