"""Which engine reads a page, by what its record says and what is installed."""

from __future__ import annotations

import pytest

from mappings.record import Problem, Record
from pipelines.ocr.engines import Choice, Engines, expected
from pipelines.ocr.tesseract import Installed

ALL = Engines("1.4.4", Installed("5.3.0", frozenset({"chi_sim", "chi_tra", "eng", "fra", "deu"})))
TESSERACT = Engines(None, ALL.tesseract)
RAPID = Engines("1.4.4", None)
NOTHING = Engines(None, None)

EXPECTED = {
    "a traditional title": ("臺北市鐵路檔案", (), ["zh-Hant"]),
    "a simplified title": ("中国铁路档案", (), ["zh-Hans"]),
    "characters of both scripts do not make a title traditional": ("来函著录、后勤、干部、里程", (), ["zh-Hans"]),
    "a title in English": ("Letters received", (), ["en"]),
    "a title that says nothing": ("1987-04", (), []),
    "the record says Chinese, its title the script": ("關於防汛", ("chi",), ["zh-Hant"]),
    "the record says the script": ("Papers", ("zh-Hant",), ["zh-Hant"]),
    "literary Chinese is traditional": ("Papers", ("lzh",), ["zh-Hant"]),
    "English beside Chinese is read anyway": ("Papers", ("eng", "zh-Hans"), ["zh-Hans"]),
    "another language": ("Lettres", ("fre",), ["fr"]),
    "several": ("Lettres", ("fre", "ger"), ["fr", "de"]),
}


@pytest.mark.parametrize("case", EXPECTED)
def test_languages_a_page_may_be_in(case: str) -> None:
    title, languages, found = EXPECTED[case]
    assert expected(Record("r", title, languages=languages)) == found


CHOSEN = {
    "traditional": (ALL, "auto", "臺灣鐵路", (), "tesseract 5.3.0 chi_tra, rapidocr 1.4.4 1"),
    "traditional without Tesseract": (RAPID, "auto", "臺灣鐵路", (), "rapidocr 1.4.4 1"),
    "simplified": (ALL, "auto", "中国铁路", (), "rapidocr 1.4.4 1"),
    "simplified without RapidOCR": (TESSERACT, "auto", "中国铁路", (), "tesseract 5.3.0 chi_sim 1"),
    "English": (ALL, "auto", "Letters", (), "tesseract 5.3.0 eng, rapidocr 1.4.4 1"),
    "English without RapidOCR": (TESSERACT, "auto", "Letters", (), "tesseract 5.3.0 eng 1"),
    "French": (ALL, "auto", "Lettres", ("fr",), "tesseract 5.3.0 fra 1"),
    "nobody knows": (ALL, "auto", "1987", (), "rapidocr 1.4.4 1"),
    "nobody knows, without RapidOCR": (TESSERACT, "auto", "1987", (), "tesseract 5.3.0 eng+chi_sim 1"),
    "as the file says": (ALL, "tesseract:chi_tra+eng", "Letters", (), "tesseract 5.3.0 chi_tra+eng 1"),
    "RapidOCR by name": (ALL, "rapidocr", "Letters", (), "rapidocr 1.4.4 1"),
}


@pytest.mark.parametrize("case", CHOSEN)
def test_who_reads_it(case: str) -> None:
    engines, setting, title, languages, signature = CHOSEN[case]
    choice = engines.choose(setting, Record("r", title, languages=languages))
    assert isinstance(choice, Choice) and choice.signature == signature


MISSING = {
    "a language without data": (ALL, "auto", ("ja",), "nothing that reads ja is installed"),
    "nothing installed": (NOTHING, "auto", (), "nothing that reads en is installed"),
    "a word that is no engine": (ALL, "abbyy", (), "ocr: 'abbyy' names no engine"),
    "a language Tesseract lacks": (ALL, "tesseract:chi_tra_vert", (), "Tesseract has no language 'chi_tra_vert' here"),
    "no Tesseract": (RAPID, "tesseract", (), "Tesseract is not installed"),
    "no RapidOCR": (TESSERACT, "rapidocr", (), "RapidOCR is not installed"),
    "RapidOCR has no languages": (ALL, "rapidocr:eng", (), "ocr: 'rapidocr:eng' names no engine"),
}


@pytest.mark.parametrize("case", MISSING)
def test_a_missing_engine_is_a_sentence(case: str) -> None:
    engines, setting, languages, reason = MISSING[case]
    problem = engines.choose(setting, Record("r", "Letters", languages=languages))
    assert isinstance(problem, Problem) and problem.code == "ocr-engine-missing"
    assert problem.reason == reason and problem.hint


def test_another_engine_is_another_signature() -> None:
    several = [ALL, TESSERACT, RAPID, NOTHING, Engines("1.4.5", ALL.tesseract)]
    assert len({engines.signature("auto") for engines in several}) == len(several)
    assert ALL.signature("auto") != ALL.signature("rapidocr")
