"""Whatever a web server gives: files of any format, or the rows of a listing, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, ClassVar

from pydantic import BaseModel, Field, model_validator

from connectors.base import Listed
from connectors.http_files import FileListing
from connectors.http_pages import Items, Next
from connectors.http_rows import Changed, RowListing, Rule
from connectors.rows import Deleted
from connectors.web import Address, WebSettings


class HttpSettings(WebSettings):
    """`url`, or `urls` of several files; `items` says what makes an item. Of rows, `key` tells them apart, `next` leads
    to further pages, `changed` and `deleted` say what is new and what is gone.
    """

    url: Address | None = None
    urls: list[Address] | None = Field(default=None, min_length=1)
    items: Items = Items()
    key: str | None = Field(default=None, min_length=1)
    next: Next | None = None
    changed: Changed | None = None
    deleted: Deleted | None = None

    @model_validator(mode="after")
    def _fit_together(self) -> HttpSettings:
        if (self.url is None) == (self.urls is None):
            raise ValueError("give either url or urls")
        for_rows = ("key", "next", "changed", "deleted")
        if self.items.is_file and (odd := [name for name in for_rows if getattr(self, name) is not None]):
            raise ValueError(f"{', '.join(odd)} is for rows; say in items what makes one")
        if not self.items.is_file:
            self._fit_rows()
        return self

    def _fit_rows(self) -> None:
        if self.url is None:
            raise ValueError("rows come from one url; make a source for each listing")
        if self.key is None:
            raise ValueError("rows need key, the column or path that tells them apart")
        if self.items.lines and self.next is not None and self.next.path is not None:
            raise ValueError("next.path has no place in lines; use link-header or a parameter that counts")


class HttpConnector:
    """Transport ``http``."""

    settings_model: ClassVar[type[BaseModel]] = HttpSettings
    remote = True

    def __init__(self, settings: HttpSettings, base: Path) -> None:
        urls = settings.urls or [str(settings.url)]
        web = settings.web(*urls)
        self._listing: FileListing | RowListing = (
            FileListing(web, urls) if settings.items.is_file else RowListing(web, urls[0], _rule(settings))
        )

    @property
    def separate(self) -> bool:
        return isinstance(self._listing, RowListing)

    @property
    def complete(self) -> bool:
        return self._listing.complete

    def read(self, cursor: str | None) -> Iterator[Listed]:
        """Every file, or every row (with `changed`, those since the cursor). Raises StopSource or RetryLater."""
        return self._listing.read(cursor)

    def next_cursor(self) -> str | None:
        return self._listing.next_cursor()

    def keys(self) -> Iterator[str]:
        """The keys of all files or rows. Raises StopSource or RetryLater."""
        return self._listing.keys()

    def fetch(self, key: str) -> BinaryIO:
        """The bytes of one file, or one row. Raises SkipItem when there is none."""
        return self._listing.fetch(key)


def _rule(settings: HttpSettings) -> Rule:
    return Rule(settings.items, str(settings.key), settings.next, settings.changed, settings.deleted or Deleted({}))
