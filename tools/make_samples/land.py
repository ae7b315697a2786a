"""Land files of the demonstration archive, from the CC0 land register: file lists and a thematic database.

Places, lot numbers, areas, owners (organisations), reasons, dates, prices and notes are those of the register.
Invented: fonds, file and item numbers, number of pages, retention, opening status and its date, shelves, entry numbers
and ARKs.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.writer.excel import ExcelWriter

CATALOGUE = "1"
LONG_AGO = dt.datetime(2026, 1, 1)  # the workbook format knows no zones
ARK = "ark:/99999/yj{:05d}"  # 99999 is the number reserved for examples
ONLY_A_REPORT = re.compile(r"(\d\.)?[非作]屬監察院調\s?[查复]報告")

COUNTIES = {
    "屏東": "屏東縣",
    "桃園": "桃園市",
    "臺南": "臺南市",
    "台南": "臺南市",
    "新北": "新北市",
    "臺北": "臺北市",
    "台北": "臺北市",
    "新竹": "新竹市",
    "高雄": "高雄市",
    "嘉義": "嘉義市",
    "花蓮": "花蓮縣",
    "基隆": "基隆市",
    "彰化": "彰化縣",
    "臺中": "臺中市",
    "澎湖": "澎湖縣",
    "宜蘭": "宜蘭縣",
    "台中": "臺中市",
    "台中市": "臺中市",
    "台北市": "臺北市",
}

LISTS_2006 = {
    "國民黨轉帳撥用特種房屋坐落基地一覽表": "Z027",
    "財團法人中華文化社會福利事業基金會無償使用國有土地一覽表": "Z031",
    "仍登記為社團法人中國國民黨及其附隨組織所有土地之土地清冊": "Z034",
    "中廣公司運用政府預算購置財產一覽表": "Z038",
    "中廣公司接管日治時期台灣放送協會各地支部財產一覽表": "Z038",
    "台灣省行政長官公署宣傳委員會移交國民黨經營日產戲院": "Z041",
}
FONDS = {
    "Z013": "政府贈予國民黨及附隨組織之土地清冊",
    "Z027": "國民黨轉帳撥用特種房屋坐落基地一覽表",
    "Z031": "財團法人中華文化社會福利事業基金會無償使用國有土地一覽表",
    "Z034": "仍登記為社團法人中國國民黨及其附隨組織所有土地之土地清冊",
    "Z038": "中廣公司購置及接管財產一覽表",
    "Z041": "台灣省行政長官公署宣傳委員會移交國民黨經營日產戲院",
    "Z045": "國民黨暨附隨相關組織占用國有土地一覽表及其他清冊",
    "Z052": "裕台開發實業股份有限公司及中央投資股份有限公司土地標售案",
}
NOT_IN_DATABASE = {"Z041", "Z045"}
BIG_SECTION = "竹子門段"  # 337 lots: described file by file, each lot an entry of the database
ITEMS_PER_FILE = 10
LOTS_PER_FILE = 50


@dataclass
class Parcel:
    """A parcel of the register with the place it gets in the invented arrangement."""

    fonds: str
    place: str
    lot: str
    case: str
    title: str
    date: str = ""
    year: int | None = None
    owner: str = ""
    area: str = ""
    share: str = ""
    land_class: str = ""
    price: str = ""
    note: str = ""
    register: str = ""
    code: str = ""
    file_code: str = ""
    values: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"{self.place}{self.lot}號"


def read_features(path: Path) -> list[dict[str, Any]]:
    """The properties of a GeoJSON file's features, in file order."""
    return [feature["properties"] for feature in json.loads(path.read_text("utf-8"))["features"]]


def tidy(value: object) -> str:
    """Text without markup, line breaks and the misread 巿 (U+5DFF) for 市."""
    text = re.sub(r"<br\s*/?>", " ", str(value or "")).replace("巿", "市")
    return " ".join(text.split()).replace("：案", "案")


