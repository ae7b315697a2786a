"""How a name on a record finds the authority it means: by identifier, then by authorised heading, then by a variant.

Headings are compared as catalogues compare them (NACO comparison rules, https://www.loc.gov/aba/pcc/naco/normrule-2.html):
case, accents, punctuation and blanks do not count; Chinese script and variant characters do not either. What two
authorities share says nothing about either, so whoever looks up a key takes it only when one authority answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from mappings.identifiers import typed
from mappings.record import AgentType, Authority, Name, Record
from mappings.text import fold

LONGEST = 300
"""Characters of a heading that are compared; a longer one is a sentence, not a name."""
_GROUPS: dict[AgentType, str] = {"family": "person", "genre": "subject", "function": "subject"}
"""Types that catalogues do not tell apart when they write a heading."""
_UNTOLD = ("person", "organisation")
"""What a heading of no stated type may be."""
_NOT_COMPARED = re.compile(r"[\W_]+")
_PREFIXED = re.compile(r"\(([^()\s]{1,40})\)\s*(\S.*)")
_SCHEMES = {
    "viaf": re.compile(r"viaf\.org/viaf/(\d+)", re.IGNORECASE),
    "lcnaf": re.compile(r"id\.loc\.gov/authorities/(?:names|subjects)/([a-z]+\d+)", re.IGNORECASE),
    "isni": re.compile(r"isni\.org/(?:isni/)?([\dX]{16})", re.IGNORECASE),
    "gnd": re.compile(r"d-nb\.info/gnd/([\dX-]+)", re.IGNORECASE),
    "wikidata": re.compile(r"wikidata\.org/(?:wiki|entity)/(Q\d+)", re.IGNORECASE),
    "cbdb": re.compile(r"cbdb\.\S+?[?&]id=(\d+)", re.IGNORECASE),
}
_CODES = {"dlc": "lcnaf", "uri": "uri", "de-588": "gnd", "orcid": "orcid"}
"""MARC organisation codes before an identifier in ``$0`` (https://www.loc.gov/marc/authority/ecadcntf.html)."""


def answers_to(record: Record, source: str) -> tuple[str, ...]:
    """The keys under which an authority record of a source is found; none for other records."""
    authority = record.authority
    if authority is None:
        return ()
    group = _GROUPS.get(authority.type, authority.type)
    keys: list[str | None] = [within(source, record.source_id)]
    keys += [_of_identifier(identifier.value, identifier.type) for identifier in record.identifiers]
    keys += [_of_heading("heading", group, heading) for heading in (record.title, *authority.headings)]
    keys += [_of_heading("variant", group, variant.name) for variant in authority.variants]
    return tuple(dict.fromkeys(key for key in keys if key))


def asks_for(name: Name, source: str) -> tuple[str, ...]:
    """The keys by which a name on a record of a source looks for its authority, the strongest first."""
    keys = [_of_identifier(name.authority, None), within(source, name.authority)] if name.authority else []
    keys += [_of_heading(rule, group, name.name) for rule in ("heading", "variant") for group in _groups(name.type)]
    return tuple(dict.fromkeys(key for key in keys if key))


def named(form: str, groups: Iterable[str] = ("person", "organisation", "place", "subject")) -> tuple[str, ...]:
    """The keys of authorities that have this form among their names, whatever kind they are."""
    found = [_of_heading(rule, group, form) for group in groups for rule in ("heading", "variant")]
    return tuple(key for key in found if key)


@lru_cache(maxsize=65_536)
def compared(form: str) -> str:
    """A form as it is compared with others: what two writings of one name have in common. Remembered: headings come
    again with every record, and with every answer."""
    return _NOT_COMPARED.sub(" ", fold(form[:LONGEST])).strip()


def forms(title: str, authority: Authority) -> tuple[str, ...]:
    """Every form of an authority's name: authorised ones, then variants."""
    names: Iterable[str] = (title, *authority.headings, *(variant.name for variant in authority.variants))
    return tuple(dict.fromkeys(names))


def _groups(kind: AgentType) -> Iterator[str]:
    if kind == "name":
        yield from _UNTOLD
    else:
        yield _GROUPS.get(kind, kind)


def within(source: str, source_id: str) -> str:
    """A record of the same source, by its id there (a GEDCOM cross-reference, a person number)."""
    return f"in|{source}|{source_id}"


def _of_heading(rule: str, group: str, heading: str) -> str | None:
    """``heading|person|twain mark 1835 1910``; None when nothing is left to compare."""
    text = compared(heading)
    return f"{rule}|{group}|{text}" if text else None


def _of_identifier(value: str, stated: str | None) -> str | None:
    """``id|viaf|12345``, whether it is written as an address, as ``(viaf)12345`` or with its type beside it."""
    text = value.strip()
    if found := _PREFIXED.fullmatch(text):
        stated, text = found[1], found[2]
    for scheme, pattern in _SCHEMES.items():
        if found := pattern.search(text):
            return f"id|{scheme}|{found[1].lower()}"
    scheme = (stated or "").casefold()
    scheme = _CODES.get(scheme, scheme)
    if not scheme or scheme in ("uri", "identifier", "local"):
        known = typed(text)
        if known is None:
            return f"id|local|{text.casefold()}" if scheme else None
        scheme, text = known.type, known.value
    return f"id|{scheme}|{''.join(text.split()).casefold()}"
