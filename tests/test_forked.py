"""Programs of tests are processes of their own, and end as those do."""

from __future__ import annotations

import os
import signal

import pytest

from tests.forked import Program

ECHO = """
import os, sys
print(os.getpid(), *sys.argv[1:], "service_desk.desk" in sys.modules, flush=True)
print(sys.stdin.readline().strip(), flush=True)
"""


def test_it_is_told_and_says_what_a_program_would() -> None:
    programs = [Program(ECHO, "檔", str(number)) for number in range(2)]
    told = [program.stdout.readline().split() for program in programs]
    assert [said[1:] for said in told] == [["檔", "0", "True"], ["檔", "1", "True"]]
    assert len({str(os.getpid()), *(said[0] for said in told)}) == 3
    for program in programs:
        program.stdin.write("go\n")
        program.stdin.flush()
    assert [program.communicate() for program in programs] == [("go\n", "")] * 2
    assert [program.wait() for program in programs] == [0, 0]


def test_what_goes_wrong_in_it_is_said_and_told_by_its_code() -> None:
    failed = Program("raise KeyError('x')")
    _, complaint = failed.communicate()
    assert failed.wait() == 1 and "KeyError: 'x'" in complaint


def test_it_is_killed() -> None:
    endless = Program("import time\nwhile True: time.sleep(1)")
    with pytest.raises(TimeoutError):
        endless.wait(0.01)
    endless.kill()
    assert endless.wait() == -signal.SIGKILL
