"""Mistakes in rules are told in the language of the page: every kind, and nothing in English on a Chinese one."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

import mappings
import service_desk
from mappings import yaml_text
from mappings.mistakes import _BOUNDS, _PLAIN, mistakes_in
from mappings.sentences import Sentence, quoted, sentence
from search_ui import i18n
from search_ui.i18n import Translator
from search_ui.web.mistaken import in_words
from service_desk.calendar_rules import CalendarRules
from service_desk.fees import Fees
from service_desk.history import HistoryRules
from service_desk.legs.rules import Partners
from service_desk.materials import Materials
from service_desk.reading_room.rules import ReadingRoomRules
from service_desk.request_types import Types
from service_desk.routes import Routes
from service_desk.rule_documents import DOCUMENTS
from service_desk.rules import TEXT_BOUND, RulesMistaken, bundled_text, read
from service_desk.sending.rules import NoticeRules
from service_desk.sending.texts import checked
from service_desk.stacks.kinds import LoanRules, RepairRules
from service_desk.training.rules import Exercises
from service_desk.triage import TriageRules
from tests.search_ui.web.house import PASSWORD, Items, client_of, open_house, sign_in, token_in

CHINESE = ("zh-Hans", "zh-Hant")
HAN = re.compile(r"[\u4e00-\u9fff]")
SIMPLIFIED = re.compile("[们这为时没读检请发录复专档数据库题页须应与该项类]")
WORD = re.compile(r"[A-Za-z]{2,}")
NOT_ENGLISH = set(
    """YAML ISO CN TW GB ENG Asia Shanghai Taipei https true false if docs people md name to department stacks partner
    partners holders when otherwise choices fees exemptions materials relations types routes departments email webhook
    onestop files_here words lowest highest shortest longest step letter features exceptions""".replace(
        "_", " "
    ).split()
)
"""What a Chinese sentence may have in Latin letters of its own: keys of the rules, and names."""


def words_of(text: str) -> set[str]:
    return set(WORD.findall(text))


def said_in(module: Path) -> Iterator[str]:
    """Every msgid of a module: what `sentence` and `quoted` are called with, directly or by the name `said`."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("sentence", "quoted"):
            at = 0 if node.func.id == "sentence" else 1
            yield from (arg.value for arg in node.args[at : at + 1] if isinstance(arg, ast.Constant))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "said":
            yield from [node.value.value] if isinstance(node.value, ast.Constant) else []


def used() -> set[str]:
    found = {*_PLAIN.values(), *_BOUNDS.values(), *(msgid for msgid, _ in yaml_text._SAID), ", "}
    for package in (mappings, service_desk):
        for module in Path(package.__path__[0]).rglob("*.py"):
            if "mappings.sentences import" in module.read_text("utf-8"):
                found |= set(said_in(module))
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", CHINESE)
def test_every_sentence_is_translated_and_none_is_left_over(language: str) -> None:
    words, messages = i18n.catalogue(language, "mistakes"), used()
    assert len(messages) > 80
    assert set(words) == messages
    for msgid, (text,) in words.items():
        assert placeholders(text) == placeholders(msgid), msgid
        plain = re.sub(r"\{\w+(![rs])?(:,)?\}", "", text)
        assert words_of(plain) <= NOT_ENGLISH, text
        assert HAN.search(plain) or not words_of(msgid) - words_of(" ".join(placeholders(msgid))) - {"or"}, text
        assert language == "zh-Hans" or not SIMPLIFIED.search(text), text


def masked(value: Any) -> Any:
    """The same without what it quotes."""
    if isinstance(value, Sentence):
        return sentence(value.msgid, **{name: masked(inner) for name, inner in value.values.items()})
    return value if isinstance(value, int) else ["·"] if isinstance(value, list | tuple) else "·"


def check_chinese(what: str) -> None:
    """It is said in Chinese, both ways, with nothing left in English but what it quotes."""
    assert isinstance(what, Sentence), what
    for language in CHINESE:
        said = in_words(what, Translator(language, "mistakes"))
        left = in_words(masked(what), Translator(language, "mistakes"))
        assert not re.search("[。？]。", said), said
        assert HAN.search(said) and words_of(left) <= NOT_ENGLISH, (said, left)
    assert in_words(what, Translator("en", "mistakes")) == str(what)
    assert not re.search(r"[^.]\.\.$|\?\.$", what), what


def mistakes(kind: Any, text: str) -> list[Any]:
    with pytest.raises(RulesMistaken) as caught:
        read(kind, text)
    return list(caught.value.mistakes)


