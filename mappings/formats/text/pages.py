"""Running text as the pages of a digital copy, so that the access to texts governs it."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.record import Copy, Page, Word, clean

_LONGEST_PAGE = 20_000  # characters; a page without marks is divided between paragraphs at about this length


def copy(text: str) -> Copy | None:
    """The pages of a text: form feeds divide it, and its own length. None when there is nothing on any.

    A line is one word without a place, since nobody recognised it anywhere.
    """
    pages: list[Page] = []
    for lines in _divided(text):
        words = tuple((Word(line, 0, 0, 0, 0),) for line in lines)
        pages.append(Page(len(pages) + 1, "\n".join(lines), lines=words))
    if not any(page.text for page in pages):
        return None
    return Copy(format="text/plain", page_count=len(pages), pages=tuple(pages))


def _divided(text: str) -> Iterator[list[str]]:
    for piece in text.split("\f"):
        lines: list[str] = []
        length = 0
        for line in piece.splitlines():
            cleaned = clean(line)
            for start in range(0, len(cleaned or ""), _LONGEST_PAGE):
                part = (cleaned or "")[start : start + _LONGEST_PAGE]
                if length + len(part) > _LONGEST_PAGE and lines:
                    yield lines
                    lines, length = [], 0
                lines.append(part)
                length += len(part)
        yield lines
