"""Writes mappings/data/fold.txt: the one-to-one folding of characters, from Unicode and the OpenCC dictionaries
(Apache-2.0).

usage: python tools/make_fold_table.py      (needs the package `opencc`; run again when either source changes)

Line 1 holds the characters that change, line 2 what each becomes: compatibility and full-width forms to plain ones,
upper to
lower case, accented Latin to plain Latin, traditional and regional variants to simplified. Characters whose folding
is longer
or shorter than one character stay as they are, so that offsets in folded and stored text are the same.
"""

import sys
import unicodedata
from pathlib import Path

import opencc

TARGET = Path(__file__).parent.parent / "mappings" / "data" / "fold.txt"
RANGES = (
    (0x41, 0x5B),
    (0xA0, 0x250),
    (0x370, 0x530),
    (0x1E00, 0x2000),
    (0x2E80, 0x3100),
    (0x3400, 0x4DC0),
    (0x4E00, 0xA000),
    (0xF900, 0xFB00),
    (0xFF01, 0xFF5F),
    (0x20000, 0x2FA20),
)


def plain(char: str) -> str:
    """Compatibility form, accents gone, lower case; the character itself where that is not one character."""
    decomposed = unicodedata.normalize("NFKD", char)
    base = "".join(part for part in decomposed if not unicodedata.combining(part))
    folded = (base if len(base) == 1 else unicodedata.normalize("NFKC", char)).lower()
    keeps_kind = len(folded) == 1 and (folded.isalnum() or not char.isalnum())
    return folded if keeps_kind else char


def main() -> None:
    """Writes the table and prints its size."""
    chars = [
        chr(code)
        for low, high in RANGES
        for code in range(low, high)
        if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")
    ]
    folded = [plain(char) for char in chars]
    for profile in ("hk2s", "tw2s", "t2s"):
        converter = opencc.OpenCC(profile)
        converted = converter.convert("\n".join(folded)).split("\n")
        folded = [new if len(new) == 1 else old for old, new in zip(folded, converted, strict=True)]
    pairs = [
        (char, new)
        for char, new in zip(chars, folded, strict=True)
        if char != new and not char.isspace() and not new.isspace()
    ]
    TARGET.write_text("".join(c for c, _ in pairs) + "\n" + "".join(n for _, n in pairs) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(pairs)} characters fold\n")


if __name__ == "__main__":
    main()