def changed(kind: Any, *changes: tuple[str, str]) -> str:
    text = bundled_text(kind)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


# YAML

BROKEN = {
    "a: [1\n": "此处应为“,”或“]”，却出现 '<stream end>'",
    "a: b: c\n": "此处不能再有“键: 值”",
    "a: 1\n  b: 2\n": "此处不能再有“键: 值”",
    "a: 1\nb\nc: 1\n": "缺少应有的“:”",
    "a: 1\n- b\n": "缩进不一致：本段应在此结束，却出现 '-'",
    "a: 'x\n": "文本在此意外结束，可能缺少引号",
    'a: "\\q"\n': "转义字符 'q' 无法识别",
    "a: @x\n": "内容不能以字符 '@' 开头",
    "a: - b\n": "此处不能有以“- ”开头的列表项",
    "[a]: 1\n": "列表或多个键不能作为键",
    "a: !!python/name:os.x\n": "此处不支持标记 'tag:yaml.org,2002:python/name:os.x'",
    "a: 1\n---\nb: 1\n": "此处又开始了另一份文档，只保留一份",
    "a: \x00\n": "不允许使用特殊字符 #x0000",
    "a: &x 1\nb: *x\n": "此处不支持 *名称 这样的引用",
    "a: 2026-99-99\n": "此处的内容会被读作 timestamp 类型，但并不是；文字须加引号",
    "a: 1\na: 2\n": "键 'a' 出现两次",
    "a: " + "[" * 5_000: "嵌套层次过深",
    "%YAML 1.x\n": "此处不符合 YAML 的写法",
}


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:12])
def test_what_yaml_cannot_read_is_said_in_chinese(text: str) -> None:
    [mistake] = mistakes(HistoryRules, text)
    check_chinese(mistake.what)
    told = in_words(mistake.what, Translator("zh-Hans", "mistakes"))
    assert told == f"不能作为 YAML 读取：{BROKEN[text]}"
    assert str(mistake.what).startswith("cannot be read as YAML: ")


def test_a_text_that_is_too_long_is_said_in_chinese() -> None:
    [mistake] = mistakes(HistoryRules, "#" * (TEXT_BOUND + 1))
    assert in_words(mistake.what, Translator("zh-Hant", "mistakes")) == "超過 200,000 個字元，請縮短"


# What documents say themselves


TITLE = "{en: x, zh-Hans: x, zh-Hant: x}"


def typed(**more: Any) -> str:
    title = {"en": "x", "zh-Hans": "x", "zh-Hant": "x"}
    return yaml.safe_dump({"types": {"question": {"title": title, "limit": {"working_days": 5}, **more}}})


