"""The house rules that a program can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("onestop", "search_ui", "service_desk", "pipelines", "indexer", "connectors", "mappings", "samples")
MAY_IMPORT = {
    "onestop": set(PACKAGES),
    "search_ui": {"service_desk", "pipelines", "indexer", "mappings"},
    "service_desk": {"mappings"},
    "pipelines": {"connectors", "indexer", "mappings"},
    "indexer": {"mappings"},
    "connectors": set(),
    "mappings": set(),
    "samples": set(),
}
MAX_LINES = 600
NEVER = ("unsafe_allow_html=True", "unsafe_allow_javascript=True")
ENGINES = ("tantivy", "opensearchpy", "elasticsearch")
ABSOLUTE = re.compile(r"""["'\s=(](/(?:work|tmp|root|home|Users|opt)/[\w./-]+)""")
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links|--trusted-host")
REGISTRY = re.compile(r"\b(?:p[y]pi\.org|python[h]osted\.org|npm[j]s\.(?:org|com)|deb\.[d]ebian\.org)")
LOCKS = ("requirements.lock", "requirements-dev.lock")


def python_files(*folders: str) -> list[Path]:
    found = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return sorted(file for file in found if "__pycache__" not in file.parts)


def tracked_text() -> Iterator[tuple[Path, str]]:
    """Every file of the repository that is text and ours; samples are material of others."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if name.startswith(("samples/data", "samples/LICENSES")) or not (ROOT / name).is_file():
            continue
        try:
            yield Path(name), (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def imports(file: Path) -> set[str]:
    """Top-level names of all modules a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_the_layers_hold() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    forbidden = set(PACKAGES) - MAY_IMPORT[package] - {package}
    wrong = {str(file): names for file in python_files(package) if (names := imports(file) & forbidden)}
    assert wrong == {}


def test_no_file_is_too_long() -> None:
    lengths = {file: file.read_text(encoding="utf-8").count("\n") for file in python_files(*PACKAGES, "tests")}
    assert {str(file): lines for file, lines in lengths.items() if lines >= MAX_LINES} == {}


def test_streamlits_doors_for_raw_html_stay_shut() -> None:
    texts = {str(file): file.read_text(encoding="utf-8") for file in python_files(*PACKAGES)}
    assert [(file, word) for file, text in texts.items() for word in NEVER if word in text] == []


def test_engines_are_known_to_their_own_folder_only() -> None:
    inside = ROOT / "indexer" / "engines"
    outside = [file for file in python_files(*PACKAGES) if not file.is_relative_to(inside)]
    assert [str(file) for file in outside if imports(file) & set(ENGINES)] == []


def test_what_the_packages_import_is_declared() -> None:
    """Every library that a package imports is a dependency of its own, not somebody else's; OCR is an extra."""
    # The other halves of pydantic and of Elasticsearch's client come in the versions that these name.
    halves = {"pydantic_core", "elastic_transport"}
    declared = {_import_name(name) for name in _dependencies()} | halves | {"rapidocr_onnxruntime"}
    used = set[str]().union(*(imports(file) for file in python_files(*PACKAGES)))
    assert used - declared - set(PACKAGES) - set(sys.stdlib_module_names) == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_have_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert ADDRESS.findall(text) == []
    pins = [pin for pin in re.split(r"\n(?=\S)", text.strip()) if not pin.startswith("#")]
    assert [pin.split()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_locks_cover_what_is_declared() -> None:
    runtime, development = (set(re.findall(r"(?m)^([a-z0-9-]+==\S+)", (ROOT / lock).read_text())) for lock in LOCKS)
    assert set(_dependencies()) - {pin.partition("==")[0] for pin in runtime} == set()
    assert runtime - development == set()


def test_no_path_of_one_machine() -> None:
    wrong = {str(name): found for name, text in tracked_text() if (found := ABSOLUTE.findall(text))}
    assert wrong == {}


def test_no_address_of_a_registry() -> None:
    assert [str(name) for name, text in tracked_text() if REGISTRY.search(text)] == []


def _dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [re.split(r"[\[<>=~! ]", requirement)[0] for requirement in project["dependencies"]]


def _import_name(distribution: str) -> str:
    odd = {
        "fonttools": "fontTools",
        "pillow": "PIL",
        "pyahocorasick": "ahocorasick",
        "python-stdnum": "stdnum",
        "argon2-cffi": "argon2",
        "pystemmer": "Stemmer",
        "markdown-it-py": "markdown_it",
        "python-multipart": "python_multipart",
        "pyyaml": "yaml",
        "opensearch-py": "opensearchpy",
    }
    return odd.get(distribution, distribution.replace("-", "_"))
