"""What can be typed or set is documented, and what is documented exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from onestop.cli import app
from onestop.settings import KEYS
from onestop.sources import Expect, SourceFile

ROOT = Path(__file__).resolve().parents[1]
COMMAND_LINE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
WORKSPACE = (ROOT / "docs" / "workspace.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("[A-Z]*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "changes").glob("*.md")])


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its words, such as ``source check``."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = dict(commands(get_command(app)))
TARGETS = re.findall(r"(?m)^([a-z-]+):.*## ", MAKEFILE)


def synopsis(name: str) -> str:
    """The lines of docs/command-line.md that show a command with its options."""
    found = re.search(rf"(?m)^    onestop {name}\b.*(?:\n {{10,}}.*)*", COMMAND_LINE)
    return found[0] if found else ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts if option.startswith("--")}
    options -= {"--help", "--workspace"}
    assert [option for option in sorted(options) if option not in synopsis(name)] == []
    assert synopsis(name)


@pytest.mark.parametrize("name", COMMANDS)
def test_workspace_is_accepted_after_every_command(name: str) -> None:
    assert "--workspace" in {option for parameter in COMMANDS[name].params for option in parameter.opts}


@pytest.mark.parametrize("page", [README, CONTRIBUTING, COMMAND_LINE, WORKSPACE], ids=lambda page: page[:20])
def test_commands_and_targets_that_pages_name_exist(page: str) -> None:
    first_words = {name.partition(" ")[0] for name in COMMANDS}
    named = re.findall(r"(?m)(?:^    |`)onestop (?:--workspace \S+ )?([a-z]+)", page)
    made = re.findall(r"(?m)(?:^    |`)make ([a-z-]+)", page)
    assert set(named) - first_words == set()
    assert set(made) - set(TARGETS) == set()


def test_every_key_of_the_workspace_is_documented() -> None:
    rows = re.findall(r"(?m)^\| `(\w+)` \| ", WORKSPACE)
    assert [key for key in KEYS if key not in rows] == []
    assert [key for key in KEYS if f"ONESTOP_{key.upper()}" not in WORKSPACE] == []


@pytest.mark.parametrize("key", [*SourceFile.model_fields, *Expect.model_fields])
def test_every_key_of_a_source_file_is_documented(key: str) -> None:
    assert re.search(rf"\b{key}\b", WORKSPACE)


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_is_phony_and_named_in_a_page(target: str) -> None:
    phony = re.search(r"(?m)^\.PHONY: (.*)", MAKEFILE)
    assert phony and target in phony[1].split()
    assert f"make {target}" in README + CONTRIBUTING


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_listed() -> None:
    listed = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = sorted(file.name for file in (ROOT / "docs").glob("*.md") if file.name != "README.md")
    assert [page for page in pages if f"]({page})" not in listed] == []


def test_decisions_are_numbered_once() -> None:
    numbers = [file.name[:4] for file in (ROOT / "docs" / "decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers))
    assert all(number.isdecimal() for number in numbers)