def taipei_day(stamp: str) -> str:
    """YYYYMMDD on the spot: the register gives midnight there as 16:00 (15:00 in some summers) UTC the day before."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT1[56]:00:00\.000Z", stamp):
        return tidy(stamp)
    return (dt.datetime.fromisoformat(stamp) + dt.timedelta(hours=9)).strftime("%Y%m%d")


def republican(stamp: str) -> str:
    """``54.4.30`` of the register as 民國54年4月30日."""
    if not (match := re.fullmatch(r"(\d{2})\.(\d{1,2})\.(\d{1,2})", stamp)):
        return ""  # one is misread ("50.125")
    year, month, day = (int(part) for part in match.groups())
    return f"民國{year}年{month}月{day}日"


def year_of(date: str) -> int | None:
    """The western year of a date as written here."""
    if match := re.match(r"(\d{4})", date):
        return int(match[1])
    if match := re.match(r"民國(\d+)年", date):
        return int(match[1]) + 1911
    return None


def whole_place(county: str, town: str, section: str) -> str:
    """County, town and section, the county with its kind, a city that is its own county named once."""
    county = "嘉義縣" if town == "民雄鄉" else COUNTIES[county]
    return section if not town else (town if county == town else county + town) + section


def parcels_1994(features: Iterable[dict[str, Any]]) -> Iterator[Parcel]:
    """The list of 1994: one fonds; a ditto in the notes is replaced by what it repeats."""
    above = ""
    for row in features:
        note = tidy(row["備註"])
        note = above if note == "同上" else note
        above = note
        lot = tidy(row["舊土地地號"])
        reason = tidy(row["土地取得原因"]).replace(" ", "")
        date = taipei_day(row["土地取得日期"])
        place, number = re.fullmatch(r"(.*?)([\d、-]+)號.*", lot).groups()  # type: ignore[union-attr]  # every lot has one
        yield Parcel(
            "Z013",
            place,
            number,
            reason,
            f"關於{lot}{reason}案",
            date,
            year_of(date),
            tidy(row["使用單位"]),
            str(row["土地面積（㎡）"]),
            row["土地持分比例"],
            tidy(row["土地使用分區"]),
            _yuan(row["移轉時公告現值（元）"]),
            note,
            row["分類"],
            values={"2000年公告現值": _yuan(row["2000年公告現值（元）"])},
        )


def parcels_2006(features: Iterable[dict[str, Any]]) -> Iterator[Parcel]:
    """The lists of 2006: a fonds for each list, the small ones together."""
    for row in features:
        register = row["分類"]
        case = tidy(row.get("案件"))
        place = whole_place(row["縣市"], tidy(row["鄉鎮"]), tidy(row["路段"]))
        date = republican(str(row.get("移轉第三人時間") or row.get("被徵收時間") or ""))
        notes = (
            ONLY_A_REPORT.sub("", tidy(row["備註"])),
            tidy(row.get("類別")).replace("曰產", "日產"),
            tidy(row.get("使用狀況")),
        )
        note = "。".join(text for part in notes if (text := part.strip()))
        name = f"（{row['名稱']}）" if row.get("名稱") else ""
        yield Parcel(
            LISTS_2006.get(register, "Z045"),
            place,
            row["段號"],
            case,
            f"關於{place}{row['段號']}號{name}{case or '土地登記'}案",
            date,
            year_of(date),
            tidy(row.get("使用人")),
            note=note,
            register=register,
            values={"2006年公告總價": tidy(row.get("2006年公告總價")).removesuffix("元")},
        )


def parcels_2015(features: Iterable[dict[str, Any]]) -> Iterator[Parcel]:
    """The tender notices of 2015."""
    for row in features:
        company, _, matter = tidy(row["分類"]).partition("公司 ")
        company = f"{company}公司" if matter else "中央投資股份有限公司"
        matter = matter or "第二次標售不動產公告"
        place = whole_place(row["縣市"], row["鄉鎮"], row["段名"])
        yield Parcel(
            "Z052",
            place,
            row["地號"],
            matter,
            f"關於{place}{row['地號']}號{matter.removesuffix('案')}案",
            "2015",
            2015,
            company,
            row.get("面積（m2）") or "",
            row.get("權利範圍") or "",
            row.get("土地使用分區") or "",
            register=row["分類"],
        )


def _yuan(value: object) -> str:
    """A price without the tail of floating point."""
    return f"{value:.2f}".removesuffix(".00") if isinstance(value, float) else str(value or "")


def read_parcels(folder: Path) -> list[Parcel]:
    """All parcels with their places in the arrangement: fonds, then file, then item, in the order of the register."""
    parcels = [
        *parcels_1994(read_features(folder / "1994_estate.geojson")),
        *parcels_2006(read_features(folder / "2006_estate.geojson")),
        *parcels_2015(read_features(folder / "2015_estate.geojson")),
    ]
    parcels.sort(key=lambda parcel: parcel.fonds)  # stable
    for fonds, members in groupby(parcels, key=lambda parcel: parcel.fonds):
        _arrange(fonds, list(members))
    return parcels


def _arrange(fonds: str, members: list[Parcel]) -> None:
    number = 0
    for big, group in groupby(_by_town(fonds, members), key=lambda parcel: BIG_SECTION in parcel.place):
        lots = list(group)
        size = LOTS_PER_FILE if big else ITEMS_PER_FILE
        for start in range(0, len(lots), size):
            number += 1
            for item, parcel in enumerate(lots[start : start + size], 1):
                parcel.file_code = f"{fonds}-{CATALOGUE}-{number:03d}"
                parcel.code = "" if big else f"{parcel.file_code}-{item:03d}"


def _by_town(fonds: str, members: list[Parcel]) -> list[Parcel]:
    return members if fonds == "Z013" else sorted(members, key=lambda parcel: parcel.place)


# -- opening status -------------------------------------------------------------------------------------------------

SPECIAL = {
    "Z013-1-003-001": ("依申请利用", "", "涉及第三方权益，凭申请利用"),
    "Z013-1-003-002": ("依申请利用", "", "涉及第三方权益，凭申请利用"),
    "Z013-1-004-006": ("到馆利用", "", "限馆内终端阅览"),
    "Z013-1-006-009": ("延期开放", "2046-01-01", "《中华人民共和国档案法》第二十七条"),
    "Z013-1-006-010": ("延期开放", "2046-01-01", "《中华人民共和国档案法》第二十七条"),
    "Z013-1-002-007": ("延期开放", "2010-01-01", "《中华人民共和国档案法》第二十七条"),
    "Z013-1-004-004": ("实名利用", "", "登录后阅览"),
    "Z045-1-001-001": ("内部", "", "开放审核中"),
    "Z045-1-001-002": ("内部", "", "开放审核中"),
}
SHARES = (
    (84, "开放", "", ""),
    (89, "实名利用", "", "登录后阅览"),
    (93, "到馆利用", "", "限馆内终端阅览"),
    (97, "依申请利用", "", "涉及第三方权益，凭申请利用"),
    (100, "延期开放", "2040-01-01", "《中华人民共和国档案法》第二十七条"),
)
ALWAYS_OPEN = {"Z013"}


def opening(code: str) -> tuple[str, str, str]:
    """Invented opening status of an item: value, day it opens, ground."""
    if code in SPECIAL:
        return SPECIAL[code]
    if code[:4] in ALWAYS_OPEN:
        return ("开放", "", "")
    draw = number_from(code, 100)
    return next((value, day, ground) for limit, value, day, ground in SHARES if draw < limit)


def number_from(text: str, below: int) -> int:
    """A number that depends on the text alone."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) % below


