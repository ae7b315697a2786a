"""`onestop deidentify`: from what is proposed to a PDF, on a real workspace with a scanned page."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from onestop.cli import run
from tests.deidentify.hospital import ID, LINES, begun, scan, write_page
from tests.deidentify.hospital import synced as run_night


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one volume and two accounts, of which each test gets a copy."""
    folder = tmp_path_factory.mktemp("synced") / "house"
    run_night(begun(folder))
    return folder


@pytest.fixture
def workspace(synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "house"
    shutil.copytree(synced, folder)
    monkeypatch.setenv("ONESTOP_WORKSPACE", str(folder))
    return folder


def told(capsys: pytest.CaptureFixture[str], *arguments: str, user: str = "li", code: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["deidentify", ID, "--as", user, "--json", *arguments]) == code
    shown: dict[str, Any] = json.loads(capsys.readouterr().out)
    return shown


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, user: str = "li") -> str:
    capsys.readouterr()
    assert run(["deidentify", ID, "--as", user, *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    return shown.err


def test_from_what_is_proposed_to_a_copy(workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = told(capsys)
    assert (first["class"], first["status"], first["open"]) == ("medical", "new", 2)
    assert [(span["kind"], span["text"]) for span in first["spans"]] == [
        ("name", "Walter Hensley"),
        ("phone", "+4420 79460018"),
    ]
    copy = tmp_path / "copy.pdf"
    assert "is released" in refused(capsys, "--copy", str(copy))
    assert "1 of 2 spans are not decided" in refused(capsys, "--accept", "1", "--release")
    made = told(capsys, "--accept", "2", "--release", "--copy", str(copy), "--note", "for Mr. Wang")
    assert made["status"] == "released" and all(span["masked"] for span in made["spans"])
    page = pypdfium2.PdfDocument(copy)[0]
    assert page.get_textpage().get_text_bounded().split() == ["Name:", "Person", "A", "Phone:", "[telephone]"]
    shown = page.render(scale=600 / page.get_width()).to_pil().convert("L")
    assert shown.getpixel((250, 55)) < 24 < 200 < shown.getpixel((60, 55))
    told(capsys, "--copy", str(tmp_path / "copy.txt"))
    assert (tmp_path / "copy.txt").read_text(encoding="utf-8") == "Name: Person A\nPhone: [telephone]\n"
    assert told(capsys, "--withdraw")["status"] == "withdrawn"
    assert "is released" in refused(capsys, "--copy", str(copy))


def test_another_text_makes_a_release_stale(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "--accept", "all", "--release")
    write_page(workspace, (*LINES, ("Dr", "Haddad", "came")))
    assert run(["sync"]) == 0
    again = told(capsys)
    assert (again["status"], again["stale"], again["open"]) == ("new", True, 3)
    assert "is released" in refused(capsys, "--copy", str(tmp_path / "copy.txt"))


def test_another_image_is_not_drawn(workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "--accept", "all", "--release")
    (workspace / "data" / "case" / "1.png").write_bytes(scan("grey"))
    assert "another file than the one that was released" in refused(capsys, "--copy", str(tmp_path / "copy.pdf"))
    assert list(tmp_path.glob("copy*")) == []


def test_what_the_description_says_too_is_told(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys)["described"] == []
    (workspace / "data" / "case" / "volume.yml").write_text("title: Patient Walter Hensley\n", encoding="utf-8")
    assert run(["sync"]) == 0
    assert told(capsys)["described"] == ["Walter Hensley"]
    assert told(capsys, "--reject", "1")["described"] == []


def test_what_no_rule_found_is_added(workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = told(capsys, "--reject", "2", "--accept", "all", "--add", "1:0-5:name", "--release")
    assert [(span["text"], span["masked"]) for span in made["spans"]] == [
        ("Name:", True),
        ("Walter Hensley", True),
        ("+4420 79460018", False),
    ]
    told(capsys, "--copy", str(tmp_path / "copy.txt"))
    assert (tmp_path / "copy.txt").read_text(encoding="utf-8").endswith("Phone: +4420 79460018\n")


def test_what_is_added_is_asked_for_wherever_it_stands(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_page(workspace, (*LINES, ("Ginger", "left", "early"), ("so", "did", "Ginger")))
    assert run(["sync"]) == 0
    text = "Name: Walter Hensley\nPhone: +4420 79460018\nGinger left early\nso did Ginger"
    first, second = text.index("Ginger"), text.rindex("Ginger")
    said = refused(capsys, "--accept", "all", "--add", f"1:{first}-{first + 6}:name", "--release")
    assert f"1 of 3 spans are not decided, the first on page 1, characters {second} to {second + 6} (name)" in said
    assert told(capsys, "--accept", "all", "--release")["status"] == "released"


WRONG = {
    "a number there is not": (["--accept", "7"], "There is no span 7; there are 2."),
    "no number": (["--accept", "x"], "is no number of a span"),
    "both ways": (["--accept", "1", "--reject", "1"], "name it once"),
    "no place": (["--add", "1:5"], "is not PAGE:START-END:KIND"),
    "no kind": (["--add", "1:0-5:shoe"], "kinds are id_number"),
    "beyond the text": (["--add", "1:0-500:name"], "there are no such characters"),
    "beyond the pages": (["--add", "2:0-5:name"], "there are no such characters"),
    "seen before": (["--accept", "1", "--seen", "9"], "has changed since"),
    "released unseen": (["--release", "--seen", "9"], "has changed since"),
    "nothing to withdraw": (["--withdraw"], "not released"),
    "a format that is none": (["--copy", "copy.docx"], "written as .pdf or .txt"),
}


def test_wrong_calls_change_nothing_and_say_why(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, why in WRONG.values():
        said = refused(capsys, *arguments)
        assert why in said and said.count("\n") == 1, said
    assert told(capsys)["status"] == "new"


def test_it_is_for_staff_and_for_records_with_pages(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, user="wang")
    assert "for staff" in said and "Walter" not in said
    assert run(["deidentify", "nothing:there", "--as", "li"]) == 2
    assert "There is no resource" in capsys.readouterr().err


def test_what_a_person_reads(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["deidentify", ID, "--as", "li"]) == 0
    shown = capsys.readouterr()
    assert [
        word for word in ("Hospital patient record of 1962: new", "Walter Hensley", "phone") if word not in shown.out
    ] == []
    assert "2 of 2 spans are not decided" in shown.err and "Walter" not in shown.err


def test_an_archive_says_which_records_are_about_private_persons(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = workspace / "policies" / "deidentify.yml"
    file.write_text("none: [of 1962]\n", encoding="utf-8")
    assert [span["kind"] for span in told(capsys)["spans"]] == ["phone"]
    file.write_text("none: yes\n", encoding="utf-8")
    assert "deidentify.yml: none must be a list of words" in refused(capsys)


def searched(capsys: pytest.CaptureFixture[str], text: str, *more: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["search", text, "--json", *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_released_copy_is_found_the_same_night_and_gone_at_once_when_taken_back(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [way["action"] for way in searched(capsys, "hospital")["hits"][0]["available"]] == ["apply", "ask"]
    told(capsys, "--accept", "all", "--release")
    assert searched(capsys, "phone")["total"] == 0
    assert run(["sync"]) == 0
    found = searched(capsys, "phone")
    assert found["hits"][0]["pages"][0]["highlights"] == ["Name: Person A <mark>Phone</mark>: [telephone]"]
    assert [way["action"] for way in found["hits"][0]["available"]] == ["deidentified", "apply", "ask"]
    for word in ("Hensley", "Walter", "79460018", "telephone", '"Person A"', "Hensly"):
        answer = searched(capsys, word)
        assert answer["total"] == 0 and not answer["interpretation"]["did_you_mean"], word
    assert searched(capsys, "Hensley", "--as", "li")["total"] == 1
    assert searched(capsys, "telephone", "--as", "li")["total"] == 0
    told(capsys, "--withdraw")
    assert searched(capsys, "phone")["total"] == 0
    assert [way["action"] for way in searched(capsys, "hospital")["hits"][0]["available"]] == ["apply", "ask"]
    assert run(["sync"]) == 0
    assert searched(capsys, "phone")["total"] == 0


def test_a_copy_of_another_text_is_not_found(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "--accept", "all", "--release")
    assert run(["sync"]) == 0
    assert searched(capsys, "phone")["total"] == 1
    write_page(workspace, (*LINES, ("Dr", "Haddad", "came")))
    assert run(["sync"]) == 0
    assert searched(capsys, "phone")["total"] == 0
    told(capsys, "--accept", "all", "--release")
    assert run(["sync"]) == 0
    found = searched(capsys, "phone")
    assert found["hits"][0]["pages"][0]["highlights"] == [
        "Name: Person A <mark>Phone</mark>: [telephone] Dr Person B came"
    ]


def test_an_index_built_anew_has_the_copies(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "--accept", "all", "--release")
    assert run(["sync"]) == 0
    assert run(["reindex"]) == 0
    assert searched(capsys, "phone")["total"] == 1
