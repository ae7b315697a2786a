"""The folder transport: order, confinement, names, and what is not a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connectors.base import Connector, SkipItem, StopSource
from connectors.registry import connector as make
from tests.contracts.connector_contract import ConnectorContract, items_of


def keys(path: Path, **settings: str) -> list[str]:
    return [item.key for item in items_of(make("folder", {"path": str(path), **settings}, Path("/")))]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name in ("b.xml", "a.xml", "sub/c.xml", "sub/deep/d.csv", ".hidden", ".git/e.xml", "空 間/卷.xml"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "secret.xml").write_text("secret")
    return root


class TestFolder(ConnectorContract):
    @pytest.fixture
    def connector(self, tree: Path) -> Connector:
        return make("folder", {"path": str(tree)}, Path("/"))


def test_files_are_listed_by_their_path_and_hidden_ones_left_out(tree: Path) -> None:
    assert keys(tree) == ["a.xml", "b.xml", "sub/c.xml", "sub/deep/d.csv", "空 間/卷.xml"]


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("*.xml", ["a.xml", "b.xml"]),
        ("**/*.xml", ["a.xml", "b.xml", "sub/c.xml", "空 間/卷.xml"]),
        ("sub/**/*", ["sub/c.xml", "sub/deep/d.csv"]),
        ("**/?.csv", ["sub/deep/d.csv"]),
        ("[ab].xml", ["a.xml", "b.xml"]),
        ("[!a].xml", ["b.xml"]),
        ("*.XML", []),
        ("../*", []),
    ],
)
def test_glob_chooses(tree: Path, glob: str, expected: list[str]) -> None:
    assert keys(tree, glob=glob) == expected


def test_a_single_file_is_its_name(tree: Path) -> None:
    assert keys(tree / "sub/c.xml") == ["c.xml"]
    only = make("folder", {"path": str(tree / "sub/c.xml")}, Path("/"))
    with pytest.raises(SkipItem):
        only.fetch("other.xml")


def test_a_relative_path_begins_at_the_workspace(tree: Path) -> None:
    made = make("folder", {"path": "root/sub"}, tree.parent)
    assert [item.key for item in items_of(made)] == ["c.xml", "deep/d.csv"]


def test_links_that_lead_out_do_not_exist(tree: Path) -> None:
    (tree / "out.xml").symlink_to(tree.parent / "secret.xml")
    (tree / "outside").symlink_to(tree.parent)
    (tree / "loop").symlink_to(tree)
    (tree / "hidden.xml").symlink_to(tree / ".hidden")
    (tree / "inside.xml").symlink_to(tree / "a.xml")
    made = make("folder", {"path": str(tree)}, Path("/"))
    assert "inside.xml" in keys(tree)
    for key in ("out.xml", "outside/secret.xml", "hidden.xml", ".hidden", "../secret.xml", "sub/../../secret.xml"):
        assert key not in keys(tree)
        with pytest.raises(SkipItem):
            made.fetch(key)


def test_pipes_are_not_opened(tree: Path) -> None:
    os.mkfifo(tree / "pipe.xml")
    assert "pipe.xml" not in keys(tree)
    with pytest.raises(SkipItem):
        make("folder", {"path": str(tree)}, Path("/")).fetch("pipe.xml")


def test_names_that_are_not_utf8_survive(tree: Path) -> None:
    (tree / os.fsdecode("档案.xml".encode("gbk"))).write_bytes(b"gbk name")
    made = make("folder", {"path": str(tree), "glob": "*.xml"}, Path("/"))
    key = next(item.key for item in items_of(made) if item.key not in ("a.xml", "b.xml"))
    assert key.encode("utf-8") == rb"\xb5\xb5\xb0\xb8.xml"
    with made.fetch(key) as stream:
        assert stream.read() == b"gbk name"


def test_a_name_that_only_looks_written_out_is_itself(tree: Path) -> None:
    (tree / r"\xc4.xml").write_text("plain")
    made = make("folder", {"path": str(tree), "glob": "*c4*"}, Path("/"))
    assert keys(tree, glob="*c4*") == [r"\xc4.xml"]
    with made.fetch(r"\xc4.xml") as stream:
        assert stream.read() == b"plain"


def test_the_version_changes_with_the_file(tree: Path) -> None:
    made = make("folder", {"path": str(tree), "glob": "a.xml"}, Path("/"))
    before = items_of(made)[0].version
    (tree / "a.xml").write_text("something else")
    assert items_of(made)[0].version != before


def test_a_file_deleted_after_the_listing_says_skip(tree: Path) -> None:
    item = items_of(make("folder", {"path": str(tree)}, Path("/")))[0]
    (tree / item.key).unlink()
    with pytest.raises(SkipItem, match=r"a\.xml"):
        item.open()


def test_a_folder_that_cannot_be_listed_is_an_item_and_the_listing_incomplete(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refusing(path: Path) -> object:
        if str(path).rstrip("/").endswith("sub"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("connectors.folder.os.scandir", refusing)
    made = make("folder", {"path": str(tree)}, Path("/"))
    refused = [item for item in items_of(made) if item.key == "sub/"]
    assert not made.complete
    with pytest.raises(SkipItem, match="sub/"):
        refused[0].open()
    with pytest.raises(StopSource, match="'sub/' cannot be listed to its end"):
        list(made.keys())


def test_a_folder_that_is_not_there_stops_the_source(tmp_path: Path) -> None:
    with pytest.raises(StopSource, match="does not exist"):
        make("folder", {"path": "nowhere"}, tmp_path)
