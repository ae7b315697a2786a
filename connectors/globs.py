"""The globs of settings, for every transport whose keys are paths."""

from __future__ import annotations

import fnmatch
import re


def glob_pattern(glob: str) -> re.Pattern[str]:
    """``**/`` is any number of folders, ``*`` and ``?`` stay within one name; case matters."""
    parts = []
    for piece in re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", glob):
        if piece == "**/":
            parts.append(r"(?:[^/]*/)*")
        elif piece == "**":
            parts.append(r".*")
        elif piece == "*":
            parts.append(r"[^/]*")
        elif piece == "?":
            parts.append(r"[^/]")
        elif piece.startswith("[") and piece.endswith("]"):
            parts.append(fnmatch.translate(piece).removeprefix("(?s:").rpartition(")")[0])
        else:
            parts.append(re.escape(piece))
    return re.compile("".join(parts) + r"\Z", re.DOTALL)
