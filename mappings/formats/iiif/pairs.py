"""``metadata``: pairs of a label and a value, free text both, put to the elements their labels clearly mean.

https://iiif.io/api/presentation/3.0/#metadata  A label nobody knows stays a label: the pair is kept under it.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from mappings.formats.iiif.values import Text, objects, texts
from mappings.identifiers import typed
from mappings.languages import code_of
from mappings.record import AgentType, Identifier, Name, Role, clean

_LABELS = {
    "title": "title|titles|main title|uniform title|alternative title|alternative titles|other titles|subtitle|titel"
    "|titre|teitl|título|titolo|题名|題名|书名|書名|标题|タイトル",
    "date": "date|dates|date created|creation date|date issued|date of publication|publication date|date published"
    "|issued|created|date statement|period|year|datum|jahr|fecha|data|dyddiad|日期|年代|时间|成文日期|出版日期|製作年",
    "creator": "creator|creators|author|authors|artist|artists|composer|photographer|engraver|scribe|painter|architect"
    "|cartographer|draftsman|auteur|autor|verfasser|awdur|创作者|作者|著者|责任者|責任者|撰者|作成者",
    "name": "contributor|contributors|publisher|editor|translator|printer|illustrator|former owner|associated name"
    "|associated names|donor|sitter|beiträger|verlag|éditeur|出版者|编者|譯者",
    "subject": "subject|subjects|subject headings|topic|topics|keyword|keywords|tag|tags|sujet|sujets|schlagwort"
    "|schlagwörter|主题|主題|关键词|關鍵詞",
    "place": "place|places|place of origin|place of publication|origin|ort|lieu|地点|地點|出版地",
    "language": "language|languages|lang|sprache|langue|idioma|iaith|语言|語言|语种|語種|文种|言語",
    "reference": "shelfmark|shelf mark|reference|reference code|reference number|call number|callnumber|classmark"
    "|signature|signatur|cote|shelf number|档号|檔號|索书号|索書號|典藏號|請求記号",
    "identifier": "identifier|identifiers|id|permalink|persistent identifier|persistent url|doi|ark|handle|urn"
    "|identifikator|标识符|識別碼",
    "holder": "repository|held by|holder|holding institution|institution|owning institution|current repository|ystorfa"
    "|besitzende institution|收藏单位|收藏單位|馆藏单位|典藏單位|所蔵",
    "extent": "physical description|extent|dimensions|size|pagination|umfang|disgrifiad ffisegol|页数|頁數|数量|尺寸",
    "format": "genre|genres|type|types|form|format|resource type|document type|object type|gattung|类型|類型|体裁|體裁",
    "rights": "rights|license|licence|rights/license|rights statement|conditions of use|full conditions of use"
    "|terms of use|usage terms|attribution|copyright|权利|版权|版權",
    "description": "description|abstract|summary|scope and content|content|contents note|beschreibung|disgrifiad"
    "|摘要|描述|提要|内容提要",
    "note": "note|notes|general note|附注|附註|备注|備註",
    "citation": "citation|preferred citation|cite as",
}
_MEANINGS = {label: meaning for meaning, labels in _LABELS.items() for label in labels.split("|")}
_PLAIN = "creator|creators|author|authors|auteur|autor|verfasser|awdur|创作者|作者|著者|责任者|責任者"
_PLAIN_CREATORS = frozenset(re.split(r"\|", _PLAIN))
_DIGITISED = re.compile(r"\bdigiti[sz]ed by\b", re.IGNORECASE)
_ELEMENTS = {"description": "scope_and_content", "note": "note", "citation": "preferred_citation"}
_BETWEEN = re.compile(r"\s*(?:;|；|\|)\s*")
_MOST = 500


class Pair(Struct, frozen=True):
    """A pair with the meaning of its label, or None; `label` is the first as written."""

    meaning: str | None
    label: str
    values: tuple[Text, ...]


def pairs(resource: dict[str, Any]) -> list[Pair]:
    """The pairs of a resource that have a value; a label in any of its languages may say what it means."""
    found = []
    for entry in objects(resource.get("metadata")):
        values = tuple(texts(entry.get("value")))
        labels = [label for text in texts(entry.get("label")) if (label := clean(text.value))]
        if values:
            meanings = [_MEANINGS[key] for label in labels if (key := label.casefold().rstrip(":：.")) in _MEANINGS]
            meaning = next(iter(meanings), None)
            if meaning == "holder" and any(_DIGITISED.search(text.words) for text in values):
                meaning = None  # who scanned it need not hold it
            found.append(Pair(meaning, labels[0][:200] if labels else "", values))
    return found[:_MOST]


def values_of(found: list[Pair], meaning: str) -> list[str]:
    """All values of a meaning, on one line each."""
    texts = [clean(text.words) for pair in found if pair.meaning == meaning for text in pair.values]
    return list(dict.fromkeys(text for text in texts if text))


def names(found: list[Pair]) -> list[Name]:
    """Creators, others who had a part in it, subjects and places; lists divided at semicolons. What a label says more
    than "creator" is the relator.
    """
    made: list[Name] = []
    for pair in found:
        kind: AgentType = "subject" if pair.meaning == "subject" else "place" if pair.meaning == "place" else "name"
        role: Role = "creator" if pair.meaning == "creator" else "subject" if pair.meaning == "subject" else "name"
        if pair.meaning not in ("creator", "name", "subject", "place"):
            continue
        label = pair.label.casefold().rstrip(":：")
        relator = None if kind != "name" or label in _PLAIN_CREATORS else label
        made += [Name(value, kind, role, relator) for text in pair.values for value in _divided(text)]
    return list(dict.fromkeys(made))[:_MOST]


def _divided(text: Text) -> list[str]:
    pieces = (clean(piece) for line in text.words.splitlines() for piece in _BETWEEN.split(line))
    return [piece for piece in pieces if piece and len(piece) < 500]


def languages(found: list[Pair]) -> tuple[tuple[str, ...], str | None]:
    """(codes, what is no name of one language)."""
    codes: list[str] = []
    others: list[str] = []
    for value in [
        part for text in values_of(found, "language") for part in re.split(r"\s*[;,；，、]\s*", text) if part
    ]:
        code = code_of(value)
        (codes if code else others).append(code or value)
    return tuple(dict.fromkeys(codes)), "; ".join(dict.fromkeys(others)) or None


def formats(found: list[Pair]) -> tuple[str, ...]:
    """Genre and form in words; the address of a term is none."""
    return tuple(value for value in values_of(found, "format") if "://" not in value and len(value) < 200)


def identifiers(found: list[Pair]) -> tuple[list[Identifier], list[str]]:
    """(typed identifiers, other numbers); the address behind a link counts as the value."""
    made: list[Identifier] = []
    others: list[str] = []
    for pair in found:
        if pair.meaning != "identifier":
            continue
        for text in pair.values:
            value = text.links[0] if text.links else clean(text.words) or ""
            one = typed(value, pair.label)
            if one is not None:
                made.append(one)
            elif value:
                others.append(value)
    return made, list(dict.fromkeys(others))


def elements(found: list[Pair]) -> dict[str, str]:
    """Elements of the description, and pairs whose label means nothing to us under that label; one without any label
    is a note.
    """
    made: dict[str, list[str]] = {}
    for pair in found:
        key = _ELEMENTS.get(pair.meaning or "") or (None if pair.meaning else pair.label or "note")
        if key is not None:
            made.setdefault(key, []).extend(text.value for text in pair.values)
    return {key: "\n".join(dict.fromkeys(values)) for key, values in made.items()}
