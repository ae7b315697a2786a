"""Languages as codes: two letters of ISO 639-1 where there are any, else three of ISO 639-2/T, with the script for
Chinese (BCP 47).

https://www.loc.gov/standards/iso639-2/php/code_list.php
"""

from __future__ import annotations

import re

from mappings.remember import remember

# ISO 639-1 code: its ISO 639-2 codes (terminological, bibliographic), English names, Chinese names
_TABLE = """
ar: ara; Arabic; 阿拉伯语 阿拉伯語
bg: bul; Bulgarian; 保加利亚语
bo: bod tib; Tibetan; 藏语 藏文 藏語
ca: cat; Catalan;
cs: ces cze; Czech; 捷克语
cy: cym wel; Welsh;
da: dan; Danish; 丹麦语
de: deu ger; German; 德语 德文 德語
el: ell gre; Greek, Modern Greek; 希腊语
en: eng; English; 英语 英文 英語
eo: epo; Esperanto;
es: spa; Spanish, Castilian; 西班牙语 西班牙文 西班牙語
et: est; Estonian;
eu: eus baq; Basque;
fa: fas per; Persian, Farsi; 波斯语
fi: fin; Finnish; 芬兰语
fr: fra fre; French; 法语 法文 法語
ga: gle; Irish;
gl: glg; Galician;
he: heb; Hebrew; 希伯来语
hi: hin; Hindi; 印地语
hr: hrv; Croatian;
hu: hun; Hungarian; 匈牙利语
hy: hye arm; Armenian;
id: ind; Indonesian; 印尼语
is: isl ice; Icelandic;
it: ita; Italian; 意大利语 意大利文
ja: jpn; Japanese; 日语 日文 日語
ka: kat geo; Georgian;
kk: kaz; Kazakh; 哈萨克语
km: khm; Khmer; 高棉语
ko: kor; Korean; 韩语 朝鲜语 韓語 朝鮮語
la: lat; Latin; 拉丁语 拉丁文 拉丁語
lo: lao; Lao; 老挝语
lt: lit; Lithuanian;
lv: lav; Latvian;
mn: mon; Mongolian; 蒙古语 蒙文 蒙古語
ms: msa may; Malay; 马来语
my: mya bur; Burmese; 缅甸语
ne: nep; Nepali;
nl: nld dut; Dutch, Flemish; 荷兰语 荷蘭語
no: nor; Norwegian; 挪威语
pl: pol; Polish; 波兰语
pt: por; Portuguese; 葡萄牙语 葡文 葡萄牙語
ro: ron rum; Romanian; 罗马尼亚语
ru: rus; Russian; 俄语 俄文 俄語
sa: san; Sanskrit; 梵文 梵语
sk: slk slo; Slovak;
sl: slv; Slovenian;
sq: sqi alb; Albanian;
sr: srp; Serbian;
sv: swe; Swedish; 瑞典语
th: tha; Thai; 泰语 泰文
tr: tur; Turkish; 土耳其语
ug: uig; Uyghur, Uighur; 维吾尔语 维文
uk: ukr; Ukrainian; 乌克兰语
ur: urd; Urdu;
vi: vie; Vietnamese; 越南语 越南文
yi: yid; Yiddish;
za: zha; Zhuang; 壮语 壮文
zh: zho chi; Chinese, Mandarin, Mandarin Chinese; 中文 汉语 漢語 汉文 漢文 华文
zh-Hans: ; Simplified Chinese, Chinese (Simplified); 简体中文 简体
zh-Hant: ; Traditional Chinese, Chinese (Traditional); 繁体中文 繁體中文 正體中文 繁体 繁體
mnc: mnc; Manchu; 满文 满语 滿文 滿語
lzh: lzh; Classical Chinese, Literary Chinese; 文言文 文言
yue: yue; Cantonese; 粤语 粵語
"""

_NO_LANGUAGE = frozenset({"zxx", "und", "mul", "mis", "xxx"})
_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_](?:[a-z]{2}|\d{3}))?", re.IGNORECASE)
_CONNECTIVES = re.compile(r"[,;/、，；．.()]|\band\b|\bwith some\b|\bsome\b|\bmostly\b|和|及|与|與")
_FILLER_WORDS = """
in is are the this that material materials collection collections records papers written language languages content
contents primarily predominantly entirely chiefly mainly text texts item items also of resource
"""
_FILLERS = frozenset(_FILLER_WORDS.split())


def _read_table() -> tuple[dict[str, str], dict[str, str]]:
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for line in filter(None, _TABLE.splitlines()):
        code, _, rest = line.partition(":")
        longer, english, chinese = rest.split(";")
        codes.update(dict.fromkeys((code.casefold(), *longer.split()), code))
        names.update(
            {name.strip().casefold(): code for name in (*english.split(","), *chinese.split()) if name.strip()}
        )
    return codes, names


_CODES, _NAMES = _read_table()


@remember(4096)
def code_of(value: str) -> str | None:
    """The code a code or the name of one language stands for; None for none, several or no language."""
    text = " ".join(value.split()).strip(" .").casefold()
    if not text or text in _NO_LANGUAGE:
        return None
    known = _NAMES.get(text) or _CODES.get(text.replace("_", "-"))
    if known is not None:
        return known
    found = _TAG.fullmatch(text)
    if found is None or found[1] in _NO_LANGUAGE:
        return None
    base = _CODES.get(found[1], found[1] if len(found[1]) == 3 else None)
    if base == "zh" and (found[2] in ("hans", "hant") or text.endswith(("cn", "sg", "tw", "hk", "mo"))):
        return "zh-Hans" if found[2] == "hans" or text.endswith(("cn", "sg")) else "zh-Hant"
    return base


def codes_of(text: str) -> list[str]:
    """The languages a sentence names, if it says nothing besides ("In English and French."); else none."""
    found = []
    for piece in _CONNECTIVES.split(text.casefold()):
        words = [word for word in piece.split() if word not in _FILLERS]
        if not words:
            continue
        code = _NAMES.get(" ".join(words))
        if code is None:
            return []
        found.append(code)
    return list(dict.fromkeys(found))
