"""From characters to lines of words.

A word ends at white space, and between Chinese or Japanese characters, which stand each by itself as in recognised
pages: so a passage of any length has its boxes, and `line_text` puts it together again without blanks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

from mappings.formats.page_text import closes_up, rest_of
from mappings.formats.pdf.characters import HYPHEN, Box, Boxes, Character, Frame
from mappings.record import Divided, Word

Line = tuple[Word, ...]
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_LONGEST_WORD = 1_000
"""Characters; a longer one is cut, so that a page without blanks has words, too."""


def lines_of(found: Iterable[Character], boxes: Boxes) -> tuple[list[Line], list[Divided]]:
    """Lines of words as they stand on the page, and where divided words go on; what lies outside of it is not shown and
    left out.
    """
    lines: list[Line] = []
    rests: dict[Word, Word] = {}
    for tokens in _divided(found):
        words = [word for token in tokens for word in _words(token, boxes, rests) if _is_shown(word, boxes.frame)]
        if words:
            lines.append(tuple(_in_reading_order(words)))
    ordered = _columns(lines)
    ends = ((number, line[-1].text, rests.get(line[-1])) for number, line in enumerate(ordered))
    return ordered, [rest_of(at, len(text) - len(rest.text), rest) for at, text, rest in ends if rest]


def whole(line: Line, text: str) -> Line:
    """A line as one word in the box of all: what is kept of a volume that has more words than memory is for."""
    left, top = min(word.x for word in line), min(word.y for word in line)
    right, bottom = max(word.x + word.width for word in line), max(word.y + word.height for word in line)
    return (Word(text, left, top, round(right - left, 2), round(bottom - top, 2)),)


def _divided(found: Iterable[Character]) -> Iterator[list[list[Character]]]:
    """Lines of tokens without white space; the rest of a divided word goes with its beginning and ends the line."""
    line: list[list[Character]] = []
    token: list[Character] = []
    for char in found:
        if not char.text.isspace() and len(token) < _LONGEST_WORD:
            token.append(char)
            continue
        ends_line = char.text == "\n" or any(part.text == HYPHEN for part in token)
        if token:
            line.append(token)
        token = [] if char.text.isspace() else [char]
        if ends_line and line:
            yield line
            line = []
    if token:
        line.append(token)
    if line:
        yield line


def _words(token: list[Character], boxes: Boxes, rests: dict[Word, Word]) -> Iterator[Word]:
    """The words of a token; the rest of a divided one is told by the whole."""
    places = [place for place, char in enumerate(token) if char.text == HYPHEN]
    if places:
        word = _rejoined(token, boxes)
        rest = token[places[0] + 1 :]
        if rest and len(places) == 1:
            rests[word] = _placed("".join(char.text for char in rest), _ends(rest, boxes))
        yield word
        return
    start = 0
    for place, (before, after) in enumerate(pairwise(token), 1):
        if closes_up(before.text[-1], after.text[0]):
            yield _word(token[start:place], boxes)
            start = place
    yield _word(token[start:], boxes)


def _rejoined(token: list[Character], boxes: Boxes) -> Word:
    """A word divided at a line end, whole in the box of its first part, as ALTO has it; the hyphen stays where the word
    may have one of its own (before a capital or a digit).
    """
    text = ""
    first: list[Character] = []
    for place, char in enumerate(token):
        if char.text != HYPHEN:
            text += char.text
            continue
        first = first or token[:place]
        after = token[place + 1].text if place + 1 < len(token) else ""
        if not (text[-1:].isalpha() and after.islower()):
            text += "-"
    return _placed(text, _ends(first or token, boxes))


def _word(token: list[Character], boxes: Boxes) -> Word:
    """The word of some characters; Arabic and Hebrew drawn from left to right is turned around."""
    ends = _ends(token, boxes)
    if len(ends) == 2 and ends[0][0] < ends[1][0] and _is_right_to_left(char.text for char in token):
        token = token[::-1]
    return _placed("".join(char.text for char in token), ends)


def _ends(token: list[Character], boxes: Boxes) -> list[Box]:
    """The boxes of the first and the last character: those between add nothing to the word's, and take their time."""
    chars = token if len(token) < 2 else (token[0], token[-1])
    return [box for char in chars if (box := boxes.of(char.place)) is not None]


def _placed(text: str, boxes: list[Box]) -> Word:
    if not boxes:
        return Word(text, 0.0, 0.0, 0.0, 0.0)
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    return Word(text, round(left, 2), round(top, 2), round(right - left, 2), round(bottom - top, 2))


def _is_shown(word: Word, frame: Frame) -> bool:
    """Does any of it lie within the page as shown? Printers leave marks outside."""
    if not word.width and not word.height:
        return True
    across = word.x < frame.width and word.x + word.width > 0
    return across and word.y < frame.height and word.y + word.height > 0


def _in_reading_order(words: list[Word]) -> list[Word]:
    """Words of a line in Arabic or Hebrew that stand from left to right are turned around."""
    if len(words) > 1 and _is_right_to_left(word.text for word in words) and _runs_right([word.x for word in words]):
        return words[::-1]
    return words


def _is_right_to_left(texts: Iterable[str]) -> bool:
    """Do the letters run from right to left for the greater part (Unicode Standard Annex 9)?"""
    letters = [unicodedata.bidirectional(char) for text in texts for char in text if char.isalpha()]
    return 2 * sum(kind in _RIGHT_TO_LEFT for kind in letters) > len(letters)


def _runs_right(places: list[float]) -> bool:
    steps = [after - before for before, after in pairwise(places) if after != before]
    return 2 * sum(step > 0 for step in steps) > len(steps)


def _columns(lines: list[Line]) -> list[Line]:
    """Columns of vertical writing that stand beside each other, from right to left; other lines as they are."""
    found: list[Line] = []
    beside: list[Line] = []
    for line in lines:
        if beside and not (_is_vertical(line) and _overlap(line, beside[0])):
            found += sorted(beside, key=lambda one: -one[0].x)
            beside = []
        if _is_vertical(line):
            beside.append(line)
        else:
            found.append(line)
    return found + sorted(beside, key=lambda one: -one[0].x)


def _is_vertical(line: Line) -> bool:
    """Do the characters of the line stand one below the other?"""
    if len(line) < 2 or any(len(word.text) > 1 for word in line):
        return False
    return all(_is_below(after, before) for before, after in pairwise(line))


def _is_below(word: Word, above: Word) -> bool:
    return word.y > above.y and abs(word.x - above.x) < max(above.width, 1.0)


def _overlap(line: Line, other: Line) -> bool:
    return line[0].y < other[-1].y and other[0].y < line[-1].y
