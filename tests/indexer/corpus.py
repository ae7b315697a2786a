"""Small corpora for the engine tests: records written out, and what turns them into documents."""

from __future__ import annotations

import datetime as dt

from indexer.documents import documents
from indexer.engines.base import Engine
from indexer.resource import Link, Member, Resource, mint, speaking_order
from mappings.access import Access, effective
from mappings.record import Ancestor, Copy, Dates, Holding, Identifier, Name, Page, Record, Word

FONDS = Ancestor("z013", "政府贈予土地清冊", "fonds", "Z013")


def member(source: str, record: Record, default: str | None = "open", rule: str | None = None) -> Member:
    """A record as a member of a resource, under its source's access default."""
    return Member(
        source, f"Source {source}", record, effective(record.access, default), Link(rule, "same") if rule else None
    )  # type: ignore[arg-type]


def resource(*members: Member) -> Resource:
    first = speaking_order(members)[0]
    return Resource(mint(first.source, first.record.source_id), speaking_order(members))


def page(number: int, text: str) -> Page:
    """A page whose words are its blank-separated parts, boxed side by side."""
    line = tuple(Word(part, 10.0 * i, 5.0, 9.0, 8.0, 0.9) for i, part in enumerate(text.split()))
    return Page(number, text, label=f"{number}r", image=f"v/{number}.jpg", width=100, height=200, lines=(line,))


LAND = Record(
    "z013-005",
    "關於新北市石碇鄉石碇段石碇小段29號贈與案",
    level="item",
    reference_code="Z013-1-001-005",
    fonds="Z013",
    holder="Yunjiang Archives",
    dates=Dates("19841230", 1984, 1984),
    names=(Name("石碇鄉民眾服務分社", "organisation", "creator"), Name("土地", "subject", "subject")),
    languages=("zh",),
    description={"note": "原為石碇鄉鄉有土地（管理機關石碇鄉公所），贈與作為民眾服務分社廳址使用。"},
    holdings=(Holding(("案卷 001",), location="stack 4"),),
    ancestors=(FONDS,),
    position=5,
)
SCAN = Record(
    "Z013-1-001-005",
    "Z013-1-001-005",
    kind="digital",
    copies=(
        Copy(
            format="image/jpeg",
            page_count=2,
            pages=(page(1, "土地 贈與 登記簿"), page(2, "石碇鄉 公所 railway siding")),
        ),
    ),
)
ENTRY = Record("LR-216", "石碇小段 29", kind="thematic", values={"地號": "石碇小段 29", "地目": "建"})
JOINED = resource(
    member("list", LAND), member("scans", SCAN, rule="reference_code"), member("register", ENTRY, rule="reference_code")
)

RESOURCES = (
    JOINED,
    resource(
        member(
            "list",
            Record(
                "z013", "政府贈予土地清冊", level="fonds", reference_code="Z013", holder="Yunjiang Archives", position=0
            ),
        )
    ),
    resource(
        member(
            "ead",
            Record(
                "a.xml",
                "North Carolina Farm Bureau Records",
                level="fonds",
                reference_code="MC 00313",
                holder="NC State",
                dates=Dates("1936-1999", 1936, 1999),
                names=(Name("Farm Bureau", "organisation", "creator"), Name("Railroads", "subject", "subject")),
            ),
        )
    ),
    resource(
        member(
            "ead",
            Record(
                "a.xml#c1",
                "Women's committee minutes",
                level="file",
                holder="NC State",
                dates=Dates("ca. 1936", 1935, 1937),
                description={"scope_and_content": "Railways and land-owners; the committees met yearly. Café récits."},
                ancestors=(Ancestor("a.xml", "North Carolina Farm Bureau Records"),),
                position=1,
            ),
        )
    ),
    resource(
        member(
            "ead",
            Record(
                "a.xml#c2",
                "Railroad photographs",
                level="file",
                holder="NC State",
                access=Access("closed", opens_on=dt.date(2060, 1, 1)),
                ancestors=(Ancestor("a.xml", "North Carolina Farm Bureau Records"),),
                position=2,
            ),
        )
    ),
    resource(
        member(
            "ead",
            Record(
                "a.xml#c3",
                "Secret personnel matters",
                level="file",
                access=Access("internal"),
                ancestors=(Ancestor("a.xml", "North Carolina Farm Bureau Records"),),
                position=3,
            ),
        )
    ),
    resource(
        member("list", Record("half", "土地移轉清冊", reference_code="Z013-2", holder="Yunjiang Archives")),
        member(
            "desk",
            Record(
                "half-note", "evaluation of owner", access=Access("internal"), description={"note": "whistleblower"}
            ),
        ),
    ),
    resource(
        member(
            "ead",
            Record("b.xml", "上海。市政府公報", level="series", languages=("zh",), dates=Dates("民國38年", 1949, 1949)),
        )
    ),
    resource(
        member(
            "ead",
            Record(
                "c.xml",
                "上海市圖書館藏書目錄",
                level="series",
                languages=("zh",),
                identifiers=(Identifier("ark", "ark:/12345/x9"),),
            ),
        )
    ),
    resource(
        member(
            "scans",
            Record(
                "closed-volume",
                "Closed volume",
                kind="digital",
                access=Access("closed", opens_on=dt.date(2030, 6, 1)),
                copies=(Copy(page_count=1, pages=(page(1, "confidential dossier"),)),),
            ),
        )
    ),
)


def fill(engine: Engine, resources: tuple[Resource, ...] = RESOURCES, version: int = 1) -> None:
    """Index the resources and commit."""
    writer = engine.writer()
    for item in resources:
        writer.add(documents(item, mint))
    writer.commit(version)
    writer.close()
    engine.refresh()
