"""Terminals of the reading room: keys that work once, cookies that are signed, and machines that are none any more."""

from __future__ import annotations

import pytest
from desk_parts import ONCE

from service_desk import terminals
from service_desk.errors import BadCredentials, Conflict, Invalid, NotFound, TooMany


def test_a_key_makes_one_machine_a_terminal_until_it_is_removed(desk, open_desk):
    key = desk.terminals.add("Reading room 3", "root")
    assert [(one.name, one.by, one.opened) for one in desk.terminals.all()] == [("Reading room 3", "root", None)]
    cookie = desk.terminals.open(key.lower().replace("-", " "))
    assert desk.terminals.is_one(cookie) and open_desk().terminals.is_one(cookie)
    assert desk.terminals.all()[0].opened
    with pytest.raises(BadCredentials):
        desk.terminals.open(key)
    desk.terminals.remove("Reading room 3", "root")
    assert not desk.terminals.is_one(cookie) and desk.terminals.all() == []
    told = [(row.actor, row.what, row.subject) for row in reversed(desk.audit.rows(subject="Reading room 3").rows)]
    assert told == [
        ("root", "terminal.add", "Reading room 3"),
        (None, "terminal.open", "Reading room 3"),
        ("root", "terminal.remove", "Reading room 3"),
    ]


def test_a_name_is_in_use_once_at_a_time(desk):
    first = desk.terminals.add("R", "root")
    with pytest.raises(Conflict, match="already"):
        desk.terminals.add(" R ", "root")
    desk.terminals.remove("R", "root")
    with pytest.raises(BadCredentials):
        desk.terminals.open(first)
    assert desk.terminals.open(desk.terminals.add("R", "root"))


STRANGE = "x" * 43


def forged(desk):
    one, other = (desk.terminals.open(desk.terminals.add(name, "root")) for name in "ab")
    number, token, signature = one.split(".")
    return {
        "none": None,
        "empty": "",
        "a word": "yes",
        "odd": "\ud800.\n.x",
        "long": "1" * 100_000,
        "another number": f"{int(number) + 1}.{token}.{signature}",
        "another token": f"{number}.{'x' * 43}.{signature}",
        "another signature": f"{number}.{token}.{'0' * 64}",
        "no signature": f"{number}.{token}.",
        "two mixed": ".".join((number, token, other.split(".")[2])),
        "signed for a form": f"{number}.{token}.{desk.sessions.form_token(f'{number}.{token}')}",
        "of no terminal": f"99.{token}.{desk.sessions.form_token(f'terminal 99 {token}')}",
        "of a terminal, not its own": f"{number}.{STRANGE}.{desk.sessions.form_token(f'terminal {number} {STRANGE}')}",
    }


def test_cookies_that_are_none(desk):
    for name, cookie in forged(desk).items():
        assert not desk.terminals.is_one(cookie), name


@ONCE
def test_keys_are_guessed_so_often(desk, monkeypatch, clock):
    monkeypatch.setattr(terminals, "ATTEMPTS_PER_CLIENT", 2)
    key = desk.terminals.add("R", "root")
    for _ in range(2):
        with pytest.raises(BadCredentials):
            desk.terminals.open("wrong", "192.0.2.1")
    with pytest.raises(TooMany):
        desk.terminals.open(key, "192.0.2.1")
    clock.push(minutes=15)
    assert desk.terminals.open(key, "192.0.2.1")


@ONCE
@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_names_that_cannot_be(desk, name):
    with pytest.raises(Invalid):
        desk.terminals.add(name, "root")
    with pytest.raises(NotFound):
        desk.terminals.remove(name, "root")
