"""Files over HTTP as raw items: each address is one, asked each night only whether it has changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import BinaryIO
from urllib.parse import unquote

import httpx2

from connectors.base import Gone, Listed, RawItem, RetryLater, SkipItem, SourceError, StopSource
from connectors.web import Answer, Web, ask, open_item

_GONE = frozenset({410})


class FileListing:
    """The files at some addresses. The cursor holds the token of each, so that the server is asked for what differs."""

    complete = True

    def __init__(self, web: Web, urls: Sequence[str]) -> None:
        self._web = web
        self._urls = file_names(urls)
        self._tokens: dict[str, str] = {}

    def read(self, cursor: str | None) -> Iterator[Listed]:
        """Every file in the order of the settings. What is wrong with the only one is wrong with the source (raises
        StopSource, RetryLater); with one of several, with that item.
        """
        known = _tokens(cursor)
        self._tokens = {}
        for key, url in self._urls.items():
            try:
                answer = self._ask(url, known.get(key))
            except (RetryLater, SkipItem):
                if len(self._urls) == 1:
                    raise
                yield RawItem(key, partial(open_item, self._web, url))  # which says it again, or has got over it
            else:
                yield self._entry(key, url, answer, known.get(key))

    def next_cursor(self) -> str | None:
        """The tokens, None when no server gives one."""
        return json.dumps(self._tokens, sort_keys=True) if self._tokens else None

    def keys(self) -> Iterator[str]:
        """The keys of all files that are not gone."""
        tokens = self._tokens
        found = [entry.key for entry in self.read(None) if isinstance(entry, RawItem)]
        self._tokens = tokens
        return iter(found)

    def fetch(self, key: str) -> BinaryIO:
        """The bytes of one file. Raises SkipItem or RetryLater."""
        if key not in self._urls:
            raise SkipItem(f"{key!r} is not a file of this source")
        return open_item(self._web, self._urls[key])

    def _ask(self, url: str, known: str | None) -> Answer:
        only = len(self._urls) == 1
        final: type[SourceError] = StopSource if only else SkipItem
        return ask(self._web, url, final, known=known, accept=frozenset() if only else _GONE, body=False)

    def _entry(self, key: str, url: str, answer: Answer, known: str | None) -> Listed:
        if answer.status in _GONE:
            return Gone(key)
        token = answer.token or (known if answer.status == 304 else None)
        if token is not None:
            self._tokens[key] = token
        length = answer.headers.get("content-length", "")
        size = int(length) if answer.status != 304 and length.isascii() and length.isdecimal() else 0
        return RawItem(key, partial(open_item, self._web, url), size, token, token=token)


def file_names(urls: Sequence[str]) -> dict[str, str]:
    """A name for each address: the last part of its path; where two have one, server and path; where these are the
    same, too, a number (``~2``) in the order of the list.
    """
    wanted = list(dict.fromkeys(urls))
    short = Counter(map(_last_part, wanted))
    names: dict[str, str] = {}
    for url in wanted:
        name = own = _last_part(url) if short[_last_part(url)] == 1 else _whole_path(url)
        number = 1
        while name in names:
            number += 1
            name = f"{own}~{number}"
        names[name] = url
    return names


def _last_part(url: str) -> str:
    parsed = httpx2.URL(url)
    quoted = parsed.raw_path.decode("ascii").partition("?")[0].rstrip("/").rpartition("/")[2]
    plain = unquote(quoted)
    return (plain if plain.isprintable() and "/" not in plain else quoted) or parsed.host


def _whole_path(url: str) -> str:
    parsed = httpx2.URL(url)
    return f"{parsed.netloc.decode('ascii')}{parsed.path}".rstrip("/")


def _tokens(cursor: str | None) -> dict[str, str]:
    """What a cursor holds; nothing is known when it is not one of ours."""
    try:
        found = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
