"""docs/installing.md: its commands are commands, its files are there, its addresses are served."""

from __future__ import annotations

import re
import shlex
from typing import Final

import pytest

from search_ui import paths
from search_ui.web.routing import routes
from tests.deploy.parts import DEPLOY, ROOT, understood
from tests.deploy.test_compose import SERVICES

PAGE: Final = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
LINES: Final = re.findall(r"(?m)^    (\S.*)$", PAGE)
COMMANDS: Final = [
    line.partition("bin/onestop ")[2] or line.partition(" onestop ")[2]
    for line in LINES
    if re.search(r"bin/onestop |exec \w+ onestop ", line)
]


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_are_ours(command: str) -> None:
    assert understood(shlex.split(command))


def test_it_asks_compose_for_services_that_there_are() -> None:
    named = re.findall(r"docker compose (?:\S+ \S+ )??(?:exec|run --rm|cp \S+|exec -T) (\w+)", PAGE)
    assert set(named) >= {"web", "sync", "database"} and set(named) <= set(SERVICES)


def test_files_it_names_are_there_and_none_is_left_out() -> None:
    named = set(re.findall(r"deploy/[\w./-]*\w", PAGE))
    assert [name for name in named if not (ROOT / name).exists()] == []
    for file in (DEPLOY / "kubernetes").iterdir():
        assert f"`{file.name}`" in PAGE
    for folder in DEPLOY.iterdir():
        assert f"deploy/{folder.name}" in PAGE


def test_addresses_of_health_are_served() -> None:
    told = re.findall(r"(?m)^\| `(/[\w/]+)`(?:, `(/[\w/]+)`)? \|", PAGE)
    served = {getattr(route, "path", "") for route in routes()} | {f"{paths.API}/health"}
    asked = {address for pair in told for address in pair if address}
    assert asked and [each for each in asked if each not in served and not paths.belongs_to_streamlit(each)] == []
