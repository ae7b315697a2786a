"""What the rules and the gazetteer find, on small texts: a table of cases, and what must not be found."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from mappings.record import Authority, Dates, Name, Record, Variant
from pipelines.enrichment.entries import entry_of
from pipelines.enrichment.found import Found, chosen
from pipelines.enrichment.gazetteer import Gazetteer
from pipelines.enrichment.languages import Finder
from pipelines.enrichment.mentions import mentions_of
from tests.enrichment.conftest import described, person

PEOPLE = (
    person("twain", "Twain, Mark, 1835-1910", 1835, 1910),
    person("wei-tang", "王維", 701, 761, place="河東"),
    person("wei-ming", "王維", 1400, 1460, place="華亭"),
    person("gaoming", "高明", 1306, 1359),
    Record("cy", "朝阳区", authority=Authority("place"), names=(Name("北京市", "place"),)),
    Record("cy2", "朝阳区", authority=Authority("place"), names=(Name("吉林省", "place"),)),
    Record("bj", "北京市", authority=Authority("place")),
    Record(
        "sps", "Society for Psychical Research", authority=Authority("organisation", (), (Variant("S. P. R. Society"),))
    ),
)


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Finder:
    file = tmp_path_factory.mktemp("names") / "gazetteer"
    Gazetteer(entry for record in PEOPLE if (entry := entry_of("x", record))).save(file)
    return Finder(file)


def found(finder: Finder, record: Record) -> list[tuple[str, str, str | None, int]]:
    """(text, type, authority, number of candidates)."""
    return [(m.text, m.type, m.authority, len(m.candidates)) for m in mentions_of(record, finder)]


class TestGazetteer:
    @pytest.mark.parametrize(
        "text", ["Letters to Mark Twain", "Letters to Twain, Mark.", "Letters to Twain, Mark, 1835-1910"]
    )
    def test_latin_forms_both_ways_round(self, finder: Finder, text: str) -> None:
        assert ("person", "x:twain") in [
            (kind, authority) for _, kind, authority, _ in found(finder, described("1", text))
        ]

    @pytest.mark.parametrize("text", ["to mark twain", "Mark Twainian"])
    def test_only_whole_words_with_capitals(self, finder: Finder, text: str) -> None:
        assert all(authority is None for *_, authority, _ in found(finder, described("1", text)))

    def test_both_scripts(self, finder: Finder) -> None:
        assert found(finder, described("1", "与王维友善。", 750)) == [("王维", "person", "x:wei-tang", 0)]

    def test_homonyms_by_date(self, finder: Finder) -> None:
        assert found(finder, described("1", "與王維友善。", 1450)) == [("王維", "person", "x:wei-ming", 0)]

    def test_homonyms_by_the_years_a_text_names(self, finder: Finder) -> None:
        assert found(finder, described("1", "天寶十載，與王維友善。")) == [("王維", "person", "x:wei-tang", 0)]

    def test_homonyms_by_place(self, finder: Finder) -> None:
        assert ("王維", "person", "x:wei-ming", 0) in found(finder, described("1", "與王維友善。王維，華亭人。"))

    def test_homonyms_that_cannot_be_told_apart_stay_so(self, finder: Finder) -> None:
        assert found(finder, described("1", "與王維友善。")) == [("王維", "person", None, 2)]

    def test_nobody_of_another_time(self, finder: Finder) -> None:
        assert all(authority is None for *_, authority, _ in found(finder, described("1", "王維的信", 1985)))

    def test_a_short_name_inside_a_sentence_is_a_word(self, finder: Finder) -> None:
        assert found(finder, described("1", "此人十分高明而且勤奮")) == []

    def test_a_place_by_what_it_lies_in(self, finder: Finder) -> None:
        assert found(finder, described("1", "北京市朝阳区的工厂")) == [
            ("北京市", "place", "x:bj", 0),
            ("朝阳区", "place", "x:cy", 0),
        ]

    def test_titles_of_works_name_nobody(self, finder: Finder) -> None:
        assert found(finder, described("1", "見《王維集》。", 750)) == []

    def test_a_form_of_too_many_names_nothing(self) -> None:
        records = [Record(str(at), "市辖区", authority=Authority("place")) for at in range(60)]
        assert len(Gazetteer(entry for record in records if (entry := entry_of("x", record)))) == 0


CASES = {
    "蘇軾，字子瞻，眉山人。": {"蘇軾": "person", "眉山": "place"},
    "遷監察御史，貶臨賀尉。": {"監察御史": "office", "臨賀": "place"},
    "贈與台中縣政府使用": {"台中縣政府": "organisation"},
    "於1926年由招商銀行售予中華書局有限公司。": {"招商銀行": "organisation", "中華書局有限公司": "organisation"},
    "經縣政府同意": {},
    "武昌起義，後參加抗日戰爭。": {"武昌起義": "event", "抗日戰爭": "event"},
    "新北市板橋區土地": {"新北市": "place", "板橋區": "place"},
    "Letter from Dr. Smithson to William H. Johnson": {"Smithson": None, "William H. Johnson": "person"},
    "Gardner Hall and the Charles Mills Building": {},
    "Papers, Department of Agriculture, Raleigh, N.C.": {
        "Department of Agriculture": None,
        "Raleigh": "place",
        "N.C.": "place",
    },
    "Board of Directors and Executive Committee": {},
    "Records of the Whitman Publishing Company of Racine, Wisconsin": {
        "Whitman Publishing Company": None,
        "Racine": "place",
        "Wisconsin": "place",
    },
    "Photographs of World War II and the Treaty of Versailles": {
        "World War II": "event",
        "Treaty of Versailles": "event",
    },
    "Governor's Club Area Map": {"Governor's Club": None},
    "Correspondence with the Governor": {"Governor": "office"},
    "Wright, Orville, 1871-1948": {},
    "Virginia, Georgia and April": {"Virginia": "place", "Georgia": "place"},
    "今如罝中兔。性命由他人，悲辛但狂顧。青州二三子，不見杜陵人。": {},
    "": {},
}


@pytest.mark.parametrize("text", CASES)
def test_rules(finder: Finder, text: str) -> None:
    """None: found or not, as long as it is nothing else."""
    wanted = CASES[text]
    got = {one[0]: one[1] for one in found(finder, Record("1", "-", description={"note": text} if text else {}))}
    assert {name for name, kind in wanted.items() if kind} <= set(got)
    assert all(kind == got[name] for name, kind in wanted.items() if kind)
    assert all(any(name in known or known in name for known in wanted) for name in got), got


@given(
    st.text(
        alphabet=st.sampled_from("王維李白字人，。、與為爲府縣州市公司銀行 AnnJohn.,-()《》12年İß𠮷\n"), max_size=80
    )
)
def test_offsets_are_those_of_the_text_and_nothing_overlaps(finder: Finder, text: str) -> None:
    record = Record("1", "-", description={"note": text})
    mentions = mentions_of(record, finder)
    assert all(text[one.start : one.end] == one.text != "" for one in mentions)
    assert all(one.end <= other.start for one, other in pairwise(mentions))
    assert mentions == mentions_of(record, finder)


def test_longest_first_then_the_gazetteer_then_rules_then_a_model() -> None:
    claims = [Found(0, 3, "person", 2), Found(0, 2, "place", 0), Found(4, 6, "place", 1), Found(4, 6, "person", 0)]
    assert chosen(claims) == [Found(0, 2, "place", 0), Found(4, 6, "person", 0)]


class TestTrainedModel:
    @pytest.fixture
    def model(self, tmp_path: Path) -> Path:
        """A pipeline with an entity recogniser, trained on three sentences for a moment and saved to a folder."""
        from spacy.training import Example

        nlp = spacy.blank("en")
        recogniser = nlp.add_pipe("ner")
        sentences = [f"the {name} was seen" for name in ("zorblax", "quibnar", "flimdor")]
        examples = [
            Example.from_dict(nlp.make_doc(text), {"entities": [(4, len(text) - 9, "ORG")]}) for text in sentences
        ]
        recogniser.add_label("ORG")
        optimiser = nlp.initialize(lambda: examples)
        for _ in range(40):
            nlp.update(examples, sgd=optimiser)
        nlp.to_disk(tmp_path)
        return tmp_path

    def test_adds_what_it_knows(self, model: Path) -> None:
        record = Record("1", "-", description={"note": "the zorblax was seen by Mr. Mark Twain"})
        assert ("zorblax", "organisation", None, 0) not in found(Finder(), record)
        assert ("zorblax", "organisation", None, 0) in found(Finder(models={"en": str(model)}), record)

    def test_one_for_chinese_reads_as_it_was_taught(self, tmp_path: Path) -> None:
        nlp = spacy.blank("zh")
        nlp.add_pipe("entity_ruler").add_patterns(
            [{"label": "PERSON", "pattern": "阿甲"}, {"label": "DATE", "pattern": "今天"}]
        )
        nlp.to_disk(tmp_path)
        assert found(Finder(models={"zh": str(tmp_path)}), described("1", "今天阿甲來")) == [
            ("阿甲", "person", None, 0)
        ]


def test_life_and_records() -> None:
    """Who is born after the record is not meant; who is long dead neither."""
    from pipelines.enrichment.resolve import fits

    entry = entry_of("x", Record("1", "某甲乙", dates=Dates("", 1850, 1900), authority=Authority("person")))
    assert entry is not None
    assert [fits(entry, (year, year)) for year in (1849, 1850, 1900, 1960, 1961)] == [False, True, True, True, False]