OWN: dict[str, tuple[Any, str, str]] = {
    "one unit": (Types, typed(limit={}), "working_days、calendar_days、hours、months 中须写且只写一个。"),
    "questions": (Types, typed().replace("question", "query"), "缺少人人可提的类型 'question'，请补上。"),
    "without a record": (Types, typed(without_record=False), "'question' 必须允许不选档案提出。"),
    "a country": (CalendarRules, "country: XX\ntimezone: Asia/Taipei\n", "不掌握 'XX' 的节假日；"),
    "a zone": (CalendarRules, "country: CN\ntimezone: Moon\n", "'Moon' 不是时区；"),
    "a clock": (NoticeRules, changed(NoticeRules, ('"21:00"', '"25:00"')), "'25:00' 不是时刻，"),
    "a bare clock": (NoticeRules, changed(NoticeRules, ('"21:00"', "5")), '应为加引号的时刻，例如 "21:30"。'),
    "a notice": (
        NoticeRules,
        changed(NoticeRules, ("urgent: [alarm]", "urgent: [alarmm]")),
        "没有通知 'alarmm'；是否应为 'alarm'？",
    ),
    "a value": (
        NoticeRules,
        changed(NoticeRules, ('"Urgent: {{ receipt }} is', '"Urgent: {{ recept }} is')),
        "文本第 1 行：此处没有值 'recept'；是否应为 'receipt'？",
    ),
    "jinja": (
        NoticeRules,
        changed(NoticeRules, ('"Urgent: {{ receipt }} is', '"Urgent: {{ receipt is')),
        "文本第 1 行：{{ }} 或 {% %} 的写法不对。",
    ),
    "a call": (
        NoticeRules,
        changed(NoticeRules, ('"Urgent: {{ receipt }} is', '"Urgent: {{ receipt() }} is')),
        "文本第 1 行：此处只能写 {{ 值 }} 和 {% if 值 %}。",
    ),
    "a language": (
        NoticeRules,
        changed(NoticeRules, ("staff_language: zh-Hans", "staff_language: zh")),
        "应为 'en'、'zh-Hans' 或 'zh-Hant'，而不是 'zh'。",
    ),
    "a fee": (
        Fees,
        "exemptions: {a: {title: {en: x, zh-Hans: x, zh-Hant: x}, ground: {en: x, zh-Hans: x, zh-Hant: x}, fees: [b]}}",
        "exemptions：a 用到收费项 'b'，而收费项中没有。",
    ),
    "a carrier": (
        Fees,
        "fees: {a: {title: {en: x, zh-Hans: x, zh-Hant: x}, price: 1, when: {carrier: [b]}}}",
        "fees：a 用到 carrier 'b'，而 choices 中没有。",
    ),
    "apart": (HistoryRules, "{months: 1, least: 5, lowest: 50, highest: 50}", "lowest 须小于 highest。"),
    "a stage": (
        RepairRules,
        f"repair: [{{name: a, title: {TITLE}}}, {{name: a, title: {TITLE}}}]\ncopying: [{{name: a, title: {TITLE}}}]\n",
        "每个阶段的名称须各不相同。",
    ),
    "a row of the log": (
        Exercises,
        re.sub(r"does: [\w.]+", "does: request.dance", bundled_text(Exercises), count=1),
        "审计日志中没有 'request.dance' 这类记录；",
    ),
    "a material": (Materials, "relations: {}\nmaterials: {}\n", "，但其中没有，请补上。"),
    "a way": (
        Partners,
        changed(Partners, ("partners: {}", "partners: {a: {title: {en: x, zh-Hans: x, zh-Hant: x}}}")),
        "email、webhook、onestop 中须写且只写一个；",
    ),
    "an address": (
        Partners,
        changed(
            Partners,
            (
                "partners: {}",
                "partners: {a: {title: {en: x, zh-Hans: x, zh-Hant: x}, email: {address: x}}}",
            ),
        ),
        "不是电子邮箱地址。",
    ),
    "a web address": (
        Partners,
        changed(
            Partners,
            (
                "partners: {}",
                "partners: {a: {title: {en: x, zh-Hans: x, zh-Hant: x},"
                " webhook: {url: 'ftp://x', secret: ONESTOP_RELAY_A}}}",
            ),
        ),
        "须以 https:// 开头。",
    ),
}


@pytest.mark.parametrize("case", OWN)
def test_what_a_document_says_is_said_in_chinese(case: str) -> None:
    kind, text, expected = OWN[case]
    found = mistakes(kind, text)
    for mistake in found:
        check_chinese(mistake.what)
    told = [in_words(mistake.what, Translator("zh-Hans", "mistakes")) for mistake in found]
    assert any(expected in each for each in told), told


@pytest.mark.parametrize("kind", [Routes, TriageRules, LoanRules, Fees], ids=lambda kind: kind.name)
def test_what_another_document_does_not_have_is_said_in_chinese(kind: Any) -> None:
    """Every document that looks at others, with others that have nothing."""

    nothing = SimpleNamespace(types={}, departments={}, partners={}, relations={})
    document = read(kind, UNMET.get(kind) or bundled_text(kind))
    found = list(document.unmet(lambda other: nothing))
    assert found
    for said in found:
        check_chinese(said)


UNMET: dict[Any, str] = {
    Fees: f"exemptions: {{a: {{title: {TITLE}, ground: {TITLE}, relations: [b]}}}}\n",
    Routes: f"""routes:
  a: {{title: {TITLE}, to: partner}}
  b: {{title: {TITLE}, to: partner, partner: x}}
  c: {{title: {TITLE}, to: department, department: x}}
  d: {{title: {TITLE}, to: window}}
""",
}


# Everything else: each place of each document, with what does not belong there

ODD: tuple[Any, ...] = (
    *(None, True, -1, 0.5, 10**9, "", "?", "x" * 5_000, [], [[]], ["?"] * 600, {}, {"?": 1}, {1: 2}, "{{ x", "09:00"),
)
MOST_PLACES, MOST_WORK = 100, 6_000


def places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    below = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, inner in below:
        yield from places(inner, (*path, key))


