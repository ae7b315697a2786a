"""Writes mappings/data/pinyin.txt: how Han characters are read in Mandarin, from the tables of pypinyin (MIT).

usage: python tools/make_pinyin_table.py      (needs the package `pypinyin`; run again when the folding changes)

Readings are without tones, ü is v, and of folded characters only (`mappings.text.fold`), since only these are looked
up. A line per syllable with the characters whose first reading it is; then, below an empty line, words in which a
character is read otherwise, each with its syllables.
"""

from collections import defaultdict
from pathlib import Path

from pypinyin.contrib.tone_convert import to_normal
from pypinyin.phrases_dict import phrases_dict
from pypinyin.pinyin_dict import pinyin_dict

from mappings.text import fold

TARGET = Path(__file__).parent.parent / "mappings" / "data" / "pinyin.txt"
LONGEST = 4
"""Characters of a word; longer ones are sayings, which catalogues do not hold."""


def plain(reading: str) -> str:
    """A reading without its tone."""
    return str(to_normal(reading)).replace("ü", "v")


def main() -> None:
    """Writes the table and prints its size."""
    first = {}
    for code, readings in pinyin_dict.items():
        char = chr(code)
        if fold(char) == char and "\u3400" <= char <= "\u9fff":
            first[char] = plain(readings.partition(",")[0])
    words = {}
    for word, readings in phrases_dict.items():
        folded, read = fold(word), [plain(each[0]) for each in readings]
        short = 2 <= len(folded) <= LONGEST and len(read) == len(folded)
        if short and any(first.get(char, syllable) != syllable for char, syllable in zip(folded, read, strict=True)):
            words[folded] = " ".join(read)
    by_syllable = defaultdict(list)
    for char, syllable in first.items():
        by_syllable[syllable].append(char)
    lines = [f"{syllable} {''.join(sorted(chars))}" for syllable, chars in sorted(by_syllable.items())]
    lines += ["", *(f"{word} {read}" for word, read in sorted(words.items()))]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(first)} characters, {len(words)} words")


if __name__ == "__main__":
    main()
