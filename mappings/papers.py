"""Which papers to bring when access has to be applied for, from the reason and the article of the statement.

What the desk asks for beside these depends on the request; this is what a reader can know before making one.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources

import msgspec
from msgspec import Struct

from mappings.access import Access


class Called(Struct, frozen=True, forbid_unknown_fields=True, rename={"zh_hans": "zh-Hans", "zh_hant": "zh-Hant"}):
    """What a paper is called, in each language."""

    en: str
    zh_hans: str
    zh_hant: str


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """A reason or an article with one of these words asks for these papers."""

    words: tuple[str, ...]
    papers: tuple[str, ...]


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """The file: what papers are called, and what asks for them."""

    papers: dict[str, Called]
    always: tuple[str, ...]
    rules: tuple[Rule, ...]
    otherwise: tuple[str, ...]

    def __post_init__(self) -> None:
        named = {*self.always, *self.otherwise, *(paper for rule in self.rules for paper in rule.papers)}
        if unknown := sorted(named - self.papers.keys()):
            raise ValueError(f"{', '.join(unknown)}: not among the papers; known: {', '.join(self.papers)}")


@cache
def rules() -> Rules:
    """What the file of this package says."""
    return read(resources.files("mappings").joinpath("data/papers.yml").read_bytes())


def read(payload: bytes) -> Rules:
    """Rules as a file says them. Raises msgspec.ValidationError, which names the place."""
    return msgspec.yaml.decode(payload, type=Rules)


def papers_for(access: Access) -> list[str]:
    """The codes of the papers to bring, the same for the same reason and article."""
    return list(_papers(f"{access.reason or ''} {access.article or ''}".casefold()))


@lru_cache(maxsize=4096)
def _papers(why: str) -> tuple[str, ...]:
    known = rules()
    fitting = [paper for rule in known.rules if any(word in why for word in rule.words) for paper in rule.papers]
    return tuple(dict.fromkeys((*known.always, *(fitting or known.otherwise))))


def called(code: str, language: str) -> str:
    """What a paper is called; the code itself when nobody says."""
    found = rules().papers.get(code)
    return code if found is None else {"zh-Hans": found.zh_hans, "zh-Hant": found.zh_hant}.get(language, found.en)
