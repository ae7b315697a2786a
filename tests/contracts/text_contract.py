"""What every engine promises of text: scripts, forms, numbers and spellings meet. A new engine supplies a fixture
`engine` (empty) and inherits the suite."""

from __future__ import annotations

import pytest

from indexer.engines.base import Engine
from indexer.query import Query
from indexer.resource import Resource, mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from mappings.record import Copy, Page, Record
from tests.indexer.corpus import member

TITLES = {
    "guangxu": "光緖二十年臺灣戶口清冊",
    "buddhism": "仏教学雑誌 週刋",
    "land": "第十二號地契",
    "land-12": "第12号地契",
    "bureau": "鐵路局一九四九年公文",
    "bureau-49": "铁路局1949年公文",
    "plan": "廿三日會議記錄",
    "volume": "Annals, vol. XII",
    "email": "Printed e-mail of the U.S. Army",
    "ecole": "Registre de l'École normale",
    "brien": "Letters of J. R. O’Brien",
    "farmer": "The farmer's almanac",
    "coop": "Re-organisation of co-operatives",
    "cafe": "Cafe\u0301 re\u0301cits",
    "ligature": "Oﬃce ﬁles, Straße",
    "manga": "マンガとコンピューターの歴史",
    "gas": "東京ｶﾞｽ",
    "seoul": "한국의 역사",
    "muhammad": "مُحَمَّد بن عبد اللّٰه ـ ١٩٤٩",
    "school": "مدرسة الى",
    "tree": "Ёлка и моро\u0301з",
    "hebrew": "שָׁלוֹם",
    "greek": "Οδυσσεύς",
    "thai": "ประวัติศาสตร์ไทย",
    "hindi": "हिन्दी भाषा",
    "variant": "葛\U000e0100飾区",
    "zero": "二○○八年大事記",
}

FINDS = {
    "光绪二十年": {"guangxu"},
    "光緒": {"guangxu"},
    "台湾户口": {"guangxu"},
    "佛教學": {"buddhism"},
    "周刊": {"buddhism"},
    "第12號": {"land", "land-12"},
    "第十二号": {"land", "land-12"},
    "第１２号": {"land", "land-12"},
    "第拾貳號": {"land", "land-12"},
    "1949": {"bureau", "bureau-49", "muhammad"},
    "一九四九": {"bureau", "bureau-49", "muhammad"},
    "一九四九年": {"bureau", "bureau-49"},
    "23": {"plan"},
    "二十三": {"plan"},
    "貳拾叁": {"plan"},
    "2008": {"zero"},
    "二零零八年": {"zero"},
    "vol 12": {"volume"},
    "volume xii": set(),
    "xii": {"volume"},
    "email": {"email"},
    "e-mail": {"email"},
    "US army": {"email"},
    "U.S.": {"email"},
    "école": {"ecole"},
    "l'ecole": {"ecole"},
    "JR": {"brien"},
    "o'brien": {"brien"},
    "OBrien": {"brien"},
    "farmers": {"farmer"},
    "farmer’s": {"farmer"},
    "reorganisation": {"coop"},
    "cooperatives": {"coop"},
    "café": {"cafe"},
    "recits": {"cafe"},
    "office files": {"ligature"},
    "strasse": {"ligature"},
    "まんが": {"manga"},
    "コンピュータ": {"manga"},
    "ガス": {"gas"},
    "한국": {"seoul"},
    "역사": {"seoul"},
    "محمد": {"muhammad"},
    "الله": {"muhammad"},
    "مدرسه": {"school"},
    "елка": {"tree"},
    "мороз": {"tree"},
    "שלום": {"hebrew"},
    "οδυσσευς": {"greek"},
    "ไทย": {"thai"},
    "ศาสตร์": {"thai"},
    "हिन्दी": {"hindi"},
    "हिन्द": set(),
    "葛飾": {"variant"},
    '="光緖"': {"guangxu"},
    '="光緒"': set(),
    '="e-mail"': {"email"},
    '="email"': set(),
    '="第十二號"': {"land"},
    '="1949"': {"bureau-49"},
}


def everything() -> tuple[Resource, ...]:
    """Each title as a record's, and as the text of a scanned page."""
    scans = {name: Copy(page_count=1, pages=(Page(1, title),)) for name, title in TITLES.items()}
    records = (
        *(Record(name, title) for name, title in TITLES.items()),
        *(Record(f"{name}-scan", "-", kind="digital", copies=(scan,)) for name, scan in scans.items()),
    )
    return tuple(Resource(mint("s", record.source_id), (member("s", record),)) for record in records)


class TextContract:
    """Inherit, and give a fixture ``engine``."""

    CONTENT = everything()

    @pytest.fixture
    def searcher(self, filled: Engine) -> Searcher:
        return Searcher(filled)

    def test_what_is_one_is_found_as_one_in_descriptions_and_on_pages(self, searcher: Searcher) -> None:
        wrong = {}
        for typed, names in FINDS.items():
            answer = searcher.search(Query(typed, size=100), ANONYMOUS)
            hits = [] if answer["interpretation"]["relaxed"] else answer["hits"]
            found = {source["source_id"] for hit in hits for source in hit["sources"]}
            if found != names | {f"{name}-scan" for name in names}:
                wrong[typed] = found
        assert not wrong, wrong

    def test_what_is_found_is_marked(self, searcher: Searcher) -> None:
        for typed in FINDS:
            answer = searcher.search(Query(typed, size=100), ANONYMOUS)
            if not answer["interpretation"]["relaxed"]:
                for hit in answer["hits"]:
                    shown = [
                        *hit["highlights"].get("title", []),
                        *(text for p in hit["pages"] for text in p["highlights"]),
                    ]
                    assert any("<mark>" in text for text in shown), (typed, hit["title"])
