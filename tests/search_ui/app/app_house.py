"""A small house for the screens: invented holdings behind the shapes of the search, a real desk on its own database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from argon2 import PasswordHasher

from indexer.errors import SearchError
from indexer.nothing import wider
from indexer.query import Query
from mappings.access import Viewer
from search_ui.services import Services, SourceState
from service_desk.desk import Desk
from service_desk.objects import FolderObjects
from service_desk.ports import FrozenHit
from tests.empty_desk import empty_desk

CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
VISITOR = "v" * 32
PASSWORD = "correct horse battery staple"
HOSTILE = "<img src=x onerror=alert(1)>[link](http://evil.example) :red[$x$] <b data-go='/staff'>卷</b>"

READ = {"action": "read", "from": "now"}
CONSULT = {"action": "consult", "working_days": 2}
COPY = {"action": "copy", "working_days": 3}
ASK = {"action": "ask", "working_days": 2}


def hit(identifier: str, title: str, **values: Any) -> dict[str, Any]:
    """A hit with every field of the contract; what is not said is absent."""
    plain = {
        "id": identifier,
        "title": title,
        "reference_code": None,
        "level": "file",
        "dates": None,
        "holder": "Cloud River Archives",
        "ancestors": [],
        "access": "open",
        "described": True,
        "rights": {
            **dict.fromkeys(("know", "describe", "read", "copy"), "yes"),
            **dict.fromkeys(("reason", "copy_reason", "article", "opens_on")),
            "stated_by": "record",
            "description_internal": False,
        },
        "kinds": ["physical"],
        "available": [CONSULT, COPY, ASK],
        "sources": [],
        "score": 1.0,
        "highlights": {},
        "pages": [],
        "creator": None,
        "extent": None,
        "summary": "",
        "page_total": 0,
        "page_hits": 0,
        "holdings_total": 1,
        "copies_total": 0,
        "entries_total": 0,
        "thumbnail": None,
        "children_total": None,
        "internal": False,
        "authority": None,
        "imaged": True,
        "worded": True,
        "opens_on": None,
        "more": None,
        "same": [],
    }
    return {**plain, **values}


LAND = [
    {"id": "r-z013", "title": "Z013 政府贈予土地清冊"},
    {"id": "r-z013-1", "title": "目錄 1"},
    {"id": "r-z013-1-1", "title": "案卷 001"},
]
HITS = [
    hit(
        "r-1",
        "關於新北市石碇鄉石碇段石碇小段29號贈與案",
        reference_code="Z013-1-001-005",
        level="item",
        ancestors=LAND,
        dates={"text": "1984-12-30", "from": 1984, "to": 1984},
        creator="石碇鄉民眾服務分社",
        extent="7 頁",
        kinds=["physical", "digital", "thematic"],
        available=[READ, CONSULT, COPY, ASK],
        page_total=7,
        page_hits=5,
        copies_total=1,
        entries_total=5,
        thumbnail=2,
        highlights={
            "title": ["關於新北市<mark>石碇鄉</mark>石碇段石碇小段29號贈與案"],
            "text": [
                "原為<mark>石碇鄉</mark>鄉有<mark>土地</mark>（管理機關<mark>石碇鄉</mark>公所），贈與作為民眾服務分社廳址使用……石碇小段29、30、169等五筆<mark>土地</mark>及其建物。"
            ],
        },
        pages=[
            {
                "number": 2,
                "label": None,
                "times": 1,
                "highlights": ["……<mark>石碇鄉</mark>公所　地目　建　面積　六一・五四平方公尺……"],
            },
            {
                "number": 5,
                "label": "5",
                "times": 3,
                "highlights": ["……該<mark>土地</mark>一九<mark>八四</mark>年七月十八日地目變更為建……"],
            },
        ],
    ),
    hit(
        "r-2",
        "關於新北市石碇鄉石碇段石碇小段169-7號贈與案",
        reference_code="Z013-1-001-010",
        level="item",
        ancestors=LAND,
        dates={"text": "1987-12-06", "from": 1987, "to": 1987},
        creator="石碇鄉公所",
        extent="12 頁",
        kinds=["physical", "thematic"],
        entries_total=6,
        highlights={
            "title": ["關於新北市<mark>石碇鄉</mark>石碇段石碇小段169-7號贈與案"],
            "text": [
                "<mark>石碇鄉</mark>公所1987年6月10日北縣碇財經字第3768號函……同意將石碇段石碇小段169-7等六筆<mark>土地</mark>無償贈與使用。"
            ],
        },
    ),
    hit(
        "r-3",
        "石碇段石碇小段 30 號 · 登記簿條目",
        reference_code="LR-1984-00217",
        level="entry",
        kinds=["thematic"],
        holdings_total=0,
        entries_total=1,
        access="restricted",
        available=[{"action": "apply", "papers": ["identity_document"]}, ASK],
        summary="所有權人與住址兩欄涉及個人資料。",
    ),
    hit(
        "r-4",
        "石碇乡公有土地清查与处分卷（第三册）",
        reference_code="Z027-3-118",
        access="closed",
        opens_on="2046-01-01",
        creator="石碇乡公所",
        dates={"text": "1983–1986", "from": 1983, "to": 1986},
        extent="214 页",
        available=[{"action": "opens", "on": "2046-01-01"}, ASK],
        summary="卷内目录可见；正文含未满开放期限的个人财产记载。",
    ),
    hit(
        "r-5",
        HOSTILE,
        reference_code="<script>alert(2)</script>",
        summary=HOSTILE,
        creator=HOSTILE,
        ancestors=[{"id": 'r-"><b>', "title": HOSTILE}],
    ),
    hit(
        "r-6",
        "Inaugural Year (1936) Meeting Minutes",
        reference_code="box 9, folder 4",
        dates={"text": "1936", "from": 1936, "to": 1936},
        creator="North Carolina Farm Bureau Federation",
        extent="38 pages",
        kinds=["physical", "digital"],
        copies_total=1,
        available=[{"action": "link", "url": "https://example.org/minutes"}, CONSULT, COPY, ASK],
        ancestors=[
            {"id": f"r-{n}", "title": name}
            for n, name in enumerate(
                (
                    "MC 00313 North Carolina Farm Bureau Records",
                    "Organizational Documents",
                    "Histories",
                    "Organizational History",
                )
            )
        ],
        highlights={"title": ["Inaugural Year (1936) Meeting <mark>Minutes</mark>"]},
        summary="Minutes of the first year.",
    ),
    *(
        hit(
            f"r-n{n}",
            f"石碇鄉公所 一般公文 {n}",
            reference_code=f"Z027-4-{n:03d}",
            dates={"text": str(1946 + n), "from": 1946 + n, "to": 1946 + n},
        )
        for n in range(40)
    ),
]


def _words(query: Query) -> list[str]:
    return [word for word in re.split(r"[\s\"=]+", query.text) if word and word != "*"]


def _found(query: Query) -> list[dict[str, Any]]:
    return [
        h
        for h in HITS
        if all(w.lower() in f"{h['title']} {h['reference_code']} {h['summary']}".lower() for w in _words(query))
        and _fits(h, query)
    ]


def _totals(queries: Sequence[Query]) -> list[int]:
    return [len(_found(query)) for query in queries]


class Holdings:
    """Search over `HITS`: every word must stand in the title, the code or the summary. Counts the searches made."""

    def __init__(self) -> None:
        self.down = False
        self.partial = False
        self.searches = 0

    def search(self, query: Query, viewer: Viewer) -> dict[str, Any]:
        self.searches += 1
        if self.down:
            raise SearchError("the index does not answer")
        words, found = _words(query), _found(query)
        steps = [] if found else wider(query, tuple(words), _totals, _totals)
        if query.sort == "date":
            found.sort(key=lambda h: (h["dates"] or {"from": 9999})["from"])
        return {
            "query": query.text,
            "interpretation": {
                "within": None,
                "words": words,
                "from": query.year_from,
                "to": query.year_to,
                "filters": query.filters,
                "relaxed": False,
                "readings": [],
                "expanded": {},
                "record": None,
                "did_you_mean": [],
                "wider": [step.to_json() for step in steps],
                "notes": [],
            },
            "total": len(found),
            "partial": self.partial,
            "took_ms": 1.0,
            "folded": 0,
            "groups": [],
            "more_groups": False,
            "hits": found[query.offset : query.offset + query.size],
            "facets": {name: _counted(name, found) for name in ("kind", "access", "level", "holder")},
            "histogram": [
                {
                    "from": d,
                    "to": d + 9,
                    "count": sum(1 for h in found if h["dates"] and d <= h["dates"]["from"] <= d + 9),
                }
                for d in range(1930, 1990, 10)
            ],
        }

    def resource(self, resource_id: str, viewer: Viewer, whole: bool = False) -> dict[str, Any] | None:
        if self.down:
            raise SearchError("the index does not answer")
        return next((h | {"description": {}} for h in HITS if h["id"] == resource_id), None)

    def children(self, resource_id: str, viewer: Viewer, offset: int = 0, limit: int = 60) -> dict[str, Any]:
        return {"total": 0, "items": []}

    def page(
        self, resource_id: str, number: int, viewer: Viewer, query_text: str = "", part: int | None = None
    ) -> dict[str, Any] | None:
        return None

    def pages(
        self, resource_id: str, query_text: str, viewer: Viewer, offset: int = 0, limit: int = 20
    ) -> dict[str, Any]:
        return {"total": 0, "items": []}

    def page_image(self, resource_id: str, number: int, viewer: Viewer) -> tuple[str, str, int | None] | None:
        return None

    def hit(self, resource_id: str, viewer: Viewer) -> FrozenHit | None:
        """The port of the desk."""
        found = next((h for h in HITS if h["id"] == resource_id), None)
        return found and FrozenHit(
            found["id"], found["title"], found["reference_code"], found["holder"], found["access"], True, 7
        )


def _fits(h: dict[str, Any], query: Query) -> bool:
    years = h["dates"] or {"from": 99999, "to": -99999}
    in_years = (query.year_from is None or years["to"] >= query.year_from) and (
        query.year_to is None or years["from"] <= query.year_to
    )
    return in_years and all(set(_values(name, h)) & set(values) for name, values in query.filters.items())


def _values(name: str, h: dict[str, Any]) -> list[str]:
    return h["kinds"] if name == "kind" else [h[name]] if h.get(name) else []


def _counted(name: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    values = [value for h in found for value in _values(name, h)]
    return [
        {"value": v, "label": v.capitalize(), "count": values.count(v)}
        for v in sorted(set(values), key=lambda v: (-values.count(v), v))
    ]


def no_item(source: str, key: str) -> BinaryIO:
    raise FileNotFoundError(key)


_ASKED = ["石碇鄉 土地", "minutes", "石碇鄉公所"]
TOUR = {
    "en": {"name": "Cloud River Archives", "examples": _ASKED, "hours": "Monday to Friday, 9 to 17"},
    "zh-Hans": {"name": "云江档案馆", "examples": _ASKED, "hours": "周一至周五 9:00–17:00"},
    "zh-Hant": {"name": "雲江檔案館", "examples": _ASKED, "hours": "週一至週五 9:00–17:00"},
}


def open_house(folder: Path, database: str = "") -> Services:
    """Services over a fresh desk in `folder` with one account of each role."""
    holdings = Holdings()
    desk = Desk(
        database or empty_desk(folder / "desk.db"),
        objects=FolderObjects(folder / "objects"),
        holdings=holdings,
        hasher=CHEAP_HASH,
    )
    desk.accounts.add("lin", PASSWORD, "staff", "林曉")
    desk.accounts.add("chen", PASSWORD, "reader", "陳小姐")
    sources = [
        SourceState("land", "土地清冊", resources=44, as_of="2026-11-23T03:12"),
        SourceState("nc", "Farm Bureau", resources=2, as_of="2026-11-21T03:12"),
    ]
    return Services(holdings, desk, no_item, folder / "cache", sources=lambda: sources, tour=TOUR)
