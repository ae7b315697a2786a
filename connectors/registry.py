"""The transports by name. A new one is a small file and a line in `CONNECTORS`."""

from __future__ import annotations

import difflib
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from connectors.base import Connector, StopSource

CONNECTORS = {
    "folder": "connectors.folder:FolderConnector",
    "oai_pmh": "connectors.oai_pmh:OaiPmhConnector",
    "s3": "connectors.s3:S3Connector",
    "http": "connectors.http:HttpConnector",
    "iiif": "connectors.iiif:IiifConnector",
    "parquet": "connectors.parquet:ParquetConnector",
    "sql": "connectors.sql:SqlConnector",
}


def connector(name: str, settings: dict[str, Any], base: Path) -> Connector:
    """The transport of that name; relative paths in `settings` are taken from `base`. Raises StopSource with one
    sentence.
    """
    if name not in CONNECTORS:
        raise StopSource(
            f"connector {name!r} is not known{_nearest(name, CONNECTORS)}; known: {', '.join(sorted(CONNECTORS))}"
        )
    kind = _class(name)
    try:
        checked = kind.settings_model.model_validate(settings, context={"base": base})
    except ValidationError as error:
        raise StopSource(_sentence(name, error, _names(kind.settings_model))) from None
    made: Connector = kind(checked, base)
    return made


def is_remote(name: str) -> bool:
    """Does the transport of that name ask somebody else? False for one nobody knows."""
    return name in CONNECTORS and bool(_class(name).remote)


def _class(name: str) -> Any:
    module, _, attribute = CONNECTORS[name].partition(":")
    return getattr(import_module(module), attribute)


def _sentence(name: str, error: ValidationError, known: list[str]) -> str:
    """The first thing that is wrong with the settings. Values stay out of it: an address may hold a password."""
    first = error.errors(include_input=False, include_context=False)[0]
    key = ".".join(map(str, first["loc"])) or "settings"
    if first["type"] == "extra_forbidden":
        return f"setting {key!r} is not known to connector {name}{_nearest(key, known)}; known: {', '.join(known)}"
    if first["type"] == "missing":
        return f"setting {key!r} is missing for connector {name}"
    said = first["msg"].removeprefix("Value error, ")
    return (
        f"setting {key!r} of connector {name} is wrong: {said}"
        if first["loc"]
        else f"settings of connector {name}: {said}"
    )


def _names(model: type[BaseModel]) -> list[str]:
    """The settings as they are written."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _nearest(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), 1)
    return f" (did you mean {near[0]!r}?)" if near else ""
