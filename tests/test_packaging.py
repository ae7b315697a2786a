"""The wheel, alone in a clean environment and outside the repository, does what `make demo` does."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("onestop", "search_ui", "service_desk", "pipelines", "indexer", "connectors", "mappings", "samples")

pytestmark = pytest.mark.slow


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what is in the repository, so that nothing else can slip in."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, source / name)
    call([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(source)], target)
    [built] = target.glob("onestop_archives-*.whl")
    return built


@pytest.fixture(scope="module")
def outside(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but an environment, into which the locked libraries and the wheel were installed."""
    folder = tmp_path_factory.mktemp("outside")
    call([sys.executable, "-m", "venv", "venv"], folder)
    pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-compile"]
    call([*pip, "--require-hashes", "--requirement", str(ROOT / "requirements.lock")], folder)
    call([*pip, "--no-deps", str(wheel)], folder)
    return folder


@pytest.fixture(scope="module")
def demo(outside: Path) -> Path:
    """The demo workspace that the installed command made where we stand."""
    call([str(outside / "venv" / "bin" / "onestop"), "demo", "--no-serve"], outside)
    return outside / "onestop-demo"


def call(command: list[str], folder: Path) -> str:
    """Standard output of a command that must succeed, run in `folder` with nothing of the repository in its way."""
    done = subprocess.run(command, cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ONESTOP_"))}


def test_everything_that_lies_in_a_package_travels_with_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    packaged = [name for name in tracked() if name.partition("/")[0] in PACKAGES]
    assert [name for name in packaged if name not in carried] == []
    assert [name for name in carried if name.endswith("/licenses/LICENSE")] != []
    assert [name for name in carried if "__pycache__" in name or name.startswith("tests/")] == []


def test_the_installed_demo_is_searched(outside: Path, demo: Path) -> None:
    command = [str(outside / "venv" / "bin" / "onestop"), "--workspace", str(demo), "search", "石碇", "--json"]
    answer = json.loads(call(command, outside))
    assert answer["total"] > 0
    assert answer["hits"][0]["title"]


def test_the_installed_demo_is_served(outside: Path, demo: Path) -> None:
    with served(outside, demo) as address:
        answer = fetched(f"{address}/api/v1/search?q=%E7%9F%B3%E7%A2%87")
    assert answer["total"] > 0


@contextmanager
def served(outside: Path, demo: Path) -> Iterator[str]:
    """The address at which the installed command serves; its first line on standard error says that it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(outside / "venv" / "bin" / "onestop"), "--workspace", str(demo), "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=outside, env=clean_environment(), stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            said = server.stderr.readline()
            assert f"http://127.0.0.1:{port}" in said, said
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def fetched(address: str) -> dict[str, Any]:
    """The JSON at an address; a server that listens and still starts is waited for."""
    with urllib.request.urlopen(address, timeout=120) as response:
        answer: dict[str, Any] = json.load(response)
        return answer
