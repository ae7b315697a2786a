"""An archive N times as large as the corpus: its finding aids, tables and library records again under new ids, with
varied words.

usage: python -m tests.benchmarks.growth_corpus CORPUS TARGET FOLD

Copy 0 is the corpus itself. In copy `k` each rare word is one of about k^0.55 variants of itself, chosen by a hash, so
the vocabulary grows as Heaps' law has it (10 copies: 112,000 words, 2.8 times those of one), while frequent words stay
what they are and are found N times as often. Unit ids, record ids and addresses differ in every copy, so nothing joins
that did not join before. The same arguments write the same bytes.

A file is cut into tokens once; a copy is one table look-up per token: a hundred copies (2.8 GB) take about two minutes.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from html import unescape
from pathlib import Path

from mappings.registry import MAPPINGS

HEAPS = 0.55
"""Exponent of vocabulary growth: .4 to .6 in English text; finding aids, full of names, are at the upper end."""
FREQUENT = 2_000
"""Words (and Han characters) so frequent that every archive uses them."""
_XML = re.compile(
    r"<!--.*?-->|<[^>]*>|&[#\w]+;|(?:https?|ark):[^\s<\"]+|[^\W\d_]{4,}|[\u3400-\u9fff]|.[^<&A-Za-z\u00c0-\u024f\u3400-\u9fff]*",
    re.S,
)
_TITLE = re.compile(r"<unittitle[^>]*>(.*?)</unittitle>", re.S)
_TAG = re.compile(r"<[^>]*>|\s+")
_CSV = re.compile(r"\A[^\n]*|[\u3400-\u9fff]|[A-Za-z\u00c0-\u024f]{4,}|\n|[^\w\n]+|.", re.S)
_ADDRESS = re.compile(r'(href|url|id|parent|target)(\s*=\s*["\'])([^"\']+)')
_CODE_ENDS = frozenset({"</unitid>", "</eadid>", "</recordid>"})
_SYLLABLES = [first + second for first in "bcdfghklmnprstvw" for second in ("a", "e", "i", "o", "u", "ay", "or", "en")]
_TABLES = ("*/textref*.csv", "*/*locations.csv")
Render = Callable[[str, int], str]


@dataclass(frozen=True, slots=True)
class Cut:
    """A file as numbers of its tokens."""

    path: Path
    tokens: array[int]


class Corpus:
    """The files of a corpus, cut, with all their tokens."""

    def __init__(self, folder: Path) -> None:
        self.tokens: list[str] = []
        self._numbers: dict[str, int] = {}
        self._times: Counter[int] = Counter()
        self.files = [self._cut(file, file.relative_to(folder)) for file in chosen(folder)]
        self._common = {number for number, _ in self._words().most_common(FREQUENT)}

    def _cut(self, file: Path, path: Path) -> Cut:
        text = file.read_bytes().decode("utf-8-sig", "surrogateescape").strip()
        pattern = _XML if file.suffix == ".xml" else _CSV
        found = array("I", (self._number(f"{file.suffix}{token}") for token in pattern.findall(text)))
        self._times.update(found)
        return Cut(path, found)

    def _number(self, token: str) -> int:
        number = self._numbers.setdefault(token, len(self.tokens))
        if number == len(self.tokens):
            self.tokens.append(token)
        return number

    def _words(self) -> Counter[int]:
        return Counter({n: times for n, times in self._times.items() if _is_word(self.tokens[n][4:])})

    def titles(self) -> Iterator[str]:
        """The titles of all components, as the files have them."""
        for cut in self.files:
            if cut.path.suffix == ".xml":
                text = "".join(self.tokens[number][4:] for number in cut.tokens)
                yield from (unescape(_TAG.sub(" ", title)) for title in _TITLE.findall(text))

    def copy(self, number: int) -> list[bytes]:
        """What each token is in a copy."""
        return [
            self._rendered(token[4:], number, at).encode("utf-8", "surrogateescape")
            for at, token in enumerate(self.tokens)
        ]

    def _rendered(self, token: str, copy: int, at: int) -> str:
        if not copy or at in self._common:
            return token
        if token.startswith("<"):
            return _tag(token, copy)
        if token.startswith(("http", "ark:")):
            return f"{token}/g{copy}"
        return varied(token, copy) if _is_word(token) else token


def chosen(folder: Path) -> Iterator[Path]:
    """The files that grow: finding aids, two catalogues as tables, library records where they can be read."""
    yield from (file for file in sorted((folder / "ead").rglob("*.xml")) if "eac-cpf" not in str(file))
    yield from sorted(file for pattern in _TABLES for file in (folder / "csv").glob(pattern))
    if "marc" in MAPPINGS:
        yield from sorted((folder / "marc").rglob("*.xml"))


def _tag(token: str, copy: int) -> str:
    if token in _CODE_ENDS:
        return f".g{copy}{token}"
    return _ADDRESS.sub(rf"\1\2\3-g{copy}", token) if "=" in token and token[1] not in "?!" else token


def varied(word: str, copy: int) -> str:
    """A word as a copy has it: itself, or one of the variants that have come up so far."""
    variant = _hash(f"{word}\0{copy}") % max(1, round((copy + 1) ** HEAPS))
    if not variant:
        return word
    if _is_han(word):
        return chr(0x4E00 + (ord(word) - 0x3400 + variant * 977) % 0x51A5)
    head = _SYLLABLES[(_hash(word) + variant) % len(_SYLLABLES)]
    return head.capitalize() + word.lower() if word[0].isupper() else head + word


def _is_word(token: str) -> bool:
    return token.isalpha() and (len(token) > 3 or _is_han(token))


def _is_han(token: str) -> bool:
    return len(token) == 1 and "\u3400" <= token <= "\u9fff"


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).digest(), "big")


def write(corpus: Corpus, target: Path, copies: Sequence[int]) -> int:
    """Write copies below a folder, each in folders of its own (``ead/g0007/...``): the bytes written."""
    written = 0
    for number in copies:
        table = corpus.copy(number)
        ids = [_with_row_ids(token, number) for token in table]
        for cut in corpus.files:
            first, *rest = cut.path.parts
            place = target / first / f"g{number:04}" / Path(*rest)
            place.parent.mkdir(parents=True, exist_ok=True)
            look_up = (ids if place.suffix == ".csv" else table).__getitem__
            written += place.write_bytes(b"".join(map(look_up, cut.tokens)))
    return written


def _with_row_ids(token: bytes, copy: int) -> bytes:
    """Rows begin with their id: a copy's ids begin with its number."""
    return b"\n%d." % copy if copy and token == b"\n" else token


if __name__ == "__main__":
    source, place, fold = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    print(write(Corpus(source), place, range(fold)))
