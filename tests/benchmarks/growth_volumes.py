"""Volumes of 2,000 pages beside single pages, a text of 50 MB beside a short one: found and shown as fast.

usage: python -m tests.benchmarks.growth_volumes [VOLUMES]      20 when no number is given; 600 make 1.2 million pages
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.growth_fonds import in_pairs
from tests.benchmarks.programs import Failed, Ran, free_port, onestop, run, serving
from tests.benchmarks.rows import Row

PAGES, VOLUMES = 2_000, 20
COMMON = "harbour"
"""Stands on every third page."""
LONG = 50_000_000
"""Characters of the long text."""
SOURCE = "title: {name}\nconnector: folder\nmapping: alto\naccess: open\nsettings: {{path: {folder}}}\n"
TEXTS = "title: Texts\nconnector: folder\nmapping: ead\naccess: open\nsettings: {{path: {folder}}}\n"
UNIT = (
    '<c id="{name}" level="file"><did><unittitle>A {name} text</unittitle></did><scopecontent>{text}</scopecontent></c>'
)
AID = (
    '<ead><eadheader><eadid>texts</eadid></eadheader><archdesc level="fonds"><did><unittitle>Texts</unittitle></did>'
    "<dsc>{units}</dsc></archdesc></ead>"
)
HEAD = (
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>pixel</MeasurementUnit>'
    '</Description><Layout><Page ID="p" PHYSICAL_IMG_NR="1" WIDTH="1000" HEIGHT="1400"><PrintSpace><TextBlock ID="b">'
)
TAIL = "</TextBlock></PrintSpace></Page></Layout></alto>"


class Writer:
    """Writes pages of made-up words, of which one is on no other page."""

    def __init__(self) -> None:
        self._chooser = random.Random(7)
        letters = "abcdefghiklmnoprstuw"
        self._words = ["".join(self._chooser.choices(letters, k=self._chooser.randint(3, 9))) for _ in range(20_000)]

    def page(self, own: str, common: bool = False) -> str:
        """ALTO of twelve lines of eight words; the first is its own, the second may be the one many pages have."""
        lines = []
        for line in range(12):
            words = self._chooser.choices(self._words, k=8)
            if not line:
                words[0] = own
                words[1] = COMMON if common else words[1]
            strings = (
                f'<String CONTENT="{word}" HPOS="{100 * at}" VPOS="{60 * line}" WIDTH="90" HEIGHT="40"/>'
                for at, word in enumerate(words)
            )
            lines.append(f'<TextLine HPOS="0" VPOS="{60 * line}" WIDTH="900" HEIGHT="50">{"".join(strings)}</TextLine>')
        return HEAD + "".join(lines) + TAIL

    def volume(self, folder: Path, name: str, pages: int) -> None:
        """A folder of pages; the own word of page N is the volume's name and N."""
        folder.mkdir(parents=True)
        for number in range(1, pages + 1):
            (folder / f"{number:05}.xml").write_text(self.page(f"{name}q{number}", number % 3 == 1), encoding="utf-8")

    def texts(self, folder: Path) -> None:
        """A finding aid with a unit of a long text and one of a short text, each ending with a word of its own."""
        folder.mkdir()
        paragraph = f"<p>{' '.join(self._chooser.choices(self._words, k=20_000))}</p>"
        texts = {"long": paragraph * (LONG // len(paragraph)) + "<p>longq1</p>", "short": "<p>some words shortq1</p>"}
        units = "".join(UNIT.format(name=name, text=text) for name, text in texts.items())
        (folder / "texts.xml").write_text(AID.format(units=units), encoding="utf-8")


def measure(work: Path, volumes: int = VOLUMES) -> list[Row]:
    """The rows."""
    writer = Writer()
    for volume in range(volumes):
        writer.volume(work / f"large/v{volume:04}", f"large{volume}", PAGES)
        writer.volume(work / f"single/v{volume:04}", f"single{volume}", 1)
    writer.texts(work / "texts")
    place = work / "volumes-workspace"
    run(*onestop(work, "init", place.name))
    for name in ("large", "single"):
        said = SOURCE.format(name=name, folder=work / name)
        (place / "sources" / f"{name}.yml").write_text(said, encoding="utf-8")
    (place / "sources" / "texts.yml").write_text(TEXTS.format(folder=work / "texts"), encoding="utf-8")
    ran = run(*onestop(place, "sync", "--json"))
    port = free_port()
    with serving(onestop(place, "serve", "--port", str(port)), port) as server:
        found = [
            *_sync_rows(ran, volumes),
            *in_pairs(f"volumes of {PAGES} pages", server.address, _asked(place, volumes)),
            *in_pairs("a text of 50 MB", server.address, _asked_of_texts(place)),
        ]
    for name in ("large", "single", "texts", place.name):
        shutil.rmtree(work / name)
    return found


def _sync_rows(ran: Ran, volumes: int) -> Iterator[Row]:
    pages = volumes * (PAGES + 1)
    counted = sum(source["pages"] for source in ran.document["sources"])
    if counted != pages:
        raise Failed(f"{counted} pages were counted, not {pages}")
    yield Row(f"{volumes} volumes: processor time a page", "us", round(ran.cpu_seconds / pages * 1e6, 1))
    yield Row(f"{volumes} volumes: peak memory", "MiB", ran.peak_mib)


def _asked(place: Path, volumes: int) -> dict[str, tuple[list[str], list[str]]]:
    """For each of some volumes what is asked of the large one and of the single page: paths by subject."""
    chosen = random.Random(7).sample(range(volumes), min(volumes, 15))
    middle = PAGES // 6 * 3 + 13
    large = {volume: _id(place, f"large{volume}q1") for volume in chosen}
    single = {volume: _id(place, f"single{volume}q1") for volume in chosen}
    return {
        "a word of one page": (
            [f"/api/v1/search?q=large{volume}q{middle}" for volume in chosen],
            [f"/api/v1/search?q=single{volume}q1" for volume in chosen],
        ),
        "a page with its words": (
            [f"/api/v1/resources/{large[volume]}/pages/{middle}" for volume in chosen],
            [f"/api/v1/resources/{single[volume]}/pages/1" for volume in chosen],
        ),
        "the record page open at a hit": (
            [f"/r/{large[volume]}?q=large{volume}q{middle}" for volume in chosen],
            [f"/r/{single[volume]}?q=single{volume}q1" for volume in chosen],
        ),
        "the viewer at one of hundreds of hits": (
            [f"/view/{large[volume]}?q={COMMON}&page={middle}" for volume in chosen],
            [f"/view/{single[volume]}?q={COMMON}" for volume in chosen],
        ),
        "the viewer with a list of hits": (
            [f"/view/{large[volume]}?q={COMMON}&page={middle}&list={PAGES // 12 + 1}" for volume in chosen],
            [f"/view/{single[volume]}?q={COMMON}&list=1" for volume in chosen],
        ),
    }


def _asked_of_texts(place: Path) -> dict[str, tuple[list[str], list[str]]]:
    """The same of the long text and of the short one; the word stands at their ends."""
    found = {name: _id(place, f"{name}q1") for name in ("long", "short")}
    return {
        "a search that finds it": (["/api/v1/search?q=longq1"] * 15, ["/api/v1/search?q=shortq1"] * 15),
        "its record page": ([f"/r/{found['long']}?q=longq1"] * 15, [f"/r/{found['short']}?q=shortq1"] * 15),
    }


def _id(place: Path, word: str) -> str:
    hits = run(*onestop(place, "search", word, "--json")).document["hits"]
    if len(hits) != 1:
        raise Failed(f"{len(hits)} volumes are found by {word}")
    found: str = hits[0]["id"]
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="volumes-") as folder:
        rows = measure(Path(folder), int(sys.argv[1]) if sys.argv[1:] else VOLUMES)
        json.dump([row.to_json() for row in rows], sys.stdout, indent=1)