# -- the file list --------------------------------------------------------------------------------------------------

COLUMNS = (
    "全宗号",
    "目录号",
    "案卷号",
    "件号",
    "档号",
    "上级档号",
    "层级",
    "题名",
    "责任者",
    "成文日期",
    "保管期限",
    "密级",
    "开放状态",
    "开放日期",
    "开放依据",
    "数量及单位",
    "载体类型",
    "存放位置",
    "主题词",
    "地名",
    "文种",
    "ARK",
    "附注",
)
LEVELS = {"fonds": "全宗", "file": "案卷", "item": "件"}


def catalogue(parcels: list[Parcel], ark_codes: Iterable[str], page_counts: dict[str, int]) -> Iterator[dict[str, str]]:
    """Rows of the file list: a fonds, each of its files followed by its items; `page_counts` of what is digitised."""
    known = {code: {"ARK": ARK.format(number)} for number, code in enumerate(ark_codes, 1)}
    for code, count in page_counts.items():
        known.setdefault(code, {})["数量及单位"] = f"{count}页"
    for fonds, members in groupby(parcels, key=lambda parcel: parcel.fonds):
        lots = _by_town(fonds, list(members))
        yield _fonds_row(fonds, lots)
        for code, group in groupby(lots, key=lambda parcel: parcel.file_code):
            yield from _file_rows(code, list(group), known)


def _file_rows(code: str, lots: list[Parcel], known: dict[str, dict[str, str]]) -> Iterator[dict[str, str]]:
    yield _file_row(code, lots)
    for lot in lots:
        if lot.code:
            yield _item_row(lot) | known.get(lot.code, {})


def _row(code: str, level: str, title: str, **values: str) -> dict[str, str]:
    parts = [*code.split("-"), "", "", ""][:4]
    row = dict.fromkeys(COLUMNS, "") | dict(zip(COLUMNS[:4], parts, strict=True))
    row |= {
        "档号": code,
        "上级档号": code.rpartition("-")[0],
        "层级": LEVELS[level],
        "题名": title,
        "开放状态": "开放",
        "密级": "公开",
    }
    return row | {"保管期限": "永久", "载体类型": "纸质", "文种": "繁体中文"} | values


def _span(lots: list[Parcel]) -> str:
    years = sorted({lot.year for lot in lots if lot.year})
    if not years:
        return ""
    return str(years[0]) if years[0] == years[-1] else f"{years[0]}-{years[-1]}"


def _fonds_row(fonds: str, lots: list[Parcel]) -> dict[str, str]:
    count = len({lot.file_code for lot in lots})
    note = (
        f"示範全宗：土地地號、所有權人、取得原因、日期與附註取自公開土地清冊（CC0），共{len(lots)}筆、{count}卷；"
        "全宗號、檔號、頁數、開放狀態與庫位為示範而編。"
    )
    return _row(fonds, "fonds", FONDS[fonds], 成文日期=_span(lots), 附注=note, 责任者="", 存放位置="")


