"""What is wrong with YAML that people write and a model describes: where in it, on which line, what, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args, get_origin

import yaml

from mappings import yaml_text
from mappings.sentences import Sentence, quoted, sentence

if TYPE_CHECKING:  # commands that need no model start without it
    from pydantic import BaseModel, ValidationError

    Model = type[BaseModel]


class Mistake(NamedTuple):
    """What is wrong with a file: where in its file (``form[2].label``, line), what, and what to do (a
    `mappings.sentences.Sentence`, where a page says it in its own language).
    """

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


def nearest(name: str, known: Iterable[str]) -> Sentence:
    """A clause for a message about an unknown name: the nearest known one, else all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.55)
    if close:
        return sentence("did you mean {name!r}?", name=close[0])
    return sentence("known are: {names}.", names=names) if names else sentence("there is none yet.")


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
            found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def _sentence(found: Mapping[str, Any], location: tuple[int | str, ...], keys: _Keys) -> Sentence:
    """What is wrong and what to do, in our words where pydantic's say nothing to somebody who writes YAML."""
    kind, key, context = found["type"], str(location[-1]) if location else "", found.get("ctx", {})
    if kind == "extra_forbidden":
        known = nearest(key, keys.at(location[:-1]))
        return sentence("there is no key {key!r} here; {nearest}", key=key, nearest=known)
    if kind == "missing":
        return sentence("{key!r} is missing; add it.", key=key)
    if kind == "model_type":
        return sentence("must be lines of keys: {names}.", names=keys.at(location))
    if kind == "literal_error":
        expected, given = _either(context["expected"]), str(found["input"])[:60]
        return sentence("must be {expected}, not {given!r}.", expected=expected, given=given)
    if kind == "string_pattern_mismatch":
        given, pattern = str(found["input"])[:60], context["pattern"]
        return sentence("{given!r} is not written as it must be: {pattern}", given=given, pattern=pattern)
    if kind == "value_error" and isinstance(said := next(iter(context["error"].args), None), Sentence):
        return said if said.endswith((".", "?")) else sentence("{said}.", said=said)
    if kind in _PLAIN:
        return sentence(_PLAIN[kind])
    heard = f"{str(found['msg']).removeprefix('Value error, ')}."
    if kind in _BOUNDS:
        return quoted(heard, _BOUNDS[kind], **context)
    return quoted(heard, "{key!r} cannot be read as it is written.", key=key)


_LINES: Final = "must be lines of keys, each with what belongs to it."
_LIST: Final = "must be a list, such as [one, another]."
_WHOLE: Final = "must be a whole number, such as 5."
_NUMBER: Final = "must be a number, such as 0.5."
_DATE: Final = "must be a date, such as 2026-10-01."
_TIME: Final = "must be a time of day, such as 09:00."
_PLAIN: Final[Mapping[str, str]] = {
    "dict_type": _LINES,
    "mapping_type": _LINES,
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), _LIST),
    "string_type": "must be text; what YAML reads as a number, yes, no or a date needs quotes.",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false."),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number", "decimal_type", "decimal_parsing"), _NUMBER),
    **dict.fromkeys(
        ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
        _DATE,
    ),
    **dict.fromkeys(("time_type", "time_parsing"), _TIME),
    "invalid_key": "a key must be text; what YAML reads as a number, yes, no or a date needs quotes.",
    "none_required": "must be left empty.",
}
"""What is said for the types of pydantic's errors."""
_BOUNDS: Final[Mapping[str, str]] = {
    "greater_than_equal": "must be {ge} or more.",
    "greater_than": "must be more than {gt}.",
    "less_than_equal": "must be {le} or less.",
    "less_than": "must be less than {lt}.",
    "multiple_of": "must be a multiple of {multiple_of}.",
    "string_too_short": "must have at least so many characters: {min_length}.",
    "string_too_long": "must have at most so many characters: {max_length}.",
    "too_short": "must have at least so many entries: {min_length}.",
    "too_long": "must have at most so many entries: {max_length}.",
}
"""What is said in other languages where pydantic's English does; the values are those it comes with."""


def _either(expected: str) -> Sentence | str:
    """``'a', 'b' or 'c'`` as it is said in other languages."""
    first, _, last = expected.rpartition(" or ")
    return sentence("{names} or {last}", names=first.split(", "), last=last) if first else expected


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
