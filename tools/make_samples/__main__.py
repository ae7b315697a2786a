"""``python -m make_samples CORPUS SAMPLES`` (in ``tools/``): writes ``SAMPLES/data`` from the corpus.

Needs Pillow, numpy, lxml, openpyxl and rjieba, and the fonts of Debian's fonts-noto-cjk, fonts-noto-cjk-extra and
fonts-liberation.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from make_samples import adoption, english, land, tables, volumes, work

FINDING_AIDS = {
    "ncsu": ("ead/ead3-ncsu", ("mc00062", "mc00192", "mc00212", "mc00222", "mc00285", "mc00313")),
    "nlm": ("ead/ead2002-arclight/nlm", ("alphaomegaalpha",)),
    "bentley": ("ead/ead2002-arclight/sample", ("deeply-nested-components",)),
}
TYPESCRIPT = ("mc00313", "North Carolina Farm Bureau Records", "MC 00313")
AS_WORKBOOK = "Z052"
REGISTER = "thematic/taiwan-land-register"


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
    chosen = volumes.CHOSEN[: options.only_volumes]
    parcels = {parcel.code: parcel for parcel in land.read_parcels(options.corpus / REGISTER)}
    for code in chosen:
        folder = data / "volumes" / volumes.folder_name(code)
        volumes.write_volume(folder, volumes.pages(parcels[code]), volumes.statement(parcels[code]))
    make_english(options.corpus, data)
    make_tables(options.corpus, data)


def make_tables(corpus: Path, data: Path) -> None:
    """Everything that is rows: file lists, land register, work and family, poets and poems, newspaper titles."""
    parcels = land.read_parcels(corpus / REGISTER)
    page_counts = {parcel.code: volumes.page_count(parcel) for parcel in parcels if parcel.code in volumes.CHOSEN}
    rows = list(land.catalogue(parcels, volumes.BY_ARK, page_counts))
    land.write_catalogue(data / "file_list/land_files.csv", [row for row in rows if row["全宗号"] != AS_WORKBOOK])
    land.write_workbook(data / "file_list/land_tenders.xlsx", [row for row in rows if row["全宗号"] == AS_WORKBOOK])
    land.write_database(data / "land_register.sqlite", parcels)
    work.write(data / "work_and_family")
    folder = data / "work_and_family/pages" / adoption.CODE
    volumes.write_volume(folder, adoption.pages(), adoption.statement())
    tables.write_poets(data / "tang_poets.sqlite", corpus / "thematic/tang-poets")
    tables.write_newspapers(data / "newspapers/titles.jsonl", corpus / "csv/trove-newspaper-titles")


def make_english(corpus: Path, data: Path) -> None:
    """Finding aids as they are, and the typescript made from one of them."""
    for name, (folder, files) in FINDING_AIDS.items():
        target = data / "finding_aids" / name
        target.mkdir(parents=True)
        for file in files:
            shutil.copyfile(corpus / folder / f"{file}.xml", target / f"{file}.xml")
    stem, title, code = TYPESCRIPT
    sheets = english.pages(corpus / "ead/ead3-ncsu" / f"{stem}.xml", title, code)
    statement = {"title": f"{title}, notes from the collection guide (typescript)"}
    volumes.write_volume(data / "typescripts" / code, sheets, statement)


if __name__ == "__main__":
    main()
