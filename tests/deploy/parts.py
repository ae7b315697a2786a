"""What the tests of the deployment ask of the product: does it know this command, this setting, this address?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import typer
from typer.main import get_command

from indexer.engines.cluster.address import SCHEMES, parse
from mappings.bucket import Bucket
from onestop.cli import Call, app
from onestop.settings import FILE_NAME, KEYS, Settings, load

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PINNED = re.compile(r"[a-z0-9./-]+:(?!latest$)\S*\d\S*")
"""A name of an image with a version."""
IMAGE = "onestop:0.1.0"


def understood(arguments: Sequence[str]) -> str:
    """The command that the command line takes these arguments for. Raises for what it does not take."""
    group: Any = get_command(app)
    with group.make_context("onestop", list(arguments), obj=Call()) as context:
        name, command, rest = group.resolve_command(context, [*context._protected_args, *context.args])
        try:
            command.make_context(name, rest, parent=context, obj=Call()).close()
        except typer.Exit as left:
            raise AssertionError(f"{arguments} leaves with {left.exit_code}") from left
    return str(name)


def settings(folder: Path, environment: Mapping[str, str], text: str = "") -> Settings:
    """The settings of a workspace with this `onestop.toml` in this environment, each address read as far as it can be
    without its server. Raises for a variable ``ONESTOP_*`` that nobody knows.
    """
    names = {name.removeprefix("ONESTOP_").lower() for name in environment if name.startswith("ONESTOP_")}
    assert names - {*KEYS, "workspace"} == set()
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    read = load(folder, environment)
    assert read.trusted_proxies
    assert urlsplit(read.engine).scheme in SCHEMES and parse(read.engine, folder).nodes
    assert all(isinstance(read.place(key), Bucket) for key in ("records", "objects"))
    assert urlsplit(read.database).scheme == "postgresql+psycopg"
    return read
