"""Calls that cannot be carried out: exit code 2, one line on standard error that says what is wrong, nothing else."""

from __future__ import annotations

import json

import pytest

from onestop.cli import run
from tests.bad_input.house import House

Captured = pytest.CaptureFixture[str]

WRONG = {
    "unknown source": (["sync", "nowhere"], "nowhere"),
    "unknown source beside a known one": (["sync", "aids", "nowhere"], "nowhere"),
    "unknown source to check": (["source", "check", "aidz"], "did you mean 'aids'"),
    "source with a path for a name": (["source", "check", "../sources/aids"], "../sources/aids"),
    "unknown filter": (["search", "x", "--filter", "colour:red"], "colour"),
    "filter without a value": (["search", "x", "--filter", "level:"], "FIELD:VALUE"),
    "filter without a field": (["search", "x", "--filter", ":file"], "FIELD:VALUE"),
    "filter without a colon": (["search", "x", "--filter", "level=file"], "FIELD:VALUE"),
    "year that is a word": (["search", "x", "--from", "abc"], "--from"),
    "year that is a day": (["search", "x", "--to", "1905-01-01"], "--to"),
    "year that never comes": (["search", "x", "--to", "10000"], "10000"),
    "years the wrong way round": (["search", "x", "--from", "1950", "--to", "1900"], "1950"),
    "unknown user": (["search", "x", "--as", "nobody"], "nobody"),
    "user of control characters": (["search", "x", "--as", "a\nb\x1b[2J"], "a"),
    "user with a long name": (["search", "x", "--as", "x" * 10_000], "x"),
    "unknown sort": (["search", "x", "--sort", "best"], "--sort"),
    "size too large": (["search", "x", "--size", "201"], "201"),
    "size below nothing": (["search", "x", "--size", "-1"], "-1"),
    "size that is a word": (["search", "x", "--size", "many"], "--size"),
    "offset too large": (["search", "x", "--offset", "1000000001"], "1000000001"),
    "offset below nothing": (["search", "x", "--offset", "-1"], "-1"),
    "number too large for any computer": (["search", "x", "--size", "9" * 5000], "--size"),
    "unknown id": (["show", "r-nothing"], "r-nothing"),
    "unknown source in an id": (["show", "nowhere:1"], "nowhere:1"),
    "unknown record in an id": (["show", "lists:99"], "lists:99"),
    "nothing for an id": (["show", ""], "''"),
    "id of control characters": (["show", "a\x00b\nc\x1b[2J"], "a"),
    "id with a way out": (["show", "../../etc/passwd"], "../../etc/passwd"),
    "unknown user to show": (["show", "lists:1", "--as", "nobody"], "nobody"),
    "unknown option": (["search", "x", "--colour"], "--colour"),
    "two ids": (["show", "x", "y"], "y"),
    "no text": (["search"], "TEXT"),
    "no id": (["show"], "ID"),
    "unknown command": (["find"], "find"),
    "unknown command of a group": (["source", "look"], "look"),
    "no name": (["source", "check"], "NAME"),
    "unknown role": (["user", "add", "ann", "--role", "king"], "king"),
    "questions that are a folder": (["evaluate", "--queries", "/", "--qrels", "/"], "/"),
    "questions that are not there": (["evaluate", "--queries", "/nowhere/q", "--qrels", "/nowhere/r"], "/nowhere/q"),
    "workspace that is not there": (["search", "x", "--workspace", "/nowhere"], "onestop init"),
    "workspace that is a file": (["search", "x", "--workspace", "/etc/hostname"], "/etc/hostname"),
    "workspace with a null byte": (["search", "x", "--workspace", "/tmp/\0"], "workspace"),
}


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize(("arguments", "word"), WRONG.values(), ids=WRONG)
def test_a_wrong_call_is_one_sentence(
    synced: House, capfd: Captured, arguments: list[str], word: str, as_json: bool
) -> None:
    capfd.readouterr()
    takes_json = arguments[0] in ("search", "show", "sync", "source", "evaluate")
    given = [*arguments, "--json"] if as_json and takes_json else arguments
    assert run(["--workspace", str(synced.folder), *given]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1 and said.err.endswith("\n")
    assert word in said.err
    assert "Traceback" not in said.err
    assert said.err.rstrip("\n").isprintable()
    assert len(said.err) < 1000


ODD = {
    "operators alone": "AND OR NOT",
    "quotes that do not close": '"harbour',
    "brackets": "((harbour) OR [x TO y]",
    "a field nobody has": "colour:red",
    "an empty phrase": '""',
    "signs": "+-&&||!(){}[]^~*?:\\/",
    "a star": "*",
    "many stars": "*" * 5000,
    "nothing": "",
    "blanks": " \t\n ",
    "a null byte": "har\0bour",
    "an escape": "\x1b[2Jharbour",
    "many words": "harbour " * 5000,
    "one long word": "x" * 100_000,
    "many minus signs": "-" * 5000 + "harbour",
    "many not": "NOT " * 2000 + "harbour",
    "deep brackets": "(" * 5000 + "harbour" + ")" * 5000,
    "markup": "<script>alert(1)</script>",
    "other ways to write it": "ｈａｒｂｏｕｒ \u202eruobrah \u0301\u0301",
    "emoji and rare characters": "\U0001f6a2 \U00020000 \ufffe",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_there_is_no_wrong_search_text(synced: House, capfd: Captured, text: str) -> None:
    capfd.readouterr()
    assert run(["--workspace", str(synced.folder), "search", "--json", "--", text]) == 0
    said = capfd.readouterr()
    assert said.err == ""
    assert json.loads(said.out)["total"] >= 0
