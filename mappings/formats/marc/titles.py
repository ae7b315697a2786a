"""Titles of MARC 21: the title proper, its form in another script, and all others under which it is known."""

from __future__ import annotations

from collections.abc import Iterable

from pymarc import Field

from mappings.formats.marc.model import MarcRecord, each, isbd, text, trimmed, whole

_PROPER = {"a": " ", "n": ". ", "p": ". ", "b": " : ", "k": ", ", "s": ". "}
"""245: title, number and name of part, remainder, form, version. $c is the responsibility, $f and $g are dates, $h the
general material designation."""
_UNIFORM = "adfgklmnoprs"
_SERIES = "adfklmnopqrstvx"


def titles(record: MarcRecord) -> tuple[str | None, list[str]]:
    """(title, the same in other scripts): 245 $a $n $p $b $k $s in record order, $h dropped; original script first.

    https://www.loc.gov/marc/bibliographic/bd245.html
    """
    found = [title for field in record.fields("245") if (title := isbd(field, _PROPER))]
    unique = list(dict.fromkeys(found))
    return (unique[0], unique[1:]) if unique else (None, [])


def other_title(record: MarcRecord) -> str | None:
    """A title for a record without 245: its uniform, variant, key or abbreviated title."""
    for tag in ("130", "240", "246", "222", "210", "740", "730"):
        for field in record.fields(tag):
            if title := trimmed(text(field, "anp")):
                return title
    return None


def responsibility(record: MarcRecord) -> list[str]:
    """245 $c.

    https://www.loc.gov/marc/bibliographic/bd245.html
    """
    return _unique(trimmed(text(field, "c")) for field in record.fields("245"))


def uniform(record: MarcRecord) -> list[str]:
    """130, 240, 243: uniform title.

    https://www.loc.gov/marc/bibliographic/bd240.html
    """
    return _unique(trimmed(text(field, _UNIFORM)) for field in record.fields("130", "240", "243"))


def variants(record: MarcRecord) -> list[str]:
    """210, 222, 242, 246, 247, 740: abbreviated, key, translated, varying, former, uncontrolled title; $i says which.

    https://www.loc.gov/marc/bibliographic/bd246.html
    """
    found = []
    for field in record.fields("210", "222", "242", "246", "247", "740"):
        title = isbd(field, {"a": " ", "n": ". ", "p": ". ", "b": " : "})
        label = trimmed(" ".join(each(field, "i")))
        found.append(f"{label}: {title}" if title and label else title)
    return _unique(found)


def series(record: MarcRecord) -> list[str]:
    """440, 490, 800-830: series, as stated and as traced.

    https://www.loc.gov/marc/bibliographic/bd490.html
    """
    fields = record.fields("440", "490", "800", "810", "811", "830", "840")
    return _unique(trimmed(text(field, _SERIES)) for field in fields)


def added(record: MarcRecord) -> list[str]:
    """730, and works named in 700, 710, 711 $t: titles of what is contained or related.

    https://www.loc.gov/marc/bibliographic/bd700.html
    """
    found = [_work(field) for field in record.fields("730", "793", "799")]
    found += [_work(field) for field in record.fields("700", "710", "711") if text(field, "t")]
    return _unique(found)


def _work(field: Field) -> str | None:
    label = trimmed(" ".join(each(field, "i")))
    said = trimmed(whole(field, without="ie4"))
    return f"{label}: {said}" if said and label else said


def _unique(found: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(value for value in found if value))
