"""Work and family: files and a register of a city that does not exist, all of it made here (Apache-2.0).

No person, employer or place in it is real. Each row says so, and nothing is drawn by lot: the same rows come out each
time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

MADE = "示范数据：人名、单位、日期均为虚构。"
COLUMNS = (
    "全宗号",
    "档号",
    "上级档号",
    "层级",
    "题名",
    "责任者",
    "成文日期",
    "保管期限",
    "开放状态",
    "开放依据",
    "数量及单位",
    "存放位置",
    "主题词",
    "人名",
    "地名",
    "附注",
)
REGISTER = ("登记号", "姓名", "事项", "单位", "工龄起算年", "登记日期", "地点", "全宗号", "档号", "开放状态", "附注")
LABOUR, CIVIL = ("Z101", "云江市劳动局"), ("Z102", "云江市民政局")
ON_APPLICATION = "涉及个人权益，凭本人或亲属证明材料申请查阅"
SURNAMES = "周林何许沈陆卢曾汪范顾郝"
GIVEN = ("云石", "江月", "素梅", "建川", "秋禾", "远帆", "静娴", "守田", "晓岚", "玉舟", "兰芝", "望春")
EMPLOYERS = ("云江机械厂", "云江第二棉纺厂", "云江航运公司", "云江农具厂", "云江百货公司")
TOWNS = ("云江市江东区", "云江市江西区", "云江市石桥镇", "云江市柳溪公社")


@dataclass(frozen=True)
class Series:
    """A file: its matter, the office, the first year of its items and how many years lie between them."""

    code: str
    office: tuple[str, str]
    matter: str
    title: str
    first: int
    step: int
    word: str


SERIES = (
    Series("Z101-1-001", LABOUR, "招工", "{name}招收为{employer}固定工审批表", 1956, 2, "工龄"),
    Series("Z101-1-002", LABOUR, "转正定级", "{name}学徒期满转正定级审批表（{employer}）", 1961, 2, "工龄"),
    Series("Z101-2-001", LABOUR, "知青安置", "知识青年{name}下乡插队及返城安置登记表", 1968, 1, "知识青年"),
    Series("Z101-2-002", LABOUR, "连续工龄", "{name}连续工龄审批表（{employer}）", 1978, 2, "工龄"),
    Series("Z102-1-001", CIVIL, "结婚登记", "{name}、{other}结婚登记申请书", 1955, 3, "婚姻"),
    Series("Z102-1-002", CIVIL, "收养登记", "{name}收养登记申请书", 1963, 3, "收养"),
)
EACH = 8


@dataclass(frozen=True)
class Case:
    """One person's matter: an item of a file, and a row of the register."""

    series: Series
    number: int
    place: int

    @property
    def code(self) -> str:
        return f"{self.series.code}-{self.number:03d}"

    @property
    def names(self) -> tuple[str, str]:
        return _name(self.place), _name(self.place * 5 + 7)

    @property
    def people(self) -> tuple[str, ...]:
        return self.names if "{other}" in self.series.title else self.names[:1]

    @property
    def employer(self) -> str:
        return EMPLOYERS[self.place % len(EMPLOYERS)]

    @property
    def town(self) -> str:
        return TOWNS[self.place % len(TOWNS)]

    @property
    def year(self) -> int:
        return self.series.first + (self.number - 1) * self.series.step

    @property
    def day(self) -> str:
        return f"{self.year}-{self.place % 12 + 1:02d}-{self.place % 27 + 1:02d}"

    @property
    def began(self) -> str:
        """The year from which the years at work count; of a family's matters none."""
        if self.series.office is CIVIL:
            return ""
        return str(self.year - (15 if self.series.matter == "连续工龄" else 0))


def cases() -> Iterator[Case]:
    """Every person's matter, in the order of the codes."""
    for at, series in enumerate(SERIES):
        for number in range(1, EACH + 1):
            yield Case(series, number, at * EACH + number)


def _name(place: int) -> str:
    return SURNAMES[place % len(SURNAMES)] + GIVEN[place * 7 // 3 % len(GIVEN)]


def catalogue() -> Iterator[dict[str, str]]:
    """Rows of the file list: a fonds, each of its files followed by its items."""
    for office, listed in groupby(cases(), key=lambda case: case.series.office):
        members = list(listed)
        yield _row(office[0], "", "全宗", office[1], _span(members), 责任者=office[1], 附注=MADE)
        for series, items in groupby(members, key=lambda case: case.series):
            own = list(items)
            told = {"责任者": office[1], "主题词": series.word}
            yield _row(series.code, office[0], "案卷", f"{series.matter}材料", _span(own), **told)
            yield from map(_item, own)


def _item(case: Case) -> dict[str, str]:
    name, other = case.names
    return _row(
        case.code,
        case.series.code,
        "件",
        case.series.title.format(name=name, other=other, employer=case.employer),
        case.day,
        责任者=case.series.office[1],
        主题词=case.series.word,
        人名=";".join(case.people),
        地名=case.town,
        开放状态="依申请利用",
        开放依据=ON_APPLICATION,
        数量及单位=f"{case.place % 3 + 1}页",
        存放位置=f"3号库 {case.place % 6 + 1:02d}列 02架 {case.place % 5 + 1}层",
        附注=MADE,
    )


def _row(code: str, above: str, level: str, title: str, dates: str, **values: str) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "") | {"开放状态": "开放", "保管期限": "永久"}
    row |= {"全宗号": code[:4], "档号": code, "上级档号": above, "层级": level, "题名": title, "成文日期": dates}
    return row | values


def _span(members: list[Case]) -> str:
    years = sorted(case.year for case in members)
    return f"{years[0]}-{years[-1]}"


def register() -> Iterator[dict[str, str]]:
    """Rows of the register: one a person and matter, with the code of its item."""
    for number, case in enumerate(cases(), 1):
        row = {"登记号": f"RS-{number:04d}", "姓名": "、".join(case.people), "事项": case.series.matter}
        row |= {"单位": case.employer if case.began else "", "工龄起算年": case.began, "登记日期": case.day}
        row |= {"地点": case.town, "全宗号": case.code[:4], "档号": case.code, "开放状态": "依申请利用", "附注": MADE}
        yield row


def write(folder: Path) -> None:
    """``work_files.csv`` and ``work_register.csv``, UTF-8 with byte order mark."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "work_files.csv", COLUMNS, catalogue())
    _write(folder / "work_register.csv", REGISTER, register())


def _write(path: Path, columns: tuple[str, ...], rows: Iterator[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)
