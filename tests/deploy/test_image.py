"""The Dockerfile: pinned, without root, made of what is locked and of what is there."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from typing import Final

import pytest

from search_ui.web.routing import routes
from tests.deploy.parts import PINNED, ROOT, understood

TEXT: Final = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED: Final = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")


def instructions() -> Iterator[tuple[str, str]]:
    """Each instruction with its arguments, lines that go on put together."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^#.*\n", "", TEXT))
    for line in filter(None, joined.splitlines()):
        name, _, rest = line.partition(" ")
        yield name, rest


def last(name: str) -> str:
    return [rest for instruction, rest in instructions() if instruction == name][-1]


def test_every_base_is_pinned_by_its_version() -> None:
    version = re.search(r"^ARG PYTHON=(\S+)$", TEXT, re.MULTILINE)
    assert version
    bases = [rest.partition(" ")[0].replace("${PYTHON}", version[1]) for name, rest in instructions() if name == "FROM"]
    assert len(set(bases)) == 1 and PINNED.fullmatch(bases[0]) and "slim" in bases[0]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    minor = re.findall(r"\d+", version[1])[:2]
    assert f"Programming Language :: Python :: {'.'.join(minor)}" in project["classifiers"]


def test_it_installs_what_is_locked_by_hash_and_nothing_else() -> None:
    calls = [rest for name, rest in instructions() if name == "RUN" and "pip install" in rest]
    assert len(calls) == 2
    assert "--require-hashes --requirement requirements.lock" in calls[0]
    assert "--no-deps --no-build-isolation ." in calls[1]


def test_it_runs_as_a_number_that_is_not_root() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last("USER"))
    after = TEXT.rpartition("\nUSER ")[2]
    assert "\nRUN" not in after and "\nCOPY" not in after


def test_its_command_is_one_of_ours_and_its_health_an_address_of_ours() -> None:
    arguments = [*json.loads(last("ENTRYPOINT"))[1:], *json.loads(last("CMD"))]
    assert understood(arguments) == "serve"
    port = arguments[arguments.index("--port") + 1]
    assert last("EXPOSE") == port
    asked = re.search(rf"http://127\.0\.0\.1:{port}(/\w+)", last("HEALTHCHECK"))
    assert asked and asked[1] in {getattr(route, "path", "") for route in routes()}


def test_what_is_copied_is_there_and_holds_every_package() -> None:
    copied = [shlex.split(rest) for name, rest in instructions() if name == "COPY" and "--from" not in rest]
    assert copied == [["requirements.lock", "./"], [".", "."]]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {pattern.removesuffix("*") for pattern in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    files = {"requirements.lock", "pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    assert IGNORED[1] == "*"
    assert {line[1:] for line in IGNORED if line.startswith("!")} == packages | files


@pytest.mark.parametrize("argument", re.findall(r'--build-arg OCR="([^"]+)"', TEXT))
def test_text_recognition_is_installed_as_the_tests_install_it(argument: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [package for package in argument.split() if package not in makefile] == []