def _file_row(code: str, lots: list[Parcel]) -> dict[str, str]:
    number = int(code[-3:])
    towns = "、".join(dict.fromkeys(re.match(r".+?[縣市](?:.+?[鄉鎮市區])?", lot.place)[0] for lot in lots))  # type: ignore[index]
    title = f"{towns}土地案卷（第{number}卷）"
    note = "" if lots[0].code else f"卷內土地地號：{lots[0].place}" + "、".join(lot.lot for lot in lots) + "號。"
    parent = code.split("-")[0]
    return _row(
        code,
        "file",
        title,
        上级档号=parent,
        成文日期=_span(lots),
        存放位置=_shelf(code),
        附注=note,
        主题词="土地",
        数量及单位=f"{8 * len(lots)}页",
    )


def _item_row(lot: Parcel) -> dict[str, str]:
    status, day, ground = opening(lot.code)
    subjects = ["土地", *filter(None, (lot.land_class.replace("，", "；").replace("；", ";"), lot.case))]
    return _row(
        lot.code,
        "item",
        lot.title,
        责任者=lot.owner,
        成文日期=lot.date,
        开放状态=status,
        开放日期=day,
        开放依据=ground,
        数量及单位=f"{2 + number_from(lot.code, 17)}页",
        存放位置=_shelf(lot.file_code),
        主题词=";".join(subjects),
        地名=lot.place,
        附注=lot.note,
        保管期限="30年" if number_from(lot.code + "r", 3) == 0 else "永久",
    )


def _shelf(code: str) -> str:
    fonds, _, number = code.split("-")
    return f"2号库 {1 + int(fonds[1:]) % 9:02d}列 {1 + int(number) // 8:02d}架 {1 + int(number) % 6}层"


def write_catalogue(path: Path, rows: Iterable[dict[str, str]]) -> None:
    """CSV with a byte order mark, as office software writes and expects it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def write_workbook(path: Path, rows: Iterable[dict[str, str]]) -> None:
    """The same table as a workbook, with no trace of when it was written."""
    workbook = openpyxl.Workbook()
    workbook.properties.created = workbook.properties.modified = LONG_AGO
    sheet = workbook.active
    sheet.title = "案卷目录"
    sheet.append(COLUMNS)
    for row in rows:
        sheet.append([row[column] or None for column in COLUMNS])
    written = io.BytesIO()
    ExcelWriter(workbook, zipfile.ZipFile(written, "w")).save()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED)


# -- the thematic database --------------------------------------------------------------------------------------------

SCHEMA = """
CREATE TABLE 土地登记 (
    条目号 TEXT PRIMARY KEY,
    标题 TEXT NOT NULL,
    地号 TEXT NOT NULL,
    坐落 TEXT NOT NULL,
    地目 TEXT,
    面积平方公尺 TEXT,
    持分 TEXT,
    登记原因 TEXT,
    登记日 TEXT,
    所有权人 TEXT,
    移转时公告现值元 TEXT,
    公告总价元 TEXT,
    清册 TEXT NOT NULL,
    全宗号 TEXT,
    档号 TEXT,
    开放状态 TEXT
)"""


def entries(parcels: list[Parcel]) -> Iterator[dict[str, str | None]]:
    """Rows of the database by column; lots of the big section have no code, as their items are not described."""
    for number, lot in enumerate((lot for lot in parcels if lot.fonds not in NOT_IN_DATABASE), 1):
        row = {
            "条目号": f"LR-{number:05d}",
            "标题": f"{lot.label}土地登記",
            "地号": lot.lot,
            "坐落": lot.place,
            "地目": lot.land_class,
            "面积平方公尺": lot.area,
            "持分": lot.share,
            "登记原因": lot.case,
            "登记日": lot.date,
            "所有权人": lot.owner,
            "移转时公告现值元": lot.price,
            "公告总价元": lot.values.get("2000年公告現值") or lot.values.get("2006年公告總價", ""),
            "清册": lot.register,
            "全宗号": lot.fonds if lot.code else "",
            "档号": lot.code,
            "开放状态": opening(lot.code)[0] if lot.code else "开放",
        }
        yield {column: value or None for column, value in row.items()}


def write_database(path: Path, parcels: list[Parcel]) -> None:
    """The SQLite file, written anew."""
    rows = list(entries(parcels))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(SCHEMA)
        names = ", ".join(f":{column}" for column in rows[0])
        connection.executemany(f"INSERT INTO 土地登记 VALUES ({names})", rows)  # noqa: S608  # our own column names
    connection.execute("VACUUM")
    connection.close()
