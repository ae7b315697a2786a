"""A command in this process: to start one of its own takes a hundred times as long."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper

from onestop.cli import run


def asked(arguments: Sequence[str]) -> tuple[int, str, str]:
    """The exit code, and what was said on standard output and standard error."""
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = run(arguments)
    said, complained = (_written(stream) for stream in (out, err))
    return code, said, complained


def _written(stream: TextIOWrapper) -> str:
    assert isinstance(stream.buffer, BytesIO)
    return stream.buffer.getvalue().decode()