def replaced(content: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    made = copy.copy(content)
    made[path[0]] = replaced(content[path[0]], path[1:], value)
    return made


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.name)
def test_nothing_that_can_be_wrong_in_a_document_is_said_in_english_on_a_chinese_page(kind: Any) -> None:
    content = yaml_text.content(bundled_text(kind))
    every = list(places(content))
    seen: set[str] = set()
    most = min(MOST_PLACES, MOST_WORK // len(every))  # checking a large one takes long
    for path in every[:: -(-len(every) // most)]:
        for value in ODD:
            try:
                kind.model_validate(replaced(content, path, value))
            except ValidationError as error:
                for mistake in mistakes_in("", error, kind):
                    assert isinstance(mistake.what, Sentence), mistake
                    assert not mistake.what.msgid.startswith("{key!r} cannot"), (mistake, "has a sentence of its own")
                    if mistake.what.msgid not in seen:
                        check_chinese(mistake.what)
                        seen.add(mistake.what.msgid)
    assert seen


def test_what_nobody_foresaw_names_its_key_and_is_no_english_either() -> None:
    said = quoted("Input should be a banana.", "{key!r} cannot be read as it is written.", key="fruit")
    assert str(said) == "Input should be a banana."
    assert in_words(said, Translator("zh-Hans", "mistakes")) == "'fruit' 的写法无法识别。"
    assert in_words("plain text", Translator("zh-Hans", "mistakes")) == "plain text"


def test_a_sentence_is_text_with_its_values() -> None:
    said = sentence("known are: {names}.", names=["a", "b"])
    assert said == "known are: a, b." and sentence("100 % {}") == "100 % {}"
    assert in_words(said, Translator("zh-Hans", "mistakes")) == "可用的有：a、b。"
    with pytest.raises(ValueError, match="only"):
        checked("{{ a() }}", ["a"])


# Pages


@pytest.fixture(scope="module")
def administrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    made = open_house(tmp_path_factory.mktemp("mistaken"), Items())
    made.desk.accounts.add("root", PASSWORD, "administrator")
    browser = client_of(made)
    sign_in(browser, "root")
    yield browser
    made.desk.close()


def told(administrator: Any, path: str, text: str, language: str) -> str:
    """What the page says is wrong."""
    token = token_in(administrator.get(path).text)
    fields = {"csrf": token, "text": text, "seen": "0", "do": "check"}
    page = administrator.post(path, data=fields, headers={"accept-language": language})
    assert page.status_code == 422
    return re.search(r'<div class="alert" role="alert".*?</div>', page.text, re.DOTALL)[0]  # type: ignore[index]


WRONG = "months: 12\nleast: 2\nlowest: x\nhighst: 90\nbegins: never\n"


@pytest.mark.parametrize("language", CHINESE)
def test_a_chinese_page_of_rules_says_it_in_chinese(administrator: Any, language: str) -> None:
    alert = told(administrator, "/desk-rules/history", WRONG, language)
    assert 'href="#line-2"' in alert and "highst" in alert and "'highest'" in alert.replace("&#39;", "'")
    told_words = re.sub(r"<code>.*?</code>|&#39;.*?&#39;|<[^>]*>", "", alert, flags=re.DOTALL)
    assert words_of(told_words) <= NOT_ENGLISH, told_words
    assert {"zh-Hans": "不得小于 5。", "zh-Hant": "不得小於 5。"}[language] in alert


def test_an_english_page_of_rules_says_it_in_english(administrator: Any) -> None:
    alert = told(administrator, "/desk-rules/history", WRONG, "en")
    assert "greater than or equal to 5." in alert and "there is no key &#39;highst&#39; here; did you mean" in alert
    assert not HAN.search(alert)


@pytest.mark.parametrize("language", [*CHINESE, "en"])
def test_the_page_of_notices_says_it_in_its_language(administrator: Any, language: str) -> None:
    text = changed(NoticeRules, ('"Urgent: {{ receipt }} is', '"Urgent: {{ recept }} is'))
    alert = told(administrator, "/desk-notices", text, language)
    assert {"zh-Hans": "此处没有值", "zh-Hant": "此處沒有值", "en": "there is no value"}[language] in alert
    assert "events.alarm.subject.en" in alert
    assert bool(HAN.search(alert)) == (language != "en")


def test_reading_rooms_say_it_in_chinese() -> None:
    text = bundled_text(ReadingRoomRules)
    found = mistakes(ReadingRoomRules, re.sub(r'"\d\d:\d\d-\d\d:\d\d"|\d\d:\d\d-\d\d:\d\d', "all day", text, count=1))
    assert "不是起止时间" in in_words(found[0].what, Translator("zh-Hans", "mistakes"))
