"""Which files make one item: what `Mapping.unit` promises, worked out from names and, where formats are mixed, from the
first bytes.

- ``file``: each file or row by itself.
- ``folder``: all files of a folder; the key is the folder.
- ``package``: a METS file and the files of the source it refers to; the key is that of the METS. A file that two METS
  refer to belongs to both; one that none refers to is an item by itself.
- ``mixed``: packages first; of the rest, page files and images of a folder are one item, other files one each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import TypeVar

from mappings.base import Content, Unit
from mappings.formats.media import media_type
from mappings.formats.mets.files import references_in
from mappings.formats.reading import read_up_to
from mappings.formats.sidecar import SIDECAR
from mappings.sniff import HEAD, PAGES, sniff

LARGEST_METS = 64 * 2**20
Item = TypeVar("Item", bound=Content)
Peek = Callable[[Item, int], bytes]
"""The first bytes of a file, at most so many; none when it cannot be opened."""
Kinds = Callable[[Item, Callable[[], str | None]], str | None]
"""The format of a file: remembered, or what looking at it tells."""


def looked_at(_: Content, look: Callable[[], str | None]) -> str | None:
    """The `Kinds` of whoever remembers nothing."""
    return look()


def groups(
    unit: Unit, contents: Iterable[Item], peek: Peek[Item], kinds: Kinds[Item] = looked_at
) -> Iterator[tuple[str, tuple[Item, ...]]]:
    """(key, files) of each item, rows and single files as they come, the others when all files are known."""
    if unit == "file":
        yield from ((content.name, (content,)) for content in contents)
    elif unit == "folder":
        yield from by_folder(contents)
    else:
        yield from _sorted_out(unit, contents, peek, kinds)


def by_folder(contents: Iterable[Item]) -> Iterator[tuple[str, tuple[Item, ...]]]:
    """The files of each folder, sorted by name; a key that ends in a slash is a folder that could not be listed, an
    item by itself.
    """
    folders: dict[str, list[Item]] = {}
    for content in contents:
        name = content.name
        folders.setdefault(name if name.endswith("/") else str(PurePosixPath(name).parent), []).append(content)
    for key in sorted(folders):
        yield key, tuple(sorted(folders[key], key=lambda content: content.name))


def _sorted_out(
    unit: Unit, contents: Iterable[Item], peek: Peek[Item], told: Kinds[Item]
) -> Iterator[tuple[str, tuple[Item, ...]]]:
    """Rows at once; then packages, volumes and single files in the order of their keys."""
    files: dict[str, Item] = {}
    kinds: dict[str, str | None] = {}
    for content in contents:
        if content.row is not None:
            yield content.name, (content,)
            continue
        files[content.name] = content
        kinds[content.name] = _kind(content, peek, told)
    found = dict(_packages(files, kinds, peek))
    taken = {content.name for group in found.values() for content in group}
    rest = [content for name, content in files.items() if name not in taken]
    if unit == "mixed":
        pages = [content for content in rest if kinds[content.name] in PAGES]
        folders = {PurePosixPath(content.name).parent for content in pages}
        paths = ((PurePosixPath(content.name), content) for content in rest)
        pages += [content for path, content in paths if path.name == SIDECAR and path.parent in folders]
        found.update(by_folder(pages))
        paged = {content.name for content in pages}
        rest = [content for content in rest if content.name not in paged]
    found.update((content.name, (content,)) for content in rest)
    yield from sorted(found.items())


def _kind(content: Item, peek: Peek[Item], told: Kinds[Item]) -> str | None:
    """The format; an image is believed by its name, since folders of thousands of them are common."""
    if content.name.endswith("/"):
        return None
    if (media_type(f"x{PurePosixPath(content.name).suffix.lower()}") or "").startswith("image/"):
        return "image"
    return told(content, lambda: sniff(peek(content, HEAD), content.name))


def _packages(
    files: dict[str, Item], kinds: dict[str, str | None], peek: Peek[Item]
) -> Iterator[tuple[str, tuple[Item, ...]]]:
    """Each METS with the files it refers to, the METS first."""
    for name, content in files.items():
        if kinds[name] == "mets":
            named = references_in(peek(content, LARGEST_METS), name, files.keys())
            yield name, (content, *(files[other] for other in sorted(named - {name})))


def found_in(contents: Sequence[Item], unit: Unit) -> list[tuple[str, tuple[Item, ...]]]:
    """The items of files at hand, opened as they are."""
    return list(groups(unit, contents, peek))


def peek(content: Content, size: int) -> bytes:
    """The first bytes of a file at hand."""
    with content.open() as stream:
        return read_up_to(stream, size)
