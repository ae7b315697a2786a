"""Documents to print: one of each kind, with what makes documents difficult."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from service_desk.printed.documents import (
    AcceptanceReceipt,
    Certificate,
    Charge,
    Estimate,
    Finding,
    Lent,
    LoanVoucher,
    Mark,
    RefusalLetter,
)
from service_desk.printed.sheets import House

ISSUED = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 2)
DUE = dt.date(2026, 3, 10)
HOUSES = {
    "en": House("Yunjiang Archives", ("1 Archive Road, Yunjiang", "000 0000 0000"), "https://archive.example"),
    "zh-Hans": House("云江档案馆", ("云江市档案路 1 号", "000 0000 0000"), "https://archive.example"),
    "zh-Hant": House("雲江檔案館", ("雲江市檔案路 1 號", "000 0000 0000"), "https://archive.example", "Hant"),
}
LONG = "關於新北市石碇鄉石碇段石碇小段29號贈與案暨石碇鄉民眾服務分社原有土地移轉登記清冊及附件"


def documents(language):
    """One of each kind."""
    house = HOUSES[language]
    common = {"house": house, "language": language, "issued": ISSUED, "receipt": "A7K2-9QXM"}
    marked = common | {"mark": Mark("2026-C-00007", "K7MX-2Q9A-3BCD")}
    findings = (
        Finding(
            "Z013-1-001-005",
            LONG,
            "民國73年12月30日",
            "原為石碇鄉鄉有土地，面積 0.0123 公頃。\n所有權人：石碇鄉公所。",
            f"{house.name}, Z013-1-001-005",
            "https://archive.example/r/r-123456789abcdef0",
        ),
        Finding("J12-3-45", "粵漢鐵路購地卷 𠮷田", "1936", "", f"{house.name}, J12-3-45", ""),
    )
    return {
        "receipt": AcceptanceReceipt(
            **common,
            kind="查询",
            asked=(LONG, "粵漢鐵路購地卷，第 214 頁"),
            applicant="王小明",
            filed=DAY,
            accepted=DAY,
            due=DUE,
            steps=("核对材料", "检索馆藏", "Answer"),
        ),
        "voucher": LoanVoucher(
            **marked,
            borrower="王小明",
            lent=tuple(Lent(f"Z013-1-001-{n:03d}", f"{LONG} {n}", 1, "原件") for n in range(1, 31)),
            lent_on=DAY,
            due=DUE,
            place="阅览室一",
        ),
        "report": Certificate(**marked, person="王小明", question="石碇小段 29 号土地", findings=()),
        "certificate": Certificate(
            **marked,
            person="王小明",
            question="石碇小段 29 号土地权属",
            purpose="办理登记",
            searched=("Z013 政府贈予土地清冊", "石碇鄉土地登記庫"),
            findings=findings,
            is_certified=True,
        ),
        "estimate": Estimate(
            **marked,
            person="王小明",
            charges=(
                Charge("掃描 A4", "頁", Decimal(24), Decimal("1.50")),
                Charge("Certified copy", "份", Decimal("1"), Decimal("20.005")),
            ),
            currency="CNY",
            valid_until=DUE,
        ),
        "refusal": RefusalLetter(
            **marked,
            person="王小明",
            asked=(LONG,),
            decided=DAY,
            reasons=("该件涉及第三人隐私，尚在封闭期内。",),
            basis=("《国家档案馆档案开放办法》第十二条", "本馆开放规则第 3 条"),
            alternatives=("脱敏件", "2046 年 1 月 1 日后的原件"),
        ),
    }
