"""`make fuzz`: ten minutes for each parser (``--seconds``), begun from golden inputs and the shared corpus.

A crash, a hang of more than 30 seconds or more than 2 GiB of memory is kept below ``.fuzz/FORMAT`` with the command
that repeats it, and ends the run with 1.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from mappings.registry import MAPPINGS
from tests.corpus_counts.__main__ import CORPUS
from tests.fuzz.rules import RULES
from tests.fuzz.transports import TRANSPORTS

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".fuzz"
PARSERS = sorted({*MAPPINGS, *TRANSPORTS, *RULES})
SEED_BYTES = 200_000
SEEDS = 200
WHERE = {
    "ead": ("ead/ead3-saa-samples", "ead/ead2002-archivesspace"),
    "eac": ("ead/eac-cpf-archivesspace",),
    "marc": ("marc", "bad/marc-pymarc"),
    "table": ("csv", "bad/csv-frictionless"),
    "alto": ("digitised/alto-official-samples", "bad/ocr-broken"),
    "hocr": ("digitised/newspapers-alto-hocr", "bad/ocr-broken"),
    "page": ("digitised/chinese-woodblock-page-xml",),
    "mets": ("digitised/ocrd-mets-page", "oai/mit-transmogrifier"),
    "image": ("digitised/ocr-images-multilingual", "digitised/pdf-samples"),
    "pdf": ("digitised/pdf-samples",),
    "iiif": ("iiif/cookbook",),
    "mods": ("oai/archivesspace",),
    "dc": ("oai",),
    "gedcom": ("thematic/genealogy-gedcom",),
    "geojson": ("thematic/taiwan-land-register",),
    "text": ("chinese/kanripo-catalog",),
    "auto": ("oai", "csv", "bad"),
    "oai_pmh": ("oai",),
    "personal": ("csv/dat18-style-derived", "thematic/genealogy-gedcom"),
    "zip": ("bad/zip", "csv/archivesspace-bulk-import"),
}
"""Folders of the shared corpus whose small files a parser begins from."""
console = Console(stderr=True)


def seeds(name: str) -> list[Path]:
    """Small real inputs of a format."""
    folders = [ROOT / "tests" / "golden" / name, *(CORPUS / part for part in WHERE.get(name, ()))]
    files = sorted(file for folder in folders if folder.is_dir() for file in folder.rglob("*") if file.is_file())
    return [file for file in files if file.stat().st_size <= SEED_BYTES][:SEEDS]


def fuzz(name: str, seconds: int) -> bool:
    """Fuzz one parser; True when nothing was found."""
    folder = KEPT / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(name)):
        (corpus / f"seed-{number:03}").write_bytes(seed.read_bytes())
    limits = [f"-max_total_time={seconds}", "-timeout=30", "-rss_limit_mb=2048", "-max_len=65536"]
    command = [sys.executable, "-m", "tests.fuzz.target", name, *limits]
    with (folder / "log.txt").open("wb") as log:
        done = subprocess.run(  # our own program
            [*command, f"-artifact_prefix={folder}/", str(corpus)], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
    found = sorted(folder.glob("crash-*")) + sorted(folder.glob("timeout-*")) + sorted(folder.glob("oom-*"))
    for file in found:
        console.print(f"{name}: {file}; repeat: {' '.join(command[1:4])} {file}", style="red")
    if not found and done.returncode:
        console.print(f"{name}: ended with {done.returncode}; see {folder / 'log.txt'}", style="red")
    return not found and done.returncode == 0


def main() -> int:
    """Fuzz the formats named, else all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "formats", nargs="*", metavar="FORMAT", help="mappings, and zip, tar, oai_pmh, personal; all when none is named"
    )
    parser.add_argument("--seconds", type=int, default=600, help="for each parser (default: 600)")
    asked = parser.parse_args()
    wrong = [name for name in asked.formats if name not in PARSERS]
    if wrong:
        parser.error(f"no parser {wrong[0]!r}; known: {', '.join(PARSERS)}")
    clean = True
    for name in asked.formats or PARSERS:
        with console.status(f"{name}: fuzzing for {asked.seconds} s"):
            good = fuzz(name, asked.seconds)
        console.print(f"{name}: {'nothing found' if good else 'see above'}")
        clean = clean and good
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
