"""How far a run is: bars for a person, lines for a log."""

from __future__ import annotations

import io
import re
import sys
import threading

import pytest
from rich.console import Console

from onestop import console
from onestop.progress import EVERY, NARROW, Lines, bars


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def said(stream: io.StringIO) -> list[dict[str, str]]:
    """The lines as what they say, without their time."""
    lines = stream.getvalue().splitlines()
    found = [dict(re.findall(r'(\w+)=("[^"]*"|\S+)', line)) for line in lines]
    assert all(line.pop("timestamp").endswith("Z") for line in found)
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def lines(stream: io.StringIO, clock: Clock) -> Lines:
    return Lines(stream, clock)


def test_a_step_is_told_when_it_begins_now_and_then_and_when_it_ends(
    lines: Lines, stream: io.StringIO, clock: Clock
) -> None:
    for second in range(25):
        clock.now = 100.0 + second
        lines.show("east", "read", 10 * second, 400)
    lines.show("east", "index", 5, 5)
    clock.now += 100
    lines.end()
    assert said(stream) == [
        {"event": "began", "source": "east", "step": "read"},
        *(
            {
                "event": "at",
                "source": "east",
                "step": "read",
                "done": str(10 * second),
                "total": "400",
                "seconds": f"{second}.0",
                "per_second": "10.0",
                "seconds_left": str(40 - second),
            }
            for second in (int(EVERY), int(2 * EVERY))
        ),
        {
            "event": "ended",
            "source": "east",
            "step": "read",
            "done": "240",
            "total": "400",
            "seconds": "24.0",
            "per_second": "10.0",
        },
        {"event": "began", "source": "east", "step": "index"},
        {"event": "ended", "source": "east", "step": "index", "done": "5", "total": "5", "seconds": "0.0"},
    ]


def test_sources_are_told_apart(lines: Lines, stream: io.StringIO) -> None:
    def work(name: str) -> None:
        for done in range(50):
            lines.show(name, "read", done, None)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("east", "west", "")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines.end()
    assert sorted((line["event"], line["source"]) for line in said(stream)) == [
        ("began", '"all sources"'),
        ("began", "east"),
        ("began", "west"),
        ("ended", '"all sources"'),
        ("ended", "east"),
        ("ended", "west"),
    ]


def test_without_a_terminal_lines_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), console.progress() as show:
        show("east", "read", 1, None)
        raise KeyError
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.split()[1] for line in captured.err.splitlines()] == ["event=began", "event=ended"]


def drawn(width: int) -> list[str]:
    """What stands on a terminal so many columns wide while three sources are read."""
    stream = io.StringIO()
    terminal = Console(file=stream, width=width, force_terminal=True, legacy_windows=False, color_system=None)
    with bars(terminal) as show:
        show("the-papers-of-the-east-wing-in-their-entirety", "read", 1200, 5000)
        show("west\x1b[2J", "read", 7, None)
        show("west\x1b[2J", "index", 12345, None)
        show("", "link", 3, 3)
    picture = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    return [line.rstrip() for line in re.split(r"[\r\n]+", picture) if line.strip()]


@pytest.mark.parametrize("width", [30, 64, 200])
def test_bars_fit_the_terminal(width: int) -> None:
    rows = drawn(width)
    assert all(len(row) <= width for row in rows), rows
    assert any(row.startswith("the-pap") for row in rows)
    assert any("…" in row for row in rows)
    assert " ind" in [row for row in rows if row.startswith("west")][-1]
    if width >= NARROW:
        assert any("1,200/5,000" in row for row in rows)
        assert any("12,345" in row for row in rows)


def test_a_terminal_gets_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with console.progress() as show:
        show("east", "read", 1, 2)
    assert "event=" not in terminal.getvalue()
    assert "east" in terminal.getvalue()
