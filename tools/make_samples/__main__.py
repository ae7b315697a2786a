"""``python -m make_samples CORPUS SAMPLES`` (in ``tools/``): writes ``SAMPLES/data`` from the corpus.

Needs Pillow, numpy, lxml, openpyxl and rjieba, and the fonts of Debian's fonts-noto-cjk, fonts-noto-cjk-extra and
fonts-liberation.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from make_samples import english, land, tables, volumes

FINDING_AIDS = {
    "ncsu": ("ead/ead3-ncsu", ("mc00062", "mc00192", "mc00212", "mc00222", "mc00285", "mc00313")),
    "nlm": ("ead/ead2002-arclight/nlm", ("alphaomegaalpha",)),
    "bentley": ("ead/ead2002-arclight/sample", ("deeply-nested-components",)),
}
TYPESCRIPT = ("mc00313", "North Carolina Farm Bureau Records", "MC 00313")
AS_WORKBOOK = "Z052"


def main() -> None:
    """Make everything below ``data``; what stood there is replaced."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("samples", type=Path)
    parser.add_argument(
        "--only-volumes", type=int, default=len(volumes.CHOSEN), help="how many of the volumes to typeset"
    )
    options = parser.parse_args()
    data = options.samples / "data"
    shutil.rmtree(data, ignore_errors=True)
    make_land(options.corpus, data, volumes.CHOSEN[: options.only_volumes])
    make_english(options.corpus, data)
    tables.write_poets(data / "tang_poets.sqlite", options.corpus / "thematic/tang-poets")
    tables.write_newspapers(data / "newspapers/titles.jsonl", options.corpus / "csv/trove-newspaper-titles")


def make_land(corpus: Path, data: Path, chosen: tuple[str, ...]) -> None:
    """File lists, land register and volumes of the demonstration archive."""
    parcels = land.read_parcels(corpus / "thematic/taiwan-land-register")
    by_code = {parcel.code: parcel for parcel in parcels if parcel.code}
    page_counts = {}
    for code in chosen:
        sheets = volumes.pages(by_code[code])
        volumes.write_volume(data / "volumes" / volumes.folder_name(code), sheets, volumes.statement(by_code[code]))
        page_counts[code] = len(sheets)
    rows = list(land.catalogue(parcels, volumes.BY_ARK, page_counts))
    land.write_catalogue(data / "file_list/land_files.csv", [row for row in rows if row["全宗号"] != AS_WORKBOOK])
    land.write_workbook(data / "file_list/land_tenders.xlsx", [row for row in rows if row["全宗号"] == AS_WORKBOOK])
    land.write_database(data / "land_register.sqlite", parcels)


def make_english(corpus: Path, data: Path) -> None:
    """Finding aids as they are, and the typescript made from one of them."""
    for name, (folder, files) in FINDING_AIDS.items():
        target = data / "finding_aids" / name
        target.mkdir(parents=True)
        for file in files:
            shutil.copyfile(corpus / folder / f"{file}.xml", target / f"{file}.xml")
    stem, title, code = TYPESCRIPT
    sheets = english.pages(corpus / "ead/ead3-ncsu" / f"{stem}.xml", title, code)
    volumes.write_volume(data / "typescripts" / code, sheets, {})


if __name__ == "__main__":
    main()
